import base64

from odoo import fields, models

from ...report.breach.breach_sheet import breach_sheet
from ...tools.sheet import render


class FulfilmentBreach(models.Model):
    """What cases come to: by cause, customer, product, period, clause and template."""
    _inherit = 'fulfilment.breach'

    def action_export(self):
        """Download these cases, of all that the user may see when none is chosen, as an Excel file."""
        breaches = self or self.search([])
        breaches.check_access('read')
        export = self.env['fulfilment.export'].create({
            'name': f'breaches-{fields.Date.context_today(self)}.xlsx', 'file': base64.b64encode(render(breach_sheet(breaches))),
        })
        return export._download()

    def _by_cause(self):
        """Return what cases come to by cause, those that cost most first: list of dicts, amounts in the company's currency."""
        rows = []
        for cause, own in self.filtered(lambda one: one.state != 'withdrawn').grouped('cause_id').items():
            claimed, recovered = sum(own.mapped('company_amount_claimed')), sum(own.mapped('company_amount_recovered'))
            cured = own.filtered('cured_on')
            rows.append({
                'cause': cause.display_name, 'count': len(own), 'claimed': claimed, 'recovered': recovered,
                'rate': round(100 * recovered / claimed, 1) if claimed else None,
                'days': round(sum(cured.mapped('days_to_cure')) / len(cured), 1) if cured else None,
            })
        return sorted(rows, key=lambda row: (-row['claimed'], row['cause']))
