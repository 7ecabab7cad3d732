from datetime import date, timedelta

from odoo import api, fields, models

from ...report.forecast import stored
from .forecaster import RULES

SPREAD = 1.2816  # standard deviations to either side of the middle that hold four of five


class FulfilmentCashForecast(models.Model):
    """What will likely come in a week, of the instalments that were open last night: the sum of their likelihoods, not of likely dates."""
    _name = 'fulfilment.cash.forecast'
    _description = 'Money expected in a week'
    _inherit = ['fulfilment.machine.mixin']
    _order = 'week, company_id'
    _rec_name = 'week'
    _log_access = False

    company_id = fields.Many2one('res.company', required=True, readonly=True, ondelete='cascade')
    currency_id = fields.Many2one(related='company_id.currency_id')
    as_of = fields.Date(string="As of", required=True, readonly=True, help="The evening it was made for.")
    rule = fields.Selection(RULES, required=True, readonly=True, string="Worked out by")
    week = fields.Date(string="Week from", required=True, readonly=True, help="Monday; of the first week only the days after are counted.")
    amount = fields.Monetary(string="Expected", readonly=True)
    amount_low = fields.Monetary(
        string="At least", readonly=True,
        help="In four of five weeks what comes lies between this and “at most”; by a simple rule nothing is told.",
    )
    amount_high = fields.Monetary(string="At most", readonly=True)

    _week_unique = models.UniqueIndex('(company_id, week)', "This week has a forecast already.")

    @api.model
    def _add_up(self, forecaster, rule):
        """Add up the forecasts of a root company and its branches, each for itself.

        What a customer pays in a week comes or does not come as one: so the band is not too narrow where few customers owe much.

        :return: ``{effect: count}``
        """
        sundays, found = forecaster.weeks(), stored.weeks(self.env.cr, forecaster.ledger)
        companies = self.env['res.company'].browse(dict.fromkeys(company for company, _number in found))
        rows = self.create([self._row(
            company, forecaster.day, rule, sunday, *found.get((company.id, number), (0.0, 0.0)),
        ) for company in companies for number, sunday in enumerate(sundays, 1)])
        return {'weeks forecast': len(rows)}

    @api.model
    def _row(self, company, day, rule, sunday, amount, spread):
        amount, spread = float(amount), SPREAD * float(spread)
        told = rule == 'forecast'
        return {
            'company_id': company.id, 'as_of': day, 'rule': rule, 'week': date.fromordinal(sunday) - timedelta(days=6),
            'amount': amount, 'amount_low': max(amount - spread, 0.0) if told else False, 'amount_high': amount + spread if told else False,
        }

    def action_open_forecasts(self):
        """Open what is likely paid in the week."""
        self.ensure_one()
        self.check_access('read')
        return self._forecasts_of(self.week, self.company_id)

    @api.model
    def _forecasts_of(self, week, companies):
        """Return the action that opens the instalments likely paid in a week."""
        action = self.env['ir.actions.act_window']._for_xml_id('fulfilment_crm.payment_forecast_action')
        return {**action, 'domain': [
            ('company_id', 'in', companies.ids), ('date_likely', '>=', fields.Date.to_string(week)),
            ('date_likely', '<=', fields.Date.to_string(week + timedelta(days=6))),
        ], 'context': {}}
