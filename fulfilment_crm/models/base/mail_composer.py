from ast import literal_eval

from odoo import api, models
from odoo.exceptions import AccessError

# What people who only read a record, and customers on theirs, say of a message themselves.
SAID = frozenset({'body', 'body_is_html', 'attachment_ids', 'attachments', 'subtype_xmlid', 'subtype_id', 'email_add_signature', 'subject'})


class FulfilmentComposerMixin(models.AbstractModel):
    """Dialogs for messages fill themselves in as superuser, with texts and files of the records they name: whose, is asked first."""
    _name = 'fulfilment.composer.mixin'
    _description = 'Dialog that writes about records'

    _composer_model = 'model'

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su:
            for vals in vals_list:
                self._fulfilment_check_named(vals)
        dialogs = super().create(vals_list)
        dialogs._fulfilment_check_about()
        return dialogs

    def write(self, vals):
        if not self.env.su:
            self._fulfilment_check_named(vals)
        result = super().write(vals)
        self._fulfilment_check_about()
        return result

    def onchange(self, values, field_names, fields_spec):
        if not self.env.su:
            self._fulfilment_check_named(values)
        return super().onchange(values, field_names, fields_spec)

    def _fulfilment_check_named(self, vals):
        """Check that values, and the context they come with, name records the user reads, and a template about such records.

        :raise AccessError: naming what is not
        """
        context, name = self.env.context, self._composer_model

        def value(key):
            if key not in self._fields:
                return None
            given = vals[key] if key in vals else self[:1][key] if self[:1] else context.get(f'default_{key}')
            return getattr(given, 'id', given)

        model = value(name) or context.get('active_model')
        if not model or model not in self.env:
            return
        ids = _numbers(value('res_ids')) + _numbers(value('res_id'))
        if not ids and model == context.get('active_model'):
            ids = _numbers(context.get('active_ids')) or _numbers(context.get('active_id'))
        self.env[model].browse(ids).exists().check_access('read')
        # safe: asks what the template is about
        template = self.env[self._fields['template_id'].comodel_name].sudo().browse(value('template_id') or []).exists()
        if template and template.model and template.model != model:
            raise AccessError(self.env._("Template “%s” is about something else than what is written about.", template.name))

    def _fulfilment_check_about(self):
        """Check the same of the dialogs as they are now: defaults and the search of records have been filled in."""
        if self.env.su:
            return
        for dialog in self:
            dialog._fulfilment_check_named({})


def _numbers(value):
    """Return the ids that a dialog names, as a list or as its text."""
    if isinstance(value, str):
        try:
            value = literal_eval(value) if value.strip() else []
        except (ValueError, SyntaxError):
            value = []
    value = [value] if isinstance(value, int) and not isinstance(value, bool) else value or []
    return [one for one in value if isinstance(one, int) and not isinstance(one, bool) and one]


class MailComposeMessage(models.TransientModel):
    _name = 'mail.compose.message'
    _inherit = ['fulfilment.composer.mixin', 'mail.compose.message']


class SmsComposer(models.TransientModel):
    _name = 'sms.composer'
    _inherit = ['fulfilment.composer.mixin', 'sms.composer']

    _composer_model = 'res_model'

    def _action_send_sms(self):
        """Let who may change records of ours have text messages sent about them."""
        for dialog in self.filtered(lambda one: (one.res_model or '').startswith('fulfilment.') and one.res_model in self.env):
            if not self.env.su:
                dialog._get_records().check_access('write')
        return super()._action_send_sms()


class MailTemplate(models.Model):
    _inherit = 'mail.template'

    def _generate_template_attachments(self, res_ids, render_fields, render_results=None):
        """Print reports about the records of the template only: another model's numbers are other records."""
        # safe: asks what the reports are about
        strange = self.sudo().report_template_ids.filtered(lambda report: report.model != self.model)
        if strange:
            raise AccessError(self.env._(
                "Template “%(template)s” attaches “%(report)s”, which is about something else: choose a report about the same records.",
                template=self.name, report=strange[:1].name,
            ))
        return super()._generate_template_attachments(res_ids, render_fields, render_results=render_results)
