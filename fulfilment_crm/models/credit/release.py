from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import plaintext2html

from ..base.locking import lock
from .gate_marks import RELEASING, SETTLED, Marks


class SaleOrder(models.Model):
    """Releasing what the gate held: with reason, by who may, up to an amount and a day."""
    _inherit = 'sale.order'

    fulfilment_can_release = fields.Boolean(compute='_compute_fulfilment_can_release', groups='base.group_user')

    @api.model
    def _fulfilment_own_form(self):
        """Tell whether the user looks at orders as credit control does, without any rights of sales."""
        user = self.env.user
        return not user.has_group('sales_team.group_sale_salesman') and any(
            user.has_group(f'fulfilment_crm.{group}') for group in ('group_credit', 'group_inspector', 'group_manager')
        )

    @api.model
    def _get_view_cache_key(self, view_id=None, view_type='form', **options):
        return (*super()._get_view_cache_key(view_id, view_type, **options), self._fulfilment_own_form())

    @api.model
    def _get_view(self, view_id=None, view_type='form', **options):
        """Give credit controllers a form of their own: Odoo's own reads coupons and journal items, which they may not."""
        usual = (None, False, self.env.ref('sale.view_order_form').id)
        if view_type == 'form' and view_id in usual and self._fulfilment_own_form():
            view_id = self.env.ref('fulfilment_crm.sale_order_view_form_held').id
        return super()._get_view(view_id, view_type, **options)

    def _compute_fulfilment_can_release(self):
        for order in self:
            order.fulfilment_can_release = order.fulfilment_credit_state == 'hold' and not order._fulfilment_release_barrier()

    def _has_to_be_paid(self):
        return super()._has_to_be_paid() and self._fulfilment_may_be_paid()

    def _fulfilment_may_be_paid(self):
        """Tell whether the order may be paid before it is confirmed.

        What is under review is not paid meanwhile: it may be refused. What waits for a deposit alone is.
        """
        self.ensure_one()
        # safe: asks whether and why the order is held
        own = self.sudo()
        if own.state == 'sale' or not own._fulfilment_is_gated():
            return True
        # Cancelled and taken up again, it is what it was: confirmed anew, it is decided on anew.
        last = own.fulfilment_credit_decision_ids.filtered(lambda one: one.outcome != 'void')._latest().outcome
        return last != 'refused' and (last != 'hold' or own._fulfilment_held_by() == {'deposit'})

    def _fulfilment_held_by(self):
        """Return the kinds of rules by which this order was held last."""
        return {hit['kind'] for hit in self._fulfilment_hold().hits or [] if hit['outcome'] == 'hold'}

    def _fulfilment_hold(self):
        """Return the decision that holds this order, as superuser."""
        self.ensure_one()
        # safe: the decision of an order the user may read; shown to who may release it
        return self.sudo().fulfilment_credit_decision_ids._latest('hold')

    def _fulfilment_release_groups(self):
        """Return the groups that somebody has to belong to, all of them, to release these orders; managers may in any case.

        :return: ``{order: groups}``
        """
        named = {
            order: {hit['group'] for hit in order._fulfilment_hold().hits or [] if hit['outcome'] == 'hold'} for order in self
        }
        there = self.env['res.groups'].browse(set().union(*named.values())).exists()
        return {order: there.filtered(lambda group, ids=ids: group.id in ids) for order, ids in named.items()}

    def _fulfilment_release_barrier(self):
        """Explain in a sentence why the user may not release this order; None when they may."""
        self.ensure_one()
        # safe: who made, runs and confirmed the order
        if self.env.user in self.sudo()._approval_authors()[self.sudo()]:
            return self.env._("%(order)s: nobody releases an order they confirmed themselves.", order=self.name)
        manager = self.env.user.has_group('fulfilment_crm.group_manager')
        groups = self._fulfilment_release_groups()[self]
        # safe: compares the user's own groups and names those that are missing
        missing = groups.sudo() - self.env.user.sudo().all_group_ids
        if (missing or not groups) and not manager:
            return self.env._("%(order)s may be released by: %(groups)s.", order=self.name, groups=', '.join(missing.mapped('full_name')))
        return None

    def action_fulfilment_release(self, reason=None, amount=None, valid_until=None):
        """Release held orders and confirm them on the way they came.

        :param str reason: why; asked for in a dialog when missing
        :param float amount: up to which amount, in the company's currency, the release holds; when missing, that of the order as it was
            held, and an order that has changed since is not released
        :param valid_until: last day of the release, a date or its text; without end when missing
        :raise AccessError: when the user is none of those who may
        """
        self = self.union()  # a call may name an order twice
        self.check_access('read')
        if not (reason or '').strip():
            self.ensure_one()
            return {
                'type': 'ir.actions.act_window', 'name': self.env._("Release"), 'res_model': 'fulfilment.credit.release',
                'view_mode': 'form',
                'target': 'new', 'context': {'default_order_id': self.id},
            }
        valid_until = fields.Date.to_date(valid_until) if valid_until else False
        for order in self:
            if order.fulfilment_credit_state != 'hold':
                raise UserError(self.env._("%s is not held.", order.name))
            barrier = order._fulfilment_release_barrier()
            if barrier:
                raise AccessError(barrier)
            # safe: what confirming it would change, before its amount is looked at
            with Marks(self.env.cr).during(RELEASING):
                order.sudo()._fulfilment_settle()
            order._fulfilment_check_release(amount, valid_until)
        # safe: who may release was checked above; the order is confirmed as its own salesperson's
        for order in self.sudo():
            hold = order._fulfilment_hold()
            hold.copy({
                'outcome': 'released', 'reason': reason.strip(), 'user_id': self.env.uid, 'valid_until': valid_until,
                'amount': order._fulfilment_company_amount() if amount is None else amount, 'date': fields.Datetime.now(),
            })
            order.fulfilment_credit_state = 'released'
            order.activity_unlink(['fulfilment_crm.activity_type_credit'])
            # Customers search the messages of their orders: reasons stand in the decision.
            order._message_log(body=self.env._("Released by credit control."))
            marks = Marks(self.env.cr)
            with marks.during(RELEASING), marks.during(SETTLED, order.ids):
                order._fulfilment_go_on(hold)
        return True

    def action_open_fulfilment_profile(self):
        """Open the profile of the customer, with figures as of now."""
        self.ensure_one()
        self.check_access('read')
        return self.partner_id.action_open_fulfilment_profile()

    def action_fulfilment_refuse(self, reason=None):
        """Refuse held orders: they stay quotations, and their salespeople are told why. Confirmed again, they are judged anew.

        :param str reason: why; asked for in a dialog when missing
        :raise AccessError: when the user is none of those who may release
        """
        self = self.union()  # a call may name an order twice
        self.check_access('read')
        if not (reason or '').strip():
            self.ensure_one()
            return {
                'type': 'ir.actions.act_window', 'name': self.env._("Decline the order"), 'res_model': 'fulfilment.credit.release',
                'view_mode': 'form', 'target': 'new', 'context': {'default_order_id': self.id, 'default_is_refusal': True},
            }
        for order in self:
            if order.fulfilment_credit_state != 'hold':
                raise UserError(self.env._("%s is not held.", order.name))
            if barrier := order._fulfilment_release_barrier():
                raise AccessError(barrier)
        lock(self)  # nobody releases what is declined at the same instant
        # safe: who may decide was checked above
        for order in self.sudo():
            # What was released before counts no more.
            order.fulfilment_credit_decision_ids.filtered(lambda one: one.outcome == 'released').outcome = 'void'
            order._fulfilment_hold().copy({
                'outcome': 'refused', 'reason': reason.strip(), 'user_id': self.env.uid, 'date': fields.Datetime.now(),
            })
            order.fulfilment_credit_state = 'refused'
            order._fulfilment_withdraw_payments()
            order.activity_unlink(['fulfilment_crm.activity_type_credit'])
            order._message_log(body=self.env._("Declined by credit control."))
            if order.user_id.active and order.user_id != self.env.user:
                order.activity_schedule(
                    'mail.mail_activity_data_todo', user_id=order.user_id.id, note=plaintext2html(reason.strip()),
                    summary=order.user_id._fulfilment_env()._("Order declined by credit control"),
                )
        return True

    def _fulfilment_check_release(self, amount, valid_until):
        self.ensure_one()
        company, asked = self.company_id.root_id, self._fulfilment_company_amount()
        held = self._fulfilment_hold().amount
        if amount is None and company.currency_id.compare_amounts(asked, held):
            raise UserError(self.env._(
                "%(order)s was held at %(held)s and amounts to %(asked)s by now: look at it again, and say up to which amount it is "
                "released.",
                order=self.name, held=company.currency_id.format(held), asked=company.currency_id.format(asked),
            ))
        if amount is not None and company.currency_id.compare_amounts(amount, asked) < 0:
            raise UserError(self.env._(
                "%(order)s amounts to %(asked)s: a release up to %(amount)s does not cover it.", order=self.name,
                asked=company.currency_id.format(asked), amount=company.currency_id.format(amount),
            ))
        if valid_until and valid_until < company._fulfilment_today()[company]:
            raise UserError(self.env._("The release of %s would have ended already.", self.name))

    def _fulfilment_go_on(self, hold):
        """Confirm a released order, and do what the way it came would have done."""
        self.ensure_one()
        paid = self.transaction_ids.filtered(lambda one: one.state in ('authorized', 'done'))
        if hold.source == 'payment' and paid:
            paid._post_process()
        if self.state != 'sale':
            self.with_context(send_email=hold.sends_mail).action_confirm()
