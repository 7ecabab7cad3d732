from collections import defaultdict

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import plaintext2html

from .to_do_mixin import ToDo
from .told import told_names


class FulfilmentApprovalMixin(models.AbstractModel):
    """Approval in fixed order by a chain of steps, for any model with a company.

    A model that inherits it gives ``_check_submittable`` (what must be right first), ``_approval_amounts`` (what the steps'
    minimum amounts are held against) and ``_on_submitted``, ``_on_approved``, ``_on_rejected`` (its own change of state).
    """
    _name = 'fulfilment.approval.mixin'
    _description = 'Approval'
    _inherit = ['fulfilment.guard.mixin', 'fulfilment.decided.mixin']

    # Who approved what and why is for colleagues; searching for it would tell customers.
    approval_state = fields.Selection(
        [('none', "Not submitted"), ('pending', "In approval"), ('approved', "Approved"), ('rejected', "Rejected")],
        string="Approval", default='none', required=True, readonly=True, copy=False, guarded=True,
        for_colleagues=True,
    )
    approval_ids = fields.One2many(
        'fulfilment.approval', 'res_id', string="Approval steps", readonly=True, copy=False,
        domain=lambda self: [('res_model', '=', self._name)], bypass_search_access=True, guarded=True,
        for_colleagues=True,
    )
    approval_by_chain = fields.Boolean(
        default=True, readonly=True, copy=False, help="Off when the company had approval switched off as this was submitted.",
        guarded=True,
        for_colleagues=True,
    )
    can_approve = fields.Boolean(compute='_compute_can_approve', for_colleagues=True)
    pending_approval_id = fields.Many2one(
        'fulfilment.approval', string="Step to decide", compute='_compute_can_approve',
        for_colleagues=True,
    )
    rejection = fields.Char(
        string="Why it was rejected", compute='_compute_rejection',
        help="By whom, at which step and why, as long as it has not been submitted again.",
        for_colleagues=True,
    )

    @api.depends('approval_ids.state', 'approval_ids.candidate_ids')
    @api.depends_context('uid')
    def _compute_can_approve(self):
        for record in self:
            # safe: tells the user whether they are asked, nothing about others
            pending = record.sudo().approval_ids.filtered(lambda approval: approval.state == 'pending')
            record.can_approve = self.env.user in pending.candidate_ids
            record.pending_approval_id = pending[:1]

    @api.depends('approval_state')
    def _compute_rejection(self):
        for record in self:
            # safe: why it was rejected is noted in the chatter of the record as well
            last = record.sudo().approval_ids.filtered(lambda one: one.state == 'rejected').sorted('id')[-1:] \
                if record.sudo().approval_state == 'rejected' else record.env['fulfilment.approval']
            record.rejection = self.env._(
                "%(user)s (%(step)s): %(reason)s", user=last.decided_by_id.name, step=last.name, reason=last.reason or '',
            ) if last else False

    def unlink(self):
        # safe: the steps belong to the records, which the user was allowed to delete
        approvals = self.sudo().approval_ids
        result = super().unlink()
        approvals.unlink()
        return result

    # === ACTION METHODS === #

    def action_submit(self):
        """Submit the records for approval, or approve them at once where the company has approval switched off.

        :raise UserError: naming each record that cannot be submitted, and why
        """
        self = self.union()  # a call may name a record twice
        self.check_access('write')
        wrong = self.filtered(lambda record: record.approval_state == 'pending')
        if wrong:
            raise UserError(self.env._("%(names)s: already in approval.", names=', '.join(wrong.mapped('display_name'))))
        self._check_submittable()
        # safe: approval fields are set by this action only, after the check above that the user may write the records
        records = self.sudo()
        asked = records.filtered('company_id.fulfilment_approval')
        free = records - asked
        chains = self.env['fulfilment.approval.chain']._chains_for(asked)
        if lost := asked - asked.browse().concat(*chains):
            raise UserError(self.env._(
                "No approval chain fits %(names)s. Add one under Configuration / Approval chains, or switch approval off in the settings.",
                names=', '.join(lost.mapped('display_name')),
            ))
        asked.approval_state = 'pending'
        asked.approval_by_chain = True
        asked._start_round(chains)
        asked._on_submitted()
        records.activity_unlink(['fulfilment_crm.activity_type_rejected'])
        free.write({'approval_state': 'approved', 'approval_by_chain': False})
        free._on_approved()
        asked._finish_approval()
        return True

    def action_approve(self, step=None):
        """Take the step that is due, as one of those asked.

        :param int step: id of the approval meant; when another step is due by now, nothing is approved
        """
        steps = self._own_step(step)
        self.env['fulfilment.approval'].sudo().concat(*steps.values())._decide('approved', False)  # safe: checked in _own_step
        following = {record: approval._waiting_after(record.approval_ids) for record, approval in steps.items()}
        self.env['fulfilment.approval'].sudo().concat(*(waiting[:1] for waiting in following.values()))._ask()
        # safe: as above
        self.sudo()._finish_approval()._notify_outcome()
        return True

    def action_reject(self, reason=None):
        """Refuse the step that is due.

        :param str reason: why; asked for in a dialog when missing
        """
        if not (reason or '').strip():
            return self._ask_reason('action_reject', self.env._("Reject"))
        steps = self._own_step()
        approvals = self.env['fulfilment.approval'].sudo().concat(*steps.values())  # safe: checked in _own_step
        approvals._decide('rejected', reason.strip())
        waiting = approvals.browse().concat(*(approval._waiting_after(record.approval_ids) for record, approval in steps.items()))
        waiting.state = 'cancelled'
        records = self.sudo()
        records.approval_state = 'rejected'
        records._on_rejected(reason.strip())
        records._notify_outcome(reason.strip())
        return True

    def action_withdraw(self):
        """Take records back out of approval; what was approved in this round counts no more.

        :raise UserError: when one is not in approval, or is nothing that is drafted
        """
        self = self.union()
        self.check_access('write')
        for record in self:
            if record.approval_state != 'pending':
                raise UserError(self.env._("%(name)s is not waiting for approval.", name=record.display_name))
        # safe: approval fields are set by this action only, after the check above that the user may write the records
        records = self.sudo()
        records.approval_ids.filtered(lambda one: one.state in ('pending', 'waiting')).state = 'cancelled'
        records.activity_unlink(['fulfilment_crm.activity_type_approval', 'fulfilment_crm.activity_type_escalation'])
        records.approval_state = 'none'
        records._on_taken_back()
        records._message_log_batch({record.id: self.env._("Taken back out of approval") for record in records})
        return True

    # === BUSINESS METHODS === #

    def _finish_approval(self):
        """Approve those of these records that wait for no step any more.

        :return: them
        """
        finished = self.filtered(lambda record: record.approval_state == 'pending' and not record._pending_approval())
        finished.approval_state = 'approved'
        finished._on_approved()
        return finished

    def _pending_approval(self):
        self.ensure_one()
        return self.approval_ids.filtered(lambda approval: approval.state == 'pending')

    def _start_round(self, chains):
        """Write down the steps of a new round and ask the first.

        :param dict chains: ``{record: chain}``
        """
        amounts = self._approval_amounts()
        chain_steps = self.env['fulfilment.approval.step'].concat(*(chain.step_ids for chain in set(chains.values())))
        names = dict(zip(chain_steps, told_names(chain_steps, 'name'), strict=True))
        vals_list = []
        for record in self:
            number = max(record.approval_ids.mapped('round'), default=0) + 1
            vals_list += [{
                'res_model': record._name, 'res_id': record.id, 'company_id': record.company_id.id, 'round': number,
                'sequence': position, 'name': names[step], 'step_id': step.id, 'group_id': step.group_id.id, 'approver_id': step.user_id.id,
                'of_responsible': step.of_responsible,
                'submitted_by_id': self.env.uid,
            } for position, step in enumerate(chains[record].step_ids) if abs(amounts[record]) >= step.minimum_amount]
        # safe: steps are written by the mixin only; nobody has the right to
        steps = self.env['fulfilment.approval'].sudo().create(vals_list)
        self.invalidate_recordset(['approval_ids'])
        first = {}
        for step in steps:
            first.setdefault(step.res_id, step)
        steps.browse([step.id for step in first.values()])._ask()

    def _own_step(self, meant=None):
        """Return the step each record waits for, after checking that the user is among those asked for it.

        :param int meant: the step the user saw; the button tells it in the context
        :return: ``{record as superuser: approval as superuser}``
        :raise UserError: when a record waits for nobody
        :raise AccessError: when it waits for others, or the user submitted it
        """
        self.check_access('read')
        steps = {}
        # safe: the user may read the records; whether they are asked is checked below
        records = self.sudo()
        pending = records.approval_ids.filtered(lambda approval: approval.state == 'pending')
        meant = meant or self.env.context.get('fulfilment_step')
        barred = pending._barred()
        pending.mapped('candidate_ids')  # read together: one by one below, each would be a query
        entitled = pending._entitled(barred)
        for record in records:
            approval = record._pending_approval()
            if not approval:
                raise UserError(self.env._("%(name)s is not waiting for approval.", name=record.display_name))
            if meant and len(self) == 1 and approval.id != meant:
                raise UserError(self.env._(
                    "%(name)s has moved on: step “%(step)s” is due now. Look at it again before you decide.", name=record.display_name,
                    step=approval.name,
                ))
            if self.env.user == approval.submitted_by_id:
                raise AccessError(self.env._("%(name)s: nobody approves their own submission.", name=record.display_name))
            if self.env.user in barred[approval]:
                raise AccessError(self.env._(
                    "%(name)s: nobody approves what they have made, changed or submitted themselves.", name=record.display_name,
                ))
            if self.env.user not in approval.candidate_ids | entitled[approval]:
                raise AccessError(self.env._(
                    "%(name)s waits for step “%(step)s”, which %(people)s may take.",
                    name=record.display_name, step=approval.name, people=', '.join(approval.candidate_ids.mapped('name')),
                ))
            if self.env.user not in entitled[approval] | approval.company_id.fulfilment_manager_id:
                raise AccessError(
                    self.env._("%(name)s: you may no longer take step “%(step)s”.", name=record.display_name, step=approval.name)
                )
            steps[record] = approval
        return steps

    def _notify_outcome(self, reason=None):
        """Tell who submitted these records that they were approved, or rejected and why, with a to-do for what comes next."""
        told = defaultdict(self.browse)
        for record in self:
            user = record.approval_ids.sorted(lambda one: (one.round, one.id))[-1:].submitted_by_id
            if not user.active or user._is_superuser():
                user = record.user_id if 'user_id' in record._fields else user.browse()
            if user.active:
                told[user] |= record
        to_dos = []
        for user, records in told.items():
            own = records.with_context(lang=user.lang or self.env.lang)
            summaries = {one.id: one._approved_to_do() if reason is None else one.env._("Rejected: %s", one.display_name) for one in own}
            to_dos += [
                ToDo(self.browse(record_id), user, summary, fields.Date.context_today(self), reason and plaintext2html(reason))
                for record_id, summary in summaries.items() if summary
            ]
            if user != self.env.user:
                records._notify_about(
                    user, own.env._("Approved") if reason is None else own.env._("Rejected"),
                    [*((one, one.display_name) for one in own), *([(None, plaintext2html(reason))] if reason else [])],
                )
        kind = 'fulfilment_crm.activity_type_approved' if reason is None else 'fulfilment_crm.activity_type_rejected'
        self.env['mail.activity']._fulfilment_give(kind, to_dos)

    # What a model with approval says for itself

    def _own_chain(self):
        """Return the chain this record names itself, which comes before any whose condition fits; empty for none."""
        return self.env['fulfilment.approval.chain']

    def _approved_to_do(self):
        """Say what the person who submitted this record has to do once it is approved, as a sentence; empty for nothing."""
        return ''

    def _check_submittable(self):
        """Raise UserError when a record is not ready for approval."""

    def _on_submitted(self):
        """Change the state of the model on submission."""

    def _on_approved(self):
        """Change the state of the model after the last step."""

    def _on_rejected(self, reason):
        """Change the state of the model after a rejection."""

    def _on_taken_back(self):
        """Change the state of the model when somebody takes it back; refused for what nobody drafts."""
        raise UserError(self.env._("%(name)s is decided, not taken back.", name=self[:1].display_name))
