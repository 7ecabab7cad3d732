from odoo import api, models
from odoo.tools import SQL

from ..profile.figure import FigureFloat, FigureInteger


class FulfilmentProfileMixin(models.AbstractModel):
    """How contracts with the customer were judged when they ended."""
    _inherit = 'fulfilment.profile.mixin'

    evaluation_count = FigureInteger(
        string="Contracts evaluated", facts='evaluations', total=True, help="Final evaluations reported, made in the window.",
    )
    evaluation_score = FigureFloat(
        string="Final evaluation", facts='evaluations', help="Mean of the final evaluations of the window, from 0 to 100.",
    )

    @api.model
    def _facts(self):
        return {**super()._facts(), 'evaluations': self._evaluations_sql}

    @api.model
    def _evaluations_sql(self, scope):
        return SQL(
            """
            SELECT review.partner_id, count(*) AS evaluation_count, round(avg(review.score)::numeric, 2) AS evaluation_score
              FROM fulfilment_review review
             WHERE review.company_id = ANY(%(companies)s) AND review.kind = 'stage' AND review.stage = 'settlement'
               AND review.state IN ('reported', 'closed') AND review.score IS NOT NULL
               AND review.date > %(since)s AND review.date <= %(day)s AND review.partner_id IS NOT NULL AND %(partners)s
          GROUP BY review.partner_id
            """,
            since=scope.since, day=scope.day, companies=list(scope.companies), partners=scope.of(SQL("review.partner_id")),
        )

    @api.model
    def _changed_sources(self, scope, since):
        return [*super()._changed_sources(scope, since), SQL(
            "SELECT partner_id FROM fulfilment_review WHERE write_date > %s AND company_id = ANY(%s) AND partner_id IS NOT NULL",
            since, list(scope.companies),
        )]
