from odoo import api, models

from ...tools import markup
from .record_mixin import UNTRACKED, on_record


class FulfilmentAuditMixin(models.AbstractModel):
    """Rules leave a trace of who changed them, from what to what.

    A rule has a chatter of its own for the fields with ``tracking``. That it was deleted, and what it said, is noted in the chatter
    of its company's contact, which outlives it.
    """
    _name = 'fulfilment.audit.mixin'
    _description = 'Changes on record'
    _inherit = ['fulfilment.shared.mixin']

    @api.model_create_multi
    def create(self, vals_list):
        return super(FulfilmentAuditMixin, on_record(self)).create(vals_list).with_env(self.env)

    def unlink(self):
        self = on_record(self)
        notes = self._audit_notes(self.env._("%(what)s “%(name)s” was deleted."), self._audit_picture(), {})
        result = super().unlink()
        self._audit(notes)
        return result

    # === BUSINESS METHODS === #

    def _audit_thread(self):
        """Return the record in whose chatter changes are noted: the contact of the company, or of the user's where the rule is for all."""
        self.ensure_one()
        return (self._shared_company() or self.env.company).partner_id

    def _audit_picture(self):
        """Return what these records say: ``{record: {field: value}}``, empty while modules are installed or removed."""
        if any(self.env.context.get(key) for key in UNTRACKED):
            return {}
        names = [name for name, field in self._fields.items() if getattr(field, 'tracking', None)]
        return {record: {name: record[name] for name in names} for record in self}

    def _audit_notes(self, text, before, after):
        """Work out what there is to note of the difference between two pictures.

        :param str text: the sentence, with ``%(what)s`` and ``%(name)s``
        :param dict before: from ``_audit_picture``; empty for records that are new
        :param dict after: as before; empty for records to be deleted
        :return: ``[(thread, text, [values of mail.tracking.value])]``
        """
        notes = []
        info = self.fields_get(attributes=('string', 'type', 'selection', 'currency_field'))
        label = self.env['ir.model']._get(self._name).name
        for record in {**before, **after}:
            old, new = before.get(record, {}), after.get(record, {})
            changes = [
                self.env['mail.tracking.value']._create_tracking_values(old.get(name), new.get(name), name, info[name], record)
                for name in sorted({**old, **new}, reverse=True)
                if name in info and old.get(name) != new.get(name) and (old.get(name) or new.get(name))
            ]
            if changes:
                body = markup.about(self._name, text % {'what': label, 'name': record.display_name})
                notes.append((record._audit_thread(), body, changes))
        return notes

    @api.model
    def _audit(self, notes):
        """Write notes with their changes, all in one go.

        :param list notes: ``(thread, body, [values of mail.tracking.value])``
        """
        if not notes:
            return
        author_id, email_from = self.env['mail.thread']._message_compute_author()
        # safe: what was changed by somebody who was allowed to, as Odoo itself notes it
        messages = self.env['mail.thread'].sudo()._message_create([{
            'model': thread._name, 'res_id': thread.id, 'body': body, 'author_id': author_id, 'email_from': email_from,
            'message_type': 'notification', 'is_internal': True, 'subtype_id': self.env.ref('mail.mt_note').id,
            'email_add_signature': False,
        } for thread, body, _changes in notes])
        self.env['mail.tracking.value'].sudo().create([
            dict(values, mail_message_id=message.id)
            for message, (_thread, _body, changes) in zip(messages, notes, strict=True) for values in changes
        ])


class FulfilmentAuditPartMixin(models.AbstractModel):
    """What has no chatter of its own: parts of a rule, noted in the rule's, and rules entered in a list, noted in the company's."""
    _name = 'fulfilment.audit.part.mixin'
    _description = 'Changes on record elsewhere'
    _inherit = ['fulfilment.audit.mixin']

    def _audit_thread(self):
        return self[self._audit_field] if self._audit_field else super()._audit_thread()

    @api.model_create_multi
    def create(self, vals_list):
        parts = super().create(vals_list)
        parts = on_record(parts)
        parts._audit(parts._audit_notes(self.env._("%(what)s “%(name)s” was added."), {}, parts._audit_picture()))
        return parts.with_env(self.env)

    def write(self, vals):
        self = on_record(self)
        before = self._audit_picture()
        result = super().write(vals)
        self._audit(self._audit_notes(self.env._("%(what)s “%(name)s” was changed."), before, self._audit_picture()))
        return result
