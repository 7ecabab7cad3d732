from contextlib import contextmanager

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..base.deletion import before_deletion
from ..base.readers import READERS

# Kept on the cursor, where no caller can claim them: orders that passed in this transaction and are on their way to be written, whether
# orders are being created, which are decided on as a whole, and which orders of this transaction have been decided on.
PASSED, CREATING, DECIDED_ON = 'fulfilment_crm.passed', 'fulfilment_crm.creating', 'fulfilment_crm.decided_on'


class SaleOrder(models.Model):
    """The gate: every road to a confirmed order leads through ``_fulfilment_gate``.

    It never raises on confirmation, for that would undo the decision and, on payment, the payment. An order that is held stays as it
    was, with the decision on record. A change that makes a confirmed order larger is refused instead.
    """
    _inherit = 'sale.order'

    fulfilment_credit_state = fields.Selection(
        [('warn', "Passed with a warning"), ('hold', "Held"), ('released', "Released")], string="Credit", readonly=True, copy=False,
        index='btree_not_null',
    )
    fulfilment_credit_decision_ids = fields.One2many(
        'fulfilment.credit.decision', 'order_id', string="Credit decisions", copy=False, readonly=True, groups=READERS,
    )

    # === EVERY ROAD TO A CONFIRMED ORDER === #

    def action_confirm(self):
        self.check_access('write')  # first: what is held is told with figures
        passing = self._fulfilment_gate('portal' if self.env.context.get('send_email') and self.env.su else 'confirm')
        with self._fulfilment_passing(passing):
            result = super(SaleOrder, passing).action_confirm() if passing else True
        held = self - passing
        return held._fulfilment_held_notice(result) if held else result

    def write(self, vals):
        vals = self._fulfilment_check_guarded(vals, self.company_id)
        # safe: asks whether there is anything to decide
        gated = vals.get('state') == 'sale' and (
            bool(vals.keys() & {'company_id', 'fulfilment_contract_id'}) or any(order._fulfilment_is_gated() for order in self.sudo())
        )
        if gated \
                and self - self._fulfilment_passed() - self.filtered(lambda order: order.state == 'sale'):
            return self._fulfilment_write_confirmed(vals)
        # safe: which orders stop being what a release was given for
        left = self.sudo().filtered('fulfilment_credit_state') if 'state' in vals else self.sudo().browse()
        if vals.get('state') != 'cancel':
            left = left.filtered(lambda order: order.state == 'sale')
        with self._fulfilment_watching(vals):
            result = super().write(vals)
        left.filtered(lambda order: order.state != 'sale')._fulfilment_forget()
        return result

    def _fulfilment_write_confirmed(self, vals):
        """Confirm by writing the state: everything else is written first, so that the orders are judged as they will be."""
        self.check_access('write')  # first: a decision is on record, and tells whether the order passes
        rest = {name: value for name, value in vals.items() if name not in ('state', 'date_order')}
        if rest:
            self.write(rest)
        entering = self.filtered(lambda order: order.state != 'sale') - self._fulfilment_passed()
        passing = self - (entering - entering._fulfilment_gate('direct'))
        with self._fulfilment_passing(passing | self._fulfilment_passed()):
            return not passing or passing.write({name: value for name, value in vals.items() if name in ('state', 'date_order')})

    @api.model_create_multi
    def create(self, vals_list):
        vals_list = [
            self._fulfilment_check_guarded(vals, self.env['res.company'].browse(vals.get('company_id') or self.env.company.id))
            for vals in vals_list
        ]
        cache = self.env.cr.cache
        outer = cache.get(CREATING)
        cache[CREATING] = True
        try:
            orders = super().create(vals_list)
        finally:
            cache[CREATING] = outer
        entered = orders.filtered(lambda order: order.state == 'sale')
        if entered:
            held = entered - entered._fulfilment_gate('direct')
            beneath = super(SaleOrder, held)  # not through the gate's own write
            beneath.write({'state': 'draft'})
        return orders

    def _action_cancel(self):
        result = super()._action_cancel()
        # safe: a release belongs to the order as it was; cancelled orders are decided on again
        self.sudo().filtered('fulfilment_credit_state')._fulfilment_forget()
        return result

    def _fulfilment_forget(self):
        """Use up the releases of orders that are given up or taken back, and the to-dos about them."""
        self.fulfilment_credit_decision_ids.filtered(lambda one: one.outcome == 'released').outcome = 'void'
        self.fulfilment_credit_state = False
        self.activity_unlink(['fulfilment_crm.activity_type_credit'])

    @before_deletion
    def _unlink_except_decided(self):
        """What was held or released stays on record."""
        # safe: asks whether there are decisions, whoever may read them
        for order in self.sudo():
            if order.fulfilment_credit_decision_ids.filtered(lambda one: one.outcome in ('hold', 'released', 'void')):
                raise UserError(self.env._(
                    "%s was held by credit control, which stays on record: cancel it instead of deleting it.", order.name,
                ))

    # === THE GATE === #

    def _fulfilment_gate(self, road):
        """Decide whether orders may be confirmed, keep the decisions, and tell who may release what is held.

        :param str road: where they come from, see ``fulfilment.credit.decision``
        :return: the orders that may
        """
        self.env.cr.cache[DECIDED_ON] = self.env.cr.cache.get(DECIDED_ON, frozenset()) | frozenset(self.ids)
        # safe: the rules bind whoever confirms, and exposure counts what that person may not see
        gated = self.sudo().filtered(lambda order: order._fulfilment_is_gated())
        if not gated:
            return self
        held = self.browse()
        for company, orders in gated.grouped(lambda order: order.company_id.root_id).items():
            decisions = orders._fulfilment_decide(company, road)
            stopped = decisions.filtered(lambda one: one.outcome == 'hold')
            held |= stopped.order_id
            for outcome, state in (('pass', False), ('warn', 'warn'), ('hold', 'hold'), ('released', 'released')):
                concerned = decisions.filtered(lambda one, outcome=outcome: one.outcome == outcome).order_id
                concerned.filtered(lambda order, state=state: order.fulfilment_credit_state != state).fulfilment_credit_state = state
            stopped._tell_controllers()
        return self - held.sudo(self.env.su)

    def _fulfilment_is_gated(self):
        """Whether the company of the order holds orders against credit rules."""
        self.ensure_one()
        return self.company_id.root_id.fulfilment_credit_gate

    def _fulfilment_held_notice(self, result):
        """Tell the user which orders are held, and why; the others went through."""
        if self.env.su or isinstance(result, dict):
            return result
        lines = [f'{order.name}: {order.fulfilment_credit_text}' for order in self]
        return {
            'type': 'ir.actions.client', 'tag': 'display_notification', 'params': {
                'title': self.env._("Held by credit control"), 'message': '\n'.join(lines), 'type': 'warning', 'sticky': True,
                'next': {'type': 'ir.actions.client', 'tag': 'soft_reload'},
            },
        }

    # === ORDERS ON THEIR WAY === #

    def _fulfilment_passed(self):
        return self.browse(self.env.cr.cache.get(PASSED, ()))

    @contextmanager
    def _fulfilment_passing(self, orders):
        """Remember that these orders passed while they are confirmed. Kept on the cursor: no caller can claim it."""
        before = self.env.cr.cache.get(PASSED, frozenset())
        self.env.cr.cache[PASSED] = before | frozenset(orders.ids)
        try:
            yield
        finally:
            self.env.cr.cache[PASSED] = before
