from odoo import api, models
from odoo.exceptions import AccessError


class FulfilmentGuardMixin(models.AbstractModel):
    _name = 'fulfilment.guard.mixin'
    _description = 'Fields set by actions only'

    # Names of the fields that no form, import or API call may set, whoever asks. The actions of the model set them as superuser.
    _guarded_fields = frozenset()

    def _has_field_access(self, field, operation):
        if operation == 'write' and not self.env.su and field.name in self._guarded_fields:
            return False
        return super()._has_field_access(field, operation)

    @api.model
    def _check_field_access(self, field, operation):
        if operation == 'write' and not self.env.su and field.name in self._guarded_fields:
            raise AccessError(self.env._(
                "“%(field)s” of %(model)s is set by its buttons and by the scheduled actions. Use them instead of editing the field.",
                field=field._description_string(self.env),
                model=self._model_label(),
            ))
        return super()._check_field_access(field, operation)

    def _model_label(self):
        """What the records are called, in the language of the user."""
        return self.env['ir.model']._get(self._name).name

    def _ask_reason(self, method, title):
        """Open the dialog that asks for a reason and then calls ``method(reason=…)`` on these records."""
        return {
            'type': 'ir.actions.act_window', 'name': title, 'res_model': 'fulfilment.reason', 'view_mode': 'form', 'target': 'new',
            'context': {'default_res_model': self._name, 'default_res_ids': ','.join(map(str, self.ids)), 'default_method': method},
        }
