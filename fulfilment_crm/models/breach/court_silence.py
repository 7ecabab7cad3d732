from odoo import api, models


class ResPartner(models.Model):
    _inherit = 'res.partner'

    def _fulfilment_before_court(self):
        """Return those of these customers that are before court, whose ever case it is."""
        # safe: whether anybody may write friendly words to a customer
        cases = self.env['fulfilment.breach'].sudo().search([
            ('is_before_court', '=', True), ('partner_id', 'in', self.commercial_partner_id.ids),
        ])
        return self.filtered(lambda one: one.commercial_partner_id in cases.partner_id)


class FulfilmentRewardRule(models.Model):
    """Nobody is rewarded while before court."""
    _inherit = 'fulfilment.reward.rule'

    @api.model
    def _candidates(self, company, day, among=None):
        found = super()._candidates(company, day, among=among)
        before = found.partner_id._fulfilment_before_court()
        return found.filtered(lambda one: one.partner_id not in before) if before else found


class FulfilmentCareLetter(models.TransientModel):
    _inherit = 'fulfilment.care.letter'

    def _receivers(self):
        found = super()._receivers()
        return found - found._fulfilment_before_court()


class FulfilmentCareTask(models.Model):
    """Whoever is before court is not cared for: no visits and calls by plan."""
    _inherit = 'fulfilment.care.task'

    @api.model
    def _profiles_to_care(self, company):
        found = super()._profiles_to_care(company)
        before = found.partner_id._fulfilment_before_court()
        return found.filtered(lambda one: one.partner_id not in before) if before else found
