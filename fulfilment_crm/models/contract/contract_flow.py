import math

from odoo import fields, models
from odoo.exceptions import UserError

from ...tools.months import last_day
from ..base.binding import binding
from ..base.told import _lt, told


class FulfilmentContract(models.Model):
    """The life of a contract. Each transition has one method; all of them pass ``_move_to``."""
    _inherit = 'fulfilment.contract'

    def _move_to(self, state, **values):
        self._check_move(state)
        # What is filled in and worked out for drafts is so before the state freezes it.
        # safe: as in the mixin
        contracts = self.sudo()
        contracts.clause_ids.flush_recordset(['text'])
        contracts.milestone_ids.flush_recordset(['amount'])
        contracts.flush_recordset(['deemed_acceptance_days'])
        moved = super()._move_to(state, **values)
        contracts._note_state(state)
        return moved

    # === APPROVAL === #

    def _check_submittable(self):
        self._check_move('in_approval')
        self._check_complete()

    def _own_chain(self):
        chain = binding(self.template_id).chain_id
        fits = chain.active and chain.model == self._name and (not chain.company_id or chain.company_id in self.company_id.parent_ids)
        # safe: asks whether the chain serves this contract, as for any other chain
        return chain if fits and self.sudo().filtered_domain(chain._parsed_domain()) else chain.browse()

    def _approved_to_do(self):
        return self.env._("Approved: send %s for signature", self.display_name)

    def _approval_authors(self):
        """Return who drafted the contracts, and who has changed what is agreed in them, lines, clauses and milestones included."""
        # safe: asks who has changed what is to be approved
        return {contract: contract.create_uid | contract.sudo().author_ids.with_env(self.env) for contract in self}

    def _approval_amounts(self):
        """Return the amount of each contract, or what its payments come to where that is more.

        A framework contract without a ceiling counts as above every minimum.
        """
        return {
            contract: math.inf if not contract._is_bounded() else contract._worth_to_company(
                max(abs(contract.amount_total), abs(sum(contract.line_ids.mapped('amount_total'))), abs(contract._lines_counted()), *(
                    sum(payments.mapped('amount')) for payments in contract.milestone_ids.filtered(
                        lambda one: one.kind == 'payment' and one.state in ('pending', 'done'),
                    ).grouped('obligor').values()
                ), 0.0),
            ) for contract in self
        }

    def _lines_counted(self):
        """Return what the lines come to by quantity, price and discount, whatever was entered as their amount."""
        self.ensure_one()
        return sum(line.quantity * line.price_unit * (1 - line.discount / 100) for line in self.line_ids)

    def _is_bounded(self):
        """Tell whether the amount of the contract says how much it may come to, for approval."""
        self.ensure_one()
        return not self.is_framework or self.amount_total > 0

    def _worth_to_company(self, amount):
        """Return an amount in the company's currency, for approval: by the rate of the day or that of the start, whichever makes it more.

        Who drafts a contract says when it starts, and must not choose the rate by it.
        """
        self.ensure_one()
        company = self.company_id
        if not self.currency_id._fulfilment_is_rated(company):
            return math.inf  # nobody knows what it is worth
        return max(
            self.currency_id._convert(amount, company.currency_id, company, day)
            for day in (self.date_start, company._fulfilment_today()[company])
        )

    def _on_submitted(self):
        self._follow_company_of_customer()
        self._note_address()
        self._move_to('in_approval')

    def _on_approved(self):
        at_once = self.filtered(lambda contract: contract.state == 'draft')
        at_once._follow_company_of_customer()
        at_once._note_address()
        self._move_to('approved')
        unasked = self.filtered(lambda contract: not contract.approval_by_chain)
        unasked._message_log_batch({
            contract.id: self.env._("Approved at submission: approval is switched off for %s.", contract.company_id.name)
            for contract in unasked
        })

    def _on_rejected(self, reason):
        self._move_to('draft')

    def _on_taken_back(self):
        self._move_to('draft')

    # === AFTER SIGNATURE === #

    def _after_signature(self, today):
        """Activate what has begun; a contract signed before its start date waits for it.

        :param dict today: ``{company: date}``
        """
        self.filtered(lambda contract: contract.date_start <= today[contract.company_id])._activate()

    def action_activate(self):
        """Put signed contracts into force."""
        self.check_access('write')
        for contract in self:
            if not contract.date_signed:
                raise UserError(self.env._("%(contract)s has not been signed yet.", contract=contract.display_name))
        self._activate()
        return True

    def _activate(self):
        """Make contracts active: everybody has a responsible, the first dates are on record, the ledger is read."""
        if not self:
            return
        # safe: dates and responsibles of milestones follow from a signature or the start date, whoever's turn it is
        contracts = self.sudo()
        contracts._move_to('active')
        for user, owned in contracts.grouped('user_id').items():
            orphans = owned.milestone_ids.filtered(lambda milestone: not milestone.user_id)
            if orphans and not user:
                raise UserError(self.env._(
                    "%(contract)s: a milestone needs somebody responsible before the contract starts. Name one on the contract.",
                    contract=owned[:1].display_name,
                ))
            orphans.user_id = user
        contracts.milestone_ids._reschedule()
        for day, milestones in contracts.milestone_ids.filtered(lambda one: not one.date_first_planned).grouped('date_planned').items():
            milestones.date_first_planned = day
        contracts._sync_facts()

    def action_settle(self):
        """End the performance of the contract; what is left is settled."""
        self.check_access('write')
        self._move_to('settlement')
        return True

    def action_reopen(self):
        """Take contracts back from settlement into performance."""
        self.check_access('write')
        self._move_to('active')
        return True

    def action_close(self):
        """Close contracts whose milestones are all done, waived or cancelled."""
        self.check_access('write')
        for contract in self:
            pending = contract.milestone_ids.filtered(lambda milestone: milestone.state == 'pending')
            if pending:
                raise UserError(self.env._(
                    "%(contract)s cannot be closed: %(names)s still open. Complete, waive or cancel them first.",
                    contract=contract.display_name, names=', '.join(pending.mapped('name')),
                ))
        self._move_to('closed')
        return True

    def action_terminate(self, reason=None):
        """End contracts before their time.

        :param str reason: why; asked for in a dialog when missing
        """
        return self._end('terminated', reason, 'action_terminate', self.env._("Terminate"))

    def action_cancel(self, reason=None):
        """Drop contracts that never came into force.

        :param str reason: why; asked for in a dialog when missing
        """
        return self._end('cancelled', reason, 'action_cancel', self.env._("Cancel the contract"))

    def _end(self, state, reason, method, title):
        self.check_access('write')
        if not (reason or '').strip():
            return self._ask_reason(method, title)
        # safe: the right to write was checked; steps of approval and milestones end with the contract
        contracts = self.sudo()
        contracts._move_to(state, end_reason=reason.strip())
        contracts.approval_ids.filtered(lambda approval: approval.state in ('pending', 'waiting')).state = 'cancelled'
        contracts.filtered(lambda contract: contract.approval_state == 'pending').approval_state = 'none'
        contracts.activity_unlink(['fulfilment_crm.activity_type_approval', 'fulfilment_crm.activity_type_escalation'])
        contracts.milestone_ids.filtered(lambda milestone: milestone.state == 'pending')._cancel(reason.strip())
        contracts._message_log_batch(dict.fromkeys(contracts.ids, reason.strip()))
        return True

    def action_reset_draft(self):
        """Take unsigned contracts back to the draft, to be submitted again."""
        self.check_access('write')
        for contract in self:
            if contract.date_signed:
                raise UserError(self.env._("%(contract)s has been signed; change it by amendment.", contract=contract.display_name))
            if contract.state == 'in_approval':
                raise UserError(self.env._("%(contract)s is in approval; have it rejected first.", contract=contract.display_name))
        # safe: approval fields are guarded; the right to write was checked above
        contracts = self.sudo()
        contracts._move_to('draft', approval_state='none', end_reason=False)
        contracts._change_link()
        contracts.milestone_ids.filtered(lambda milestone: milestone.state == 'cancelled')._reopen(
            told(self.env, _lt("The contract went back to the draft")),
        )
        return True

    # === RENEWAL === #

    def action_renew(self):
        """Draft the successor of contracts and link both ways.

        :return: action that opens the successors
        """
        self.check_access('write')
        return self._renew()._get_records_action(name=self.env._("Renewal"))

    def _check_renewable(self):
        for contract in self:
            if contract.state not in ('active', 'settlement', 'closed'):
                raise UserError(
                    self.env._("%(contract)s has never been in force; there is nothing to renew.", contract=contract.display_name)
                )
            if contract.renewal_ids:
                raise UserError(self.env._(
                    "%(contract)s is renewed by %(successor)s already.",
                    contract=contract.display_name, successor=contract.renewal_ids[:1].name,
                ))

    def _renew(self):
        """Draft one successor for each of these contracts, beginning the day after its end.

        :return: the successors, in the order of the contracts
        """
        self._check_renewable()
        vals_list = []
        for contract, vals in zip(self, self.with_context(active_test=False).copy_data(), strict=True):
            start = fields.Date.add(contract.date_end or fields.Date.context_today(self), days=1)
            end = last_day(start, contract.renew_months or 12)
            vals_list.append({**vals, 'date_start': start, 'date_end': end, 'user_id': contract.user_id.id})
        successors = self._create_quietly(vals_list)
        successors.milestone_ids._follow_quietly()
        # safe: the link is guarded; the successors were made with the user's own rights
        for contract, successor in zip(self, successors.sudo(), strict=True):
            successor.renewed_from_id = contract
        successors._message_log_batch({successor.id: successor._creation_message() for successor in successors})
        self._message_log_batch({
            contract.id: self.env._("Renewal drafted: %s", successor.name) for contract, successor in zip(self, successors, strict=True)
        })
        return successors
