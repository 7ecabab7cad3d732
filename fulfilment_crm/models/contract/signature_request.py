from odoo import fields, models


class FulfilmentContract(models.Model):
    """What became of the request to sign: sent to whom, opened when. Shown until the contract is signed."""
    _inherit = 'fulfilment.contract'

    request_sent_on = fields.Datetime(
        string="Sent for signature on", readonly=True, copy=False, guarded=True, for_colleagues=True, index='btree_not_null',
    )
    request_sent_to = fields.Char(string="Sent to", readonly=True, copy=False, guarded=True, for_colleagues=True)
    request_opened_on = fields.Datetime(
        string="Opened on", readonly=True, copy=False, guarded=True, for_colleagues=True,
        help="When the customer first looked at the contract after it was sent.",
    )

    def _note_request(self, partners):
        """Note that these contracts were sent to be signed."""
        # safe: guarded; noted of a message that the user has sent
        self.sudo().write({
            'request_sent_on': fields.Datetime.now(), 'request_sent_to': ', '.join(partners.mapped('name')), 'request_opened_on': False,
        })

    def _note_opened(self):
        """Note the first time the customer looks at what was sent."""
        # safe: guarded; noted of the customer's own look at the page
        self.sudo().filtered(lambda one: one.request_sent_on and not one.request_opened_on).request_opened_on = fields.Datetime.now()

    def _on_taken_back(self):
        self._forget_request()
        return super()._on_taken_back()

    def action_reset_draft(self):
        result = super().action_reset_draft()
        self._forget_request()
        return result

    def _forget_request(self):
        # safe: guarded; what is drafted again has not been sent
        self.sudo().write({'request_sent_on': False, 'request_sent_to': False, 'request_opened_on': False})


class MailComposeMessage(models.TransientModel):
    _inherit = 'mail.compose.message'

    def _action_send_mail(self, auto_commit=False):
        result = super()._action_send_mail(auto_commit=auto_commit)
        request = self.env.ref('fulfilment_crm.mail_template_signature', raise_if_not_found=False)
        for dialog in self.filtered(lambda one: one.model == 'fulfilment.contract' and request and one.template_id == request):
            contracts = self.env['fulfilment.contract'].browse(dialog._evaluate_res_ids())._filtered_access('write')
            if dialog.partner_ids:
                contracts.filtered(lambda one: one.state == 'approved' and not one.date_signed)._note_request(dialog.partner_ids)
        return result
