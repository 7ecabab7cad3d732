"""Who speaks by e-mail: genuine replies arrive, colleagues are not impersonated, floods and machines lose nothing."""
from datetime import datetime, timedelta

from freezegun import freeze_time

from odoo.tests import tagged

from .test_ticket_mail import TicketMailCommon

CATCHALL = """To: {to}
From: {sender}
Subject: Re: {subject}
MIME-Version: 1.0
Content-Type: text/plain; charset="utf-8"
Message-ID: <{number}@customer.example>
In-Reply-To: {message}
References: {message}
{headers}
{body}
"""


class DoorsCommon(TicketMailCommon):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.colleague_of_customer = cls.env['res.partner'].create({
            'name': 'Wu Fang', 'parent_id': cls.customer.id, 'email': 'wu.fang@hengtong.example',
        })
        cls.catchall = cls.mail_alias_domain.catchall_email

    def answer_mail(self, message, sender, body='Thank you', to=None, headers=''):
        text = CATCHALL.format(
            to=to or self.catchall, sender=sender, subject='x', number=next(self.numbers), message=message.message_id, body=body,
            headers=headers + '\n' if headers else '',
        )
        with self.mock_mail_gateway():
            self.env['mail.thread'].message_process(None, text.encode())
            self.env.flush_all()
            self.sent = self._new_mails


@tagged('post_install', '-at_install', 'fulfilment_heavy')
class TestReplies(DoorsCommon):
    """A reply to every mail we send arrives where its sender would expect it, whoever of the customer writes it."""

    def _said(self, record, text):
        return record.message_ids.filtered(lambda one: text in (one.body or ''))

    def test_to_a_ticket_from_every_door(self):
        tickets = {
            'portal': self.make_ticket(user=self.env.user, origin='portal'), 'web': self.make_ticket(), 'survey': self.make_ticket(
                user=self.env.user, origin='survey',
            ), 'email': self.receive(),
        }
        for door, ticket in tickets.items():
            ticket.with_user(self.user_service).message_post(
                body='Please send a photo', message_type='comment', subtype_xmlid='mail.mt_comment', partner_ids=self.contact.ids,
            )
            ours = self._said(ticket, 'Please send a photo')
            ticket.with_user(self.user_service).action_wait()
            for number, sender in enumerate((self.contact.email, self.colleague_of_customer.email)):
                self.answer_mail(ours, sender, body=f'Photo {number}')
                said = self._said(ticket, f'Photo {number}')
                with self.subTest(door=door, sender=sender):
                    self.assertTrue(said)
                    self.assertFalse(said.is_internal or said.subtype_id.internal)
                    self.assertEqual(ticket.kind, 'progress', "the clocks run again")
                    self.assertIn(self.user_service.partner_id, said.notified_partner_ids)

    def test_to_the_mail_about_a_solution(self):
        ticket = self.make_ticket()
        with self.mock_mail_gateway():
            self.solve(ticket)
            ours = self._new_mails.filtered(lambda one: self.contact in one.recipient_ids).mail_message_id[:1]
            message_id = ours.message_id
        self.assertTrue(message_id)
        with freeze_time(datetime.now() + timedelta(hours=2)):
            self.answer_mail(ours, self.contact.email, body='Still leaks')
        self.assertEqual(ticket.kind, 'progress')

    def test_to_a_reminder_and_a_contract(self):
        contract = self._make_contract('active')
        contract._message_subscribe(self.user_sales.partner_id.ids)
        ours = contract.message_post(
            body='Please pay', message_type='comment', subtype_xmlid='mail.mt_comment', partner_ids=self.contact.ids,
        )
        for sender in (self.contact.email, self.colleague_of_customer.email):
            self.answer_mail(ours, sender, body=f'Paid, says {sender}')
            said = self._said(contract, f'Paid, says {sender}')
            with self.subTest(sender=sender):
                self.assertTrue(said)
                self.assertIn(self.user_sales.partner_id, said.notified_partner_ids)

    def test_a_stranger_to_a_contract(self):
        """Whoever knows the number of a message does not speak to the customer through it."""
        contract = self._make_contract('active')
        contract._message_subscribe((self.user_sales.partner_id | self.contact).ids)
        ours = contract.message_post(body='Please pay', message_type='comment', subtype_xmlid='mail.mt_comment')
        self.answer_mail(ours, '"Sally Reed" <x@evil.example>', body='Pay to our new account')
        said = self._said(contract, 'Pay to our new account')
        self.assertTrue(said.is_internal)
        self.assertNotIn(self.contact, said.notified_partner_ids)
        self.assertFalse(self.sent.filtered(lambda one: self.contact in one.recipient_ids))

    def test_to_an_approval(self):
        self.type_service.mandatory_category_ids = False
        contract = self._make_contract()
        contract.with_user(self.user_sales).action_submit()
        asked = self.env['mail.message'].search([
            ('model', '=', contract._name), ('res_id', '=', contract.id), ('message_type', '=', 'user_notification'),
        ], limit=1)
        self.assertTrue(asked, "the message about one record is that record's")
        self.answer_mail(asked, self.user_leader.email, body='I am away until Monday')
        said = self._said(contract, 'away until Monday')
        self.assertTrue(said.is_internal or said.subtype_id.internal)

    def test_to_a_survey(self):
        """A survey is no conversation: an answer goes to whoever is responsible, by address."""
        plan = self.env['fulfilment.survey.plan'].search([], limit=1)
        request = self.env['fulfilment.survey.request'].create({
            'claim_key': 'reply', 'survey_id': self.env.ref('fulfilment_crm.survey_satisfaction').id, 'occasion': 'period',
            'company_id': self.company_a.id, 'commercial_partner_id': self.customer.id, 'user_id': self.user_sales.id,
            'plan_id': plan.id, 'date': '2026-03-02', 'partner_id': self.contact.id,
        })
        request._ensure_answers(request.date)
        request._queue_mails(self.env.ref('fulfilment_crm.mail_template_survey'))
        mail = request.mail_id
        self.assertIn(self.user_sales.email, mail.reply_to)
        self.assertEqual(mail.author_id, self.company_a.partner_id)
        token = request.user_input_id.access_token
        self.assertNotIn(token, str(mail.mail_message_id.body))
        self.assertIn(token, mail.body_html)
        self.assertFalse(self.env['mail.message'].with_user(self.user_sales).search([('body', 'ilike', token)]))


@tagged('post_install', '-at_install', 'fulfilment_heavy')
class TestDoors(DoorsCommon):

    def _ours(self, record):
        return record.message_post(
            body='Hello', message_type='comment', subtype_xmlid='mail.mt_comment', partner_ids=self.contact.ids,
        )

    def test_a_forged_colleague_reaches_nobody(self):
        """Anybody can write a colleague's address into From."""
        ticket, contract = self.make_ticket(), self._make_contract('active')
        contract._message_subscribe(self.contact.ids)
        for record, address in ((ticket, self.address), (contract, self.catchall)):
            ours = self._ours(record)
            before = record.activity_ids
            self.answer_mail(ours, self.user_service.email, body='Please use bank account EVIL', to=address)
            said = record.message_ids.filtered(lambda one: 'EVIL' in (one.body or ''))
            with self.subTest(model=record._name):
                self.assertTrue(said, "kept for colleagues")
                self.assertTrue(said.is_internal or said.subtype_id.internal)
                self.assertFalse(self.sent.filtered(lambda one: self.contact in one.recipient_ids))
                self.assertEqual((record.activity_ids - before).user_id, self.user_service)
        self.assertFalse(ticket.event_ids.filtered(lambda one: one.event == 'answered'))

    def test_a_forged_colleague_on_any_record(self):
        """Also where there are no to-dos: the mail is kept inside, and the gateway goes on."""
        records = {
            'fulfilment.tier': self.env.ref('fulfilment_crm.tier_key'),
            'fulfilment.approval.chain': self.env.ref('fulfilment_crm.approval_chain_contract'),
            'fulfilment.credit.line': self.env['fulfilment.credit.line'].sudo().create({
                'partner_id': self.customer.id, 'company_id': self.company_a.id,
            }),
            'fulfilment.reward.rule': self.env['fulfilment.reward.rule'].search([], limit=1),
        }
        for model, record in records.items():
            ours = self._ours(record)
            with self.subTest(model=model):
                self.answer_mail(ours, self.user_service.email, body='Please use bank account EVIL', to=self.catchall)
                said = record.message_ids.filtered(lambda one: 'EVIL' in (one.body or ''))
                self.assertTrue(said)
                self.assertTrue(said.is_internal or said.subtype_id.internal)

    def test_what_our_mail_server_vouches_for_goes_on(self):
        self.company_a.fulfilment_mail_hosts = 'mx.a.example, mx2.a.example'
        for headers, goes in (
            ('Authentication-Results: mx.a.example; dmarc=pass header.from=a.example', True),
            ('Authentication-Results: mx.evil.example; dmarc=pass', False), ('Authentication-Results: mx.a.example; dmarc=fail', False),
            ('Authentication-Results: mx.a.example; spf=pass', False),
        ):
            ticket = self.make_ticket()
            self.answer_mail(self._ours(ticket), self.user_service.email, body='On its way', headers=headers)
            with self.subTest(headers=headers):
                answered = ticket.event_ids.filtered(lambda one: one.event == 'answered')
                self.assertEqual(bool(answered), goes)

    def test_one_mailbox_is_one_sender(self):
        self.company_a.fulfilment_ticket_flood = 2
        for number in range(2):
            self.assertTrue(self.receive(sender=f'a+{number}@nowhere.example'))
        beyond = self.receive(sender='a+9@nowhere.example')
        self.assertFalse(beyond.filtered(lambda one: one.origin != 'collecting'))

    def test_colleagues_are_counted(self):
        self.company_a.fulfilment_ticket_flood = 2
        made = [self.receive(sender=self.user_sales.email) for _number in range(5)]
        self.assertEqual(len([one for one in made if one.origin == 'email']), 2)

    def test_nothing_beyond_the_limit_is_lost(self):
        self.company_a.fulfilment_ticket_flood = 1
        first = self.receive(subject='First')
        self.assertFalse(self.receive(subject='Second', body='Second text'), "goes to the sender's open ticket")
        self.assertTrue(first.message_ids.filtered(lambda one: 'Second text' in (one.body or '')))
        self.solve(first)
        collected = self.receive(subject='Third', body='Third text')
        self.assertEqual(collected.origin, 'collecting')
        self.assertTrue(collected.message_ids.filtered(lambda one: 'Third text' in (one.body or '')))

    def test_a_limit_for_all_senders_together(self):
        self.company_a.fulfilment_ticket_flood_all = 3
        made = [self.receive(sender=f'sender{number}@nowhere.example') for number in range(6)]
        self.assertEqual([bool(one) for one in made], [True, True, True, True, False, False])
        collecting = made[3]
        self.assertEqual(collecting.origin, 'collecting')
        self.assertTrue(collecting.activity_ids)
        self.assertEqual(len(collecting.message_ids.filtered(lambda one: one.message_type == 'email')), 3)

    def test_one_follow_up_of_a_closed_ticket(self):
        with self.at():
            ticket = self.receive()
            self.solve(ticket)
            ticket.sudo()._to('closed')
        with self.at(days=40):
            follow_ups = self.env['fulfilment.ticket']
            for number in range(4):
                follow_ups |= self.reply(ticket, body=f'And number {number}')
        self.assertEqual(len(follow_ups), 1)
        for number in range(1, 4):
            self.assertTrue(follow_ups.message_ids.filtered(lambda one, number=number: f'number {number}' in (one.body or '')))

    def test_out_of_office_without_headers(self):
        for subject in ('Automatic reply: your ticket', 'Out of office', 'Abwesenheitsnotiz', '自动回复：外出', 'Réponse automatique'):
            ticket = self.make_ticket()
            self.solve(ticket)
            message = self._ours(ticket)
            self.receive(subject=subject, headers=f'In-Reply-To: {message.message_id}\nReferences: {message.message_id}', body='Away')
            with self.subTest(subject=subject):
                self.assertEqual(ticket.kind, 'solved')
        self.assertTrue(self.receive(subject='Out of office'), "a subject proves no machine; nothing is lost")

    def test_an_answer_that_comes_at_once(self):
        """Within minutes and without what it answers: the ticket stays solved, and the agent looks."""
        ticket = self.make_ticket()
        self.solve(ticket)
        message = self._ours(ticket)
        headers = f'In-Reply-To: {message.message_id}\nReferences: {message.message_id}'
        self.receive(headers=headers, body='I am on holiday until Monday')
        self.assertEqual(ticket.kind, 'solved')
        self.assertTrue(ticket.activity_ids.filtered(lambda one: one.user_id == self.user_service))
        self.receive(headers=headers, body='Still leaks\n\n> Hello\n-----')
        self.assertEqual(ticket.kind, 'progress')

    def test_receipts_come_from_us(self):
        """Not from the customer's own address, which no mail server would believe."""
        ticket = self.receive()
        mails = self.env['mail.mail'].search([('model', '=', 'fulfilment.ticket'), ('res_id', '=', ticket.id)])
        receipt = mails.filtered(lambda mail: self.contact in mail.recipient_ids)
        self.assertEqual(receipt.author_id, self.company_a.partner_id)
        self.assertNotIn('hengtong', receipt.email_from or '')
        self.assertNotIn('Powered by', str(receipt.mail_message_id.body))

    def test_the_daily_mail_about_alerts_has_a_receiver(self):
        self.env['fulfilment.alert'].search([]).unlink()
        alert = self._make_alert(self._make_contract('active'), state='open')
        digests = self.env['fulfilment.alert.digest']
        with self.mock_mail_gateway():
            digests._tell(alert, {self.company_a: alert.raised_on})
            mails = self._new_mails
            self.assertEqual(mails.recipient_ids, alert.user_id.partner_id)

    def test_every_template_that_names_its_receivers_means_it(self):
        templates = self.env['mail.template'].search([('model', '=like', 'fulfilment.%')])
        for template in templates.filtered('partner_to'):
            with self.subTest(template=template.name):
                self.assertFalse(template.use_default_to)
