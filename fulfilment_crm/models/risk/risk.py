from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain

from ..base.guard_mixin import check_reach
from ..base.to_do_mixin import check_colleagues
from ..profile.figure import FigureInteger

CATEGORIES = [('default', "Default"), ('market', "Market"), ('legal', "Law"), ('delivery', "Delivery"), ('other', "Other")]
LEVELS = [('low', "Low"), ('medium', "Medium"), ('high', "High"), ('critical', "Critical")]
STATES = [
    ('open', "Open"), ('mitigated', "Mitigated"), ('accepted', "Accepted as it is"), ('occurred', "Occurred"), ('closed', "Risk closed"),
]
LIVE = ('open', 'mitigated', 'accepted')  # may still happen


class FulfilmentRisk(models.Model):
    """What may go wrong with a customer or contract: how likely, how grave, and what is done about it."""
    _name = 'fulfilment.risk'
    _description = 'Risk'
    _inherit = [
        'fulfilment.guard.mixin', 'fulfilment.chatter.mixin', 'mail.activity.mixin', 'fulfilment.to.do.mixin', 'fulfilment.flow.mixin',
    ]
    _order = 'score desc, id desc'
    _check_company_auto = True
    _mail_post_access = 'read'

    # Identity
    name = fields.Char(string="Risk", required=True, tracking=True, help="What may happen, in a few words.")
    active = fields.Boolean(default=True)
    category = fields.Selection(CATEGORIES, required=True, default='other', index=True, tracking=True)
    description = fields.Text(help="What would bring it about, and what would follow.")
    company_id = fields.Many2one('res.company', required=True, index=True, default=lambda self: self.env.company)
    contract_id = fields.Many2one('fulfilment.contract', index='btree_not_null', ondelete='set null', check_company=True, tracking=True)
    commercial_partner_id = fields.Many2one(
        'res.partner', string="Customer", compute='_compute_commercial_partner_id', store=True, readonly=False, precompute=True,
        index=True, ondelete='restrict', tracking=True, help="That of the contract, when there is one.",
    )
    # People and dates
    user_id = fields.Many2one(
        'res.users', string="Owner", required=True, default=lambda self: self.env.user, index=True, ondelete='restrict', tracking=True,
        check_company=True, domain="[('share', '=', False)]", help="Whoever sees to the mitigation and reviews the risk.",
    )
    next_review = fields.Date(string="Next review", tracking=True, default=lambda self: self._default_next_review())
    reviewed_on = fields.Date(string="Last reviewed", readonly=True, copy=False, guarded=True)
    # How likely and how grave
    likelihood = fields.Integer(required=True, default=3, aggregator=None, tracking=True, help="From 1, rare, to 5, almost certain.")
    impact = fields.Integer(required=True, default=3, aggregator=None, tracking=True, help="From 1, hardly felt, to 5, threatens the firm.")
    score = fields.Integer(
        compute='_compute_score', store=True, precompute=True, index=True, aggregator='avg', help="Likelihood × impact, from 1 to 25.",
    )
    level = fields.Selection(
        LEVELS, compute='_compute_level', store=True, precompute=True, index=True, help="By the thresholds in the settings.",
    )
    # What is done about it
    mitigation = fields.Html(help="What makes it less likely or less grave, and who does what.")
    date_mitigation = fields.Date(string="Mitigation due", tracking=True)
    residual_likelihood = FigureInteger(
        string="Likelihood after", aggregator=None, tracking=True, help="After the mitigation. Empty: not judged yet.",
    )
    residual_impact = FigureInteger(
        string="Impact after", aggregator=None, tracking=True, help="After the mitigation. Empty: not judged yet.",
    )
    residual_score = FigureInteger(
        string="Score after", compute='_compute_residual', store=True, aggregator='avg', help="Likelihood × impact after the mitigation.",
    )
    residual_level = fields.Selection(LEVELS, string="Level after", compute='_compute_residual', store=True)
    # State
    state = fields.Selection(
        STATES, required=True, readonly=True, default='open', copy=False, index=True, tracking=True, group_expand=True, guarded=True,
    )
    _moves = {
        'open': {'mitigated', 'accepted', 'occurred', 'closed'},
        'mitigated': {'open', 'accepted', 'occurred', 'closed'},
        'accepted': {'open', 'mitigated', 'occurred', 'closed'},
        'occurred': {'open', 'closed'},
        'closed': {'open'},
    }
    state_reason = fields.Char(string="Reason", readonly=True, copy=False, help="Why it is accepted, closed or open again.", guarded=True)
    occurred_on = fields.Date(string="Occurred on", readonly=True, copy=False, guarded=True)
    closed_on = fields.Date(string="Closed on", readonly=True, copy=False, guarded=True)
    is_review_due = fields.Boolean(string="Review due", compute='_compute_due', search='_search_is_review_due')
    is_mitigation_late = fields.Boolean(string="Mitigation late", compute='_compute_due', search='_search_is_mitigation_late')
    review_told = fields.Boolean(readonly=True, copy=False, help="The owner has the to-do for the next review.", guarded=True)
    mitigation_told = fields.Boolean(readonly=True, copy=False, help="The owner has the to-do for the mitigation.", guarded=True)

    _scale_check = models.Constraint(
        'CHECK(likelihood BETWEEN 1 AND 5 AND impact BETWEEN 1 AND 5)', "Likelihood and impact lie between 1 and 5.",
    )
    _residual_check = models.Constraint(
        'CHECK(COALESCE(residual_likelihood, 1) BETWEEN 1 AND 5 AND COALESCE(residual_impact, 1) BETWEEN 1 AND 5)',
        "Likelihood and impact after the mitigation lie between 1 and 5, or are empty.",
    )
    _review_idx = models.Index("(next_review) WHERE state <> 'closed' AND review_told IS NOT TRUE")
    _mitigation_idx = models.Index("(date_mitigation) WHERE state = 'open' AND mitigation_told IS NOT TRUE")

    # === DEFAULT AND COMPUTE METHODS === #

    @api.model
    def _default_next_review(self):
        company = self.env.company
        return fields.Date.add(company._fulfilment_today()[company], days=company.fulfilment_risk_review_days)

    @api.depends('contract_id')
    def _compute_commercial_partner_id(self):
        # As the user: whose an unreadable contract is stays hidden.
        readable = self.contract_id.sudo(False)._filtered_access('read')
        for risk in self:
            known = risk.contract_id in readable
            risk.commercial_partner_id = known and risk.contract_id.commercial_partner_id or risk.commercial_partner_id

    @api.depends('likelihood', 'impact')
    def _compute_score(self):
        for risk in self:
            risk.score = risk.likelihood * risk.impact

    @api.depends(
        'score', 'company_id.fulfilment_risk_medium', 'company_id.fulfilment_risk_high', 'company_id.fulfilment_risk_critical',
    )
    def _compute_level(self):
        for risk in self:
            risk.level = (risk.company_id or self.env.company)._fulfilment_risk_level(risk.score)

    @api.depends(
        'residual_likelihood', 'residual_impact', 'company_id.fulfilment_risk_medium', 'company_id.fulfilment_risk_high',
        'company_id.fulfilment_risk_critical',
    )
    def _compute_residual(self):
        for risk in self:
            judged = risk.residual_likelihood is not None and risk.residual_impact is not None
            risk.residual_score = risk.residual_likelihood * risk.residual_impact if judged else None
            risk.residual_level = (risk.company_id or self.env.company)._fulfilment_risk_level(risk.residual_score) if judged else False

    @api.depends('state', 'next_review', 'date_mitigation', 'company_id')
    @api.depends_context('as_of')
    def _compute_due(self):
        today = self.company_id._fulfilment_today(reading=True)
        for risk in self:
            day = today.get(risk.company_id)
            risk.is_review_due = bool(day and risk.state != 'closed' and risk.next_review and risk.next_review <= day)
            risk.is_mitigation_late = bool(day and risk.state == 'open' and risk.date_mitigation and risk.date_mitigation < day)

    def _search_is_review_due(self, operator, value):
        if operator != 'in':
            return NotImplemented
        domain = Domain('state', '!=', 'closed') & self._on_each_day('next_review', '<=')
        return domain if True in value else ~domain

    def _search_is_mitigation_late(self, operator, value):
        if operator != 'in':
            return NotImplemented
        domain = Domain('state', '=', 'open') & self._on_each_day('date_mitigation', '<')
        return domain if True in value else ~domain

    @api.model
    def _on_each_day(self, field, operator):
        """Return the domain that compares a date with the today of each record's company."""
        return Domain.OR(
            Domain('company_id', 'in', companies.ids) & Domain(field, operator, day)
            for day, companies in self.env['res.company']._fulfilment_companies_by_day().items()
        )

    # === CONSTRAINT METHODS === #

    @api.constrains('user_id')
    def _check_owner(self):
        check_colleagues(self)

    @api.constrains('contract_id', 'commercial_partner_id')
    def _check_customer(self):
        for risk in self:
            if risk.contract_id and risk.contract_id.commercial_partner_id != risk.commercial_partner_id:
                raise ValidationError(self.env._(
                    "Contract %(contract)s is with %(customer)s, so the risk “%(risk)s” is one of that customer: leave the customer to "
                    "the contract.",
                    contract=risk.contract_id.name, customer=risk.contract_id.commercial_partner_id.display_name, risk=risk.name,
                ))

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su:
            check_reach(self, [self.default_get(['contract_id'])])
        return super().create([self._of_company(vals) for vals in vals_list])

    def write(self, vals):
        vals = self._of_company(vals)
        moved = {
            told: self.filtered(lambda risk, name=name: risk[name] != fields.Date.to_date(vals[name]))
            for name, told in (('next_review', 'review_told'), ('date_mitigation', 'mitigation_told')) if name in vals
        }
        result = super().write(vals)
        for told, risks in moved.items():
            if risks:
                # safe: another date is told of anew; the user was allowed to set it
                risks.sudo()._forget_to_dos(told)
        if 'user_id' in vals:
            # safe: the to-dos of a risk go with its owner
            self.sudo().activity_ids.filtered('automated').with_context(mail_activity_quick_update=True).user_id = vals['user_id']
            self.sudo()._tell_again()
        return result

    @api.model
    def _of_company(self, vals):
        """Put its company in place of a contact; where only a contract is given, that says whose the risk is."""
        if not vals.get('commercial_partner_id'):
            return {name: value for name, value in vals.items() if name != 'commercial_partner_id'} if vals.get('contract_id') else vals
        partner = self.env['res.partner'].browse(vals['commercial_partner_id'])
        return {**vals, 'commercial_partner_id': partner.commercial_partner_id.id}

    def _mail_get_partner_fields(self, introspect_fields=False):
        return ['commercial_partner_id']
