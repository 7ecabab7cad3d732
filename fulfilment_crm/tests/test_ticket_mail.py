"""Tickets by e-mail: who may have written, what machines send, floods, files, replies."""

from odoo import fields
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import tagged

from odoo.addons.mail.tests.common import MailCommon

from .common_ticket import NOW, ServiceCommon

MAIL = """Return-Path: <{sender}>
To: {to}
From: {sender}
Subject: {subject}
MIME-Version: 1.0
Content-Type: {kind}; charset="utf-8"
Date: Mon, 02 Mar 2026 02:00:00 +0000
Message-ID: <{number}@customer.example>
{headers}
{body}
"""
WITH_FILE = """To: {to}
From: {sender}
Subject: {subject}
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary="XX"
Message-ID: <{number}@customer.example>

--XX
Content-Type: text/plain; charset="utf-8"

See the file.
--XX
Content-Type: application/octet-stream; name="{file}"
Content-Disposition: attachment; filename="{file}"
Content-Transfer-Encoding: 7bit

{content}
--XX--
"""


class TicketMailCommon(ServiceCommon, MailCommon):
    """A team with an address, and e-mails to it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company_a.alias_domain_id = cls.mail_alias_domain
        cls.service_team.write({'alias_name': 'help', 'alias_domain_id': cls.mail_alias_domain.id, 'email_type': 'complaint'})
        cls.address = f'help@{cls.mail_alias_domain.name}'
        cls.numbers = iter(range(10 ** 6))

    def receive(self, sender='Lin Wei <lin.wei@hengtong.example>', subject='The pump leaks', body='Water on the floor.', headers='',
                kind='text/plain', template=MAIL, **values):
        """An e-mail to the team; returns the tickets that came of it."""
        before = self.env['fulfilment.ticket'].with_context(active_test=False).search([])
        text = template.format(
            sender=sender, to=values.pop('to', self.address), subject=subject, body=body, kind=kind, number=next(self.numbers),
            headers=headers + '\n' if headers else '', **values,
        )
        with self.mock_mail_gateway():
            self.env['mail.thread'].message_process(None, text.encode())
            self.env.flush_all()
        return self.env['fulfilment.ticket'].with_context(active_test=False).search([]) - before

    def reply(self, ticket, **values):
        message = ticket.message_ids.filtered(lambda one: one.message_id)[:1]
        return self.receive(headers=f'In-Reply-To: {message.message_id}\nReferences: {message.message_id}', **values)


@tagged('post_install', '-at_install')
class TestTicketMail(TicketMailCommon):

    def test_a_known_customer(self):
        ticket = self.receive()
        self.assertEqual(
            (ticket.title, ticket.partner_id, ticket.origin, ticket.ticket_type, ticket.team_id, ticket.company_id),
            ('The pump leaks', self.contact, 'email', 'complaint', self.service_team, self.company_a),
        )
        self.assertIn('Water on the floor', ticket.description)
        self.assertTrue(ticket.deadline_ids)
        # The receipt goes to the address we know, with the way to the portal.
        receipt = self.env['mail.mail'].search([('model', '=', 'fulfilment.ticket'), ('res_id', '=', ticket.id)]).filtered(
            lambda mail: self.contact in mail.recipient_ids)
        self.assertTrue(receipt)
        self.assertIn('/my/fulfilment/tickets/', receipt[:1].body_html)

    def test_an_unknown_sender(self):
        ticket = self.receive(sender='nobody@nowhere.example')
        self.assertFalse(ticket.partner_id)
        self.assertEqual(ticket.email_from, 'nobody@nowhere.example')
        self.assertFalse(self.env['res.partner'].search([('email', '=', 'nobody@nowhere.example')]), "no contact is made of anybody")
        self.assertFalse(self.env['mail.mail'].search([('model', '=', 'fulfilment.ticket'), ('res_id', '=', ticket.id)]))

    def test_a_colleague_is_no_customer(self):
        ticket = self.receive(sender=self.user_sales.email)
        self.assertFalse(ticket.partner_id)

    def test_a_customer_of_another_company(self):
        self.customer.company_id = self.company_b
        self.contact.company_id = self.company_b
        self.assertFalse(self.receive().partner_id)

    def test_machines_open_nothing(self):
        for headers in (
            'Auto-Submitted: auto-replied', 'Auto-Submitted: auto-generated; x=y', 'Precedence: auto_reply', 'X-Autoreply: yes',
        ):
            with self.subTest(headers=headers):
                self.assertFalse(self.receive(headers=headers))
        self.assertFalse(self.receive(headers='Precedence: bulk', subject='Automatic reply: your offer'))
        self.assertFalse(self.receive(template=MAIL.replace('Return-Path: <{sender}>', 'Return-Path: <>')))

    def test_what_is_turned_away_is_kept(self):
        with self.at():
            self.receive(headers='Auto-Submitted: auto-generated', subject='Sensor 4: pressure low', body='Pump P1 stands still')
        kept = self.env['fulfilment.ticket.turned'].with_user(self.user_service).search([], limit=1)
        self.assertEqual((kept.sender, kept.subject, kept.team_id, kept.company_id), (
            '"Lin Wei" <lin.wei@hengtong.example>', 'Sensor 4: pressure low', self.service_team, self.company_a,
        ))
        self.assertIn('stands still', kept.body)
        ticket = self.env['fulfilment.ticket'].browse(kept.action_make_ticket()['res_id'])
        self.assertEqual((ticket.title, ticket.partner_id, ticket.team_id), ('Sensor 4: pressure low', self.contact, self.service_team))
        with self.assertRaisesRegex(UserError, 'already'):
            kept.action_make_ticket()
        with self.at(days=181):
            self.env['fulfilment.ticket.turned']._gc_turned()
        self.assertFalse(kept.exists())

    def test_lists_and_groups_are_customers(self):
        for headers in (
            'Auto-Submitted: no', 'Precedence: bulk', 'Precedence: list', 'List-Id: <purchasing.hengtong.example>', 'X-Loop: purchasing',
            'X-Auto-Response-Suppress: All',
        ):
            with self.subTest(headers=headers):
                self.assertTrue(self.receive(headers=headers))
        self.assertTrue(self.receive(subject='Out of office hours nobody answers your phone'))

    def test_a_number_in_the_subject(self):
        """Joins the ticket of the same customer, whoever of them writes, and nobody else's."""
        ticket = self.receive()
        colleague = self.env['res.partner'].create({
            'name': 'Wu Fang', 'parent_id': self.customer.id, 'email': 'wu.fang@hengtong.example',
        })
        for sender in (self.contact.email, colleague.email):
            self.assertFalse(self.receive(sender=sender, subject=f'About {ticket.name}: still leaking', body=f'Says {sender}'))
            said = ticket.message_ids.filtered(lambda one, sender=sender: f'Says {sender}' in (one.body or ''))
            self.assertTrue(said)
            self.assertFalse(said.is_internal)
        stranger = self.receive(sender='x@evil.example', subject=f'About {ticket.name}', body='Pay here')
        self.assertTrue(stranger)
        self.assertFalse(ticket.message_ids.filtered(lambda one: 'Pay here' in (one.body or '')))

    def test_a_machine_does_not_reopen(self):
        ticket = self.receive()
        self.solve(ticket)
        message = ticket.message_ids.filtered(lambda one: one.message_id)[:1]
        self.receive(headers=f'In-Reply-To: {message.message_id}\nAuto-Submitted: auto-replied', body='I am on holiday')
        self.assertEqual(ticket.kind, 'solved')
        note = ticket.message_ids.filtered(lambda one: 'holiday' in (one.body or ''))
        self.assertTrue(note.is_internal or note.subtype_id == self.env.ref('mail.mt_note'))

    def test_reply_sets_waiting_going_again(self):
        ticket = self.receive()
        ticket.with_user(self.user_service).action_wait()
        self.assertFalse(self.reply(ticket, body='Here is the number'))
        self.assertEqual(ticket.kind, 'progress')

    def test_reply_to_solved_reopens_and_to_long_closed_makes_another(self):
        with self.at():
            ticket = self.receive()
            self.solve(ticket)
        with self.at(days=14):
            self.assertFalse(self.reply(ticket, body='Still leaks'))
        self.assertEqual(ticket.kind, 'progress')
        with self.at(days=15):
            self.solve(ticket)
            ticket.action_close()
        with self.at(days=40):
            other = self.reply(ticket, body='Leaks again')
        self.assertEqual((ticket.kind, other.follows_id, other.partner_id, other.origin), ('closed', ticket, self.contact, 'follow'))
        self.assertIn('Leaks again', other.description)

    def test_forged_sender_gets_nothing_done(self):
        """Who replies to a ticket without being its customer is heard by the agents only."""
        ticket = self.receive()
        self.solve(ticket)
        self.reply(ticket, sender='office@other.example', body='Send me their data')
        self.assertEqual(ticket.kind, 'solved')
        note = ticket.message_ids.filtered(lambda one: 'their data' in (one.body or ''))
        self.assertTrue(note.is_internal)

    def test_flood_by_sender(self):
        self.company_a.fulfilment_ticket_flood = 3
        with self.at():
            made = [len(self.receive()) for _go in range(5)]
            self.assertEqual(made, [1, 1, 1, 0, 0])
            self.assertEqual(len(self.receive(sender='office@other.example')), 1, "others are unaffected")
        sender = self.env['fulfilment.ticket.sender'].search([('sender', '=', 'lin.wei@hengtong.example')])
        self.assertEqual((sender.number, sender.refused), (3, 2))
        with self.at(minutes=59, seconds=59):
            self.assertFalse(self.receive())
        with self.at(hours=1):
            self.assertTrue(self.receive())

    def test_loop_with_our_own_address(self):
        ticket = self.receive(sender=self.address)
        self.assertFalse(ticket.partner_id if ticket else False)

    def test_tricks_in_html(self):
        body = '<p onclick="x()">Hi</p><script>alert(1)</script><img src=x onerror="alert(2)"/><a href="javascript:alert(3)">x</a>' \
            '<form action="https://evil.example"><input name="password"/></form><t t-out="object.env"/>{{ object.company_id }}'
        ticket = self.receive(body=body, kind='text/html')
        for trick in ('script', 'onclick', 'onerror', 'javascript', '<form', 't-out'):
            with self.subTest(trick=trick):
                self.assertNotIn(trick, ticket.description)

    def test_files_beyond_the_limits_are_left_out(self):
        self.company_a.fulfilment_ticket_file_size = 1
        small = self.receive(template=WITH_FILE, file='photo.png', content='x')
        self.assertEqual(small.message_ids.attachment_ids.mapped('name'), ['photo.png'])
        for file, content in (('photo.png', 'x' * (1024 * 1024 + 1)), ('virus.exe', 'x'), ('noending', 'x')):
            with self.subTest(file=file):
                ticket = self.receive(template=WITH_FILE, file=file, content=content)
                self.assertFalse(ticket.message_ids.attachment_ids)
                self.assertIn(file, ''.join(ticket.message_ids.mapped('body')))

    def test_without_subject_and_with_a_very_long_one(self):
        self.assertTrue(self.receive(subject='').title)
        self.assertEqual(len(self.receive(subject='x' * 500).title), 200)

    def test_answer_by_the_agent_counts(self):
        with self.at():
            ticket = self.receive()
        with self.at(hours=1):
            self.answer(ticket)
        self.assertEqual(self.deadline(ticket, 'answered').met_on, fields.Datetime.add(NOW, hours=1))

    def test_no_address_is_said(self):
        ticket = self.make_ticket(partner_id=self.env['res.partner'].create({'name': 'Without address'}).id)
        self.solve(ticket)
        self.assertIn('no address', ''.join(ticket.message_ids.mapped('body')))

    def test_told_in_the_customers_language(self):
        self.env['res.lang']._activate_lang('zh_CN')
        self.contact.lang = 'zh_CN'
        self.env.ref('fulfilment_crm.mail_template_ticket_solved').with_context(lang='zh_CN').subject = '{{ object.name }}：解决了吗？'
        ticket = self.make_ticket()
        self.solve(ticket)
        mail = self.env['mail.mail'].search([('model', '=', 'fulfilment.ticket'), ('res_id', '=', ticket.id)], limit=1)
        self.assertIn('解决', mail.subject)


@tagged('post_install', '-at_install')
class TestMailFromAnybody(TicketMailCommon):

    def test_replies_are_not_held_back(self):
        self.company_a.fulfilment_ticket_flood = 2
        with self.at():
            ticket = self.receive()
            for _go in range(5):
                self.reply(ticket, body='One more thing')
            for _go in range(5):
                self.reply(ticket, sender=self.user_service.email, body='Noted')
        self.assertEqual(sum('One more thing' in (body or '') for body in ticket.message_ids.mapped('body')), 5)
        self.assertEqual(sum('Noted' in (body or '') for body in ticket.message_ids.mapped('body')), 5)

    def test_a_colleague_who_forwards_has_not_answered(self):
        ticket = self.receive(sender=self.user_service.email)
        self.assertEqual(ticket.event_ids.mapped('event'), ['received'])

    def test_what_a_stranger_writes_reaches_no_customer(self):
        ticket = self.receive()
        self.reply(ticket, sender='office@other.example', body='Click here')
        self.assertFalse(self.env['mail.mail'].search([('recipient_ids', 'in', self.contact.ids), ('body_html', 'ilike', 'Click here')]))

    def test_the_receipt_repeats_nothing(self):
        ticket = self.receive(subject='Visit evil.example now')
        mails = self.env['mail.mail'].search([('model', '=', 'fulfilment.ticket'), ('res_id', '=', ticket.id)])
        self.assertTrue(mails)
        self.assertNotIn('evil.example', ''.join(mails.mapped(lambda mail: f'{mail.subject} {mail.body_html}')))

    def test_many_files(self):
        parts = ''.join(
            f'--XX\nContent-Type: text/plain; name="{n}.txt"\nContent-Disposition: attachment; filename="{n}.txt"\n\nx\n' for n in range(30)
        )
        template = 'To: {to}\nFrom: {sender}\nSubject: {subject}\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary="XX"\n' \
            'Message-ID: <{number}@customer.example>\n\n' + parts + '--XX--\n'
        self.assertEqual(len(self.receive(template=template).message_ids.attachment_ids), 20)

    def test_a_contact_made_later_is_still_the_customer(self):
        ticket = self.receive(sender='new@nowhere.example')
        ticket.with_user(self.user_service).action_wait()
        self.env['res.partner'].create({'name': 'New', 'email': 'new@nowhere.example'})
        self.reply(ticket, sender='new@nowhere.example', body='Here it is')
        self.assertEqual(ticket.kind, 'progress')

    def test_no_working_hours_lose_no_mail(self):
        self.service_team.calendar_id = self.env['resource.calendar'].create({
            'name': 'Nothing', 'company_id': self.company_a.id, 'attendance_ids': [Command.clear()],
        })
        self.assertTrue(self.receive())

    def test_a_portal_message_long_after_makes_another(self):
        with self.at():
            ticket = self.receive()
            self.solve(ticket)
            ticket.action_close()
        with self.at(days=40):
            ticket.with_user(self.env.ref('base.public_user')).sudo().message_post(
                body='Leaks again', author_id=self.contact.id, message_type='comment', subtype_xmlid='mail.mt_comment',
            )
        self.assertTrue(self.env['fulfilment.ticket'].search([('follows_id', '=', ticket.id)]))
