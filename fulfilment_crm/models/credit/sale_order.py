from odoo import api, fields, models
from odoo.exceptions import UserError

from ..base.deletion import before_deletion
from ..base.readers import READERS
from .gate_marks import CHANGES, CREATING, PASSED, SETTLED, Marks


class SaleOrder(models.Model):
    """Every road to a confirmed order leads through ``_fulfilment_gate``: each override says which road it is.

    None raises on confirmation, for that would undo the decision and, on payment, the payment. An order that is held stays as it
    was, with the decision on record. A change that makes a confirmed order larger is refused instead.
    """
    _inherit = 'sale.order'

    fulfilment_credit_state = fields.Selection(
        [('warn', "Passed with a warning"), ('hold', "Held"), ('released', "Released"), ('refused', "Declined")],
        string="Credit", readonly=True, copy=False, index='btree_not_null',
    )
    fulfilment_credit_decision_ids = fields.One2many(
        'fulfilment.credit.decision', 'order_id', string="Credit decisions", copy=False, readonly=True, groups=READERS,
    )

    def action_confirm(self):
        self.check_access('write')  # first: what is held is told with figures
        self._fulfilment_settle()
        passing = self._fulfilment_gate('portal' if self.env.context.get('send_email') and self.env.su else 'confirm')
        marks = Marks(self.env.cr)
        with marks.during(PASSED, passing._fulfilment_sizes()), marks.during(SETTLED, passing.ids):
            result = super(SaleOrder, passing).action_confirm() if passing else True
        held = self - passing
        return held._fulfilment_held_notice(result) if held else result

    def write(self, vals):
        vals = self._fulfilment_check_guarded(vals, self.company_id)
        # safe: asks whether there is anything to decide
        gated = vals.get('state') == 'sale' and (
            bool(vals.keys() & {'company_id', 'fulfilment_contract_id'}) or any(order._fulfilment_is_gated() for order in self.sudo())
        )
        if gated and self - self._fulfilment_passed() - self.filtered(lambda order: order.state == 'sale'):
            return self._fulfilment_write_confirmed(vals)
        if gated:
            self._fulfilment_check_grown()
        # safe: which orders stop being what a release was given for
        left = self.sudo().filtered('fulfilment_credit_state') if 'state' in vals else self.sudo().browse()
        if vals.get('state') != 'cancel':
            left = left.filtered(lambda order: order.state == 'sale')
        with self._fulfilment_watching(vals):
            result = super().write(vals)
        left.filtered(lambda order: order.state != 'sale')._fulfilment_forget()
        if vals.keys() & CHANGES:
            self._fulfilment_note_author()
        if vals.get('fulfilment_credit_state', 'hold') != 'hold':
            self._fulfilment_end_release()
        return result

    def _fulfilment_write_confirmed(self, vals):
        """Confirm by writing the state: everything else is written first, so that the orders are judged as they will be."""
        self.check_access('write')  # first: a decision is on record, and tells whether the order passes
        rest = {name: value for name, value in vals.items() if name not in ('state', 'date_order')}
        if rest:
            self.write(rest)
        entering = self.filtered(lambda order: order.state != 'sale') - self._fulfilment_passed()
        passing = self - (entering - entering._fulfilment_gate('direct'))
        last = {name: value for name, value in vals.items() if name in ('state', 'date_order')}
        # By the exchange rate of its date an order counts from then on: that of the day it is judged.
        foreign = (entering & passing).filtered(lambda order: order.currency_id != order.company_id.currency_id)
        with Marks(self.env.cr).during(PASSED, passing._fulfilment_sizes()):
            for orders, own in ((passing - foreign, last), (foreign, {**last, 'date_order': fields.Datetime.now()})):
                if orders:
                    orders.write(own)
        return True

    def _fulfilment_settle(self):
        """Bring up to date what Odoo would change while it confirms, so that orders are judged by what they will be; a room extends it."""

    @api.model_create_multi
    def create(self, vals_list):
        companies = [self.env['res.company'].browse(vals.get('company_id') or self.env.company.id) for vals in vals_list]
        vals_list = [self._fulfilment_check_guarded(vals, company) for vals, company in zip(vals_list, companies, strict=True)]
        entering = [vals.get('state', self.env.context.get('default_state')) == 'sale' for vals in vals_list]
        judged = any(entering) and self._fulfilment_has_limits(self.env['res.company'].union(*companies))
        if judged:
            # Made first, and judged as they are then, not as if they had been confirmed before.
            vals_list = [{**vals, 'state': 'draft'} if enters else vals for vals, enters in zip(vals_list, entering, strict=True)]
        with Marks(self.env.cr).during(CREATING):
            orders = super().create(vals_list)
        confirmed = orders.browse([order.id for order, enters in zip(orders, entering, strict=True) if judged and enters])
        # Defaults may make an order confirmed, too, or of another company than its values say.
        # safe: asks whether there is anything to decide
        strays = orders.filtered(lambda order: order.state == 'sale' and order.sudo()._fulfilment_is_gated()) - confirmed
        if strays:
            beneath = super(SaleOrder, strays)  # not through the gate's own write
            beneath.write({'state': 'draft'})
        if confirmed | strays:
            (confirmed | strays).write({'state': 'sale'})
        return orders

    def _action_cancel(self):
        result = super()._action_cancel()
        # safe: a release belongs to the order as it was; cancelled orders are decided on again
        self.sudo().filtered('fulfilment_credit_state')._fulfilment_forget()
        return result

    @before_deletion
    def _unlink_except_decided(self):
        """Prevent deleting orders that were held or released: this stays on record."""
        # safe: asks whether there are decisions, whoever may read them
        for order in self.sudo():
            if order.fulfilment_credit_decision_ids.filtered(lambda one: one.outcome in ('hold', 'released', 'void', 'refused')):
                raise UserError(self.env._(
                    "%s was held by credit control, which stays on record: cancel it instead of deleting it.", order.name,
                ))

    def _fulfilment_passed(self):
        """Return the orders that have passed and are on their way to be written."""
        return self.browse([order_id for order_id, _size in Marks(self.env.cr).marked(PASSED)])

    def _fulfilment_sizes(self):
        """Return what was judged of these orders: ``[(id, Size)]``, None for those that no gate judges."""
        # safe: compares amounts
        return [(order.id, order._fulfilment_size() if order._fulfilment_is_gated() else None) for order in self.sudo()]

    def _fulfilment_check_grown(self):
        """Refuse to write as confirmed what has become larger since it passed: other modules change lines while they confirm.

        :raise UserError: naming the order and the rules
        """
        passed = dict(Marks(self.env.cr).marked(PASSED))
        # safe: compares amounts; who confirms has the right to
        grown = self.sudo().filtered(lambda order: passed.get(order.id) and order._fulfilment_is_more_than(passed[order.id]))
        for company, orders in grown.grouped(lambda order: order.company_id.root_id).items():
            releases = orders._fulfilment_releases(company)
            gate, cases = self._fulfilment_gate_of(company), orders._fulfilment_cases(company)
            gate.look(cases)
            orders._fulfilment_refuse(gate.refused(cases, releases))

    def _fulfilment_held_notice(self, result):
        """Tell the user which orders are held, and why; the others went through."""
        if self.env.su or isinstance(result, dict):
            return result
        lines = [f'{order.name}: {order.fulfilment_credit_text}' for order in self]  # figures for who may know them
        return {
            'type': 'ir.actions.client', 'tag': 'display_notification', 'params': {
                'title': self.env._("Held by credit control"), 'message': '\n'.join(lines), 'type': 'warning', 'sticky': True,
                'next': {'type': 'ir.actions.client', 'tag': 'soft_reload'},
            },
        }
