from odoo import api, fields, models
from odoo.fields import Domain

from ..base.later import do_later
from ..base.told import _lt, told
from .gate import outcome_of


class FulfilmentCreditRule(models.Model):
    _inherit = 'fulfilment.credit.rule'

    def _hit_deposit(self, rule, case):
        if not case.grade or case.grade.deposit_share <= 0 or case.amount <= 0:
            return None
        needed = case.currency.round(case.amount * case.grade.deposit_share / 100)
        paid = case.order._fulfilment_paid_ahead()
        if case.currency.compare_amounts(paid, needed) >= 0:
            return None
        return told(self.env, _lt(
            "Grade %(grade)s asks for a deposit of %(share)s %%: %(needed)s, of which %(paid)s is paid.", grade=case.grade.code,
            share=f'{case.grade.deposit_share:g}', needed=case.currency.format(needed), paid=case.currency.format(paid),
        )), paid


class SaleOrder(models.Model):
    """A deposit asked of a customer: invoiced from the held order, and once it is paid the order goes on by itself."""
    _inherit = 'sale.order'

    fulfilment_waits_for_deposit = fields.Boolean(compute='_compute_fulfilment_waits_for_deposit', groups='base.group_user')

    @api.depends('fulfilment_credit_state', 'fulfilment_credit_decision_ids')
    def _compute_fulfilment_waits_for_deposit(self):
        for order in self:
            held = order.fulfilment_credit_state == 'hold' and order.state in ('draft', 'sent')
            order.fulfilment_waits_for_deposit = held and 'deposit' in order._fulfilment_held_by()

    def _fulfilment_paid_ahead(self):
        """Sum up the money that has come for the order so far, in its company's currency: on invoices of down payments, and online."""
        self.ensure_one()
        # safe: what is paid of an order, for the decision about it
        order = self.sudo()
        down = order.order_line.filtered('is_downpayment').invoice_lines.move_id.filtered(
            lambda move: move.state == 'posted' and move.move_type == 'out_invoice'
            and move.partner_id.commercial_partner_id == order.partner_invoice_id.commercial_partner_id,
        )
        partials = down.line_ids.filtered(lambda line: line.account_type == 'asset_receivable').matched_credit_ids
        settled = sum(partial.amount * partial.credit_move_id._fulfilment_money_share() for partial in partials)
        # What was paid online and set against an invoice counts once.
        counted = partials.credit_move_id.payment_id
        payers = (order.partner_invoice_id | order.partner_id).commercial_partner_id
        online = order.transaction_ids.filtered(
            lambda one: one.state in ('authorized', 'done') and not one.payment_id & counted and one.sale_order_ids == order
            and one.partner_id.commercial_partner_id in payers,
        )
        company, day = order.company_id, fields.Date.context_today(order)
        return company.currency_id.round(settled + sum(
            one.currency_id._convert(one.amount, company.currency_id, company, day) for one in online
        ))

    def action_fulfilment_invoice_deposit(self):
        """Open Odoo's dialog for an invoice of the deposit that the grade asks for."""
        self.ensure_one()
        self.check_access('write')
        # safe: the share that the grade of the customer asks for, told in the decision
        own = self.sudo()
        customer = own.partner_invoice_id.commercial_partner_id
        terms = own.env['fulfilment.credit.line']._of(customer, own.company_id.root_id)[customer]._effective_terms()
        return {
            **self.env['ir.actions.actions']._for_xml_id('sale.action_view_sale_advance_payment_inv'),
            'context': {
                'active_model': self._name, 'active_id': self.id, 'active_ids': self.ids,
                'default_advance_payment_method': 'percentage', 'default_amount': terms.deposit_share if terms else 0.0,
            },
        }

    def _fulfilment_deposit_came(self):
        """Confirm held orders that waited for their deposit alone, on the way they came."""
        for order in self:
            if not order.fulfilment_waits_for_deposit:
                continue
            hits = order._fulfilment_hits_now(order.company_id.root_id).get(order, [])
            if outcome_of(hits) != 'hold':
                order._message_log(body=self.env._("The deposit is paid."))
                order._fulfilment_go_on(order._fulfilment_hold())
                order.activity_unlink(['fulfilment_crm.activity_type_credit'])


class AccountPartialReconcile(models.Model):
    _inherit = 'account.partial.reconcile'

    @api.model_create_multi
    def create(self, vals_list):
        partials = super().create(vals_list)
        # safe: finds held orders that waited for this payment
        invoices = partials.sudo().debit_move_id.move_id.filtered(
            lambda move: move.move_type == 'out_invoice' and move.company_id.root_id.fulfilment_credit_gate,
        )
        if invoices:
            held = self.env['sale.order'].sudo().search(  # safe: as above
                Domain('fulfilment_credit_state', '=', 'hold') & Domain('order_line.invoice_lines.move_id', 'in', invoices.ids),
            )
            do_later(held, '_fulfilment_deposit_came', 'credit')
        return partials
