from odoo import models

from .gate import DECISIVE, Case


class SaleOrder(models.Model):
    """What is known of an order and its customers when it comes to the gate."""
    _inherit = 'sale.order'

    def _fulfilment_is_gated(self):
        """Tell whether the company of the order checks orders against credit rules."""
        self.ensure_one()
        return self.company_id.root_id.fulfilment_credit_gate

    def _fulfilment_cases(self, company, deciding=True, taken=None):
        """Gather what is known of the customers of these orders, after locking their credit lines.

        :param bool deciding: off to look only, which locks nothing
        :param dict taken: what orders of other companies decided on in the same call have taken of ceilings; the cases add to it
        :return: ``{order: [Case]}``, first who is invoiced, then who has ordered if that is somebody else
        """
        contacts = self.partner_invoice_id | self.partner_id
        contacts.fetch(['commercial_partner_id'])
        customers = contacts.commercial_partner_id
        lines = self.env['fulfilment.credit.line']._of(customers, company)
        if deciding:
            self.env['fulfilment.credit.line'].concat(*lines.values())._lock()
        figures = [*DECISIVE, *(['revenue_12m'] if any(line.provisional_grade_id for line in lines.values()) else [])]
        # safe: exposure counts what the person confirming may not see
        of_customer = self.env['fulfilment.profile'].sudo()._live(customers, company, figures)
        # What somebody orders counts for them, whoever the invoice is to go to.
        exposure = {customer: facts['exposure'] + facts['order_for_others'] for customer, facts in of_customer.items()}
        day, cases = company._fulfilment_today()[company], {}
        taken = {} if taken is None else taken
        for order in self:
            amount, draws, beyond = order._fulfilment_company_amount(), order._fulfilment_draws(), order._fulfilment_delivered_beyond()
            cases[order] = [Case(
                order=order, by_rules=company.fulfilment_credit_gate, amount=amount, day=day,
                currency=company.currency_id, line=lines[customer], facts=of_customer[customer],
                grade=lines[customer]._effective_terms(), limit=lines[customer]._effective_limit(of_customer[customer].get('revenue_12m')),
                exposure=exposure[customer] + beyond, exposure_after=exposure[customer] + beyond, draws=draws, taken=taken,
            ) for customer in order.partner_invoice_id.commercial_partner_id | order.partner_id.commercial_partner_id]
        return cases

    def _fulfilment_draws(self):
        """Return what the order takes of ceilings it stands under: ``{contract: amount in its currency}``."""
        return {}

    def _fulfilment_company_amount(self):
        """Return the amount of the order with taxes in the company's currency, at least what its lines say without them.

        Totals and exchange rate are stored, and more than one road leads to stored values. What is delivered beyond the order is invoiced,
        too.
        """
        self.ensure_one()
        lines = self.order_line.filtered(lambda line: not line.display_type)
        amount = max(self.amount_total, sum(
            line.price_unit * (1 - line.discount / 100) * max(line.product_uom_qty, line.qty_delivered) for line in lines
        ))
        company = self.company_id
        if self.currency_id == company.currency_id:
            return company.currency_id.round(amount)
        return self.currency_id._convert(amount, company.currency_id, company, company._fulfilment_today()[company])

    def _fulfilment_delivered_beyond(self):
        """Return what was delivered beyond a confirmed order, which exposure leaves out, in the company's currency."""
        self.ensure_one()
        if self.state != 'sale':
            return 0.0
        return sum(
            line.price_total / line.product_uom_qty * (line.qty_delivered - line.product_uom_qty) / (self.currency_rate or 1.0)
            for line in self.order_line if line.product_uom_qty and line.qty_delivered > line.product_uom_qty
        )

    def _fulfilment_uninvoiced(self):
        """Return what of the order counts as exposure, in the company's currency: see ``order_uninvoiced`` of profiles, line by line."""
        self.ensure_one()
        rate, amount = self.currency_rate or 1.0, 0.0
        for line in self.order_line:  # as they are: filtered, they would be read order by order
            if line.display_type:
                continue
            billed = line.invoice_lines.filtered(
                lambda one: one.parent_state == 'posted' and one.move_id.partner_id.commercial_partner_id in (
                    self.partner_invoice_id.commercial_partner_id, self.partner_id.commercial_partner_id,
                ),
            )
            signed = [(one, -1 if one.move_id.move_type == 'out_refund' else 1) for one in billed]
            if line.product_uom_qty:
                quantity = sum(sign * one.product_uom_id._compute_quantity(one.quantity, line.product_uom_id) for one, sign in signed)
                amount += line.price_total / rate * max((line.product_uom_qty - quantity) / line.product_uom_qty, 0.0)
            elif line.is_downpayment:
                amount -= sum(sign * one.price_total / (one.move_id.invoice_currency_rate or 1.0) for one, sign in signed)
        return max(amount, 0.0)

    def _fulfilment_releases(self, company):
        """Return the releases of these orders that are valid today: ``{order: decision}``."""
        day = company._fulfilment_today()[company]
        released = self.filtered(lambda order: order.fulfilment_credit_state in ('released', 'hold')).fulfilment_credit_decision_ids
        return {
            decision.order_id: decision for decision in released.sorted('id')
            if decision.outcome == 'released' and decision._covers(day)
        }
