"""Tickets from receipt to closing: every move, who gets them, merging, compensation."""
from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import Form, tagged

from .common_ticket import NOW, ServiceCommon


@tagged('post_install', '-at_install', 'fulfilment_heavy')
class TestTicketFlow(ServiceCommon):

    def stage(self, kind):
        return self.env['fulfilment.ticket.stage']._first(kind)

    def brought_to(self, kind):
        ticket = self.make_ticket()
        ticket.write({'solution': 'Seal replaced', 'cause_id': self.cause.id})
        for step in {'new': (), 'progress': ('progress',), 'waiting': ('waiting',), 'solved': ('solved',), 'closed': ('solved', 'closed'),
                     'cancelled': ('cancelled',)}[kind]:
            ticket.stage_id = self.stage(step)
        return ticket

    def test_every_move_allowed_and_not(self):
        for before, allowed in self.env['fulfilment.ticket']._moves.items():
            for after in self.env['fulfilment.ticket']._moves.keys() - {before}:
                ticket = self.brought_to(before)
                with self.subTest(before=before, after=after):
                    if after in allowed:
                        ticket.stage_id = self.stage(after)
                        self.assertEqual(ticket.kind, after)
                    else:
                        with self.assertRaises(UserError):
                            ticket.stage_id = self.stage(after)
                        self.assertEqual(ticket.kind, before)

    def test_solved_needs_a_solution_and_a_complaint_its_cause(self):
        ticket = self.make_ticket(ticket_type='complaint')
        for solution, message in ((False, 'solution'), (' ', 'solution'), ('Seal replaced', 'cause')):
            ticket.solution = solution
            with self.subTest(solution=solution), self.assertRaisesRegex(UserError, message):
                ticket.stage_id = self.stage('solved')
            self.assertEqual(ticket.action_solve()['res_model'], 'fulfilment.ticket.solve', "the button asks instead of scolding")
            self.assertEqual(ticket.kind, 'new')
        ticket.action_solve(cause=self.cause.id)
        self.assertEqual(ticket.kind, 'solved')

    def test_the_dialog_asks_for_what_is_missing(self):
        ticket = self.make_ticket(ticket_type='complaint').with_user(self.user_service)
        action = ticket.action_solve()
        with Form(self.env[action['res_model']].with_user(self.user_service).with_context(**action['context'])) as form:
            form.solution = 'Seal replaced'
            form.cause_id = self.cause
        form.record.action_confirm()
        self.assertEqual((ticket.kind, ticket.solution, ticket.cause_id), ('solved', 'Seal replaced', self.cause))

    def test_feedback_is_sent_or_noted(self):
        for way, internal in (('mail', False), ('told', True)):
            ticket = self.make_ticket().with_user(self.user_service)
            action = ticket.action_feed_back()
            self.assertEqual(action['res_model'], 'fulfilment.ticket.feedback')
            self.assertFalse(ticket.event_ids.filtered(lambda one: one.event == 'fed_back'))
            dialog = self.env[action['res_model']].with_user(self.user_service).with_context(**action['context'])
            dialog.create({'text': 'A new pump on Tuesday', 'way': way}).action_confirm()
            event = ticket.event_ids.filtered(lambda one: one.event == 'fed_back')
            self.assertEqual(event.note, 'A new pump on Tuesday')
            said = ticket.message_ids.filtered(lambda one: 'A new pump on Tuesday' in one.body)
            self.assertEqual(bool(said.subtype_id.internal), internal)
            if way == 'mail':
                self.assertIn(self.contact, said.notified_partner_ids)
        self.contact.email = False
        with self.assertRaisesRegex(UserError, 'no e-mail address'):
            self.make_ticket().with_user(self.user_service).action_feed_back(text='x', way='mail')

    def test_what_it_is_linked_to_is_the_customers(self):
        foreign = self._make_contract('active', partner_id=self.other_customer.id)
        milestone = self._make_milestone(foreign)
        order = self.env['sale.order'].create({'partner_id': self.other_customer.id, 'company_id': self.company_a.id})
        ticket = self.make_ticket()
        for vals in ({'contract_id': foreign.id}, {'milestone_id': milestone.id}, {'order_id': order.id}):
            with self.subTest(vals=vals), self.assertRaises(ValidationError) as caught:
                ticket.write(vals)
            self.assertNotIn(self.other_customer.name, str(caught.exception))
        ticket.contract_id = self._make_contract('active')

    def test_solution_and_stage_in_one_write(self):
        ticket = self.make_ticket()
        ticket.write({'stage_id': self.stage('solved').id, 'solution': 'Seal replaced'})
        self.assertEqual(ticket.kind, 'solved')

    def test_what_happened_is_kept(self):
        with self.at():
            ticket = self.make_ticket()
        with self.at(hours=1):
            ticket.with_user(self.user_service).action_take()
        with self.at(hours=2):
            ticket.with_user(self.user_service).action_wait()
        with self.at(hours=3):
            ticket.with_user(self.user_service).action_resume()
        with self.at(hours=5):
            self.solve(ticket)
        self.assertEqual(ticket.event_ids.mapped('event'), ['received', 'taken', 'paused', 'resumed', 'solved'])
        self.assertEqual(ticket.event_ids[1].user_id, self.user_service)
        self.assertEqual((ticket.solved_on, ticket.hours_to_solve), (fields.Datetime.add(NOW, hours=5), 5.0))

    def test_events_and_dates_are_nobodys_to_write(self):
        ticket = self.make_ticket()
        for user in (self.user_service, self.user_manager):
            with self.assertRaises(AccessError):
                self.env['fulfilment.ticket.event'].with_user(user).create({'ticket_id': ticket.id, 'event': 'solved'})
            with self.assertRaises(AccessError):
                ticket.event_ids.with_user(user).date = NOW
            for name, value in (('solved_on', NOW), ('received_on', NOW), ('name', 'X'), ('objection_state', 'accepted')):
                with self.assertRaises(AccessError):
                    ticket.with_user(user).write({name: value})
            with self.assertRaises(AccessError):
                ticket.deadline_ids.with_user(user).write({'due_on': NOW})

    def test_customer_confirms(self):
        ticket = self.make_ticket()
        with self.assertRaises(UserError):
            ticket._confirm_by_customer()
        self.solve(ticket)
        ticket._confirm_by_customer()
        self.assertEqual(ticket.kind, 'closed')
        self.assertTrue(ticket.event_ids.filtered(lambda one: one.event == 'confirmed').by_customer)

    def test_closed_by_itself_at_the_day_and_not_before(self):
        with self.at():
            ticket = self.make_ticket()
            self.solve(ticket)
        self.round(fields.Datetime.add(NOW, days=7, seconds=-1))
        self.assertEqual(ticket.kind, 'solved')
        run = self.round(fields.Datetime.add(NOW, days=7))
        self.assertEqual((ticket.kind, run.counts['tickets closed']), ('closed', 1))
        self.assertNotIn('tickets closed', self.round(fields.Datetime.add(NOW, days=8)).counts or {})

    def test_reopened_until_the_last_day(self):
        with self.at():
            ticket = self.make_ticket()
            self.solve(ticket)
        with self.at(days=14, seconds=1), self.assertRaises(UserError):
            ticket._reopen_by_customer('It still leaks')
        with self.at(days=14):
            ticket._reopen_by_customer('It still leaks')
        self.assertEqual((ticket.kind, ticket.reopened, ticket.solved_on, ticket.close_on), ('progress', 1, False, False))
        self.assertEqual(ticket.event_ids[-1].note, 'It still leaks')

    def test_objection_once_answered_by_somebody_else(self):
        with self.at():
            ticket = self.make_ticket()
            self.solve(ticket)
        with self.at(days=15, seconds=1), self.assertRaises(UserError):
            ticket._object('Not what was agreed')
        with self.at(days=15):
            ticket._object('Not what was agreed')
        with self.assertRaises(UserError):
            ticket._object('Again')
        self.assertEqual(ticket.activity_ids.user_id, self.user_supervisor)
        self.assertTrue(self.deadline(ticket, 'objection_answered').due_on)
        self.assertFalse(ticket.close_on, "an objection keeps it from being closed")
        with self.assertRaises(AccessError):
            ticket.with_user(self.user_service).action_accept_objection(reason='Right')
        ticket.with_user(self.user_supervisor).action_accept_objection(reason='Right')
        self.assertEqual((ticket.objection_state, ticket.kind), ('accepted', 'progress'))
        self.assertTrue(self.deadline(ticket, 'objection_answered').met_on)
        self.assertEqual(ticket.event_ids.filtered(lambda one: one.event == 'objection_answered').note, 'Right')

    def test_cancelled_asks_for_a_reason(self):
        ticket = self.make_ticket()
        self.assertEqual(ticket.with_user(self.user_service).action_cancel()['res_model'], 'fulfilment.reason')
        ticket.with_user(self.user_service).action_cancel(reason='Test call')
        self.assertEqual(ticket.kind, 'cancelled')
        self.assertFalse(ticket.deadline_ids.filtered('next_on'))

    def test_deleted_only_when_cancelled(self):
        ticket = self.make_ticket()
        with self.assertRaises(UserError):
            ticket.with_user(self.user_manager).unlink()
        ticket.action_cancel(reason='Test')
        ticket.with_user(self.user_manager).unlink()

    def test_refused_acceptance_is_a_complaint(self):
        contract = self._make_contract('active')
        delivery = self._make_milestone(contract)
        acceptance = self._make_milestone(contract, 5, kind='acceptance', obligor='customer', predecessor_id=delivery.id)
        acceptance.with_user(self.user_sales).action_refuse(reason='<b>Leaks</b>')
        ticket = self.env['fulfilment.ticket'].search([('milestone_id', '=', acceptance.id)])
        self.assertEqual((ticket.ticket_type, ticket.origin, ticket.contract_id), ('complaint', 'refusal', contract))
        self.assertIn('&lt;b&gt;Leaks', ticket.description)
        self.assertEqual(contract.ticket_count, 1)

    # === WHO GETS IT === #

    def test_by_load_and_skill(self):
        self.service_team.assignment = 'load'
        first, second, third = (self.make_ticket(user_id=False) for _go in range(3))
        self.assertEqual((first.user_id, second.user_id, third.user_id), (self.user_service, self.user_agent_2, self.user_service))
        many = self.make_ticket(5, user_id=False)
        self.assertEqual(len(many.filtered(lambda one: one.user_id == self.user_agent_2)), 3, "one at a time, not all to the same")
        self.service_team.assignment = 'skill'
        self.assertEqual(self.make_ticket(user_id=False, category_id=self.category.id).user_id, self.user_agent_2)
        other = self.env.ref('fulfilment_crm.category_invoice')
        self.assertTrue(self.make_ticket(user_id=False, category_id=other.id).user_id, "where nobody knows it, anybody")

    def test_no_more_than_they_can_take(self):
        self.service_team.assignment = 'load'
        self.service_team.member_ids.most = 1
        tickets = self.make_ticket(3, user_id=False)
        self.assertEqual(len(tickets.user_id), 2)
        self.assertEqual(len(tickets.filtered(lambda one: not one.user_id)), 1)

    def test_the_team_of_the_category_and_of_the_company(self):
        special = self.env['fulfilment.service.team'].create({'name': 'Special', 'company_id': self.company_a.id, 'assignment': 'manual'})
        self.category.team_id = special
        self.assertEqual(self.make_ticket(category_id=self.category.id).team_id, special)
        self.assertEqual(self.make_ticket().team_id, self.service_team)
        theirs = self.env['fulfilment.ticket'].create({'title': 'B', 'company_id': self.company_b.id, 'category_id': self.category.id})
        self.assertFalse(theirs.team_id, "another company's team is none")

    def test_as_many_queries_for_fifty_as_for_one(self):
        self.service_team.assignment = 'load'
        self.make_ticket(2)
        counts = []
        for number in (1, 50):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.make_ticket(number, user_id=False)
            self.env.flush_all()
            counts.append(self.env.cr.sql_log_count - before)
        # The number of each is one query of Odoo's sequence by year: three, as for contracts.
        self.assertLessEqual(counts[1] - counts[0], 3 * 49 + 12, counts)

    # === MERGED, COMPENSATED === #

    def test_merged_with_messages_and_files(self):
        first, second = self.make_ticket(), self.make_ticket()
        self.answer(second)
        file = self.env['ir.attachment'].create({'name': 'a.txt', 'raw': b'a', 'res_model': second._name, 'res_id': second.id})
        (second | first).with_user(self.user_service).action_merge()
        self.assertEqual((first.kind, second.kind, second.merged_into_id), ('new', 'cancelled', first))
        self.assertEqual(file.res_id, first.id)
        self.assertIn('We are on it', ''.join(first.message_ids.mapped('body')))

    def test_not_merged_across_customers_or_when_done(self):
        mine, theirs = self.make_ticket(), self.make_ticket(partner_id=self.other_customer.id)
        with self.assertRaisesRegex(UserError, 'one customer'):
            (mine | theirs).action_merge()
        closed = self.make_ticket()
        self.solve(closed)
        closed.action_close()
        with self.assertRaisesRegex(UserError, closed.name):
            (mine | closed).action_merge()
        with self.assertRaises(UserError):
            mine.action_merge()

    def test_canned_solution(self):
        reply = self.env['fulfilment.ticket.reply'].create({'name': 'Seal', 'solution': 'Replace the seal.'})
        ticket = self.make_ticket()
        ticket.solution = 'Hello.'
        ticket.reply_id = reply
        ticket._onchange_reply_id()
        self.assertEqual(ticket.solution, 'Hello.\nReplace the seal.')

    def test_stage_in_use_keeps_its_meaning_and_the_last_of_a_kind_stays(self):
        self.make_ticket()
        with self.assertRaises(UserError):
            self.stage('new').kind = 'progress'
        with self.assertRaises(UserError):
            self.env.ref('fulfilment_crm.stage_waiting').unlink()

    # === WHO MAY === #

    def test_whose_tickets_one_sees(self):
        ticket = self.make_ticket()
        self.assertFalse(ticket.with_user(self.user_sales).has_access('read'))
        self.customer.user_id = self.user_sales
        self.assertTrue(ticket.with_user(self.user_sales).has_access('write'))
        self.assertFalse(ticket.with_user(self.user_sales_2).has_access('read'))
        self.assertTrue(ticket.with_user(self.user_leader).has_access('read'))
        self.assertFalse(ticket.with_user(self.user_inspector).has_access('write'))
        self.assertFalse(ticket.with_user(self.user_b).has_access('read'))
        self.assertEqual(self.env['fulfilment.ticket.event'].with_user(self.user_sales_2).search([('ticket_id', '=', ticket.id)]).ids, [])


@tagged('post_install', '-at_install', 'fulfilment_heavy')
class TestTicketCompensation(ServiceCommon):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env['account.chart.template'].with_company(cls.company_a)._load('generic_coa', cls.company_a, install_demo=False)
        cls.user_manager.group_ids |= cls.env.ref('account.group_account_invoice')
        cls.invoice = cls.env['account.move'].with_company(cls.company_a).create({
            'move_type': 'out_invoice', 'partner_id': cls.customer.id, 'invoice_date': '2026-02-20',
            'invoice_line_ids': [Command.create({'product_id': cls.product.id, 'price_unit': 1000, 'tax_ids': False})],
        })
        cls.invoice.action_post()

    def test_draft_credit_note_once(self):
        ticket = self.make_ticket()
        with self.assertRaises(UserError):
            ticket.with_user(self.user_manager).action_credit_note()
        ticket.write({'invoice_id': self.invoice.id, 'compensation_amount': 1000.01})
        with self.assertRaisesRegex(UserError, 'more than'):
            ticket.with_user(self.user_manager).action_credit_note()
        ticket.compensation_amount = 50
        with self.assertRaises(AccessError):
            ticket.with_user(self.user_service).action_credit_note()
        ticket.with_user(self.user_manager).action_credit_note()
        note = ticket.credit_note_id
        self.assertEqual((note.move_type, note.state, note.amount_untaxed, note.partner_id), ('out_refund', 'draft', 50, self.customer))
        with self.assertRaisesRegex(UserError, 'already'):
            ticket.with_user(self.user_manager).action_credit_note()


@tagged('post_install', '-at_install', 'fulfilment_heavy')
class TestTicketInteractions(ServiceCommon):

    def test_logged_about_a_ticket(self):
        ticket = self.make_ticket()
        action = ticket.with_user(self.user_service).action_log_interaction()
        values = {name.removeprefix('default_'): value for name, value in action['context'].items()}
        one = self.env['fulfilment.interaction'].with_user(self.user_service).create({**values, 'topic': 'Called back'})
        self.assertEqual((one.ticket_id, one.partner_id, ticket.interaction_count), (ticket, self.contact, 1))

    def test_not_about_anothers_ticket(self):
        ticket = self.make_ticket(partner_id=self.other_customer.id)
        with self.assertRaisesRegex(ValidationError, ticket.name):
            self.env['fulfilment.interaction'].create({
                'topic': 'Called', 'partner_id': self.contact.id, 'ticket_id': ticket.id, 'company_id': self.company_a.id,
            })
        with self.assertRaises(AccessError):
            self.env['fulfilment.interaction'].with_user(self.user_sales_2).create({
                'topic': 'Called', 'partner_id': self.other_customer.id, 'ticket_id': ticket.id, 'company_id': self.company_a.id,
            })
