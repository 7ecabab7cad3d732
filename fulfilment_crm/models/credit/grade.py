from typing import NamedTuple

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import ormcache

from ..base.binding import binding

ON_ORDER = [('none', "Nothing"), ('warn', "Warn"), ('block', "Hold")]


class Terms(NamedTuple):
    """What a grade means for an order, as the gate reads it."""
    id: int
    code: str
    place: int  # 0 is the best
    on_order: str
    term_days: int | None
    limit_kind: str
    limit_amount: float
    limit_share: float
    limit_least: float
    deposit_share: float

    def limit_for(self, turnover):
        """Return the credit limit this grade gives.

        :param turnover: of the last 12 months, in the company's currency; None when unknown
        :return: amount, or None for no limit
        """
        if self.limit_kind == 'none':
            return None
        if self.limit_kind == 'fixed':
            return self.limit_amount
        return max(round(max(turnover or 0.0, 0.0) * self.limit_share / 100, 2), self.limit_least)


class FulfilmentCreditGrade(models.Model):
    """A class of creditworthiness, and what it means for orders."""
    _name = 'fulfilment.credit.grade'
    _description = 'Credit grade'
    _inherit = ['fulfilment.audit.mixin', 'mail.thread', 'fulfilment.cached.mixin']
    _order = 'sequence, id'
    _rec_name = 'code'

    code = fields.Char(required=True, tracking=True)
    name = fields.Char(string="What it means", translate=True, tracking=True)
    sequence = fields.Integer(default=10, help="From best to worst.", tracking=True)
    active = fields.Boolean(default=True, tracking=True)
    score_above = fields.Float(
        string="Score above", digits=(16, 2), tracking=True,
        help="Given to scores above this: exactly 90 is not above 90. The last grade takes whatever is left.",
    )
    limit_kind = fields.Selection(
        [('none', "No limit"), ('fixed', "Amount"), ('share', "Share of turnover")], string="Credit limit", default='fixed', required=True,
        tracking=True,
    )
    limit_amount = fields.Float(string="Limit", digits=(16, 2), tracking=True, help="In the currency of the company.")
    limit_share = fields.Float(
        string="Limit (% of turnover)", digits=(16, 2), tracking=True,
        help="Of the turnover of the last 12 months when the grade takes effect.",
    )
    limit_least = fields.Float(
        string="Smallest limit", digits=(16, 2), tracking=True,
        help="A share of turnover below this is raised to it, so that a good small customer can order. In the currency of the company.",
    )
    payment_term_id = fields.Many2one(
        'account.payment.term', string="Longest payment terms", tracking=True, ondelete='set null',
        help="Orders with longer terms are noticed.",
    )
    deposit_share = fields.Float(
        string="Deposit (%)", digits=(16, 2), tracking=True,
        help="Of a new order, to be paid before it is confirmed. The rule “Deposit not paid” holds it until then.",
    )
    on_order = fields.Selection(ON_ORDER, string="On a new order", default='none', required=True, tracking=True)
    color = fields.Integer()

    _code_unique = models.UniqueIndex('(code)', "There is a grade of that code already.")
    _shares = models.Constraint(
        'CHECK(limit_amount >= 0 AND limit_share >= 0 AND limit_least >= 0 AND deposit_share BETWEEN 0 AND 100)',
        "Limits are not negative, and a deposit lies between 0 and 100 %.",
    )

    @api.constrains('sequence', 'score_above', 'active')
    def _check_order(self):
        """Check that a better grade asks for a higher score."""
        grades = binding(self).search([])
        for better, worse in zip(grades, grades[1:], strict=False):
            if worse != grades[-1] and worse.score_above >= better.score_above:
                raise ValidationError(self.env._(
                    "Grade %(worse)s comes after %(better)s but asks for a score above %(score)s, which is not lower.",
                    worse=worse.code, better=better.code, score=worse.score_above,
                ))

    @api.depends('code', 'name')
    def _compute_display_name(self):
        for grade in self:
            grade.display_name = grade.code

    @api.model
    def _scale(self):
        """Return the grades from best to worst as ``tools.scoring`` takes them."""
        grades = binding(self).search([])
        return [(grade.code, grade.score_above if grade != grades[-1] else None) for grade in grades]

    def _is_worse_than(self, other):
        """Tell whether this grade stands below another one."""
        self.ensure_one()
        return (self.sequence, self.id) > (other.sequence, other.id)

    def _worst(self):
        """Return the worst of these grades."""
        return max(self, key=lambda grade: (grade.sequence, grade.id), default=self.browse())

    # === CACHE: every confirmation of an order reads the grades === #

    @api.model
    @ormcache()
    def _terms(self):
        """Return what each grade means for orders: ``{id: Terms}``."""
        # safe: what a grade means binds whoever confirms an order
        grades = binding(self).with_context(active_test=False).search([])
        return {
            grade.id: Terms(
                grade.id, grade.code, place, grade.on_order, grade.payment_term_id._fulfilment_days() if grade.payment_term_id else None,
                grade.limit_kind, grade.limit_amount, grade.limit_share, grade.limit_least, grade.deposit_share,
            ) for place, grade in enumerate(grades)
        }
