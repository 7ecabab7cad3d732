from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..base.opening import open_list
from ..risk.risk import CATEGORIES

ROLES = [
    ('owner', "Owner of the matter"), ('manager', "Their manager"), ('group', "Somebody of a group"), ('user', "A person"),
]
ANCHORS = [('start', "From the start"), ('step', "From the step before")]
UNITS = [('hour', "Calendar hours"), ('working_day', "Working days")]
# Groups whose members write, and so can take a step.
ACTING = ('user', 'leader', 'manager', 'credit', 'legal', 'service')


class FulfilmentResponsePlan(models.Model):
    """What is done when a thing goes wrong: who does what, and by when."""
    _name = 'fulfilment.response.plan'
    _description = 'Response plan'
    _inherit = ['fulfilment.lookup.mixin', 'fulfilment.audit.mixin', 'mail.thread']
    _order = 'sequence, name, id'

    category = fields.Selection(CATEGORIES, required=True, default='other', tracking=True)
    when_to_use = fields.Text(string="When to use", translate=True, help="By what one recognises that it is time for this plan.")
    prevention = fields.Html(translate=True, help="What is done beforehand, so that the plan is not needed.")
    step_ids = fields.One2many('fulfilment.response.plan.step', 'plan_id', string="Steps", copy=True)
    step_count = fields.Integer(compute='_compute_step_count')
    drill_ids = fields.One2many('fulfilment.response', 'plan_id', string="Drills", domain=[('is_drill', '=', True)])
    running_count = fields.Integer(compute='_compute_response_figures', help="Under way; drills do not count.")
    last_drill_on = fields.Date(string="Last drill", compute='_compute_response_figures')

    @api.depends('step_ids')
    def _compute_step_count(self):
        for plan in self:
            plan.step_count = len(plan.step_ids)

    @api.depends_context('uid', 'allowed_company_ids')
    def _compute_response_figures(self):
        responses = self.env['fulfilment.response']
        running = dict(responses._read_group(
            [('plan_id', 'in', self.ids), ('state', '=', 'running'), ('is_drill', '=', False)], ['plan_id'], ['__count'],
        ))
        drilled = dict(responses._read_group(
            [('plan_id', 'in', self.ids), ('state', '=', 'done'), ('is_drill', '=', True)], ['plan_id'], ['finished_on:max'],
        ))
        for plan in self:
            plan.running_count = running.get(plan._origin, 0)
            plan.last_drill_on = drilled.get(plan._origin, False)

    # === ACTIONS === #

    def action_start(self):
        """Ask for whom, and start the plan."""
        self.ensure_one()
        return self.env['fulfilment.response.start']._ask(self, plan=self)

    def action_open_responses(self):
        """Open what was started from these plans."""
        return open_list(self, 'response_action', [('plan_id', 'in', self.ids)])


class FulfilmentResponsePlanStep(models.Model):
    _name = 'fulfilment.response.plan.step'
    _description = 'Step of a response plan'
    _inherit = ['fulfilment.audit.part.mixin']
    _order = 'plan_id, sequence, id'
    _audit_field = 'plan_id'

    plan_id = fields.Many2one('fulfilment.response.plan', string="Response plan", required=True, index=True, ondelete='cascade')
    company_id = fields.Many2one(related='plan_id.company_id', store=True, index=True)
    sequence = fields.Integer(default=10, tracking=True)
    name = fields.Char(string="What is done", required=True, translate=True, tracking=True)
    instructions = fields.Text(translate=True)
    role = fields.Selection(ROLES, string="Who takes it", required=True, default='owner', tracking=True)
    group_id = fields.Many2one(
        'res.groups', ondelete='restrict', tracking=True, domain=lambda self: [('id', 'in', self._acting_groups().ids)],
        help="Whoever of the group has the fewest steps to do is asked; anybody of it may do the step.",
    )
    user_id = fields.Many2one('res.users', string="Person", ondelete='restrict', tracking=True, domain="[('share', '=', False)]")
    amount = fields.Float(string="Within", required=True, default=24.0, tracking=True, aggregator=None)
    unit = fields.Selection(UNITS, required=True, default='hour', tracking=True)
    anchor = fields.Selection(
        ANCHORS, string="Counted", required=True, default='step', tracking=True,
        help="From the start: begins at once. From the step before: begins when that one is done or left out.",
    )

    _amount_check = models.Constraint('CHECK(amount > 0)', "A step has some time to be done in.")

    @api.model
    def _acting_groups(self):
        return self.env['res.groups'].concat(*(self.env.ref(f'fulfilment_crm.group_{name}') for name in ACTING))

    @api.constrains('role', 'group_id', 'user_id')
    def _check_role(self):
        for step in self:
            if step.role == 'group' and not step.group_id:
                raise ValidationError(self.env._("Say which group takes step “%s”.", step.name))
            if step.role == 'group' and step.group_id not in self._acting_groups():
                raise ValidationError(self.env._(
                    "%(group)s does not act on the firm's records, so it cannot take step “%(step)s”: choose another group.",
                    group=step.group_id.full_name, step=step.name,
                ))
            if step.role == 'user' and not step.user_id:
                raise ValidationError(self.env._("Say who takes step “%s”.", step.name))
            if step.role == 'user' and not step.user_id._with_fulfilment_role():
                raise ValidationError(self.env._(
                    "%(user)s has no role here and could not open what step “%(step)s” is about: choose somebody else or give them one.",
                    user=step.user_id.name, step=step.name,
                ))
