from odoo import api, fields, models
from odoo.exceptions import ValidationError

KINDS = [('periodic', "Periodic review"), ('stage', "Stage evaluation"), ('inspection', "Inspection")]
STAGES = [('signing', "Up to signing"), ('performance', "Performance"), ('settlement', "Settlement and collection")]
PERIODS = [('month', "Monthly"), ('quarter', "Quarterly"), ('half', "Twice a year"), ('year', "Yearly")]
AREAS = [
    ('contract', "Contracts"), ('milestone', "Milestones"), ('communication', "Communication"), ('file', "Customer files"),
    ('service', "Service"), ('approval', "Approvals"), ('law', "Law and clauses"), ('collection', "Money owed"),
]
# What a mark can be suggested from; each has its method ``_measure_<key>`` in ``review_facts.py``.
MEASURES = [
    ('on_time_us', "Our duties on time"), ('on_time_customer', "The customer's duties on time"), ('amendments', "Amendments"),
    ('disputes', "Disputes"), ('damages', "Damages for our delay"), ('satisfaction', "Satisfaction"), ('complaints', "Complaints"),
    ('approval_days', "Days to approval"),
]


class FulfilmentReviewPlan(models.Model):
    """Which reviews are made, how often, by whom and with which questions. The first plan that fits decides."""
    _name = 'fulfilment.review.plan'
    _description = 'Plan of reviews'
    _inherit = ['fulfilment.lookup.mixin', 'fulfilment.audit.mixin', 'mail.thread', 'fulfilment.condition.mixin']

    _condition_model = 'fulfilment.contract'

    kind = fields.Selection(KINDS, required=True, default='periodic', tracking=True)
    period = fields.Selection(PERIODS, string="How often", required=True, default='quarter', tracking=True)
    stage = fields.Selection(STAGES, string="After which stage", tracking=True)
    area = fields.Selection(AREAS, string="What is inspected", tracking=True)
    domain = fields.Char(string="Of which contracts", default='[]', tracking=True, help="All when empty. The first plan that fits decides.")
    tier_ids = fields.Many2many('fulfilment.tier', string="Only customers of tier", tracking=True, help="All when empty.")
    user_id = fields.Many2one(
        'res.users', string="Reviewed by", ondelete='set null', tracking=True, domain="[('share', '=', False)]",
        help="Empty: by whoever is responsible for the contract.",
    )
    due_days = fields.Integer(string="Days to finish it", default=14, tracking=True, help="From the day it is made.")
    receiver_ids = fields.Many2many(
        'res.users', 'fulfilment_review_plan_receiver_rel', string="Report also to", tracking=True, domain="[('share', '=', False)]",
        help="Beside whoever is responsible for the contract, who leads the team, and who has a corrective action.",
    )
    question_ids = fields.One2many('fulfilment.review.question', 'plan_id', string="Questions", copy=True)

    _days_check = models.Constraint('CHECK(due_days BETWEEN 0 AND 3650)', "A review is finished within ten years.")

    @api.constrains('kind', 'stage', 'area', 'user_id')
    def _check_kind(self):
        for plan in self:
            if plan.kind == 'stage' and not plan.stage:
                raise ValidationError(self.env._("“%s”: say after which stage it evaluates.", plan.name))
            if plan.kind == 'inspection' and not (plan.area and plan.user_id):
                raise ValidationError(self.env._("“%s”: say what is inspected, and by whom.", plan.name))

    @api.model_create_multi
    def create(self, vals_list):
        plans = super().create(vals_list)
        plans._plan_again()
        return plans

    def write(self, vals):
        result = super().write(vals)
        if vals.keys() & {'kind', 'period', 'domain', 'tier_ids', 'active', 'company_id', 'sequence'}:
            self._plan_again()
        return result

    def _plan_again(self):
        """Have the next reviews of contracts planned anew, by the plans as they are now."""
        if 'periodic' in self.mapped('kind'):
            # safe: when the next review falls follows from the plans, which the user may change
            self.env['fulfilment.contract'].sudo().search([('review_next', '!=', False)]).review_next = False

    @api.model
    def _plans_of(self, contracts, kind, stage=None):
        """Return the plan that decides for each contract: ``{contract: plan}``, without those that none fits.

        :param contracts: of any companies, as superuser
        :param str kind: periodic or stage
        :param str stage: of a stage evaluation
        """
        # safe: plans bind whoever asks
        plans = self.sudo().search([('kind', '=', kind), *([('stage', '=', stage)] if stage else [])])
        tiers, left, found = contracts._tiers(), contracts, {}
        for plan in plans:
            fitting = left.filtered_domain(plan._parsed_domain()).filtered(
                lambda one, plan=plan: (not plan.company_id or plan.company_id in one.company_id.sudo().parent_ids)  # safe: as above
                and (not plan.tier_ids or tiers.get(one, plan.tier_ids.browse()) & plan.tier_ids)
            )
            found.update(dict.fromkeys(fitting, plan))
            left -= fitting
        return found


class FulfilmentReviewQuestion(models.Model):
    """A question of a plan with its weight, and the fact its mark is suggested from."""
    _name = 'fulfilment.review.question'
    _description = 'Question of reviews'
    _inherit = ['fulfilment.audit.part.mixin']
    _order = 'sequence, id'

    plan_id = fields.Many2one('fulfilment.review.plan', required=True, index=True, ondelete='cascade')
    company_id = fields.Many2one(related='plan_id.company_id', store=True, index=True)
    sequence = fields.Integer(default=10, tracking=True)
    name = fields.Char(string="Question", required=True, translate=True, tracking=True)
    weight = fields.Float(default=1.0, tracking=True, digits=(6, 2))
    measure = fields.Selection(MEASURES, string="Suggested from", tracking=True, help="Empty: the reviewer alone gives the mark.")

    _audit_field = 'plan_id'
    _weight_check = models.Constraint('CHECK(weight >= 0 AND weight <= 1000)', "Weights lie between 0 and 1,000.")


class FulfilmentContract(models.Model):
    _inherit = 'fulfilment.contract'

    def _tiers(self):
        """Return the tier of each contract's customer: ``{contract: tier}``, of those who have one."""
        # safe: chooses a plan; what tier a customer has is not shown
        profiles = self.env['fulfilment.profile'].sudo().search([
            ('partner_id', 'in', self.commercial_partner_id.ids), ('company_id', 'in', self.company_id.root_id.ids),
            ('tier_id', '!=', False),
        ])
        tiers = {(one.partner_id, one.company_id): one.tier_id for one in profiles}
        return {one: tiers[key] for one in self if (key := (one.commercial_partner_id, one.company_id.root_id)) in tiers}
