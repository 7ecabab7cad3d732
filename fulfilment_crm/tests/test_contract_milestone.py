from datetime import datetime, timedelta
from unittest.mock import patch

import psycopg2

from odoo.exceptions import UserError, ValidationError
from odoo.fields import Command
from odoo.tests import tagged

from .common import TODAY, FulfilmentCommon


def day(number):
    return TODAY + timedelta(days=number)


@tagged('post_install', '-at_install')
class TestMilestone(FulfilmentCommon):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.contract = cls._make_contract('active')

    def _chain(self, contract=None):
        """Delivery due D, acceptance within 3 days, payment 10 days after acceptance."""
        contract = contract or self.contract
        delivery = self._make_milestone(contract, 0, name='Delivery')
        acceptance = self._make_milestone(
            contract, name='Acceptance', kind='acceptance', obligor='customer', anchor='predecessor', predecessor_id=delivery.id,
            offset_days=3, date_planned=False,
        )
        payment = self._make_milestone(
            contract, name='Payment', kind='payment', obligor='customer', anchor='predecessor', predecessor_id=acceptance.id,
            offset_days=10, date_planned=False, amount=0.0,
        )
        return delivery, acceptance, payment

    # === DATES THAT FOLLOW === #

    def test_named_with_its_customer_where_many_stand_together(self):
        contract = self._make_contract('active')
        payment = self._make_milestone(contract, 5, name='Final payment', kind='payment', amount=1250.5)
        delivery = self._make_milestone(contract, 5, name='Spare parts', kind='delivery', amount=0.0)
        named = (payment + delivery).with_context(fulfilment_with_customer=True)
        self.assertEqual((payment + delivery).mapped('display_name'), ['Final payment', 'Spare parts'])
        self.assertEqual(named.mapped('display_name'), [
            f'{self.customer.name} · Final payment · {contract.currency_id.format(1250.5)}', f'{self.customer.name} · Spare parts',
        ])

    def test_fault_on_both_sides(self):
        delivery, acceptance, payment = self._chain()
        self.assertEqual((acceptance.date_planned, payment.date_planned), (day(3), day(13)))
        delivery.action_done(date=day(4))
        self.assertEqual((acceptance.date_planned, payment.date_planned), (day(7), day(17)))
        acceptance._record_acceptance('accepted', day=day(6))
        self.assertEqual(payment.date_planned, day(16))
        payment._complete({payment: day(15)})
        self.assertEqual((delivery.on_time, delivery.days_late), ('no', 4))
        self.assertEqual((acceptance.on_time, payment.on_time, payment.days_late), ('yes', 'yes', 0))
        self.assertEqual(payment.date_first_planned, day(13))
        moves = payment.event_ids.filtered(lambda one: one.kind == 'moved').sorted('id')
        self.assertEqual([(move.date_from, move.date_to) for move in moves], [(day(13), day(17)), (day(17), day(16))])
        self.assertTrue(all(moves.mapped('reason')))

    def test_taking_back_moves_the_followers_back(self):
        delivery, acceptance, payment = self._chain()
        delivery.action_done(date=day(4))
        delivery.action_undo(reason='Entered by mistake')
        self.assertEqual((delivery.state, delivery.date_done), ('pending', False))
        self.assertEqual((acceptance.date_planned, payment.date_planned), (day(3), day(13)))
        self.assertEqual(delivery.event_ids.filtered(lambda one: one.kind == 'reopened').date_from, day(4))

    def test_signature_day_counts(self):
        contract = self._make_contract('approved')
        milestone = self._make_milestone(contract, anchor='signature', offset_days=30, date_planned=False)
        self.assertEqual(milestone.date_planned, day(30))
        contract._sign(
            'Lin Wei', document=b'x', document_name='x.pdf',
            day=day(5) if day(5) <= contract.company_id._fulfilment_today()[contract.company_id] else TODAY
        )
        self.assertEqual(milestone.date_planned, contract.date_signed + timedelta(days=30))
        self.assertEqual(milestone.date_first_planned, milestone.date_planned)

    def test_leap_day(self):
        contract = self._make_contract('active', date_start='2028-02-28')
        milestone = self._make_milestone(contract, anchor='start', offset_days=1, date_planned=False)
        self.assertEqual(str(milestone.date_planned), '2028-02-29')

    def test_circles_and_strangers_are_refused(self):
        draft = self._make_contract()
        one = self._make_milestone(draft)
        two = self._make_milestone(draft, anchor='predecessor', predecessor_id=one.id)
        with self.assertRaises(ValidationError):
            one.write({'anchor': 'predecessor', 'predecessor_id': two.id})
        with self.assertRaises(ValidationError):
            self._make_milestone(draft, anchor='predecessor', predecessor_id=self._make_milestone(self.contract).id)
        with self.assertRaises(ValidationError):
            self._make_milestone(draft, date_planned=False)

    def test_moves_only_with_a_reason_and_stays_where_it_was_put(self):
        delivery, acceptance, _payment = self._chain()
        user = delivery.with_user(self.user_sales)
        self.assertEqual(user.action_move()['res_model'], 'fulfilment.milestone.move')
        with self.assertRaises(UserError):
            user.action_move(date=day(9))
        user.action_move(date=day(9), reason='Typhoon')
        self.assertEqual((delivery.date_planned, delivery.date_first_planned, acceptance.date_planned), (day(9), day(0), day(12)))
        self.assertEqual(delivery.event_ids[0].reason, 'Typhoon')
        acceptance.action_move(date=day(30), reason='Agreed')
        delivery.action_done(date=day(1))
        self.assertEqual(acceptance.date_planned, day(30))

    def test_what_is_approved_and_not_signed_does_not_move(self):
        """The customer signs what was approved."""
        contract = self._make_contract()
        milestone = self._make_milestone(contract)
        self._bring_to(contract, 'approved')
        with self.assertRaises(UserError):
            milestone.with_user(self.user_sales).action_move('2036-01-01', 'Later')
        contract.date_signed = '2026-01-05'
        milestone.with_user(self.user_sales).action_move('2036-01-01', 'Later')
        self.assertEqual(str(milestone.date_planned), '2036-01-01')

    def test_what_is_done_does_not_move(self):
        milestone = self._make_milestone(self.contract)
        milestone.action_done(date=TODAY)
        with self.assertRaises(UserError):
            milestone.action_move(date=day(3), reason='No')

    # === LATE === #

    def test_late_from_the_day_after(self):
        milestone = self._make_milestone(self.contract, 0)
        for number, late in ((0, 0), (1, 1), (30, 30)):
            seen = milestone.with_context(as_of=day(number))
            self.assertEqual((seen.is_late, seen.days_late), (bool(late), late))
            found = self.env['fulfilment.milestone'].with_context(as_of=day(number)).search([('is_late', '=', True)])
            self.assertEqual(milestone in found, bool(late))
            other = self.env['fulfilment.milestone'].with_context(as_of=day(number)).search([('is_late', '!=', True)])
            self.assertEqual(milestone in other, not late)

    def test_late_means_late_where_the_company_is(self):
        calendar = {
            zone: self.env['resource.calendar'].create({'name': zone, 'tz': zone}) for zone in ('Asia/Shanghai', 'America/New_York')
        }
        self.company_a.resource_calendar_id = calendar['Asia/Shanghai']
        self.company_b.resource_calendar_id = calendar['America/New_York']
        here = self._make_milestone(self.contract, 0)
        there = self._make_milestone(self._make_contract('active', company=self.company_b, user_id=self.user_b.id), 0)
        moment = datetime(TODAY.year, TODAY.month, TODAY.day, 17, 0)  # one o'clock of the next day in Shanghai
        both = (here | there).with_context(as_of=moment)
        self.assertEqual(both.mapped('is_late'), [True, False])
        found = self.env['fulfilment.milestone'].with_context(as_of=moment).search([('is_late', '=', True)])
        self.assertIn(here, found)
        self.assertNotIn(there, found)

    def test_not_late_while_not_in_force(self):
        for state in ('draft', 'approved', 'closed'):
            milestone = self._make_milestone(self._make_contract(state), -5)
            self.assertFalse(milestone.with_context(as_of=TODAY).is_late)

    def test_late_is_told_once_for_each_date(self):
        milestone = self._make_milestone(self.contract, -1)
        run = self.run_cron('fulfilment.contract', '_cron_milestones')
        self.assertEqual(run.counts['milestones late'], 1)
        run = self.run_cron('fulfilment.contract', '_cron_milestones')
        self.assertFalse((run.counts or {}).get('milestones late'))
        milestone.action_move(date=day(3), reason='Agreed')
        run = self.run_cron('fulfilment.contract', '_cron_milestones', as_of=day(4))
        self.assertEqual(run.counts['milestones late'], 1)

    # === DONE, WAIVED === #

    def test_evidence_is_asked_for(self):
        milestone = self._make_milestone(self.contract, evidence='Delivery note')
        with self.assertRaisesRegex(UserError, 'Delivery note'):
            milestone.action_done()
        milestone.evidence_ids = [Command.create({'name': 'note.pdf', 'raw': b'x'})]
        milestone.action_done()
        self.assertEqual(milestone.state, 'done')

    def test_done_refusals(self):
        with self.assertRaises(UserError):
            self._make_milestone(self.contract).action_done(date='2999-01-01')
        with self.assertRaises(UserError):
            self._make_milestone(self._make_contract()).action_done()
        with self.assertRaisesRegex(UserError, 'invoice'):
            self._make_milestone(self.contract, kind='payment', obligor='customer', amount=5.0).action_done()

    def test_waive_asks_why(self):
        milestone = self._make_milestone(self.contract)
        self.assertEqual(milestone.action_waive()['res_model'], 'fulfilment.reason')
        milestone.action_waive(reason='Goodwill')
        self.assertEqual((milestone.state, milestone.end_reason), ('waived', 'Goodwill'))
        with self.assertRaises(UserError):
            milestone.action_waive(reason='Again')

    def test_negative_amount_is_refused(self):
        with self.assertRaises(ValidationError):
            self._make_milestone(self.contract, kind='payment', amount=-1.0)

    def test_responsible_is_required_once_active(self):
        contract = self._make_contract('approved')
        milestone = self._make_milestone(contract, user_id=False)
        contract.sudo().write({'date_signed': TODAY})
        contract._activate()
        self.assertEqual(milestone.user_id, contract.user_id)
        orphan = self._make_contract('approved', user_id=False)
        self._make_milestone(orphan, user_id=False)
        with self.assertRaisesRegex(UserError, 'responsible'):
            orphan._activate()

    # === DELIVERY === #

    def _delivery_of_order(self):
        order = self.env['sale.order'].with_company(self.company_a).create({
            'partner_id': self.customer.id, 'company_id': self.company_a.id,
            'order_line': [Command.create({
                'product_id': self.product.id, 'product_uom_qty': quantity, 'price_unit': price, 'tax_ids': False,
            }) for quantity, price in ((2, 100.0), (4, 200.0))],
        })
        order.action_confirm()
        order.fulfilment_contract_id = self.contract
        milestone = self._make_milestone(self.contract, 5, sale_line_ids=[Command.set(order.order_line.ids)])
        self.settle()
        return order, milestone

    def test_delivery_follows_the_order_lines(self):
        order, milestone = self._delivery_of_order()
        first, second = order.order_line
        first.qty_delivered = 2
        self.settle()
        self.assertEqual((milestone.state, milestone.progress), ('pending', 20.0))
        second.qty_delivered = 3.99
        self.settle()
        self.assertEqual(milestone.state, 'pending')
        second.qty_delivered = 4
        self.settle()
        self.assertEqual((milestone.state, milestone.date_done), ('done', self.company_a._fulfilment_today()[self.company_a]))
        second.qty_delivered = 1
        self.settle()
        self.assertEqual((milestone.state, milestone.date_done, milestone.progress), ('pending', False, 40.0))
        second.product_uom_qty = 1
        self.settle()
        self.assertEqual(milestone.state, 'done')

    def test_reported_by_hand_is_not_overruled_by_quantities(self):
        order, milestone = self._delivery_of_order()
        milestone.action_done(date=TODAY)
        order.order_line[0].qty_delivered = 1
        self.settle()
        self.assertEqual((milestone.state, milestone.date_done), ('done', TODAY))
        milestone.action_undo(reason='Too early')
        order.order_line[0].qty_delivered = 2
        order.order_line[1].qty_delivered = 4
        self.settle()
        self.assertEqual(milestone.state, 'done')

    def test_line_reduced_to_zero_owes_nothing(self):
        order, milestone = self._delivery_of_order()
        order.order_line[0].qty_delivered = 2
        order.order_line[1].product_uom_qty = 0
        self.settle()
        self.assertEqual(milestone.state, 'done')

    # === ACCEPTANCE === #

    def test_refusal_reopens_the_delivery(self):
        delivery, acceptance, payment = self._chain()
        delivery.action_done(date=day(0))
        with self.assertRaises(UserError):
            delivery.action_accept()
        self.assertEqual(acceptance.action_refuse()['res_model'], 'fulfilment.reason')
        acceptance.action_refuse(reason='Two pumps leak')
        self.assertEqual((delivery.state, acceptance.state), ('pending', 'pending'))
        self.assertEqual(acceptance.acceptance_ids.outcome, 'refused')
        self.assertEqual(delivery.activity_ids.user_id, self.user_sales)
        delivery.action_done(date=day(8))
        self.assertEqual(acceptance.date_planned, day(11))
        acceptance.action_accept(person='Lin Wei', place='Ningbo', method='Trial run')
        self.assertEqual(acceptance.acceptance_ids.filtered(lambda one: one.outcome == 'accepted').method, 'Trial run')
        self.assertEqual(payment.state, 'pending')
        with self.assertRaises(UserError):
            acceptance.action_accept()

    def test_refusal_is_told_once(self):
        """One message to those who follow the contracts and to those who answer for the deliveries."""
        contracts = self._make_contract('active') | self._make_contract('active')
        contracts.message_subscribe(self.user_leader.partner_id.ids)
        deliveries = self.env['fulfilment.milestone'].concat(*(
            self._make_milestone(contract, user_id=self.user_service.id) for contract in contracts
        ))
        acceptances = self.env['fulfilment.milestone'].concat(*(
            self._make_milestone(one.contract_id, 5, kind='acceptance', obligor='customer', predecessor_id=one.id) for one in deliveries
        ))
        acceptances.action_refuse(reason='<b>Leaks</b>')
        message = self.env['mail.message'].search([('subject', '=', "Acceptance refused")])
        self.assertEqual(len(message), 1)
        self.assertEqual(message.notified_partner_ids, self.user_leader.partner_id | self.user_service.partner_id)
        self.assertIn('&lt;b&gt;Leaks', message.body)
        for contract in contracts:
            self.assertIn(f'res_id={contract.id}', message.body)
            self.assertIn('Leaks', contract.message_ids[0].body)
        self.assertEqual(deliveries.activity_ids.user_id, self.user_service)

    def test_refused_delivery_of_an_order_is_reported_by_hand(self):
        order, milestone = self._delivery_of_order()
        acceptance = self._make_milestone(
            self.contract, kind='acceptance', obligor='customer', anchor='predecessor', predecessor_id=milestone.id, date_planned=False,
        )
        order.order_line[0].qty_delivered = 2
        order.order_line[1].qty_delivered = 4
        self.settle()
        acceptance.action_refuse(reason='Leaks')
        self.settle()
        self.run_cron('fulfilment.contract', '_cron_milestones')
        self.assertEqual((milestone.state, milestone.follows_orders), ('pending', False))

    def test_deemed_acceptance(self):
        self.type_service.deemed_acceptance_days = 10
        delivery, acceptance, _payment = self._chain(self._make_contract('active'))
        self.run_cron('fulfilment.contract', '_cron_milestones', as_of=day(60))
        self.assertEqual(acceptance.state, 'pending', "nothing has been delivered")
        delivery.action_done(date=day(0))
        self.run_cron('fulfilment.contract', '_cron_milestones', as_of=day(10))
        self.assertEqual(acceptance.state, 'pending')
        for _run in range(2):
            self.run_cron('fulfilment.contract', '_cron_milestones', as_of=day(11))
        self.assertEqual((acceptance.state, acceptance.date_done), ('done', day(10)))
        self.assertEqual(acceptance.acceptance_ids.mapped('outcome'), ['deemed'])

    def test_never_deemed_where_the_type_does_not_allow_it(self):
        self.type_service.deemed_acceptance_days = 0
        delivery, acceptance, _payment = self._chain(self._make_contract('active'))
        delivery.action_done(date=day(0))
        self.run_cron('fulfilment.contract', '_cron_milestones', as_of=day(300))
        self.assertEqual(acceptance.state, 'pending')

    # === THE RUN === #

    def test_one_bad_record_is_set_aside_and_tried_again(self):
        good = self._make_contract('approved', user_id=self.user_sales.id)
        bad = self._make_contract('approved', user_id=False)
        self._make_milestone(bad, user_id=False)
        (good | bad).sudo().write({'date_signed': TODAY})
        run = self.run_cron('fulfilment.contract', '_cron_milestones')
        self.assertEqual((good.state, bad.state), ('active', 'approved'))
        self.assertEqual((run.problem_ids.res_id, run.counts['set aside']), (bad.id, 1))
        self.assertIn(bad.display_name, run.problem_ids.message)
        self.run_cron('fulfilment.contract', '_cron_milestones')
        problem = self.env['fulfilment.problem'].search([('res_id', '=', bad.id)])
        self.assertEqual((len(problem), problem.times, problem.state), (1, 2, 'open'))
        bad.sudo().user_id = self.user_sales
        self.run_cron('fulfilment.contract', '_cron_milestones')
        self.assertEqual((bad.state, problem.state), ('active', 'solved'))

    def test_two_runs_set_the_same_record_aside(self):
        """The second meets the first's row: it starts again with it in view, and goes on."""
        good = self._make_contract('approved', user_id=self.user_sales.id)
        bad = self._make_contract('approved', user_id=False)
        self._make_milestone(bad, user_id=False)
        (good | bad).sudo().write({'date_signed': TODAY})
        problems, met = type(self.env['fulfilment.problem']), []
        set_aside = problems._set_aside

        def clash(self, *args):
            met.append(args)
            if len(met) == 1:
                raise psycopg2.errors.UniqueViolation
            return set_aside(self, *args)

        with patch.object(problems, '_set_aside', clash):
            run = self.run_cron('fulfilment.contract', '_cron_milestones')
        self.assertTrue(run.finished_on)
        self.assertEqual((good.state, run.problem_ids.res_id, run.counts['set aside'], len(met)), ('active', bad.id, 1, 2))

    def test_scheduled_actions_run(self):
        for xmlid in ('ir_cron_milestones', 'ir_cron_reminders'):
            cron = self.env.ref(f'fulfilment_crm.{xmlid}')
            with self.enter_registry_test_mode():
                self.assertIs(cron.method_direct_trigger(), True)
            self.assertRegex(cron.code, r'^model\._cron_\w+\(\)$')
