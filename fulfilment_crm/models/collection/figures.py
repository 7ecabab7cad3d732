from odoo import api, models
from odoo.tools import SQL

from ..profile.figure import FigureFloat, FigureInteger, FigureMonetary


class FulfilmentProfileMixin(models.AbstractModel):
    """What the customer promises and disputes, and what is owed without it."""
    _inherit = 'fulfilment.profile.mixin'

    promise_count = FigureInteger(
        string="Promises to be kept", facts='promises', total=True,
        help="Whose date and days of grace have passed in the window, cancelled ones left out. The base of the kept rate.",
    )
    promise_kept_rate = FigureFloat(string="Promises kept (%)", facts='promises', help="Share of these promises that were kept.")
    promise_broken_count = FigureInteger(
        string="Promises not kept, 30 days", facts='promises', total=True,
        help="Broken or kept in part only, whose days of grace have passed within the last 30 days.",
    )
    dispute_open_count = FigureInteger(string="Open disputes", facts='disputes', total=True, help="Not decided on that day.")
    dispute_days_late = FigureInteger(
        string="Disputes without an answer (days)", facts='disputes', total=True, aggregator='max',
        help="Days since the answer was due, of the open dispute that has waited longest.",
    )
    dispute_count = FigureInteger(
        string="Disputes decided", facts='disputes', total=True, help="Accepted, in part or whole, or rejected in the window.",
    )
    dispute_lost_rate = FigureFloat(
        string="Disputes accepted (%)", facts='disputes',
        help="Share of the disputes decided in the window that were accepted, in part or whole.",
    )
    receivable_disputed = FigureMonetary(
        string="Owed and disputed", facts='held', total=True, past=False, help="What of the open instalments is disputed.",
    )
    receivable_promised = FigureMonetary(
        string="Owed and promised", facts='held', total=True, past=False,
        help="What of the open instalments is promised for a day that has not passed.",
    )
    overdue_undisputed = FigureMonetary(
        string="Overdue, not disputed", facts='derived', needs=('receivables', 'held'), total=True, past=False,
        help="Overdue, less what of it is disputed.",
    )
    exposure_undisputed = FigureMonetary(
        string="Exposure, not disputed", facts='derived', needs=('receivables', 'uninvoiced', 'held'), total=True, past=False,
        help="Exposure, less what is disputed.",
    )

    @api.model
    def _facts(self):
        return {
            **super()._facts(), 'promises': self._promises_sql, 'disputes': self._disputes_sql, 'held': self._held_sql,
        }

    @api.model
    def _derived(self, scope):
        return {
            **super()._derived(scope),
            'overdue_undisputed': SQL("GREATEST(COALESCE(receivables.receivable_overdue, 0) - COALESCE(held.disputed_overdue, 0), 0)"),
            'exposure_undisputed': SQL(
                "GREATEST(COALESCE(receivables.receivable_open, 0) + COALESCE(uninvoiced.order_uninvoiced, 0)"
                " - COALESCE(held.receivable_disputed, 0), 0)",
            ),
        }

    @api.model
    def _promises_sql(self, scope):
        over = SQL("(promise.date_promised + promise.grace_days)")
        return SQL(
            """
            WITH counted AS (
                SELECT promise.partner_id, count(*) FILTER (WHERE %(over)s > %(since)s) AS asked,
                       count(*) FILTER (WHERE %(over)s > %(since)s AND promise.state = 'kept') AS kept,
                       count(*) FILTER (WHERE %(over)s > %(day)s::date - 30 AND promise.state IN ('broken', 'partly')) AS broken
                  FROM fulfilment_payment_promise promise
                 WHERE promise.company_id = ANY(%(companies)s) AND promise.state IN ('kept', 'partly', 'broken') AND %(over)s < %(day)s
                   AND %(partners)s
              GROUP BY promise.partner_id
            )
            SELECT partner_id, asked AS promise_count, %(rate)s AS promise_kept_rate, broken AS promise_broken_count FROM counted
            """,
            over=over, since=scope.since, day=scope.day, companies=list(scope.companies), partners=scope.of(SQL("promise.partner_id")),
            rate=self._quotient(SQL("kept"), SQL("asked")),
        )

    @api.model
    def _disputes_sql(self, scope):
        return SQL(
            """
            WITH counted AS (
                SELECT dispute.partner_id,
                       count(*) FILTER (WHERE dispute.decided_on IS NULL OR dispute.decided_on > %(day)s) AS open,
                       max(GREATEST(%(day)s::date - dispute.date_answer_due, 0))
                           FILTER (WHERE dispute.decided_on IS NULL OR dispute.decided_on > %(day)s) AS late,
                       count(*) FILTER (WHERE %(decided)s AND dispute.state IN ('accepted', 'partly', 'rejected')) AS decided,
                       count(*) FILTER (WHERE %(decided)s AND dispute.state IN ('accepted', 'partly')) AS lost
                  FROM fulfilment_dispute dispute
                 WHERE dispute.company_id = ANY(%(companies)s) AND dispute.opened_on <= %(day)s AND %(partners)s
              GROUP BY dispute.partner_id
            )
            SELECT partner_id, open AS dispute_open_count, late AS dispute_days_late, decided AS dispute_count,
                   %(rate)s AS dispute_lost_rate
              FROM counted
            """,
            day=scope.day, companies=list(scope.companies), partners=scope.of(SQL("dispute.partner_id")),
            decided=SQL("(dispute.decided_on > %s AND dispute.decided_on <= %s)", scope.since, scope.day),
            rate=self._quotient(SQL("lost"), SQL("decided")),
        )

    @api.model
    def _held_sql(self, scope):
        """Beside the figures: what is disputed of what is overdue. Few instalments are held: they are read from the holds."""
        return SQL(
            """
            WITH line AS (
                SELECT partner.commercial_partner_id AS partner_id, line.amount_residual, line.date_maturity < %(day)s AS late,
                       COALESCE(sum(hold.amount) FILTER (WHERE hold.kind = 'disputed'), 0)
                           * line.balance / NULLIF(line.amount_currency, 0) AS disputed,
                       COALESCE(sum(hold.amount) FILTER (WHERE hold.kind = 'promised'), 0)
                           * line.balance / NULLIF(line.amount_currency, 0) AS promised
                  FROM fulfilment_instalment_hold hold
                  JOIN account_move_line line ON line.id = hold.move_line_id
                  JOIN res_partner partner ON partner.id = line.partner_id
                 WHERE hold.company_id = ANY(%(companies)s) AND hold.date_from <= %(day)s
                   AND (hold.date_to IS NULL OR hold.date_to >= %(day)s) AND line.reconciled IS NOT TRUE AND %(partners)s
              GROUP BY line.id, partner.commercial_partner_id
            )
            SELECT partner_id, round(sum(LEAST(disputed, amount_residual))::numeric, 2) AS receivable_disputed,
                   round(sum(LEAST(promised, amount_residual - LEAST(disputed, amount_residual)))::numeric, 2) AS receivable_promised,
                   round((sum(LEAST(disputed, amount_residual)) FILTER (WHERE late))::numeric, 2) AS disputed_overdue
              FROM line
          GROUP BY partner_id
            """,
            day=scope.day, companies=list(scope.companies), partners=scope.of(SQL("line.partner_id")),
        )
