from odoo import api, models


class MailMail(models.Model):
    _inherit = 'mail.mail'

    @api.model
    def _fulfilment_pages(self):
        return {**super()._fulfilment_pages(), 'contracts': 'fulfilment.contract'}
