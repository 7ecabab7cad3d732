from odoo import models


class ResCurrency(models.Model):
    _inherit = 'res.currency'

    def _fulfilment_is_rated(self, company):
        """Tell whether amounts in this currency can be converted to that of a company: Odoo counts one for one where there is no rate."""
        self.ensure_one()
        # safe: asks whether there is any rate for the company
        return self == company.currency_id or any(
            not rate.company_id or rate.company_id == company.root_id for rate in self.sudo().rate_ids
        )
