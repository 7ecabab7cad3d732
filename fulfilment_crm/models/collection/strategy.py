from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ...tools import dunning
from ...tools.profile_domain import parse
from ..base.opening import open_list

CHANNELS = [('email', "E-mail"), ('sms', "SMS"), ('letter', "Letter"), ('call', "Call")]


class FulfilmentCollectionStrategy(models.Model):
    """How customers of a kind are asked for what they owe: steps before and after the due date. The first that fits a customer counts."""
    _name = 'fulfilment.collection.strategy'
    _description = 'Strategy of collection'
    _inherit = [
        'fulfilment.lookup.mixin', 'fulfilment.audit.mixin', 'mail.thread', 'fulfilment.shared.mixin', 'fulfilment.condition.mixin',
    ]
    _condition_model = 'fulfilment.profile'

    sequence = fields.Integer(
        string="Rank among strategies", default=10, tracking=True, help="The first strategy in this order that fits a customer counts.",
    )
    domain = fields.Char(string="Which customers", default='[]', required=True, tracking=True)
    step_ids = fields.One2many('fulfilment.collection.step', 'strategy_id', string="Steps", copy=True)
    reminder_count = fields.Integer(string="Letters and calls", compute='_compute_reminder_count')

    def _parsed_domain(self):
        return parse(self.domain, self.env['fulfilment.profile'])

    @api.depends_context('uid')
    def _compute_reminder_count(self):
        counts = dict(self.env['fulfilment.reminder']._read_group(
            [('strategy_id', 'in', self.ids)], ['strategy_id'], ['__count'],
        ))
        for strategy in self:
            strategy.reminder_count = counts.get(strategy, 0)

    @api.constrains('step_ids')
    def _check_steps(self):
        for strategy in self:
            days = strategy.step_ids.mapped('offset_days')
            if len(set(days)) != len(days):
                raise ValidationError(self.env._("“%s”: two steps of a strategy are not on the same day.", strategy.name))

    def action_open_reminders(self):
        """Open what the strategy has sent and asked for."""
        return open_list(self, 'collection_reminder_action', [('strategy_id', 'in', self.ids)])

    def action_try(self):
        """Open the trial: what the strategy would do today and over the next days."""
        self.ensure_one()
        self.check_access('read')
        return {
            'type': 'ir.actions.act_window', 'name': self.env._("What it would do"), 'res_model': 'fulfilment.collection.preview',
            'view_mode': 'form', 'target': 'new', 'context': {'default_strategy_id': self.id},
        }

    def _as_arithmetic(self):
        """Return the steps as the arithmetic of strategies knows them, in the order of their days."""
        self.ensure_one()
        return [
            dunning.Step(step.id, step.offset_days, step.minimum_amount, step.quiet_days, step.channel != 'call')
            for step in self.step_ids.sorted(lambda one: (one.offset_days, one.id))
        ]


class FulfilmentCollectionStep(models.Model):
    _name = 'fulfilment.collection.step'
    _description = 'Step of a strategy'
    _inherit = ['fulfilment.audit.part.mixin']
    _order = 'offset_days, id'
    _audit_field = 'strategy_id'

    strategy_id = fields.Many2one('fulfilment.collection.strategy', required=True, index=True, ondelete='cascade')
    company_id = fields.Many2one(related='strategy_id.company_id', store=True, index=True)
    name = fields.Char(string="Level of collection", required=True, translate=True, tracking=True)
    offset_days = fields.Integer(
        string="Days", required=True, tracking=True, help="From the due date. Negative: before it.",
    )
    channel = fields.Selection(CHANNELS, required=True, default='email', tracking=True)
    template_id = fields.Many2one(
        'mail.template', string="Text of the letter", domain="[('model', '=', 'fulfilment.reminder')]", ondelete='restrict', tracking=True,
        help="Of e-mails and letters.",
    )
    sms_template_id = fields.Many2one(
        'sms.template', string="Text of the SMS", domain="[('model', '=', 'fulfilment.reminder')]", ondelete='restrict', tracking=True,
    )
    instructions = fields.Text(translate=True, tracking=True, help="For whoever calls: what to ask and what to offer.")
    minimum_amount = fields.Float(
        string="Smallest amount", tracking=True, help="In the currency of the company; of less together nobody is asked.",
    )
    quiet_days = fields.Integer(
        string="Quiet days", default=5, tracking=True,
        help="So long after anything was written to the customer (reminders, letters, surveys), the step waits.",
    )
    minutes = fields.Integer(string="Minutes of work", tracking=True, help="For the cost of collection.")
    cost = fields.Float(string="Outlay", tracking=True, help="In the currency of the company: postage, fees. For the cost of collection.")

    _numbers_check = models.Constraint(
        'CHECK(minimum_amount >= 0 AND quiet_days >= 0 AND minutes >= 0 AND cost >= 0)',
        "Smallest amount, quiet days, minutes and outlay are not negative.",
    )

    @api.depends('name', 'strategy_id')
    def _compute_display_name(self):
        for step in self:
            step.display_name = f'{step.strategy_id.name}: {step.name}' if step.strategy_id else step.name or ''

    @api.constrains('channel', 'template_id', 'sms_template_id')
    def _check_template(self):
        for step in self:
            if step.channel in ('email', 'letter') and not step.template_id:
                raise ValidationError(self.env._("Step “%s” writes to customers: choose its text.", step.name))
            if step.template_id and step.template_id.model != 'fulfilment.reminder' \
                    or step.sms_template_id and step.sms_template_id.model != 'fulfilment.reminder':
                raise ValidationError(self.env._("Step “%s”: choose a text about reminders.", step.name))
            if step.channel == 'sms' and not step.sms_template_id:
                raise ValidationError(self.env._("Step “%s” sends SMS: choose its text.", step.name))
