from odoo import api, models
from odoo.tools import SQL

from .figure import FigureDate, FigureFloat, FigureInteger, FigureMonetary

GAPS_NEEDED = 4  # five orders


class FulfilmentProfileMixin(models.AbstractModel):
    """What was ordered: confirmed orders, without taxes, each at its own exchange rate, by the day of the order."""
    _inherit = 'fulfilment.profile.mixin'

    order_count_12m = FigureInteger(string="Orders", facts='orders', total=True, help="Orders confirmed in the last 12 months.")
    order_amount_12m = FigureMonetary(
        string="Ordered", facts='orders', total=True, help="Confirmed orders of the last 12 months, without taxes.",
    )
    first_order_on = FigureDate(string="First order", facts='orders')
    last_order_on = FigureDate(string="Last order", facts='orders')
    days_since_order = FigureInteger(string="Days since the last order", facts='orders', aggregator='avg')
    order_gap_mean = FigureFloat(
        string="Days between orders", facts='orders', help="Mean number of days between orders, from five orders on.",
    )
    order_gap_limit = FigureFloat(
        string="Churn threshold (days)", facts='orders',
        help="Silence beyond this is unusual for this customer: mean + 2 × standard deviation (n−1) of the days between orders, from "
             "five orders on.",
    )
    order_silence = FigureFloat(
        string="Silence (% of the limit)", facts='orders',
        help="Days since the last order ÷ silence limit. Above 100: the customer may be leaving.",
    )
    quotation_count_12m = FigureInteger(
        string="Quotations", facts='orders', total=True, help="Quotations of the last 12 months that were sent, ordered or cancelled.",
    )
    quotation_rate = FigureFloat(
        string="Quotations won (%)", facts='orders',
        help="Share of the quotations of the last 12 months that became orders: how responsive the customer is.",
    )

    @api.model
    def _facts(self):
        return {**super()._facts(), 'orders': self._orders_sql}

    @api.model
    def _orders_sql(self, scope):
        """Beside the figures: the salesperson of the order made last."""
        return SQL(
            """
            WITH document AS (
                SELECT partner.commercial_partner_id AS partner_id, sale.state, %(local_day)s AS day,
                       sale.id, sale.amount_untaxed::float8 / COALESCE(NULLIF(sale.currency_rate::float8, 0), 1) AS amount
                  FROM sale_order sale
                  JOIN res_partner partner ON partner.id = sale.partner_id
                 WHERE sale.state IN ('sent', 'sale', 'cancel') AND sale.company_id = ANY(%(companies)s)
                   AND sale.date_order < %(end)s AND %(of_sale)s
            ),
            gap AS (
                SELECT partner_id, avg(days) AS mean, avg(days) + %(factor)s * stddev_samp(days) AS limit_days
                  FROM (
                       SELECT partner_id, day - lag(day) OVER (PARTITION BY partner_id ORDER BY day) AS days
                         FROM (SELECT DISTINCT partner_id, day FROM document WHERE state = 'sale') days_of_orders
                       ) gaps
              GROUP BY partner_id
                HAVING count(days) >= %(gaps)s
            ),
            summary AS (
                SELECT partner_id,
                       count(*) FILTER (WHERE state = 'sale' AND day > %(since)s) AS number,
                       sum(amount) FILTER (WHERE state = 'sale' AND day > %(since)s) AS amount,
                       count(*) FILTER (WHERE day > %(since)s) AS offered,
                       min(day) FILTER (WHERE state = 'sale') AS first,
                       max(day) FILTER (WHERE state = 'sale') AS last,
                       max(id) FILTER (WHERE state = 'sale') AS latest
                  FROM document
              GROUP BY partner_id
            )
            SELECT summary.partner_id, number AS order_count_12m, round(amount::numeric, 2) AS order_amount_12m,
                   first AS first_order_on, last AS last_order_on, %(day)s - last AS days_since_order,
                   round(gap.mean, 2) AS order_gap_mean, round(gap.limit_days, 2) AS order_gap_limit,
                   round(100 * (%(day)s - last) / NULLIF(gap.limit_days, 0), 2) AS order_silence,
                   offered AS quotation_count_12m, %(rate)s AS quotation_rate, latest.user_id AS latest_user_id
              FROM summary
         LEFT JOIN sale_order latest ON latest.id = summary.latest
         LEFT JOIN gap ON gap.partner_id = summary.partner_id
            """,
            local_day=scope.local_day(SQL("sale.date_order")), companies=list(scope.companies), end=scope.end,
            of_sale=scope.of(SQL("sale.partner_id")), factor=scope.company.fulfilment_silence_factor, gaps=GAPS_NEEDED,
            since=scope.since, day=scope.day, rate=self._quotient(SQL("number"), SQL("offered")),
        )
