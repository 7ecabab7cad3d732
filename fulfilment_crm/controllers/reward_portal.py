from odoo import http
from odoo.http import request

from odoo.addons.portal.controllers.portal import CustomerPortal

LINES = 80  # of the history of points


class FulfilmentRewardPortal(CustomerPortal):
    """Points and rewards on the portal. Customers have no rights of their own on cards and grants; only what belongs to the company of
    whoever is logged in is looked for.
    """

    def _prepare_home_portal_values(self, counters):
        values = super()._prepare_home_portal_values(counters)
        if 'fulfilment_reward_count' in counters:
            partner, company = self._reward_customer()
            values['fulfilment_reward_count'] = self._reward_grants(partner, count=True) or len(self._reward_cards(partner)) \
                or len(self._reward_rules(company))
        return values

    def _reward_customer(self):
        return request.env.user._fulfilment_customer(), request.env.company.root_id

    def _reward_grants(self, partner, count=False):
        # safe: the customer's own rewards
        grants = request.env['fulfilment.reward.grant'].sudo()
        domain = [('partner_id', '=', partner.id), ('state', '=', 'granted'), ('is_used', '=', False), ('effect', '!=', 'points')]
        return grants.search_count(domain) if count else grants.search(domain)

    def _reward_cards(self, partner):
        # safe: the customer's own points
        return request.env['loyalty.card'].sudo().search([('partner_id', '=', partner.id), ('program_id.program_type', '=', 'loyalty')])

    def _reward_rules(self, company):
        # safe: rules that are meant to be read by customers; the page shows their explanation only
        return request.env['fulfilment.reward.rule'].sudo().search([
            ('state', '=', 'active'), ('is_shown', '=', True), ('company_id', 'in', [False, company.id]),
        ])

    @http.route(['/my/fulfilment/rewards'], type='http', auth='user', website=True)
    def portal_my_fulfilment_rewards(self, **kw):
        """Show the balance and history of points, the rewards in force, and what earns more."""
        partner, company = self._reward_customer()
        # safe: lines of the customer's own cards, also of those that were merged
        history = request.env['loyalty.history'].sudo().search([('card_id', 'any', [
            ('partner_id', '=', partner.id), ('program_id.program_type', '=', 'loyalty'), ('active', 'in', [True, False]),
        ])], limit=LINES)
        return request.render('fulfilment_crm.portal_my_rewards', {
            **self._prepare_portal_layout_values(), 'page_name': 'fulfilment_reward', 'cards': self._reward_cards(partner),
            'history': history, 'grants': self._reward_grants(partner), 'chances': self._reward_rules(company)._told_to(partner, company),
        })
