from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ...tools.evaluation import score
from ...tools.shown_date import shown_date
from ..base.deletion import before_deletion
from ..base.guard_mixin import without_unchanged
from ..base.to_do_mixin import check_colleagues
from ..profile.figure import FigureFloat, FigureInteger
from .review_plan import AREAS, KINDS, MEASURES, STAGES

MARKS = [('1', "1 Poor"), ('2', "2 Weak"), ('3', "3 Fair"), ('4', "4 Good"), ('5', "5 Very good")]
ENDED = ('reported', 'closed')


class FulfilmentReview(models.Model):
    """A review with what it saw: the figures and milestones as they stood, marks, findings and what was concluded."""
    _name = 'fulfilment.review'
    _description = 'Review'
    _inherit = [
        'fulfilment.once.mixin', 'fulfilment.machine.mixin', 'fulfilment.chatter.mixin', 'mail.activity.mixin', 'fulfilment.flow.mixin',
        'fulfilment.guard.mixin',
    ]
    _order = 'date desc, id desc'
    _mail_post_access = 'read'
    _to_do_type = 'fulfilment_crm.activity_type_review'
    _rec_names_search = ('contract_id.name', 'partner_id.name')

    # Of what
    kind = fields.Selection(KINDS, required=True, readonly=True, default='periodic', index=True, guarded=True)
    plan_id = fields.Many2one('fulfilment.review.plan', string="By plan", readonly=True, index=True, ondelete='set null', guarded=True)
    stage = fields.Selection(STAGES, readonly=True, guarded=True)
    area = fields.Selection(AREAS, string="Inspected", readonly=True, guarded=True)
    contract_id = fields.Many2one('fulfilment.contract', readonly=True, index='btree_not_null', ondelete='restrict', guarded=True)
    partner_id = fields.Many2one(related='contract_id.commercial_partner_id', string="Customer", store=True, index=True)
    company_id = fields.Many2one('res.company', required=True, readonly=True, index=True, ondelete='restrict', guarded=True)
    currency_id = fields.Many2one('res.currency', readonly=True, guarded=True)
    date = fields.Date(string="As of", required=True, readonly=True, guarded=True, help="The day whose facts were kept.")
    period_start = fields.Date(string="Period from", readonly=True, guarded=True)
    period_end = fields.Date(string="Period until", readonly=True, guarded=True)

    # By whom, until when
    user_id = fields.Many2one(
        'res.users', string="Reviewer", index='btree_not_null', ondelete='set null', tracking=True, domain="[('share', '=', False)]",
    )
    date_due = fields.Date(string="To be finished by", tracking=True, index='btree_not_null')
    is_late = fields.Boolean(string="Overdue", compute='_compute_is_late', search='_search_is_late')
    meeting_id = fields.Many2one('calendar.event', readonly=True, copy=False, ondelete='set null', guarded=True)
    late_told = fields.Boolean(readonly=True, copy=False, guarded=True, help="Somebody above was told that it is late.")

    # What it saw, kept as it was
    line_ids = fields.One2many('fulfilment.review.line', 'review_id', string="Milestones as they stood")
    check_ids = fields.One2many('fulfilment.review.check', 'review_id', string="Checks as they stood")
    milestone_count = fields.Integer(string="Milestones", readonly=True, guarded=True)
    late_us = fields.Integer(string="Late by us", readonly=True, guarded=True)
    late_customer = fields.Integer(string="Late by the customer", readonly=True, guarded=True)
    rate_us = FigureFloat(string="Ours on time (%)", readonly=True, aggregator='avg', digits=(5, 2), guarded=True)
    rate_customer = FigureFloat(string="Theirs on time (%)", readonly=True, aggregator='avg', digits=(5, 2), guarded=True)
    amount_total = fields.Monetary(string="Contract amount", readonly=True, guarded=True)
    amount_paid = fields.Monetary(string="Paid", readonly=True, guarded=True)
    amount_late = fields.Monetary(string="Due and not paid", readonly=True, guarded=True)
    damages_us = fields.Monetary(string="Damages we owe", readonly=True, guarded=True)
    damages_customer = fields.Monetary(string="Damages they owe", readonly=True, guarded=True)
    dispute_count = fields.Integer(string="Open disputes", readonly=True, guarded=True)
    ticket_count = fields.Integer(string="Open tickets", readonly=True, guarded=True)
    breach_count = fields.Integer(string="Breach cases under way", readonly=True, guarded=True)

    # What is made of it
    answer_ids = fields.One2many('fulfilment.review.answer', 'review_id', string="Questions and marks")
    score = FigureFloat(
        compute='_compute_score', store=True, aggregator='avg', digits=(5, 2),
        help="From 0 to 100, by the weights of the plan. What has no mark is left out.",
    )
    unmarked_count = fields.Integer(string="Not marked", compute='_compute_score', store=True, help="Questions without a mark.")
    conclusion = fields.Text(tracking=True)
    finding_ids = fields.One2many('fulfilment.finding', 'review_id', string="Findings")
    finding_count = fields.Integer(string="Number of findings", compute='_compute_finding_count')

    # What becomes of it
    state = fields.Selection(
        [('planned', "To do"), ('in_review', "In review"), ('reported', "Review reported"), ('closed', "Review closed")],
        required=True, readonly=True, default='planned', index=True, tracking=True, group_expand=True, guarded=True,
    )
    _moves = {'planned': {'in_review'}, 'in_review': {'reported'}, 'reported': {'closed'}, 'closed': set()}
    reported_on = fields.Datetime(readonly=True, copy=False, guarded=True)
    receiver_ids = fields.Many2many('res.users', 'fulfilment_review_receiver_rel', string="Report sent to", readonly=True, guarded=True)

    # === COMPUTE METHODS === #

    @api.depends('kind', 'stage', 'area', 'contract_id', 'period_start', 'period_end', 'date')
    @api.depends_context('lang')
    def _compute_display_name(self):
        names = {name: dict(self._fields[name]._description_selection(self.env)) for name in ('kind', 'stage', 'area')}
        for review in self:
            about = review.contract_id.name or names['area'].get(review.area) or ''
            when = names['stage'].get(review.stage) or (
                f'{shown_date(self.env, review.period_start)} – {shown_date(self.env, review.period_end)}' if review.period_start
                else review.date and shown_date(self.env, review.date)
            )
            review.display_name = f'{names["kind"].get(review.kind, "")}: {about}, {when or ""}'

    @api.depends('state', 'date_due')
    def _compute_is_late(self):
        today = self.company_id._fulfilment_today(reading=True)
        for review in self:
            review.is_late = bool(
                review.state not in ENDED and review.date_due and review.company_id and review.date_due < today[review.company_id]
            )

    @api.model
    def _search_is_late(self, operator, value):
        if operator != 'in':
            return NotImplemented
        late = Domain('state', 'not in', ENDED) & self.env['res.company']._fulfilment_days_domain('date_due', '>', 0, since=True)
        return late if True in value else ~late

    @api.depends('answer_ids.mark', 'answer_ids.weight')
    def _compute_score(self):
        for review in self:
            result = score((one.weight, int(one.mark) if one.mark else None) for one in review.answer_ids)
            review.score = None if result.value is None else float(result.value)
            review.unmarked_count = result.left_out

    @api.depends('finding_ids')
    def _compute_finding_count(self):
        for review in self:
            review.finding_count = len(review.finding_ids)

    # === CRUD AND CONSTRAINT METHODS === #

    @api.constrains('user_id')
    def _check_owner(self):
        check_colleagues(self)

    def write(self, vals):
        if not self.env.su:
            said = without_unchanged(self, vals, vals.keys()).keys() & {'conclusion', 'answer_ids', 'date_due', 'user_id'}
            ended = self.filtered(lambda one: one.state in ENDED)
            if said and ended:
                raise UserError(self.env._("%s is reported and stays as it is. Make another review.", ended[0].display_name))
        return super().write(vals)

    @before_deletion
    def _unlink_except_never(self):
        raise UserError(self.env._("Reviews stay on record."))


def _as_of_milestone(name):
    """Return what a field of milestones may say, for one that keeps it."""
    return lambda self: self.env['fulfilment.milestone']._fields[name]._description_selection(self.env)


class FulfilmentReviewLine(models.Model):
    """A milestone as a review saw it, for good."""
    _name = 'fulfilment.review.line'
    _description = 'Milestone as reviewed'
    _inherit = ['fulfilment.machine.mixin']
    _order = 'review_id, date_planned, id'

    review_id = fields.Many2one('fulfilment.review', required=True, readonly=True, index=True, ondelete='cascade')
    contract_id = fields.Many2one(related='review_id.contract_id', store=True, index=True)
    company_id = fields.Many2one(related='review_id.company_id', store=True, index=True)
    currency_id = fields.Many2one(related='review_id.currency_id')
    milestone_id = fields.Many2one('fulfilment.milestone', readonly=True, index='btree_not_null', ondelete='set null')
    name = fields.Char(string="What", readonly=True)
    kind = fields.Selection(selection=_as_of_milestone('kind'), readonly=True)
    obligor = fields.Selection(selection=_as_of_milestone('obligor'), string="Owed by", readonly=True)
    owner = fields.Char(string="Responsible", readonly=True)
    date_first_planned = fields.Date(string="First planned", readonly=True)
    date_planned = fields.Date(string="Planned", readonly=True)
    date_done = fields.Date(string="Done on", readonly=True)
    state = fields.Selection(selection=_as_of_milestone('state'), readonly=True)
    days_late = fields.Integer(string="Days of delay", readonly=True, aggregator='avg')
    fault = fields.Selection([('us', "Ours"), ('customer', "The customer's")], string="Whose fault", readonly=True)
    amount = fields.Monetary(readonly=True)
    amount_done = fields.Monetary(string="Paid", readonly=True)


class FulfilmentReviewCheck(models.Model):
    """A check as an inspection saw it, for good."""
    _name = 'fulfilment.review.check'
    _description = 'Check as inspected'
    _inherit = ['fulfilment.machine.mixin']
    _order = 'review_id, id'

    review_id = fields.Many2one('fulfilment.review', required=True, readonly=True, index=True, ondelete='cascade')
    company_id = fields.Many2one(related='review_id.company_id', store=True, index=True)
    name = fields.Char(string="Check", readonly=True)
    population = fields.Integer(readonly=True)
    exceptions = fields.Integer(readonly=True)
    rate = FigureFloat(string="Exceptions (%)", readonly=True, aggregator='avg', digits=(5, 2))
    before = FigureInteger(string="Exceptions before", readonly=True, help="When the period began.")


class FulfilmentReviewAnswer(models.Model):
    """The mark a question got, beside what the facts suggest."""
    _name = 'fulfilment.review.answer'
    _description = 'Mark of a review'
    _inherit = ['fulfilment.machine.mixin', 'fulfilment.guard.mixin']
    _order = 'review_id, id'
    _rec_name = 'question'

    review_id = fields.Many2one('fulfilment.review', required=True, readonly=True, index=True, ondelete='cascade', guarded=True)
    company_id = fields.Many2one(related='review_id.company_id', store=True, index=True)
    question_id = fields.Many2one('fulfilment.review.question', string="Of the plan", readonly=True, ondelete='set null', guarded=True)
    question = fields.Char(readonly=True, guarded=True, help="As it was asked.")
    weight = fields.Float(readonly=True, digits=(6, 2), guarded=True)
    measure = fields.Selection(MEASURES, readonly=True, guarded=True)
    suggested = fields.Selection(MARKS, readonly=True, guarded=True, help="From the facts; empty where there are none.")
    ground = fields.Char(string="What it follows from", readonly=True, guarded=True)
    mark = fields.Selection(MARKS, help="Proposed from the facts, yours to change until the review is reported.")
    note = fields.Char(string="Reason for the mark")

    def write(self, vals):
        if not self.env.su and any(one.review_id.state in ENDED for one in self) and without_unchanged(self, vals, vals.keys()):
            raise UserError(self.env._("%s is reported and stays as it is. Make another review.", self.review_id[:1].display_name))
        return super().write(vals)
