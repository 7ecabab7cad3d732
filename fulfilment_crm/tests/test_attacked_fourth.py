"""What a fourth look found: stored fields that follow from others, what a waived payment hides, what amendments are worth."""
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import new_test_user, tagged

from .common import TODAY
from .common_gate import GateCommon
from .common_ticket import ServiceCommon


@tagged('post_install', '-at_install')
class TestFourth(ServiceCommon):
    def test_whose_contact_somebody_is(self):
        records = self._make_customer_records(self.user_sales, self.company_a)
        customer = records['fulfilment.profile'].partner_id
        self.user_sales_2.group_ids |= self.env.ref('base.group_partner_manager')
        shell = self.env['res.partner'].create({'name': 'Shell', 'is_company': True, 'user_id': self.user_sales_2.id})
        own = customer.with_user(self.user_sales_2)
        with self.assertRaises(AccessError):
            own.commercial_partner_id = shell
        own.write({'commercial_partner_id': customer.id, 'comment': 'As the client sends it'})
        contact = self.env['res.partner'].with_user(self.user_sales_2).create({'name': 'Child', 'parent_id': shell.id})
        self.assertEqual(contact.commercial_partner_id, shell)
        # However it came to be so, the file of the contact itself counts.
        customer.sudo().commercial_partner_id = shell
        with self.assertRaises(AccessError):
            own.user_id = self.user_sales_2

    def test_whose_invoice_it_is(self):
        contract = self._make_contract('active', user_id=self.user_sales.id)
        self.user_sales.group_ids |= self.env.ref('account.group_account_invoice')
        journal = self.env['account.journal'].create({
            'name': 'Sales', 'type': 'sale', 'code': 'TSAL', 'company_id': self.company_a.id,
        })
        invoice = self.env['account.move'].with_company(self.company_a).create({
            'move_type': 'out_invoice', 'journal_id': journal.id, 'company_id': self.company_a.id, 'partner_id': self.other_customer.id,
        })
        own = invoice.with_user(self.user_sales).with_context(allowed_company_ids=self.company_a.ids)
        with self.assertRaises(AccessError):
            own.write({'commercial_partner_id': self.customer.id, 'fulfilment_contract_id': contract.id})
        invoice.sudo().commercial_partner_id = self.customer
        with self.assertRaises(ValidationError):
            own.fulfilment_contract_id = contract

    def test_waived_where_it_is_in_force_only(self):
        for state in ('draft', 'in_approval', 'approved', 'closed'):
            contract = self._make_contract('draft', user_id=self.user_sales.id)
            milestone = self._make_milestone(contract, kind='payment', obligor='customer', amount=5e5)
            contract.sudo().state = state
            with self.subTest(state=state):
                with self.assertRaises(UserError):
                    milestone.with_user(self.user_leader).action_waive(reason='x')
                milestone.sudo()._end('waived', 'x')
                with self.assertRaises(UserError):
                    milestone.with_user(self.user_sales).action_undo(reason='x')
        dropped = self._make_milestone(self._make_contract('active', user_id=self.user_sales.id))
        dropped.sudo()._cancel('Amendment 1')
        with self.assertRaises(UserError):
            dropped.with_user(self.user_sales).action_undo(reason='x')

    def _asked_about(self, contract, *lines, state='draft'):
        amendment = self.env['fulfilment.amendment'].with_user(self.user_sales).create({
            'contract_id': contract.id, 'reason': 'x', 'line_ids': [Command.create(line) for line in lines],
        })
        amendment.sudo().state = state
        return amendment._approval_amounts()[amendment]

    def test_what_amendments_are_worth(self):
        contract = self._make_contract('draft', user_id=self.user_sales.id)
        contract.line_ids = [
            Command.create({'name': 'Pump', 'quantity': 2, 'price_unit': 100.0, 'amount_untaxed': 200.0, 'amount_total': 230.0}),
            Command.create({'name': 'Free', 'quantity': 1, 'price_unit': 0.0}),
        ]
        pump, free = contract.line_ids
        self._bring_to(contract, 'active')
        asked = self._asked_about(
            contract, {'kind': 'line_quantity', 'line_id': pump.id, 'value_number': 60},
            {'kind': 'line_price', 'line_id': pump.id, 'value_number': 9300},
        )
        self.assertAlmostEqual(asked, 60 * 9300 * 1.15, 2)
        dear = {'kind': 'line_price', 'line_id': free.id, 'value_number': 9e5}
        self.assertAlmostEqual(self._asked_about(contract, dear), 230 + 9e5 * 1.15, 2)
        # What waits already counts with it.
        self._asked_about(contract, {'kind': 'line_add', 'value_name': 'More', 'value_number': 70000}, state='approved')
        self.assertAlmostEqual(
            self._asked_about(contract, {'kind': 'line_add', 'value_name': 'More', 'value_number': 70000}), 230 + 140000 * 1.15, 2,
        )
        framework = self._make_contract('active', user_id=self.user_sales.id, type_id=self.type_framework.id, amount_total=9e4)
        self.assertEqual(self._asked_about(framework, {'kind': 'contract_amount', 'value_amount': 0}), float('inf'))

    def test_values_that_cannot_be(self):
        contract = self._make_contract('active', user_id=self.user_sales.id, amount_total=10.0)
        for line in (
            {'kind': 'line_add', 'value_name': 'x', 'value_number': 5, 'value_quantity': -5},
            {'kind': 'milestone_add', 'value_name': 'x', 'value_kind': 'payment', 'value_date': TODAY, 'value_amount': -5},
            {'kind': 'contract_amount', 'value_amount': -5},
        ):
            amendment = self.env['fulfilment.amendment'].with_user(self.user_sales).create({
                'contract_id': contract.id, 'reason': 'x', 'line_ids': [Command.create(line)],
            })
            with self.subTest(kind=line['kind']), self.assertRaises(ValidationError):
                amendment.action_submit()
        category = self.env.ref('fulfilment_crm.clause_category_payment')
        draft = self._make_contract('draft', user_id=self.user_sales.id)
        for role, value in (
            ('payment_days', -5), ('payment_days', 1e9), ('payment_days', float('inf')), ('advance_percent', 101), ('monthly_day', 32),
        ):
            with self.subTest(role=role, value=value), self.assertRaises(ValidationError), self.env.cr.savepoint():
                draft.clause_ids = [Command.create({'name': 'x', 'category_id': category.id, 'body': 'x', 'parameter_ids': [
                    Command.create({'key': 'x', 'name': 'x', 'role': role, 'value_number': value}),
                ]})]
        draft.clause_ids = [Command.clear()]  # what the client sends for nothing

    def test_evidence_of_what_was_done_once(self):
        milestone = self._make_milestone(self._make_contract('active', user_id=self.user_sales.id))
        proof = self.env['ir.attachment'].create({'name': 'p', 'raw': b'x', 'res_model': milestone._name, 'res_id': milestone.id})
        milestone.evidence_ids = proof
        own = milestone.with_user(self.user_sales)
        own.action_done(date=TODAY)
        own.action_undo(reason='x')
        with self.assertRaises(AccessError):
            own.evidence_ids = [Command.clear()]
        with self.assertRaises(AccessError):
            proof.with_user(self.user_sales).unlink()


@tagged('post_install', '-at_install')
class TestGateFourth(GateCommon):

    def test_one_write_that_makes_an_order_gated(self):
        """Into the company that holds orders, and confirmed, in one write."""
        other = self.env['res.company'].create({'name': 'Ungated', 'currency_id': self.company.currency_id.id})
        self.sales.company_ids |= other
        self._limit(self.customer, 10)
        order = self.env['sale.order'].create({
            'partner_id': self.customer.id, 'company_id': other.id, 'user_id': self.sales.id, 'order_line': [Command.create({
                'name': 'Text', 'display_type': 'line_note',
            })],
        })
        order.order_line = [Command.clear(), Command.create({
            'name': 'Service', 'product_id': self.product.id, 'product_uom_qty': 1, 'price_unit': 1000, 'tax_ids': [Command.clear()],
        })]
        own = order.with_user(self.sales).with_context(allowed_company_ids=(self.company | other).ids)
        own.write({'company_id': self.company.id, 'team_id': False, 'pricelist_id': False, 'state': 'sale'})
        self.assertHeld(order)

    def test_readers_do_not_run_the_gate_by_writing(self):
        self._limit(self.customer, 10)
        order = self._quote(1000)
        inspector = new_test_user(
            self.env, 'g_inspector', groups='base.group_user,fulfilment_crm.group_inspector', company_id=self.company.id,
            company_ids=[Command.set(self.company.ids)],
        )
        with self.assertRaises(AccessError):
            order.with_user(inspector).write({'state': 'sale'})
        self.assertFalse(order.sudo().fulfilment_credit_decision_ids)
