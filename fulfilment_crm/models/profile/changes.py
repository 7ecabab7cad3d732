from dateutil.relativedelta import relativedelta

from odoo import api, models
from odoo.tools import SQL

from .figure import FigureFloat


class FulfilmentProfileMixin(models.AbstractModel):
    """How figures have changed against the month end six months ago, from the history: “has fallen” is a condition like any other."""
    _inherit = 'fulfilment.profile.mixin'

    payment_index_change = FigureFloat(
        string="Change of payment index", facts='derived', needs=('payments', 'before'),
        help="Payment index less what it was at the month end six months ago. Negative: the customer pays later than then.",
    )
    on_time_payment_change = FigureFloat(
        string="Change of payments on time (points)", facts='derived', needs=('receivables', 'payments', 'before'),
        help="Share of payments on time less what it was at the month end six months ago.",
    )
    milestone_on_time_change = FigureFloat(
        string="Change of milestones on time (points)", facts='derived', needs=('milestones', 'before'),
        help="Share of the customer's milestones on time less what it was at the month end six months ago.",
    )

    @api.model
    def _changing(self):
        """Return the figures whose change is a figure itself: ``{change: figure}``. A room adds its own."""
        return {
            'payment_index_change': 'payment_index', 'on_time_payment_change': 'on_time_payment_rate',
            'milestone_on_time_change': 'milestone_on_time_rate',
        }

    @api.model
    def _facts(self):
        return {**super()._facts(), 'before': self._before_sql}

    @api.model
    def _before_sql(self, scope):
        """Says something about customers who had a profile then, so it gives nobody one by itself."""
        then = (scope.day - relativedelta(months=6)).replace(day=1) + relativedelta(months=1, days=-1)
        return SQL(
            "SELECT partner_id, %s FROM fulfilment_profile_history WHERE company_id = %s AND date = %s AND %s",
            SQL(", ").join(map(SQL.identifier, self._changing().values())), scope.company.id, then,
            SQL("TRUE") if scope.partner_ids is None else SQL("partner_id = ANY(%s)", list(scope.partner_ids)),
        )

    @api.model
    def _derived(self, scope):
        derived = super()._derived(scope)
        for name, figure in self._changing().items():
            now = derived[figure] if self._fields[figure].facts == 'derived' else SQL.identifier(self._fields[figure].facts, figure)
            derived[name] = SQL("round((%s - %s)::numeric, 2)", now, SQL.identifier('before', figure))
        return derived
