from odoo import api, models

from ..base.counting import Card, count


class FulfilmentProfile(models.Model):
    """What the customer's page asks of the rooms: how many there are of something, and what the first says. All in one statement."""
    _inherit = 'fulfilment.profile'

    def _asked(self):
        """Return what is asked about this customer: list of ``Card``, its key the field that shows it. A room adds its own.

        Fields that show a number or, with lines, what ``_said`` makes of the first one have ``_compute_asked`` as their method.
        """
        self.ensure_one()
        return []

    def _said(self, name, line):
        """Write the first record of what was asked for as a text; a room writes its own.

        :param str name: the field that shows it
        :param dict line: what the card asks of the record
        """
        return line.get('text') or ''

    @api.depends_context('uid', 'lang', 'tz', 'allowed_company_ids')
    def _compute_asked(self):
        cards = {(profile, card.key): card for profile in self for card in profile._asked()}
        for (profile, name), card in cards.items():
            card.key = f'{profile.id} {name}'
        found = count(self.env, [card for card in cards.values() if card.model.has_access('read')])
        for (profile, name), card in cards.items():
            number, _total, lines = found.get(card.key, (0, None, []))
            if not card.lines:
                profile[name] = number
            else:
                profile[name] = profile._said(name, lines[0]) if lines else False

    def _own(self, partner='commercial_partner_id'):
        """Return the domain of what is this customer's with the company.

        :param str partner: the field that leads to the customer
        """
        self.ensure_one()
        return [(partner, '=', self.partner_id.id), ('company_id', 'child_of', self.company_id.id)]

    def _ask(self, name, model, domain, **more):
        """Return a card about this customer."""
        return Card(name, '', self.env[model], domain, **more)
