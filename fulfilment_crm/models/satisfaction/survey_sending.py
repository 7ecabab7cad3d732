from odoo import api, fields, models
from odoo.tools import format_date, plaintext2html

from ...tools import markup
from ...tools.local_time import end_of
from ..base.told import _lt, told

# Marks what is sent to the customer, under the context key ``fulfilment_sending``: an object of ours, which no call can bring.
SENDING = object()


class FulfilmentSurveyRequest(models.Model):
    """How a request reaches the customer, in the customer's language."""
    _inherit = 'fulfilment.survey.request'

    # What templates may say. One that uses nothing else is filled in without being compiled for every record.
    receiver_name = fields.Char(compute='_compute_texts')
    survey_title = fields.Char(compute='_compute_texts')
    subject_text = fields.Char(compute='_compute_texts', help="What is asked about: the contract, or working together.")
    deadline_text = fields.Char(compute='_compute_texts')
    company_name = fields.Char(compute='_compute_texts')
    sender_name = fields.Char(compute='_compute_texts')
    link = fields.Char(compute='_compute_texts')
    button = fields.Html(compute='_compute_texts', sanitize=False)

    TEXTS = ('receiver_name', 'survey_title', 'subject_text', 'deadline_text', 'company_name', 'sender_name', 'link', 'button')

    @api.model
    def mail_allowed_qweb_expressions(self):
        return (*super().mail_allowed_qweb_expressions(), *(f'object.{name}' for name in self.TEXTS))

    @api.depends_context('lang', 'fulfilment_sending')
    def _compute_texts(self):
        # safe: only survey users read surveys and answers; the link is for whom the mail goes to, and empty wherever else it is asked for
        for request, own in zip(self, self.sudo(), strict=True):
            env = self.env
            request.receiver_name = request.partner_id.name or ''
            request.survey_title = own.survey_id.title or ''
            request.subject_text = (
                env._("contract %s", request.contract_id.display_name) if request.contract_id else env._("working with us")
            )
            request.deadline_text = format_date(env, request.deadline) if request.deadline else ''
            request.company_name = request.company_id.name
            request.sender_name = request.user_id.filtered('active').name or request.company_id.name
            request.link = own.survey_id.get_base_url() + own.user_input_id.get_start_url() \
                if self.env.context.get('fulfilment_sending') is SENDING and own.user_input_id else ''
            request.button = markup.button(request.link, env._("Start the survey"))

    # === SENDING === #

    def _send(self, day):
        """Send requests that wait; those without an address are listed as such.

        :param date day: the company's day
        :return: ``{effect: count}``
        """
        receivers = self._receivers()
        reached = self.filtered(receivers.get)
        fresh = (self - reached)._note_unreachable()
        for request in reached:
            request.partner_id = receivers[request]
        reached._ensure_answers(day)
        for plan, group in reached.grouped('plan_id').items():
            group._queue_mails(plan.template_id or self.env.ref('fulfilment_crm.mail_template_survey'))
            group.write({
                'state': 'sent', 'sent_on': day, 'reason': False,
                'next_reminder_on': fields.Date.add(day, days=plan.reminder_days) if plan.reminder_max else False,
            })
        return {'surveys sent': len(reached), 'surveys without an address': len(fresh)}

    def _remind(self, day):
        """Remind who has not answered, and note when the next reminder is due.

        :return: ``{effect: count}``
        """
        reached = self._reach_again()
        for plan, group in reached.grouped('plan_id').items():
            group._queue_mails(plan.reminder_template_id or self.env.ref('fulfilment_crm.mail_template_survey_reminder'))
            for count, same in group.grouped('reminder_count').items():
                more = count + 1 < plan.reminder_max
                same.write({
                    'state': 'reminded', 'reminder_count': count + 1,
                    'next_reminder_on': fields.Date.add(day, days=plan.reminder_days) if more else False,
                })
        return {'survey reminders': len(reached), 'surveys without an address': len(self - reached)}

    def _queue_mails(self, template):
        return super()._queue_mails(template.with_context(fulfilment_sending=SENDING))

    def _note_unreachable(self):
        """List requests that reach nobody. Returns those that were not listed before."""
        fresh = self.filtered(lambda request: request.state != 'no_address')
        fresh.write({
            'state': 'no_address', 'reason': told(self.env, _lt("No contact of the customer has an e-mail address")),
            'next_reminder_on': False,
        })
        return fresh

    def _reach_again(self):
        """Ask somebody else of the customer where whoever was asked has gone, with the same answer. Returns what reaches anybody."""
        # safe: asks whether the contact is still there
        gone = self.filtered(lambda request: not request.sudo()._is_still_there())
        if not gone:
            return self
        receivers = gone._receivers()
        for request in gone.filtered(receivers.get):
            partner = request.partner_id = receivers[request]
            # safe: the blank answer belongs to the request
            request.user_input_id.sudo().write({'partner_id': partner.id, 'email': partner.email, 'nickname': partner.name})
        lost = gone.filtered(lambda request: not receivers[request])
        lost._note_unreachable()
        return self - lost

    def _is_still_there(self):
        """Whether the contact who was asked still belongs to the customer and can be written to."""
        self.ensure_one()
        contact = self.partner_id
        return contact.active and contact.commercial_partner_id == self.commercial_partner_id and contact.email_normalized \
            and not contact.is_blacklisted

    def _ensure_answers(self, day):
        """Give each request the participant's blank answer that its link opens, until the end of the last day."""
        langs = {lang.code: lang.id for lang in self.env['res.lang'].search([])}
        vals_list, fresh = [], self.filtered(lambda request: not request.user_input_id)
        for request in self:
            request.deadline = fields.Date.add(day, days=request.plan_id.deadline_days or 30)
        for survey, group in fresh.grouped('survey_id').items():
            for request in group:
                vals_list.append({
                    **_participant(survey, request.partner_id), 'deadline': end_of(request.deadline, request.company_id._fulfilment_zone()),
                    'lang_id': langs.get(request.partner_id.lang, False),
                    'predefined_question_ids': [fields.Command.set(survey._prepare_user_input_predefined_questions().ids)],
                })
        fresh = fresh.browse().concat(*fresh.grouped('survey_id').values())
        answers = self.env['survey.user_input'].with_context(tracking_disable=True, mail_create_nosubscribe=True).create(vals_list)
        for request, answer in zip(fresh, answers.with_env(self.env), strict=True):
            request.user_input_id = answer

    def _prepare_mails(self, vals_list, rendered):
        """Keep the link out of what is stored to be read: whoever has it answers in the customer's name."""
        for request, vals in zip(self, vals_list, strict=True):
            vals.update({'body': plaintext2html(vals['subject'] or ''), 'author_id': request.company_id.partner_id.id})


class MailMail(models.Model):
    _inherit = 'mail.mail'

    def _postprocess_sent_message(self, success_pids, success_emails, failure_reason=False, failure_type=None):
        if failure_reason or failure_type:
            # safe: notes on our own ledger that a mail of ours was not delivered
            requests = self.env['fulfilment.survey.request'].sudo().search([
                ('mail_id', 'in', self.ids), ('state', 'in', ('sent', 'reminded')),
            ])
            requests.write({
                'state': 'no_address', 'reason': failure_reason or told(self.env, _lt("The e-mail could not be delivered")),
                'sent_on': False,
                'next_reminder_on': False,
            })
        return super()._postprocess_sent_message(success_pids, success_emails, failure_reason=failure_reason, failure_type=failure_type)


def _participant(survey, partner):
    """Return the values of a blank answer of a participant, as Odoo's own invitation makes them."""
    vals = {'survey_id': survey.id, 'partner_id': partner.id, 'email': partner.email, 'nickname': partner.name}
    if survey.is_attempts_limited and survey.access_mode != 'public':
        vals['invite_token'] = survey.env['survey.user_input']._generate_invite_token()
    return vals
