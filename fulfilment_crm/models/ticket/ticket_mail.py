import logging
import re
from datetime import timedelta

from odoo import SUPERUSER_ID, api, fields, models
from odoo.tools import email_normalize, is_html_empty

from ..base.queued_mail_mixin import LAYOUT
from ..base.told import _lt, told
from .ticket import OPEN, UNSEEN

_logger = logging.getLogger(__name__)

LONGEST_TITLE = 200
MOST_FILES = 20
# What only programs write that answer by themselves. What comes by a list or to a group, with its own marks, is a customer's.
AUTOREPLY_HEADERS = ('X-Autoreply', 'X-Autoreply-From', 'X-Autorespond', 'X-Auto-Reply', 'X-Mail-Autoreply')
AUTOREPLY, BULK = {'auto_reply', 'auto-reply'}, {'bulk', 'junk'}
NUMBER = re.compile(r'\bT/\d{4}/\d+\b')  # of tickets, in subjects


# How programs call their answers in the languages of our customers, when their headers do not say so.
AWAY = re.compile(
    r'out of (the )?office|automatic reply|auto(matic)?[- ]?(reply|response|answer)|away from (my|the) (desk|office)|on vacation|'
    r'abwesenheit|automatische antwort|réponse automatique|absence du bureau|respuesta automática|fuera de la oficina|risposta automatica|'
    r'自动回复|自動回覆|外出|不在办公室|休假',
    re.IGNORECASE,
)
QUICK = timedelta(minutes=3)  # an answer within them, without what it answers, was hardly written by a person
COLLECTING = 'collecting'


def _one_line(text):
    """Return a subject without line breaks and of a length that can be read."""
    return ' '.join((text or '').replace('\x00', '').split())[:LONGEST_TITLE]


def _is_machine(message):
    """Whether an e-mail proves that a machine sent it: it says so (RFC 3834), or has no sender to answer to. What people send in
    bulk counts when it calls itself an automatic answer.

    :param message: ``email.message.EmailMessage``
    """
    submitted = str(message.get('Auto-Submitted') or 'no').split(';')[0].split('(')[0].strip(' \t"').lower()
    precedence = str(message.get('Precedence') or '').strip().lower()
    return submitted != 'no' or any(message.get(header) for header in AUTOREPLY_HEADERS) or precedence in AUTOREPLY \
        or precedence in BULK and _is_away(message) or str(message.get('Return-Path') or '').strip() == '<>'


def _is_away(message):
    """Whether the subject of an e-mail calls it an automatic answer, which anybody may write."""
    return bool(AWAY.search(str(message.get('Subject') or '')))


class MailThread(models.AbstractModel):
    _inherit = 'mail.thread'

    @api.model
    def message_route(self, message, message_dict, model=None, thread_id=None, custom_values=None):
        """E-mails to records of ours: what comes in a colleague's name is kept for colleagues unless a mail server of ours vouches for it;
        machines open no tickets, senders are counted, and what is too large is left out.
        """
        routes = super().message_route(message, message_dict, model=model, thread_id=thread_id, custom_values=custom_values)
        kept = []
        for route in routes or []:
            if route[0] == 'fulfilment.ticket':
                route = self.env['fulfilment.ticket']._lets_in(message, message_dict, route)
            elif route[0].startswith('fulfilment.') and route[1]:
                record = self.env[route[0]].sudo().browse(route[1]).exists()  # safe: whose record it is, to keep a forged message inside
                if 'company_id' in record._fields and not self._fulfilment_keep_inside(message, message_dict, record) \
                        and not record._fulfilment_is_written_to_by(message_dict):
                    message_dict.update(is_internal=True, parent_id=False)
            kept += [route] if route else []
        return kept if routes else routes

    def _fulfilment_is_written_to_by(self, message_dict):
        """Whether an e-mail to this record comes from its customer, from whoever follows it, or from a colleague; what others write
        stays inside.

        Whose address it is, Odoo asks after it has asked where the e-mail goes.
        """
        self.ensure_one()
        author = self.env['res.partner'].browse(message_dict.get('author_id') or [])
        if not author and message_dict.get('email_from'):
            author = self._partner_find_from_emails_single([message_dict['email_from']], no_create=True)
        if not author or 'partner_id' not in self._fields:
            return bool(author)
        return author.commercial_partner_id == self.partner_id.commercial_partner_id or author in self.message_partner_ids \
            or any(user._is_internal() for user in author.user_ids)

    @api.model
    def _fulfilment_keep_inside(self, message, message_dict, record):
        """Keep an e-mail in a colleague's name as an internal note, and ask the colleague whether it is to be sent.

        Anybody can write anybody's name and address on an e-mail. What a mail server of ours has checked goes on.

        :return: whether it was kept
        """
        author = self.env['res.partner'].browse(message_dict.get('author_id') or [])
        if not author and message_dict.get('email_from'):
            # safe: who goes by this address; decides only where the message is kept
            author = record.sudo()._partner_find_from_emails_single([message_dict['email_from']], no_create=True)
        colleague = author.user_ids.filtered(lambda user: user._is_internal())[:1]
        if not colleague or _is_vouched_for(message, record.company_id):
            return False
        message_dict.update(is_internal=True, parent_id=False, author_id=author.id)
        if 'activity_ids' in record._fields:
            # safe: a to-do for the colleague on the record that the e-mail was sent to
            record.sudo().activity_schedule(
                'mail.mail_activity_data_todo', user_id=colleague.id,
                summary=colleague._fulfilment_env()._("An e-mail in your name: send it from here if it is yours"),
            )
        return True


def _is_vouched_for(message, company):
    """Whether a mail server named in the settings says that the sender's address is genuine (RFC 8601, dmarc=pass).

    The topmost header counts, which our own server wrote last; what stands in comments and quotes is the sender's. The result has to be
    about the domain that is shown as the sender's.
    """
    # safe: reads which servers are ours
    hosts = {host.strip().lower() for host in (company.sudo().fulfilment_mail_hosts or '').split(',') if host.strip()}
    header = next(iter(message.get_all('Authentication-Results') or []), '')
    server, _semicolon, results = _without_comments(str(header)).partition(';')
    if not server.split()[:1] or server.split()[0].lower() not in hosts:
        return False
    said = [part.split() for part in results.split(';') if re.match(r'\s*dmarc\s*=', part, re.IGNORECASE)]
    senders = message.get_all('From') or []
    domain = (email_normalize(str(senders[0])) or '').rpartition('@')[2] if len(senders) == 1 else ''
    return len(said) == 1 and bool(domain) and said[0][0].lower() == 'dmarc=pass' and [f'header.from={domain}'] == [
        word.lower() for word in said[0][1:] if word.lower().startswith('header.from')
    ]


def _without_comments(text):
    """Return a structured header without what is quoted or in parentheses, however deep (RFC 5322)."""
    kept, depth, quoted, escaped = [], 0, False, False
    for sign in text:
        if escaped:
            escaped = False
        elif sign == '\\':
            escaped = True
        elif quoted:
            quoted = sign != '"'
        elif sign == '"' and not depth:
            quoted = True
        elif sign == '(':
            depth += 1
        elif sign == ')' and depth:
            depth -= 1
        elif not depth:
            kept.append(sign)
    return ''.join(kept)


class FulfilmentTicket(models.Model):
    """The door for e-mails. What they say about their sender anybody can write."""
    _inherit = 'fulfilment.ticket'

    _gateway_values = frozenset({'company_id', 'team_id', 'ticket_type'})

    @api.model
    def _accept_from_gateway(self, values, alias):
        # safe: whose alias it is
        own = alias and alias.sudo()
        team = self.env['fulfilment.service.team'].sudo()  # safe: as above
        if own and own.alias_parent_model_id.model == team._name:
            team = team.browse(own.alias_parent_thread_id).exists()
            values = {**values, **({'team_id': team.id, 'company_id': team.company_id.id} if team else {})}
        return super()._accept_from_gateway(values, alias)

    @api.model
    def _lets_in(self, message, message_dict, route):
        """Where an e-mail goes: to become a ticket, or a message of one; None where it goes nowhere.

        :param message: the ``email.message.EmailMessage``
        :param dict message_dict: as parsed; attachments beyond the limits are taken out of it
        :param route: ``(model, thread id, values, user id, alias)``
        :return: the route, another one, or None
        """
        model, ticket_id, values, user_id, alias = route
        # safe: nobody is logged in; what comes from outside is limited here
        ticket = self.sudo().browse(ticket_id or 0).exists()
        company = ticket.company_id or self.env['res.company'].sudo().browse((values or {}).get('company_id') or self.env.company.id)
        if not message_dict.get('author_id'):
            # Of a reply to an address of no alias Odoo looks up the author only after it has asked where the e-mail goes.
            message_dict['author_id'] = ticket._author_of(message_dict).id
        machine = _is_machine(message)
        sender = email_normalize(message_dict.get('email_from') or '')
        if not ticket and not machine and (named := self._named_in(message_dict, company)):
            ticket, route = named, (model, named.id, None, user_id, alias)
        if machine and not ticket or not sender:
            _logger.info("E-mail %r makes no ticket: it was sent by a machine, or by nobody", message_dict.get('message_id'))
            self.env['fulfilment.ticket.turned']._keep(message_dict, company, values, 'machine')
            return None
        if ticket and self._fulfilment_keep_inside(message, message_dict, ticket):
            pass
        elif machine or ticket and (
            _is_away(message) or not ticket._is_of_customer(message_dict) or ticket._is_hasty(message, message_dict)
        ):
            # Kept for the agents, told to nobody: Odoo would tell whoever wrote the message it answers.
            message_dict.update(is_internal=True, parent_id=False)
        elif not ticket and (other := self._too_many(sender, company, values)):
            message_dict.update(is_internal=True, parent_id=False)
            ticket, route = other, (model, other.id, None, user_id, alias)
        ticket._leave_out_files(message_dict, company)
        return route

    @api.model
    def _named_in(self, message_dict, company):
        """Find the ticket whose number the subject of an e-mail names, if it is of the sender's customer; else empty."""
        numbers = NUMBER.findall(str(message_dict.get('subject') or ''))
        # safe: a customer's own ticket, for an e-mail of the same customer
        tickets = self.sudo().search([('name', 'in', numbers), ('company_id', '=', company.id)], limit=1) if numbers else self.browse()
        if not tickets:
            return tickets
        author = self.env['res.partner'].browse(message_dict.get('author_id') or [])
        known = {**message_dict, 'author_id': author.id or tickets._author_of(message_dict).id}
        return tickets.filtered(lambda ticket: ticket._is_of_customer(known) and not any(
            user._is_internal() for user in self.env['res.partner'].browse(known['author_id'] or []).user_ids
        ))

    def _is_hasty(self, message, message_dict):
        """Whether a mail to a solved ticket came so soon after ours, and without what it answers, that a program will have sent it.

        Whoever is responsible is asked to look at it: it may be a person after all.
        """
        self.ensure_one()
        last = self.message_ids.filtered(lambda one: one.message_type != 'email' and not one.is_internal)[:1]
        quoted = re.search(r'<blockquote|data-o-mail-quote|^\s*(>|&gt;)|-----', str(message_dict.get('body') or ''), re.MULTILINE)
        # Mails about the solution are no messages of the ticket's; it was solved when they were sent.
        ours = max(filter(None, [last.date, self.solved_on]), default=None)
        if self.kind != 'solved' or quoted or not ours or fields.Datetime.now() - ours > QUICK:
            return False
        if user := self._responsible():
            self._give(user, 'ticket', user._fulfilment_env()._("An answer came at once: automatic, or is it not solved?"))
        return True

    @api.model
    def _too_many(self, sender, company, values):
        """Return the ticket that takes an e-mail beyond the limits: an open one of the sender, or the one that collects; empty within them.

        :param str sender: normalized address
        """
        senders = self.env['fulfilment.ticket.sender']
        if senders._may_send(senders._counted_as(sender), company):
            # safe: a setting of the company the mail came for
            if senders._may_send('*', company, most=company.sudo().fulfilment_ticket_flood_all):
                return self.browse()
            return self._collecting(company, values)
        # safe: as above
        own = self.sudo().search([
            ('company_id', '=', company.id), ('kind', 'in', OPEN), '|', ('email_from', '=ilike', f'%{sender}%'),
            ('partner_id.email_normalized', '=', sender),
        ], order='id desc', limit=1)
        return own or self._collecting(company, values)

    @api.model
    def _collecting(self, company, values):
        """Return the open ticket that takes what is beyond the limits, made where there is none; its team's leader is told."""
        # safe: as above
        tickets = self.sudo().with_company(company)
        ticket = tickets.search([('company_id', '=', company.id), ('origin', '=', COLLECTING), ('kind', 'in', OPEN)], limit=1)
        if not ticket:
            ticket = tickets.create({
                'title': told(self.env, _lt("E-mails beyond the limits")), 'origin': COLLECTING, 'company_id': company.id,
                'team_id': (values or {}).get('team_id'),
            })
            leader = ticket.team_id.user_id or company.fulfilment_service_supervisor_id or company.fulfilment_manager_id
            if leader:
                ticket._give(leader, 'ticket', leader._fulfilment_env()._("More e-mails than the settings allow: look through them"))
        return ticket

    def _author_of(self, message_dict):
        """Who wrote an e-mail, by its sender's address, as Odoo looks it up; empty when nobody is known by it."""
        address = message_dict.get('email_from')
        # safe: the mail gateway asks who goes by this address
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
        """Tell what is wrong with a file from outside, as a sentence, or None.

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
        """Make a ticket of an e-mail. Its sender counts as the customer when exactly this address is a customer's."""
        author = self.env['res.partner'].browse(msg_dict.get('author_id') or [])
        known = author.filtered(lambda one: one.active and not any(user._is_internal() for user in one.user_ids))
        vals = {
            **(custom_values or {}), 'title': _one_line(msg_dict.get('subject')) or told(self.env, _lt("No subject")), 'origin': 'email',
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
        """Make new tickets for what the customer came back with after these were closed."""
        # safe: nobody is logged in; the customer's own ticket leads to the new one
        return self.sudo().create([{
            'title': _one_line(title) or ticket.title, 'description': body, 'origin': 'follow', 'ticket_type': ticket.ticket_type,
            'partner_id': ticket.partner_id.id, 'email_from': ticket.email_from, 'company_id': ticket.company_id.id,
            'team_id': ticket.team_id.id, 'category_id': ticket.category_id.id, 'contract_id': ticket.contract_id.id,
            'product_id': ticket.product_id.id, 'follows_id': ticket.id,
        } for ticket in self])

    def _follow_up_once(self, message):
        """Make a new ticket for what the customer came back with; while that is open, more goes there."""
        self.ensure_one()
        # safe: as above
        waiting = self.sudo().search([('follows_id', '=', self.id), ('kind', 'in', OPEN)], order='id desc', limit=1)
        if waiting:
            waiting.message_post(body=message.body, message_type='comment', subtype_xmlid='mail.mt_note', author_id=message.author_id.id)
        else:
            self._follow_up(message.subject or '', message.body)

    def _message_post_after_hook(self, message, msg_values):
        """Record an answer when the customer gets a message of a colleague; a message of the customer sets things going again."""
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
                    self._follow_up_once(message)
        return result

    def _answered_by(self, message):
        """Record an answer when the customer is among those who get a message of a colleague."""
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

    def _tell(self, template):
        """Send the customers of tickets a mail; one without address is told nothing, and the ticket says so."""
        template = self.env.ref(f'fulfilment_crm.{template}')
        template._fulfilment_check_vouched(self._name)
        told = self.filtered(lambda one: one.origin not in UNSEEN)
        with_address = told.filtered(lambda one: one.partner_id.email)
        if with_address:
            # safe: the template is the house's or an administrator's
            for company, theirs in with_address.grouped('company_id').items():
                mails = template.sudo().send_mail_batch(
                    theirs.ids, email_layout_xmlid=LAYOUT, email_values=company._fulfilment_letterhead(),
                )
                # The chatter shows what was said, not the frame around it.
                texts = template.sudo()._render_field('body_html', theirs.ids, compute_lang=True)
                for mail in mails:
                    mail.mail_message_id.body = texts[mail.res_id]
        silent = told - with_address
        if silent:
            silent._message_log_batch(dict.fromkeys(silent.ids, self.env._("The customer was not told by e-mail: there is no address.")))

    def _tell_receipt(self):
        """Say that what came from outside has arrived; only to known customers, at the address we know."""
        outside = self.filtered(lambda one: one.origin in ('portal', 'email', 'follow') and one.partner_id)
        outside._tell('mail_template_ticket_received')

    def _tell_solution(self):
        """Tell the solution and ask whether it is one."""
        self._tell('mail_template_ticket_solved')

    def _tell_objection(self):
        """Tell what became of an objection."""
        self._tell('mail_template_ticket_objection')
