from odoo import api, fields, models
from odoo.exceptions import UserError

from ..base.claim import claim
from ..base.to_do_mixin import ToDo

LONGEST = 10000


class FulfilmentDamages(models.Model):
    """Objections of customers: they stop asking for the amount, not its accrual."""
    _inherit = 'fulfilment.damages'

    objection = fields.Text(string="What the customer objects", readonly=True, copy=False, guarded=True)
    objected_on = fields.Datetime(readonly=True, copy=False, guarded=True)
    objected_by = fields.Char(string="Objected by", readonly=True, copy=False, guarded=True)
    objection_state = fields.Selection(
        [('open', "To be answered"), ('upheld', "Right"), ('rejected', "Not right")], string="Objection", readonly=True, copy=False,
        tracking=True, guarded=True,
    )
    objection_answer = fields.Text(string="Our answer", readonly=True, copy=False, guarded=True)
    objection_due = fields.Date(
        string="Objections until", compute='_compute_objection_due', help="Of claimed damages. While they accrue, customers may object.",
    )
    dispute_id = fields.Many2one(
        'fulfilment.dispute', readonly=True, copy=False, index='btree_not_null', ondelete='set null', guarded=True,
        help="Of the posted invoice: while it is open, nobody asks for the amount.",
    )

    @api.depends('claimed_on', 'state')
    def _compute_objection_due(self):
        for one in self:
            one.objection_due = one.claimed_on and fields.Date.add(one.claimed_on, days=one.company_id.fulfilment_objection_days)

    def _may_be_objected(self):
        """Tell whether the customer may still object."""
        self.ensure_one()
        if self.objection_state or self.state not in ('accruing', 'claimed'):
            return False
        today = self.company_id._fulfilment_today()[self.company_id]
        return not self.objection_due or today <= self.objection_due

    def _object(self, text, who):
        """Take an objection of a customer, from the portal.

        :raise UserError: with what the customer is told
        """
        self.ensure_one()
        text = (text or '').strip()
        if not text:
            raise UserError(self.env._("Please say what you object to."))
        claim(self)
        if not self._may_be_objected():
            raise UserError(self.env._("The time for objections has passed, or one was received already. Please call us."))
        self.write({
            'objection': text[:LONGEST], 'objected_on': fields.Datetime.now(), 'objected_by': who, 'objection_state': 'open',
        })
        self.env['fulfilment.event']._note(self, 'objected', {self: {'after': {'objection': text[:LONGEST], 'by': who}}})
        self._dispute_document()
        user = self.user_id or self.company_id.fulfilment_manager_id
        if user.active:
            self.env['mail.activity']._fulfilment_give(self._to_do_type, [ToDo(
                self, user, user._fulfilment_env()._("Answer the objection to damages"), None,
            )])

    def _dispute_document(self):
        """Open a dispute about the posted invoice of damages that a customer objects to, so that nobody asks for it."""
        reason = self.env.ref('fulfilment_crm.dispute_reason_damages', raise_if_not_found=False)
        for one in self.filtered(lambda one: one.objection_state == 'open' and not one.dispute_id and one.debtor == 'customer'):
            lines = one.move_id.line_ids.filtered(lambda line: line.account_type == 'asset_receivable' and not line.reconciled)
            if one.move_id.state == 'posted' and lines and reason:
                one.dispute_id = self.env['fulfilment.dispute']._dispute_by_customer(
                    lines[0], sum(lines.mapped('amount_residual_currency')), reason, one.objection, 'portal', one.user_id,
                )

    # === ACTIONS === #

    def action_uphold(self, reason=None):
        """Agree with an objection: what is waived is proposed for approval; of a posted invoice the dispute decides.

        :param str reason: what the customer is told; asked for in a dialog when missing
        """
        self.check_access('write')
        self._check_objected()
        if not (reason or '').strip():
            return self._ask_reason('action_uphold', self.env._("The customer is right"), self.env._("The customer reads this."))
        for one in self:
            # safe: an objection is answered by whoever may write the damages
            one.sudo().write({'objection_state': 'upheld', 'objection_answer': reason.strip()})
            if not one.sudo().dispute_id:
                self.env['fulfilment.damages.waiver'].create({
                    'damages_id': one.id, 'amount': one.amount_due, 'reason': reason.strip(),
                }).action_submit()
        self.sudo().activity_unlink([self._to_do_type])
        return True

    def action_refuse_objection(self, reason=None):
        """Answer an objection: the damages stay.

        :param str reason: what the customer is told; asked for in a dialog when missing
        """
        self.check_access('write')
        self._check_objected()
        if not (reason or '').strip():
            return self._ask_reason('action_refuse_objection', self.env._("The damages stay"), self.env._("The customer reads this."))
        # safe: as above
        self.sudo().write({'objection_state': 'rejected', 'objection_answer': reason.strip()})
        open_ones = self.sudo().dispute_id.filtered(lambda one: one.state == 'open' and one.approval_state != 'pending')
        if open_ones:
            open_ones._settle_as('rejected', 0.0, reason.strip())
        self.sudo().activity_unlink([self._to_do_type])
        return True

    def _check_objected(self):
        for one in self:
            if one.objection_state != 'open':
                raise UserError(self.env._("%s: no objection waits for an answer.", one.display_name))


class FulfilmentDispute(models.Model):
    _inherit = 'fulfilment.dispute'

    def _settle_as(self, state, amount, grounds):
        """Answer the objection to damages with the dispute about their document."""
        result = super()._settle_as(state, amount, grounds)
        # safe: follows from the decision about the same claim
        objected = self.env['fulfilment.damages'].sudo().search([('dispute_id', 'in', self.ids), ('objection_state', '=', 'open')])
        if objected:
            answer = 'rejected' if state == 'rejected' else 'upheld'
            objected.write({'objection_state': answer, 'objection_answer': (grounds or '').strip() or False})
            objected.activity_unlink([self.env['fulfilment.damages']._to_do_type])
        return result


class FulfilmentContract(models.Model):
    _inherit = 'fulfilment.contract'

    def _waits_for_customer(self):
        """Let customers who came by a link prove who they are where they may object to damages."""
        return super()._waits_for_customer() or any(
            one.debtor == 'customer' and one._may_be_objected() for one in self._damages_for_customer()
        )

    def _damages_for_customer(self):
        """Return the damages the page of the contract shows, as superuser: theirs, and of ours what we have granted."""
        # safe: called for the customer of the contract, with their access checked
        shown = self.sudo().damages_ids.filtered(lambda one: one.amount_due > 0 and one.state in ('accruing', 'claimed'))
        return shown.filtered(lambda one: one.debtor == 'customer' or one.state == 'claimed')


class AccountMove(models.Model):
    _inherit = 'account.move'

    def _post(self, soft=True):
        """Dispute invoices of damages that the customer has objected to before they were posted."""
        posted = super()._post(soft)
        # safe: what follows from posting, which was the accountant's right
        posted.sudo().fulfilment_damages_ids._dispute_document()
        return posted
