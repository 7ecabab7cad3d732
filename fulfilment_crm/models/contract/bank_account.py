from odoo import models


class ResCompany(models.Model):
    """The account that customers are asked to pay to: one that accounting vouches for, for anybody may enter accounts."""
    _inherit = 'res.company'

    def _fulfilment_bank_account(self):
        """Return the first own account that is trusted or kept by a bank journal of the company; empty where there is none."""
        self.ensure_one()
        # safe: printed on what customers read; only accounts that accounting has set up or trusts
        company = self.sudo()
        own = company.partner_id.bank_ids.filtered(lambda one: not one.company_id or one.company_id in company.parent_ids)
        # Read through the field: many contracts of a company ask once.
        return own.filtered(lambda one: one.allow_out_payment or one.journal_id.company_id & company.parent_ids)[:1]
