from odoo import api, models
from odoo.tools import float_round, hmac

from ..base.run import CONCURRENCY_ERRORS
from ..base.told import _lt, told


class FulfilmentRewardGrant(models.Model):
    """Rewards in Odoo's loyalty programs, and trainings. Odoo has no method that gives points: balance and history are ours to write."""
    _inherit = 'fulfilment.reward.grant'

    # === POINTS === #

    def _effect_points(self):
        """Add the points to the customers' cards, and say in their history what for."""
        history = []
        for (program, notified), grants in self.grouped(lambda one: (one.program_id, one.is_notified)).items():
            cards, fresh = self._cards(program, grants.partner_id)
            for grant in grants:
                card = cards[grant.partner_id]
                card.points = _points(card.points + grant.points)
                grant.card_id = card.id
                history.append({'card_id': card.id, 'description': grant._told_reason(), 'issued': grant.points})
                if notified and card in fresh and program.communication_plan_ids and grant.partner_id.email:
                    fresh -= card
                    grant._mail_card(card)
        # safe: nobody has rights on cards; the history says what was done here
        self.env['loyalty.history'].sudo().create(history)

    def _take_back_points(self, day):
        """Take off what is left of the points; what the customer has spent stays spent."""
        history = []
        # safe: nobody has rights on cards; the balance is ours to correct
        cards = self.env['loyalty.card'].sudo().with_context(tracking_disable=True, loyalty_no_mail=True).search([
            ('partner_id', 'in', self.partner_id.ids), ('program_id', 'in', self.program_id.ids),
        ], order='id')
        found = {}
        for card in cards:
            found.setdefault((card.partner_id.id, card.program_id.id), card)
        for grant in self:
            card = found.get((grant.partner_id.id, grant.program_id.id))
            back = min(grant.points, max(card.points, 0.0)) if card else 0.0
            if back:
                card.points = _points(card.points - back)
                history.append({'card_id': card.id, 'description': self.env._("Taken back: %s", grant._told_reason()), 'used': back})
            used = _points(grant.points - back)
            grant.write({
                'used': used,
                'not_recovered': grant.currency_id.round(grant.cost * used / grant.points) if grant.points else 0.0,
            })
        # safe: as in _effect_points
        self.env['loyalty.history'].sudo().create(history)

    @api.model
    def _cards(self, program, partners):
        """The loyalty cards of customers in a program, made where they are missing: ``({partner: card}, those made)``.

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

    # === COUPONS === #

    def _effect_coupon(self):
        """Give each customer a coupon, which Odoo mails as its program says."""
        for program, grants in self.grouped('program_id').items():
            # safe: as in _cards
            coupons = self.env['loyalty.card'].sudo().with_context(tracking_disable=True)
            points = min(program.sudo().reward_ids.mapped('required_points'), default=1.0)  # safe: what the coupon has to hold
            made = coupons.with_context(loyalty_no_mail=True).create([{
                'program_id': program.id, 'partner_id': grant.partner_id.id, 'points': points, 'expiration_date': grant.ends_on,
            } for grant in grants])
            for grant, coupon in zip(grants, made.with_env(coupons.env), strict=True):
                grant.card_id = coupon.id
                grant.given = {'points': points}
                if grant.is_notified and grant.partner_id.email:
                    grant._mail_card(coupon)
            # safe: as in _effect_points
            self.env['loyalty.history'].sudo().create([
                {'card_id': coupon.id, 'description': grant._told_reason(), 'issued': points}
                for grant, coupon in zip(grants, made, strict=True)
            ])

    def _mail_card(self, card):
        """Let Odoo mail a card or coupon, which it prints. Should that fail, the customer has it all the same: somebody has to tell it."""
        try:
            with self.env.cr.savepoint():
                card.with_context(loyalty_no_mail=False)._send_creation_communication()
        except CONCURRENCY_ERRORS:
            raise
        except Exception as error:  # noqa: BLE001 - whatever a template of the company raises
            self.outcome = told(self.env, _lt("The card or coupon could not be mailed: %s", error))

    def _take_back_coupon(self, day):
        """Make coupons worthless that were not used."""
        for grant in self:
            # safe: nobody has rights on coupons; this one was given by the reward
            coupon = grant.card_id.sudo().with_context(tracking_disable=True, loyalty_no_mail=True)
            if coupon and coupon.points >= (grant.given or {}).get('points', 1.0):
                coupon.write({'points': 0.0, 'active': False})
            else:
                grant.write({'used': 1.0, 'not_recovered': grant.cost})

    # === TRAINING === #

    def _effect_training(self):
        """Somebody has to arrange it: a to-do for the responsible."""
        self.mapped('display_name')
        for (user, training), grants in self.grouped(lambda one: (one.user_id, one.training)).items():
            asked = user or grants.company_id.fulfilment_manager_id[:1] or self.env.user
            grants.with_context(mail_activity_quick_update=True).activity_schedule(
                'fulfilment_crm.activity_type_reward', user_id=asked.id,
                summary=asked._fulfilment_env()._("Arrange the training: %s", training),
            )

    def _take_back_training(self, day):
        """A training that has not taken place does not take place."""
        self.filtered(lambda one: not one.is_used).activity_unlink(['fulfilment_crm.activity_type_reward'])
        for grant in self.filtered('is_used'):
            grant.write({'used': 1.0, 'not_recovered': grant.cost})

    def _told_reason(self):
        """What the customer is told the reward is for, in the customer's language."""
        self.ensure_one()
        own = self.with_context(lang=self.partner_id.lang or self.env.lang)
        if self.ticket_id:
            return own.env._("Compensation for %s", self.ticket_id.display_name)
        return own.rule_id.explanation or own.rule_id.name or own.env._("Reward")


class LoyaltyReward(models.Model):
    _inherit = 'loyalty.reward'

    def _create_missing_discount_line_products(self):
        # safe: whoever may add a reward to a program needs the product its discount is booked on, not the right to make others
        return super(LoyaltyReward, self.sudo())._create_missing_discount_line_products()


def _points(points):
    return float_round(points, precision_digits=2)
