from collections import Counter

from odoo import models

from .ticket import OPEN


class FulfilmentTicket(models.Model):
    """Team and agent of new tickets."""
    _inherit = 'fulfilment.ticket'

    def _assign(self):
        """Give tickets without team the team of their category, else the first of their company; those without agent, an agent.

        What the team says decides how: whoever has the fewest open tickets, among those who know the category where there are any.
        Each ticket counts for the next, so that many at once are spread as well.
        """
        teams = self.env['fulfilment.service.team'].search([('company_id', 'in', self.company_id.ids)]).grouped('company_id')
        for ticket in self.filtered(lambda one: not one.team_id):
            own = ticket.category_id.team_id
            ticket.team_id = own if own.company_id == ticket.company_id else teams.get(ticket.company_id, own.browse())[:1]
        waiting = self.filtered(lambda one: not one.user_id and one.kind in OPEN and one.team_id.assignment in ('load', 'skill'))
        members = waiting.team_id.member_ids.filtered(
            lambda one: one.user_id.active and one.company_id in one.user_id.company_ids,
        )
        if not members:
            return
        load = Counter({
            user.id: count for user, count in
            self._read_group([('user_id', 'in', members.user_id.ids), ('kind', 'in', OPEN)], ['user_id'], ['__count'])
        })
        for ticket in waiting:
            able = members.filtered(
                lambda one, ticket=ticket: one.team_id == ticket.team_id and (not one.most or load[one.user_id.id] < one.most),
            )
            if ticket.team_id.assignment == 'skill' and ticket.category_id:
                able = able.filtered(lambda one, ticket=ticket: ticket.category_id in one.category_ids) or able
            if able:
                chosen = min(able, key=lambda one: (load[one.user_id.id], one.id))
                ticket.user_id = chosen.user_id
                load[chosen.user_id.id] += 1
