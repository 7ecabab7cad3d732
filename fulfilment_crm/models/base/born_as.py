from odoo import api, models


class Base(models.AbstractModel):
    """Some fields say what only actions bring about. Whatever a call brings or a user keeps as a default, records are made without it."""
    _inherit = 'base'

    _fulfilment_born = {}  # {field: value that every new record has, whatever default there is}

    @api.model
    def default_get(self, fields):
        values = super().default_get(fields)
        if self._fulfilment_born:
            values.update({name: value for name, value in self._fulfilment_born.items() if name in values})
        return values


class ResUsers(models.Model):
    _inherit = 'res.users'

    # Whoever lets somebody in does not know the password.
    _fulfilment_born = {'password': False}


class AccountMove(models.Model):
    _inherit = 'account.move'

    # Entries are posted, invoices paid, and nothing else makes them so.
    _fulfilment_born = {'state': 'draft'}


class PaymentTransaction(models.Model):
    _inherit = 'payment.transaction'

    # The provider says what became of a payment.
    _fulfilment_born = {'state': 'draft', 'sale_order_ids': False, 'invoice_ids': False, 'provider_reference': False, 'payment_id': False}
