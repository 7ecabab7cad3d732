from datetime import datetime

from odoo import api, models

from ..base.counting import count
from ..base.told import ToldChar, ToldText, tell

# In the order of rank; whoever has several begins with the first and may switch.
ROLES = (
    ('manager', 'leader'), ('credit', 'credit'), ('service', 'service'), ('legal', 'legal'), ('sales', 'user'), ('inspector', 'inspector'),
)


class FulfilmentStart(models.AbstractModel):
    """The start page of a role: reads all rooms as the user, writes nothing."""
    _name = 'fulfilment.start'
    _description = 'Start page'

    @api.model
    @api.readonly
    def get_page(self, role=None):
        """Return what somebody in a role needs to see first, for the user who asks, with their rights, in the companies they have chosen.

        :param str role: manager, credit, service, legal, sales or inspector; the first the user has when missing or not theirs
        :return: ``role``, ``roles`` (that the user has), ``sections`` of cards, ``charts``, ``first_steps`` where there is nothing
            yet, and ``checklist`` of what managers have still to set up. Each card has a number and the action that opens what it
            counts; each point of a chart has one, too.
        """
        names = self._role_names()
        mine = [key for key, group in ROLES if self.env.user.has_group(f'fulfilment_crm.group_{group}')]
        if not mine:
            return {'role': False, 'roles': [], 'sections': [], 'charts': [], 'first_steps': [], 'checklist': []}
        role = role if role in mine else mine[0]
        sections, manages = self._sections(role), self.env.user.has_group('fulfilment_crm.group_manager')
        probe = self._probe()
        found = count(self.env, [card for _key, _title, cards in sections for card in cards] + [probe])
        shown = [{
            'key': key, 'title': title, 'cards': [self._shown(card, *found[card.key]) for card in cards],
        } for key, title, cards in sections if cards]
        return {
            'role': role, 'roles': [{'key': key, 'name': names[key]} for key in mine], 'user': self.env.uid,
            'sections': shown, 'charts': self._charts(role),
            'first_steps': [] if found[probe.key][0] or manages else self._first_steps(),
            'checklist': self._checklist() if manages else [],
        }

    @api.model
    def _role_names(self):
        return {
            'manager': self.env._("Management"), 'credit': self.env._("Credit and collection"), 'service': self.env._("Service"),
            'legal': self.env._("Legal"), 'sales': self.env._("Sales"), 'inspector': self.env._("Inspection"),
        }

    @api.model
    def _shown(self, card, number, total, lines):
        """Return what the client draws of a card."""
        model = card.model._name
        if lines and 'text' not in card.lines:
            # What a record is called is not in the table: the few that are shown are read.
            records = card.model.browse([line['id'] for line in lines])
            lines = [{**line, 'text': record.display_name} for line, record in zip(lines, records, strict=True)]
        return {
            'key': card.key, 'title': card.title, 'count': number, 'tone': card.tone if number else '', 'empty': card.empty,
            'help': card.help,
            'value': self._money(total) if total is not None else False,
            'lines': [self._line(card, line, model) for line in lines],
            'action': {
                'type': 'ir.actions.act_window', 'name': card.title, 'res_model': model, 'domain': card.domain,
                'views': card.views or [(False, 'list'), (False, 'form')], 'context': card.context or {}, 'target': 'current',
            },
        }

    @api.model
    def _line(self, card, line, model):
        known = card.model._fields
        for name in ('text', 'sub'):
            shown = known.get(card.lines.get(name))
            if shown is not None and shown.type == 'selection' and line.get(name):
                line[name] = dict(shown._description_selection(self.env)).get(line[name], line[name])
            elif isinstance(shown, ToldChar | ToldText):
                line[name] = tell(self.env, line.get(name)) or line.get(name)
        if card.unit and line.get('sub') is not None:
            line['sub'] = card.unit % line['sub']
        date = line.get('date') or False
        if date and 'T' in date:
            date = datetime.fromisoformat(date).strftime('%Y-%m-%d %H:%M:%S')
        return {
            'id': line.get('record') or line['id'], 'model': line.get('model') or model,
            'text': line.get('text') or line.get('sub') or '', 'sub': (line.get('sub') or '') if line.get('text') else '', 'date': date,
        }

    @api.model
    def _money(self, amount):
        company = self.env.company.root_id
        return {'amount': float(amount), 'currency': company.currency_id.id}

    @api.model
    def _first_steps(self):
        """Where to begin when there are no contracts yet."""
        steps = [
            (self.env._("Draw up the first contract"), 'fulfilment.contract', 'create', [(False, 'form')]),
            (self.env._("Enter a ticket of a customer"), 'fulfilment.ticket', 'create', [(False, 'form')]),
            (self.env._("Look at the templates of contracts"), 'fulfilment.contract.template', 'read', [(False, 'list'), (False, 'form')]),
            (self.env._("Look at the plans of response"), 'fulfilment.response.plan', 'read', [(False, 'list'), (False, 'form')]),
        ]
        return [{'title': title, 'action': {
            'type': 'ir.actions.act_window', 'name': title, 'res_model': model, 'views': views, 'target': 'current',
        }} for title, model, right, views in steps if self.env[model].has_access(right)]
