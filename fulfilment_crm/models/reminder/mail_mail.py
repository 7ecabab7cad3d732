from odoo import models

from ..base.told import _lt, told


class MailMail(models.Model):
    _inherit = 'mail.mail'

    def _postprocess_sent_message(self, success_pids, success_emails, failure_reason=False, failure_type=None):
        if failure_reason or failure_type:
            # safe: notes on our own ledger that a mail of ours was not delivered
            reminders = self.env['fulfilment.reminder'].sudo().search([('mail_id', 'in', self.ids), ('state', '=', 'sent')])
            if reminders:
                reason = failure_reason or told(self.env, _lt("The e-mail could not be delivered"))
                reminders.write({'state': 'failed', 'reason': reason})
                reminders._tell_responsible(dict.fromkeys(reminders, reason))
        return super()._postprocess_sent_message(success_pids, success_emails, failure_reason=failure_reason, failure_type=failure_type)
