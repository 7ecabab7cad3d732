from odoo import fields, models


class FulfilmentSignPaper(models.TransientModel):
    _name = 'fulfilment.sign.paper'
    _description = 'Contract signed on paper'
    _inherit = ['fulfilment.guard.mixin']

    contract_id = fields.Many2one('fulfilment.contract', required=True, ondelete='cascade')
    signed_by = fields.Char(string="Signed for the customer by", required=True)
    date = fields.Date(string="Signed on", required=True, default=lambda self: self._default_date())
    document = fields.Binary(string="Scan of the signed contract", required=True)
    document_name = fields.Char()

    def _default_date(self):
        """Today where the company is: later days are refused, wherever the user is."""
        company = self.env['fulfilment.contract'].browse(self.env.context.get('default_contract_id')).company_id or self.env.company
        return company._fulfilment_today()[company]

    def action_confirm(self):
        """Record the signature."""
        self.contract_id.action_sign(
            signed_by=self.signed_by, document=self.document, document_name=self.document_name, date=self.date,
        )
        return {'type': 'ir.actions.act_window_close'}
