from odoo import api, models
from odoo.tools import SQL

from ..profile.figure import FigureFloat, FigureInteger


class FulfilmentProfileMixin(models.AbstractModel):
    """When somebody last talked to the customer, and how soon it was written down."""
    _inherit = 'fulfilment.profile.mixin'

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
        return {**super()._facts(), 'interactions': self._interactions_sql}

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

    @api.model
    def _changed_sources(self, scope, since):
        return [*super()._changed_sources(scope, since), SQL(
            "SELECT partner_id FROM fulfilment_interaction WHERE write_date > %s AND company_id = ANY(%s)", since, list(scope.companies),
        )]
