"""Rules and records are changed by those whose they are, and what was changed and said stays on record."""
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import tagged

from .common import FulfilmentCommon

UNTRACKED = ('tracking_disable', 'mail_notrack', 'install_mode', '_force_unlink')


@tagged('post_install', '-at_install')
class TestSharedRules(FulfilmentCommon):
    """A manager of one company changes what is that company's; what holds for all, who works in all."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.branch = cls.env['res.company'].create({'name': 'Branch of A', 'parent_id': cls.company_a.id})
        cls.manager_b = cls._make_user('r_manager_b', 'group_manager', company=cls.company_b)
        cls.manager_branch = cls._make_user('r_manager_branch', 'group_manager', company=cls.branch)
        cls.credit_branch = cls._make_user('r_credit_branch', 'group_credit', company=cls.branch)
        cls.everywhere = cls._make_user('r_everywhere', 'group_manager')
        cls.everywhere.company_ids = cls.env['res.company'].search([])

    def _shared(self):
        mixin = self.env.registry['fulfilment.shared.mixin']
        return [name for name, model in self.env.registry.items() if issubclass(model, mixin) and not model._abstract]

    def test_every_configuration_model(self):
        found = self._shared()
        self.assertGreaterEqual(len(found), 30)
        for name in found:
            record = next((
                one for one in self.env[name].with_context(active_test=False).search([], limit=50) if not one._shared_company()
            ), None)
            if not record:
                continue
            for user in (self.manager_b, self.manager_branch, self.user_manager):
                theirs = record.with_user(user)
                for operation in ('write', 'unlink'):
                    with self.subTest(model=name, user=user.login, operation=operation):
                        self.assertFalse(theirs.has_access(operation))
            with self.subTest(model=name, user='everywhere'):
                self.assertTrue(record.with_user(self.everywhere).has_access('write'))

    def test_a_rule_of_another_company(self):
        rules = {
            'fulfilment.credit.rule': {'name': 'x', 'kind': 'stop'},
            'fulfilment.tier': {'name': 'x', 'domain': '[]'},
            'fulfilment.approval.chain': {
                'name': 'x', 'model': 'fulfilment.contract',
                'step_ids': [Command.create({'name': 'x', 'group_id': self.env.ref('base.group_user').id})],
            },
        }
        for name, vals in rules.items():
            own = self.env[name].create({**vals, 'company_id': self.company_a.id})
            self.assertTrue(own.with_user(self.user_manager).has_access('write'), name)
            for user in (self.manager_b, self.manager_branch):
                with self.subTest(model=name, user=user.login), self.assertRaises(AccessError):
                    own.with_user(user).name = 'y'
            for company in (False, self.company_b.id):
                with self.subTest(model=name, to=company), self.assertRaises(AccessError):
                    own.with_user(self.user_manager).write({'company_id': company})
                with self.subTest(model=name, new=company), self.assertRaises(AccessError):
                    self.env[name].with_user(self.user_manager).create({**vals, 'company_id': company})
        step = self.env['fulfilment.approval.step'].search([('chain_id.company_id', '=', False)], limit=1)
        with self.assertRaises(AccessError):
            step.with_user(self.manager_b).minimum_amount = 1e12

    def test_credit_lines_belong_to_the_main_company(self):
        line = self.env['fulfilment.credit.line']._of(self.customer, self.company_a)[self.customer]
        for user in (self.manager_branch, self.credit_branch):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                line.with_user(user).with_context(allowed_company_ids=self.branch.ids).write({'limit': 1e9, 'limit_source': 'manual'})

    def test_stand_ins_of_other_companies(self):
        Delegation = self.env['fulfilment.delegation'].with_user(self.manager_b)
        with self.assertRaises(AccessError):
            Delegation.create({'user_id': self.user_credit.id, 'delegate_id': self.user_sales.id, 'date_to': '2100-01-01'})
        with self.assertRaises(AccessError):
            self.env['fulfilment.delegation'].with_user(self.user_manager).create({
                'user_id': self.user_legal.id, 'delegate_id': self.user_manager.id, 'date_to': '2100-01-01',
            })

    def test_a_stand_in_that_decided_stays_on_record(self):
        self.type_service.mandatory_category_ids = False
        delegation = self.env['fulfilment.delegation'].with_user(self.user_leader).create({
            'user_id': self.user_leader.id, 'delegate_id': self.user_sales_2.id, 'date_to': '2100-01-01',
        })
        contract = self._make_contract()
        contract.with_user(self.user_sales).action_submit()
        contract.with_user(self.user_sales_2).action_approve()
        with self.assertRaisesRegex(UserError, 'archive'):
            delegation.with_user(self.user_leader).unlink()
        other = self.env['fulfilment.delegation'].with_user(self.user_leader).create({
            'user_id': self.user_leader.id, 'delegate_id': self.user_sales.id, 'date_from': '2099-01-01', 'date_to': '2100-01-01',
        })
        other.unlink()


@tagged('post_install', '-at_install')
class TestOnRecord(FulfilmentCommon):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env = cls.env(context={})
        cls.user_manager.company_ids = cls.env['res.company'].search([])

    def _notes(self, record):
        self.settle()
        return self.env['mail.message'].search([('model', '=', record._name), ('res_id', '=', record.id)])

    def test_a_change_is_noted_whatever_the_call_asks(self):
        line = self.env['fulfilment.credit.line']._of(self.customer, self.company_a)[self.customer]
        contract = self._make_contract()
        ticket = self.env['fulfilment.ticket'].create({'title': 'x', 'company_id': self.company_a.id, 'partner_id': self.customer.id})
        tier = self.env.ref('fulfilment_crm.tier_key')
        rule = self.env.ref('fulfilment_crm.credit_rule_limit')
        grade = self.env['fulfilment.credit.grade'].search([], limit=1)
        cases = (
            (line, self.user_credit, {'limit': 7.0, 'limit_source': 'manual'}, {'limit': 8.0}),
            (contract, self.user_sales, {'amount_total': 7.0}, {'amount_total': 8.0}),
            (ticket, self.user_service, {'urgency': 'urgent'}, {'urgency': 'important'}),
            (tier, self.user_manager, {'domain': "[('revenue_12m', '>', 7)]"}, {'domain': "[('revenue_12m', '>', 8)]"}),
            (rule, self.user_manager, {'threshold': 7.0}, {'threshold': 8.0}),
            (grade, self.user_manager, {'limit_amount': 7.0}, {'limit_amount': 8.0}),
        )
        for record, user, first, second in cases:
            for number, key in enumerate(UNTRACKED):
                theirs = record.with_user(user).with_context(allowed_company_ids=user.company_ids.ids)
                before = self._notes(record)
                theirs.with_context(**{key: True}).write(second if number % 2 else first)
                new = self._notes(record) - before
                with self.subTest(model=record._name, key=key):
                    self.assertTrue(new.sudo().tracking_value_ids)
                    self.assertEqual(new.author_id, user.partner_id)

    def test_a_part_that_is_added_is_noted(self):
        chain = self.env['fulfilment.approval.chain'].create({
            'name': 'x', 'model': 'fulfilment.contract', 'company_id': self.company_a.id,
            'step_ids': [Command.create({'name': 'x', 'group_id': self.env.ref('base.group_user').id})],
        })
        for key in UNTRACKED:
            before = self._notes(chain)
            self.env['fulfilment.approval.step'].with_user(self.user_manager).with_context(**{key: True}).create({
                'chain_id': chain.id, 'name': key, 'group_id': self.env.ref('base.group_user').id,
            })
            with self.subTest(key=key):
                self.assertTrue((self._notes(chain) - before).filtered(lambda one, key=key: key in one.body))

    def test_what_was_said_stays(self):
        contract = self._make_contract()
        self.settle()
        theirs = contract.with_user(self.user_sales)
        theirs.amount_total = 7.0
        note = self._notes(contract).filtered('tracking_value_ids')[:1]
        self.assertTrue(note)
        customer = contract.message_post(body='I complain', message_type='comment', author_id=self.contact.id)
        for user in (self.user_sales, self.user_manager, self.user_leader):
            for message in (note, customer):
                for vals in ({'body': 'x'}, {'author_id': user.partner_id.id}, {'date': '2001-01-01'}, {'model': 'res.partner'}):
                    with self.subTest(user=user.login, vals=vals), self.assertRaises(AccessError):
                        message.with_user(user).write(vals)
                with self.subTest(user=user.login, what='unlink'), self.assertRaises(AccessError):
                    message.with_user(user).unlink()
        own = theirs.message_post(body='A thougt', message_type='comment')
        own.with_user(self.user_sales).body = 'A thought'
        own.with_user(self.user_sales).unlink()
        elsewhere = self.customer.with_user(self.user_sales).message_post(body='x', message_type='comment')
        elsewhere.with_user(self.user_sales).body = 'y'

    def test_no_record_is_a_road_to_its_messages(self):
        """Written from the record's side they would be taken off it."""
        found = 0
        for name in [*self.env.registry, 'sale.order']:
            model = self.env[name].with_user(self.user_manager)
            if not name.startswith(('fulfilment.', 'sale.order')) or model._abstract:
                continue
            for field in {'message_ids', 'website_message_ids', 'rating_ids'} & model._fields.keys():
                with self.subTest(model=name, field=field):
                    self.assertFalse(model._has_field_access(model._fields[field], 'write'))
                    found += 1
        self.assertGreater(found, 20)
        contract = self._make_contract()
        contract._message_log(body='Agreed by telephone')
        with self.assertRaises(AccessError):
            contract.with_user(self.user_sales).write({'message_ids': [Command.clear()]})

    def test_a_record_is_handed_over(self):
        """Whoever gives it away may not change it any more; the other one is told."""
        contract = self._make_contract(user_id=self.user_sales.id)
        contract.with_user(self.user_sales).user_id = self.user_sales_2
        self.assertEqual(contract.user_id, self.user_sales_2)
        self.assertIn(self.user_sales_2.partner_id, self.env['mail.message'].search([
            ('model', '=', contract._name), ('res_id', '=', contract.id), ('message_type', '=', 'user_notification'),
        ]).notified_partner_ids)

    def test_messages_are_in_ones_own_name(self):
        contract = self._make_contract('active')
        with self.assertRaises(AccessError):
            contract.with_user(self.user_sales).message_post(body='I accept', author_id=self.contact.id, message_type='comment')
        with self.assertRaises(AccessError):
            contract.with_user(self.user_inspector).message_post(
                body='Pay us', partner_ids=self.customer.ids, message_type='comment', subtype_xmlid='mail.mt_comment',
            )
        with self.assertRaises(AccessError):
            contract.with_user(self.user_inspector).message_post(body='x', message_type='comment', subtype_xmlid='mail.mt_comment')
        note = contract.with_user(self.user_inspector).message_post(body='Looked at', message_type='comment', subtype_xmlid='mail.mt_note')
        self.assertEqual(note.author_id, self.user_inspector.partner_id)
