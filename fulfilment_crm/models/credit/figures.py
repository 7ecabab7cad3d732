from odoo import api, models
from odoo.tools import SQL

from ..profile.figure import FigureFloat, FigureInteger


class FulfilmentProfileMixin(models.AbstractModel):
    """What financial statements and external ratings say; the latest up to the day counts."""
    _inherit = 'fulfilment.profile.mixin'

    altman_z = FigureFloat(
        string="Altman Z′", facts='statements', digits=(16, 4),
        help="For private firms: 0.717 working capital ÷ assets + 0.847 retained earnings ÷ assets + 3.107 EBIT ÷ assets + 0.420 equity ÷ "
             "liabilities + 0.998 sales ÷ assets. Above 2.9 safe, below 1.23 in distress.",
    )
    debt_ratio = FigureFloat(string="Debt ratio (%)", facts='statements', help="Liabilities ÷ assets.")
    current_ratio = FigureFloat(string="Current ratio", facts='statements', help="Current assets ÷ current liabilities.")
    cash_flow_ratio = FigureFloat(string="Cash flow ratio", facts='statements', help="Operating cash flow ÷ current liabilities.")
    statement_audited = FigureInteger(
        string="Statement audited", facts='statements', aggregator=None,
        help="1: the statement used was audited, 0: it was not; empty without a statement.",
    )
    statement_id = FigureInteger(string="Statement used", facts='statements', aggregator=None)
    external_score = FigureFloat(string="External score", facts='external', help="Latest external rating, converted to 0–100.")
    external_score_fall = FigureFloat(
        string="Fall of the external score", facts='external',
        help="Points the latest external rating is lower than the one before from the same source; 0 when not lower, empty where "
             "there is none before.",
    )
    external_score_id = FigureInteger(string="External score used", facts='external', aggregator=None)

    @api.model
    def _facts(self):
        return {**super()._facts(), 'statements': self._statements_sql, 'external': self._external_sql}

    @api.model
    def _statements_sql(self, scope):
        return SQL(
            """
            SELECT DISTINCT ON (partner.commercial_partner_id) partner.commercial_partner_id AS partner_id, statement.id AS statement_id,
                   COALESCE(statement.audited, FALSE)::int AS statement_audited,
                   round((0.717 * (current_assets - current_liabilities) / NULLIF(assets, 0)
                          + 0.847 * retained_earnings / NULLIF(assets, 0) + 3.107 * ebit / NULLIF(assets, 0)
                          + 0.420 * equity / NULLIF(liabilities, 0) + 0.998 * sales / NULLIF(assets, 0))::numeric, 4) AS altman_z,
                   round((100 * liabilities / NULLIF(assets, 0))::numeric, 2) AS debt_ratio,
                   round((current_assets / NULLIF(current_liabilities, 0))::numeric, 2) AS current_ratio,
                   round((operating_cash_flow / NULLIF(current_liabilities, 0))::numeric, 2) AS cash_flow_ratio
              FROM fulfilment_financial_statement statement
              JOIN res_partner partner ON partner.id = statement.partner_id
             WHERE statement.date <= %(day)s AND statement.company_id = ANY(%(companies)s) AND %(partners)s
          ORDER BY partner.commercial_partner_id, statement.date DESC, statement.id DESC
            """,
            day=scope.day, companies=list(scope.companies), partners=scope.of(SQL("partner.id")),
        )

    @api.model
    def _external_sql(self, scope):
        return SQL(
            """
            SELECT DISTINCT ON (partner.commercial_partner_id) partner.commercial_partner_id AS partner_id,
                   round(rating.score, 2) AS external_score, rating.id AS external_score_id,
                   CASE WHEN earlier.score IS NOT NULL THEN round(GREATEST(earlier.score - rating.score, 0), 2) END AS external_score_fall
              FROM fulfilment_external_score rating
              JOIN res_partner partner ON partner.id = rating.partner_id
 LEFT JOIN LATERAL (
                   SELECT before.score FROM fulfilment_external_score before
                    WHERE before.partner_id = rating.partner_id AND before.company_id = rating.company_id
                      AND before.source = rating.source AND (before.date, before.id) < (rating.date, rating.id)
                 ORDER BY before.date DESC, before.id DESC LIMIT 1
                   ) earlier ON TRUE
             WHERE rating.date <= %(day)s AND rating.company_id = ANY(%(companies)s) AND %(partners)s
          ORDER BY partner.commercial_partner_id, rating.date DESC, rating.id DESC
            """,
            day=scope.day, companies=list(scope.companies), partners=scope.of(SQL("partner.id")),
        )

    @api.model
    def _changed_sources(self, scope, since):
        companies = list(scope.companies)
        return [
            *super()._changed_sources(scope, since),
            SQL("SELECT partner_id FROM fulfilment_financial_statement WHERE write_date > %s AND company_id = ANY(%s)", since, companies),
            SQL("SELECT partner_id FROM fulfilment_external_score WHERE write_date > %s AND company_id = ANY(%s)", since, companies),
        ]


class FulfilmentProfile(models.Model):
    _inherit = 'fulfilment.profile'

    def _records_behind(self):
        own = [('partner_id', '=', self.partner_id.id), ('company_id', '=', self.company_id.id)]
        of_customer = [('partner_id', 'child_of', self.partner_id.id), ('company_id', 'child_of', self.company_id.id)]
        return {
            **super()._records_behind(),
            'assessments': (self.env._("Assessments"), 'fulfilment.credit.assessment', own),
            'decisions': (self.env._("Credit decisions"), 'fulfilment.credit.decision', own),
            'statements': (self.env._("Financial statements"), 'fulfilment.financial.statement', of_customer),
            'scores': (self.env._("External scores"), 'fulfilment.external.score', of_customer),
        }
