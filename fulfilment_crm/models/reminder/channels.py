from datetime import time, timedelta

from odoo import fields, models
from odoo.tools import html2plaintext, is_html_empty, plaintext2html

from ...tools import markup
from ...tools.local_time import at
from ..base.to_do_mixin import ToDo
from ..base.told import _lt, told


class FulfilmentReminder(models.Model):
    """How a reminder reaches its receiver: one method ``_remind_<channel>`` each, for many reminders at once.

    Each returns ``{reminder: reason}`` for those it could not send.
    """
    _inherit = 'fulfilment.reminder'

    def _deliver(self, today):
        """Send these reminders by their channels and write what became of them.

        :param dict today: ``{company: date}``
        :return: ``{effect: count}``
        """
        effects = {}
        for channel, reminders in self.grouped('channel').items():
            failures = getattr(reminders, f'_remind_{channel}')(today)
            sent = reminders.filtered(lambda reminder, failures=failures: reminder not in failures)
            sent.write({'state': 'to_print' if channel == 'letter' else 'sent', 'sent_on': fields.Datetime.now()})
            for offset, group in sent.grouped('offset_days').items():
                key = f'reminders by {channel}, {offset:+d} days'
                effects[key] = effects.get(key, 0) + len(group)
            failed = reminders - sent
            for reason, group in failed.grouped(failures.get).items():
                group.write({'state': 'failed', 'reason': reason})
            failed._tell_responsible(failures)
            effects[f'reminders by {channel} failed'] = len(failures)
        return effects

    # === E-MAIL === #

    def _remind_email(self, today):
        """Queue one e-mail for each reminder, rendered in batches by its ordinary mail template."""
        failures = {one: told(self.env, _lt("No e-mail address: add one to %s", one.partner_id.display_name or _lt("the responsible")))
                    for one in self if not one.partner_id.email}
        reminders = self.filtered(lambda one: one not in failures)
        for template, group in reminders.grouped(
            lambda one: one.rule_id.template_id or self.env.ref('fulfilment_crm.mail_template_reminder')
        ).items():
            group._queue_mails(template)
        return failures

    def _mail_records(self):
        return {reminder: reminder.contract_id for reminder in self}

    def _prepare_mails(self, vals_list, rendered):
        """Let the e-mails show in the contract's chatter and go at the receiver's hour, and answers come back to the contract."""
        authors = {contract.id: (contract.user_id.partner_id or contract.company_id.partner_id).id for contract in self.contract_id}
        # Answers come back to the contract where Odoo receives mail, else to the sender.
        answers = self.contract_id._notify_get_reply_to_batch(author_ids=authors)
        comment, note = (self.env['ir.model.data']._xmlid_to_res_id(xmlid) for xmlid in ('mail.mt_comment', 'mail.mt_note'))
        for reminder, vals, said in zip(self, vals_list, rendered, strict=True):
            contract, body = reminder.contract_id, said['body_html']
            line = self.env._("E-mail to %s", reminder.partner_id.name or '')
            vals.update({
                'model': contract._name, 'res_id': contract.id,
                'record_name': contract.with_context(lang=reminder.partner_id.lang or self.env.lang).display_name,
                # One line in the chatter, the text on demand; what is sent is the whole.
                'body': markup.folded(line, vals['body_html'] if is_html_empty(body) else body),
                'author_id': (reminder.user_id.partner_id or reminder.company_id.partner_id).id,
                'reply_to': said.get('reply_to') or answers[contract.id] or vals['email_from'],
                'subtype_id': comment if reminder.audience == 'customer' else note, 'is_internal': reminder.audience != 'customer',
                'is_notification': True, 'scheduled_date': reminder._receivers_hour(),
            })

    def _queue_mails(self, template):
        mails = super()._queue_mails(template)
        for reminder, mail in zip(self, mails, strict=True):
            reminder.message_id = mail.mail_message_id
        return mails

    def _receivers_hour(self):
        """When the hour of reminders comes where the receiver is, as naive UTC; False where it has come, or nobody knows where that is."""
        self.ensure_one()
        zone = self.partner_id.tz or self.partner_id.commercial_partner_id.tz
        if not zone or not self.as_of:
            return False
        hour = time(hour=min(max(self.company_id.fulfilment_reminder_hour, 0), 23))
        moment = at(self.as_of, hour, zone)
        now = fields.Datetime.now()
        return moment if now < moment <= now + timedelta(days=1) else False

    # === SMS === #

    def _remind_sms(self, today):
        """Queue one SMS for each reminder; without an account do what the company has chosen instead, and say so."""
        reminders = self
        failures = {}
        for company, group in self.grouped('company_id').items():
            if self._sms_available(company):
                continue
            reminders -= group
            reason = told(self.env, _lt("No SMS account is set up"))
            if company.fulfilment_sms_fallback == 'email':
                failures.update(group._remind_email(today))
                group.filtered(lambda one: one not in failures).reason = told(self.env, _lt("Sent by e-mail: no SMS account is set up"))
            elif company.fulfilment_sms_fallback == 'activity':
                failures.update(group._remind_activity(today))
                group.filtered(lambda one: one not in failures).reason = told(
                    self.env, _lt("Given as an activity: no SMS account is set up"),
                )
            else:
                failures.update(dict.fromkeys(group, reason))
        unreachable = reminders.filtered(lambda one: not one.partner_id.phone_sanitized)
        failures.update({
            one: told(self.env, _lt("No phone number: add one to %s", one.partner_id.display_name or '')) for one in unreachable
        })
        for template, group in (reminders - unreachable).grouped(lambda one: one.rule_id.sms_template_id).items():
            group._queue_sms(template)
        return failures

    def _queue_sms(self, template):
        """Render ``template`` on these reminders and queue a text message for each, in the language of its receiver."""
        template._fulfilment_check_vouched(self._name)
        bodies = {}
        for lang, same in self.grouped(lambda one: one.partner_id.lang).items():
            bodies.update(template.with_context(lang=lang)._render_field('body', same.ids))
        # safe: text messages of the system, from templates an administrator edits
        self.env['sms.sms'].sudo().create([{
            'number': one.partner_id.phone_sanitized, 'partner_id': one.partner_id.id, 'body': bodies[one.id],
        } for one in self])

    def _sms_available(self, company):
        """Whether Odoo can send SMS for a company: an account for it, or for all, has a token."""
        # safe: tells whether an account is there, nothing about it
        return bool(self.env['iap.account'].sudo().search_count([
            ('service_id.technical_name', '=', 'sms'), ('account_token', '!=', False),
            '|', ('company_ids', '=', False), ('company_ids', 'in', company.ids),
        ], limit=1))

    # === ACTIVITY === #

    def _remind_activity(self, today):
        """Give the receiver a to-do on the milestone or contract; customers have none, so theirs go to the responsible.

        It goes when the milestone is done (see ``_on_settled``).
        """
        failures, to_dos = {}, []
        for reminder in self:
            user = reminder.partner_id.with_context(active_test=False).user_ids.filtered(lambda user: user.active and not user.share)[:1]
            user = user or reminder.user_id
            if not user:
                failures[reminder] = told(self.env, _lt("Nobody is responsible"))
                continue
            texts = reminder.with_context(lang=user.lang)
            day = today[reminder.company_id]
            to_dos.append(ToDo(
                reminder.milestone_id or reminder.contract_id, user, f'{texts.subject_name}: {texts.due_date_text}',
                max(day, reminder.due_date) if reminder.offset_days <= 0 else day,
            ))
        self.env['mail.activity']._fulfilment_give('fulfilment_crm.activity_type_milestone', to_dos)
        return failures

    # === LETTER === #

    def _remind_letter(self, today):
        """Put letters aside for printing; without a postal address they are listed as failed."""
        return {
            one: told(self.env, _lt("No postal address: add one to %s", one.partner_id.display_name or ''))
            for one in self if not (one.partner_id.street and one.partner_id.city)
        }

    # === WHAT DID NOT WORK === #

    def _tell_responsible(self, reasons):
        """List reminders that reached nobody for whoever is responsible: one activity a contract and reason.

        :param dict reasons: ``{reminder: why}``
        """
        told = {(activity.res_id, activity.user_id, html2plaintext(activity.note or '')) for activity in self.contract_id.activity_ids}
        lists = dict.fromkeys((one.contract_id.id, one.user_id, reasons[one]) for one in self if one.user_id)
        contracts = self.contract_id.browse
        self.env['mail.activity']._fulfilment_give('fulfilment_crm.activity_type_milestone', [ToDo(
            contracts(contract_id), user, user._fulfilment_env()._("A reminder could not be delivered"), fields.Date.context_today(self),
            plaintext2html(reason),
        ) for contract_id, user, reason in lists if (contract_id, user, reason) not in told])

