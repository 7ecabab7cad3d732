"""Tickets under attack: what somebody might try, from inside and outside, and does not get."""
from datetime import timedelta

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import tagged

from .common_ticket import NOW, ServiceCommon
from .test_ticket_mail import TicketMailCommon


@tagged('post_install', '-at_install')
class TestTicketAttacks(ServiceCommon):

    # === WASHING AWAY WHAT WAS MISSED === #

    def late(self, **vals):
        """A ticket whose deadline has passed and that no round has looked at yet."""
        with self.at():
            return self.make_ticket(urgency='urgent', **vals)

    def test_urgency_type_and_team_do_not_wash(self):
        slow = self.env['fulfilment.service.team'].create({
            'name': 'Slow', 'company_id': self.company_a.id, 'assignment': 'manual',
            'calendar_id': self.calendar.copy({'name': 'Slow', 'tz': 'America/Los_Angeles'}).id,
        })
        for vals in ({'urgency': 'normal'}, {'ticket_type': 'request'}, {'team_id': slow.id}):
            ticket = self.late()
            due = ticket.deadline_ids.due_on
            with self.at(hours=25), self.subTest(vals=vals):
                ticket.with_user(self.user_service).write(vals)
                ticket.with_user(self.user_service).action_take()
                self.assertEqual((ticket.is_missed, ticket.deadline_ids[0].due_on), (True, due))

    def test_cancelling_and_merging_do_not_wash(self):
        ticket, merged = self.late(), self.late()
        with self.at(hours=-1):
            older = self.make_ticket()
        with self.at(hours=25):
            ticket.with_user(self.user_service).action_cancel(reason='None')
            (older | merged).with_user(self.user_service).action_merge()
        self.assertTrue(ticket.is_missed)
        self.assertTrue(merged.is_missed)
        self.assertEqual(older.urgency, 'urgent', "the stricter of both")

    def test_an_archived_policy_does_not_wash(self):
        ticket = self.late()
        with self.at(hours=25):
            self.env.ref('fulfilment_crm.policy_demand_urgent').active = False
            ticket.with_user(self.user_service).category_id = self.category
        self.assertTrue(ticket.is_missed)

    def test_no_ticket_is_born_closed(self):
        closed, solved = (self.env['fulfilment.ticket.stage']._first(kind) for kind in ('closed', 'solved'))
        with self.assertRaises(UserError):
            self.make_ticket(stage_id=closed.id)
        with self.assertRaises(UserError):
            self.env['fulfilment.ticket'].with_context(default_stage_id=solved.id).create({'title': 'x', 'company_id': self.company_a.id})
        progress = self.make_ticket(stage_id=self.env['fulfilment.ticket.stage']._first('progress').id)
        self.assertEqual(progress.event_ids.mapped('event'), ['received', 'taken'])

    def test_what_counts_stays_on_record(self):
        ticket = self.late()
        with self.at(hours=25):
            ticket.action_cancel(reason='None')
        with self.assertRaises(AccessError):
            ticket.with_user(self.user_service).unlink()
        with self.assertRaises(UserError):
            ticket.with_user(self.user_manager).unlink()
        with self.assertRaises(UserError):
            self.make_ticket().with_user(self.user_service).active = False

    def test_time_spent_cancelled_does_not_count(self):
        ticket = self.late()
        with self.at(hours=1):
            ticket.action_cancel(reason='By mistake')
        with self.at(hours=240):
            ticket.action_reopen(reason='By mistake')
        self.assertEqual(ticket.deadline_ids.due_on, NOW + timedelta(hours=263))

    # === OBJECTIONS === #

    def objected(self):
        ticket = self.make_ticket()
        self.solve(ticket)
        ticket._object('Not what was agreed')
        return ticket

    def test_nobody_answers_an_objection_to_their_own_solution(self):
        ticket = self.objected()
        ticket.with_user(self.user_service).user_id = self.user_agent_2
        self.company_a.fulfilment_service_supervisor_id = self.user_service
        for user in (self.user_service, self.user_agent_2):
            with self.assertRaises(AccessError):
                ticket.with_user(user).action_reject_objection(reason='No')
        ticket.with_user(self.user_leader).action_reject_objection(reason='No')

    def test_an_open_objection_is_not_dropped(self):
        ticket = self.objected()
        with self.assertRaisesRegex(UserError, 'objection'):
            ticket.with_user(self.user_manager).action_close()
        with self.assertRaises(UserError):
            ticket._confirm_by_customer()
        ticket._customer_wrote()
        with self.assertRaisesRegex(UserError, 'objection'):
            ticket.with_user(self.user_manager).action_cancel(reason='x')
        self.solve(ticket)
        self.assertFalse(ticket.close_on)
        self.assertEqual(ticket.activity_ids.user_id, self.user_supervisor, "the to-do is still there")

    def test_after_a_rejected_objection_it_closes(self):
        with self.at():
            ticket = self.objected()
        with self.at(days=1):
            ticket.with_user(self.user_supervisor).action_reject_objection(reason='No')
        self.round(NOW + timedelta(days=8))
        self.assertEqual(ticket.kind, 'closed')

    # === SPEAKING FOR OTHERS === #

    def test_readers_speak_for_nobody(self):
        ticket, solved = self.make_ticket(urgency='urgent'), self.make_ticket()
        self.solve(solved)
        comment = {'body': 'x', 'message_type': 'comment', 'subtype_xmlid': 'mail.mt_comment'}
        inspector = self.user_inspector
        for post in (
            lambda: solved.with_user(inspector).message_post(author_id=self.contact.id, **comment),
            lambda: ticket.with_user(inspector).message_post(**comment),
            lambda: ticket.with_user(inspector).message_post(author_id=self.user_service.partner_id.id, **comment),
        ):
            with self.assertRaises(AccessError):
                post()
        self.assertEqual((solved.kind, ticket.deadline_ids.met_on), ('solved', False))
        ticket.with_user(self.user_service).with_context(fulfilment_by_customer=True).action_take()
        self.assertFalse(any(ticket.event_ids.mapped('by_customer')))

    def test_an_answer_nobody_gets_is_none(self):
        ticket = self.make_ticket(urgency='urgent')
        ticket.message_unsubscribe(self.contact.ids)
        self.answer(ticket)
        self.assertFalse(ticket.deadline_ids.met_on)
        ticket.with_user(self.user_service).message_post(
            body='Hello', message_type='comment', subtype_xmlid='mail.mt_comment', partner_ids=self.contact.ids,
        )
        self.assertTrue(ticket.deadline_ids.met_on)

    def test_ratings_are_the_customers(self):
        ticket = self.make_ticket()
        ticket.with_user(self.user_service).message_post(body='x', rating_value=5)
        self.assertFalse(ticket.rating_last_value)
        self.solve(ticket)
        ticket.rating_apply(1, token=ticket._rating_get_access_token())
        with self.assertRaises(AccessError):
            ticket.rating_ids.with_user(self.user_manager).write({'rating': 5})

    # === THE WRONG CUSTOMER === #

    def test_a_corrected_customer_gets_it_and_the_old_one_nothing(self):
        ticket = self.make_ticket()
        token = ticket._portal_ensure_token()
        ticket.with_user(self.user_service).partner_id = self.other_customer
        self.assertEqual(ticket.message_partner_ids & (self.contact | self.other_customer), self.other_customer)
        self.assertNotEqual(ticket._portal_ensure_token(), token)
        unknown = self.make_ticket(partner_id=False, email_from='who@nowhere.example')
        unknown.with_user(self.user_service).partner_id = self.contact
        self.assertIn(self.contact, unknown.message_partner_ids)

    def test_a_contact_who_leaves_does_not_take_tickets_along(self):
        ticket = self.make_ticket()
        self.contact.parent_id = self.other_customer
        self.assertEqual(ticket.commercial_partner_id, self.customer)

    def test_merged_contacts_are_one_customer(self):
        twin = self.env['res.partner'].create({'name': 'Twin', 'parent_id': self.other_customer.id, 'email': 'twin@x.example'})
        ticket = self.make_ticket()
        self.env['base.partner.merge.automatic.wizard']._merge((self.contact | twin).ids, twin)
        self.assertEqual((ticket.partner_id, ticket.commercial_partner_id), (twin, self.other_customer))

    def test_strangers_are_not_merged(self):
        one, other = (self.make_ticket(partner_id=False, email_from=f'{name}@nowhere.example') for name in 'ab')
        with self.assertRaises(UserError):
            (one | other).action_merge()
        with self.assertRaises(UserError):
            (one | self.make_ticket()).action_merge()
        same = self.make_ticket(partner_id=False, email_from='A@nowhere.example')
        (one | same).action_merge()
        with self.assertRaisesRegex(UserError, 'merged into'):
            same.action_reopen(reason='x')

    # === RULES THAT CHANGE, PEOPLE WHO GO === #

    def test_levels_added_and_removed_later(self):
        policy = self.env.ref('fulfilment_crm.policy_demand_urgent')
        policy.escalation_ids = [Command.clear(), Command.create({'after_hours': 0, 'receiver': 'leader'})]
        ticket = self.late()
        self.round(NOW + timedelta(hours=25))
        self.assertFalse(ticket.deadline_ids.next_on)
        policy.escalation_ids = [Command.create({'after_hours': 10, 'receiver': 'manager'})]
        self.assertEqual(ticket.deadline_ids.next_on, NOW + timedelta(hours=34))
        self.round(NOW + timedelta(hours=34))
        self.assertIn(self.user_manager, ticket.activity_ids.user_id)
        policy.escalation_ids = [Command.clear(), Command.create({'after_hours': 50, 'receiver': 'supervisor'})]
        self.round(NOW + timedelta(hours=75))
        self.assertIn(self.user_supervisor, ticket.activity_ids.user_id)

    def test_who_has_left_is_told_nothing(self):
        ticket = self.late()
        self.user_service.active = False
        self.round(NOW + timedelta(hours=21))
        self.assertEqual(ticket.activity_ids.user_id, self.user_leader)
        level = self.env.ref('fulfilment_crm.policy_demand_urgent').escalation_ids[0]
        level.write({'receiver': 'user', 'user_id': self.user_b.id})
        self.assertEqual(level._receiver_of(ticket), self.user_manager, "one of another company does not see it")

    def test_warned_again_after_reopening(self):
        with self.at():
            ticket = self.make_ticket(ticket_type='complaint', urgency='urgent')
        self.round(NOW + timedelta(hours=41))
        with self.at(hours=42):
            self.solve(ticket)
        with self.at(hours=20 * 24):
            ticket.action_reopen(reason='x')
        self.assertTrue(self.deadline(ticket, 'solved').warned, "six hours are left: it is due soon")
        with self.at():
            other = self.make_ticket(ticket_type='complaint', urgency='important')
        self.deadline(other, 'solved').warned = True
        with self.at(hours=1):
            other._follow_own_events()
        self.assertFalse(self.deadline(other, 'solved').warned)

    def test_reopened_without_an_agent(self):
        ticket = self.make_ticket(user_id=False)
        ticket.write({'solution': 'x'})
        ticket.action_solve()
        ticket.with_user(self.env.ref('base.public_user')).sudo()._reopen_by_customer('Still leaks')
        self.assertEqual(ticket.activity_ids.user_id, self.user_leader)
        self.solve(ticket, self.user_supervisor)
        self.assertFalse(ticket.activity_ids)


@tagged('post_install', '-at_install')
class TestMailAttacks(TicketMailCommon):

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
