from odoo import models


class ResUsers(models.Model):
    _inherit = 'res.users'

    def _fulfilment_customer(self):
        """Return the customer that a login of the portal acts for, nobody for colleagues and visitors. Rooms say who is not let in."""
        acts = bool(self) and self.share and not self._is_public()
        # safe: whose login it is
        return self.sudo().partner_id.commercial_partner_id if acts else self.env['res.partner']

    def _fulfilment_gives_credit(self):
        """Tell whether the user is more than a customer's salesperson: who grants long delays is not who sells."""
        return self._is_superuser() or self.has_group('fulfilment_crm.group_credit') or self.has_group('fulfilment_crm.group_manager')

    def _with_fulfilment_role(self):
        """Return those of the users who may read contracts by some role, so that they can open what they are asked for."""
        roles = self.env['res.groups'].concat(*(
            self.env.ref(f'fulfilment_crm.group_{role}') for role in ('user', 'credit', 'legal', 'service', 'inspector')
        ))
        # safe: tells who has a role, nothing else about them
        return self.filtered(lambda user: user.sudo().all_group_ids & roles)

    def _fulfilment_env(self):
        """Return the environment in the language of this user, for texts that only this user reads, such as to-dos."""
        return self.with_context(lang=self.lang or self.env.lang).env

    def _with_acting_role(self):
        """Return those of the users with a role that acts: inspectors see everything and decide nothing."""
        # safe: as above
        roles = (self.env.ref(f'fulfilment_crm.group_{role}') for role in ('user', 'credit', 'legal', 'service'))
        acting = self.env['res.groups'].concat(*roles)
        return self.filtered(lambda user: user.sudo().all_group_ids & acting)

    def _fulfilment_works_everywhere(self):
        """Tell whether the user works in every company, or administers the system, and so may change what holds for all companies."""
        self.ensure_one()
        # safe: compares companies
        main = self.env['res.company'].sudo().search([('parent_id', '=', False)])
        return self._is_system() or main <= self.sudo().company_ids

    def _fulfilment_managers(self, company):
        """Return whom to escalate to: the leader of the user's sales team, else the fulfilment manager of the company.

        :param company: the company whose matter it is
        :return: ``{user: manager}``; the manager is empty where neither is set
        """
        managers = {}
        for user in self:
            # safe: reads who leads the user's team, nothing of the team's business
            leader = user.sudo().sale_team_id.user_id
            if not leader or leader == user or company not in leader.company_ids:
                leader = company.sudo().fulfilment_manager_id
            managers[user] = leader if leader.active else self.browse()
        return managers
