import logging

from odoo import SUPERUSER_ID, api, models
from odoo.tools import email_normalize, is_html_empty

from .ticket import OPEN, UNSEEN

_logger = logging.getLogger(__name__)

LONGEST_TITLE = 200
MOST_FILES = 20
BULK = {'bulk', 'auto_reply', 'auto-reply', 'junk', 'list'}
MACHINE_HEADERS = (
    'X-Autoreply', 'X-Autoreply-From', 'X-Autorespond', 'X-Auto-Reply', 'X-Mail-Autoreply', 'X-Auto-Response-Suppress', 'X-Loop', 'List-Id',
)


def _one_line(text):
    """A subject without line breaks and of a length that can be read."""
    return ' '.join((text or '').replace('\x00', '').split())[:LONGEST_TITLE]


def _is_machine(message):
    """Whether an e-mail was sent by a machine: one that says so in any of the usual ways, or that wants no answer.

    :param message: ``email.message.EmailMessage``
    """
    submitted = str(message.get('Auto-Submitted') or 'no').split(';')[0].split('(')[0].strip(' \t"').lower()
    return submitted != 'no' or str(message.get('Precedence') or '').strip().lower() in BULK \
        or any(message.get(header) for header in MACHINE_HEADERS) or str(message.get('Return-Path') or '').strip() == '<>'


class MailThread(models.AbstractModel):
    _inherit = 'mail.thread'

    @api.model
    def message_route(self, message, message_dict, model=None, thread_id=None, custom_values=None):
        """E-mails to tickets: machines open none, senders are counted, and what is too large is left out."""
        routes = super().message_route(message, message_dict, model=model, thread_id=thread_id, custom_values=custom_values)
        ours = [route for route in routes or [] if route[0] == 'fulfilment.ticket']
        return [route for route in routes if route not in ours or self.env['fulfilment.ticket']._lets_in(message, message_dict, route)] \
            if ours else routes


class FulfilmentTicket(models.Model):
    """The door for e-mails. What they say about their sender anybody can write."""
    _inherit = 'fulfilment.ticket'

    _gateway_values = frozenset({'company_id', 'team_id', 'ticket_type'})

    @api.model
    def _lets_in(self, message, message_dict, route):
        """Whether an e-mail goes on to become a ticket or a message of one.

        :param message: the ``email.message.EmailMessage``
        :param dict message_dict: as parsed; attachments beyond the limits are taken out of it
        :param route: ``(model, thread id, values, user id, alias)``
        """
        _model, ticket_id, values, *_rest = route
        # safe: nobody is logged in; what comes from outside is limited here
        ticket = self.sudo().browse(ticket_id or 0).exists()
        company = ticket.company_id or self.env['res.company'].sudo().browse((values or {}).get('company_id') or self.env.company.id)
        if not message_dict.get('author_id'):
            # Of a reply to an address of no alias Odoo looks up the author only after it has asked where the e-mail goes.
            message_dict['author_id'] = ticket._author_of(message_dict).id
        machine, author = _is_machine(message), self.env['res.partner'].browse(message_dict.get('author_id') or [])
        colleague = any(user._is_internal() for user in author.user_ids)
        sender = email_normalize(message_dict.get('email_from') or '')
        if machine and not ticket or not sender:
            _logger.info("E-mail %s makes no ticket: it was sent by a machine, or by nobody", message_dict.get('message_id'))
            return False
        if machine or ticket and not ticket._is_of_customer(message_dict):
            # Kept for the agents, told to nobody: Odoo would tell whoever wrote the message it answers.
            message_dict.update(is_internal=True, parent_id=False)
        elif not ticket and not colleague and not self.env['fulfilment.ticket.sender']._may_send(sender, company):
            _logger.info("E-mail %s makes no ticket: its sender sends too many", message_dict.get('message_id'))
            return False
        ticket._leave_out_files(message_dict, company)
        return True

    def _author_of(self, message_dict):
        """Who wrote an e-mail, by its sender's address, as Odoo looks it up; empty when nobody is known by it."""
        address = message_dict.get('email_from')
        return self.sudo()._partner_find_from_emails_single([address], no_create=True) if address else self.env['res.partner']

    def _is_of_customer(self, message_dict):
        """Whether an e-mail to a ticket seems to come from its customer or from a colleague."""
        self.ensure_one()
        author = self.env['res.partner'].browse(message_dict.get('author_id') or [])
        if author and (author.commercial_partner_id == self.commercial_partner_id or any(user._is_internal() for user in author.user_ids)):
            return True
        sender = email_normalize(message_dict.get('email_from') or '')
        return bool(sender) and sender == email_normalize(self.email_from or '')

    @api.model
    def _file_fault(self, name, size, company):
        """What is wrong with a file from outside, as a sentence, or None.

        :param int size: bytes
        """
        # safe: reads the limits
        company = company.sudo()
        kinds = [kind.strip().lower() for kind in (company.fulfilment_ticket_file_types or '').split(',')]
        if '.' not in name or name.rsplit('.', 1)[1].lower() not in kinds:
            return self.env._("“%(file)s” is of a kind that cannot be sent. Allowed are: %(kinds)s.", file=name, kinds=', '.join(kinds))
        if size > company.fulfilment_ticket_file_size * 1024 * 1024:
            return self.env._("“%(file)s” is larger than %(size)s MB.", file=name, size=company.fulfilment_ticket_file_size)
        return None

    @api.model
    def _leave_out_files(self, message_dict, company):
        """Take files beyond the limits out of an e-mail and say so in its text."""
        kept, faults = [], []
        for attachment in message_dict.get('attachments') or []:
            fault = self._file_fault(attachment[0] or '', len(attachment[1] or ''), company) if len(kept) < MOST_FILES \
                else self.env._("“%(file)s”: at most %(most)s files are kept.", file=attachment[0] or '', most=MOST_FILES)
            faults += [fault] if fault else []
            kept += [] if fault else [attachment]
        if faults:
            message_dict['attachments'] = kept
            note = self.env._("Left out: %s", ' '.join(faults))
            message_dict['body'] = (message_dict.get('body') or '') + self.env['ir.qweb']._render(
                'fulfilment_crm.ticket_files_left_out', {'note': note},
            )

    @api.private
    @api.model
    def message_new(self, msg_dict, custom_values=None):
        """A ticket of an e-mail. Its sender counts as the customer when exactly this address is a customer's."""
        author = self.env['res.partner'].browse(msg_dict.get('author_id') or [])
        known = author.filtered(lambda one: one.active and not any(user._is_internal() for user in one.user_ids))
        vals = {
            **(custom_values or {}), 'title': _one_line(msg_dict.get('subject')) or self.env._("No subject"), 'origin': 'email',
            'description': msg_dict.get('body') or '', 'partner_id': known.id,
        }
        if known.company_id and known.company_id.id != vals.get('company_id'):
            vals['partner_id'] = False
        return super().message_new(msg_dict, custom_values=vals)

    @api.private
    def message_update(self, msg_dict, update_vals=None):
        # Not to be called from outside: what it does is done in the sender's name.
        return super().message_update(msg_dict, update_vals=update_vals)

    def _follow_up(self, title, body):
        """New tickets for what the customer came back with after these were closed."""
        # safe: nobody is logged in; the customer's own ticket leads to the new one
        return self.sudo().create([{
            'title': _one_line(title) or ticket.title, 'description': body, 'origin': 'follow', 'ticket_type': ticket.ticket_type,
            'partner_id': ticket.partner_id.id, 'email_from': ticket.email_from, 'company_id': ticket.company_id.id,
            'team_id': ticket.team_id.id, 'category_id': ticket.category_id.id, 'contract_id': ticket.contract_id.id,
            'product_id': ticket.product_id.id, 'follows_id': ticket.id,
        } for ticket in self])

    def _message_post_after_hook(self, message, msg_values):
        """A message of a colleague that the customer gets is an answer; one of the customer sets things going again."""
        result = super()._message_post_after_hook(message, msg_values)
        # safe: asks who has written
        subtype, author = message.sudo().subtype_id, message.sudo().author_id
        if message.message_type not in ('comment', 'email') or message.is_internal or subtype.internal \
                or subtype != self.env.ref('mail.mt_comment') or is_html_empty(message.body) and not message.attachment_ids:
            return result
        # Whoever is logged in as a colleague speaks for nobody else, whatever author is named; the gateway for e-mails is the superuser.
        gateway = self.env.uid == SUPERUSER_ID
        if any(user._is_internal() for user in author.user_ids):
            if gateway or author == self.env.user.partner_id and self.has_access('write'):
                self._answered_by(message)
        elif gateway or not self.env.user._is_internal():
            address = email_normalize(message.email_from or '')
            if author and author.commercial_partner_id == self.commercial_partner_id \
                    or address and address == email_normalize(self.email_from or ''):
                self._customer_wrote()
                if self.kind not in OPEN:
                    self._follow_up(message.subject or '', message.body)
        return result

    def _answered_by(self, message):
        """A message of a colleague is an answer when the customer is among those who get it."""
        # safe: asks who gets it
        ticket, receivers = self.sudo(), message.sudo().partner_ids
        if ticket.kind in OPEN and (ticket.partner_id in ticket.message_partner_ids | receivers if ticket.partner_id else receivers):
            ticket.with_user(self.env.user).sudo()._log_event('answered')
            ticket._follow_own_events()

    def message_post(self, **kwargs):
        # Ratings are given on the page of the ticket once it is solved, not by a message.
        kwargs.pop('rating_value', None)
        return super().message_post(**kwargs)

    def _rating_apply_get_default_subtype_id(self):
        # A rating is no message that would set anything going again.
        return self.env.ref('mail.mt_note').id

    def _notify_get_recipients_groups(self, message, model_description, msg_vals=False):
        groups = super()._notify_get_recipients_groups(message, model_description, msg_vals=msg_vals)
        if self.origin in UNSEEN:
            for name, _condition, data in groups:
                if name in ('portal_customer', 'portal', 'customer'):
                    data['has_button_access'] = False
        return groups

    # === WHAT THE CUSTOMER IS TOLD === #

    def _tell(self, template, layout='mail.mail_notification_light'):
        """Send the customers of tickets a mail; one without address is told nothing, and the ticket says so."""
        template = self.env.ref(f'fulfilment_crm.{template}')
        told = self.filtered(lambda one: one.origin not in UNSEEN)
        with_address = told.filtered(lambda one: one.partner_id.email)
        if with_address:
            # safe: the template is the house's or an administrator's
            template.sudo().send_mail_batch(with_address.ids, email_layout_xmlid=layout)
        silent = told - with_address
        if silent:
            silent._message_log_batch(dict.fromkeys(silent.ids, self.env._("The customer was not told by e-mail: there is no address.")))

    def _tell_receipt(self):
        """Say that what came from outside has arrived; only to known customers, at the address we know.

        Without the layout, whose heading repeats the subject: anybody may have written it in the customer's name.
        """
        outside = self.filtered(lambda one: one.origin in ('portal', 'email', 'follow') and one.partner_id)
        outside._tell('mail_template_ticket_received', layout=False)

    def _tell_solution(self):
        """Tell the solution and ask whether it is one."""
        self._tell('mail_template_ticket_solved')

    def _tell_objection(self):
        """Tell what became of an objection."""
        self._tell('mail_template_ticket_objection')
