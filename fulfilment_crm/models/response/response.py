from odoo import api, fields, models
from odoo.exceptions import UserError

from ..base.to_do_mixin import check_colleagues
from ..base.told import ToldChar, _lt, told
from ..profile.figure import FigureFloat

# What a plan may be started for.
OCCASIONS = (
    'fulfilment.alert', 'fulfilment.contract', 'fulfilment.profile', 'fulfilment.response.plan', 'fulfilment.risk', 'fulfilment.ticket',
    'res.partner',
)


class FulfilmentResponse(models.Model):
    """A response plan under way: its steps as they were when it was started, and what became of each."""
    _name = 'fulfilment.response'
    _description = 'Response'
    _inherit = [
        'fulfilment.guard.mixin', 'fulfilment.chatter.mixin', 'mail.activity.mixin', 'fulfilment.to.do.mixin', 'fulfilment.flow.mixin',
    ]
    _order = 'state desc, started_on desc, id desc'
    _mail_post_access = 'read'

    name = ToldChar(required=True, readonly=True, guarded=True)
    plan_id = fields.Many2one(
        'fulfilment.response.plan', string="Response plan", required=True, readonly=True, index=True, ondelete='restrict', guarded=True,
    )
    is_drill = fields.Boolean(string="Drill", readonly=True, index=True, help="An exercise: counts nowhere but on its plan.", guarded=True)
    # What it is about
    res_model = fields.Char(string="Model", readonly=True, guarded=True)
    res_id = fields.Many2oneReference(string="Record ID", model_field='res_model', readonly=True, index=True, guarded=True)
    occasion = fields.Char(string="The matter", readonly=True, guarded=True)
    commercial_partner_id = fields.Many2one(
        'res.partner', string="Customer", readonly=True, index='btree_not_null', ondelete='set null', guarded=True,
    )
    contract_id = fields.Many2one('fulfilment.contract', readonly=True, index='btree_not_null', ondelete='set null', guarded=True)
    company_id = fields.Many2one('res.company', required=True, readonly=True, index=True, ondelete='cascade', guarded=True)
    user_id = fields.Many2one(
        'res.users', string="Owner", index='btree_not_null', tracking=True, ondelete='set null', domain="[('share', '=', False)]",
    )
    # How it goes
    state = fields.Selection(
        [('running', "Under way"), ('done', "Done"), ('cancelled', "Cancelled")], required=True, readonly=True, default='running',
        index=True, tracking=True, group_expand=True, guarded=True,
    )
    _moves = {'running': {'done', 'cancelled'}, 'done': set(), 'cancelled': set()}
    started_on = fields.Datetime(string="Started on", readonly=True, required=True, default=fields.Datetime.now, guarded=True)
    finished_on = fields.Datetime(string="Finished on", readonly=True, guarded=True)
    hours_needed = FigureFloat(
        string="Hours needed", compute='_compute_hours_needed', store=True, help="By the clock, from the start to the last step done.",
    )
    end_reason = fields.Char(string="Reason", readonly=True, guarded=True)
    step_ids = fields.One2many('fulfilment.response.step', 'response_id', string="Steps")
    step_count = fields.Integer(compute='_compute_step_figures')
    step_open_count = fields.Integer(string="Steps open", compute='_compute_step_figures')
    progress = fields.Float(string="Progress (%)", compute='_compute_step_figures')
    late_count = fields.Integer(string="Steps late", compute='_compute_late_count', store=True)
    running_key = fields.Char(readonly=True, copy=False, guarded=True)

    # Text on purpose: merging partners can neither delete nor collide with it.
    _one_running = models.UniqueIndex('(running_key) WHERE running_key IS NOT NULL', "This plan is under way for that already.")

    # === COMPUTE METHODS === #

    @api.depends('name', 'occasion', 'is_drill')
    @api.depends_context('lang')
    def _compute_display_name(self):
        for response in self:
            name = f'{response.name}: {response.occasion}' if response.occasion else response.name or ''
            response.display_name = response._marked(name)

    @api.depends('started_on', 'finished_on', 'state')
    def _compute_hours_needed(self):
        for response in self:
            done = response.state == 'done' and response.finished_on
            response.hours_needed = (response.finished_on - response.started_on).total_seconds() / 3600 if done else None

    @api.depends('step_ids.state')
    def _compute_step_figures(self):
        for response in self:
            left = response.step_ids.filtered(lambda step: step.state in ('waiting', 'running'))
            response.step_count, response.step_open_count = len(response.step_ids), len(left)
            response.progress = 100 * (1 - len(left) / len(response.step_ids)) if response.step_ids else 0

    @api.depends('step_ids.is_late')
    def _compute_late_count(self):
        for response in self:
            response.late_count = len(response.step_ids.filtered('is_late'))

    def _marked(self, text):
        """Return a text, marked when this is a drill."""
        return self.env._("[Drill] %s", text) if self.is_drill else text

    # === CONSTRAINT METHODS === #

    @api.constrains('user_id')
    def _check_owner(self):
        check_colleagues(self)

    # === CRUD METHODS === #

    def write(self, vals):
        before = {response: response.user_id for response in self} if vals.get('user_id') else {}
        result = super().write(vals)
        for response, user in before.items():
            # safe: steps of the owner go with the matter; the user was allowed to hand it over
            response.sudo().step_ids.filtered(
                lambda step, user=user: step.role == 'owner' and step.user_id == user and step.state in ('waiting', 'running'),
            ).user_id = vals['user_id']
        return result

    # === ACTIONS === #

    def action_cancel(self, reason=None):
        """Call the responses off.

        :param str reason: why; asked for in a dialog when missing
        """
        self.check_access('write')
        self._check_move('cancelled')
        if not (reason or '').strip():
            return self._ask_reason('action_cancel', self.env._("Call off the response"))
        # safe: the state is guarded; the right to write was checked
        responses = self.sudo()
        responses.step_ids.filtered(lambda step: step.state in ('waiting', 'running'))._leave_out(told(self.env, _lt("Called off")))
        responses._finish('cancelled', fields.Datetime.now(), end_reason=reason.strip())
        return True

    def action_open_occasion(self):
        """Open what the response is about.

        :raise UserError: when it is not there any more
        """
        self.ensure_one()
        self.check_access('read')
        known = self.res_model in OCCASIONS and self.res_model in self.env
        record = self.env[self.res_model].browse(self.res_id).exists() if known else None
        if not record:
            raise UserError(self.env._("What “%s” was started for is not there any more.", self.display_name))
        return record._get_records_action()

    # === BUSINESS METHODS === #

    def _finish(self, state, moment, **vals):
        """End the responses; the same occasion can be handled again."""
        self._move_to(state, finished_on=moment, running_key=False, **vals)

    def _mail_get_partner_fields(self, introspect_fields=False):
        return ['commercial_partner_id']
