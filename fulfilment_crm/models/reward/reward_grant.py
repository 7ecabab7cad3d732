from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from ..base.deletion import before_deletion
from ..base.told import ToldText, _lt, told

OPEN = ('proposed', 'in_approval', 'granted')  # what can still fall away


class FulfilmentRewardGrant(models.Model):
    """A reward a customer was given, why, what it cost, and what became of it."""
    _name = 'fulfilment.reward.grant'
    _description = 'Reward'
    _inherit = [
        'fulfilment.customer.mixin', 'fulfilment.reward.terms', 'fulfilment.once.mixin', 'fulfilment.approval.mixin',
        'fulfilment.chatter.mixin', 'mail.activity.mixin', 'fulfilment.flow.mixin',
    ]
    _order = 'date desc, id desc'
    _mail_post_access = 'read'
    _rec_names_search = ('partner_id.name', 'rule_id.name')

    # What for
    rule_id = fields.Many2one('fulfilment.reward.rule', readonly=True, index='btree_not_null', ondelete='restrict', guarded=True)
    partner_id = fields.Many2one(ondelete='restrict')
    ticket_id = fields.Many2one('fulfilment.ticket', readonly=True, index='btree_not_null', ondelete='set null', guarded=True)
    budget_id = fields.Many2one('fulfilment.reward.budget', readonly=True, index='btree_not_null', ondelete='restrict', guarded=True)
    period = fields.Char(readonly=True, guarded=True)
    period_start = fields.Date(readonly=True, index='btree_not_null', guarded=True)
    period_end = fields.Date(readonly=True, guarded=True)
    date = fields.Date(required=True, readonly=True, help="The day the customer was found to deserve it.", guarded=True)
    condition = fields.Char(readonly=True, help="The condition of the rule as it was. Empty: somebody decided.", guarded=True)
    figures = fields.Json(readonly=True, help="The figures the condition names, as they were.", guarded=True)
    reason = fields.Text(readonly=True, help="The figures it rests on.", guarded=True)
    reason_told = fields.Text(string="Rests on", compute='_compute_reason_told', help="The figures it rests on, in your language.")

    # What
    cost = fields.Monetary(readonly=True, tracking=True, guarded=True)
    state = fields.Selection(
        [
            ('proposed', "Proposed"), ('in_approval', "In approval"), ('granted', "In force"), ('ended', "Ended"),
            ('taken_back', "Taken back"), ('refused', "Declined"),
        ],
        required=True, readonly=True, default='proposed', tracking=True, index=True, guarded=True,
    )
    _moves = {
        'proposed': {'in_approval', 'granted', 'refused'}, 'in_approval': {'granted', 'refused'}, 'granted': {'ended', 'taken_back'},
        'ended': set(), 'taken_back': set(), 'refused': set(),
    }
    granted_on = fields.Date(string="Granted on", readonly=True, guarded=True)
    ends_on = fields.Date(
        string="Until", readonly=True, index='btree_not_null', help="The last day it holds. Empty: without end.", guarded=True,
    )
    card_id = fields.Many2one(
        'loyalty.card', string="Card or coupon", readonly=True, index='btree_not_null', ondelete='set null',
        groups='fulfilment_crm.group_manager,sales_team.group_sale_salesman',  # its name is a code that can be spent
        guarded=True,
    )
    before = fields.Json(readonly=True, help="What held before, to go back to.", guarded=True)
    given = fields.Json(
        string="Put in its place", readonly=True, help="What was put in its place, to see whether somebody has changed it since.",
        guarded=True,
    )
    outcome = ToldText(readonly=True, help="What became of it.", guarded=True)

    # What is left of it
    is_used = fields.Boolean(string="Taken up", readonly=True, tracking=True, help="The training took place.", guarded=True)
    taken_back_on = fields.Date(string="Taken back on", readonly=True, guarded=True)
    taken_back_reason = ToldText(string="Why taken back", readonly=True, guarded=True)
    used = fields.Float(
        string="Used already", readonly=True, digits=(16, 2), aggregator=None,
        help="When it was taken back: points spent, days over, or 1 for a coupon or training.", guarded=True,
    )
    not_recovered = fields.Monetary(
        string="Not recovered", readonly=True, help="The part of the cost that stays with us, because it was used already.",
        guarded=True,
    )

    cost_borne = fields.Monetary(
        string="Cost borne", compute='_compute_cost_borne', store=True,
        help="What counts against the budget: of what was refused nothing, of what was taken back the part that was used.",
    )

    @api.model
    def _is_guarded(self, field):
        return field.name in self._term_names() or super()._is_guarded(field)

    @api.depends('cost', 'state', 'not_recovered')
    def _compute_cost_borne(self):
        for grant in self:
            grant.cost_borne = 0.0 if grant.state == 'refused' else grant.not_recovered if grant.state == 'taken_back' else grant.cost

    @api.depends('rule_id.name', 'effect', 'partner_id')
    @api.depends_context('lang')
    def _compute_display_name(self):
        labels = dict(self._fields['effect']._description_selection(self.env))
        for grant in self:
            # safe: the name of the rule and the customer of a reward the user may read
            what = grant.sudo().rule_id.name or labels.get(grant.effect, '')
            grant.display_name = f'{what}: {grant.sudo().partner_id.name or ""}'

    @before_deletion
    def _unlink_except_on_record(self):
        raise UserError(self.env._("Rewards stay on record: take them back instead of deleting them."))

    # === ACTION METHODS === #

    def action_take_back(self, reason=None):
        """Take rewards back, as far as they are not used already.

        :param str reason: why; asked for in a dialog when missing
        """
        self = self.union()  # a call may name a record twice
        self.check_access('write')
        for grant in self:
            if grant.state not in OPEN:
                raise UserError(self.env._("%s is over already.", grant.display_name))
        if not (reason or '').strip():
            return self._ask_reason('action_take_back', self.env._("Take back"))
        today = self.company_id._fulfilment_today()
        # safe: the fields are guarded; the right to write was checked
        for day, grants in self.sudo().grouped(lambda one: today[one.company_id]).items():
            grants._take_back(reason.strip(), day)
        return True

    def action_mark_used(self):
        """Note that the training a customer was offered took place."""
        self.check_access('read')
        for grant in self:
            if grant.effect != 'training' or grant.state != 'granted' or grant.is_used:
                raise UserError(self.env._("%s is no training that is still to be given.", grant.display_name))
            if grant.user_id != self.env.user and not grant.has_access('write'):
                raise AccessError(self.env._("%s is for its responsible or a team leader to note.", grant.display_name))
        # safe: checked above
        self.sudo().is_used = True
        self.sudo().activity_feedback(['fulfilment_crm.activity_type_reward'])
        return True

    # === GRANTING === #

    @api.model
    def _prepare_vals(self, rule, company, day, profile, budget):
        """Prepare the row of one proposed reward by a rule."""
        name = budget.period
        return {
            'claim_key': f'reward {rule.id}: {name}, company {company.id}, profile {profile.id}', 'rule_id': rule.id,
            'partner_id': profile.partner_id.id, 'company_id': company.id, 'profile_id': profile.id,
            'user_id': (profile.user_id or profile.partner_id.user_id).id, 'period': name, 'period_start': budget.period_start,
            'period_end': budget.period_end,
            'date': day, 'cost': rule._cost_in(company), **rule._terms_copied(),
        }

    @api.model
    def _propose(self, rule, company, day, profiles, budget=None):
        """Claim a reward for each profile and note its cost on the budget.

        :param budget: row whose turn this is, where the condition of the rule decides; None where somebody decides about a customer
        :return: the grants made; none for customers who have it already
        :raise UserError: when a single reward does not fit the budget
        """
        by_condition = budget is not None
        if not by_condition:
            budget = self.env['fulfilment.reward.budget']._of(rule, company, day)
            budget._lock()
            left = budget._fitting(rule._cost_in(company))
            if left is not None and left < len(profiles):
                raise UserError(self.env._(
                    "The budget of “%(rule)s” for %(period)s is used up. Raise it, or wait for the next period.", rule=rule.name,
                    period=budget.period,
                ))
        grants = self.with_context(tracking_disable=True)._claim([{
            **self._prepare_vals(rule, company, day, profile, budget), **(self._basis_vals(rule, profile) if by_condition else {}),
            'budget_id': budget.id,
        } for profile in profiles]).with_env(self.env)
        budget._spend(sum(grants.mapped('cost')))
        return grants

    def _begin(self, day, approval):
        """Give new rewards, or send them into approval.

        :param bool approval: whether somebody has to agree
        :return: ``{effect: count}``
        """
        if not self:
            return {}
        self._follow_quietly()
        if approval:
            self.action_submit()
        else:
            self._give(day)
        given = self.filtered(lambda one: one.state == 'granted')
        return {'rewards granted': len(given), 'rewards to approve': len(self - given)}

    def _give(self, day):
        """Do what the rewards consist of, each effect for all of its grants in one go, and tell the customers."""
        for grant in self:
            grant.ends_on = fields.Date.add(day, days=grant.days - 1) if grant.days and grant._lasts_days() else False
        self._move_to('granted', granted_on=day)
        for effect, grants in self.grouped('effect').items():
            getattr(grants, f'_effect_{effect}')()
        self._tell_customers()

    # === ENDING === #

    def _end(self, day):
        """End what is over: terms go back to what they were, if nobody has changed them since.

        :return: ``{effect: count}``
        """
        for effect, grants in self.grouped('effect').items():
            if effect in self._timed_effects():
                getattr(grants, f'_take_back_{effect}')(day)
        self._move_to('ended')
        return {'rewards ended': len(self)}

    def _take_back(self, reason, day):
        """Take rewards back as far as they are not used, and free their budget by what comes back.

        :return: ``{effect: count}``
        """
        given = self.filtered(lambda one: one.state == 'granted')
        (self - given)._withdraw(reason, day)
        for effect, grants in given.grouped('effect').items():
            getattr(grants, f'_take_back_{effect}')(day)
            if effect in self._timed_effects():
                grants._note_days_over(day)
        given._move_to('taken_back', taken_back_on=day, taken_back_reason=reason)
        given._free_budget()
        return {'rewards taken back': len(self)}

    def _withdraw(self, reason, day):
        """Take back what was not given yet."""
        self.approval_ids.filtered(lambda approval: approval.state in ('pending', 'waiting')).state = 'cancelled'
        self.activity_unlink(['fulfilment_crm.activity_type_approval', 'fulfilment_crm.activity_type_escalation'])
        self._move_to('refused', approval_state='none', taken_back_on=day, taken_back_reason=reason)
        self._free_budget()

    def _free_budget(self):
        """Free what is not spent any more: it is there for others again."""
        for budget, grants in self.grouped('budget_id').items():
            if budget:
                budget._lock()
                budget._spend(-sum(grant.cost - grant.not_recovered for grant in grants))

    # === APPROVAL === #

    def _check_submittable(self):
        self._check_move('in_approval')

    def _approval_amounts(self):
        return {grant: grant.cost for grant in self}

    def _on_submitted(self):
        self._move_to('in_approval')

    def _on_approved(self):
        today = self.company_id._fulfilment_today()
        # Without a chain nobody has decided since: it is given on the day it was found deserved.
        for day, grants in self.grouped(lambda one: today[one.company_id] if one.approval_by_chain else one.date).items():
            lost = grants._without_gain()
            lost._withdraw(told(self.env, _lt("The customer has as much or more by now.")), day)
            (grants - lost)._give(day)

    def _on_rejected(self, reason):
        self._move_to('refused', taken_back_reason=reason)
        self._free_budget()


class FulfilmentRewardRule(models.Model):
    _inherit = 'fulfilment.reward.rule'

    def _terms_copied(self):
        """Return the terms a grant keeps, for create."""
        self.ensure_one()
        return {name: self[name].id if self._fields[name].relational else self[name] for name in self._term_names()}
