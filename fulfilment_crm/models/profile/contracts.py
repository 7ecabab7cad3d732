from odoo import api, models
from odoo.tools import SQL

from .figure import FigureDate, FigureFloat, FigureInteger, FigureMonetary


class FulfilmentProfileMixin(models.AbstractModel):
    """What contracts and their milestones say, of both sides."""
    _inherit = 'fulfilment.profile.mixin'

    contract_count = FigureInteger(
        string="Contracts in force", facts='contracts', total=True, past=False, help="Contracts in performance or settlement.",
    )
    contract_amount = FigureMonetary(
        string="Amount of contracts", facts='contracts', total=True, past=False,
        help="Contracts in performance or settlement, with taxes, at today's exchange rate. Framework contracts count by their orders.",
    )
    contract_next_end_on = FigureDate(string="Next contract ends", facts='contracts', past=False)
    milestone_count = FigureInteger(
        string="Customer's milestones judged", facts='milestones', total=True,
        help="Milestones the customer owed that were done in the window, or are pending and late. The base of the on-time rate.",
    )
    milestone_on_time_rate = FigureFloat(
        string="Customer's milestones on time (%)", facts='milestones',
        help="Share of the customer's milestones judged that were done on or before their date. A date that moved because we were late "
             "counts as moved.",
    )
    milestone_late_count = FigureInteger(
        string="Customer's milestones late now", facts='milestones', total=True, help="Owed by the customer, pending and past their date.",
    )
    our_milestone_count = FigureInteger(
        string="Our milestones judged", facts='milestones', total=True, help="The same for what we owed the customer.",
    )
    our_milestone_on_time_rate = FigureFloat(
        string="Our milestones on time (%)", facts='milestones', help="The same for what we owed the customer.",
    )

    @api.model
    def _facts(self):
        return {**super()._facts(), 'contracts': self._contracts_sql, 'milestones': self._milestones_sql}

    @api.model
    def _contracts_sql(self, scope):
        rate = SQL(
            """
            COALESCE((SELECT rate.rate FROM res_currency_rate rate
                       WHERE rate.currency_id = %s AND (rate.company_id IS NULL OR rate.company_id = %s) AND rate.name <= %s
                    ORDER BY rate.company_id, rate.name DESC LIMIT 1), 1)
            """, SQL("currency.id"), scope.company.id, scope.day,
        )
        return SQL(
            """
            WITH rates AS (SELECT currency.id, %(rate)s AS rate FROM res_currency currency)
            SELECT partner.commercial_partner_id AS partner_id, count(*) AS contract_count,
                   round(sum(CASE WHEN contract.is_framework THEN 0 ELSE contract.amount_total END / rates.rate * own.rate), 2)
                       AS contract_amount,
                   min(contract.date_end) AS contract_next_end_on
              FROM fulfilment_contract contract
              JOIN res_partner partner ON partner.id = contract.partner_id
              JOIN rates ON rates.id = contract.currency_id
              JOIN rates own ON own.id = %(currency)s
             WHERE contract.state IN ('active', 'settlement') AND contract.active
               AND contract.company_id = ANY(%(companies)s) AND %(partners)s
          GROUP BY partner.commercial_partner_id
            """,
            rate=rate, currency=scope.company.currency_id.id, companies=list(scope.companies), partners=scope.of(SQL("partner.id")),
        )

    @api.model
    def _milestones_sql(self, scope):
        return SQL(
            """
            WITH judged AS (
                SELECT partner.commercial_partner_id AS partner_id, milestone.obligor,
                       milestone.date_done <= %(day)s AND milestone.date_done IS NOT NULL AS done,
                       milestone.date_done <= milestone.date_planned AND milestone.date_done <= %(day)s AS on_time
                  FROM fulfilment_milestone milestone
                  JOIN res_partner partner ON partner.id = milestone.partner_id
                  JOIN fulfilment_contract contract ON contract.id = milestone.contract_id
                 WHERE milestone.company_id = ANY(%(companies)s) AND contract.date_signed <= %(day)s AND milestone.date_planned IS NOT NULL
                   AND (milestone.state = 'done' AND milestone.date_done > %(since)s AND milestone.date_done <= %(day)s
                        OR milestone.date_planned < %(day)s
                           AND (milestone.state = 'pending' AND milestone.is_covered IS NOT TRUE
                                AND milestone.contract_state IN ('active', 'settlement')
                                OR milestone.state = 'done' AND milestone.date_done > %(day)s))
                   AND %(partners)s
            ),
            counted AS (
                SELECT partner_id,
                       count(*) FILTER (WHERE obligor = 'customer') AS theirs,
                       count(*) FILTER (WHERE obligor = 'customer' AND on_time) AS theirs_on_time,
                       count(*) FILTER (WHERE obligor = 'customer' AND NOT done) AS theirs_late,
                       count(*) FILTER (WHERE obligor = 'us') AS ours,
                       count(*) FILTER (WHERE obligor = 'us' AND on_time) AS ours_on_time
                  FROM judged
              GROUP BY partner_id
            )
            SELECT partner_id, theirs AS milestone_count, %(their_rate)s AS milestone_on_time_rate, theirs_late AS milestone_late_count,
                   ours AS our_milestone_count, %(our_rate)s AS our_milestone_on_time_rate
              FROM counted
            """,
            companies=list(scope.companies), day=scope.day, since=scope.since, partners=scope.of(SQL("partner.id")),
            their_rate=self._quotient(SQL("theirs_on_time"), SQL("theirs")), our_rate=self._quotient(SQL("ours_on_time"), SQL("ours")),
        )
