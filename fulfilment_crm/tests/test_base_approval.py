from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import tagged

from .common import TODAY, FulfilmentCommon


@tagged('post_install', '-at_install')
class TestApproval(FulfilmentCommon):

    def _submitted(self, **vals):
        contract = self._make_contract(amount_total=vals.pop('amount_total', 1000.0), **vals)
        self._with_clauses(contract)
        contract.with_user(self.user_sales).action_submit()
        return contract

    def _approve(self, contract, *users):
        for user in users:
            contract.with_user(user).action_approve()

    def test_three_users_in_order(self):
        contract = self._submitted()
        self.assertEqual((contract.state, contract.approval_state), ('in_approval', 'pending'))
        self.assertEqual(contract.approval_ids.mapped('name'), ['Business', 'Legal', 'Finance'])
        with self.assertRaises(AccessError):
            contract.with_user(self.user_credit).action_approve()
        self._approve(contract, self.user_leader, self.user_legal)
        self.assertEqual(contract.state, 'in_approval')
        self._approve(contract, self.user_credit)
        self.assertEqual((contract.state, contract.approval_state), ('approved', 'approved'))
        self.assertEqual(contract.approval_ids.mapped('decided_by_id'), self.user_leader | self.user_legal | self.user_credit)
        with self.assertRaises(UserError):
            contract.with_user(self.user_credit).action_approve()

    def test_defaults_of_who_submits_approve_nothing(self):
        """Kept for oneself, or brought by the call: the steps are made as superuser."""
        for name, value in (('state', 'approved'), ('decided_by_id', self.user_sales.id)):
            self.env['ir.default'].with_user(self.user_sales).set('fulfilment.approval', name, value, user_id=True)
        contract = self._with_clauses(self._make_contract(amount_total=1000.0))
        contract.with_user(self.user_sales).with_context(default_state='approved', default_decided_by_id=1).action_submit()
        self.assertEqual(contract.approval_ids.mapped('state'), ['pending', 'waiting', 'waiting'])
        self.assertFalse(contract.approval_ids.decided_by_id)

    def test_director_from_100000(self):
        self.company_a.currency_id = self.env.ref('base.CNY')
        self.assertNotIn('Managing director', self._submitted(amount_total=99999.99).approval_ids.mapped('name'))
        self.assertIn('Managing director', self._submitted(amount_total=100000.0).approval_ids.mapped('name'))

    def test_threshold_is_in_the_currency_of_the_company(self):
        foreign = self.env['res.currency'].create({'name': 'FFF', 'symbol': 'F', 'rounding': 0.01})
        self.env['res.currency.rate'].create(
            {'currency_id': foreign.id, 'rate': 10.0, 'name': '2020-01-01', 'company_id': self.company_a.id}
        )
        self.assertNotIn('Managing director', self._submitted(amount_total=999999.0, currency_id=foreign.id).approval_ids.mapped('name'))
        self.assertIn('Managing director', self._submitted(amount_total=1000000.0, currency_id=foreign.id).approval_ids.mapped('name'))

    def test_who_drafts_does_not_choose_the_rate(self):
        """By the day a contract starts, or by today's: whichever makes it more."""
        foreign = self.env['res.currency'].create({'name': 'FFF', 'symbol': 'F', 'rounding': 0.01})
        self.env['res.currency.rate'].create([
            {'currency_id': foreign.id, 'rate': rate, 'name': day, 'company_id': self.company_a.id}
            for day, rate in (('2001-01-01', 10.0), ('2020-01-01', 1.0), ('2090-01-01', 0.1))
        ])
        for amount, start, asked in (
            (100_000.0, '2003-01-01', True), (99_999.0, '2003-01-01', False), (10_000.0, '2090-06-01', True),
            (9_999.0, '2090-06-01', False),
        ):
            with self.subTest(amount=amount, start=start):
                contract = self._submitted(amount_total=amount, currency_id=foreign.id, date_start=start, date_end=False)
                self.assertEqual('Managing director' in contract.approval_ids.mapped('name'), asked)

    def test_taken_back(self):
        """By who may change it, with what was approved of the round; afterwards it starts anew."""
        contract = self._submitted()
        contract.with_user(self.user_leader).action_approve()
        with self.assertRaises(AccessError):
            contract.with_user(self.user_sales_2).action_withdraw()
        contract.with_user(self.user_sales).action_withdraw()
        self.assertEqual((contract.state, contract.approval_state), ('draft', 'none'))
        self.assertEqual(set(contract.approval_ids.mapped('state')), {'approved', 'cancelled'})
        self.assertFalse(contract.activity_ids.filtered(
            lambda one: one.activity_type_id == self.env.ref('fulfilment_crm.activity_type_approval'),
        ))
        self.assertIn('Taken back', contract.message_ids[0].body)
        with self.assertRaises(UserError):
            contract.with_user(self.user_sales).action_withdraw()
        with self.assertRaises(UserError):
            contract.with_user(self.user_legal).action_approve()
        contract.with_user(self.user_sales).action_submit()
        first = contract.approval_ids.filtered(lambda one: one.state == 'pending')
        self.assertEqual((first.name, first.round), ('Business', 2), "what was approved before counts no more")

    def test_what_nobody_drafts_is_not_taken_back(self):
        assessment = self.env['fulfilment.credit.assessment'].sudo().create({
            'claim_key': 'x', 'partner_id': self.customer.id, 'company_id': self.company_a.id, 'date': '2026-01-01', 'inputs': {},
            'scorecard_id': self.env.ref('fulfilment_crm.scorecard_standard').id, 'change': 'up',
            'grade_id': self.env.ref('fulfilment_crm.credit_grade_a').id,
        })
        assessment.action_submit()
        self.assertEqual(assessment.approval_state, 'pending')
        with self.assertRaisesRegex(UserError, 'decided, not taken back'):
            assessment.action_withdraw()

    def test_nobody_approves_their_own(self):
        self.user_sales.group_ids |= self.env.ref('fulfilment_crm.group_leader')
        contract = self._submitted()
        self.assertNotIn(self.user_sales, contract.approval_ids.candidate_ids)
        with self.assertRaises(AccessError):
            contract.with_user(self.user_sales).action_approve()

    def test_one_person_one_step(self):
        self.user_leader.group_ids |= self.env.ref('fulfilment_crm.group_legal')
        contract = self._submitted()
        self._approve(contract, self.user_leader)
        with self.assertRaises(AccessError):
            contract.with_user(self.user_leader).action_approve()

    def test_rejection_needs_a_reason_and_leads_back(self):
        contract = self._submitted()
        action = contract.with_user(self.user_leader).action_reject()
        self.assertEqual(action['res_model'], 'fulfilment.reason')
        self.assertEqual(contract.state, 'in_approval')
        contract.with_user(self.user_leader).action_reject(reason='Too cheap')
        self.assertEqual((contract.state, contract.approval_state), ('draft', 'rejected'))
        self.assertEqual(contract.approval_ids.filtered(lambda step: step.state == 'rejected').reason, 'Too cheap')
        self.assertFalse(contract.approval_ids.filtered(lambda step: step.state in ('waiting', 'pending')))
        contract.with_user(self.user_sales).action_submit()
        self.assertEqual(contract.approval_ids.filtered(lambda step: step.state == 'pending').round, 2)

    def test_through_the_dialog(self):
        contract = self._submitted()
        action = contract.with_user(self.user_leader).action_reject()
        dialog = self.env['fulfilment.reason'].with_user(self.user_leader).with_context(**action['context'])
        dialog.create({'reason': 'No'}).action_confirm()
        self.assertEqual(contract.state, 'draft')

    def test_delegation(self):
        today = fields.Date.context_today(self.user_leader)
        self.env['fulfilment.delegation'].with_user(self.user_leader).create({
            'user_id': self.user_leader.id, 'delegate_id': self.user_sales_2.id, 'date_from': today, 'date_to': today,
        })
        contract = self._submitted()
        self._approve(contract, self.user_sales_2)
        step = contract.approval_ids.filtered(lambda step: step.state == 'approved')
        self.assertEqual((step.decided_by_id, step.delegated_from_id), (self.user_sales_2, self.user_leader))

    def test_delegation_after_submission(self):
        contract = self._submitted()
        today = fields.Date.context_today(self.user_leader)
        with self.assertRaises(AccessError):
            contract.with_user(self.user_service).action_approve()
        self.env['fulfilment.delegation'].create({
            'user_id': self.user_leader.id, 'delegate_id': self.user_service.id, 'date_from': today, 'date_to': today,
        })
        self._approve(contract, self.user_service)

    def test_delegate_of_the_past_may_not(self):
        today = fields.Date.context_today(self.user_leader)
        self.env['fulfilment.delegation'].create({
            'user_id': self.user_leader.id, 'delegate_id': self.user_service.id,
            'date_from': today - timedelta(days=9), 'date_to': today - timedelta(days=1),
        })
        with self.assertRaises(AccessError):
            self._submitted().with_user(self.user_service).action_approve()

    def test_submitter_as_delegate_may_not(self):
        today = fields.Date.context_today(self.user_leader)
        self.env['fulfilment.delegation'].create({
            'user_id': self.user_leader.id, 'delegate_id': self.user_sales.id, 'date_from': today, 'date_to': today,
        })
        with self.assertRaises(AccessError):
            self._submitted().with_user(self.user_sales).action_approve()

    def test_nobody_delegates_to_themselves(self):
        with self.assertRaises(ValidationError):
            self.env['fulfilment.delegation'].create({
                'user_id': self.user_leader.id, 'delegate_id': self.user_leader.id, 'date_from': TODAY, 'date_to': TODAY,
            })

    def test_when_nobody_is_left_the_manager_is_asked_or_the_message_says_so(self):
        chain = self.env['fulfilment.approval.chain'].create({
            'name': 'Own group', 'model': 'fulfilment.contract', 'sequence': 1, 'company_id': self.company_a.id,
            'step_ids': [Command.create({'name': 'Seller', 'user_id': self.user_sales.id})],
        })
        contract = self._submitted()
        self.assertEqual(contract.approval_ids.candidate_ids, self.user_manager)
        self.company_a.fulfilment_manager_id = False
        with self.assertRaisesRegex(UserError, 'Seller'):
            self._submitted()
        self.assertTrue(chain)

    def test_first_fitting_chain_of_the_company(self):
        Chain = self.env['fulfilment.approval.chain']
        step = [Command.create({'name': 'One', 'user_id': self.user_legal.id})]
        Chain.create({'name': 'Of B', 'model': 'fulfilment.contract', 'sequence': 1, 'company_id': self.company_b.id, 'step_ids': step})
        Chain.create(
            {'name': 'Dear', 'model': 'fulfilment.contract', 'sequence': 2, 'domain': "[('amount_total', '>', 5000)]", 'step_ids': step}
        )
        self.assertEqual(len(self._submitted(amount_total=5000.0).approval_ids), 3)
        self.assertEqual(self._submitted(amount_total=5000.01).approval_ids.mapped('name'), ['One'])

    def test_chain_domain_is_checked(self):
        with self.assertRaises(ValidationError):
            self.env['fulfilment.approval.chain'].create({
                'name': 'Broken', 'model': 'fulfilment.contract', 'domain': "[('no_such_field', '=', 1)]",
                'step_ids': [Command.create({'name': 'One', 'user_id': self.user_legal.id})],
            })

    def test_switched_off_is_recorded(self):
        self.company_a.fulfilment_approval = False
        contract = self._submitted()
        self.assertEqual((contract.state, contract.approval_state, contract.approval_by_chain), ('approved', 'approved', False))
        self.assertFalse(contract.approval_ids)

    def test_no_chain_names_the_remedy(self):
        self.env['fulfilment.approval.chain'].search([]).action_archive()
        with self.assertRaisesRegex(UserError, 'chain'):
            self._submitted()

    def test_activities_follow(self):
        contract = self._submitted()
        activities = contract.activity_ids.filtered(
            lambda one: one.activity_type_id == self.env.ref('fulfilment_crm.activity_type_approval')
        )
        self.assertIn(self.user_leader, activities.user_id)
        self.assertNotIn(self.user_legal, activities.user_id)
        self._approve(contract, self.user_leader)
        self.assertIn(self.user_legal, contract.activity_ids.user_id)
        self.assertNotIn(self.user_leader, contract.activity_ids.user_id)

    def test_escalation_once(self):
        contract = self._submitted()
        step = contract.approval_ids.filtered(lambda step: step.state == 'pending')
        self.assertTrue(step.deadline)
        as_of = step.deadline + timedelta(seconds=1)
        for _run in range(2):
            self.run_cron('fulfilment.contract', '_cron_milestones', as_of=as_of)
        escalation = self.env.ref('fulfilment_crm.activity_type_escalation')
        self.assertEqual(contract.activity_ids.filtered(lambda one: one.activity_type_id == escalation).user_id, self.user_manager)
        to_do = contract.activity_ids.filtered(lambda one: one.activity_type_id == escalation)
        self.assertEqual(len(to_do), 1)
        for change in (
            lambda mine: mine.unlink(), lambda mine: mine.action_done(), lambda mine: mine.write({'date_deadline': '2040-01-01'}),
            lambda mine: mine.write({'user_id': self.user_sales.id}),
        ):
            with self.assertRaises(AccessError):
                change(to_do.with_user(self.user_sales))

    def test_fifty_at_once(self):
        contracts = self.env['fulfilment.contract'].concat(*(self._with_clauses(self._make_contract()) for _number in range(5)))
        contracts.with_user(self.user_sales).action_submit()
        contracts.with_user(self.user_leader).action_approve()
        self.assertEqual(set(contracts.approval_ids.filtered(lambda step: step.state == 'pending').mapped('name')), {'Legal'})

    def test_less_than_nothing_is_much(self):
        """Whatever the sign, and where nobody knows what it comes to, the director is asked."""
        self.assertIn('Managing director', self._submitted(amount_total=-2_500_000.0).approval_ids.mapped('name'))
        unrated = self.env['res.currency'].create({'name': 'UUU', 'symbol': 'U', 'rounding': 0.01})
        self.assertIn('Managing director', self._submitted(amount_total=9_000.0, currency_id=unrated.id).approval_ids.mapped('name'))
        framework = self.env['fulfilment.contract.type'].search([('is_framework', '=', True)], limit=1)
        for amount, rule, asked in ((1.0, 'warn', True), (1.0, 'hold', False), (-1.0, 'hold', True), (0.0, 'hold', True)):
            with self.subTest(amount=amount, rule=rule):
                contract = self._submitted(amount_total=amount, type_id=framework.id, ceiling_rule=rule)
                self.assertEqual('Managing director' in contract.approval_ids.mapped('name'), asked)
