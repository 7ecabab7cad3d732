from odoo import fields, models

from ..base.told import ToldChar


class FulfilmentMilestoneEvent(models.Model):
    """Every move, completion and reopening of a milestone. Never changed, never deleted before its milestone."""
    _name = 'fulfilment.milestone.event'
    _description = 'Milestone history'
    _inherit = ['fulfilment.machine.mixin']
    _order = 'id desc'
    _rec_name = 'kind'

    milestone_id = fields.Many2one('fulfilment.milestone', required=True, readonly=True, index=True, ondelete='cascade')
    contract_id = fields.Many2one(related='milestone_id.contract_id', store=True, index=True)
    company_id = fields.Many2one(related='milestone_id.company_id', store=True, index=True)
    kind = fields.Selection([
        ('moved', "Date moved"), ('done', "Done"), ('reopened', "Reopened"), ('waived', "Waived"), ('cancelled', "Cancelled"),
        ('refused', "Acceptance refused"), ('amended', "Amended"), ('progress', "Performed in part"),
    ], required=True, readonly=True)
    date_from = fields.Date(string="Date before", readonly=True)
    date_to = fields.Date(string="Date after", readonly=True)
    effective_on = fields.Date(readonly=True, help="From which day on it counts; for an amendment, its effective date.")
    currency_id = fields.Many2one(related='milestone_id.currency_id')
    amount_from = fields.Monetary(string="Amount before", readonly=True)
    amount_to = fields.Monetary(string="Amount after", readonly=True)
    is_agreed = fields.Boolean(
        string="Agreed", readonly=True, help="Counts from its day on. What follows from facts counts from the beginning.",
    )
    share_from = fields.Float(string="Performed before (%)", readonly=True)
    share_to = fields.Float(string="Performed after (%)", readonly=True)
    reason = ToldChar(readonly=True)
    user_id = fields.Many2one('res.users', string="By", readonly=True, default=lambda self: self.env.user, ondelete='set null')
    happened_on = fields.Datetime(string="At", readonly=True, default=fields.Datetime.now)
