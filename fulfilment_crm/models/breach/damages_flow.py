from odoo import fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command

from ..base.claim import claim

# Who says that damages were settled otherwise than by their document.
SETTLERS = ('credit', 'legal', 'manager')


class FulfilmentDamages(models.Model):
    """How damages are claimed and settled. What is claimed is frozen, as a draft invoice or credit note for an accountant to post."""
    _inherit = 'fulfilment.damages'

    # === ACTIONS === #

    def action_claim(self):
        """Claim damages: a draft invoice of what the customer owes, a draft credit note of what we owe.

        :raise UserError: where nothing is left to be claimed
        """
        self = self.union()
        self.check_access('write')
        self._check_move('claimed')
        objected = self.filtered(lambda one: one.objection_state == 'open')
        if objected:
            raise UserError(self.env._("%s: the customer objects. Answer the objection first.", objected[0].display_name))
        waiting = self.filtered(lambda one: 'pending' in one.waiver_ids.mapped('approval_state'))
        if waiting:
            raise UserError(self.env._("%s: a waiver waits for approval. Decide it first.", waiting[0].display_name))
        # safe: guarded; the right to write was checked
        damages = self.sudo()
        claim(damages)
        damages._bring_up_to_date()
        empty = damages.filtered(lambda one: one.currency_id.compare_amounts(one.amount_due, 0) <= 0)
        if empty:
            raise UserError(self.env._("%s: nothing is left to be claimed.", empty[0].display_name))
        today = damages.company_id._fulfilment_today()
        for one in damages:
            one.move_id = one._make_document()
            one._move_to('claimed', claimed_on=today[one.company_id], amount_now=one.amount)
        # What comes after is worked out anew, beside the claim.
        damages.contract_id._reckon_damages_again()
        return damages[:1].sudo(False).action_open_move() if len(damages) == 1 and self._reads_documents() else True

    def action_take_back(self, reason=None):
        """Take a claim back whose document was not posted: the damages go on.

        :param str reason: why; asked for in a dialog when missing
        """
        self.check_access('write')
        for one in self:
            # safe: whether its document counts already
            if one.state != 'claimed' or one.sudo().move_id.state == 'posted':
                raise UserError(self.env._(
                    "%s: only a claim whose document is not posted is taken back. Credit the document instead.", one.display_name,
                ))
            newer = one.milestone_id.damages_ids.filtered(
                lambda other, one=one: other.state != 'accruing' and (other.date_until, other.id) > (one.date_until, one.id)
            )
            if newer:
                raise UserError(self.env._(
                    "%(claim)s: later days are claimed or waived already (%(later)s). Only the newest claim is taken back.",
                    claim=one.display_name, later=newer[0].display_name,
                ))
        if not (reason or '').strip():
            return self._ask_reason('action_take_back', self.env._("Take the claim back"))
        # safe: as in action_claim
        damages = self.sudo()
        later = damages.milestone_id.damages_ids.filtered(lambda one: one.state == 'accruing')
        held = later.filtered(lambda one: one.waiver_ids or one.amount_waived or one.objected_on)
        if held:
            raise UserError(self.env._(
                "%s: of the days since something is waived or objected to. Decide that, and claim these days as well, instead.",
                held[0].display_name,
            ))
        later.unlink()  # their days belong to the claim that goes on
        for one in damages:
            one._drop_draft()
            one._move_to('accruing', claimed_on=False)
        damages._message_log_batch({one.id: reason.strip() for one in damages})
        damages.contract_id._reckon_damages_again()
        return True

    def action_settle(self, reason=None):
        """Say that claimed damages were settled otherwise than by their document, such as set off against another claim.

        Whoever gives them up proposes a waiver instead, which passes approval.

        :param str reason: how; asked for in a dialog when missing
        """
        self.check_access('write')
        self._check_move('settled')
        user = self.env.user
        if not any(user.has_group(f'fulfilment_crm.group_{role}') for role in SETTLERS):
            raise AccessError(self.env._(
                "Credit control, legal or a manager says that damages were settled otherwise. To give them up, propose a waiver.",
            ))
        for one in self:
            # safe: whether its document counts already
            if one.sudo().move_id.state == 'posted':
                raise UserError(self.env._("%s: its document is posted. Pay or credit it: that settles them.", one.display_name))
        if not (reason or '').strip():
            return self._ask_reason('action_settle', self.env._("How were they settled?"))
        # safe: as in action_claim
        for one in self.sudo():
            one._drop_draft()
        # safe: as in action_claim
        self.sudo()._move_to('settled', settled_by_word=True)
        self.sudo()._message_log_batch({one.id: reason.strip() for one in self})
        return True

    def action_waive(self):
        """Open the dialog that proposes to waive damages, in part or whole."""
        self.ensure_one()
        self.check_access('write')
        return {
            'type': 'ir.actions.act_window', 'name': self.env._("Waive"), 'res_model': 'fulfilment.damages.waiver', 'view_mode': 'form',
            'target': 'new', 'context': {'default_damages_id': self.id, 'default_amount': self.amount_due},
        }

    # === BUSINESS METHODS === #

    def _drop_draft(self):
        """Delete the draft document of a claim.

        :raise UserError: where somebody has added lines to it
        """
        self.ensure_one()
        draft = self.move_id.filtered(lambda move: move.state == 'draft')
        if draft.posted_before:
            raise UserError(self.env._(
                "%(claim)s: its document %(draft)s was posted before. Have an accountant cancel it first.",
                claim=self.display_name, draft=draft.display_name,
            ))
        if len(draft.invoice_line_ids) > 1:
            raise UserError(self.env._(
                "%(claim)s: somebody has added lines to its draft %(draft)s. Have an accountant take them out first.",
                claim=self.display_name, draft=draft.display_name,
            ))
        draft.unlink()

    def _bring_up_to_date(self):
        """Work out what has changed since the last round, so that nothing is claimed that is no longer so."""
        stale = self.contract_id.filtered(lambda one: not one.damages_until)
        if stale:
            stale._accrue_damages(stale.company_id._fulfilment_today())

    def _reads_documents(self):
        return self.env['account.move'].has_access('read')

    def _make_document(self):
        """Make the draft invoice or credit note of what is claimed."""
        self.ensure_one()
        contract, company = self.contract_id, self.company_id
        told = self.with_context(lang=contract.lang or self.partner_id.lang or self.env.lang)
        product = company.fulfilment_damages_product_id or company.root_id.fulfilment_damages_product_id
        journal = self.env['account.journal'].with_context(active_test=True).search([
            *self.env['account.journal']._check_company_domain(company), ('type', '=', 'sale'),
        ], limit=1)
        if not journal:
            raise UserError(self.env._("%s has no sales journal: an accountant adds one first.", company.name))
        line = {
            'name': '\n'.join([told.display_name, *told._told_segments()]), 'quantity': 1, 'price_unit': self.amount_due,
            **({'product_id': product.id} if product else {'tax_ids': [Command.clear()]}),
        }
        return self.env['account.move'].with_company(company).with_context(default_move_type=False).create({
            'move_type': 'out_invoice' if self.debtor == 'customer' else 'out_refund', 'partner_id': self.partner_id.id,
            'company_id': company.id, 'journal_id': journal.id, 'currency_id': self.currency_id.id, 'invoice_origin': contract.name,
            'ref': told.env._("Damages under contract %s", contract.name), 'invoice_user_id': self.user_id.id,
            'invoice_line_ids': [Command.create(line)],
        })

    def _follow_documents(self):
        """Tell which claims were settled by their documents, and which are open again because a payment was undone.

        :return: ``{effect: count}``
        """
        paid = self.filtered(lambda one: one.state == 'claimed' and one.move_id.payment_state in ('paid', 'in_payment', 'reversed'))
        undone = self.filtered(lambda one: one.state == 'settled' and not one.settled_by_word and (
            one.move_id.state != 'posted' or one.move_id.payment_state in ('not_paid', 'partial')
        ))
        paid._move_to('settled')
        undone._move_to('claimed')
        lost = self.filtered(lambda one: one.state == 'claimed' and (not one.move_id or one.move_id.state == 'cancel'))
        return {'damages settled': len(paid), 'damages open again': len(undone), **lost._without_document()}

    def _without_document(self):
        """Tell people of claims whose document somebody has deleted or cancelled: it is claimed again, or taken back."""
        missing = self.filtered(lambda one: not one.activity_ids)
        missing._give_to_do(lambda env: env._("The document of the claim is gone: take the claim back, or settle it"))
        return {'claims without document': len(missing)}


class AccountMove(models.Model):
    _inherit = 'account.move'

    fulfilment_damages_ids = fields.One2many('fulfilment.damages', 'move_id', string="Damages", groups='fulfilment_crm.group_reader')
