from odoo import fields, models


class FulfilmentCollectionPosition(models.Model):
    """How far asking for an instalment has come, and when it is looked at again: what is not due to be looked at costs nothing."""
    _name = 'fulfilment.collection.position'
    _description = 'Position of an instalment in collection'
    _inherit = ['fulfilment.machine.mixin']
    _log_access = False
    _rec_name = 'move_line_id'

    move_line_id = fields.Many2one('account.move.line', required=True, ondelete='cascade')
    company_id = fields.Many2one('res.company', required=True, ondelete='cascade')
    partner_id = fields.Many2one('res.partner', string="Customer", required=True, index=True, ondelete='cascade')
    taken = fields.Integer(string="Days of the last step", help="From the due date; without meaning before the first step.")
    taken_on = fields.Date(string="Last step on")
    next_on = fields.Date(string="Looked at again on", help="Empty: not again, unless the account changes.")

    _line_unique = models.UniqueIndex('(move_line_id)', "This instalment has a position already.")
    _next_index = models.Index('(next_on, company_id) WHERE next_on IS NOT NULL')


class FulfilmentCollectionClaim(models.Model):
    """That a step was taken for an instalment, once, ever; and of what the letter or call spoke."""
    _name = 'fulfilment.collection.claim'
    _description = 'Instalment a letter or call is about'
    _inherit = ['fulfilment.once.mixin', 'fulfilment.machine.mixin']
    _order = 'date_due, id'
    _rec_name = 'move_name'

    reminder_id = fields.Many2one('fulfilment.reminder', required=True, readonly=True, index=True, ondelete='cascade')
    company_id = fields.Many2one(related='reminder_id.company_id', store=True, index=True)
    step_id = fields.Many2one('fulfilment.collection.step', required=True, readonly=True, index=True, ondelete='restrict')
    move_line_id = fields.Many2one(
        'account.move.line', readonly=True, index='btree_not_null', ondelete='set null',
        groups='account.group_account_readonly,account.group_account_invoice',
    )
    move_name = fields.Char(string="Invoice", readonly=True)
    date_due = fields.Date(string="Due", readonly=True)
    currency_id = fields.Many2one('res.currency', readonly=True)
    amount = fields.Monetary(string="Amount asked for", readonly=True)
    amount_open = fields.Monetary(string="Open", readonly=True)
