from odoo import api, models

from ..credit.gate_marks import SETTLED, Marks


class SaleOrder(models.Model):
    _inherit = 'sale.order'

    @api.model_create_multi
    def create(self, vals_list):
        orders = super().create(vals_list)
        if any(vals.get('applied_coupon_ids') for vals in vals_list) or self.default_get(['applied_coupon_ids']):
            orders._fulfilment_drop_cards_of_others()
        return orders

    def write(self, vals):
        result = super().write(vals)
        if vals.keys() & {'partner_id', 'applied_coupon_ids'}:
            self._fulfilment_drop_cards_of_others()
        return result

    def _fulfilment_drop_cards_of_others(self):
        """Whoever an order is for now spends their own points: cards of another customer, and what they gave, are taken off."""
        for order in self.filtered(lambda order: order.state in ('draft', 'sent')):
            own = order.partner_id | order.partner_id.commercial_partner_id
            others = order.applied_coupon_ids.filtered(
                lambda card, own=own: card.program_id.is_nominative and card.partner_id and card.partner_id not in own,
            )
            if others:
                order.applied_coupon_ids -= others
                order.order_line.filtered(lambda line, others=others: line.coupon_id in others).unlink()

    def _fulfilment_settle(self):
        """Odoo brings rewards up to date while it confirms."""
        for order in self:
            # safe: asks whether there is a gate, and whether there is anything to bring up to date
            own = order.sudo()
            if own.state in ('draft', 'sent') and own._fulfilment_has_to_settle() and not own._fulfilment_is_settled():
                order._update_programs_and_rewards()
        return super()._fulfilment_settle()

    def _fulfilment_has_to_settle(self):
        """Tell whether the order is held against rules and has rewards on it."""
        self.ensure_one()
        return self._fulfilment_is_gated() and bool(self.applied_coupon_ids or self.coupon_point_ids or self.order_line.reward_id)

    def _fulfilment_is_settled(self):
        return self.id in Marks(self.env.cr).marked(SETTLED)

    def _update_programs_and_rewards(self):
        """Points that rewards gave a customer are spent by whoever buys for it: the card is the company's, the order its contact's.

        Once while an order is confirmed: done twice, rewards of all points there are take more of them.
        """
        # safe: asks whether it has just been done
        if self._fulfilment_is_settled() and self.sudo()._fulfilment_has_to_settle():
            return None
        if self._allow_nominative_programs():
            cards = self._fulfilment_cards_of_customer() - self.applied_coupon_ids
            if cards:
                self.applied_coupon_ids += cards
        # Odoo takes rewards off and puts them on again: what counts is what becomes of it.
        with self._fulfilment_watching():
            return super()._update_programs_and_rewards()

    def _fulfilment_cards_of_customer(self):
        """Find the cards with points that rewards filled for the customer of this order, where a contact of it orders."""
        self.ensure_one()
        customer = self.partner_id.commercial_partner_id
        cards = self.env['loyalty.card']
        if not customer or customer == self.partner_id:
            return cards  # Odoo finds them itself
        # safe: says only which cards are the customer's; they are read with the rights of whoever asks
        known = self.env['fulfilment.reward.grant'].sudo().search([
            ('partner_id', '=', customer.id), ('effect', '=', 'points'), ('card_id', '!=', False),
        ]).card_id
        return cards.search([
            ('id', 'in', known.ids), ('partner_id', '=', customer.id), ('points', '>', 0), ('program_id.program_type', '=', 'loyalty'),
            ('program_id.applies_on', '!=', 'current'),
        ])
