from odoo import api, fields, models

from ..base.opening import open_list

# What has to be done by the deadline of a goal.
DUE = [
    ('answered', "To answer"), ('fed_back', "To give feedback"), ('solved', "To solve"), ('objection_answered', "To answer the objection"),
]


class FulfilmentTicket(models.Model):
    """Whom an agent is dealing with: standing, phone, what else is open, and what is due next."""
    _inherit = 'fulfilment.ticket'

    profile_id = fields.Many2one('fulfilment.profile', compute='_compute_profile_id')
    tier_id = fields.Many2one('fulfilment.tier', compute='_compute_profile_id')
    credit_grade_id = fields.Many2one('fulfilment.credit.grade', string="Grade", compute='_compute_profile_id')
    partner_phone = fields.Char(related='partner_id.phone', string="Phone")
    other_open_count = fields.Integer(string="Other open tickets", compute='_compute_other_open_count')
    next_due_goal = fields.Selection(
        DUE, string="What is due next", compute='_compute_next_due_goal',
        help="What has to happen by the next deadline.",
    )

    @api.depends('commercial_partner_id', 'company_id')
    @api.depends_context('uid', 'allowed_company_ids')
    def _compute_profile_id(self):
        profiles = self.env['fulfilment.profile'].search([('partner_id', 'in', self.commercial_partner_id.ids)])
        found = {(profile.partner_id, profile.company_id): profile for profile in profiles}
        for ticket in self:
            ticket.profile_id = profile = found.get((ticket.commercial_partner_id, ticket.company_id.root_id), profiles.browse())
            ticket.tier_id, ticket.credit_grade_id = profile.tier_id, profile.credit_grade_id

    @api.depends('commercial_partner_id', 'is_open')
    @api.depends_context('uid', 'allowed_company_ids')
    def _compute_other_open_count(self):
        domain = [('commercial_partner_id', 'in', self.commercial_partner_id.ids), ('is_open', '=', True)]
        counts = dict(self._read_group(domain, ['commercial_partner_id'], ['__count']))
        for ticket in self:
            own = 1 if ticket.is_open and ticket.commercial_partner_id and ticket._origin else 0
            ticket.other_open_count = max(counts.get(ticket.commercial_partner_id, 0) - own, 0)

    @api.depends('deadline_ids.due_on', 'deadline_ids.met_on', 'deadline_ids.void')
    def _compute_next_due_goal(self):
        for ticket in self:
            waiting = ticket.deadline_ids.filtered(lambda one: one.due_on and not one.met_on and not one.void).sorted('due_on')
            ticket.next_due_goal = waiting[:1].goal

    def action_open_profile(self):
        """Open the profile of the customer, with figures as of now."""
        self.ensure_one()
        self.check_access('read')
        return self.commercial_partner_id.action_open_fulfilment_profile()

    def action_open_others(self):
        """Open the other open tickets of the customer."""
        self.ensure_one()
        domain = [('commercial_partner_id', '=', self.commercial_partner_id.id), ('id', '!=', self.id)]
        return open_list(self, 'ticket_action', domain, search_default_open=1)
