from odoo import api, fields, models
from odoo.exceptions import ValidationError


class FulfilmentDeadlineEscalation(models.Model):
    """Who is told when a deadline has been missed for some time."""
    _name = 'fulfilment.deadline.escalation'
    _description = 'Escalation of a missed deadline'
    _inherit = ['fulfilment.audit.part.mixin']
    _order = 'policy_id, after_hours, id'
    _audit_field = 'policy_id'
    _rec_name = 'receiver'

    policy_id = fields.Many2one('fulfilment.deadline.policy', required=True, index=True, ondelete='cascade')
    after_hours = fields.Float(string="After (hours)", tracking=True, help="By the clock, from the deadline. 0: when it passes.")
    receiver = fields.Selection(
        [
            ('leader', "Leader of the team"), ('supervisor', "Service supervisor"), ('manager', "Fulfilment manager"), ('user', "Somebody"),
        ],
        string="Who is told", required=True, default='leader', tracking=True, help="Where there is none, the next in this list.",
    )
    user_id = fields.Many2one('res.users', ondelete='cascade', tracking=True)

    _after_check = models.Constraint('CHECK(after_hours >= 0)', "Escalation follows the deadline.")

    @api.constrains('receiver', 'user_id')
    def _check_user(self):
        for level in self:
            if level.receiver == 'user' and not level.user_id:
                raise ValidationError(self.env._("Say to whom policy “%s” escalates.", level.policy_id.name))

    def _receiver_of(self, ticket):
        """Who is told of a ticket, down the list; empty when there is nobody."""
        self.ensure_one()
        # safe: finds whom to tell
        ticket = ticket.sudo()
        company = ticket.company_id
        people = {
            'leader': ticket.team_id.user_id, 'supervisor': company.fulfilment_service_supervisor_id,
            'manager': company.fulfilment_manager_id,
        }
        order = list(people)
        asked = [self.user_id, company.fulfilment_manager_id] if self.receiver == 'user' \
            else [people[key] for key in order[order.index(self.receiver):]]
        return next((one for one in asked if one.active and company in one.company_ids), self.env['res.users'])

    @api.model_create_multi
    def create(self, vals_list):
        levels = super().create(vals_list)
        levels.policy_id._look_anew()
        return levels

    def write(self, vals):
        policies = self.policy_id
        result = super().write(vals)
        (policies | self.policy_id)._look_anew()
        return result

    def unlink(self):
        policies = self.policy_id
        result = super().unlink()
        policies._look_anew()
        return result
