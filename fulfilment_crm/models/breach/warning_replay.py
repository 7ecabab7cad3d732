from odoo import fields, models


class FulfilmentWarningReplay(models.TransientModel):
    """Rules tried on the past against breaches of customers, beside money overdue."""
    _inherit = 'fulfilment.warning.replay'

    event = fields.Selection(selection_add=[('breach', "A breach case of the customer")], ondelete={'breach': 'set default'})

    def _over(self):
        return ('breach_open_count', 0) if self.event == 'breach' else super()._over()
