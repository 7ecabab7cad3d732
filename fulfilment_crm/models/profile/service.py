from odoo import models

from .figure import FigureFloat


class FulfilmentProfileMixin(models.AbstractModel):
    """Places for what the customer thinks of us; empty as long as nothing of it is registered."""
    _inherit = 'fulfilment.profile.mixin'

    satisfaction_avg = FigureFloat(
        string="Satisfaction", facts='satisfaction', help="Mean of the answers in the window, from 1 to 5. Empty without answers.",
    )
