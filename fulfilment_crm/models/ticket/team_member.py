from odoo import fields, models


class FulfilmentServiceMember(models.Model):
    """A member of a service team and what they know about."""
    _name = 'fulfilment.service.member'
    _description = 'Member of a service team'
    _inherit = ['fulfilment.audit.part.mixin']
    _order = 'team_id, id'
    _rec_name = 'user_id'
    _audit_field = 'team_id'

    team_id = fields.Many2one('fulfilment.service.team', required=True, index=True, ondelete='cascade')
    company_id = fields.Many2one(related='team_id.company_id', store=True, index=True)
    user_id = fields.Many2one('res.users', string="Agent", required=True, index=True, ondelete='cascade', tracking=True)
    category_ids = fields.Many2many(
        'fulfilment.ticket.category', string="Skills", help="Categories the agent knows about. Empty: none in particular.", tracking=True,
    )
    most = fields.Integer(string="At most open tickets", tracking=True, help="0: any number. Beyond it nothing more is assigned by itself.")

    _once = models.UniqueIndex('(team_id, user_id)', "This agent is a member of the team already.")
    _most_check = models.Constraint('CHECK(most >= 0)', "The number of open tickets is not negative.")
