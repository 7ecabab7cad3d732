from odoo import fields, models
from odoo.exceptions import AccessError, UserError

GIVERS = ('group_leader', 'group_manager', 'group_service')


class FulfilmentTicket(models.Model):
    """Points for what went wrong."""
    _inherit = 'fulfilment.ticket'

    compensation_points = fields.Float(string="Compensation in points", digits=(16, 2), tracking=True, copy=False)
    reward_grant_id = fields.Many2one(
        'fulfilment.reward.grant', string="Points given", readonly=True, copy=False, index='btree_not_null', ondelete='set null',
    )

    _compensation_points_check = models.Constraint('CHECK(compensation_points >= 0)', "A compensation is not negative.")

    def action_grant_points(self):
        """Give the customer the points of the compensation, after the approval chain of rewards.

        :raise UserError: when there are no points, no customer, or points were given already
        """
        self.ensure_one()
        self.check_access('write')
        if not any(self.env.user.has_group(f'fulfilment_crm.{group}') for group in GIVERS):
            raise AccessError(self.env._("Points in compensation of %s are given by service agents and team leaders.", self.display_name))
        # safe: what became of the points that were given before
        if self.reward_grant_id.sudo().state not in (False, 'refused', 'taken_back'):
            raise UserError(self.env._("%s has its points already.", self.display_name))
        if self.compensation_points <= 0 or not self.commercial_partner_id:
            raise UserError(self.env._("Name the customer of %s and the points first.", self.display_name))
        company = self.company_id.root_id
        day = company._fulfilment_today()[company]
        # safe: what the user may compensate was checked; program and cost are the company's
        grants, terms = self.env['fulfilment.reward.grant'].sudo(), company.sudo()
        program = terms.fulfilment_points_program_id or self.env.ref('fulfilment_crm.loyalty_program_points', raise_if_not_found=False)
        if not program:
            raise UserError(self.env._("Choose the loyalty program of points in the settings first."))
        # safe: finds the profile of the customer, to show the reward there
        profile = self.env['fulfilment.profile'].sudo().search([
            ('partner_id', '=', self.commercial_partner_id.id), ('company_id', '=', company.id),
        ])
        before = grants.search_count([('ticket_id', '=', self.id)])
        grant = grants.with_context(tracking_disable=True)._claim([{
            'claim_key': f'points for ticket {self.id}: {before + 1}', 'partner_id': self.commercial_partner_id.id,
            'company_id': company.id,
            'profile_id': profile.id, 'user_id': self.user_id.id or self.env.uid, 'ticket_id': self.id, 'date': day, 'effect': 'points',
            'points': self.compensation_points, 'program_id': program.id, 'reason': self.display_name,
            'cost': company.currency_id.round(self.compensation_points * terms.fulfilment_point_cost),
        }]).with_env(grants.env)
        if not grant:
            raise UserError(self.env._("%s has its points already.", self.display_name))
        # safe: notes the reward that was just made
        self.sudo().reward_grant_id = grant
        grant._begin(day, approval=True)
        self._message_log(body=self.env._("%s points as compensation", f'{self.compensation_points:g}'))
        return True
