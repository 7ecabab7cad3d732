from odoo import fields, models


class FulfilmentContractType(models.Model):
    _name = 'fulfilment.contract.type'
    _description = 'Contract type'
    _inherit = ['fulfilment.lookup.mixin', 'fulfilment.audit.mixin', 'mail.thread']
    _check_company_domain = models.check_company_domain_parent_of

    code = fields.Char(required=True, help="Short name for imports.", tracking=True)
    is_framework = fields.Boolean(help="Orders are placed under the contract; its amount is a ceiling for them.", tracking=True)
    is_goods = fields.Boolean(
        string="Sale of goods", help="The contract must list what is sold, with quantity, unit price and total.", tracking=True,
    )
    deemed_acceptance_days = fields.Integer(
        help="For new contracts: an acceptance counts as given when the customer says nothing for this many days after the delivery it "
             "follows (after its planned date, where it follows none). The contract's own clause on acceptance counts before it. 0: never.",
        tracking=True,
    )
    mandatory_category_ids = fields.Many2many(
        'fulfilment.clause.category', string="Mandatory clauses", help="A contract without one of these cannot be submitted.",
        tracking=True,
    )
    description = fields.Text(translate=True)

    _code_unique = models.UniqueIndex('(code, COALESCE(company_id, 0))', "Another contract type has this code already.")
