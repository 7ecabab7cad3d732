from odoo import fields, models
from odoo.fields import Domain

from ..profile.overview import FREE, LATE, NEAR

BEST = 5


class FulfilmentProfile(models.Model):
    """The picture of how content the customer was."""
    _inherit = 'fulfilment.profile'

    satisfaction_picture = fields.Html(string="Satisfaction, by month", compute='_compute_month_pictures', sanitize=False)

    def _monthly(self, first):
        return {**super()._monthly(first), 'satisfaction': (
            self.env['fulfilment.satisfaction'], Domain(self._own()) & Domain('date', '>=', first), 'date', 'average',
        )}

    def _months_drawn(self, months):
        columns = []
        for sums in months.values():
            total, number = sums.get('satisfaction', (0.0, 0))
            mean = total / number if number else 0.0  # a month without answers has no bar
            colour, name = (FREE, self.env._("4 and more")) if mean >= 4 else (NEAR, self.env._("3 to 4")) if mean >= 3 \
                else (LATE, self.env._("Below 3"))
            columns.append([(colour, name, mean, '{:.1f}'.format)] if number else [])
        return {**super()._months_drawn(months), 'satisfaction_picture': self._columns_drawn(
            self.env._("Satisfaction, by month"), columns, list(months), most=BEST,
        )}
