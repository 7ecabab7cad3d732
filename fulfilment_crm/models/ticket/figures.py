from odoo import api, models
from odoo.tools import SQL

from ..profile.figure import FigureFloat, FigureInteger
from .ticket import OPEN


class FulfilmentProfileMixin(models.AbstractModel):
    """What the customer complains of, demands and asks for. Tickets that were cancelled do not count."""
    _inherit = 'fulfilment.profile.mixin'

    ticket_open_count = FigureInteger(
        string="Open tickets", facts='tickets', total=True, past=False, help="Complaints, demands and requests not yet solved.",
    )
    ticket_late_count = FigureInteger(
        string="Late tickets", facts='tickets', total=True, past=False, help="Open, with a deadline that has passed.",
    )
    ticket_count = FigureInteger(
        string="Tickets", facts='tickets', total=True, help="Received in the window. The base of the share of deadlines kept.",
    )
    complaint_count = FigureInteger(string="Complaints", facts='tickets', total=True, help="Received in the window.")
    ticket_ours_count = FigureInteger(
        string="Tickets of our making", facts='tickets', total=True, help="Received in the window, and we were responsible.",
    )
    ticket_in_time_rate = FigureFloat(
        string="Ticket deadlines kept (%)", facts='tickets',
        help="Share of the tickets received in the window without any deadline missed.",
    )
    ticket_rated_count = FigureInteger(
        string="Tickets rated", facts='tickets', total=True, help="Received in the window and rated by the customer.",
    )
    ticket_rating_avg = FigureFloat(
        string="Rating of tickets", facts='tickets', help="Mean of the ratings, 1 to 5, of tickets received in the window.",
    )

    @api.model
    def _facts(self):
        return {**super()._facts(), 'tickets': self._tickets_sql}

    @api.model
    def _tickets_sql(self, scope):
        return SQL(
            """
            WITH counted AS (
                SELECT ticket.commercial_partner_id AS partner_id,
                       count(*) FILTER (WHERE ticket.kind = ANY(%(opened)s)) AS open,
                       count(*) FILTER (WHERE ticket.kind = ANY(%(opened)s) AND ticket.is_late) AS late,
                       count(*) FILTER (WHERE %(in_window)s) AS received,
                       count(*) FILTER (WHERE %(in_window)s AND ticket.ticket_type = 'complaint') AS complaints,
                       count(*) FILTER (WHERE %(in_window)s AND ticket.responsibility = 'us') AS ours,
                       count(*) FILTER (WHERE %(in_window)s AND ticket.is_missed IS NOT TRUE) AS in_time,
                       count(*) FILTER (WHERE %(in_window)s AND ticket.rating_last_value >= 1) AS rated,
                       avg(ticket.rating_last_value) FILTER (WHERE %(in_window)s AND ticket.rating_last_value >= 1) AS rating
                  FROM fulfilment_ticket ticket
                 WHERE ticket.company_id = ANY(%(companies)s) AND ticket.commercial_partner_id IS NOT NULL AND ticket.kind != 'cancelled'
                   AND %(received_by)s AND %(partners)s
              GROUP BY ticket.commercial_partner_id
            )
            SELECT partner_id, open AS ticket_open_count, late AS ticket_late_count, received AS ticket_count,
                   complaints AS complaint_count, ours AS ticket_ours_count, %(in_time)s AS ticket_in_time_rate,
                   rated AS ticket_rated_count,
                   round(rating::numeric, 2) AS ticket_rating_avg
              FROM counted
            """,
            companies=list(scope.companies), opened=list(OPEN),
            in_window=SQL("%s > %s", scope.local_day(SQL("ticket.received_on")), scope.since),
            received_by=SQL("ticket.received_on < %s", scope.end),
            partners=scope.of(SQL("ticket.commercial_partner_id")), in_time=self._quotient(SQL("in_time"), SQL("received")),
        )

    @api.model
    def _changed_sources(self, scope, since):
        return [*super()._changed_sources(scope, since), SQL(
            "SELECT commercial_partner_id FROM fulfilment_ticket "
            "WHERE write_date > %s AND company_id = ANY(%s) AND commercial_partner_id IS NOT NULL", since, list(scope.companies),
        )]


class FulfilmentProfile(models.Model):
    _inherit = 'fulfilment.profile'

    def _records_behind(self):
        of_customer = [('commercial_partner_id', '=', self.partner_id.id), ('company_id', 'child_of', self.company_id.id)]
        return {**super()._records_behind(), 'tickets': (self.env._("Tickets"), 'fulfilment.ticket', of_customer)}
