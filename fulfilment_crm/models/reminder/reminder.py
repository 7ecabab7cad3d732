from odoo import api, fields, models
from odoo.exceptions import UserError

from ..base.told import ToldChar
from .rule import CHANNELS


class FulfilmentReminder(models.Model):
    """The ledger of reminders: one row per rule, record, due date and channel, ever.

    A row is written in the same transaction as its message, so a run that is repeated, killed or doubled sends nothing twice.
    """
    _name = 'fulfilment.reminder'
    _description = 'Reminder'
    _inherit = ['fulfilment.once.mixin', 'fulfilment.machine.mixin', 'fulfilment.queued.mail.mixin']
    _order = 'id desc'

    rule_id = fields.Many2one('fulfilment.reminder.rule', required=True, readonly=True, index=True, ondelete='restrict')
    offset_days = fields.Integer(related='rule_id.offset_days', store=True, aggregator=None)
    company_id = fields.Many2one('res.company', required=True, readonly=True, index=True, ondelete='cascade')
    contract_id = fields.Many2one('fulfilment.contract', required=True, readonly=True, index=True, ondelete='cascade')
    milestone_id = fields.Many2one('fulfilment.milestone', readonly=True, index='btree_not_null', ondelete='cascade')
    due_date = fields.Date(required=True, readonly=True, index=True)
    partner_id = fields.Many2one('res.partner', string="Receiver", readonly=True, index='btree_not_null', ondelete='set null')
    user_id = fields.Many2one('res.users', string="Responsible", readonly=True, index='btree_not_null', ondelete='set null')
    audience = fields.Selection([('customer', "Customer"), ('responsible', "Responsible"), ('manager', "Manager")], readonly=True)
    channel = fields.Selection(CHANNELS, required=True, readonly=True)
    state = fields.Selection([
        ('open', "Open again"), ('to_print', "To print"), ('sent', "Sent"), ('skipped', "Skipped"), ('cancelled', "Cancelled"),
        ('failed', "Failed"),
    ], required=True, readonly=True, index=True)
    reason = ToldChar(readonly=True)
    sent_on = fields.Datetime(readonly=True)
    as_of = fields.Date(string="For the day", readonly=True, help="The day of the run that wrote the row.")
    message_id = fields.Many2one('mail.message', readonly=True, ondelete='set null', index='btree_not_null')

    _record_idx = models.Index('(contract_id, milestone_id, due_date)')

    @api.depends('rule_id.name', 'milestone_id.name', 'contract_id.name')
    def _compute_display_name(self):
        for reminder in self:
            reminder.display_name = f'{reminder.rule_id.name}: {reminder.milestone_id.name or reminder.contract_id.name or ""}'

    def _mail_get_partner_fields(self, introspect_fields=False):
        return ['partner_id']

    @api.model
    def _key(self, rule, record, due_date, channel):
        """Return the key that claims one reminder."""
        return f'{rule.id}:{record._name}:{record.id}:{due_date}:{channel}'

    def action_retry(self):
        """Send failed reminders again, after the address has been mended."""
        self.check_access('read')
        failed = self.filtered(lambda reminder: reminder.state == 'failed')
        if not failed:
            raise UserError(self.env._("Only failed reminders can be sent again."))
        if not any(self.env.user.has_group(f'fulfilment_crm.{group}') for group in ('group_user', 'group_credit')):
            raise UserError(self.env._("Only users of contracts and credit controllers send reminders."))
        # safe: the reminders belong to contracts the user may read; who receives them is set by the rule
        failed.sudo().write({'state': 'open', 'reason': False})
        failed.sudo()._deliver(self.company_id._fulfilment_today())
        return True

    def action_print_letters(self):
        """Print the letters that wait for it, as one PDF, and note them as sent."""
        letters = self.filtered(lambda reminder: reminder.channel == 'letter')
        if not letters:
            raise UserError(self.env._("There are no letters among these reminders."))
        if not any(self.env.user.has_group(f'fulfilment_crm.{group}') for group in ('group_user', 'group_credit')):
            raise UserError(self.env._("Only users of contracts and credit controllers print letters."))
        # safe: notes that the letters the user may read have been printed
        letters.filtered(lambda letter: letter.state == 'to_print').sudo().write({'state': 'sent', 'sent_on': fields.Datetime.now()})
        return self.env.ref('fulfilment_crm.action_report_reminder_letter').report_action(letters)

    def action_open_contract(self):
        """Open the contract."""
        return self.contract_id._get_records_action()
