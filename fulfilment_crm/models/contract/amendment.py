import math
from itertools import zip_longest

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..base.deletion import before_deletion
from ..base.guard_mixin import without_unchanged
from .amendment_worth import Worth


class FulfilmentAmendment(models.Model):
    """A change of what was agreed: with reason, approval and the day from which it counts."""
    _name = 'fulfilment.amendment'
    _description = 'Amendment'
    _inherit = ['fulfilment.chatter.mixin', 'mail.activity.mixin', 'fulfilment.approval.mixin', 'fulfilment.flow.mixin']
    _order = 'contract_id, number desc'

    contract_id = fields.Many2one(
        'fulfilment.contract', required=True, index=True, ondelete='cascade',
        domain="[('state', 'in', ('active', 'settlement', 'approved'))]"
    )
    company_id = fields.Many2one(related='contract_id.company_id', store=True, index=True)
    number = fields.Integer(readonly=True, copy=False, aggregator=None, guarded=True)
    reason = fields.Text(required=True, tracking=True)
    date_effective = fields.Date(string="Effective from", required=True, default=fields.Date.context_today, tracking=True)
    user_id = fields.Many2one('res.users', string="Responsible", default=lambda self: self.env.user, index=True)
    line_ids = fields.One2many('fulfilment.amendment.line', 'amendment_id', copy=True)
    document_ids = fields.Many2many('ir.attachment', string="Signed amendment", bypass_search_access=True, copy=False)
    state = fields.Selection([
        ('draft', "Draft"), ('in_approval', "In approval"), ('approved', "Approved"), ('applied', "In force"), ('cancelled', "Cancelled"),
    ], default='draft', required=True, readonly=True, copy=False, tracking=True, guarded=True)
    _moves = {
        'draft': {'in_approval', 'approved', 'cancelled'}, 'in_approval': {'draft', 'approved', 'cancelled'},
        'approved': {'applied', 'cancelled'}, 'applied': set(), 'cancelled': set(),
    }
    applied_on = fields.Datetime(readonly=True, copy=False, guarded=True)
    before_terms = fields.Json(readonly=True, copy=False, help="The terms of the contract until it came into force.", guarded=True)
    author_ids = fields.Many2many(
        'res.users', 'fulfilment_amendment_author_rel', string="Worked on by", readonly=True, copy=False,
        help="Who has changed the draft, and so does not approve it.", guarded=True,
    )

    _number_unique = models.UniqueIndex('(contract_id, number)', "This contract has an amendment of that number already.")

    @api.depends('contract_id.name', 'number')
    def _compute_display_name(self):
        for amendment in self:
            amendment.display_name = self.env._(
                "%(contract)s, amendment %(number)s", contract=amendment.contract_id.name or '', number=amendment.number,
            ) if amendment.number else self.env._("%s, new amendment", amendment.contract_id.name or '')

    @api.model_create_multi
    def create(self, vals_list):
        amendments = super().create(vals_list)
        amendments._check_contract()
        for contract, new in amendments.grouped('contract_id').items():
            # safe: counts the amendments of the contract, also those the user may not read
            last = max((contract.sudo().amendment_ids - new).mapped('number'), default=0)
            for number, amendment in enumerate(new.sorted('id'), last + 1):
                # safe: the number is guarded and given here once
                amendment.sudo().number = number
        return amendments

    def write(self, vals):
        terms = {'contract_id', 'reason', 'date_effective', 'line_ids'}
        if not self.env.su and terms & without_unchanged(self, vals, terms).keys():
            self._check_editable()
            self._note_author()
        documents = {one: one.document_ids for one in self} if 'document_ids' in vals else {}
        result = super().write(vals)
        if not self.env.su and 'document_ids' in vals:
            self._check_documents_kept(documents)
        if 'contract_id' in vals:
            self.line_ids._check_same_contract()
            if not self.env.su:
                self.contract_id.check_access('write')
                self._check_contract()
        return result

    def _check_contract(self):
        for amendment in self:
            if amendment.contract_id.state not in ('approved', 'active', 'settlement'):
                raise UserError(self.env._(
                    "%(contract)s is not in force. A draft is edited directly; what has ended is not amended.",
                    contract=amendment.contract_id.display_name,
                ))

    def _check_documents_kept(self, documents):
        """Prevent taking away signed paper of what was agreed; more may be added."""
        for amendment in self.filtered(lambda one: one.state in ('approved', 'applied')):
            if documents[amendment] - amendment.document_ids:
                raise UserError(self.env._(
                    "The signed documents of %s are on record: add to them, take nothing away.", amendment.display_name,
                ))

    def _check_editable(self):
        for amendment in self:
            if amendment.state != 'draft':
                raise UserError(self.env._("%(amendment)s has left the draft and cannot be edited.", amendment=amendment.display_name))

    @before_deletion
    def _unlink_except_draft(self):
        if not self.env.su:
            self._check_editable()

    # === APPROVAL === #

    def _check_submittable(self):
        self._check_contract()
        for amendment in self:
            if amendment.state != 'draft':
                raise UserError(self.env._("%(amendment)s has been submitted already.", amendment=amendment.display_name))
            if not amendment.line_ids:
                raise UserError(self.env._("%(amendment)s changes nothing: add a line.", amendment=amendment.display_name))
            amendment.line_ids._check_complete()

    def _approval_amounts(self):
        """Return the most the contract of each amendment comes to, now or with the amendment, by amount or by milestones."""
        amounts = self.contract_id._approval_amounts()
        return {amendment: max(amounts[amendment.contract_id], amendment._amount_after(self)) for amendment in self}

    def _amount_after(self, together):
        """Work out what the contract would come to, in its company's currency, with this amendment and others.

        The others are all that are approved, asked for, or submitted together with it. As they may be given up, they count only where they
        make it more.

        :param together: amendments submitted in one go
        """
        self.ensure_one()
        contract = self.contract_id
        # safe: what others have asked for counts, whoever may read it
        others = contract.sudo().amendment_ids.filtered(
            lambda one: one != self and (one.state in ('approved', 'in_approval') or one in together),
        )
        worth = Worth(contract.sudo())
        for line in others._lines_in_order():
            worth.raise_by(line)
        touched = {line._touches() for line in others._lines_in_order()}
        for line in self.sudo()._lines_in_order():
            # Which of two that change the same thing comes into force last, their days say, and these may be amended.
            (worth.raise_by if line._touches() in touched else worth.change)(line)
        amount = worth.amount()
        if contract.is_framework and not amount:
            return math.inf
        return contract._worth_to_company(amount)

    def _lines_in_order(self):
        """Return the changes in the order in which they come into force."""
        ordered = self.sorted(lambda one: (one.date_effective, one.number))
        return [line for amendment in ordered for line in amendment.line_ids.sorted(lambda one: (one.sequence, one.id))]

    def _approval_authors(self):
        # safe: asks who has changed what is to be approved
        return {amendment: amendment.create_uid | amendment.sudo().author_ids.with_env(self.env) for amendment in self}

    def _note_author(self):
        """Note who changes a draft, and so does not approve it."""
        # safe: notes that a draft was changed by somebody who may
        drafts = self.sudo().filtered(lambda one: self.env.user not in one.author_ids)
        drafts.author_ids = [fields.Command.link(self.env.uid)]

    def _on_submitted(self):
        self._move_to('in_approval')

    def _on_approved(self):
        self._move_to('approved')
        self._apply_due()

    def _on_rejected(self, reason):
        self._move_to('draft')

    def _on_taken_back(self):
        self._move_to('draft')

    # === ACTIONS === #

    def action_cancel(self, reason=None):
        """Drop amendments that are not in force yet.

        :param str reason: why, for the chatter
        """
        self.check_access('write')
        for amendment in self:
            if amendment.state == 'applied':
                raise UserError(
                    self.env._("%(amendment)s is in force; make another amendment to change it back.", amendment=amendment.display_name)
                )
        self._check_move('cancelled')
        # safe: guarded fields, after the check of the right to write
        amendments = self.sudo()
        amendments.approval_ids.filtered(lambda approval: approval.state in ('pending', 'waiting')).state = 'cancelled'
        amendments.activity_unlink(['fulfilment_crm.activity_type_approval', 'fulfilment_crm.activity_type_escalation'])
        amendments._move_to('cancelled', approval_state='none')
        if (reason or '').strip():
            amendments._message_log_batch(dict.fromkeys(amendments.ids, reason.strip()))
        return True

    # === BUSINESS === #

    def _apply_due(self, as_of=None):
        """Bring approved amendments into force whose day has come.

        :return: ``{effect: count}``
        """
        today = self.company_id._fulfilment_today(as_of)
        due = self.filtered(lambda one: one.state == 'approved' and one.date_effective <= today[one.company_id])
        # safe: an approved amendment is how frozen terms change
        ordered = due.sudo().sorted(lambda one: (one.date_effective, one.number))
        for amendments in _side_by_side(ordered, 'contract_id'):
            for amendment in amendments:
                amendment.before_terms = amendment.contract_id._dated_terms()
            for lines in _side_by_side(amendments.line_ids.sorted(lambda line: (line.sequence, line.id)), 'amendment_id'):
                lines._apply()
            amendments._move_to('applied', applied_on=fields.Datetime.now())
            amendments.contract_id._message_log_batch({
                one.contract_id.id: self.env._("Amendment %(number)s is in force: %(reason)s", number=one.number, reason=one.reason)
                for one in amendments
            })
        due.contract_id._sync_facts()
        return {'amendments in force': len(due)}


def _side_by_side(records, owner):
    """Put the first record of every owner together, then the second of each, and so on: records put together do not depend on each other.

    :param records: in the order in which those of one owner follow each other
    :param str owner: the field that names the owner
    """
    rows = zip_longest(*records.grouped(owner).values())
    return [records.browse([one.id for one in row if one]) for row in rows]


class FulfilmentContract(models.Model):
    _inherit = 'fulfilment.contract'

    amendment_count = fields.Integer(compute='_compute_amendment_count')

    @api.depends('amendment_ids')
    def _compute_amendment_count(self):
        for contract in self:
            contract.amendment_count = len(contract.amendment_ids)

    def action_amend(self):
        """Open a new amendment of the contract."""
        self.ensure_one()
        return {
            'type': 'ir.actions.act_window', 'name': self.env._("Amendment"), 'res_model': 'fulfilment.amendment', 'view_mode': 'form',
            'views': [(False, 'form')], 'context': {'default_contract_id': self.id},
        }
