from odoo import api, models
from odoo.tools import SQL

from ..profile.figure import FigureFloat, FigureInteger


class FulfilmentProfileMixin(models.AbstractModel):
    """How well the customer is cared for: what was planned and kept."""
    _inherit = 'fulfilment.profile.mixin'

    care_task_count = FigureInteger(
        string="Care tasks judged", facts='care', total=True,
        help="Visits, calls and follow-ups of care plans that were kept in the window, or missed in it. The base of the kept rate.",
    )
    care_kept_rate = FigureFloat(
        string="Care kept (%)", facts='care', help="Share of the care tasks judged that were kept. Empty without any.",
    )

    @api.model
    def _facts(self):
        return {**super()._facts(), 'care': self._care_sql}

    @api.model
    def _care_sql(self, scope):
        """Judge a task on the day it was kept, or on the last day of the period that missed it."""
        return SQL(
            """
            SELECT task.partner_id, count(*) AS care_task_count,
                   %(rate)s AS care_kept_rate
              FROM fulfilment_care_task task
             WHERE task.company_id = ANY(%(companies)s) AND %(partners)s
               AND CASE task.state WHEN 'done' THEN task.date_done WHEN 'missed' THEN task.period_end END
                   BETWEEN %(since)s + 1 AND %(day)s
          GROUP BY task.partner_id
            """,
            companies=list(scope.companies), partners=scope.of(SQL("task.partner_id")), since=scope.since, day=scope.day,
            rate=self._quotient(SQL("count(*) FILTER (WHERE task.state = 'done')"), SQL("count(*)")),
        )

    @api.model
    def _changed_sources(self, scope, since):
        return [*super()._changed_sources(scope, since), SQL(
            "SELECT partner_id FROM fulfilment_care_task WHERE write_date > %s AND company_id = ANY(%s)", since, list(scope.companies),
        )]
