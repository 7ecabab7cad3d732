from odoo import api, fields, models

from ...tools.address import one_line


class FulfilmentMilestoneAccept(models.TransientModel):
    """What a colleague records of an acceptance: who accepted, when, where and how it was examined, as the customer tells on the portal."""
    _name = 'fulfilment.milestone.accept'
    _description = 'Acceptance by the customer'
    _inherit = ['fulfilment.guard.mixin']

    milestone_id = fields.Many2one('fulfilment.milestone', required=True, readonly=True, ondelete='cascade')
    person = fields.Char(string="Who accepted", required=True)
    date = fields.Date(string="When", required=True)
    place = fields.Char(string="Where", required=True)
    method = fields.Char(string="How it was examined", required=True)

    @api.model
    def default_get(self, fields):
        values = super().default_get(fields)
        milestone = self.env['fulfilment.milestone'].browse(values.get('milestone_id') or []).exists()
        if milestone:
            milestone.check_access('read')
            # safe: where the customer of the contract is, for whoever reads the contract
            customer = milestone.sudo().partner_id
            values.setdefault('person', customer.name if not customer.is_company else False)
            values.setdefault('date', milestone.company_id._fulfilment_today()[milestone.company_id])
            values.setdefault('place', one_line(customer._display_address(without_company=True)))
        return values

    def action_confirm(self):
        """Record the acceptance."""
        self.ensure_one()
        self.milestone_id.action_accept(person=self.person, date=self.date, place=self.place, method=self.method)
        return {'type': 'ir.actions.act_window_close'}
