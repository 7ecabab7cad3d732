from odoo import fields, models


class FulfilmentMilestoneAllocation(models.Model):
    """How much of which instalment of an invoice belongs to which payment milestone. Rewritten from the ledger, never by hand."""
    _name = 'fulfilment.milestone.allocation'
    _description = 'Instalment of a payment milestone'
    _inherit = ['fulfilment.machine.mixin']
    _order = 'milestone_id, id'
    _rec_name = 'move_name'

    milestone_id = fields.Many2one('fulfilment.milestone', required=True, readonly=True, index=True, ondelete='cascade')
    contract_id = fields.Many2one(related='milestone_id.contract_id', store=True, index=True)
    company_id = fields.Many2one(related='milestone_id.company_id', store=True, index=True)
    # The line itself is readable to accountants only; what a salesperson needs of it is copied.
    move_line_id = fields.Many2one(
        'account.move.line', readonly=True, index=True, required=True, ondelete='cascade',
        groups='account.group_account_readonly,account.group_account_invoice'
    )
    move_name = fields.Char(string="Invoice", readonly=True)
    date_due = fields.Date(string="Due", readonly=True)
    date_invoice = fields.Date(string="Invoiced on", readonly=True)
    currency_id = fields.Many2one(related='milestone_id.currency_id')
    amount = fields.Monetary(readonly=True)

    _once_each = models.UniqueIndex('(milestone_id, move_line_id)', "This instalment belongs to the payment milestone already.")

    def _key(self):
        """Return the values that tell whether an allocation is the same as before."""
        amount = self.currency_id.round(self.amount)
        return (self.milestone_id.id, self.move_line_id.id, self.date_due, self.date_invoice, self.move_name, amount)
