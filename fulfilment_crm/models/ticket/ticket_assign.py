from collections import Counter, defaultdict

from odoo import models

from ...tools import markup
from ..base.binding import binding
from .ticket import OPEN


class FulfilmentTicket(models.Model):
    """Team and agent of new tickets."""
    _inherit = 'fulfilment.ticket'

    def _assign(self):
        """Give tickets without team the team of their category, else the first of their company; those without agent, an agent.

        What the team says decides how: whoever has the fewest open tickets, among those who know the category where there are any.
        Each ticket counts for the next, so that many at once are spread as well.
        """
        teams = binding(self.env['fulfilment.service.team']).search([('company_id', 'in', self.company_id.ids)])
        teams = teams.with_env(self.env).grouped('company_id')
        without = self.filtered(lambda one: not one.team_id)
        for team, tickets in without.grouped(lambda one: one._team_for(teams)).items():
            tickets.team_id = team
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
        given = defaultdict(self.browse)
        for ticket in waiting:
            able = members.filtered(
                lambda one, ticket=ticket: one.team_id == ticket.team_id and (not one.most or load[one.user_id.id] < one.most),
            )
            if ticket.team_id.assignment == 'skill' and ticket.category_id:
                able = able.filtered(lambda one, ticket=ticket: ticket.category_id in one.category_ids) or able
            if able:
                chosen = min(able, key=lambda one: (load[one.user_id.id], one.id)).user_id
                given[chosen] |= ticket
                load[chosen.id] += 1
        for user, tickets in given.items():
            tickets.user_id = user

    def _team_for(self, teams):
        """:param dict teams: the teams of each company, the first of which is the one where the category has none of its own"""
        self.ensure_one()
        own = self.category_id.team_id
        return own if own and own.company_id == self.company_id else teams.get(self.company_id, own.browse())[:1]

    def _tell_agents(self):
        """One message to each agent about the tickets they got from somebody else."""
        for user, tickets in self.filtered('user_id').grouped('user_id').items():
            if user.id == self.env.uid:
                continue
            links = [markup.link(f'/odoo/fulfilment-tickets/{ticket.id}', ticket.display_name) for ticket in tickets]
            self.env['mail.thread'].message_notify(
                partner_ids=user.partner_id.ids, subject=self.env._("New tickets for you"), body=markup.lines(links),
            )
