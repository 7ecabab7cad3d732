from odoo import fields, models
from odoo.tools import float_round


class FulfilmentRewardTerms(models.AbstractModel):
    _inherit = 'fulfilment.reward.terms'

    effect = fields.Selection(selection_add=[('points', "Loyalty points")], ondelete={'points': 'cascade'})
    points = fields.Float(string="Number of points", digits=(16, 2), tracking=True, help="Points on the customer's loyalty card.")

    def _missing_points(self):
        if self.points and self.program_id.active and self.program_id.program_type == 'loyalty':
            return None
        return self.env._("Say how many points “%s” gives, and in which loyalty program.", self.name)


class FulfilmentRewardRule(models.Model):
    _inherit = 'fulfilment.reward.rule'

    cost_per_point = fields.Float(string="Cost of a point", digits=(16, 4), tracking=True)

    def _exact_cost(self):
        return self.points * self.cost_per_point if self.effect == 'points' else super()._exact_cost()


class FulfilmentRewardGrant(models.Model):
    """Points on loyalty cards. Odoo has no method that gives points: balance and history are ours to write."""
    _inherit = 'fulfilment.reward.grant'

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

    def _words_points(self, until):
        return self.env._("%(points)s points", points=f'{self.points:g}')


def _points(points):
    return float_round(points, precision_digits=2)
