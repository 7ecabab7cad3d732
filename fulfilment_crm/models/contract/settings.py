from odoo import fields, models


class ResCompany(models.Model):
    _inherit = 'res.company'

    fulfilment_renewal_days = fields.Integer(
        string="Renewals drafted before the end (days)", default=30, help="Of contracts that renew automatically.",
    )
    fulfilment_deposit_limit = fields.Float(
        string="Deposit protected by law (% of the price)", default=20.0,
        help="A deposit above it is pointed out. Civil Code of the PRC, article 586: 20 %.",
    )

    _fulfilment_contracts_check = models.Constraint(
        'CHECK(fulfilment_renewal_days BETWEEN 0 AND 365 AND fulfilment_deposit_limit BETWEEN 0 AND 100)',
        "Renewals are drafted within a year before the end, and a deposit lies between 0 and 100 %.",
    )


class ResConfigSettings(models.TransientModel):
    _inherit = 'res.config.settings'

    fulfilment_renewal_days = fields.Integer(related='company_id.fulfilment_renewal_days', readonly=False)
    fulfilment_deposit_limit = fields.Float(related='company_id.fulfilment_deposit_limit', readonly=False)
