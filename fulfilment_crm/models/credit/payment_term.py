from odoo import models
from odoo.tools import ormcache

from ..base.binding import binding


class AccountPaymentTerm(models.Model):
    _inherit = 'account.payment.term'

    @ormcache('self.id')
    def _fulfilment_days(self):
        """The days until the last instalment; one counted from the end of a month may take 30 days more. 0 without terms."""
        # safe: how long terms are binds whoever confirms an order
        return max((line.nb_days + 30 * (line.delay_type != 'days_after') for line in binding(self).line_ids), default=0)


class AccountPaymentTermLine(models.Model):
    """How long terms are is kept in memory, since every confirmation of an order asks."""
    _name = 'account.payment.term.line'
    _inherit = ['account.payment.term.line', 'fulfilment.cached.mixin']
