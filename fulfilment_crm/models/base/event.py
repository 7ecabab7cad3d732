import json
from hashlib import sha256

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ...tools.shown_date import shown_date

# What sealing sets, once.
SEAL = frozenset({'sequence', 'hash'})


class FulfilmentEvent(models.Model):
    """One row for each thing that happened, for good: nobody changes or deletes it, whatever the call asks.

    Rows of one contract are numbered and sealed later, by a scheduled action: each carries a hash over its content and the hash before it.
    """
    _name = 'fulfilment.event'
    _description = 'Event'
    _inherit = ['fulfilment.machine.mixin']
    _order = 'id desc'
    _rec_name = 'kind'
    _log_access = False

    model = fields.Char(string="Record type", required=True, readonly=True)
    res_id = fields.Many2oneReference(string="Record", model_field='model', required=True, readonly=True)
    kind = fields.Char(required=True, readonly=True, help="What happened to what, such as “contract.active” or “milestone.done”.")
    date = fields.Datetime(string="At", required=True, readonly=True)
    user_id = fields.Many2one('res.users', string="By", readonly=True, ondelete='set null')
    author = fields.Char(string="Name of the author", readonly=True, help="What whoever did it was called then.")
    # Customers are merged and deleted: the row is still there, and what is sealed does not name them.
    partner_id = fields.Many2one('res.partner', string="Customer", readonly=True, ondelete='set null', index='btree_not_null')
    company_id = fields.Many2one('res.company', readonly=True, index=True)
    payload = fields.Json(readonly=True, help="Values before and after, and reasons.")
    title = fields.Char(string="What happened", compute='_compute_texts')
    summary = fields.Char(string="From what to what", compute='_compute_texts')
    sequence = fields.Integer(string="Number", readonly=True, aggregator=None)
    hash = fields.Char(string="Seal", readonly=True)

    _record_index = models.Index('(model, res_id)')

    @api.depends('kind')
    @api.depends_context('lang')
    def _compute_display_name(self):
        for event in self:
            event.display_name = event.title

    @api.depends_context('lang')
    def _compute_texts(self):
        for model, events in self.grouped('model').items():
            records = self.env.get(model)
            source, verb = records._event_words() if records is not None and hasattr(records, '_event_words') else (None, None)
            told = _Words(source) if source is not None else None
            title = self.env['ir.model']._get(model).name or model
            for event in events:
                payload, word = event.payload or {}, event.kind.rsplit('.', 1)[-1]
                after, before = payload.get('after', payload), payload.get('before', {})
                event.title = f'{title}: {told.value(verb, word) if told else word}'
                event.summary = ', '.join(
                    told.change(name, before.get(name), after[name]) for name in told.ordered(after)
                    if name != verb and (after[name] or before.get(name))
                ) if told else ''

    def write(self, vals):
        self.check_access('write')
        if not self.env.su or not vals.keys() <= SEAL or any(event.hash for event in self):
            raise UserError(self.env._("What has happened stays on record: events are not changed."))
        return super().write(vals)

    @api.ondelete(at_uninstall=True)
    def _unlink_except_never(self):
        raise UserError(self.env._("What has happened stays on record: events are not deleted."))

    @api.model
    def _note(self, records, verb, payloads=None, moments=None):
        """Keep what happened to records of one model.

        They are written by one statement, whatever their number: what happens is not to take longer for being noted.

        :param records: what it happened to
        :param str verb: what happened, or the state they came into
        :param dict payloads: ``{record: dict}`` with values as JSON, ``before`` and ``after`` among them
        :param dict moments: ``{record: naive UTC}`` when it happened; now when missing
        """
        # safe: written by what happens, which has checked the right to it; of who acts the name is kept
        records = records.union().sudo()
        if not records:
            return
        payloads, moments, now = payloads or {}, moments or {}, fields.Datetime.now()
        # safe: as above
        owners, author = self._owner_columns(records), self.env.user.sudo().name
        self.env.cr.execute(SQL(
            """
            INSERT INTO fulfilment_event (model, kind, user_id, author, res_id, date, payload, %(names)s)
                 SELECT %(model)s, %(kind)s, %(user)s, %(author)s, one.*
                   FROM unnest(%(ids)s::integer[], %(dates)s::timestamp[], %(payloads)s::jsonb[], %(values)s) one
            """,
            names=SQL(', ').join(SQL.identifier(name) for name in owners), model=records._name, kind=f'{_word(records)}.{verb}',
            user=self.env.uid, author=author, ids=list(records._ids),
            dates=[moments.get(record) or now for record in records],
            payloads=[json.dumps(payloads.get(record) or {}, ensure_ascii=False) for record in records],
            values=SQL(', ').join(SQL('%s::integer[]', ids) for ids in owners.values()),
        ))

    @api.model
    def _owner_columns(self, records):
        """Return to whom the records belong: ``{column: [id or None]}``, in the order of the records. Rooms add what they know."""
        partner, company = records._fields.get('partner_id'), 'company_id' in records._fields
        has_partner = partner is not None and partner.comodel_name == 'res.partner'
        return {
            'company_id': [record.company_id.id or None if company else None for record in records],
            'partner_id': [record.partner_id.id or None if has_partner else None for record in records],
        }

    # === SEAL === #

    def _sealed_content(self, number):
        """Return the content that the seal of an event covers, as one text that says the same on every machine."""
        self.ensure_one()
        return json.dumps({
            'number': number, 'model': self.model, 'record': self.res_id, 'kind': self.kind,
            'date': fields.Datetime.to_string(self.date), 'author': self.author or '', 'company': self.company_id.id,
            'payload': self.payload,
        }, sort_keys=True, ensure_ascii=False, separators=(',', ':'))

    def _seal_after(self, before, number):
        """Return the hash of an event whose predecessor has the hash ``before``: SHA-256 in hexadecimal."""
        return sha256(f'{before}\n{self._sealed_content(number)}'.encode()).hexdigest()


class _Words:
    """What fields and their values are called in the language of the reader."""

    def __init__(self, records):
        self.env, self.fields, self.choices = records.env, records._fields, {}

    def ordered(self, names):
        """Return those of some names that are fields with texts, in the order of the fields."""
        return [name for name, field in self.fields.items() if name in names and field.type != 'many2one']

    def change(self, name, before, after):
        label, after = self.fields[name]._description_string(self.env), self.value(name, after)
        return f'{label}: {self.value(name, before)} → {after}' if before else f'{label}: {after}'

    def value(self, name, value):
        field = self.fields[name]
        if field.type == 'selection':
            if name not in self.choices:
                self.choices[name] = dict(field._description_selection(self.env))
            return self.choices[name].get(value, value or '–')
        return shown_date(self.env, value) if field.type == 'date' and value else str(value or '–')


def _word(record):
    """Return what an event calls the kind of record, such as “milestone” or “reward.grant”."""
    return record._name.removeprefix('fulfilment.')


def as_noted(record, names):
    """Return the values of fields as an event keeps them: texts, numbers of records, amounts with their currency; never files or lists."""
    noted = {}
    for name in names:
        field, value = record._fields[name], record[name]
        if field.type in ('binary', 'one2many', 'many2many', 'json', 'properties'):
            continue
        if field.type == 'monetary' and (currency := record[field.get_currency_field(record)]):
            noted[name] = f'{currency.round(value):.{currency.decimal_places}f} {currency.name}'
        elif field.type == 'many2one':
            noted[name] = value.id or None
        elif field.type in ('date', 'datetime'):
            noted[name] = value and field.to_string(value) or None
        else:
            noted[name] = str(value) if isinstance(value, float) else value
    return noted
