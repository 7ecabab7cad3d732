from datetime import date, timedelta

from odoo import models
from odoo.tools import ormcache

from ..base.binding import binding

LEAP_YEAR = [date(2024, 1, 1) + timedelta(days=number) for number in range(366)]


class AccountPaymentTerm(models.Model):
    _inherit = 'account.payment.term'

    @ormcache('self.id')
    def _fulfilment_days(self):
        """Return the days until the last instalment, at most: counted from the end of a month, it depends on the day. 0 without terms."""
        # safe: how long terms are binds whoever confirms an order
        return max((
            line.nb_days if line.delay_type == 'days_after' else max((line._get_due_date(day) - day).days for day in LEAP_YEAR)
            for line in binding(self).line_ids
        ), default=0)


class AccountPaymentTermLine(models.Model):
    """How long terms are is kept in memory, since every confirmation of an order asks."""
    _name = 'account.payment.term.line'
    _inherit = ['account.payment.term.line', 'fulfilment.cached.mixin']
