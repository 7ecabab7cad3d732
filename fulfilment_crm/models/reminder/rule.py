from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..base.opening import open_list
from ..contract.milestone import OUTSTANDING

CHANNELS = [('email', "E-mail"), ('sms', "SMS"), ('activity', "Activity"), ('letter', "Letter")]
# What a rule may watch: the date it counts from, and when a record still needs reminding.
WATCHES = {
    'fulfilment.milestone': {'date': 'date_planned', 'open': OUTSTANDING},
    'fulfilment.contract': {'date': 'date_end', 'open': [('state', '=', 'active'), ('renewal_ids', '=', False)]},
}


class FulfilmentReminderRule(models.Model):
    _name = 'fulfilment.reminder.rule'
    _description = 'Reminder rule'
    _inherit = ['fulfilment.audit.mixin', 'mail.thread', 'fulfilment.condition.mixin']
    _order = 'model desc, offset_days, id'

    name = fields.Char(required=True, translate=True, tracking=True)
    active = fields.Boolean(default=True, tracking=True)
    company_id = fields.Many2one('res.company', index=True, ondelete='cascade', help="Empty: for all companies.", tracking=True)
    model = fields.Selection(
        [('fulfilment.milestone', "Milestone: planned date"), ('fulfilment.contract', "Contract: end")],
        string="Watches", required=True, default='fulfilment.milestone', tracking=True,
    )
    domain = fields.Char(
        string="Only for", default='[]',
        help="Which milestones or contracts. Dates are the rule's own business: they are counted from the planned date or end.",
        tracking=True,
    )
    offset_days = fields.Integer(
        string="Days", required=True, help="Negative: before the date. 0: on the day. Positive: after it.", tracking=True,
    )
    channel = fields.Selection(CHANNELS, required=True, default='email', tracking=True)
    audience = fields.Selection(
        [
            ('customer', "Customer"), ('responsible', "Responsible"), ('manager', "Manager of the responsible"),
            ('obligor', "Whoever owes it")
        ],
        required=True, default='obligor', help="“Whoever owes it” is the customer for the customer's duties and the responsible for ours.",
        tracking=True,
    )
    template_id = fields.Many2one(
        'mail.template', string="E-mail template", domain="[('model', '=', 'fulfilment.reminder')]", ondelete='restrict',
        tracking=True,
    )
    sms_template_id = fields.Many2one(
        'sms.template', string="SMS template", domain="[('model', '=', 'fulfilment.reminder')]", ondelete='restrict',
        tracking=True,
    )
    reminder_count = fields.Integer(compute='_compute_reminder_count')

    @api.depends_context('uid')
    def _compute_reminder_count(self):
        counts = dict(self.env['fulfilment.reminder']._read_group([('rule_id', 'in', self.ids)], ['rule_id'], ['__count']))
        for rule in self:
            rule.reminder_count = counts.get(rule, 0)

    @api.constrains('channel', 'template_id', 'sms_template_id')
    def _check_template(self):
        for rule in self:
            if rule.channel == 'email' and not rule.template_id:
                raise ValidationError(self.env._("Rule “%(rule)s” sends e-mail: choose its template.", rule=rule.name))
            if rule.channel == 'sms' and not rule.sms_template_id:
                raise ValidationError(self.env._("Rule “%(rule)s” sends SMS: choose its template.", rule=rule.name))

    def action_open_reminders(self):
        """Open what the rule has sent."""
        return open_list(self, 'reminder_action', [('rule_id', 'in', self.ids)])
