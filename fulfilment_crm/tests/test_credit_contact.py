"""Contacts that get another company, or lose theirs: limits, stops, orders and accounts go where they belong."""
from datetime import timedelta

from odoo.exceptions import AccessError
from odoo.tests import tagged

from .common_gate import GateCommon
from .common_profile import TODAY


@tagged('post_install', '-at_install')
class TestCreditContact(GateCommon):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.sales.group_ids += cls.env.ref('base.group_partner_manager')

    def test_a_new_name_sheds_neither_stop_nor_limit(self):
        for name, held, vals in (('limit', 'limit_share', {}), ('stop', 'stop', {'hold': True, 'hold_reason': 'Away'})):
            self._rule('stop') if name == 'stop' else None
            person = self.env['res.partner'].create({'name': f'Ben {name}', 'is_company': False})
            line = self._limit(person, 1500.0 if name == 'limit' else 90000.0, **vals)
            self.assertHeld(self._confirmed(person, 2000.0))
            company = self.env['res.partner'].with_user(self.sales).create({'name': f'Ben {name} & Sons', 'is_company': True})
            person.with_user(self.sales).parent_id = company
            with self.subTest(binds=name):
                self.assertEqual(line.partner_id, company.sudo(False).with_user(self.env.user))
                self.assertHeld(self._confirmed(person, 2000.0), held)

    def _confirmed(self, partner, amount):
        order = self._quote(amount, partner=partner)
        order.action_confirm()
        return order

    def test_a_person_with_orders_and_invoices_gets_a_company(self):
        """Ordinary work: the button “Create company”, whatever is open."""
        person = self.env['res.partner'].create({'name': 'Ben', 'company_name': 'Ben & Sons'})
        self._limit(person, 5000.0)
        order = self._confirmed(person, 1000.0)
        self._invoice(person, 100.0, TODAY + timedelta(days=20))
        person.with_user(self.sales).create_company()
        self.assertEqual((person.commercial_partner_id.name, order.state), ('Ben & Sons', 'sale'))

    def test_archived_contacts_are_contacts(self):
        Partner = self.env['res.partner'].with_user(self.sales)
        company = Partner.create({'name': 'New', 'is_company': True})
        first, second = self.env['res.partner'].create([{'name': 'X'}, {'name': 'Y'}])
        for person in (first, second):
            self._invoice(person, 5000.0, TODAY + timedelta(days=20))
        first.with_user(self.sales).parent_id = company
        first.active = False
        with self.assertRaisesRegex(AccessError, 'open entries'), self.env.cr.savepoint():
            second.with_user(self.sales).parent_id = company

    def test_what_stands_between_is_not_deleted_over_an_archived_contact(self):
        Partner = self.env['res.partner'].with_user(self.sales)
        kid = self.env['res.partner'].create({'name': 'Kid', 'parent_id': self.customer.id})
        self._limit(self.customer, 20000.0)
        self.assertEqual(self._confirmed(kid, 9000.0).state, 'sale')
        department = Partner.create({'name': 'Hall', 'parent_id': self.customer.id})
        kid.with_user(self.sales).parent_id = department
        kid.active = False
        seen = []
        self.patch(type(Partner), '_fulfilment_check_moved_orders', lambda partners, before: seen.extend(before))
        department.unlink()
        self.assertEqual(len(seen), 1)
