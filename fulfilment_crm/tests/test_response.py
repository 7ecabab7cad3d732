"""Response plans: started once, steps that follow each other, deadlines, escalation, drills."""
from datetime import datetime, timedelta

import psycopg2

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from .common import TODAY
from .common_queries import SameQueriesMixin
from .test_risk_register import RiskCommon

START = datetime(2026, 3, 2, 8, 0)  # a Monday, 8:00 UTC


@tagged('post_install', '-at_install')
class TestResponse(SameQueriesMixin, RiskCommon):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company_a.resource_calendar_id.tz = 'UTC'
        cls.plan = cls._plan(
            {'name': 'Call', 'role': 'owner', 'amount': 4, 'anchor': 'start'},
            {'name': 'Check', 'role': 'group', 'group_id': cls.env.ref('fulfilment_crm.group_legal').id, 'amount': 24, 'anchor': 'start'},
            {'name': 'Agree', 'role': 'manager', 'amount': 2, 'unit': 'working_day'},
            {'name': 'Ask again', 'role': 'user', 'user_id': cls.user_service.id, 'amount': 24},
        )
        cls.contract = cls._make_contract('active')

    @classmethod
    def _plan(cls, *steps, **vals):
        return cls.env['fulfilment.response.plan'].create({
            'name': 'Fire', **vals,
            'step_ids': [Command.create({'sequence': 10 * position, **step}) for position, step in enumerate(steps)],
        })

    def _start(self, records=None, **arguments):
        return self.plan._start(self.contract if records is None else records, **{'as_of': START, **arguments})

    def _states(self, response):
        return response.step_ids.mapped('state')

    # === STARTING === #

    def test_start(self):
        response = self._start()
        self.assertEqual(
            (response.state, response.user_id, response.contract_id, response.commercial_partner_id, response.company_id),
            ('running', self.user_sales, self.contract, self.customer, self.company_a),
        )
        self.assertEqual(response.started_on, START)
        self.assertEqual(response.display_name, f'Fire: {self.contract.display_name}')
        self.assertEqual(self._states(response), ['running', 'running', 'waiting', 'waiting'])
        self.assertEqual(response.step_ids.user_id.ids, (self.user_sales | self.user_legal | self.user_leader | self.user_service).ids)
        self.assertEqual(response.step_ids.mapped('deadline'), [START + timedelta(hours=4), START + timedelta(hours=24), False, False])
        self.assertEqual(response.activity_ids.mapped('summary'), ['Call', 'Check'])
        self.assertEqual(response.activity_ids.user_id, self.user_sales | self.user_legal)

    def test_texts_are_in_the_language_of_who_reads_them(self):
        self.env['res.lang']._activate_lang('zh_CN')
        chinese = self.plan.with_context(lang='zh_CN')
        chinese.name, chinese.step_ids[0].name = '火灾', '致电'
        response = chinese._start(self.contract, as_of=START)
        self.assertEqual((response.name, response.step_ids[0].name, response.activity_ids[0].summary), ('火灾', '致电', 'Call'))
        response = response.with_context(lang='en_US')
        self.assertEqual((response.name, response.step_ids[0].name), ('Fire', 'Call'))

    def test_once_while_it_runs(self):
        response = self._start()
        self.assertFalse(self._start())
        drill = self._start(drill=True)
        self.assertTrue(drill.is_drill)
        self.assertFalse(self._start(drill=True))
        self.assertTrue(self._plan({'name': 'Other', 'amount': 1})._start(self.contract))
        response.action_cancel(reason='False alarm')
        self.assertTrue(self._start())

    def test_two_at_one_instant(self):
        """Whoever comes second meets the first in the database."""
        response = self._start()
        with self.assertRaises(psycopg2.IntegrityError), mute_logger('odoo.sql_db'), self.env.cr.savepoint():
            response.copy({'running_key': response.running_key, 'state': 'running'})
            self.env.flush_all()

    def test_anything_will_do(self):
        profile = self.env['fulfilment.profile'].create({
            'partner_id': self.customer.id, 'company_id': self.company_a.id, 'user_id': self.user_sales_2.id,
        })
        risk = self._risk(contract_id=self.contract.id)
        self.other_customer.user_id = self.user_sales_2
        plan = self.plan.with_company(self.company_a)
        ticket = self.env['fulfilment.ticket'].create({
            'title': 'It burns', 'partner_id': self.contact.id, 'contract_id': self.contract.id, 'company_id': self.company_a.id,
            'user_id': self.user_service.id,
        })
        for record, partner, contract, user in (
            (profile, self.customer, False, self.user_sales_2), (risk, self.customer, self.contract, self.user_sales),
            (self.contact, self.customer, False, self.user_manager), (self.other_customer, self.other_customer, False, self.user_sales_2),
            (plan, False, False, self.user_manager),
            (ticket, self.customer, self.contract, self.user_service),
        ):
            response = plan._start(record)
            with self.subTest(record=record):
                self.assertEqual(
                    (response.commercial_partner_id, response.contract_id, response.user_id, response.company_id),
                    (partner or self.env['res.partner'], contract or self.env['fulfilment.contract'], user, self.company_a),
                )
                self.assertEqual((response.res_model, response.res_id), (record._name, record.id))
                self.assertEqual(response.action_open_occasion()['res_model'], record._name)

    def test_owner_named(self):
        self.assertEqual(self._start(owner=self.user_sales_2).user_id, self.user_sales_2)
        self.assertEqual(self._start(self._make_contract('active'), owner=self.user_b).user_id, self.user_sales)  # not of this company

    def test_a_day_begins_at_nine(self):
        self.assertEqual(self._start(as_of=TODAY).started_on, datetime(2026, 3, 2, 9, 0))

    def test_plan_without_steps(self):
        with self.assertRaisesRegex(UserError, 'Fire.*no steps'):
            self._plan()._start(self.contract)

    def test_group_shares_the_work(self):
        second = self._make_user('f_legal_2', 'group_legal')
        asked = [self._start(self._make_contract('active')).step_ids[1].user_id for _time in range(4)]
        self.assertEqual([asked.count(one) for one in (self.user_legal, second)], [2, 2])

    def test_nobody_left(self):
        """The fulfilment manager, else nobody: the step stands and is late in its time."""
        self.user_legal.active = False
        self.assertEqual(self._start().step_ids[1].user_id, self.user_manager)
        self.company_a.fulfilment_manager_id = False
        response = self._start(self._make_contract('active'))
        self.assertFalse(response.step_ids[1].user_id)
        self.assertEqual(response.activity_ids.mapped('summary'), ['Call'])
        response.step_ids[1].with_user(self.user_sales).user_id = self.user_sales_2
        self.assertEqual(response.activity_ids.sorted('id').mapped('user_id'), self.user_sales | self.user_sales_2)

    def test_terms_are_kept(self):
        response = self._start()
        self.plan.step_ids[2].write({'name': 'Changed', 'amount': 50})
        self.assertEqual((response.step_ids[2].name, response.step_ids[2].amount), ('Agree', 2))

    # === STEPS === #

    def test_one_after_the_other(self):
        response = self._start()
        call, check, agree, again = response.step_ids
        with self.assertRaisesRegex(UserError, 'Agree.*waits for “Check”'):
            agree.with_user(self.user_leader).action_done()
        call.with_user(self.user_sales).action_done(note='He was out')
        self.assertEqual((call.state, call.done_by_id, call.note), ('done', self.user_sales, 'He was out'))
        self.assertEqual(self._states(response), ['done', 'running', 'waiting', 'waiting'])
        check.with_user(self.user_legal).action_done()
        self.assertEqual(self._states(response), ['done', 'done', 'running', 'waiting'])
        self.assertEqual(response.activity_ids.mapped('summary'), ['Agree'])
        agree.with_user(self.user_leader).action_skip(reason='No need')
        again.with_user(self.user_service).action_done()
        self.assertEqual((response.state, response.running_key), ('done', False))
        self.assertTrue(response.finished_on)
        self.assertFalse(response.activity_ids)
        with self.assertRaisesRegex(UserError, 'is over'):
            again.action_done()

    def test_step_left_out_in_advance(self):
        """What follows it waits for the step before."""
        response = self._start()
        check, agree = response.step_ids[1:3]
        agree.with_user(self.user_sales).action_skip(reason='No need')
        self.assertEqual(self._states(response), ['running', 'running', 'skipped', 'waiting'])
        check.with_user(self.user_legal).action_done()
        self.assertEqual(self._states(response), ['running', 'done', 'skipped', 'running'])

    def test_working_days(self):
        """Two working days after Monday end with the hours of Wednesday."""
        response = self._start()
        response.step_ids[1]._complete('done', START, self.user_legal)
        self.assertEqual(response.step_ids[2].deadline, datetime(2026, 3, 4, 17, 0))

    def test_company_without_working_hours(self):
        self.company_a.resource_calendar_id = False
        response = self._start()
        response.step_ids[1]._complete('done', START, self.user_legal)
        self.assertEqual(response.step_ids[2].deadline, START + timedelta(days=2))

    def test_to_do_done_is_the_step_done(self):
        response = self._start()
        to_do = response.activity_ids.filtered(lambda one: one.user_id == self.user_sales)
        to_do.with_user(self.user_sales).action_feedback(feedback='Reached')
        self.assertEqual((response.step_ids[0].state, response.step_ids[0].note), ('done', 'Reached'))

    def test_hours_needed(self):
        response = self._start()
        self.assertIsNone(response.hours_needed)
        for step in response.step_ids:
            step._complete('done', START + timedelta(hours=30), self.user_manager)
        self.assertEqual((response.hours_needed, response.state), (30.0, 'done'))

    def test_called_off(self):
        response = self._start()
        response.with_user(self.user_sales).action_cancel(reason='False alarm')
        self.assertEqual((response.state, response.end_reason, set(self._states(response))), ('cancelled', 'False alarm', {'skipped'}))
        self.assertFalse(response.activity_ids)
        with self.assertRaisesRegex(UserError, 'stays so'):
            response.action_cancel(reason='x')

    def test_handed_over(self):
        response = self._start()
        response.with_user(self.user_sales).user_id = self.user_sales_2
        self.assertEqual(response.step_ids[0].user_id, self.user_sales_2)
        self.assertIn(self.user_sales_2, response.activity_ids.user_id)
        self.assertNotIn(self.user_sales, response.activity_ids.user_id)

    # === LATE === #

    def test_late_is_told_once_and_kept(self):
        response = self._start()
        call = response.step_ids[0]
        self.assertFalse(self._go_round('fulfilment.response', START + timedelta(hours=4)))  # at the very moment it is not late
        counts = self._go_round('fulfilment.response', START + timedelta(hours=4, seconds=1))
        self.assertEqual(counts, {'response steps late': 1, 'response steps escalated': 1})
        self.assertEqual((call.is_late, call.escalated_to_id, response.late_count), (True, self.user_leader, 1))
        self.assertEqual(len(response.activity_ids.filtered(lambda one: one.user_id == self.user_leader)), 1)
        self.assertFalse(self._go_round('fulfilment.response', START + timedelta(hours=9)))
        call.with_user(self.user_sales).action_done()
        self.assertTrue(call.is_late)
        self.assertFalse(response.activity_ids.filtered(lambda one: one.user_id == self.user_leader))

    def test_done_too_late_between_rounds(self):
        response = self._start()
        response.step_ids[0]._complete('done', START + timedelta(hours=4), self.user_sales)
        response.step_ids[1]._complete('done', START + timedelta(hours=24, seconds=1), self.user_legal)
        self.assertEqual(response.step_ids.mapped('is_late'), [False, True, False, False])

    def test_nobody_to_tell(self):
        plan = self._plan({'name': 'Decide', 'role': 'user', 'user_id': self.user_manager.id, 'amount': 1})
        response = plan._start(self.contract, as_of=START)
        self._go_round('fulfilment.response', START + timedelta(hours=2))
        step = response.step_ids
        self.assertEqual((step.is_late, bool(step.escalated_on), step.escalated_to_id.id), (True, False, False))
        self._go_round('fulfilment.response', START + timedelta(hours=3))
        self.assertEqual(len(response.message_ids.filtered(lambda one: 'Late' in (one.body or ''))), 1)
        self.company_a.fulfilment_manager_id = self.user_leader  # somebody to tell by now
        self._go_round('fulfilment.response', START + timedelta(hours=4))
        self.assertEqual((step.escalated_to_id, len(response.activity_ids.filtered(lambda one: one.user_id == self.user_leader))),
                         (self.user_leader, 1))
        self.assertFalse(self._go_round('fulfilment.response', START + timedelta(hours=5)))

    # === DRILLS === #

    def test_drill_is_marked_and_counts_nowhere(self):
        drill = self._start(drill=True)
        self.assertTrue(drill.display_name.startswith('[Drill] '))
        self._go_round('fulfilment.response', START + timedelta(hours=5))
        for activity in drill.activity_ids:
            self.assertTrue(activity.summary.startswith('[Drill] '), activity.summary)
        self.assertEqual((self.plan.running_count, self.contract.response_count), (0, 0))
        for step in drill.step_ids:
            step._complete('done', START + timedelta(hours=6), self.user_manager)
        self.env.invalidate_all()
        self.assertEqual(self.plan.drill_ids, drill)
        self.assertEqual((drill.hours_needed, drill.late_count, self.plan.last_drill_on), (6.0, 1, TODAY))

    # === WHO MAY === #

    def test_who_may_do_a_step(self):
        stranger = self._make_user('f_legal_2', 'group_legal')
        response = self._start()
        call, check = response.step_ids[:2]
        for step, user, may in (
            (call, self.user_sales, True), (call, self.user_sales_2, False), (call, self.user_leader, True),
            (call, self.user_credit, False), (check, self.user_legal, True), (check, stranger, True),
            (check, self.user_service, False), (check, self.user_inspector, False),
        ):
            with self.subTest(step=step.name, user=user.login):
                self.assertEqual(step.with_user(user).has_access('write'), may)
                if not may:
                    with self.assertRaises(AccessError):
                        step.with_user(user).action_done()
        self.assertTrue(response.with_user(self.user_inspector).has_access('read'))
        self.assertFalse(response.with_user(self.user_sales_2).has_access('read'))

    def test_who_is_asked_reads_the_response(self):
        plan = self._plan({'name': 'Help', 'role': 'user', 'user_id': self.user_sales_2.id, 'amount': 1}, {'name': 'Then', 'amount': 1})
        response = plan._start(self.contract)
        self.assertTrue(response.with_user(self.user_sales_2).has_access('read'))
        self.assertFalse(response.with_user(self.user_sales_2).has_access('write'))
        self.assertTrue(response.step_ids.with_user(self.user_sales_2).read(['name']))

    def test_guarded(self):
        response = self._start().with_user(self.user_sales)
        for records, vals in ((response, {'state': 'done'}), (response, {'is_drill': True}), (response.step_ids[0], {'state': 'done'}),
                              (response.step_ids[0], {'is_late': True}), (response.step_ids[0], {'deadline': START})):
            with self.subTest(vals=vals), self.assertRaises(AccessError):
                records.write(vals)
        response.step_ids[0].note = 'Tried twice'

    def test_who_takes_steps(self):
        for vals, message in (
            ({'role': 'group'}, 'which group'), ({'role': 'user'}, 'who takes'),
            ({'role': 'group', 'group_id': self.env.ref('fulfilment_crm.group_inspector').id}, 'choose another group'),
            ({'role': 'user', 'user_id': self.user_plain.id}, 'no role'),
        ):
            with self.subTest(vals=vals), self.assertRaisesRegex(ValidationError, message):
                self._plan({'name': 'Step', 'amount': 1, **vals})

    # === THE DIALOG === #

    def test_dialog(self):
        action = self.contract.with_user(self.user_sales).action_start_response()
        dialogs = self.env['fulfilment.response.start'].with_user(self.user_sales).with_context(**action['context'])
        with Form(dialogs) as form:
            form.plan_id = self.plan
            form.is_drill = True
        opened = form.record.action_start()
        response = self.env['fulfilment.response'].browse(opened['res_id'])
        self.assertEqual((response.is_drill, response.contract_id, response.user_id), (True, self.contract, self.user_sales))
        self.assertEqual(form.record.action_start()['res_id'], response.id)

    def test_dialog_opens_nothing_else(self):
        Start = self.env['fulfilment.response.start'].with_user(self.user_sales_2)
        with self.assertRaises(AccessError):
            self.contract.with_user(self.user_sales_2).action_start_response()
        with self.assertRaises(AccessError):
            Start.create({'res_model': self.contract._name, 'res_id': self.contract.id, 'plan_id': self.plan.id}).action_start()
        with self.assertRaisesRegex(UserError, 'No response plan'):
            Start.create({'res_model': 'res.users', 'res_id': self.user_sales.id, 'plan_id': self.plan.id}).action_start()
        self.assertFalse(self.env['fulfilment.response'].search([('plan_id', '=', self.plan.id)]))

    def test_shipped_plans(self):
        for name in ('default', 'delivery', 'complaint'):
            plan = self.env.ref(f'fulfilment_crm.response_plan_{name}')
            self.assertGreaterEqual(len(plan.step_ids), 5)
            self.assertTrue(plan.when_to_use and plan.prevention)
            response = plan._start(self.contract, as_of=START)
            self.assertTrue(all(step.user_id for step in response.step_ids))
            while response.state == 'running':
                response.step_ids.filtered(lambda step: step.state == 'running')._complete('done', START, self.user_manager)
            self.assertEqual(response.late_count, 0)

    # === MANY === #

    def test_queries_do_not_grow_with_the_occasions(self):
        def prepare(number):
            return self.env['fulfilment.risk'].concat(*(
                self._risk(user_id=(self.user_sales if position % 2 else self.user_sales_2).id) for position in range(number)
            ))
        def work(risks):
            return self.plan.browse(self.plan.id)._start(risks, as_of=START)
        self.count_queries(work, prepare(4))
        # Users and their contacts are read together or not, as it happens to meet them.
        self.assertLessEqual(self.count_queries(work, prepare(24)), self.count_queries(work, prepare(4)) + 2)

    def test_fifty_late_steps_take_the_queries_of_one(self):
        def prepare(number):
            risks = self.env['fulfilment.risk'].concat(*(self._risk() for _position in range(number)))
            return self.plan._start(risks, as_of=START).step_ids.filtered(lambda step: step.role == 'owner')
        self.assert_same_queries(prepare, lambda steps: steps._look(steps, START + timedelta(hours=5)))

    def test_two_companies(self):
        contract = self._make_contract('active', company=self.company_b, user_id=self.user_b.id)
        responses = self._start(self.contract | contract)
        self.assertEqual(responses.mapped('company_id'), self.company_a | self.company_b)
        self.assertEqual(responses.mapped('user_id'), self.user_sales | self.user_b)
        other = responses.filtered(lambda one: one.company_id == self.company_b)
        self.assertFalse(other.step_ids[1].user_id)  # nobody of law there, and no manager
        self.assertFalse(other.with_user(self.user_manager).has_access('read'))
