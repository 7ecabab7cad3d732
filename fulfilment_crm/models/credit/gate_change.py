from contextlib import contextmanager
from dataclasses import dataclass

from odoo import api, models
from odoo.exceptions import UserError

from .gate_marks import CHANGES, CREATING, DECIDED_ON, WATCHED, Marks


@dataclass(frozen=True)
class Size:
    """What of an order is held against rules: it may become less."""
    amounts: tuple  # each compared with what it was
    days: int  # of its payment term
    whose: tuple  # customers, company, currency, contracts


class SaleOrder(models.Model):
    """Changes of confirmed orders: refused where they make one larger, longer or somebody else's than the rules allow."""
    _inherit = 'sale.order'

    @contextmanager
    def _fulfilment_watching(self, vals=None):
        """Refuse, after the change, that a confirmed order became larger, longer or somebody else's than the rules allow."""
        marks = Marks(self.env.cr)
        if vals is not None and not vals.keys() & CHANGES:
            yield
            return
        anywhere = vals is not None and self._fulfilment_may_become_gated(vals)
        # safe: compares amounts; the change itself is the user's own
        orders = self.sudo().filtered(
            lambda order: order.state == 'sale' and order.id not in marks.marked(WATCHED) and (anywhere or order._fulfilment_is_gated()),
        )
        if marks.marked(CREATING):
            # Orders that are just being created are decided on as a whole; others must not be changed on that occasion.
            decided = marks.marked(DECIDED_ON)
            orders = orders.filtered(lambda order: order.create_date < self.env.cr.now() or order.id in decided)
        if not orders:
            yield
            return
        before = {order: order._fulfilment_size() for order in orders}
        with marks.during(WATCHED, orders.ids):
            yield
        changed = orders.exists().filtered(
            lambda order: order.state == 'sale' and order._fulfilment_is_gated() and order._fulfilment_is_more_than(before[order]),
        )
        if changed:
            changed._fulfilment_check_change()

    def _fulfilment_counts_invoices(self):
        return super()._fulfilment_counts_invoices() or self._fulfilment_is_gated()

    @api.model
    def _fulfilment_may_become_gated(self, vals):
        """Tell whether a change may put an order under rules that did not hold it before: those of another company."""
        return 'company_id' in vals

    def _fulfilment_size(self):
        self.ensure_one()
        return Size(
            (self._fulfilment_company_amount(), self._fulfilment_uninvoiced()), self.payment_term_id._fulfilment_days(),
            ((self.partner_invoice_id | self.partner_id).commercial_partner_id, self.company_id.root_id, self.currency_id),
        )

    def _fulfilment_is_more_than(self, before):
        self.ensure_one()
        size, currency = self._fulfilment_size(), self.company_id.currency_id
        return size.days > before.days or size.whose != before.whose or any(
            currency.compare_amounts(amount, was) > 0 for amount, was in zip(size.amounts, before.amounts, strict=True)
        )

    def _fulfilment_check_change(self, sentence=None):
        """Refuse a change of confirmed orders that breaks a rule.

        :param sentence: a function of order, reasons and groups that says what cannot be; that the order becomes larger when missing
        :raise UserError: naming the order, the rules and who may lift them
        """
        for company, orders in self.grouped(lambda order: order.company_id.root_id).items():
            releases = orders._fulfilment_releases(company)
            self.env.flush_all()
            self._fulfilment_refuse(self._fulfilment_gate_of(company).refused(orders._fulfilment_cases(company), releases), sentence)

    def _fulfilment_refuse(self, refused, sentence=None):
        """Raise for the first of some orders that rules hold: ``{order: [Hit]}``."""
        for order, hits in refused.items():
            if not self.env.user._is_internal():
                raise UserError(self.env._("%s cannot be changed like this: please ask us first.", order.name))
            groups = self.env['res.groups'].browse({hit.group for hit in hits})
            reasons = self.env['fulfilment.credit.rule']._told_to_reader(hits, order.company_id.root_id)
            raise UserError((sentence or self._fulfilment_larger)(order.name, '; '.join(reasons), ', '.join(groups.mapped('name'))))

    def _fulfilment_larger(self, order, reasons, groups):
        return self.env._(
            "%(order)s cannot become larger: %(reasons)s\nPut what is added on a new order; %(group)s may release that one.",
            order=order, reasons=reasons, group=groups,
        )


class SaleOrderLine(models.Model):
    """Lines of a confirmed order: added, changed or deleted (down payments, notes and what hangs on them), they change its amount."""
    _inherit = 'sale.order.line'

    @api.model_create_multi
    def create(self, vals_list):
        implied = [] if all('order_id' in vals for vals in vals_list) else [self.default_get(['order_id']).get('order_id')]
        order_ids = {vals.get('order_id') for vals in vals_list}.union(implied) - {None, False}
        orders = self.env['sale.order'].browse(order_ids)
        vals_list = [self._fulfilment_check_guarded(vals, orders) for vals in vals_list]
        with orders._fulfilment_watching():
            lines = super().create(vals_list)
        lines.order_id._fulfilment_note_author()
        return lines

    def unlink(self):
        orders = self.order_id
        with orders._fulfilment_watching():
            result = super().unlink()
        orders.exists()._fulfilment_note_author()
        return result

    def write(self, vals):
        vals = self._fulfilment_check_guarded(vals, self.order_id)
        if not vals.keys() & {
            'extra_tax_data', 'product_uom_qty', 'price_unit', 'discount', 'tax_ids', 'product_id', 'product_uom_id', 'order_id',
            'display_type', 'qty_delivered', 'company_id', 'currency_id',
        }:
            return super().write(vals)
        orders = self.order_id | self.env['sale.order'].browse(vals.get('order_id') or [])
        with orders._fulfilment_watching():
            result = super().write(vals)
        orders._fulfilment_note_author()
        return result
