from odoo import api, models
from odoo.tools import SQL

from ..profile.figure import FigureDate, FigureFloat, FigureInteger


class FulfilmentProfileMixin(models.AbstractModel):
    """What the customer thinks of us, by the answers to our surveys."""
    _inherit = 'fulfilment.profile.mixin'

    satisfaction_avg = FigureFloat(
        string="Satisfaction", facts='satisfaction', help="Mean of the answers in the window, from 1 to 5. Empty without answers.",
    )
    satisfaction_count = FigureInteger(
        string="Answers to surveys", facts='satisfaction', total=True, help="Answers in the window: the base of the means of satisfaction.",
    )
    satisfaction_quality = FigureFloat(
        string="Product quality (mean)", facts='satisfaction', help="Mean of the marks in the window; empty where nobody marked it.",
    )
    satisfaction_response = FigureFloat(
        string="Service response (mean)", facts='satisfaction', help="Mean of the marks in the window; empty where nobody marked it.",
    )
    satisfaction_cooperation = FigureFloat(
        string="Cooperation experience (mean)", facts='satisfaction', help="Mean of the marks in the window; empty where nobody marked it.",
    )
    satisfaction_value = FigureFloat(
        string="Value for money (mean)", facts='satisfaction', help="Mean of the marks in the window; empty where nobody marked it.",
    )
    satisfaction_last = FigureFloat(
        string="Satisfaction, latest answer", facts='satisfaction', help="Mean of the latest answer in the window.",
    )
    satisfaction_last_on = FigureDate(string="Latest answer on", facts='satisfaction')
    satisfaction_change = FigureFloat(
        string="Change of satisfaction", facts='derived', needs=('satisfaction', 'before'),
        help="Satisfaction less what it was at the month end six months ago. Empty without answers then or now.",
    )

    @api.model
    def _changing(self):
        return {**super()._changing(), 'satisfaction_change': 'satisfaction_avg'}

    @api.model
    def _facts(self):
        return {**super()._facts(), 'satisfaction': self._satisfaction_sql}

    @api.model
    def _satisfaction_sql(self, scope):
        return SQL(
            """
            SELECT partner.commercial_partner_id AS partner_id,
                   count(*) AS satisfaction_count, round(avg(result.average)::numeric, 2) AS satisfaction_avg,
                   round(avg(result.quality)::numeric, 2) AS satisfaction_quality,
                   round(avg(result.response)::numeric, 2) AS satisfaction_response,
                   round(avg(result.cooperation)::numeric, 2) AS satisfaction_cooperation,
                   round(avg(result.value)::numeric, 2) AS satisfaction_value,
                   round(((array_agg(result.average ORDER BY result.date DESC, result.id DESC))[1])::numeric, 2) AS satisfaction_last,
                   max(result.date) AS satisfaction_last_on
              FROM fulfilment_satisfaction result
              JOIN res_partner partner ON partner.id = result.commercial_partner_id
             WHERE result.company_id = ANY(%(companies)s) AND result.date > %(since)s AND result.date <= %(day)s AND %(partners)s
          GROUP BY partner.commercial_partner_id
            """,
            companies=list(scope.companies), since=scope.since, day=scope.day, partners=scope.of(SQL("partner.id")),
        )

    @api.model
    def _changed_sources(self, scope, since):
        return [
            *super()._changed_sources(scope, since),
            SQL("SELECT commercial_partner_id FROM fulfilment_satisfaction WHERE write_date > %s AND company_id = ANY(%s)",
                since, list(scope.companies)),
        ]


class FulfilmentProfileMonth(models.Model):
    _inherit = 'fulfilment.profile.month'

    satisfaction_count = FigureInteger(string="Answers", readonly=True, guarded=True)
    satisfaction_total = FigureFloat(
        string="Marks", readonly=True, guarded=True, aggregator='sum', help="Answers × mean of each customer.",
    )

    @api.model
    def _sums(self):
        return {
            **super()._sums(),
            'satisfaction_count': SQL("sum(satisfaction_count) FILTER (WHERE satisfaction_avg IS NOT NULL)"),
            'satisfaction_total': SQL("sum(satisfaction_count * satisfaction_avg)"),
        }
