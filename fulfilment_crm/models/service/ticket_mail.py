import logging

from odoo import api, models
from odoo.tools import email_normalize, is_html_empty

from .ticket import OPEN

_logger = logging.getLogger(__name__)

LONGEST_TITLE = 200
MADE_BY_MACHINES = {'auto-replied', 'auto-generated', 'auto-notified'}
BULK = {'bulk', 'auto_reply', 'junk', 'list'}


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
        machine = str(message.get('Auto-Submitted') or 'no').split(';')[0].strip().lower() in MADE_BY_MACHINES \
            or str(message.get('Precedence') or '').strip().lower() in BULK or message.get('X-Autoreply') or message.get('X-Autorespond')
        sender = email_normalize(message_dict.get('email_from') or '')
        if machine and not ticket or not sender:
            _logger.info("E-mail %s makes no ticket: it was sent by a machine, or by nobody", message_dict.get('message_id'))
            return False
        if machine or ticket and not ticket._is_of_customer(message_dict):
            # Kept for the agents, told to nobody.
            message_dict['is_internal'] = True
        elif not self.env['fulfilment.ticket.sender']._may_send(sender, company):
            _logger.info("E-mail %s makes no ticket: its sender sends too many", message_dict.get('message_id'))
            return False
        ticket._leave_out_files(message_dict, company)
        return True

    def _is_of_customer(self, message_dict):
        """Whether an e-mail to a ticket seems to come from its customer or from a colleague."""
        self.ensure_one()
        author = self.env['res.partner'].browse(message_dict.get('author_id') or [])
        if author:
            return author.commercial_partner_id == self.commercial_partner_id or any(user._is_internal() for user in author.user_ids)
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
            fault = self._file_fault(attachment[0] or '', len(attachment[1] or ''), company)
            faults += [fault] if fault else []
            kept += [] if fault else [attachment]
        if faults:
            message_dict['attachments'] = kept
            note = self.env._("Left out: %s", ' '.join(faults))
            message_dict['body'] = (message_dict.get('body') or '') + self.env['ir.qweb']._render(
                'fulfilment_crm.ticket_files_left_out', {'note': note},
            )

    @api.model
    def message_new(self, msg_dict, custom_values=None):
        """A ticket of an e-mail. Its sender counts as the customer when exactly this address is a customer's."""
        author = self.env['res.partner'].browse(msg_dict.get('author_id') or [])
        known = author.filtered(lambda one: one.active and not any(user._is_internal() for user in one.user_ids))
        vals = {
            **(custom_values or {}), 'title': (msg_dict.get('subject') or self.env._("No subject"))[:LONGEST_TITLE], 'origin': 'email',
            'description': msg_dict.get('body') or '', 'partner_id': known.id,
        }
        if known.company_id and known.company_id.id != vals.get('company_id'):
            vals['partner_id'] = False
        return super().message_new(msg_dict, custom_values=vals)

    def message_update(self, msg_dict, update_vals=None):
        """A reply to a ticket that was closed too long ago opens another, so that it is not lost."""
        result = super().message_update(msg_dict, update_vals=update_vals)
        gone = self.filtered(lambda one: one.kind not in OPEN and not one._can_be_reopened() and not msg_dict.get('is_internal'))
        author = self.env['res.partner'].browse(msg_dict.get('author_id') or [])
        if not any(user._is_internal() for user in author.user_ids):
            gone._follow_up(msg_dict.get('subject') or '', msg_dict.get('body') or '')
        return result

    def _follow_up(self, title, body):
        """New tickets for what the customer came back with after these were closed."""
        # safe: nobody is logged in; the customer's own ticket leads to the new one
        return self.sudo().create([{
            'title': title[:LONGEST_TITLE] or ticket.title, 'description': body, 'origin': 'follow', 'ticket_type': ticket.ticket_type,
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
        if any(user._is_internal() for user in author.user_ids):
            answered = self.filtered(lambda one: one.kind in OPEN)
            answered._log_event('answered')
            answered._follow_own_events()
        elif author and author.commercial_partner_id == self.commercial_partner_id or not author and self.email_from:
            self._customer_wrote()
        return result

    def _rating_apply_get_default_subtype_id(self):
        # A rating is no message that would set anything going again.
        return self.env.ref('mail.mt_note').id

    # === WHAT THE CUSTOMER IS TOLD === #

    def _tell(self, template):
        """Send the customers of tickets a mail; one without address is told nothing, and the ticket says so."""
        template = self.env.ref(f'fulfilment_crm.{template}')
        with_address = self.filtered(lambda one: one.partner_id.email)
        if with_address:
            # safe: the template is the house's or an administrator's
            template.sudo().send_mail_batch(with_address.ids, email_layout_xmlid='mail.mail_notification_light')
        silent = self - with_address
        if silent:
            silent._message_log_batch(dict.fromkeys(silent.ids, self.env._("The customer was not told by e-mail: there is no address.")))

    def _tell_receipt(self):
        """Say that what came from outside has arrived; only to known customers, at the address we know."""
        self.filtered(lambda one: one.origin in ('portal', 'email', 'follow') and one.partner_id)._tell('mail_template_ticket_received')

    def _tell_solution(self):
        """Tell the solution and ask whether it is one."""
        self._tell('mail_template_ticket_solved')

    def _tell_objection(self):
        """Tell what became of an objection."""
        self._tell('mail_template_ticket_objection')
