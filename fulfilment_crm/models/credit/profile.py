from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from ...tools import scoring
from ..base.binding import binding
from ..profile.figure import FigureFloat, FigureInteger, FigureMonetary


class FulfilmentProfileJudgedMixin(models.AbstractModel):
    """What the credit room concludes from the figures; written by it alone, after the figures, and kept at month ends."""
    _name = 'fulfilment.profile.judged.mixin'
    _description = 'Judgements about a customer'

    currency_id = fields.Many2one('res.currency')  # of the company, as the profile has it

    credit_score = FigureFloat(string="Credit score", readonly=True, help="Of the latest assessment, 0 to 100.")
    credit_grade_id = fields.Many2one('fulfilment.credit.grade', string="Grade", readonly=True, ondelete='set null')
    overdue_class = fields.Selection(
        [('A', "A"), ('B', "B"), ('C', "C")], readonly=True,
        help="By the longest delay at the latest assessment: A none, B up to 30 days, C more.",
    )
    credit_limit = FigureMonetary(
        string="Credit limit", readonly=True,
        help="What orders are held against: the limit of a lower grade proposed counts already. Empty: no limit.",
    )
    credit_used = FigureFloat(string="Limit used (%)", readonly=True, help="Exposure ÷ credit limit.")
    credit_grade_fall = FigureInteger(
        string="Grades lost", readonly=True, aggregator='max',
        help="How many grades the present one, or a lower one proposed, lies below the highest of the last three months. Empty without a "
             "grade.",
    )
    credit_grade_rise = FigureInteger(
        string="Grades won", readonly=True, aggregator='max',
        help="How many grades the present one lies above the lowest it was raised from in the last three months. Empty without a grade.",
    )


class FulfilmentProfileHistory(models.Model):
    _name = 'fulfilment.profile.history'
    _inherit = ['fulfilment.profile.history', 'fulfilment.profile.judged.mixin']


class FulfilmentProfile(models.Model):
    _name = 'fulfilment.profile'
    _inherit = ['fulfilment.profile', 'fulfilment.profile.judged.mixin']

    credit_grade_id = fields.Many2one(index='btree_not_null')
    credit_line_id = fields.Many2one('fulfilment.credit.line', string="Credit line", compute='_compute_credit_line_id')
    provisional_grade_id = fields.Many2one(
        'fulfilment.credit.grade', string="Lower grade proposed", compute='_compute_credit_line_id', help="Counts for orders already.",
    )
    assessment_ids = fields.One2many('fulfilment.credit.assessment', 'profile_id', string="Assessments")

    @api.model
    def _judged(self):
        return [
            *super()._judged(), 'credit_score', 'credit_grade_id', 'overdue_class', 'credit_limit', 'credit_used', 'credit_grade_fall',
            'credit_grade_rise',
        ]

    @api.model
    def _refresh(self, partners=None, as_of=None, companies=None):
        """Bring what is held against the figures up to date with them; the full round has its own place in the day for it."""
        changed = super()._refresh(partners, as_of=as_of, companies=companies)
        if partners:
            # safe: as in _refresh
            domain = [('partner_id', 'in', partners.sudo().commercial_partner_id.ids)]
            if companies is not None:
                domain.append(('company_id', 'in', companies.sudo().root_id.ids))
            for company, profiles in self.sudo().search(domain).grouped('company_id').items():
                self.env['fulfilment.credit.line'].sudo()._show_all(company, profiles=profiles)
        return changed

    @api.depends('partner_id', 'company_id')
    def _compute_credit_line_id(self):
        lines = self.env['fulfilment.credit.line'].search_fetch([('partner_id', 'in', self.partner_id.ids)])
        found = {(line.partner_id, line.company_id): line for line in lines}
        for profile in self:
            profile.credit_line_id = found.get((profile.partner_id, profile.company_id), False)
            profile.provisional_grade_id = profile.credit_line_id.provisional_grade_id

    def action_assess(self):
        """Assess these customers now, on figures as of now.

        :return: action that opens the assessments
        :raise UserError: when none of them can be graded, saying why
        """
        self.env['fulfilment.credit.assessment'].check_access('write')
        if others := self.company_id - self.env.companies:
            # safe: the name of the company of a customer whose profile the user reads
            raise AccessError(self.env._("Customers of %s are assessed there.", ', '.join(others.sudo().mapped('name'))))
        assessments = self.env['fulfilment.credit.assessment']
        for company, profiles in self.grouped('company_id').items():
            assessments |= assessments._assess(profiles.partner_id, companies=company)
        if not assessments:
            raise UserError('\n'.join(self._why_not_graded()))
        return assessments._get_records_action(name=self.env._("Credit assessment"))

    def action_open_last_assessment(self):
        """Open the assessment that gave the grade in effect; the list where a grade came otherwise."""
        self.ensure_one()
        self.check_access('read')
        last = self.assessment_ids.filtered(lambda one: one.state == 'effective')[:1]  # the latest comes first
        return last._get_records_action(name=self.env._("Credit assessment")) if last else \
            self.with_context(facts='assessments').action_open_records()

    def _why_not_graded(self):
        """Explain, in a sentence for each of these customers, why there is no grade: too little data, or no scorecard."""
        scorecards = binding(self.env['fulfilment.scorecard']).search([('state', '=', 'active')], order='sequence, id')
        sentences = []
        for profile in self:
            scorecard = next((
                one for one in scorecards
                if one.company_id in (one.company_id.browse(), profile.company_id) and profile.filtered_domain(one._parsed_domain())
            ), None)
            if not scorecard:
                sentences.append(self.env._("%s is not graded: no scorecard in use serves this customer.", profile.partner_id.display_name))
                continue
            criteria = scorecard._criteria()
            share = scoring.data_share(criteria, {one['figure']: profile[one['figure']] for one in criteria})
            sentences.append(self.env._(
                "%(customer)s is not graded: %(share)s %% of the weight of scorecard “%(scorecard)s” rests on data, "
                "%(least)s %% are needed. Enter a statement or an external score, or assess again when invoices have come due.",
                customer=profile.partner_id.display_name, share=f'{share:.0f}', scorecard=scorecard.name, least=f'{scorecard.data_share:g}',
            ))
        return sentences
