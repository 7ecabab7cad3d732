from odoo import api, models
from odoo.tools import hmac

from ..base.run import CONCURRENCY_ERRORS
from ..base.told import _lt, told


class FulfilmentRewardGrant(models.Model):
    """Cards of Odoo's loyalty programs, on which points and coupons are given."""
    _inherit = 'fulfilment.reward.grant'

    @api.model
    def _cards(self, program, partners):
        """Return the loyalty cards of customers in a program, made where they are missing: ``({partner: card}, those made)``.

        The code of a new card follows from program and customer, so that two who make it at one instant meet in the database.
        """
        # safe: nobody has rights on cards; they are the customers' own
        cards = self.env['loyalty.card'].sudo().with_context(tracking_disable=True, loyalty_no_mail=True)
        found = {}
        known = cards.with_context(active_test=False).search([('partner_id', 'in', partners.ids), ('program_id', '=', program.id)])
        for card in known.sorted(lambda one: (not one.active, one.id)):
            found.setdefault(card.partner_id, card)
        cards.concat(*found.values()).filtered(lambda one: not one.active).active = True
        missing = partners.filtered(lambda one: one not in found)
        codes = {partner: self._card_code(program, partner) for partner in missing}
        # A card that somebody has given to another contact keeps its code; Odoo makes one up for the new card.
        taken = set(cards.with_context(active_test=False).search([('code', 'in', list(codes.values()))]).mapped('code'))
        made = cards.create([{
            'program_id': program.id, 'partner_id': partner.id, 'points': 0.0, **({} if code in taken else {'code': code}),
        } for partner, code in codes.items()])
        return {**found, **dict(zip(missing, made, strict=True))}, made

    @api.model
    def _card_code(self, program, partner):
        # safe: a code nobody can guess, made from the secret of the database
        code = hmac(self.env(su=True), 'fulfilment_crm-loyalty-card', (program.id, partner.id))
        return f'044{code[:20]}'

    def _mail_card(self, card):
        """Let Odoo mail a card or coupon, which it prints. Should that fail, the customer has it all the same: somebody has to tell it."""
        try:
            with self.env.cr.savepoint():
                card.program_id.communication_plan_ids.mail_template_id._fulfilment_check_vouched(card._name)
                card.with_context(loyalty_no_mail=False)._send_creation_communication()
        except CONCURRENCY_ERRORS:
            raise
        except Exception as error:  # noqa: BLE001 - whatever a template of the company raises
            self.outcome = told(self.env, _lt("The card or coupon could not be mailed: %s", error))


class LoyaltyReward(models.Model):
    _inherit = 'loyalty.reward'

    def _create_missing_discount_line_products(self):
        # safe: whoever may add a reward to a program needs the product its discount is booked on, not the right to make others
        return super(LoyaltyReward, self.sudo())._create_missing_discount_line_products()
