from datetime import date

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain

from ..base.deletion import before_deletion
from ..base.guard_mixin import without_unchanged
from ..base.later import do_later
from ..base.to_do_mixin import check_colleagues
from ..collection.customer_mixin import AMOUNT_LIMIT

ENDED = ('closed', 'withdrawn')
FIRST_DAY = date(1990, 1, 1)  # before it no contract was kept here
UNSIGNED = ('draft', 'in_approval', 'approved', 'cancelled')
FIXED = frozenset({'contract_id'})
FIXED_AT_END = frozenset({
    'milestone_id', 'clause_id', 'cause_id', 'party', 'opened_on', 'first_fault', 'description', 'amount_claimed', 'counter_of_id',
    'outcome', 'evidence_ids',
})
FIXED_BY_RULE = frozenset({'milestone_id', 'party', 'cause_id', 'opened_on'})  # what a rule has found stays as it was found
UNDER_WAY = ('open', 'noticed', 'cured', 'claimed', 'legal', 'settled')


class FulfilmentBreach(models.Model):
    """That one side has not kept what was agreed: what happened and why, what was demanded, and what came of it."""
    _name = 'fulfilment.breach'
    _description = 'Breach case'
    _inherit = ['fulfilment.chatter.mixin', 'mail.activity.mixin', 'fulfilment.flow.mixin', 'fulfilment.guard.mixin']
    _order = 'opened_on desc, id desc'
    _mail_post_access = 'read'
    _check_company_auto = True
    _to_do_type = 'fulfilment_crm.activity_type_breach'
    _rec_names_search = ('name', 'partner_id.name', 'contract_id.name')

    name = fields.Char(string="Number", readonly=True, copy=False, index=True, guarded=True)
    contract_id = fields.Many2one('fulfilment.contract', required=True, index=True, ondelete='restrict', tracking=True)
    milestone_id = fields.Many2one(
        'fulfilment.milestone', index='btree_not_null', ondelete='restrict', domain="[('contract_id', '=', contract_id)]", tracking=True,
    )
    company_id = fields.Many2one(related='contract_id.company_id', store=True, index=True)
    partner_id = fields.Many2one(
        'res.partner', string="Customer", compute='_compute_partner_id', store=True, index=True,
        help="The company the contract is with.",
    )
    template_id = fields.Many2one(related='contract_id.template_id', store=True, string="Template of the contract")
    product_id = fields.Many2one('product.product', index='btree_not_null', ondelete='set null')
    user_id = fields.Many2one(
        'res.users', string="Responsible", index='btree_not_null', tracking=True, ondelete='set null', default=lambda self: self.env.user,
        domain="[('share', '=', False)]",
    )
    currency_id = fields.Many2one(related='contract_id.currency_id', store=True)

    # What happened
    party = fields.Selection(
        [('customer', "The customer"), ('us', "We")], string="Who broke it", required=True, default='customer', index=True, tracking=True,
    )
    cause_id = fields.Many2one(
        'fulfilment.breach.cause', required=True, index=True, check_company=True, ondelete='restrict', tracking=True,
        domain="[('company_id', 'in', (False, company_id))]",
    )
    clause_id = fields.Many2one(
        'fulfilment.contract.clause', string="Clause that was broken", index='btree_not_null', ondelete='set null',
        domain="[('contract_id', '=', contract_id)]",
    )
    first_fault = fields.Selection(
        [('party', "The one who broke it"), ('other', "The other side"), ('both', "Both")], string="Whose fault came first",
        default='party', tracking=True, help="Where the other side was at fault first, say so: it may answer for the delay.",
    )
    description = fields.Text(string="What happened")
    evidence_ids = fields.Many2many(
        'ir.attachment', 'fulfilment_breach_evidence_rel', copy=False, bypass_search_access=True,
    )
    opened_on = fields.Date(string="Case opened on", required=True, default=fields.Date.context_today, tracking=True)
    rule_id = fields.Many2one(
        'fulfilment.breach.rule', string="Opened by rule", readonly=True, copy=False, index='btree_not_null', ondelete='set null',
        guarded=True,
    )
    open_key = fields.Char(
        readonly=True, copy=False, guarded=True, help="What this case stands for while it lasts: a rule opens it once.",
    )
    is_shared = fields.Boolean(
        string="Shown to the customer", tracking=True, help="The customer sees number, cause, state, days to put it right and notices.",
    )

    # What follows
    state = fields.Selection([
        ('open', "Open"), ('noticed', "Notice given"), ('cured', "Cured"), ('claimed', "Claim made"), ('legal', "Steps of the law"),
        ('settled', "Settled"), ('closed', "Case closed"), ('withdrawn', "Withdrawn"),
    ], required=True, readonly=True, default='open', index=True, tracking=True, group_expand=True, guarded=True)
    _moves = {
        'open': {'noticed', 'cured', 'claimed', 'settled', 'withdrawn'}, 'noticed': {'cured', 'claimed', 'legal', 'settled', 'withdrawn'},
        'cured': {'open', 'claimed', 'closed'}, 'claimed': {'cured', 'legal', 'settled', 'withdrawn'},
        'legal': {'settled', 'closed', 'withdrawn'}, 'settled': {'claimed', 'closed'}, 'closed': {'open'}, 'withdrawn': {'open'},
    }
    notice_ids = fields.One2many('fulfilment.notice', 'breach_id', string="Notices")
    cure_days = fields.Integer(string="Days to put it right", default=10, tracking=True)
    cure_unit = fields.Selection(
        [('working_day', "Working days"), ('calendar_day', "Calendar days")], string="Counted in", required=True, default='working_day',
    )
    cure_until = fields.Date(
        string="To be put right until", readonly=True, copy=False, tracking=True, index='btree_not_null', guarded=True,
        help="Counted from the day the notice was delivered.",
    )
    is_overdue = fields.Boolean(
        string="Not put right in time", compute='_compute_is_overdue', search='_search_is_overdue',
        help="Notice was given, and the days to put it right have passed.",
    )
    cured_on = fields.Date(readonly=True, copy=False, guarded=True)
    days_to_cure = fields.Integer(
        string="Days to cure", compute='_compute_days_to_cure', store=True, aggregator='avg',
        help="From the opening to the day it was put right.",
    )
    amount_claimed = fields.Monetary(
        string="Claimed", tracking=True, help="What the side that kept the contract demands, damages included.",
    )
    amount_recovered = fields.Monetary(string="Recovered", tracking=True)
    company_currency_id = fields.Many2one(related='company_id.currency_id', string="Currency of the company")
    company_amount_claimed = fields.Monetary(
        string="Claimed, company currency", compute='_compute_company_amounts', store=True, currency_field='company_currency_id',
    )
    company_amount_recovered = fields.Monetary(
        string="Recovered, company currency", compute='_compute_company_amounts', store=True, currency_field='company_currency_id',
    )
    recovery_rate = fields.Float(
        string="Recovered (%)", compute='_compute_recovery_rate', store=True, aggregator='avg', digits=(5, 2),
    )
    cost = fields.Monetary(string="Other costs", tracking=True, help="What the case has cost us beside its steps.")
    amount_damages = fields.Monetary(string="Damages", compute='_compute_amount_damages', help="Of its milestone, else of the contract.")
    counter_ids = fields.One2many('fulfilment.breach', 'counter_of_id', string="Counterclaims")
    counter_of_id = fields.Many2one(
        'fulfilment.breach', string="Counterclaim to", index='btree_not_null', ondelete='restrict', tracking=True,
        domain="[('contract_id', '=', contract_id), ('party', '!=', party), ('counter_of_id', '=', False)]",
    )
    amount_net = fields.Monetary(
        string="Net", compute='_compute_amount_net', help="Claimed, less the counterclaims; below zero the other side is owed more.",
    )
    outcome = fields.Text(tracking=True)
    closed_on = fields.Date(readonly=True, copy=False, guarded=True)

    _amounts_check = models.Constraint(
        f'CHECK(amount_claimed >= 0 AND amount_recovered >= 0 AND cost >= 0 AND cure_days BETWEEN 0 AND 3650 '
        f'AND amount_claimed < {AMOUNT_LIMIT:.0f} AND amount_recovered < {AMOUNT_LIMIT:.0f} AND cost < {AMOUNT_LIMIT:.0f})',
        "Amounts, costs and days are not negative.",
    )
    _open_unique = models.UniqueIndex('(open_key) WHERE open_key IS NOT NULL', "There is a case about this already.")

    # === COMPUTE METHODS === #

    @api.depends('name', 'partner_id')
    def _compute_display_name(self):
        for breach in self:
            breach.display_name = ' – '.join(filter(None, (breach.name, breach.partner_id.display_name)))

    @api.depends('contract_id.commercial_partner_id')
    def _compute_partner_id(self):
        for breach in self:
            breach.partner_id = breach.contract_id.commercial_partner_id

    @api.depends('state', 'cure_until')
    def _compute_is_overdue(self):
        today = self.company_id._fulfilment_today(reading=True)
        for breach in self:
            until = breach.state == 'noticed' and breach.cure_until
            breach.is_overdue = bool(until and breach.company_id and until < today[breach.company_id])

    @api.model
    def _search_is_overdue(self, operator, value):
        if operator not in ('=', '!=', 'in', 'not in'):
            return NotImplemented
        wanted = (True in value if operator in ('in', 'not in') else bool(value)) == (operator in ('=', 'in'))
        days = self.env['res.company']._fulfilment_days_domain('cure_until', '>', 0, since=True)
        over = Domain('state', '=', 'noticed') & Domain('cure_until', '!=', False) & days
        return over if wanted else ~over

    @api.depends('opened_on', 'cured_on')
    def _compute_days_to_cure(self):
        for breach in self:
            breach.days_to_cure = (breach.cured_on - breach.opened_on).days if breach.cured_on and breach.opened_on else False

    @api.depends('amount_claimed', 'amount_recovered')
    def _compute_recovery_rate(self):
        for breach in self:
            breach.recovery_rate = 100 * breach.amount_recovered / breach.amount_claimed if breach.amount_claimed else 0.0

    @api.depends('amount_claimed', 'amount_recovered', 'currency_id', 'opened_on')
    def _compute_company_amounts(self):
        for breach in self:
            company, day = breach.company_id, breach.opened_on or fields.Date.context_today(self)
            for name in ('amount_claimed', 'amount_recovered'):
                breach[f'company_{name}'] = breach.currency_id._convert(breach[name], company.currency_id, company, day) if company else 0.0

    @api.depends('milestone_id', 'contract_id', 'party')
    def _compute_amount_damages(self):
        for breach in self:
            # safe: sums of the own contract, for who may read its cases
            damages = (breach.sudo().milestone_id or breach.sudo().contract_id).damages_ids
            own = damages.filtered(lambda one, party=breach.party: one.debtor == party and one.state in ('accruing', 'claimed', 'settled'))
            breach.amount_damages = sum(own.mapped('amount_due'))

    @api.depends('amount_claimed', 'counter_ids.amount_claimed', 'counter_ids.state')
    def _compute_amount_net(self):
        for breach in self:
            counter = breach.counter_ids.filtered(lambda one: one.state != 'withdrawn')
            breach.amount_net = breach.amount_claimed - sum(counter.mapped('amount_claimed'))

    @api.onchange('milestone_id')
    def _onchange_milestone_id(self):
        if self.milestone_id:
            self.update(self._of_milestone(self.milestone_id))

    # === CONSTRAINT METHODS === #

    @api.constrains('user_id')
    def _check_owner(self):
        check_colleagues(self)

    @api.constrains('milestone_id', 'clause_id', 'contract_id', 'counter_of_id', 'party')
    def _check_contract(self):
        for breach in self:
            if (breach.milestone_id.contract_id | breach.clause_id.contract_id) - breach.contract_id:
                raise ValidationError(self.env._("%s: milestone and clause are of its contract.", breach.display_name))
            other = breach.counter_of_id
            if other and (other.contract_id != breach.contract_id or other.party == breach.party or other.counter_of_id):
                raise ValidationError(self.env._(
                    "%s: a counterclaim is of the other side, to a case of the same contract that is no counterclaim itself.",
                    breach.display_name,
                ))

    @api.constrains('opened_on')
    def _check_opened_on(self):
        today = self.company_id._fulfilment_today()
        for breach in self:
            if not FIRST_DAY <= breach.opened_on <= today[breach.company_id]:
                raise ValidationError(self.env._("%s: a case is opened today, or was on an earlier day.", breach.display_name))

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        breaches = super().create(vals_list)
        breaches.contract_id._check_was_signed()
        breaches._begin()
        return breaches

    def write(self, vals):
        if not self.env.su:
            fixed = FIXED | (FIXED_AT_END if any(one.state in ENDED for one in self) else set())
            if without_unchanged(self, vals, fixed).keys() & fixed:
                raise UserError(self.env._(
                    "%s is on record: its contract never changes, and nothing else of it once it is closed. Open it again, or another one.",
                    self[:1].display_name,
                ))
            found = self.filtered('rule_id')
            if found and without_unchanged(found, vals, FIXED_BY_RULE).keys() & FIXED_BY_RULE:
                raise UserError(self.env._(
                    "%s was opened by a rule: what it found stays as it was found. Withdraw the case, and open another one.",
                    found[0].display_name,
                ))
        return super().write(vals)

    @before_deletion
    def _unlink_except_never(self):
        raise UserError(self.env._("Cases stay on record: withdraw them instead."))

    # === BUSINESS METHODS === #

    def _of_milestone(self, milestone):
        """Return what a milestone says of a case about it: values."""
        milestone = milestone.sudo()  # safe: what a milestone says that the user named, and may read
        return {
            'party': milestone.obligor, 'clause_id': milestone.clause_id.id, 'product_id': milestone.sale_line_ids.product_id[:1].id,
            'first_fault': self._first_fault_of(milestone),
        }

    @api.model
    def _first_fault_of(self, milestone):
        """Return whose fault came first, by what the milestone waited for: of the other side, where that was late."""
        before = milestone.predecessor_id
        while before:
            if before.obligor != milestone.obligor and (before.on_time == 'no' or before.is_late):
                return 'other'
            before = before.predecessor_id
        return 'party'

    def _begin(self):
        """Give new cases their numbers, tell who answers for them, and have the customer judged anew."""
        # safe: what follows from opening, which was the user's right
        breaches = self.sudo()
        for breach in breaches:
            # safe: the next number
            breach.name = self.env['ir.sequence'].sudo().with_company(breach.company_id).next_by_code('fulfilment.breach')
            if not breach.open_key:
                breach.open_key = f'by hand: {breach.id}'
        breaches._follow_quietly()
        self.env['fulfilment.event']._note(breaches, 'open', {
            one: {'after': {'party': one.party, 'cause_id': one.cause_id.name, 'description': one.description or None}} for one in breaches
        })
        others = breaches.filtered(lambda one: one.user_id.active and one.user_id != self.env.user)
        others._give_to_do(lambda env: env._("A breach case to be looked after"))
        do_later(breaches, '_judge_customers', 'breaches')

    def _event_words(self):
        return self, 'state'
