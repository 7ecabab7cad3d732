from odoo import api, models
from odoo.tools import SQL

from .figure import FigureFloat, FigureInteger


class FulfilmentProfileMixin(models.AbstractModel):
    """How well the customer is cared for: what was planned and kept, and when somebody last talked to them."""
    _inherit = 'fulfilment.profile.mixin'

    care_task_count = FigureInteger(
        string="Care tasks judged", facts='care', total=True,
        help="Visits, calls and follow-ups of care plans that were kept in the window, or missed in it. The base of the kept rate.",
    )
    care_kept_rate = FigureFloat(
        string="Care kept (%)", facts='care', help="Share of the care tasks judged that were kept. Empty without any.",
    )
    interaction_count = FigureInteger(
        string="Interactions", facts='interactions', total=True, help="Logged interactions that happened in the window.",
    )
    interaction_in_time_rate = FigureFloat(
        string="Logged in time (%)", facts='interactions',
        help="Share of the interactions of the window that were logged within the hours set.",
    )
    days_since_contact = FigureInteger(
        string="Days since last contact", facts='interactions', aggregator='avg',
        help="Since the last interaction logged. Empty if there is none.",
    )

    @api.model
    def _facts(self):
        return {**super()._facts(), 'care': self._care_sql, 'interactions': self._interactions_sql}

    @api.model
    def _care_sql(self, scope):
        """A task is judged on the day it was kept, or on the last day of the period that missed it."""
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
    def _interactions_sql(self, scope):
        day = scope.local_day(SQL("one.date"))
        return SQL(
            """
            SELECT partner.commercial_partner_id AS partner_id,
                   count(*) FILTER (WHERE %(on)s > %(since)s) AS interaction_count,
                   %(rate)s AS interaction_in_time_rate,
                   %(day)s - max(%(on)s) AS days_since_contact
              FROM fulfilment_interaction one
              JOIN res_partner partner ON partner.id = one.partner_id
             WHERE one.company_id = ANY(%(companies)s) AND one.date < %(end)s AND %(partners)s
          GROUP BY partner.commercial_partner_id
            """,
            companies=list(scope.companies), partners=scope.of(SQL("one.partner_id")), since=scope.since, day=scope.day, end=scope.end,
            on=day, rate=self._quotient(
                SQL("count(*) FILTER (WHERE %s > %s AND NOT one.is_logged_late)", day, scope.since),
                SQL("count(*) FILTER (WHERE %s > %s)", day, scope.since),
            ),
        )


class FulfilmentProfile(models.Model):
    _inherit = 'fulfilment.profile'

    @api.model
    def _changed_sources(self, scope, since):
        companies = list(scope.companies)
        return [
            *super()._changed_sources(scope, since),
            SQL("SELECT partner_id FROM fulfilment_care_task WHERE write_date > %s AND company_id = ANY(%s)", since, companies),
            SQL("SELECT partner_id FROM fulfilment_interaction WHERE write_date > %s AND company_id = ANY(%s)", since, companies),
        ]
