from odoo import api, models
from odoo.exceptions import AccessError


class FulfilmentGuardMixin(models.AbstractModel):
    _name = 'fulfilment.guard.mixin'
    _description = 'Fields set by actions only'

    # Names of the fields that no form, import or API call may set, whoever asks. The actions of the model set them as superuser.
    _guarded_fields = frozenset()

    def _is_guarded(self, field):
        # What is computed and stored follows from other fields; Odoo itself lets anybody overwrite it.
        return field.name in self._guarded_fields or bool(field.store and field.compute and field.readonly)

    def _has_field_access(self, field, operation):
        if operation == 'write' and not self.env.su and self._is_guarded(field):
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
        """What the records are called, in the language of the user."""
        return self.env['ir.model']._get(self._name).name

    @api.model
    def default_get(self, fields):
        values = super().default_get(fields)
        if not self.env.su:
            # Users may keep defaults of their own for any field; those of guarded fields are the model's alone.
            for name in [name for name in values if self._is_guarded(self._fields[name])]:
                default = self._fields[name].default
                values[name] = default(self) if default else False
        return values

    def write(self, vals):
        result = super().write(vals)
        if 'company_id' in vals:
            self.check_access('write')  # Odoo checks before it writes: nobody pushes records into a company that is not theirs
        return result

    def _ask_reason(self, method, title):
        """Open the dialog that asks for a reason and then calls ``method(reason=…)`` on these records."""
        return {
            'type': 'ir.actions.act_window', 'name': title, 'res_model': 'fulfilment.reason', 'view_mode': 'form', 'target': 'new',
            'context': {'default_res_model': self._name, 'default_res_ids': ','.join(map(str, self.ids)), 'default_method': method},
        }
