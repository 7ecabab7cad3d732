from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain
from odoo.models import MAGIC_COLUMNS
from odoo.tools import float_round

from ...tools.period import period_name, period_of
from ...tools.profile_domain import parse
from ...tools.reward import fitting
from ..base.deletion import before_deletion
from ..base.opening import open_list

PERIODS = [('month', "Month"), ('quarter', "Quarter"), ('half', "Half-year"), ('year', "Year")]
MANY = 20  # customers from which on a condition that all of them fulfil is taken for a mistake


class FulfilmentRewardTerms(models.AbstractModel):
    """What a reward consists of: said by a rule, and kept by each grant as it was.

    An effect is one file, ``effect_<key>.py``: its key and fields here, what is missing of them (``_missing_<key>``), and on the grant what
    is done when it is given, taken back and told (``_effect_<key>``, ``_take_back_<key>``, ``_words_<key>``). One that ends by itself says
    so (``_timed_effects``), and what becomes of it when its customer is merged into another (``_move_<key>``).
    """
    _name = 'fulfilment.reward.terms'
    _description = 'Terms of a reward'

    effect = fields.Selection([], required=True, default='points', tracking=True)
    program_id = fields.Many2one(
        'loyalty.program', tracking=True, ondelete='restrict',
        help="The loyalty program the points or the coupon belong to.",
    )
    days = fields.Integer(
        string="For (days)", tracking=True, help="It ends by itself after this many days. A coupon with 0 days does not expire.",
    )
    is_notified = fields.Boolean(string="Tell the customer", default=True, tracking=True, help="By e-mail, when it is given.")

    @api.model
    def _term_names(self):
        """Return the fields a reward consists of, which a grant keeps of its rule."""
        return self.env['fulfilment.reward.terms']._fields.keys() - {*MAGIC_COLUMNS, 'display_name'}


class FulfilmentRewardRule(models.Model):
    """Who is rewarded with what, how often, and for how much money."""
    _name = 'fulfilment.reward.rule'
    _description = 'Reward rule'
    _inherit = [
        'fulfilment.lookup.mixin', 'fulfilment.reward.terms', 'fulfilment.audit.mixin', 'mail.thread', 'fulfilment.guard.mixin',
        'fulfilment.condition.mixin',
    ]
    _condition_model = 'fulfilment.profile'

    # Identity
    explanation = fields.Text(translate=True, tracking=True, help="What the customer is told the reward is for.")
    sequence = fields.Integer(default=10, help="Rules are worked through in this order.")
    state = fields.Selection(
        [('draft', "In preparation"), ('active', "In use")], default='draft', required=True, readonly=True, copy=False, tracking=True,
        index=True, guarded=True,
    )
    company_id = fields.Many2one(
        'res.company', index=True, ondelete='cascade', tracking=True, domain=[('parent_id', '=', False)],
        help="Empty: for all companies. Of a branch, its main company counts.",
    )
    is_shown = fields.Boolean(
        string="Shown to customers", tracking=True, help="Customers read the explanation on the portal, and how far they are from it.",
    )

    # Who, how often, for how much
    domain = fields.Char(string="Condition", default='[]', required=True, tracking=True, help="By the figures of the profile.")
    period = fields.Selection(PERIODS, default='quarter', required=True, tracking=True, help="A customer gets it once in each.")
    is_unlimited = fields.Boolean(string="Without limit", tracking=True, help="The rewards of this rule may cost any amount.")
    currency_id = fields.Many2one('res.currency', compute='_compute_currency_id', help="Of the company; of a rule for all, of each.")
    budget = fields.Float(
        digits=(16, 2), tracking=True, help="What the rewards of one period may cost a company at most, in its currency.",
    )
    unit_cost = fields.Float(string="Cost", digits=(16, 2), tracking=True, help="What one reward costs us, in the company's currency.")
    cost = fields.Float(
        string="Cost of one reward", compute='_compute_cost', store=True, digits=(16, 2), help="Points × cost of a point, or the cost.",
    )
    needs_approval = fields.Boolean(
        string="Needs approval", tracking=True, help="Each reward passes the approval chain before it is given.",
    )

    # What became of it
    grant_ids = fields.One2many('fulfilment.reward.grant', 'rule_id', string="Rewards given")
    grant_count = fields.Integer(compute='_compute_grant_count', string="Rewards")
    budget_ids = fields.One2many('fulfilment.reward.budget', 'rule_id', string="Budgets")
    currency_id = fields.Many2one('res.currency', compute='_compute_spent')
    spent = fields.Monetary(compute='_compute_spent', string="Spent in this period", help="In the company you work in.")
    left = fields.Monetary(compute='_compute_spent', string="Left in this period")
    waiting_count = fields.Integer(
        compute='_compute_spent', string="Beyond the budget", help="Customers of this period whom the rule fits and the budget does not.",
    )

    _amounts_check = models.Constraint(
        'CHECK(budget >= 0 AND cost_per_point >= 0 AND unit_cost >= 0 AND points >= 0 AND days >= 0 AND limit_raise >= 0)',
        "Budget, costs, points, days and the raise of a reward rule are not negative.",
    )

    @api.depends('company_id')
    @api.depends_context('company')
    def _compute_currency_id(self):
        for rule in self:
            rule.currency_id = (rule.company_id or self.env.company).currency_id

    @api.depends('effect', 'points', 'cost_per_point', 'unit_cost')
    def _compute_cost(self):
        for rule in self:
            rule.cost = round(rule._exact_cost(), 2)

    @api.depends_context('uid')
    def _compute_grant_count(self):
        counts = dict(self.env['fulfilment.reward.grant']._read_group([('rule_id', 'in', self.ids)], ['rule_id'], ['__count']))
        for rule in self:
            rule.grant_count = counts.get(rule, 0)

    @api.depends_context('company')
    def _compute_spent(self):
        company = self.env.company.root_id
        day = company._fulfilment_today(reading=True)[company]
        found = {
            row.rule_id.id: row for row in self.env['fulfilment.reward.budget']._running(self, company, day)
        }
        for rule in self:
            row = found.get(rule._origin.id)
            rule.currency_id = company.currency_id
            rule.spent = row.spent if row else 0.0
            rule.left = 0.0 if rule.is_unlimited else max(rule.budget - rule.spent, 0.0)
            rule.waiting_count = row.waiting_count if row else 0

    @api.constrains(
        'state', 'domain', 'effect', 'points', 'program_id', 'payment_term_id', 'limit_raise', 'days', 'training', 'is_unlimited', 'budget',
        'company_id',
    )
    def _check_complete(self):
        for rule in self:
            if rule.company_id.parent_id:
                raise ValidationError(self.env._(
                    "Rewards belong to main companies: choose %(company)s for “%(rule)s”.", rule=rule.name,
                    company=rule.company_id.root_id.name,
                ))
        for rule in self.filtered(lambda one: one.state == 'active'):
            if fault := rule._fault():
                raise ValidationError(fault)

    # === ACTION METHODS === #

    def action_activate(self):
        """Put rules into use: the daily round rewards by them.

        :raise ValidationError: naming what is missing, or that the condition fits everybody
        """
        self.check_access('write')
        # safe: the state is guarded; the right to write was checked
        self.sudo().state = 'active'
        return True

    def action_stop(self):
        """Take rules out of use: nobody new is rewarded; what was given stays until it ends."""
        self.check_access('write')
        # safe: as in action_activate
        self.sudo().state = 'draft'
        return True

    def action_open_grants(self):
        """Open what was granted by the rule."""
        return open_list(self, 'reward_grant_action', [('rule_id', 'in', self.ids)])

    # === BUSINESS METHODS === #

    def _parsed_domain(self):
        self.ensure_one()
        return parse(self.domain, self.env['fulfilment.profile'])

    def _fault(self):
        """Why the rule cannot be used, in a sentence; None when it can."""
        self.ensure_one()
        if fault := self._fault_of_terms():
            return fault
        if self._fits_everybody():
            return self.env._("The condition of “%s” fits every customer: nobody would be rewarded for anything.", self.name)
        return None

    def _fault_of_terms(self):
        """Tell what is missing of reward and budget, in a sentence; None when nothing is."""
        self.ensure_one()
        # safe: kinds and companies of loyalty programs and terms, which nobody has rights on by themselves
        own = self.sudo()
        if fault := getattr(own, f'_missing_{self.effect}')():
            return fault
        for given in (own.program_id, own.payment_term_id):
            if self.company_id and not self._is_of(given, self.company_id):
                return self.env._(
                    "“%(given)s” belongs to %(company)s, so “%(rule)s” cannot give it to customers of others.",
                    given=given.display_name, company=given.company_id.name, rule=self.name,
                )
        if not self.is_unlimited and not self.budget:
            return self.env._("Enter the budget of “%s”, or say that it is without limit.", self.name)
        return None

    def _fits_everybody(self):
        """Whether the condition excludes nobody, by its form or, where there are enough customers to tell, in effect."""
        domain = self._parsed_domain()
        # safe: counts, to judge the condition; who the customers are is not told
        profiles = self.env['fulfilment.profile'].sudo()
        if domain.optimize(profiles).is_true():
            return True
        mine = Domain('company_id', '=', self.company_id.id) if self.company_id else Domain.TRUE
        total = profiles.search_count(mine)
        return total >= MANY and not profiles.search_count(mine & ~domain, limit=1) and profiles.search_count(mine & domain) == total

    @api.model
    def _is_of(self, given, company):
        """Whether a program or terms can be given to customers of a root company."""
        return not given.company_id or given.company_id.root_id == company

    def _period_of(self, day):
        """Return the period a day lies in: ``(first day, last day, name)``."""
        first, last = period_of(day, self.period or 'quarter')
        return first, last, period_name(first, self.period or 'quarter')

    def _exact_cost(self):
        """Return what one reward costs, to the last digit."""
        self.ensure_one()
        return self.unit_cost

    def _cost_in(self, company):
        """Return the cost of one reward in a company's currency, rounded up: what costs something costs at least the smallest coin."""
        self.ensure_one()
        return float_round(self._exact_cost(), precision_rounding=company.currency_id.rounding, rounding_method='UP')

    def _affordable(self, company, day):
        """How many rewards what is left of the budget pays for; None for any number."""
        self.ensure_one()
        row = self.env['fulfilment.reward.budget']._running(self, company, day)
        return None if self.is_unlimited else fitting(
            company.currency_id.round(self.budget), row.spent if row else 0.0, self._cost_in(company), company.currency_id.rounding,
        )

    def _candidates(self, company, day, among=None):
        """Find the profiles of customers the rule fits who got nothing by it in this period yet, those with the highest turnover first.

        :param company: root company
        :param among: only these profiles
        """
        self.ensure_one()
        # safe: whose programs and terms they are
        if not all(self._is_of(given, company) for given in (self.sudo().program_id, self.sudo().payment_term_id)):
            return self.env['fulfilment.profile']
        # safe: grants of this period, whoever may read them, to leave their customers out
        granted = self.env['fulfilment.reward.grant'].sudo()._search([
            ('rule_id', '=', self.id), ('company_id', '=', company.id), ('period_start', '<=', day), ('period_end', '>=', day),
        ])
        domain = (
            Domain('company_id', '=', company.id) & self._parsed_domain() & Domain('partner_id.active', '=', True)
            & Domain('partner_id', 'not in', granted.subselect('partner_id')) & self._gains(company)
        )
        if among is not None:
            domain &= Domain('id', 'in', among.ids)
        return self.env['fulfilment.profile'].with_company(company).search(domain, order='revenue_12m DESC NULLS LAST, id')

    @before_deletion
    def _unlink_except_granted(self):
        for rule in self:
            if rule.grant_ids:
                raise UserError(self.env._("“%s” has rewarded customers: archive it instead of deleting it.", rule.name))
