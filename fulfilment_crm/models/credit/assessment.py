from datetime import datetime

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import UserError

from ...tools import scoring
from ...tools.shown_date import shown_date
from ..base.told import ToldChar, _lt, told


class FulfilmentCreditAssessment(models.Model):
    """One judgement of one customer on one day: the score, what it rests on, the grade, and how it came into effect."""
    _name = 'fulfilment.credit.assessment'
    _description = 'Credit assessment'
    _inherit = [
        'fulfilment.customer.mixin', 'fulfilment.chatter.mixin', 'mail.activity.mixin', 'fulfilment.approval.mixin',
        'fulfilment.once.mixin', 'fulfilment.flow.mixin',
    ]
    _order = 'date desc, id desc'
    _mail_post_access = 'read'

    scorecard_id = fields.Many2one('fulfilment.scorecard', required=True, readonly=True, ondelete='restrict', index=True, guarded=True)
    date = fields.Date(required=True, readonly=True, index=True, guarded=True)
    occasion = fields.Selection(
        [('quarter', "Quarterly"), ('event', "After an event"), ('manual', "Asked for")], default='manual', required=True, readonly=True,
        guarded=True,
    )
    occasion_note = ToldChar(string="Event", readonly=True, guarded=True)
    score = fields.Float(readonly=True, digits=(16, 2), aggregator='avg', guarded=True)
    overdue_class = fields.Selection([('A', "A"), ('B', "B"), ('C', "C")], readonly=True, guarded=True)
    score_grade_id = fields.Many2one(
        'fulfilment.credit.grade', string="Grade by score", readonly=True, ondelete='restrict',
        help="Before caps: overdue class and vetoes.", guarded=True,
    )
    grade_id = fields.Many2one('fulfilment.credit.grade', readonly=True, ondelete='restrict', index=True, guarded=True)
    previous_grade_id = fields.Many2one('fulfilment.credit.grade', string="Grade before", readonly=True, ondelete='restrict', guarded=True)
    change = fields.Selection(
        [('first', "First grade"), ('same', "Unchanged"), ('up', "Raised"), ('down', "Lowered")], readonly=True, required=True,
        default='same', string="Change of grade", guarded=True,
    )
    turnover = fields.Float(string="Turnover then", readonly=True, digits=(16, 2), guarded=True)
    state = fields.Selection(
        [('draft', "Draft"), ('in_approval', "In approval"), ('effective', "In effect"), ('refused', "Declined")],
        default='draft', required=True, readonly=True, tracking=True, index=True, guarded=True,
    )
    _moves = {
        'draft': {'in_approval', 'effective', 'refused'}, 'in_approval': {'effective', 'refused'}, 'effective': set(), 'refused': set(),
    }
    effective_on = fields.Date(readonly=True, guarded=True)
    refused_reason = ToldChar(string="Why refused", readonly=True, guarded=True)
    inputs = fields.Json(readonly=True, help="The figures it rests on, with points and weights, as they were.", guarded=True)
    explanation = fields.Html(compute='_compute_explanation', sanitize=False)
    improvement = fields.Char(compute='_compute_explanation', string="What would raise the grade")

    @api.depends('partner_id', 'date')
    @api.depends_context('lang')
    def _compute_display_name(self):
        for assessment in self:
            day = shown_date(self.env, assessment.date) if assessment.date else ''
            assessment.display_name = f'{assessment.partner_id.display_name or ""}, {day}'

    # === ASSESSING === #

    @api.model
    def _assess(self, partners=None, as_of=None, companies=None, occasion='manual', note=None):
        """Judge customers by the scorecards in use, on figures refreshed for the purpose, and let changes of grade take their course.

        A first grade and an unchanged one are in effect at once. A lower one holds at once and passes the approval chain; a higher one
        waits for its end. A judgement that was still in approval is replaced.

        :param partners: ``res.partner``; all customers when None, on the figures of the last round
        :param date as_of: the day; each company's own today when None
        :param companies: only these (their roots); all when None
        :param str occasion: quarter, event or manual
        :param str note: what happened, for an event
        :return: the assessments made
        """
        # safe: the judgement rests on all figures, whoever asks for it; who may ask is checked by the buttons
        self = self.sudo()
        companies = (companies.sudo() if companies is not None else self.env['res.company'].search([])).root_id
        made = self.browse()
        if partners is not None:
            partners = partners.sudo().commercial_partner_id
            self.env['fulfilment.profile']._refresh(partners, as_of=as_of, companies=companies)
        for company, day in companies._fulfilment_today(as_of).items():
            only = [('partner_id', 'in', partners.ids)] if partners is not None else []
            made |= self._judge(company, day, only, occasion, note)
        try:
            with self.env.cr.savepoint():
                made._submit_changes()
        except UserError:
            if occasion != 'event':
                raise
            # What happened is on record, whoever could approve: the next round submits it, or tells what is in the way.
            made._set_provisional()
        return made

    @api.model
    def _quarter(self, company, day):
        """Return the quarter of a day, by the company's fiscal year: ``(name, first day)``."""
        # safe: reads when the fiscal year ends
        year = company.sudo().compute_fiscalyear_dates(day)['date_from']
        number = ((day.year - year.year) * 12 + day.month - year.month) // 3
        first = year + relativedelta(months=3 * number)
        if first > day:  # the year begins within a month
            first -= relativedelta(months=3)
        return f'{first:%Y-%m}', first

    @api.model
    def _claim_prefix(self, company, day, occasion):
        """Return what makes an assessment the same one, but for the customer: quarterly once a quarter, otherwise as often as asked."""
        if occasion == 'quarter':
            return f'quarter:{self._quarter(company, day)[0]}:{company.id}:'
        return f'{occasion}:{day}:{datetime.now().timestamp()}:{company.id}:'

    def _submit_changes(self):
        """Send what changes a grade into approval; a lower grade holds meanwhile."""
        changed = self.search([('id', 'in', self.ids), ('change', 'in', ('up', 'down')), ('state', '=', 'draft')])
        if not changed:
            return
        changed.action_submit()

    def _replace_older(self):
        """Withdraw what still waits of the same customers: these assessments are newer, whether they change a grade or not."""
        judged = {(one.partner_id, one.company_id) for one in self}
        waiting = self.search([
            ('partner_id', 'in', self.partner_id.ids), ('company_id', 'in', self.company_id.ids), ('state', 'in', ('draft', 'in_approval')),
            ('id', 'not in', self.ids),
        ])
        waiting.filtered(lambda one: (one.partner_id, one.company_id) in judged)._replaced()

    def _replaced(self):
        """Withdraw assessments that a newer one takes the place of."""
        self.approval_ids.filtered(lambda approval: approval.state in ('pending', 'waiting')).state = 'cancelled'
        self.activity_unlink(['fulfilment_crm.activity_type_approval', 'fulfilment_crm.activity_type_escalation'])
        self._move_to('refused', approval_state='none', refused_reason=told(self.env, _lt("Replaced by a newer assessment")))
        self._clear_provisional()

    # === APPROVAL === #

    def _check_submittable(self):
        self._check_move('in_approval')

    def _on_submitted(self):
        self._move_to('in_approval')
        self._set_provisional()

    def _on_approved(self):
        today = self.company_id._fulfilment_today()
        for day, assessments in self.grouped(lambda one: today[one.company_id]).items():
            assessments._move_to('effective', effective_on=day)
        for company, assessments in self.grouped('company_id').items():
            lines = self.env['fulfilment.credit.line']._of(assessments.partner_id, company)
            for assessment in assessments:
                lines[assessment.partner_id]._take_grade(assessment.grade_id, max(assessment.turnover, 0.0))
            self.env['fulfilment.credit.line'].concat(*lines.values())._show_on_profile()

    def _on_rejected(self, reason):
        self._move_to('refused', refused_reason=reason)
        self._clear_provisional()

    def _set_provisional(self):
        lowered = self.filtered(lambda one: one.change == 'down' and one.company_id.fulfilment_downgrade_at_once)
        for company, assessments in lowered.grouped('company_id').items():
            lines = self.env['fulfilment.credit.line']._of(assessments.partner_id, company)
            for grade, group in assessments.grouped('grade_id').items():
                self.env['fulfilment.credit.line'].concat(*(lines[partner] for partner in group.partner_id)).provisional_grade_id = grade

    def _clear_provisional(self):
        for company, assessments in self.grouped('company_id').items():
            lines = self.env['fulfilment.credit.line']._of(assessments.partner_id, company)
            self.env['fulfilment.credit.line'].concat(*lines.values()).provisional_grade_id = False

    # === EXPLANATION === #

    def _stored_calculation(self):
        """Work out score, grade and caps again from what the assessment stored: ``(score, grade code, caps hit)``."""
        self.ensure_one()
        criteria, values = self._stored_criteria()
        scorecard = self.scorecard_id
        return scoring.grade_of(criteria, values, self._stored_scale(), scorecard._caps(), scorecard.overdue_days, scorecard.data_share)

    def _stored_scale(self):
        """Return the grades and the scores they asked for at the time of the assessment."""
        self.ensure_one()
        return [(code, above) for code, above in self.inputs.get('grades') or self.env['fulfilment.credit.grade']._scale()]

    def _stored_criteria(self):
        """Return the criteria with the weights, and the values of the figures, as stored."""
        self.ensure_one()
        stored = self.inputs['criteria']
        criteria = [
            {**criterion, 'weight': stored[str(criterion['id'])][2]}
            for criterion in self.scorecard_id._criteria() if str(criterion['id']) in stored
        ]
        values = {criterion['figure']: stored[str(criterion['id'])][0] for criterion in criteria}
        return criteria, {'overdue_days_max': self.inputs.get('overdue_days_max'), **values}

    def _smallest_change(self):
        """Work out what would raise the grade: ``(figure, value, grade code, bands crossed)`` or None when no single figure does."""
        self.ensure_one()
        criteria, values = self._stored_criteria()
        figures = self.env['fulfilment.profile']._figures()
        whole = {name for name, field in figures.items() if field.type == 'integer'}
        scorecard = self.scorecard_id
        return scoring.smallest_change(
            criteria, values, self._stored_scale(), scorecard._caps(), scorecard.overdue_days, whole, scorecard.data_share,
        )
