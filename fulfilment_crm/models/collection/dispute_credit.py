from odoo import models
from odoo.fields import Command


class FulfilmentDispute(models.Model):
    """What is accepted of a dispute, as a draft credit note."""
    _inherit = 'fulfilment.dispute'

    def _make_credit_note(self):
        """Make a draft credit note of what was accepted, with the taxes of the invoice, for an accountant to post.

        Of disputed lines it credits these; else one line for each combination of taxes of the invoice, by what each has in its total.
        """
        self.ensure_one()
        # safe: a draft, made of an invoice whose dispute the user has decided; it counts once an accountant posts it
        move = self.sudo().move_id
        lines = (self.sudo().line_ids if self.basis == 'lines' else move.invoice_line_ids).filtered(
            lambda line: line.display_type == 'product' and line.price_total,
        )
        groups = list(lines.grouped(lambda line: (line.tax_ids, line.account_id)).items())
        said = self.with_context(lang=move.partner_id.lang or self.env.lang).env._(
            "Dispute %(number)s of invoice %(invoice)s", number=self.name, invoice=move.name,
        )
        total, left, commands = sum(lines.mapped('price_total')), self.amount_accepted, []
        for position, ((taxes, account), own) in enumerate(groups, 1):
            part = left if position == len(groups) else self.currency_id.round(
                self.amount_accepted * sum(own.mapped('price_total')) / total if total else 0.0,
            )
            left = self.currency_id.round(left - part)
            untaxed = taxes.with_context(force_price_include=True).compute_all(part, currency=self.currency_id)['total_excluded']
            included = taxes and all(taxes.mapped('price_include'))
            commands.append(Command.create({
                'name': said,
                'quantity': 1, 'price_unit': part if included else untaxed, 'account_id': account.id, 'tax_ids': [Command.set(taxes.ids)],
            }))
        credit = move.with_context(default_move_type=False).create({
            'move_type': 'out_refund', 'partner_id': move.partner_id.id, 'company_id': move.company_id.id, 'journal_id': move.journal_id.id,
            'currency_id': move.currency_id.id, 'reversed_entry_id': move.id, 'ref': self.name,
            'invoice_origin': move.name, 'fulfilment_contract_id': move.fulfilment_contract_id.id,
            'invoice_payment_term_id': False, 'invoice_user_id': move.invoice_user_id.id, 'invoice_line_ids': commands,
        })
        self.sudo().credit_move_id = credit  # safe: guarded; follows from the decision

    def _set_against(self):
        """Set the posted credit note against the instalments that are held, those due first first; nothing of them is held any more."""
        self.ensure_one()
        held = self.hold_ids.filtered(lambda one: not one.date_to).sorted(lambda one: (one.move_line_id.date_maturity, one.id))
        credit = self.credit_move_id.line_ids.filtered(lambda line: line.account_type == 'asset_receivable' and not line.reconciled)
        for line in held.move_line_id:
            if credit and not line.reconciled and line.account_id == credit.account_id:
                (line | credit.filtered(lambda one: not one.reconciled)).reconcile()
        held._end(self.company_id._fulfilment_today())


class AccountMove(models.Model):
    _inherit = 'account.move'

    def _post(self, soft=True):
        """Set the credit note of a dispute against the instalments it was about, which are not held any more."""
        posted = super()._post(soft)
        credits = posted.filtered(lambda move: move.move_type == 'out_refund' and move.reversed_entry_id)
        if credits:
            # safe: what follows from posting, which was the accountant's right
            disputes = self.env['fulfilment.dispute'].sudo().search([('credit_move_id', 'in', credits.ids)])
            for dispute in disputes:
                dispute._set_against()
        return posted
