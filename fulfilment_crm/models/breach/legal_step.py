from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError

from ..base.deletion import before_deletion
from ..base.guard_mixin import without_unchanged
from ..base.to_do_mixin import ToDo
from ..collection.customer_mixin import AMOUNT_LIMIT
from .breach import FIRST_DAY

KINDS = [
    ('demand', "Demand letter"), ('mediation', "Mediation"), ('arbitration', "Arbitration"), ('preservation', "Preservation of property"),
    ('lawsuit', "Lawsuit"), ('enforcement', "Enforcement"), ('settlement', "Settlement out of court"), ('termination', "Termination"),
]
COURT = ('arbitration', 'preservation', 'lawsuit', 'enforcement')  # while one of these runs, the customer is before court
BEGUN = frozenset({'breach_id', 'kind', 'date_start'})  # what stays once a step has begun
FACTS = frozenset({'name', 'lawyer_id', 'court', 'docket', 'date_end', 'amount', 'tariff_id', 'cost', 'outcome'})
ENDED = ('done', 'dropped')
LAWYERS = ('legal', 'credit', 'manager')  # who, beside its responsible, goes on with a step that has begun
SUITS = ('arbitration', 'lawsuit')  # what has to begin before the claim is time-barred


class FulfilmentLegalStep(models.Model):
    """A step of the law in a case: before whom, until when, at what cost, and what it brought."""
    _name = 'fulfilment.legal.step'
    _description = 'Step of the law'
    _inherit = ['fulfilment.chatter.mixin', 'mail.activity.mixin', 'fulfilment.flow.mixin', 'fulfilment.guard.mixin']
    _order = 'breach_id, sequence, id'
    _mail_post_access = 'read'
    _check_company_auto = True
    _to_do_type = 'fulfilment_crm.activity_type_legal'

    breach_id = fields.Many2one('fulfilment.breach', string="Case", required=True, index=True, ondelete='cascade')
    contract_id = fields.Many2one(related='breach_id.contract_id', store=True, index=True)
    company_id = fields.Many2one(related='breach_id.company_id', store=True, index=True)
    partner_id = fields.Many2one(related='breach_id.partner_id', store=True, index=True, string="Customer")
    currency_id = fields.Many2one(related='breach_id.currency_id', store=True)
    sequence = fields.Integer(default=10)
    kind = fields.Selection(KINDS, string="Step", required=True, default='demand', index=True, tracking=True)
    name = fields.Char(string="Subject", tracking=True)
    user_id = fields.Many2one(
        'res.users', string="Responsible", index='btree_not_null', tracking=True, ondelete='set null', default=lambda self: self.env.user,
        domain="[('share', '=', False)]",
    )

    # Before whom
    lawyer_id = fields.Many2one('res.partner', ondelete='set null', tracking=True)
    court = fields.Char(string="Court or body", tracking=True)
    docket = fields.Char(string="Docket number", tracking=True, copy=False)
    date_start = fields.Date(string="Begun on", tracking=True, copy=False)
    date_deadline = fields.Date(string="Deadline", tracking=True, copy=False, index='btree_not_null')
    date_end = fields.Date(string="Ended on", tracking=True, copy=False)
    document_ids = fields.Many2many(
        'ir.attachment', 'fulfilment_legal_step_document_rel', string="Documents", copy=False, bypass_search_access=True,
    )

    # Money
    amount = fields.Monetary(string="Amount in dispute", tracking=True)
    tariff_id = fields.Many2one('fulfilment.legal.tariff', ondelete='set null', tracking=True, check_company=True)
    fee_expected = fields.Monetary(string="Fee by the tariff", compute='_compute_fee_expected')
    cost = fields.Monetary(tracking=True, copy=False)
    cost_above = fields.Monetary(
        string="Above the tariff", compute='_compute_fee_expected', help="What it has cost beyond the fee by the tariff.",
    )
    amount_recovered = fields.Monetary(
        string="Recovered", compute='_compute_amount_recovered',
        help="What came in of the contract from the day the step began, by the ledger.",
    )

    state = fields.Selection(
        [('planned', "To come"), ('running', "Under way"), ('done', "Done"), ('dropped', "Dropped")], required=True, readonly=True,
        default='planned', index=True, tracking=True, guarded=True,
    )
    _moves = {'planned': {'running', 'done', 'dropped'}, 'running': {'done', 'dropped'}, 'done': {'running'}, 'dropped': {'planned'}}
    outcome = fields.Text(tracking=True, copy=False)
    late_reason = fields.Char(
        string="Why after limitation", readonly=True, copy=False, tracking=True, guarded=True, help="A suit after the end has its reason.",
    )
    told_deadline = fields.Date(readonly=True, copy=False, guarded=True, help="The deadline for which somebody was told.")
    note_ids = fields.One2many('fulfilment.counsel.note', 'step_id', string="Notes of counsel", groups='fulfilment_crm.group_legal')

    _amounts_check = models.Constraint(
        f'CHECK(amount >= 0 AND cost >= 0 AND amount < {AMOUNT_LIMIT:.0f} AND cost < {AMOUNT_LIMIT:.0f})', "Amounts are not negative.",
    )

    # === COMPUTE METHODS === #

    @api.depends('kind', 'breach_id')
    @api.depends_context('lang')
    def _compute_display_name(self):
        kinds = dict(self._fields['kind']._description_selection(self.env))
        for step in self:
            step.display_name = f'{kinds.get(step.kind, "")}: {step.breach_id.display_name or ""}'

    @api.depends('amount', 'tariff_id', 'cost')
    def _compute_fee_expected(self):
        for step in self:
            step.fee_expected = step.tariff_id._fee(step.amount) if step.tariff_id and step.amount else 0.0
            step.cost_above = max(step.cost - step.fee_expected, 0.0) if step.fee_expected else 0.0

    @api.depends('date_start', 'date_end', 'contract_id')
    def _compute_amount_recovered(self):
        # safe: what came in of a contract, for who may read its cases
        settled = self.sudo().contract_id._settled_on()
        for step in self:
            end = step.date_end or fields.Date.to_date('9999-12-31')
            step.amount_recovered = sum(
                amount for milestone, parts in settled.items() if milestone.contract_id == step.contract_id
                for day, amount in parts if step.date_start and step.date_start <= day <= end
            )

    # === CRUD AND CONSTRAINT METHODS === #

    @api.constrains('date_start', 'date_end')
    def _check_dates(self):
        for step in self:
            days = [day for day in (step.date_start, step.date_end) if day]
            if any(day < FIRST_DAY for day in days) or len(days) == 2 and step.date_end < step.date_start:
                raise ValidationError(self.env._("%s: it ends after it began, and neither lies too far back.", step.display_name))

    @api.model_create_multi
    def create(self, vals_list):
        steps = super().create(vals_list)
        steps.breach_id.check_access('write')
        return steps

    def write(self, vals):
        begun = any(one.state in ('running', 'done') for one in self)
        if not self.env.su and begun and without_unchanged(self, vals, BEGUN).keys() & BEGUN:
            raise UserError(self.env._("%s has begun: its case, kind and first day stay as they are.", self[:1].display_name))
        if not self.env.su and without_unchanged(self, vals, FACTS).keys() & FACTS:
            ended = self.filtered(lambda one: one.state in ENDED)
            if ended:
                raise UserError(self.env._("%s is over and stays as it is.", ended[0].display_name))
            self._check_conducting()
        return super().write(vals)

    def _check_conducting(self):
        """Let steps that have begun be gone on with by their responsible, legal, credit control and managers only.

        :raise AccessError: naming who may
        """
        user = self.env.user
        if self.env.su or any(user.has_group(f'fulfilment_crm.group_{role}') for role in LAWYERS):
            return
        other = self.filtered(lambda one: one.state == 'running' and one.user_id != user)
        if other:
            raise AccessError(self.env._(
                "%(step)s has begun: %(user)s, legal or credit control goes on with it.", step=other[0].display_name,
                user=other[0].user_id.name or self.env._("nobody"),
            ))

    @before_deletion
    def _unlink_except_planned(self):
        for step in self:
            # safe: whether counsel has written down anything, to refuse
            if step.state != 'planned' or step.sudo().note_ids:
                raise UserError(self.env._("%s stays on record: drop it instead.", step.display_name))

    # === ACTIONS === #

    def action_begin(self, reason=None):
        """Begin steps; the case stands before the law from then on.

        :param str reason: why a suit begins after the claim is time-barred; asked for in a dialog when it is
        """
        self.check_access('write')
        self._check_move('running')
        today = self.company_id._fulfilment_today()
        ahead = self.filtered(lambda one: one.date_start and one.date_start > today[one.company_id])
        if ahead:
            raise UserError(self.env._("%s begins on a day that is still to come: begin it then.", ahead[0].display_name))
        # safe: whether a file proves it, whoever put it in
        past = self.filtered(
            lambda one: one.kind in SUITS and one.date_start and one.date_start < today[one.company_id] and not one.sudo().document_ids,
        )
        if past:
            raise UserError(self.env._(
                "%s began on an earlier day: attach the document that proves it, since limitation is counted from it.",
                past[0].display_name,
            ))
        barred = self.filtered(
            lambda one: one.kind in SUITS and (until := one.breach_id._limitation_end()) and until < today[one.company_id],
        )
        if barred and not (reason or '').strip():
            return self._ask_reason('action_begin', self.env._("The claim is time-barred: why a suit all the same?"))
        # safe: guarded; the right to write was checked
        for step in self.sudo():
            step._move_to('running', date_start=step.date_start or today[step.company_id],
                          **({'late_reason': reason.strip()} if step in barred else {}))
        cases = self.sudo().breach_id.filtered(lambda one: one.state in ('noticed', 'claimed'))
        cases._move_to('legal')
        self.sudo().breach_id._follow_court()
        return True

    def action_done(self, reason=None):
        """Say that steps are over.

        :param str reason: what came of them; asked for in a dialog when missing
        """
        return self._end('done', 'action_done', self.env._("What came of it?"), reason)

    def action_drop(self, reason=None):
        """Drop steps.

        :param str reason: why; asked for in a dialog when missing
        """
        return self._end('dropped', 'action_drop', self.env._("Drop the step"), reason)

    def action_terminate_contract(self):
        """Terminate the contract by its own flow, on the ground of the case. For those who may terminate it."""
        self.ensure_one()
        if self.kind != 'termination' or self.state not in ('running', 'done'):
            raise UserError(self.env._("%s: a termination that has begun ends the contract.", self.display_name))
        ground = self.env._("Case %(case)s, %(cause)s, with effect from %(day)s", case=self.breach_id.name,
                            cause=self.breach_id.cause_id.display_name, day=self.date_end or self.date_start)
        return self.contract_id.action_terminate(reason=ground)

    # === BUSINESS METHODS === #

    def _end(self, state, method, title, reason):
        self.check_access('write')
        self._check_conducting()
        self._check_move(state)
        if not (reason or '').strip():
            return self._ask_reason(method, title)
        today = self.company_id._fulfilment_today()
        # safe: as in action_begin
        for step in self.sudo():
            step._move_to(state, date_end=step.date_end or today[step.company_id],
                          outcome='\n'.join(filter(None, (step.outcome, reason.strip()))))
        self.sudo().breach_id._follow_court()
        return True

    def _near(self, days):
        """Return those whose deadline is so near that it is told, and was not yet."""
        return self.filtered(
            lambda one: one.told_deadline != one.date_deadline
            and one.date_deadline <= fields.Date.add(days[one.company_id], days=one.company_id.fulfilment_legal_days),
        )

    def _tell_deadlines(self):
        """Give who is responsible a to-do on steps whose deadline is near; returns ``{effect: count}``."""
        people = {step: step.user_id or step.breach_id.user_id for step in self}
        self.env['mail.activity']._fulfilment_give(self._to_do_type, [ToDo(
            step, user, user._fulfilment_env()._("Deadline of the law"), step.date_deadline,
        ) for step, user in people.items() if user.active])
        for step in self:
            step.told_deadline = step.date_deadline
        return {'deadlines of the law told': len(self)}


class FulfilmentCounselNote(models.Model):
    """What counsel thinks of a case. Nobody but legal reads it."""
    _name = 'fulfilment.counsel.note'
    _description = 'Note of counsel'
    _inherit = ['fulfilment.guard.mixin']
    _order = 'date desc, id desc'
    _rec_name = 'date'

    step_id = fields.Many2one('fulfilment.legal.step', required=True, index=True, ondelete='cascade')
    company_id = fields.Many2one(related='step_id.company_id', store=True, index=True)
    date = fields.Date(required=True, default=fields.Date.context_today)
    user_id = fields.Many2one(
        'res.users', string="By", readonly=True, default=lambda self: self.env.user, ondelete='set null', guarded=True,
    )
    text = fields.Text(required=True)


class FulfilmentBreach(models.Model):
    _inherit = 'fulfilment.breach'

    step_ids = fields.One2many('fulfilment.legal.step', 'breach_id', string="Steps of the law")
    is_before_court = fields.Boolean(
        string="Before court", readonly=True, copy=False, index=True, guarded=True,
        help="A step before a court or arbitrator is under way: no friendly reminders, rewards or care mail go to the customer.",
    )
    court_pause_id = fields.Many2one('fulfilment.reminder.pause', readonly=True, copy=False, ondelete='set null', guarded=True)
    legal_template_id = fields.Many2one('fulfilment.legal.template', string="Steps by template", ondelete='set null', copy=False)

    def action_plan_steps(self):
        """Plan the steps of the chosen template."""
        self.check_access('write')
        for breach in self:
            if not breach.legal_template_id:
                raise UserError(self.env._("%s: choose the template of its steps first.", breach.display_name))
            day = breach.company_id._fulfilment_today()[breach.company_id]
            self.env['fulfilment.legal.step'].create([{
                'breach_id': breach.id, 'kind': line.kind, 'sequence': line.sequence, 'tariff_id': line.tariff_id.id,
                'date_deadline': fields.Date.add(day, days=line.days), 'amount': breach.amount_claimed, 'user_id': breach.user_id.id,
            } for line in breach.legal_template_id.line_ids])
        return True

    def _follow_court(self):
        """Stop friendly words to customers while they are before court, and let them go on afterwards."""
        for breach in self:
            before = breach.party == 'customer' and any(one.kind in COURT and one.state == 'running' for one in breach.step_ids)
            if before == breach.is_before_court:
                continue
            breach.is_before_court = before
            today = breach.company_id._fulfilment_today()[breach.company_id]
            if before:
                breach.court_pause_id = self.env['fulfilment.reminder.pause'].create({
                    'company_id': breach.company_id.id, 'partner_id': breach.partner_id.id, 'date_from': today,
                    'date_to': fields.Date.add(today, years=10), 'reason': self.env._("Before court: %s", breach.name),
                })
            elif breach.court_pause_id.date_from == today:
                breach.court_pause_id.unlink()
            elif breach.court_pause_id:
                breach.court_pause_id.date_to = fields.Date.subtract(today, days=1)


class FulfilmentLegalTemplate(models.Model):
    """The steps a kind of case usually takes."""
    _name = 'fulfilment.legal.template'
    _description = 'Template of steps of the law'
    _inherit = ['fulfilment.lookup.mixin', 'fulfilment.audit.mixin', 'mail.thread']

    line_ids = fields.One2many('fulfilment.legal.template.line', 'template_id', string="Steps", copy=True)


class FulfilmentLegalTemplateLine(models.Model):
    _name = 'fulfilment.legal.template.line'
    _description = 'Step of a template'
    _inherit = ['fulfilment.audit.part.mixin']
    _order = 'sequence, id'
    _rec_name = 'kind'

    template_id = fields.Many2one('fulfilment.legal.template', required=True, index=True, ondelete='cascade')
    company_id = fields.Many2one(related='template_id.company_id', store=True, index=True)
    sequence = fields.Integer(default=10, tracking=True)
    kind = fields.Selection(KINDS, string="Step", required=True, default='demand', tracking=True)
    days = fields.Integer(string="Deadline after (days)", default=14, tracking=True, help="From the day the steps are planned.")
    tariff_id = fields.Many2one('fulfilment.legal.tariff', ondelete='set null', tracking=True)

    _audit_field = 'template_id'
    _days_check = models.Constraint('CHECK(days BETWEEN 0 AND 3650)', "A deadline lies ahead, within ten years.")
