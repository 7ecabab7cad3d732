from hashlib import sha256

from odoo import api, fields, models
from odoo.tools import split_every

from ..base.run import Action


class FulfilmentEvent(models.Model):
    """What happened in contracts, numbered and sealed in the order in which it came to be known."""
    _inherit = 'fulfilment.event'

    contract_id = fields.Many2one('fulfilment.contract', readonly=True, ondelete='set null', index='btree_not_null')

    _sequence_unique = models.UniqueIndex('(contract_id, sequence) WHERE hash IS NOT NULL', "This event has been sealed already.")
    _unsealed_index = models.Index('(contract_id) WHERE hash IS NULL')

    @api.model
    def _owner_columns(self, records):
        return {**super()._owner_columns(records), 'contract_id': [_contract_of(record).id or None for record in records]}

    @api.model
    def _verify(self, contracts):
        """Check whether what was sealed of contracts is as it was: no row changed, missing or put in between.

        :return: ``{contract: number of the first event that is not as it was, or None}``
        """
        broken = {}
        for ids in split_every(100, contracts.ids):
            # safe: tells whether rows are intact, nothing of what they say
            seals = self.env['fulfilment.event.seal'].sudo().search([('contract_id', 'in', ids)]).grouped('contract_id')
            sealed = self.sudo().search([('contract_id', 'in', ids), ('hash', '!=', False)], order='sequence, id').grouped('contract_id')
            for contract in contracts.browse(ids):
                own = contract.sudo()
                broken[contract] = _first_broken(own, sealed.get(own, ()), seals.get(own))
        return broken

    @api.model
    def _cron_seal(self, as_of=None):
        """Seal what has happened in contracts since the last time.

        :param as_of: kept in the log; what is sealed does not depend on the day
        """
        # safe: a scheduled action works for all companies
        events = self.sudo()
        run = events.env['fulfilment.run']._open('events', as_of)
        waiting = events._read_group([('contract_id', '!=', False), ('hash', '=', False)], ['contract_id'])
        contracts = events.env['fulfilment.contract'].browse([contract.id for [contract] in waiting])
        if run._slices(contracts, lambda some: some._seal_events()):
            run._close()


class FulfilmentEventSeal(models.Model):
    """How far the events of a contract are sealed, so that the end of the row is missed, too."""
    _name = 'fulfilment.event.seal'
    _description = 'Seal of events'
    _inherit = ['fulfilment.machine.mixin']
    _rec_name = 'contract_id'

    contract_id = fields.Many2one('fulfilment.contract', required=True, readonly=True, ondelete='cascade')
    company_id = fields.Many2one(related='contract_id.company_id', store=True, index=True)
    number = fields.Integer(string="Events", readonly=True, aggregator=None)
    hash = fields.Char(string="Last seal", readonly=True)

    _contract_unique = models.UniqueIndex('(contract_id)', "The events of a contract have one seal.")


class FulfilmentContract(models.Model):
    _inherit = 'fulfilment.contract'

    def _seal_events(self):
        """Give numbers to the events that are not sealed yet and seal them, each after the one before.

        :return: ``{effect: count}``
        """
        Event, Seal = self.env['fulfilment.event'], self.env['fulfilment.event.seal']
        seals = Seal.search([('contract_id', 'in', self.ids)])
        seals += Seal.create([{'contract_id': contract.id, 'hash': first_hash(contract)} for contract in self - seals.contract_id])
        seal_of = {seal.contract_id: seal for seal in seals}
        fresh = Event.search([('contract_id', 'in', self.ids), ('hash', '=', False)], order='contract_id, id')
        for contract, events in fresh.grouped('contract_id').items():
            seal = seal_of[contract]
            before = seal.hash
            for number, event in enumerate(events, seal.number + 1):
                before = event._seal_after(before, number)
                event.write({'sequence': number, 'hash': before})
            seal.write({'number': seal.number + len(events), 'hash': before})
        return {'events sealed': len(fresh)}

    def action_verify_events(self):
        """Tell whether what was sealed of these contracts is as it was."""
        self.check_access('read')
        broken = {contract: number for contract, number in self.env['fulfilment.event']._verify(self).items() if number}
        message = '\n'.join(
            self.env._("%(contract)s: event %(number)s is not as it was sealed.", contract=contract.display_name, number=number)
            for contract, number in broken.items()
        ) or self.env._("Every sealed event is as it was.")
        return {'type': 'ir.actions.client', 'tag': 'display_notification', 'params': {
            'message': message, 'type': 'danger' if broken else 'success', 'sticky': bool(broken),
        }}


class FulfilmentRun(models.Model):
    _inherit = 'fulfilment.run'

    @api.model
    def _actions(self):
        return [*super()._actions(), Action(190, 'events', self.env._("Seal of events"), 'fulfilment.event', '_cron_seal')]

    @api.model
    def _effect_labels(self):
        return {**super()._effect_labels(), 'events sealed': self.env._("Events sealed")}


def _contract_of(record):
    """Return the contract a record is about, or is; empty where it is about none."""
    if record._name == 'fulfilment.approval':
        record = record.env[record.res_model].browse(record.res_id)
    if record._name == 'fulfilment.contract':
        return record
    return record.contract_id if 'contract_id' in record._fields else record.env['fulfilment.contract']


def first_hash(contract):
    """Return the hash that the first event of a contract follows: events of another contract do not fit."""
    return sha256(f'{contract._name},{contract.id}'.encode()).hexdigest()


def _first_broken(contract, events, seal):
    """Return the number of the first event that is not as it was sealed, or None."""
    number, before = 0, first_hash(contract)
    for number, event in enumerate(events, 1):
        if event.sequence != number or event.hash != event._seal_after(before, number):
            return number
        before = event.hash
    count, last = (seal.number, seal.hash) if seal else (0, first_hash(contract))
    return None if (number, before) == (count, last) else min(number, count) + 1
