from odoo import models


class AccountAccount(models.Model):
    """Which accounts are receivable is kept in memory."""
    _name = 'account.account'
    _inherit = ['account.account', 'fulfilment.cached.mixin']

    _cached_fields = frozenset({'account_type'})


class AccountJournal(models.Model):
    """Which journals are for money, which for sales, is kept in memory."""
    _name = 'account.journal'
    _inherit = ['account.journal', 'fulfilment.cached.mixin']

    _cached_fields = frozenset({'type'})
