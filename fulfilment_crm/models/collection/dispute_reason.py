from odoo import fields, models


class FulfilmentDisputeReason(models.Model):
    """Why customers dispute what they are asked to pay, and how long an answer may take."""
    _name = 'fulfilment.dispute.reason'
    _description = 'Reason of disputes'
    _inherit = ['fulfilment.lookup.mixin', 'fulfilment.audit.mixin', 'mail.thread', 'fulfilment.shared.mixin']

    answer_days = fields.Integer(
        string="Answer within (days)", default=14, tracking=True, help="Counted from the day the customer disputed it.",
    )
    on_portal = fields.Boolean(string="For customers", default=True, tracking=True, help="Customers may choose it.")

    _answer_days_check = models.Constraint('CHECK(answer_days >= 0)', "Days to answer are not negative.")
