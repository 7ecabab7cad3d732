from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command, Domain

from ...models.collection.dispute import BASES, WISHES
from ...report.collection.instalment import PLACES


class FulfilmentDisputeOpen(models.TransientModel):
    """Takes down what a customer disputes of an instalment, for those as well who do not read the ledger."""
    _name = 'fulfilment.dispute.open'
    _description = 'New dispute'
    _inherit = ['fulfilment.guard.mixin']

    line_number = fields.Integer(required=True, readonly=True, help="The instalment: the number of its journal item.")
    invoice = fields.Char(compute='_compute_invoice')
    currency_id = fields.Many2one('res.currency', compute='_compute_invoice')
    company_id = fields.Many2one('res.company', compute='_compute_invoice')
    amount_open = fields.Monetary(string="Open", compute='_compute_invoice')
    reason_id = fields.Many2one(
        'fulfilment.dispute.reason', required=True, ondelete='cascade',
        domain="[('company_id', 'in', (False, company_id))]",
    )
    basis = fields.Selection([one for one in BASES if one[0] != 'lines'], string="What of it", required=True, default='sum')
    percent = fields.Float(string="Share (%)", digits=(5, 2))
    amount = fields.Monetary(string="Disputed")
    wish = fields.Selection(WISHES, string="The customer wishes", default='credit')
    description = fields.Text(string="What the customer says")

    @api.depends('line_number')
    def _compute_invoice(self):
        for wizard in self:
            rows = wizard._instalments()
            wizard.invoice, wizard.currency_id, wizard.company_id = rows[:1].move_name, rows[:1].currency_id, rows[:1].company_id
            wizard.amount_open = sum(rows.mapped('amount_open')) - sum(rows.mapped('amount_disputed'))

    def _instalments(self):
        """Return the instalment, or the parts of it, as far as the user may read them."""
        self.ensure_one()
        first = self.line_number * PLACES
        return self.env['fulfilment.instalment'].search(Domain('id', '>=', first) & Domain('id', '<', first + PLACES)) \
            if self.line_number else self.env['fulfilment.instalment']

    def action_open_dispute(self):
        """Open the dispute and show it.

        :raise UserError: when the user may not read the instalment, or it is none of an invoice
        """
        self.ensure_one()
        # safe: whose instalment it is, is asked first, with the rights of the user
        line = self.env['account.move.line'].sudo().browse(self.line_number) if self._instalments() else None
        if not line or line.move_id.move_type != 'out_invoice':
            raise UserError(self.env._("Only what is owed by an invoice is disputed."))
        self.env['fulfilment.dispute'].check_access('create')
        # safe: of an instalment the user reads; the right to make disputes was checked
        dispute = self.env['fulfilment.dispute'].sudo().create({
            'move_id': line.move_id.id, 'reason_id': self.reason_id.id, 'basis': self.basis, 'percent': self.percent, 'wish': self.wish,
            'description': self.description, 'user_id': self.env.uid, 'line_ids': [Command.clear()],
            **({'amount': self.amount} if self.basis == 'sum' else {}),
        })
        dispute.sudo(False).check_access('write')  # of accounts one reads only, one disputes nothing
        return dispute.sudo(False)._get_records_action()
