from odoo import api, models
from odoo.tools import SQL

from ..profile.figure import FigureFloat, FigureInteger, FigureMonetary


class FulfilmentProfileMixin(models.AbstractModel):
    """What the customer did not keep. Cases that were withdrawn do not count."""
    _inherit = 'fulfilment.profile.mixin'

    breach_count = FigureInteger(
        string="Breaches", facts='breaches', total=True, help="Cases of the customer opened in the window, withdrawn ones left out.",
    )
    breach_open_count = FigureInteger(string="Breaches under way", facts='breaches', total=True, help="Not closed on that day.")
    breach_amount_claimed = FigureMonetary(
        string="Claimed for breaches", facts='breaches', total=True, past=False,
        help="In cases of the customer opened in the window, in the currency of the company.",
    )
    breach_recovery_rate = FigureFloat(
        string="Recovered of breaches (%)", facts='breaches', past=False,
        help="Share of what was claimed in the window that was recovered.",
    )

    @api.model
    def _facts(self):
        return {**super()._facts(), 'breaches': self._breaches_sql}

    @api.model
    def _breaches_sql(self, scope):
        return SQL(
            """
            WITH counted AS (
                SELECT breach.partner_id,
                       count(*) FILTER (WHERE breach.opened_on > %(since)s) AS number,
                       count(*) FILTER (WHERE breach.closed_on IS NULL OR breach.closed_on > %(day)s) AS open,
                       sum(breach.company_amount_claimed) FILTER (WHERE breach.opened_on > %(since)s) AS claimed,
                       sum(breach.company_amount_recovered) FILTER (WHERE breach.opened_on > %(since)s) AS recovered
                  FROM fulfilment_breach breach
                 WHERE breach.company_id = ANY(%(companies)s) AND breach.party = 'customer' AND breach.opened_on <= %(day)s
                   AND (breach.state != 'withdrawn' OR breach.closed_on > %(day)s) AND %(partners)s
              GROUP BY breach.partner_id
            )
            SELECT partner_id, number AS breach_count, open AS breach_open_count, round(claimed::numeric, 2) AS breach_amount_claimed,
                   %(recovered)s AS breach_recovery_rate
              FROM counted
            """,
            since=scope.since, day=scope.day, companies=list(scope.companies), partners=scope.of(SQL("breach.partner_id")),
            recovered=self._quotient(SQL("recovered"), SQL("claimed")),
        )

    @api.model
    def _changed_sources(self, scope, since):
        return [*super()._changed_sources(scope, since), SQL(
            "SELECT partner_id FROM fulfilment_breach WHERE write_date > %s AND company_id = ANY(%s) AND partner_id IS NOT NULL",
            since, list(scope.companies),
        )]
