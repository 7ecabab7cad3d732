from odoo import api, models


class MailActivity(models.Model):
    _inherit = 'mail.activity'

    @api.model
    def _fulfilment_asking_kinds(self):
        return super()._fulfilment_asking_kinds() | self.env.ref('fulfilment_crm.activity_type_objection')
