from odoo import api, models


class AccountAccount(models.Model):
    """Which accounts are receivable is kept in memory; a change is noticed at once."""
    _inherit = 'account.account'

    @api.model_create_multi
    def create(self, vals_list):
        result = super().create(vals_list)
        self.env.registry.clear_cache()
        return result

    def write(self, vals):
        result = super().write(vals)
        if 'account_type' in vals:
            self.env.registry.clear_cache()
        return result


class AccountJournal(models.Model):
    """As for accounts: which journals are for money, which for sales."""
    _inherit = 'account.journal'

    @api.model_create_multi
    def create(self, vals_list):
        result = super().create(vals_list)
        self.env.registry.clear_cache()
        return result

    def write(self, vals):
        result = super().write(vals)
        if 'type' in vals:
            self.env.registry.clear_cache()
        return result
