from odoo import fields, models

LAYOUT = 'fulfilment_crm.mail_layout'  # of all e-mails of ours
PARTS = ('body_html', 'email_from', 'reply_to', 'subject', 'mail_server_id')


class FulfilmentQueuedMailMixin(models.AbstractModel):
    """Records that go to their partner as one e-mail each, by an ordinary mail template and through Odoo's queue."""
    _name = 'fulfilment.queued.mail.mixin'
    _description = 'Queued e-mails'

    mail_id = fields.Many2one('mail.mail', string="E-mail", readonly=True, ondelete='set null', index='btree_not_null', guarded=True)

    def _queue_mails(self, template):
        """Render ``template`` on these records and queue an e-mail for each, in the language of its receiver.

        :return: the e-mails, in the order of the records
        """
        self = self.union()  # a call may name a record twice
        template._fulfilment_check_vouched(self._name)
        # Attachments cost time and are asked for where the template has some.
        files = ('attachment_ids', 'report_template_ids') if template.attachment_ids or template.report_template_ids else ()
        rendered = template._generate_template(self.ids, [*PARTS, *files])
        copies = template._render_field('email_cc', self.ids) if template.email_cc else {}
        shown = self._mail_records()
        # Once a language, not once a mail: switching the context takes as long as filling in a small template.
        template_in = {lang: template.with_context(lang=lang) for lang in {one.partner_id.lang or self.env.lang for one in self}}
        called = {lang: own.env['ir.model']._get(shown[self[:1]]._name).name for lang, own in template_in.items()}
        vals_list = []
        for record in self:
            values, lang = rendered[record.id], record.partner_id.lang or self.env.lang
            html = template_in[lang]._render_encapsulate(
                template.email_layout_xmlid or LAYOUT, values['body_html'], context_record=shown[record].with_env(template_in[lang].env),
                add_context={'company': record.company_id, 'model_description': called[lang]},
            )
            sender = record._mail_sender(values)
            vals_list.append({
                'subject': values['subject'], 'body_html': html, 'email_from': sender, 'reply_to': values.get('reply_to') or sender,
                'email_cc': copies.get(record.id, False), 'email_to': False, 'headers': False,
                'mail_server_id': values.get('mail_server_id'),
                'recipient_ids': [fields.Command.link(record.partner_id.id)],
                'attachment_ids': [fields.Command.link(attachment_id) for attachment_id in values.get('attachment_ids') or []],
                'message_type': 'auto_comment', 'auto_delete': True,
            })
        self._prepare_mails(vals_list, [rendered[record.id] for record in self])
        # safe: mails of the queue belong to the system; what they say comes from templates an administrator edits
        mails = self.env['mail.mail'].sudo().create(vals_list)
        for record, mail in zip(self, mails, strict=True):
            record.mail_id = mail
            for name, content in rendered[record.id].get('attachments') or []:
                mail.attachment_ids = [fields.Command.create({
                    'name': name, 'datas': content, 'res_model': 'mail.message', 'res_id': mail.mail_message_id.id,
                })]
        return mails

    def _mail_records(self):
        """Return the record that each e-mail shows at its head, one kind for all: ``{record: record shown}``."""
        return {record: record for record in self}

    def _mail_sender(self, values):
        """Choose the address an e-mail comes from: the company's for such mails, the template's, the responsible's, the company's own."""
        self.ensure_one()
        return self.company_id._fulfilment_preset_sender() or values.get('email_from') \
            or self.user_id.filtered('active').email_formatted or self.company_id.email_formatted

    def _prepare_mails(self, vals_list, rendered):
        """Add to the values of the e-mails what is particular to these records.

        :param list vals_list: values for ``mail.mail``, in the order of the records, with the whole mail as ``body_html``
        :param list rendered: what the template came to, in that order
        """
