from odoo import api, models
from odoo.tools import SQL

from ...tools import relationship
from .figure import FigureDate, FigureInteger, FigureMonetary

# What a customer's file should hold; each counts the same.


class FulfilmentProfileMixin(models.AbstractModel):
    """How long and how well the customer is known, and what the relationship is worth."""
    _inherit = 'fulfilment.profile.mixin'

    relation_since = FigureDate(
        string="Customer since", facts='derived', needs=('invoices', 'orders'), help="The first posted invoice or confirmed order.",
    )
    relation_days = FigureInteger(string="Days of relation", facts='derived', needs=('invoices', 'orders'), aggregator='avg')
    relation_years = FigureInteger(
        string="Years of relation", facts='derived', needs=('invoices', 'orders'), aggregator='avg',
        help="Whole years since the first posted invoice or confirmed order: from 29 February 2024, two years are over on 1 March 2026.",
    )
    relationship_value = FigureMonetary(
        string="Value of the relationship", facts='derived', needs=('invoices',),
        help="Contribution a year × retention ÷ (1 + discount − retention), or the sum over the years set, less the cost to win and to "
             "keep a customer. Retention, discount, years and costs are settings.",
    )
    file_completeness = FigureInteger(
        string="File complete (%)", facts='file', past=False, aggregator='avg',
        help="Share of the fields that the settings name, and a contact person, that are filled in.",
    )

    @api.model
    def _facts(self):
        return {**super()._facts(), 'file': self._file_sql}

    @api.model
    def _file_sql(self, scope):
        """Says something about every partner, so it gives nobody a profile by itself."""
        wanted = scope.company._fulfilment_file_fields()
        filled = [SQL("(%s IS NOT NULL AND %s::text != '')::int", *[SQL.identifier('partner', name)] * 2) for name in wanted]
        return SQL(
            """
            SELECT partner.id AS partner_id,
                   100 * (%(filled)s
                          + EXISTS(SELECT FROM res_partner child
                                    WHERE child.parent_id = partner.id AND child.active AND child.type = 'contact')::int)
                       / %(number)s AS file_completeness
              FROM res_partner partner
             WHERE partner.commercial_partner_id = partner.id AND %(partners)s
            """,
            filled=SQL(" + ").join(filled), number=len(wanted) + 1, partners=scope.of(SQL("partner.id")),
        )

    @api.model
    def _derived(self, scope):
        company = scope.company
        since = SQL("LEAST(invoices.first_invoice_on, orders.first_order_on)")
        worth = relationship.factor(
            company.fulfilment_retention / 100, company.fulfilment_discount / 100, company.fulfilment_value_years,
        )
        return {
            **super()._derived(scope),
            'relation_since': since,
            'relation_days': SQL("%s - %s", scope.day, since),
            'relation_years': SQL("EXTRACT(YEAR FROM age(%s::timestamp, %s::timestamp))::int", scope.day, since),
            'relationship_value': SQL(
                "round(invoices.margin_12m * %s::numeric - %s::numeric, 2)",
                worth, company.fulfilment_cost_to_win + company.fulfilment_cost_to_keep,
            ),
        }
