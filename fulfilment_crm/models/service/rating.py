from odoo import models
from odoo.exceptions import AccessError


class RatingRating(models.Model):
    """What customers say of tickets is theirs."""
    _inherit = 'rating.rating'

    def write(self, vals):
        if not self.env.su and vals.keys() & {'rating', 'feedback', 'consumed', 'partner_id', 'res_id'} \
                and self.filtered(lambda one: one.res_model == 'fulfilment.ticket'):
            raise AccessError(self.env._("Ratings of tickets are given by customers; they are not entered or changed by hand."))
        return super().write(vals)
