import ast

from odoo import api, fields, models

from ..base.opening import open_list


class FulfilmentServiceTeam(models.Model):
    """Who answers customers, and how new tickets find somebody."""
    _name = 'fulfilment.service.team'
    _description = 'Service team'
    _inherit = ['mail.alias.mixin', 'fulfilment.audit.mixin', 'mail.thread']
    _order = 'sequence, id'
    _check_company_auto = True

    name = fields.Char(required=True, translate=True, tracking=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True, tracking=True)
    company_id = fields.Many2one(
        'res.company', required=True, index=True, ondelete='cascade', default=lambda self: self.env.company, tracking=True,
    )
    user_id = fields.Many2one('res.users', string="Leader", check_company=True, ondelete='set null', tracking=True)
    assignment = fields.Selection(
        [('manual', "By hand"), ('load', "By load"), ('skill', "By skill, then load")], default='skill', required=True, tracking=True,
        help="By load: whoever has the fewest open tickets. By skill: among those who know the category, if there are any.",
    )
    member_ids = fields.One2many('fulfilment.service.member', 'team_id', string="Members", copy=True)
    calendar_id = fields.Many2one(
        'resource.calendar', string="Working hours", ondelete='restrict', check_company=True, tracking=True,
        help="Deadlines in working time count these. Empty: the company's.",
    )
    email_type = fields.Selection(
        [('complaint', "Complaint"), ('demand', "Demand"), ('request', "Service request")], string="E-mails become", default='request',
        required=True, tracking=True,
    )
    ticket_open_count = fields.Integer(compute='_compute_ticket_counts')
    ticket_late_count = fields.Integer(compute='_compute_ticket_counts')

    @api.depends_context('uid')
    def _compute_ticket_counts(self):
        tickets = self.env['fulfilment.ticket']
        domain = [('team_id', 'in', self.ids), ('is_open', '=', True)]
        opened = dict(tickets._read_group(domain, ['team_id'], ['__count']))
        late = dict(tickets._read_group([*domain, ('is_late', '=', True)], ['team_id'], ['__count']))
        for team in self:
            team.ticket_open_count, team.ticket_late_count = opened.get(team, 0), late.get(team, 0)

    def _alias_get_creation_values(self):
        values = super()._alias_get_creation_values()
        values['alias_model_id'] = self.env['ir.model']._get_id('fulfilment.ticket')
        if self.id:
            values['alias_defaults'] = defaults = ast.literal_eval(self.alias_defaults or '{}')
            defaults.update(team_id=self.id, company_id=self.company_id.id, ticket_type=self.email_type)
        return values

    def write(self, vals):
        result = super().write(vals)
        if vals.keys() & {'company_id', 'email_type'}:
            for team in self:
                # safe: what e-mails to the team become follows from what was just written
                team.sudo().write(team._alias_get_creation_values())
        return result

    def action_open_tickets(self):
        """Open the team's tickets."""
        self.ensure_one()
        return open_list(self, 'ticket_action', [('team_id', '=', self.id)], default_team_id=self.id, search_default_open=1)
