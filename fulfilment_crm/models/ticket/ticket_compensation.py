from odoo import models
from odoo.exceptions import UserError
from odoo.fields import Command


class FulfilmentTicket(models.Model):
    """What the customer gets for what went wrong."""
    _inherit = 'fulfilment.ticket'

    def action_credit_note(self):
        """Draft a credit note over the compensation, as somebody who may write invoices, to be checked and posted.

        :raise UserError: when there is no amount, no invoice concerned, or a credit note already
        """
        self.ensure_one()
        self.check_access('read')
        self.env['account.move'].check_access('create')
        invoice, amount = self.invoice_id, self.compensation_amount
        if self.credit_note_id:
            raise UserError(self.env._("%s has its credit note already.", self.display_name))
        if not invoice or amount <= 0:
            raise UserError(self.env._("Name the invoice concerned and the amount of the compensation of %s first.", self.display_name))
        if invoice.move_type != 'out_invoice' or invoice.state != 'posted' \
                or invoice.commercial_partner_id != self.commercial_partner_id:
            raise UserError(self.env._("%(invoice)s is no posted invoice of the customer of %(ticket)s.", invoice=invoice.display_name,
                                       ticket=self.display_name))
        # safe: what has been given back of the same invoice, whoever may read it
        notes = self.env['account.move'].sudo().search([('reversed_entry_id', '=', invoice.id), ('state', '!=', 'cancel')])
        given = sum(abs(note.amount_untaxed_signed) for note in notes)
        if self.currency_id.compare_amounts(amount + given, invoice.amount_untaxed_signed) > 0:
            raise UserError(self.env._(
                "%(amount)s is more than is left of invoice %(invoice)s untaxed.", amount=self.currency_id.format(amount),
                invoice=invoice.name,
            ))
        billed = invoice.invoice_line_ids.filtered(lambda line: line.display_type == 'product')[:1]
        # The amount is in the company's currency, the credit note in that of the invoice.
        price = self.currency_id._convert(amount, invoice.currency_id, self.company_id, invoice.invoice_date)
        credit_note = self.env['account.move'].with_company(self.company_id).create({
            'move_type': 'out_refund', 'partner_id': invoice.partner_id.id, 'journal_id': invoice.journal_id.id,
            'currency_id': invoice.currency_id.id, 'reversed_entry_id': invoice.id, 'ref': self.display_name,
            'invoice_line_ids': [Command.create({
                'name': self.env._("Compensation for %s", self.display_name), 'quantity': 1, 'price_unit': price,
                'account_id': billed.account_id.id, 'tax_ids': [Command.set(billed.tax_ids.ids)],
            })],
        })
        # safe: notes the credit note the user has just been allowed to make
        self.sudo().credit_note_id = credit_note
        self._message_log(body=self.env._("Credit note drafted over %s", self.currency_id.format(amount)))
        return credit_note._get_records_action()
