"""What binds whoever asks is looked up the same, whatever the context of the call says."""
import ast
from pathlib import Path

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import tagged

from .common import FulfilmentCommon

HOSTILE = {
    'active_test': False, 'default_active': False, 'as_of': '2001-01-01', 'lang': 'en_US', 'tracking_disable': True, 'bin_size': True,
    'prefetch_fields': False, 'mail_activity_automation_skip': True,
}
ROOT = Path(__file__).parent.parent / 'models'


@tagged('post_install', '-at_install')
class TestBinding(FulfilmentCommon):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.type_service.mandatory_category_ids = False

    def test_archived_chains_serve_nobody(self):
        chain = self.env['fulfilment.approval.chain'].create({
            'name': 'Lax', 'model': 'fulfilment.contract', 'sequence': -1, 'active': False, 'company_id': self.company_a.id,
            'step_ids': [Command.create({'name': 'Anybody', 'group_id': self.env.ref('fulfilment_crm.group_user').id})],
        })
        contract = self._make_contract(amount_total=5e6)
        contract.with_user(self.user_sales).with_context(**HOSTILE).action_submit()
        self.assertNotIn('Anybody', contract.approval_ids.mapped('name'))
        self.assertFalse(contract.approval_ids.step_id.chain_id & chain)

    def test_revoked_stand_ins_decide_nothing(self):
        delegation = self.env['fulfilment.delegation'].with_user(self.user_leader).create({
            'user_id': self.user_leader.id, 'delegate_id': self.user_sales_2.id, 'date_to': '2100-01-01',
        })
        contract = self._make_contract()
        contract.with_user(self.user_sales).action_submit()
        self.assertIn(self.user_sales_2, contract.approval_ids.filtered(lambda one: one.state == 'pending').candidate_ids)
        delegation.with_user(self.user_leader).active = False
        with self.assertRaises(AccessError):
            contract.with_user(self.user_sales_2).with_context(**HOSTILE).action_approve()

    def test_what_is_kept_in_memory_is_filled_the_same(self):
        """Each method with a memory gives the same after a hostile first caller as after a plain one."""
        rule = self.env.ref('fulfilment_crm.credit_rule_size')
        rule.active = False
        stage = self.env['fulfilment.ticket.stage'].create({'name': 'Old', 'kind': 'progress', 'sequence': -9, 'active': False})
        policy = self.env['fulfilment.deadline.policy'].search([], limit=1).copy({'active': False, 'sequence': -9})
        user = self.user_sales
        calls = {
            'rules': lambda env: env['fulfilment.credit.rule']._rules_for(self.company_a.with_env(env)),
            'policies': lambda env: tuple(one.id for one in env['fulfilment.deadline.policy']._policies()),
            'stage': lambda env: env['fulfilment.ticket.stage']._first_id('progress'),
            'terms': lambda env: sorted(env['fulfilment.credit.grade']._terms()),
            'places': lambda env: env['fulfilment.profile']._places(self.company_a.id),
            'zone': lambda env: self.company_a.with_env(env)._fulfilment_zone(),
            'days': lambda env: self.env.ref('account.account_payment_term_30days').with_env(env)._fulfilment_days(),
        }
        plain, hostile = self.env(user=user), self.env(user=user, context=HOSTILE)
        for name, call in calls.items():
            with self.subTest(memory=name):
                self.env.registry.clear_cache()
                expected = call(plain)
                self.env.registry.clear_cache()
                self.assertEqual(call(hostile), expected)
        self.assertNotIn(rule.id, [one.id for one in calls['rules'](plain)])
        self.assertNotEqual(calls['stage'](plain), stage.id)
        self.assertNotIn(policy.id, calls['policies'](plain))

    def test_every_memory_is_filled_that_way(self):
        """A method with a memory searches through ``binding`` or reads nothing but the record it is asked about."""
        reading = {'_fulfilment_zone'}
        for path in sorted(ROOT.rglob('*.py')):
            for node in ast.walk(ast.parse(path.read_text(encoding='utf-8'))):
                if not isinstance(node, ast.FunctionDef) or node.name in reading:
                    continue
                if any('ormcache' in ast.unparse(mark) for mark in node.decorator_list):
                    with self.subTest(method=f'{path.name}: {node.name}'):
                        self.assertIn('binding(', ast.unparse(node))


@tagged('post_install', '-at_install')
class TestApprovalAttacks(FulfilmentCommon):
    """Roads round four eyes and round the amounts of a chain."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.type_service.mandatory_category_ids = False

    def _submitted(self, **vals):
        contract = self._make_contract(**vals)
        contract.with_user(self.user_sales).action_submit()
        return contract

    def _step(self, contract):
        return contract.approval_ids.filtered(lambda one: one.state == 'pending')

    def test_who_submitted_an_earlier_round_does_not_approve(self):
        contract = self._make_contract(user_id=self.user_leader.id)
        contract.with_user(self.user_leader).action_submit()
        contract.with_user(self.user_leader).action_cancel(reason='Again')
        contract.with_user(self.user_leader).action_reset_draft()
        contract.with_user(self.user_leader).user_id = self.user_sales
        contract.with_user(self.user_sales).action_submit()
        self.assertNotIn(self.user_leader, self._step(contract).candidate_ids)

    def test_who_drafted_or_changed_it_does_not_approve(self):
        drafted = self.env['fulfilment.contract'].with_user(self.user_leader).with_context(allowed_company_ids=self.company_a.ids).create({
            'partner_id': self.customer.id, 'type_id': self.type_service.id, 'amount_total': 10, 'user_id': self.user_sales.id,
        })
        drafted.with_user(self.user_sales).action_submit()
        self.assertNotIn(self.user_leader, self._step(drafted).candidate_ids)
        changed = self._make_contract().with_context(tracking_disable=False)
        self.settle()
        changed.with_user(self.user_leader).with_context(tracking_disable=True).amount_total = 99
        self.settle()
        changed.with_user(self.user_sales).action_submit()
        self.assertNotIn(self.user_leader, self._step(changed).candidate_ids)

    def test_a_click_takes_the_step_it_saw(self):
        contract = self._submitted()
        seen = self._step(contract)
        theirs = contract.with_user(self.user_leader).with_context(fulfilment_step=seen.id)
        self.assertEqual(theirs.pending_approval_id, seen)
        theirs.action_approve()
        with self.assertRaisesRegex(Exception, 'moved on'):
            contract.with_user(self.user_legal).with_context(fulfilment_step=seen.id).action_approve()
        with self.assertRaisesRegex(Exception, 'moved on'):
            contract.with_user(self.user_legal).action_approve(step=seen.id)
        contract.with_user(self.user_legal).action_approve(step=self._step(contract).id)

    def test_an_inspector_decides_nothing(self):
        with self.assertRaises(UserError):
            self.env['fulfilment.delegation'].create({
                'user_id': self.user_legal.id, 'delegate_id': self.user_inspector.id, 'date_to': '2100-01-01',
            })

    def test_amendments_go_by_what_they_make_of_the_contract(self):
        self.company_a.currency_id = self.env.ref('base.CNY')
        contract, parts = self._make_contract_with_parts('active', amount_total=10465.0, currency_id=self.env.ref('base.CNY').id)
        payment = parts['fulfilment.milestone'].filtered(lambda one: one.kind == 'payment')
        for change in (
            {'kind': 'line_price', 'line_id': contract.line_ids.id, 'value_number': 1e7},
            {'kind': 'line_add', 'value_name': 'More', 'value_quantity': 1e4, 'value_number': 1e4},
            {'kind': 'milestone_amount', 'milestone_id': payment.id, 'value_amount': 1e7},
            {'kind': 'milestone_add', 'value_name': 'More', 'value_kind': 'payment', 'value_date': '2030-01-01', 'value_amount': 1e7},
        ):
            amendment = self.env['fulfilment.amendment'].with_user(self.user_sales).create({
                'contract_id': contract.id, 'reason': 'More', 'line_ids': [Command.create(change)],
            })
            amendment.action_submit()
            with self.subTest(change=change['kind']):
                self.assertIn('Managing director', amendment.sudo().approval_ids.mapped('name'))
            amendment.action_cancel()  # what waits counts with what is asked for after it
        small = self.env['fulfilment.amendment'].with_user(self.user_sales).create({
            'contract_id': contract.id, 'reason': 'Later', 'line_ids': [Command.create({
                'kind': 'milestone_date', 'milestone_id': payment.id, 'value_date': '2030-01-01',
            })],
        })
        small.action_submit()
        self.assertNotIn('Managing director', small.sudo().approval_ids.mapped('name'))

    def test_no_ceiling_is_above_every_minimum(self):
        self.type_framework.mandatory_category_ids = False
        contract = self._submitted(type_id=self.type_framework.id, amount_total=0.0)
        self.assertIn('Managing director', contract.approval_ids.mapped('name'))

    def test_the_chain_of_the_template_goes_first(self):
        chain = self.env['fulfilment.approval.chain'].create({
            'name': 'Directors', 'model': 'fulfilment.contract', 'sequence': 999,
            'step_ids': [Command.create({'name': 'Director only', 'group_id': self.env.ref('fulfilment_crm.group_manager').id})],
        })
        template = self.env['fulfilment.contract.template'].create({
            'name': 'Delicate', 'type_id': self.type_service.id, 'chain_id': chain.id,
        })
        self.assertEqual(self._submitted(template_id=template.id).approval_ids.mapped('name'), ['Director only'])
        chain.active = False
        self.assertNotIn('Director only', self._submitted(template_id=template.id).approval_ids.mapped('name'))

    def test_everybody_concerned_hears(self):
        """Who is asked, and who submitted: a to-do for today that says what and about whom, and a message."""
        today = self.company_a._fulfilment_today()[self.company_a]
        contract = self._submitted()
        asked = contract.activity_ids.filtered(lambda one: one.user_id == self.user_leader)
        self.assertEqual(asked.date_deadline, today)
        for word in ('Approve', contract.name, self.customer.name, 'Business'):
            self.assertIn(word, asked.summary)
        notified = self.env['mail.notification'].search([('res_partner_id', '=', self.user_leader.partner_id.id)])
        self.assertTrue(notified.mail_message_id.filtered(lambda one: contract.name in one.body))
        with self.assertRaisesRegex(Exception, 'press Approve or Reject'):
            asked.with_user(self.user_leader).action_done()
        contract.with_user(self.user_leader).action_reject(reason='The cap is missing')
        told = contract.activity_ids.filtered(lambda one: one.user_id == self.user_sales)
        self.assertEqual(told.activity_type_id, self.env.ref('fulfilment_crm.activity_type_rejected'))
        self.assertIn('The cap is missing', contract.rejection)
        notified = self.env['mail.notification'].search([('res_partner_id', '=', self.user_sales.partner_id.id)])
        self.assertTrue(notified.mail_message_id.filtered(lambda one: 'The cap is missing' in one.body))
        contract.with_user(self.user_sales).action_submit()
        self.assertFalse(contract.activity_ids.filtered(lambda one: one.user_id == self.user_sales))
        self.assertFalse(contract.rejection)
        for user in (self.user_leader, self.user_legal, self.user_credit):
            contract.with_user(user).action_approve()
        told = contract.activity_ids.filtered(lambda one: one.user_id == self.user_sales)
        self.assertIn('for signature', told.summary)

    def test_the_to_do_is_in_the_language_of_who_is_asked(self):
        self.env['res.lang']._activate_lang('zh_CN')
        self.env['ir.module.module'].search([('name', '=', 'fulfilment_crm')])._update_translations(['zh_CN'])
        self.user_leader.lang = 'zh_CN'
        contract = self._submitted()
        asked = contract.activity_ids.filtered(lambda one: one.user_id == self.user_leader)
        self.assertIn('审批', asked.summary)
        self.assertNotIn('Approve', asked.summary)
