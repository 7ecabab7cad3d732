from odoo import models

from .figure import FigureInteger


class FulfilmentProfileMixin(models.AbstractModel):
    """The place for what the customer asks of us; empty as long as nothing of it is registered."""
    _inherit = 'fulfilment.profile.mixin'

    ticket_open_count = FigureInteger(
        string="Open tickets", facts='tickets', past=False, help="Complaints, demands and requests not yet solved.",
    )
