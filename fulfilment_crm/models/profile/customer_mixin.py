from odoo import fields, models


class FulfilmentCustomerMixin(models.AbstractModel):
    """What is kept about a customer in a root company, beside its profile. Scheduled actions and buttons make such records, nobody else."""
    _name = 'fulfilment.customer.mixin'
    _description = 'Of a customer in a company'

    partner_id = fields.Many2one(
        'res.partner', string="Customer", required=True, readonly=True, index=True, ondelete='cascade', guarded=True,
    )
    company_id = fields.Many2one('res.company', required=True, readonly=True, index=True, ondelete='cascade', guarded=True)
    currency_id = fields.Many2one(related='company_id.currency_id')
    profile_id = fields.Many2one('fulfilment.profile', readonly=True, index='btree_not_null', ondelete='set null', guarded=True)
    user_id = fields.Many2one('res.users', string="Responsible", readonly=True, index=True, ondelete='set null', guarded=True)
