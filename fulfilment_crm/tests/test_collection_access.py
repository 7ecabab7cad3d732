"""Who reaches what was agreed about money owed: as the customer's instalments, and dialogs their makers only."""
from datetime import timedelta

from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import tagged

from .common_profile import TODAY, ProfileCommon

ROLES = {'manager': True, 'credit': True, 'legal': True, 'service': True, 'inspector': True, 'user': False}  # who reads all
CHANGED_BY = {
    'fulfilment.dispute': {'manager', 'credit', 'service'}, 'fulfilment.payment.promise': {'manager', 'credit'},
    'fulfilment.payment.plan': {'manager', 'credit'}, 'fulfilment.statement': {'manager', 'credit'},
}


@tagged('post_install', '-at_install')
class TestCollectionAccess(ProfileCommon):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.users = {role: cls._make_role(f'c_{role}', f'group_{role}') for role in ROLES}
        cls.own = cls._make_sales_user('c_own')
        cls.leader = cls._make_role('c_leader', 'group_leader')
        cls.env['crm.team'].create({
            'name': 'Team', 'company_id': cls.company.id, 'user_id': cls.leader.id, 'member_ids': [Command.set(cls.own.ids)],
        })
        cls.customer.user_id = cls.own
        line = cls._invoice(cls.customer, 100, TODAY)
        agreed = {'partner_id': cls.customer.id, 'company_id': cls.company.id, 'currency_id': cls.company.currency_id.id}
        cls.records = {
            'fulfilment.dispute': cls.env['fulfilment.dispute'].create({
                'move_id': line.move_id.id, 'reason_id': cls.env.ref('fulfilment_crm.dispute_reason_price').id, 'amount': 10,
                'user_id': False,
            }),
            'fulfilment.payment.promise': cls.env['fulfilment.payment.promise'].create({
                **agreed, 'amount': 10, 'date_promised': TODAY + timedelta(days=400), 'user_id': False,
            }),
            'fulfilment.payment.plan': cls.env['fulfilment.payment.plan'].create({**agreed, 'amount': 10, 'user_id': False}),
            'fulfilment.statement': cls.env['fulfilment.statement'].create({
                'partner_id': cls.customer.id, 'company_id': cls.company.id, 'as_of': TODAY, 'user_id': False,
            }),
        }

    def test_roles(self):
        for model, record in self.records.items():
            for role, reads in ROLES.items():
                own = record.with_user(self.users[role])
                with self.subTest(model=model, role=role):
                    self.assertEqual(bool(own.search([('id', '=', record.id)])), reads)
                    self.assertEqual(own.has_access('write'), role in CHANGED_BY[model])

    def test_whose_customer_it_is(self):
        for model, record in self.records.items():
            with self.subTest(model=model):
                for user in (self.own, self.leader):
                    self.assertTrue(record.with_user(user).has_access('read'))
                    self.assertTrue(record.with_user(user).has_access('write'))
        self.customer.user_id = False
        self.assertTrue(self.records['fulfilment.statement'].with_user(self.users['user']).has_access('read'), "nobody's")
        self.env['fulfilment.profile'].search([('partner_id', '=', self.customer.id)]).unlink()
        self.env['fulfilment.profile'].create({'partner_id': self.customer.id, 'company_id': self.company.id, 'user_id': self.own.id})
        self.assertFalse(self.records['fulfilment.statement'].with_user(self.users['user']).has_access('read'))

    def test_nobody_gives_others_customers_promises(self):
        for model in ('fulfilment.payment.promise', 'fulfilment.payment.plan', 'fulfilment.statement'):
            vals = {
                'partner_id': self.customer.id, 'company_id': self.company.id, 'user_id': self.users['user'].id,
                **({'as_of': TODAY} if model == 'fulfilment.statement' else {'amount': 5}),
                **({'date_promised': TODAY} if model == 'fulfilment.payment.promise' else {}),
            }
            with self.subTest(model=model), self.assertRaises(AccessError):
                self.env[model].with_user(self.users['user']).create(vals)

    def test_dialogs_are_their_makers(self):
        profile = self.profile(self.customer)
        for model, vals in {
            'fulfilment.dispute.open': {'line_number': 1, 'reason_id': self.env.ref('fulfilment_crm.dispute_reason_price').id},
            'fulfilment.dispute.decide': {'dispute_id': self.records['fulfilment.dispute'].id, 'grounds': 'Secret'},
            'fulfilment.promise.renegotiate': {'promise_id': self.records['fulfilment.payment.promise'].id, 'reason': 'Secret'},
            'fulfilment.statement.batch': {'profile_ids': [Command.set(profile.ids)]},
        }.items():
            dialog = self.env[model].with_user(self.users['credit']).create(vals)
            with self.subTest(model=model):
                self.assertTrue(dialog.read(['display_name']))
                with self.assertRaises(AccessError):
                    dialog.with_user(self.users['manager']).read(['display_name'])
                with self.assertRaises(AccessError):
                    dialog.with_user(self.users['inspector']).create(vals)

    def test_dialogs_tell_nothing_of_others_customers(self):
        stranger = self.users['user']
        for model, name in (('fulfilment.dispute.decide', 'dispute_id'), ('fulfilment.promise.renegotiate', 'promise_id')):
            record = self.records['fulfilment.dispute' if name == 'dispute_id' else 'fulfilment.payment.promise']
            with self.subTest(model=model), self.assertRaises(AccessError):
                self.env[model].with_user(stranger).create({name: record.id})
