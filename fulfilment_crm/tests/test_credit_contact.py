"""Contacts that get another company, or lose theirs: limits, stops, orders and accounts go where they belong."""
from datetime import timedelta

from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import new_test_user, tagged

from .common_gate import GateCommon
from .common_profile import TODAY


@tagged('post_install', '-at_install')
class TestCreditContact(GateCommon):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.sales.group_ids += cls.env.ref('base.group_partner_manager')

    def test_a_customer_with_terms_of_its_own_is_moved_by_a_leader(self):
        """A company put above it for an instant would take a limit, or leave a stop behind."""
        self._rule('stop')
        leader = new_test_user(self.env, 'g_leader', groups='fulfilment_crm.group_credit,base.group_partner_manager')
        for name, held, vals in (('limit', 'limit_share', {}), ('stop', 'stop', {'hold': True, 'hold_reason': 'Away'})):
            person = self.env['res.partner'].create({'name': f'Ben {name}', 'is_company': False})
            line = self._limit(person, 1500.0 if name == 'limit' else 90000.0, **vals)
            self.assertHeld(self._confirmed(person, 2000.0))
            company = self.env['res.partner'].with_user(self.sales).create({'name': f'Ben {name} & Sons', 'is_company': True})
            with self.subTest(binds=name):
                with self.assertRaisesRegex(AccessError, 'credit terms of its own'), self.env.cr.savepoint():
                    person.with_user(self.sales).parent_id = company
                self.env.invalidate_all()
                person.with_user(leader).parent_id = company.id
                self.assertEqual(line.partner_id.id, company.id, "what binds it goes along")
                self.assertHeld(self._confirmed(person, 2000.0), held)

    def _confirmed(self, partner, amount):
        order = self._quote(amount, partner=partner)
        order.action_confirm()
        return order

    def test_a_person_with_orders_and_invoices_gets_a_company(self):
        """Ordinary work: the button “Create company”, whatever is open."""
        person = self.env['res.partner'].create({'name': 'Ben', 'company_name': 'Ben & Sons'})
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
        with self.assertRaisesRegex(AccessError, 'entries in the accounts'), self.env.cr.savepoint():
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

    def test_a_company_known_by_an_opening_balance_is_known(self):
        company = self.env['res.partner'].with_user(self.sales).create({'name': 'Old', 'is_company': True})
        person = self.env['res.partner'].create({'name': 'Dora'})
        self._invoice(person, 100.0, TODAY + timedelta(days=20))
        receivable, revenue = self._account('asset_receivable', self.company), self._account('income', self.company)
        self.env['account.move'].create({'move_type': 'entry', 'date': TODAY, 'line_ids': [
            Command.create({'account_id': receivable.id, 'partner_id': company.id, 'credit': 9000.0}),
            Command.create({'account_id': revenue.id, 'debit': 9000.0}),
        ]}).action_post()
        with self.assertRaisesRegex(AccessError, 'entries in the accounts'):
            person.with_user(self.sales).parent_id = company

    def test_defaults_of_the_salesperson_give_no_limit(self):
        """Odoo fills what is made as superuser with the defaults of whoever's call it is: kept, or brought by the call."""
        for name, value in (('limit', 1000000.0), ('limit_source', 'manual'), ('raised', 777.0)):
            self.env['ir.default'].with_user(self.sales).set('fulfilment.credit.line', name, value, user_id=True)
        partner = self.env['res.partner'].create({'name': 'New', 'is_company': True})
        order = self._quote(500.0, partner=partner).with_context(
            default_limit=1000000.0, default_limit_source='manual', default_raised=777.0, default_hold=False,
        )
        order.action_confirm()
        line = self._line(partner)
        self.assertEqual((line.limit, line.limit_source, line.raised), (0.0, 'none', 0.0))
