from odoo import api, fields, models
from odoo.fields import Domain


class FulfilmentInstalmentHold(models.Model):
    """For which part of an instalment somebody waits, from which day until which: because it is disputed, or promised.

    What was held on a past day follows from these days; rows are ended, never deleted while what they belong to is there.
    """
    _name = 'fulfilment.instalment.hold'
    _description = 'Held part of an instalment'
    _inherit = ['fulfilment.machine.mixin']
    _order = 'id'
    _rec_name = 'kind'
    _log_access = False

    move_line_id = fields.Many2one('account.move.line', required=True, index=True, ondelete='cascade')
    company_id = fields.Many2one(related='move_line_id.company_id', store=True)
    kind = fields.Selection([('disputed', "Disputed"), ('promised', "Promised")], required=True)
    dispute_id = fields.Many2one('fulfilment.dispute', index='btree_not_null', ondelete='cascade')
    promise_id = fields.Many2one('fulfilment.payment.promise', index='btree_not_null', ondelete='cascade')
    currency_id = fields.Many2one(related='move_line_id.currency_id')
    amount = fields.Monetary(required=True, help="In the currency of the instalment.")
    date_from = fields.Date(string="From", required=True)
    date_to = fields.Date(string="Until", index='btree_not_null', help="The last day. Empty: until it is decided.")

    @api.model
    def _held(self, lines, days, kinds=('disputed', 'promised')):
        """Return what is held of instalments on a day: ``{line: amount}``, in the currency of each.

        :param dict days: ``{company: date}``
        """
        found = dict.fromkeys(lines, 0.0)
        rows = self.search(Domain('move_line_id', 'in', lines.ids) & Domain('kind', 'in', kinds))
        for row in rows:
            day = days[row.company_id]
            if row.date_from <= day and (not row.date_to or row.date_to >= day):
                found[row.move_line_id] += row.amount
        return found

    @api.model
    def _hold(self, shares, kind, day, until=False, **owner):
        """Hold parts of instalments.

        :param dict shares: ``{line: amount}``
        :param owner: ``dispute_id`` or ``promise_id``
        """
        return self.create([{
            'move_line_id': line.id, 'kind': kind, 'amount': amount, 'date_from': day, 'date_to': until, **owner,
        } for line, amount in shares.items() if amount > 0])

    def _end(self, days):
        """End what still holds on a day; of a past day nothing changes.

        :param dict days: ``{company: date}``, the first day on which nothing is held any more
        """
        for row in self:
            last = fields.Date.subtract(days[row.company_id], days=1)
            if not row.date_to or row.date_to > last:
                row.date_to = last

    @api.model
    def _shared(self, amount, lines, days, kinds=('disputed', 'promised')):
        """Share an amount among instalments, those due first taking first what is open of them and not held.

        :param float amount: in the currency of the lines
        :return: ``{line: amount}``, and what is left over
        """
        held, shares, left = self._held(lines, days, kinds), {}, amount
        for line in lines.sorted(lambda one: (one.date_maturity or one.date, one.id)):
            free = line.currency_id.round(line.amount_residual_currency - held[line])
            part = min(free, left)
            if part > 0:
                shares[line] = part
                left = line.currency_id.round(left - part)
        return shares, left
