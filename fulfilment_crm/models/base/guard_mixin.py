from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.fields import Domain

# What somebody else may own, beside all records of ours.
OTHERS = frozenset({'sale.order', 'sale.order.line', 'account.move', 'crm.lead', 'calendar.event', 'mail.activity'})


def check_reach(records, values):
    """Raise AccessError when values name a record that the user may not read: what is known of it, by whatever field, would be shown.

    :param records: of the model the values are for
    :param values: dicts of values, as for ``create``, ``write`` or ``onchange``
    """
    if records.env.su:
        return
    reached = {}
    _reach(records, values, reached)
    for model, ids in reached.items():
        if found := records.env[model].browse(sorted(ids)).exists():
            found.check_access('read')


def _reach(records, values, reached):
    """Collect what values name, in the lines within them, too: ``{model: ids}``."""
    for vals in values:
        for name, value in (vals.items() if isinstance(vals, dict) else ()):
            field = records._fields.get(name)
            if not value or field is None or field.type not in ('many2one', 'many2many', 'one2many'):
                continue
            if _is_owned(field.comodel_name):
                reached.setdefault(field.comodel_name, set()).update(_named(value, field.type != 'many2one'))
            if field.type != 'many2one' and isinstance(value, (list, tuple)):
                lines = [one[2] for one in value if isinstance(one, (list, tuple)) and len(one) > 2 and isinstance(one[2], dict)]
                _reach(records.env[field.comodel_name], lines, reached)


def _defaults(records):
    """Return the values that the context of a call gives new records."""
    return {key.removeprefix('default_'): value for key, value in records.env.context.items() if key.startswith('default_')}


def with_defaults(records, vals_list):
    """Return values of new records with what the context of the call and the user's own defaults add: these are entered as well."""
    kept = records.env['ir.default']._get_model_defaults(records._name)
    return [{**kept, **_defaults(records), **vals} for vals in vals_list]


def _is_owned(model):
    return model.startswith('fulfilment.') or model in OTHERS


def _named(value, many):
    """Return the ids that a value names, in any of the ways a client may write it."""
    if hasattr(value, '_ids'):
        return set(value.ids)
    if isinstance(value, dict):
        value = [value.get('id')]
    if not many and isinstance(value, (list, tuple)):
        value = value[:1]
    if not isinstance(value, (list, tuple)):
        value = [value]
    ids = set()
    for one in value:
        if isinstance(one, (list, tuple)) and one:
            ids |= set(one[2] or []) if one[0] == 6 else {one[1]} if one[0] in (1, 4) else set()
        else:
            ids.add(one.get('id') if isinstance(one, dict) else one)
    return {one for one in ids if isinstance(one, int) and not isinstance(one, bool)}


def without_unchanged(records, vals, names):
    """Return ``vals`` without those of ``names`` that say what the records say already.

    The web client sends every field of a form, an API client often the whole record: what is not changed is not a change. Of new
    records (``records`` is empty) what is empty, or the default, says nothing.

    :param records: the records to be written, or an empty recordset for values of a new one
    :param dict vals: as for ``create`` and ``write``
    :param names: of the fields that are compared
    :return: ``vals`` itself when nothing is left out
    """
    idle = {name for name in names if name in vals and name in records._fields and _is_unchanged(records, name, vals[name])}
    return {name: value for name, value in vals.items() if name not in idle} if idle else vals


def _is_unchanged(records, name, value):
    field = records._fields[name]
    if not records:
        default = field.default(records) if field.default else False
        return value == default if default else not value
    if field.type in ('one2many', 'many2many'):
        # safe: compared only
        return all(_leaves(record[name].ids, value) for record in records.sudo())
    # safe: compared only
    return all(
        field.convert_to_write(field.convert_to_record(field.convert_to_cache(value, record), record), record)
        == field.convert_to_write(record[name], record) for record in records.sudo()
    )


def _leaves(ids, commands):
    """Tell whether commands leave a list of records as it is."""
    for command in commands or []:
        if isinstance(command, int):
            return set(commands) == set(ids)
        code, number, *rest = (*command, False, False)[:max(len(command), 2)]
        if code == 6 and set(rest[0] or []) == set(ids) or code == 4 and number in ids or code == 1 and not any(rest):
            continue
        return False
    return True


# What a field can say of itself:
MARKS = (
    'guarded',  # no form, import or API call sets it, whoever asks; the actions of the model do, as superuser
    'agreed',  # part of what is agreed: outside the draft only amendments change it
    'for_colleagues',  # customers with rights on the model neither read it nor search by it: a search tells what it finds
)
# What hangs on a record of discussions and followers.
# Messages are posted, and removed by their own rules; a record is no road to them.
POSTED = frozenset({'message_ids', 'website_message_ids', 'rating_ids'})
MESSAGES = frozenset({'message_ids', 'website_message_ids', 'message_follower_ids', 'message_partner_ids'})


class Base(models.AbstractModel):
    _inherit = 'base'

    @api.model
    def _valid_field_parameter(self, field, name):
        ours = name in MARKS or name == 'tracking' and self._name.startswith('fulfilment.')
        return ours or super()._valid_field_parameter(field, name)


class FulfilmentGuardMixin(models.AbstractModel):
    _name = 'fulfilment.guard.mixin'
    _description = 'Fields set by actions only'

    # Fields of Odoo's own mixins that are for colleagues; those of ours say it themselves.
    _colleague_fields = frozenset()

    can_change = fields.Boolean(compute='_compute_can_change', help="Whether the user may change the record.")

    @api.model
    def _marked_fields(self, mark):
        """Return the names of the fields with a mark (``guarded``, ``agreed``, ``for_colleagues``)."""
        return {name for name, field in self._fields.items() if getattr(field, mark, False)}

    @api.depends_context('uid', 'allowed_company_ids')
    def _compute_can_change(self):
        changeable = self._origin._filtered_access('write')
        for record in self:
            record.can_change = record._origin in changeable if record._origin else True

    def _check_access(self, operation):
        """Tell people who may read a record but not change it whom to ask."""
        refused = super()._check_access(operation)
        if refused is None or operation not in ('write', 'unlink') or not any(self._ids):
            return refused
        records, make_error = refused
        return records, lambda: records._make_change_error() or make_error()

    def _make_change_error(self):
        """Make the error for records that the user may read and not change; None when one of them may not be read."""
        if self._filtered_access('read') != self:
            return None
        names = ', '.join(record.display_name or '' for record in self[:5])
        user = self['user_id'] if 'user_id' in self._fields and self._fields['user_id'].comodel_name == 'res.users' else None
        if user and len(user) == 1 and user != self.env.user:
            # safe: the name of a colleague
            return AccessError(self.env._(
                "You may read “%(names)s” but not change it: ask %(user)s, who is responsible.", names=names, user=user.sudo().name,
            ))
        return AccessError(self.env._("You may read “%(names)s” but not change it: your role does not allow it.", names=names))

    def _is_guarded(self, field):
        # What is computed and stored follows from other fields; Odoo itself lets anybody overwrite it.
        return getattr(field, 'guarded', False) or bool(field.store and field.compute and field.readonly)

    def _has_field_access(self, field, operation):
        if not self.env.su and (
            operation == 'write' and self._is_guarded(field)
            or (getattr(field, 'for_colleagues', False) or field.name in self._colleague_fields) and not self.env.user._is_internal()
        ):
            return False
        return super()._has_field_access(field, operation)

    @api.model
    def _check_field_access(self, field, operation):
        if operation == 'write' and not self.env.su and self._is_guarded(field):
            raise AccessError(self.env._(
                "“%(field)s” of %(model)s is set by its buttons and by the scheduled actions. Use them instead of editing the field.",
                field=field._description_string(self.env),
                model=self._model_label(),
            ))
        return super()._check_field_access(field, operation)

    def _model_label(self):
        """Return what the records are called, in the language of the user."""
        return self.env['ir.model']._get(self._name).name

    @api.model
    def default_get(self, fields):
        values = super().default_get(fields)
        # Users may keep defaults of their own for any field, and their calls bring others; those of guarded fields are the model's alone.
        for name in [name for name in values if self._is_guarded(self._fields[name])]:
            field = self._fields[name]
            value = field.default(self) if field.default else False
            values[name] = field.convert_to_write(value, self) if isinstance(value, models.BaseModel) else value
        if not self.env.su:
            check_reach(self, [values])
        return values

    def onchange(self, values, field_names, fields_spec):
        check_reach(self, [values, _defaults(self)])
        return super().onchange(values, field_names, fields_spec)

    @api.model_create_multi
    def create(self, vals_list):
        check_reach(self, [*vals_list, _defaults(self)])
        if not self.env.su:
            guarded = [field.name for field in self._fields.values() if self._is_guarded(field)]
            vals_list = [without_unchanged(self.browse(), vals, guarded) for vals in vals_list]
        return super().create(vals_list)

    def write(self, vals):
        if not self.env.su:
            vals = without_unchanged(self, vals, [name for name in vals if name in self._fields and self._is_guarded(self._fields[name])])
            named = [name for name in vals if name in self._fields and self._fields[name].type in ('many2one', 'many2many', 'one2many')]
            check_reach(self, [without_unchanged(self, vals, named)])
        moved = not self.env.su and without_unchanged(self, vals, deciding := self._deciding_fields() & vals.keys()).keys() & deciding
        result = super().write(vals)
        if moved:
            self.check_access('write')  # Odoo checks before it writes: nobody takes a record to where they could not have made it
        return result

    @api.model
    def _deciding_fields(self):
        """Return the names of the fields that decide who may change a record, but for its users: handing it over is everybody's right."""
        names = {'company_id'} & self._fields.keys()
        for condition in Domain(self.env['ir.rule']._compute_domain(self._name, 'write')).iter_conditions():
            field = self._fields.get(condition.field_expr.split('.')[0])
            # What follows from another field changes with it.
            name = field.related.split('.')[0] if field is not None and field.related else field and field.name
            if name and name in self._fields and self._fields[name].comodel_name != 'res.users':
                names.add(name)
        return names

    def _ask_reason(self, method, title, note=False):
        """Open the dialog that asks for a reason and then calls ``method(reason=…)`` on these records.

        :param str title: the question
        :param str note: who else reads the answer, if anybody
        """
        return {
            'type': 'ir.actions.act_window', 'name': title, 'res_model': 'fulfilment.reason', 'view_mode': 'form', 'target': 'new',
            'context': {
                'default_res_model': self._name, 'default_res_ids': ','.join(map(str, self.ids)), 'default_method': method,
                'default_note': note,
            },
        }
