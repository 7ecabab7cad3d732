from odoo import fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command, Domain
from odoo.tools import plaintext2html

from ..base.claim import claim
from ..base.queued_mail_mixin import LAYOUT


class FulfilmentDispute(models.Model):
    """How disputes are decided, and what follows.

    What is accepted passes approval first; while it does, accepting, rejecting and taking back answer the step that is due.
    """
    _inherit = 'fulfilment.dispute'

    # === ACTIONS === #

    def action_decide(self):
        """Open the dialog that asks how the dispute is decided."""
        self.ensure_one()
        self.check_access('write')
        return {
            'type': 'ir.actions.act_window', 'name': self.env._("Decide"), 'res_model': 'fulfilment.dispute.decide', 'view_mode': 'form',
            'target': 'new', 'context': {'default_dispute_id': self.id, 'default_amount': self.amount},
        }

    def action_accept(self, amount=None, grounds=None):
        """Accept disputes: a draft credit note is made of what is accepted once everybody asked has agreed.

        :param float amount: in the currency of the invoice; all that is disputed when missing
        :param str grounds: what the customer is told
        :raise UserError: when it is decided already, or the amount is not a part of what is disputed
        :raise AccessError: when somebody looks twice at what they decided themselves
        """
        self = self.union()
        self._check_decidable('accepted')
        # safe: two who accept of one customer at once are told one after the other what was granted before
        claim(self.sudo().partner_id)
        for dispute in self:
            accepted = dispute.amount if amount is None else dispute.currency_id.round(amount)
            if not 0 < accepted <= dispute.amount:
                money = dispute.currency_id.format
                raise UserError(self.env._(
                    "%(name)s: %(accepted)s cannot be accepted of %(amount)s. To accept nothing, reject it.", name=dispute.display_name,
                    accepted=money(accepted), amount=money(dispute.amount),
                ))
            dispute._check_credited({dispute: accepted})
            # safe: what is proposed is guarded; the right to write was checked
            dispute.sudo().write({'amount_proposed': accepted, 'decision': grounds or dispute.decision})
        return self.action_submit()

    def action_reject(self, reason=None):
        """Reject disputes: what they held is due since its first day. In approval, refuse the step that is due.

        :param str reason: why; asked for in a dialog when missing
        """
        asked = self.filtered(lambda one: one.approval_state == 'pending')
        if asked or not (reason or '').strip():
            return super().action_reject(reason=reason)
        self = self.union()
        self._check_decidable('rejected')
        self._settle_as('rejected', 0.0, reason.strip())
        return True

    def action_withdraw(self):
        """Withdraw disputes, because the customer did. In approval, take back what was to be accepted."""
        asked = self.filtered(lambda one: one.approval_state == 'pending')
        if asked:
            return super().action_withdraw()
        self = self.union()
        self.check_access('write')
        self._settle_as('withdrawn', 0.0, False)
        return True

    def action_second_look(self, reason=None):
        """Look again at disputes that were rejected; somebody else decides.

        :param str reason: what speaks for it; asked for in a dialog when missing
        """
        self.check_access('write')
        self._check_move('open')
        # safe: who has decided before
        again = self.filtered(lambda one: one.sudo().decider_ids)
        if again and not self.env.user._fulfilment_gives_credit():
            raise UserError(self.env._(
                "%s was looked at twice: a further look is opened by credit control.", again[:1].display_name,
            ))
        if not (reason or '').strip():
            return self._ask_reason('action_second_look', self.env._("Look at it again"))
        self.union()._look_again(reason.strip())
        return True

    def action_open_credit_note(self):
        """Open the credit note."""
        self.ensure_one()
        return self.credit_move_id._get_records_action()

    # === BUSINESS METHODS === #

    def _check_decidable(self, state):
        """Check that the user may decide these disputes, which are open."""
        self.check_access('write')
        self._check_move(state)
        for dispute in self:
            # safe: who has decided before
            if self.env.user in dispute.sudo().decider_ids:
                raise AccessError(self.env._(
                    "%s: you decided it the first time, so somebody else takes the second look.", dispute.display_name,
                ))
            if state == 'accepted' and self.env.user in dispute._openers() and not self._decides_alone():
                raise AccessError(self.env._(
                    "%s: you opened it, or let in who did, so somebody else accepts it.", dispute.display_name,
                ))

    def _openers(self):
        """Return who stands behind the opening of the dispute: the colleague, or whoever gave the customer's login its access."""
        self.ensure_one()
        # safe: asks who made a login and its contact
        maker = self.sudo().create_uid
        if self.origin == 'colleague':
            return maker
        return maker.create_uid | maker.partner_id.create_uid if maker.share and not maker._is_public() else maker.browse()

    def _decides_alone(self):
        """Whether the user may accept what they opened themselves, as far as the chain of approval lets them: not who sells."""
        return self.env.su or any(
            self.env.user.has_group(f'fulfilment_crm.group_{role}') for role in ('credit', 'manager', 'service')
        )

    def _check_credited(self, amounts):
        """Check that no more of an invoice is credited than it is about.

        :param dict amounts: ``{dispute: amount}`` that is to be accepted
        """
        # safe: adds up the credit notes of invoices whose disputes the user decides
        for move, disputes in self.sudo().grouped('move_id').items():
            claim(move)
            notes = move.reversal_move_ids.filtered(lambda one: one.state != 'cancel')
            others = self.sudo().search([
                ('move_id', '=', move.id), ('state', 'in', ('accepted', 'partly')), ('credit_move_id', '=', False),
            ])
            credited = sum(notes.mapped('amount_total')) + sum((others - disputes).mapped('amount_accepted'))
            if move.currency_id.compare_amounts(credited + sum(amounts[one] for one in disputes), move.amount_total) > 0:
                raise UserError(self.env._(
                    "%(move)s: %(credited)s of %(total)s are credited already, so this cannot be accepted.", move=move.display_name,
                    credited=move.currency_id.format(credited), total=move.currency_id.format(move.amount_total),
                ))

    def _settle_as(self, state, amount, grounds):
        """Decide disputes and end what they held, but for what was accepted: that stays held until its credit note is set against it."""
        # safe: decisions are guarded; the callers have checked the right to take them
        disputes = self.sudo()
        days = disputes.company_id._fulfilment_today()
        for dispute in disputes:
            dispute._move_to(
                state, amount_accepted=amount, amount_proposed=0.0, decided_on=days[dispute.company_id], decided_by_id=self.env.uid,
                **({'decision': grounds} if grounds else {}),
            )
            dispute._hold_only(amount, days)
        disputes.activity_unlink(['fulfilment_crm.activity_type_dispute'])

    def _hold_only(self, amount, days):
        """Hold this much of what the dispute holds, those due first first, from now on."""
        self.ensure_one()
        held = self.hold_ids.filtered(lambda one: not one.date_to).sorted(lambda one: (one.move_line_id.date_maturity, one.id))
        if self.currency_id.compare_amounts(amount, sum(held.mapped('amount'))) == 0:
            return
        held._end(days)
        shares, left = {}, amount
        for hold in held:
            shares[hold.move_line_id] = min(hold.amount, left)
            left = self.currency_id.round(left - shares[hold.move_line_id])
        held._hold(shares, 'disputed', days[self.company_id], dispute_id=self.id)

    def _look_again(self, reason):
        # safe: as in _settle_as
        disputes = self.sudo()
        days = disputes.company_id._fulfilment_today()
        for dispute in disputes:
            day = days[dispute.company_id]
            dispute._move_to(
                'open', looked_at_by_id=dispute.decided_by_id.id, decider_ids=[Command.link(one.id) for one in dispute.decided_by_id],
                second_look_reason=reason, decided_by_id=False, decided_on=False,
                date_answer_due=fields.Date.add(day, days=dispute.reason_id.answer_days),
            )
            lines = dispute.move_id.line_ids.filtered(lambda line: line.account_type == 'asset_receivable' and not line.reconciled)
            claim(dispute.move_id)
            shares, left = dispute.hold_ids._shared(dispute.amount, lines, days, kinds=('disputed',))
            if left > 0:
                raise UserError(self.env._(
                    "%(name)s: only %(open)s of the invoice are open and not disputed yet. Open another dispute about them.",
                    name=dispute.display_name, open=dispute.currency_id.format(dispute.amount - left),
                ))
            dispute.hold_ids._hold(shares, 'disputed', day, dispute_id=dispute.id)
        disputes._give_to_do(lambda env: env._("Answer the dispute: second look"))

    def _tell_customer(self):
        """Tell customers by e-mail what became of their disputes, in their language."""
        for dispute in self:
            receiver = self.env['fulfilment.statement']._receivers(dispute.partner_id)[dispute.partner_id]
            if not receiver.email:
                raise UserError(self.env._(
                    "%s: the customer has no e-mail address. Add one, or tell them otherwise.", dispute.display_name,
                ))
            own = dispute.with_context(lang=receiver.lang or self.env.lang)
            money = own.currency_id.format
            if dispute.state == 'rejected':
                said = own.env._("We have looked at what you dispute of invoice %(invoice)s (%(amount)s), and cannot agree.",
                                 invoice=dispute.move_name, amount=money(dispute.amount))
            else:
                said = own.env._("Of what you dispute of invoice %(invoice)s (%(amount)s) we accept %(accepted)s; a credit note follows.",
                                 invoice=dispute.move_name, amount=money(dispute.amount),
                                 accepted=money(dispute.amount_accepted or dispute.amount_proposed))
            dispute.message_post(
                body=plaintext2html('\n\n'.join(filter(None, (said, dispute.decision)))), message_type='comment',
                subtype_xmlid='mail.mt_comment', partner_ids=receiver.ids, email_layout_xmlid=LAYOUT,
                subject=own.env._("Your dispute %(number)s of invoice %(invoice)s", number=dispute.name, invoice=dispute.move_name),
            )

    # === APPROVAL === #

    def _check_submittable(self):
        for dispute in self:
            if dispute.state != 'open' or not dispute.amount_proposed:
                raise UserError(self.env._("%s: accept an amount first; that is what is approved.", dispute.display_name))

    def _approval_amounts(self):
        """Count with a dispute what the customer was granted within a year and is to be granted now: slices are judged as the whole."""
        # safe: what was accepted of the same customers, to find out who has to agree
        known, since = self.sudo(), min(self.mapped('opened_on'), default=fields.Date.context_today(self))
        before = known.search(
            Domain('partner_id', 'in', self.partner_id.ids) & Domain('company_id', 'in', self.company_id.ids) & (
                Domain('state', 'in', ('accepted', 'partly')) & Domain('decided_on', '>', fields.Date.subtract(since, years=1))
                | Domain('state', '=', 'open') & Domain('amount_proposed', '>', 0)
            ),
        )
        return {one: sum(other._in_company_currency(other.amount_accepted or other.amount_proposed) for other in before if (
            other.partner_id, other.company_id) == (one.partner_id, one.company_id) and other != one
        ) + one._in_company_currency(one.amount_proposed or one.amount) for one in self}

    def _in_company_currency(self, amount):
        return self.currency_id._convert(amount, self.company_id.currency_id, self.company_id, self.opened_on)

    def _approval_authors(self):
        # safe: who has decided before takes no step of a later look
        return {one: one.sudo().decider_ids | one._openers() for one in self}

    def _approval_facts(self):
        facts = super()._approval_facts()
        for dispute in self:
            money = dispute.currency_id.format
            facts[dispute] += [
                (self.env._("Invoice"), dispute.move_name), (self.env._("Disputed"), money(dispute.amount)),
                (self.env._("To be accepted"), money(dispute.amount_proposed)), (self.env._("Reason"), dispute.reason_id.name),
            ]
        return facts

    def _approval_documents(self):
        return {one: plaintext2html('\n\n'.join(filter(None, (one.description, one.decision)))) for one in self}

    def _approved_to_do(self):
        return self.env._("Post the credit note of %s", self.display_name) if self.state in ('accepted', 'partly') else ''

    def _on_approved(self):
        result = super()._on_approved()
        for dispute in self:
            accepted = dispute.amount_proposed
            dispute._check_credited({dispute: accepted})
            whole = dispute.currency_id.compare_amounts(accepted, dispute.amount) == 0
            dispute._settle_as('accepted' if whole else 'partly', accepted, False)
            dispute._make_credit_note()
        return result

    def _on_rejected(self, reason):
        self.amount_proposed = 0.0
        return super()._on_rejected(reason)

    def _on_taken_back(self):
        self.amount_proposed = 0.0
