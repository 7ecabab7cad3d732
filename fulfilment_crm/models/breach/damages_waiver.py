from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Command

from ..base.claim import claim
from ..base.deletion import before_deletion
from ..collection.customer_mixin import AMOUNT_LIMIT


class FulfilmentDamagesWaiver(models.Model):
    """That damages are given up, in part or whole: it passes approval."""
    _name = 'fulfilment.damages.waiver'
    _description = 'Waiver of damages'
    _inherit = ['fulfilment.approval.mixin', 'fulfilment.chatter.mixin', 'mail.activity.mixin']
    _order = 'id desc'
    _mail_post_access = 'read'

    damages_id = fields.Many2one('fulfilment.damages', required=True, readonly=True, index=True, ondelete='cascade')
    contract_id = fields.Many2one(related='damages_id.contract_id', store=True, index=True)
    partner_id = fields.Many2one(related='damages_id.partner_id', store=True, index=True)
    company_id = fields.Many2one(related='damages_id.company_id', store=True, index=True)
    currency_id = fields.Many2one(related='damages_id.currency_id')
    user_id = fields.Many2one(
        'res.users', string="Proposed by", readonly=True, default=lambda self: self.env.user, ondelete='set null', guarded=True,
    )
    amount = fields.Monetary(string="To be waived", required=True, tracking=True)
    is_whole = fields.Boolean(
        string="All of it", compute='_compute_is_whole', help="Nothing is left of the damages: they stop at what they are now.",
    )
    reason = fields.Text(required=True, tracking=True)
    author_ids = fields.Many2many(
        'res.users', 'fulfilment_waiver_author_rel', readonly=True, copy=False, groups='base.group_user', guarded=True,
        help="Who has changed it, and so does not approve it.",
    )

    @api.depends('damages_id', 'amount')
    @api.depends_context('lang')
    def _compute_display_name(self):
        for waiver in self:
            waiver.display_name = self.env._(
                "Waive %(amount)s: %(damages)s", damages=waiver.damages_id.display_name or '',
                amount=waiver.currency_id.format(waiver.amount) if waiver.currency_id else waiver.amount,
            )

    @api.depends('amount', 'damages_id.amount_due')
    def _compute_is_whole(self):
        for waiver in self:
            # safe: compares with what the waiver is about
            due = waiver.damages_id.sudo().amount_due
            waiver.is_whole = bool(waiver.currency_id and waiver.currency_id.compare_amounts(waiver.amount, due) >= 0)

    @api.constrains('amount', 'damages_id')
    def _check_amount(self):
        for waiver in self:
            due = waiver.damages_id.amount_due + (waiver.amount if waiver.approval_state == 'approved' else 0.0)
            if not 0 < waiver.amount < AMOUNT_LIMIT or waiver.currency_id.compare_amounts(waiver.amount, due) > 0:
                raise ValidationError(self.env._(
                    "%(damages)s: between nothing and %(due)s can be waived, not %(amount)s.", damages=waiver.damages_id.display_name,
                    due=waiver.currency_id.format(due), amount=waiver.currency_id.format(waiver.amount),
                ))

    @api.model_create_multi
    def create(self, vals_list):
        waivers = super().create(vals_list)
        waivers.damages_id.check_access('write')
        waivers._check_open()
        return waivers

    def write(self, vals):
        if not self.env.su and {'amount', 'reason', 'damages_id'} & vals.keys() and any(
            one.approval_state in ('pending', 'approved') for one in self
        ):
            raise UserError(self.env._("%s is submitted and stays as it is.", self[:1].display_name))
        result = super().write(vals)
        if not self.env.su and {'amount', 'reason'} & vals.keys():
            # safe: notes who has changed what is to be approved
            self.sudo().author_ids = [Command.link(self.env.uid)]
        return result

    @before_deletion
    def _unlink_except_submitted(self):
        for waiver in self:
            if waiver.approval_state != 'none':
                raise UserError(self.env._("%s stays on record.", waiver.display_name))

    def action_submit_and_close(self):
        """Submit from the dialog."""
        self.action_submit()
        return {'type': 'ir.actions.act_window_close'}

    def _check_open(self):
        for waiver in self:
            # safe: whether the damages are still open, and their document a draft
            damages = waiver.damages_id.sudo()
            if damages.debtor == 'us':
                raise UserError(self.env._(
                    "%s are owed by us: what the customer gives up is not ours to waive. Enter it as suspended days, with the customer's "
                    "document.", damages.display_name,
                ))
            if damages.state not in ('accruing', 'claimed') or damages.move_id.state in ('posted', 'cancel'):
                raise UserError(self.env._(
                    "%s are no longer open: where their document is posted, it is credited instead.", damages.display_name,
                ))

    # === APPROVAL === #

    def _check_submittable(self):
        self._check_open()
        for waiver in self:
            if not (waiver.reason or '').strip():
                raise UserError(self.env._("%s: say why.", waiver.display_name))

    def _approval_amounts(self):
        """Count with a waiver what else of the same contract was waived or is to be: slices are judged as the whole."""
        claim(self.sudo().contract_id)  # safe: two who waive at once are told one after the other
        others = self.sudo().search([('contract_id', 'in', self.contract_id.ids), ('approval_state', 'in', ('pending', 'approved'))])
        return {waiver: sum(
            one._in_company_currency() for one in others | waiver.sudo() if one.contract_id == waiver.contract_id
        ) for waiver in self}

    def _in_company_currency(self):
        return self.currency_id._convert(self.amount, self.company_id.currency_id, self.company_id, fields.Date.context_today(self))

    def _approval_customers(self):
        return {waiver: waiver.partner_id.commercial_partner_id for waiver in self}

    def _approval_authors(self):
        # safe: asks who has made or changed what is to be approved
        return {waiver: waiver.create_uid | waiver.sudo().author_ids.with_env(self.env) for waiver in self}

    def _approval_facts(self):
        facts = super()._approval_facts()
        for waiver in self:
            damages = waiver.damages_id
            facts[waiver] += [
                (self.env._("Contract"), damages.contract_id.display_name), (self.env._("Milestone"), damages.milestone_id.name),
                (self.env._("Who owes"), dict(damages._fields['debtor']._description_selection(self.env))[damages.debtor]),
                (self.env._("Why it is waived"), waiver.reason or ''),
            ]
        return facts

    def _approval_effects(self):
        effects = super()._approval_effects()
        for waiver in self:
            money, damages = waiver.currency_id.format, waiver.damages_id
            effects[waiver] += [(
                self.env._("To be paid"), money(damages.amount_due), money(max(damages.amount_due - waiver.amount, 0.0)),
            )]
        return effects

    def _on_approved(self):
        result = super()._on_approved()
        for waiver in self:
            waiver._check_open()
            waiver.damages_id._waive(waiver.amount, waiver.reason)
        return result

    def _on_taken_back(self):
        """Leave it as a draft."""


class FulfilmentDamages(models.Model):
    _inherit = 'fulfilment.damages'

    def _waive(self, amount, reason):
        """Give up an amount: a draft document is lowered, and goes where nothing is left."""
        self.ensure_one()
        # safe: follows from what was approved
        damages = self.sudo()
        claim(damages)
        amount = min(amount, damages.amount_due)
        damages.amount_waived += amount
        damages._message_log(body=self.env._(
            "Waived: %(amount)s. %(reason)s", amount=damages.currency_id.format(amount), reason=reason,
        ))
        left = damages.currency_id.compare_amounts(damages.amount_due, 0) > 0
        if damages.move_id.state == 'draft':
            if not left:
                damages._drop_draft()
            elif len(damages.move_id.invoice_line_ids) > 1:
                raise UserError(self.env._(
                    "%(claim)s: somebody has added lines to its draft %(draft)s. Have an accountant take them out first.",
                    claim=damages.display_name, draft=damages.move_id.display_name,
                ))
            else:
                damages.move_id.invoice_line_ids.write({'price_unit': damages.amount_due})
        if not left:
            damages._move_to('waived')
        damages.contract_id._reckon_damages_again()
