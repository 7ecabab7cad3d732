"""Whose ticket it is, who speaks for the customer, and who answers an objection."""
from datetime import timedelta

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .common_ticket import NOW, ServiceCommon


@tagged('post_install', '-at_install')
class TestTicketCustomer(ServiceCommon):
    def late(self, **vals):
        """A ticket whose deadline has passed and that no round has looked at yet."""
        with self.at():
            return self.make_ticket(urgency='urgent', **vals)

    def objected(self):
        ticket = self.make_ticket()
        self.solve(ticket)
        ticket._object('Not what was agreed')
        return ticket

    def test_what_an_agent_sees_of_the_customer(self):
        profile = self.env['fulfilment.profile'].sudo().create({
            'partner_id': self.customer.id, 'company_id': self.company_a.id, 'currency_id': self.company_a.currency_id.id,
            'tier_id': self.env.ref('fulfilment_crm.tier_key').id, 'credit_grade_id': self.env.ref('fulfilment_crm.credit_grade_a').id,
        })
        self.contact.phone = '+86 21 5555 0100'
        tickets = self.make_ticket() | self.make_ticket() | self.make_ticket(partner_id=self.other_customer.id)
        first = tickets[0].with_user(self.user_service)
        self.assertEqual(
            (first.profile_id, first.tier_id.name, first.credit_grade_id.code, first.partner_phone),
            (profile, 'Key', 'A', '+86 21 5555 0100'),
        )
        self.assertEqual(tickets.with_user(self.user_service).mapped('other_open_count'), [1, 1, 0])
        self.assertEqual(self.env['fulfilment.ticket'].search(first.action_open_others()['domain']), tickets[1])
        due = first.deadline_ids.filtered('due_on').sorted('due_on')[:1]
        self.assertTrue(due)
        self.assertEqual((first.next_due_on, first.next_due_goal), (due.due_on, due.goal))
        self.solve(tickets[1])
        tickets.invalidate_recordset(['other_open_count'])
        self.assertEqual(first.other_open_count, 0)

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
