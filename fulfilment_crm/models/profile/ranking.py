from odoo import api, models
from odoo.tools import SQL

from .figure import FigureFloat, FigureInteger, FigureSelection

RANKING = 'ranking'


class FulfilmentProfileMixin(models.AbstractModel):
    """Where a customer stands among the others. Known for all customers only, so it is worked out once a day."""
    _inherit = 'fulfilment.profile.mixin'

    revenue_rank = FigureInteger(string="Rank by turnover", facts=RANKING, past=False, aggregator=None)
    revenue_share = FigureFloat(string="Share of turnover (%)", facts=RANKING, past=False, aggregator='sum')
    revenue_share_sum = FigureFloat(
        string="Cumulative share (%)", facts=RANKING, past=False, aggregator='max',
        help="Share of this customer and all with more turnover.",
    )
    pareto_class = FigureSelection(
        [('A', "A"), ('B', "B"), ('C', "C")], string="ABC class", facts=RANKING, past=False,
        help="By turnover: A while the customers before make less of all turnover than the settings say (80 %), B likewise (95 %), else C.",
    )
    margin_rank = FigureInteger(string="Rank by contribution", facts=RANKING, past=False, aggregator=None)
    margin_share = FigureFloat(string="Share of contribution (%)", facts=RANKING, past=False, aggregator='sum')
    recency_score = FigureInteger(
        string="Recency (1–5)", facts=RANKING, past=False, aggregator='avg',
        help="Fifth of the customers by last invoice; 5 is the latest.",
    )
    frequency_score = FigureInteger(
        string="Frequency (1–5)", facts=RANKING, past=False, aggregator='avg', help="Fifth of the customers by number of invoices.",
    )
    money_score = FigureInteger(
        string="Money (1–5)", facts=RANKING, past=False, aggregator='avg', help="Fifth of the customers by turnover.",
    )
    segment = FigureSelection(
        [
            ('champion', "Champion"), ('loyal', "Loyal"), ('regular', "Regular"), ('new', "New or promising"),
            ('at_risk', "At risk"), ('lost', "Lost or small"),
        ],
        facts=RANKING, past=False,
        help="From recency (R) and frequency (F). Champion: both at least 4. At risk: F at least 3, R at most 2. Loyal: F at least 4. New "
             "or promising: R at least 4, F at most 2. Lost or small: both at most 2. Regular: the rest.",
    )
    value_quadrant = FigureSelection(
        [('partner', "Grow together"), ('sleeping', "Win attention"), ('eager', "Serve efficiently"), ('marginal', "Keep costs low")],
        string="Quadrant", facts=RANKING, past=False,
        help="Contribution and quotations won against their medians: high and high, high and low, low and high, low and low.",
    )

    @api.model
    def _standing_sql(self, company):
        """All ranking figures of a company's profiles: ``id`` and a column a figure."""
        return SQL(
            """
            WITH profile AS (
                SELECT id, partner_id, revenue_12m, margin_12m, quotation_rate, last_invoice_on, invoice_count_12m,
                       GREATEST(revenue_12m, 0) AS turnover, GREATEST(margin_12m, 0) AS contribution
                  FROM fulfilment_profile
                 WHERE company_id = %(company)s
            ),
            turnover AS (
                SELECT id, rank() OVER (ORDER BY turnover DESC) AS position, turnover,
                       sum(turnover) OVER () AS everything,
                       sum(turnover) OVER (ORDER BY turnover DESC, partner_id) AS including
                  FROM profile WHERE revenue_12m IS NOT NULL
            ),
            contribution AS (
                SELECT id, rank() OVER (ORDER BY contribution DESC) AS position, contribution, sum(contribution) OVER () AS everything
                  FROM profile WHERE margin_12m IS NOT NULL
            ),
            fifths AS (
                SELECT id, ntile(5) OVER (ORDER BY last_invoice_on, partner_id) AS r,
                       ntile(5) OVER (ORDER BY invoice_count_12m, partner_id) AS f,
                       ntile(5) OVER (ORDER BY revenue_12m, partner_id) AS m
                  FROM profile WHERE last_invoice_on IS NOT NULL
            ),
            median AS (
                SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY margin_12m) AS margin,
                       percentile_cont(0.5) WITHIN GROUP (ORDER BY quotation_rate) AS rate
                  FROM profile WHERE margin_12m IS NOT NULL AND quotation_rate IS NOT NULL
            )
            SELECT profile.id,
                   turnover.position AS revenue_rank,
                   round(100 * turnover.turnover / NULLIF(turnover.everything, 0), 2) AS revenue_share,
                   round(100 * including / NULLIF(turnover.everything, 0), 2) AS revenue_share_sum,
                   CASE WHEN turnover.everything > 0 THEN
                       CASE WHEN (including - turnover.turnover) < %(a)s::numeric / 100 * turnover.everything THEN 'A'
                            WHEN (including - turnover.turnover) < %(b)s::numeric / 100 * turnover.everything THEN 'B' ELSE 'C' END
                   END AS pareto_class,
                   contribution.position AS margin_rank,
                   round(100 * contribution.contribution / NULLIF(contribution.everything, 0), 2) AS margin_share,
                   r AS recency_score, f AS frequency_score, m AS money_score,
                   CASE WHEN r >= 4 AND f >= 4 THEN 'champion' WHEN r <= 2 AND f >= 3 THEN 'at_risk' WHEN f >= 4 THEN 'loyal'
                        WHEN r >= 4 AND f <= 2 THEN 'new' WHEN r <= 2 AND f <= 2 THEN 'lost' WHEN r IS NOT NULL THEN 'regular'
                   END AS segment,
                   CASE WHEN margin_12m IS NOT NULL AND quotation_rate IS NOT NULL THEN
                       CASE WHEN margin_12m >= median.margin THEN
                                CASE WHEN quotation_rate >= median.rate THEN 'partner' ELSE 'sleeping' END
                            WHEN quotation_rate >= median.rate THEN 'eager' ELSE 'marginal' END
                   END AS value_quadrant
              FROM profile
        CROSS JOIN median
         LEFT JOIN turnover ON turnover.id = profile.id
         LEFT JOIN contribution ON contribution.id = profile.id
         LEFT JOIN fifths ON fifths.id = profile.id
            """,
            company=company.id, a=company.fulfilment_pareto_a, b=company.fulfilment_pareto_b,
        )
