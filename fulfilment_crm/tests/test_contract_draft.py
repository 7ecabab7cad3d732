from datetime import timedelta

from odoo.exceptions import UserError, ValidationError
from odoo.fields import Command
from odoo.tests import Form, tagged

from ..models.clause.clause import KNOWN_TO_CONTRACTS
from .common import TODAY, FulfilmentCommon


@tagged('post_install', '-at_install')
class TestContractDraft(FulfilmentCommon):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company_a.fulfilment_approval = False

    def _order(self, **vals):
        order = self.env['sale.order'].with_company(self.company_a).create({
            'partner_id': self.contact.id, 'company_id': self.company_a.id, 'user_id': self.user_sales.id,
            'order_line': [Command.create({'product_id': self.product.id, 'product_uom_qty': 3, 'price_unit': 1000.0, 'tax_ids': False})],
            **vals,
        })
        order.action_confirm()
        return order

    # === FROM AN ORDER === #

    def test_one_click(self):
        term = self.env.ref('account.account_payment_term_advance_60days')
        order = self._order(payment_term_id=term.id)
        contract = self.env['fulfilment.contract'].browse(order.with_user(self.user_sales).action_create_fulfilment_contract()['res_id'])
        self.assertEqual(order.fulfilment_contract_id, contract)
        self.assertEqual(
            (contract.partner_id, contract.commercial_partner_id, contract.user_id), (self.contact, self.customer, self.user_sales)
        )
        self.assertEqual((contract.amount_total, contract.amount_untaxed, contract.currency_id), (3000.0, 3000.0, order.currency_id))
        self.assertEqual((contract.line_ids.quantity, contract.line_ids.price_unit), (3.0, 1000.0))
        payments = contract.milestone_ids.filtered(lambda one: one.kind == 'payment').sorted('sequence')
        self.assertEqual(payments.mapped('amount'), [900.0, 2100.0])
        self.assertEqual(payments.mapped('is_down_payment'), [True, False])
        delivery = contract.milestone_ids.filtered(lambda one: one.kind == 'delivery')
        self.assertEqual(delivery.sale_line_ids, order.order_line)
        self.assertEqual(payments[1].predecessor_id.kind, 'acceptance')
        self.assertTrue(contract.clause_ids)
        self.assertFalse(contract.type_id.mandatory_category_ids - contract.clause_ids.category_id)

    def test_percentages_without_term_come_to_the_amount(self):
        order = self._order(payment_term_id=False)
        order.order_line.price_unit = 33.33
        contract = order._create_fulfilment_contracts()
        payments = contract.milestone_ids.filtered(lambda one: one.kind == 'payment')
        self.assertTrue(payments)
        self.assertAlmostEqual(sum(payments.mapped('amount')), contract.amount_total, 2)

    def test_draft_milestones_follow_dates_and_amount_of_the_draft(self):
        contract = self._make_contract(amount_total=1000.0)
        milestone = self._make_milestone(
            contract, kind='payment', obligor='customer', percent=30.0, anchor='start', offset_days=5, date_planned=False,
        )
        self.assertEqual((milestone.amount, milestone.date_planned), (300.0, TODAY + timedelta(days=5)))
        contract.with_user(self.user_sales).write({'amount_total': 2000.0, 'date_start': TODAY + timedelta(days=10)})
        self.assertEqual((milestone.amount, milestone.date_planned), (600.0, TODAY + timedelta(days=15)))
        self._bring_to(contract, 'active')
        contract.sudo().amount_total = 9000.0
        self.assertEqual(milestone.amount, 600.0)

    def test_only_confirmed_and_only_once(self):
        draft = self.env['sale.order'].create({'partner_id': self.customer.id, 'company_id': self.env.company.id})
        with self.assertRaisesRegex(UserError, draft.name):
            draft.action_create_fulfilment_contract()
        order = self._order()
        order.action_create_fulfilment_contract()
        with self.assertRaisesRegex(UserError, order.name):
            order.action_create_fulfilment_contract()

    def test_promised_date_plans_the_delivery(self):
        order = self._order(commitment_date='2026-05-04 10:00:00')
        contract = order._create_fulfilment_contracts()
        delivery = contract.milestone_ids.filtered(lambda one: one.kind == 'delivery')
        self.assertEqual(str(delivery.date_planned), '2026-05-04')

    def test_language_of_the_customer(self):
        self.env['res.lang']._activate_lang('zh_CN')
        self.env['ir.module.module']._load_module_terms(['fulfilment_crm'], ['zh_CN'])
        self.contact.lang = 'zh_CN'
        contract = self._order()._create_fulfilment_contracts()
        self.assertEqual(contract.lang, 'zh_CN')
        self.assertIn('违约', ''.join(contract.clause_ids.mapped('text')))
        self.assertIn('整', contract.amount_in_words)

    def test_framework_and_its_ceiling(self):
        framework = self._make_contract('active', type_id=self.type_framework.id, amount_total=10000.0)
        local = self._make_contract('active', parent_id=framework.id)
        self._order().fulfilment_contract_id = framework
        self._order().fulfilment_contract_id = local
        cancelled = self._order()
        cancelled.fulfilment_contract_id = framework
        cancelled._action_cancel()
        self.assertEqual((framework.amount_ordered, framework.order_count, framework.ceiling_share), (6000.0, 2, 60.0))

    def test_ceiling_in_the_currency_of_the_contract(self):
        foreign = self.env['res.currency'].create({'name': 'FFF', 'symbol': 'F', 'rounding': 0.01})
        self.env['res.currency.rate'].create(
            {'currency_id': foreign.id, 'rate': 2.0, 'name': '2020-01-01', 'company_id': self.company_a.id}
        )
        framework = self._make_contract('active', type_id=self.type_framework.id, amount_total=10000.0, currency_id=foreign.id)
        self._order().fulfilment_contract_id = framework
        self.assertEqual(framework.amount_ordered, 6000.0)

    def test_by_hand_in_the_form(self):
        with Form(self.env['fulfilment.contract'].with_user(self.user_sales)) as form:
            form.partner_id = self.customer
            form.type_id = self.type_sale
            form.template_id = self.template_sale
        contract = form.record
        self.assertTrue(contract.clause_ids)
        self.assertTrue(contract.milestone_ids)

    def test_loading_the_template_again_deletes_nothing(self):
        contract = self._make_contract(type_id=self.type_sale.id, template_id=self.template_sale.id)
        own = self.env['fulfilment.contract.clause'].create({
            'contract_id': contract.id, 'name': 'Own', 'category_id': contract.clause_ids[0].category_id.id, 'body': 'Ours',
        })
        contract.clause_ids[0].body = 'Changed'
        dropped = contract.clause_ids[1]
        library = dropped.clause_id
        dropped.unlink()
        contract.action_load_template()
        self.assertIn(own, contract.clause_ids)
        self.assertEqual(contract.clause_ids.filtered(lambda one: one.body == 'Changed'), contract.clause_ids[0])
        self.assertIn(library, contract.clause_ids.clause_id)

    # === CHECK === #

    def test_missing_and_unfilled_are_listed_together(self):
        self.customer.write({'street': False, 'city': False})
        self.contact.write({'street': False, 'city': False})
        contract = self._make_contract(type_id=self.type_sale.id, template_id=self.template_sale.id)
        contract.clause_ids.filtered(lambda one: one.category_id.code == 'dispute').unlink()
        with self.assertRaises(UserError) as caught:
            contract.action_submit()
        for word in (contract.name, 'Dispute', 'Place of delivery', 'lists what is sold'):
            self.assertIn(word, str(caught.exception))

    def test_what_every_contract_fills_is_what_clauses_may_name(self):
        contract = self.env['fulfilment.contract'].create({'partner_id': self.customer.id, 'type_id': self.type_sale.id})
        self.assertEqual(contract._placeholder_values().keys(), KNOWN_TO_CONTRACTS)

    def test_vague_wording_and_contradictions_are_pointed_out(self):
        contract = self._make_contract(type_id=self.type_sale.id, template_id=self.template_sale.id)
        clause = contract.clause_ids[0]
        clause.body = 'We deliver 尽快, with Reasonable care.'
        breach = contract.clause_ids.filtered(lambda one: one.category_id.code == 'breach')
        breach.parameter_ids.filtered(lambda one: one.role == 'damages_cap').value_number = 0.01
        contract.action_check()
        findings = contract.finding_ids
        self.assertEqual(len(findings.filtered(lambda one: one.kind == 'vague' and one.clause_id == clause)), 2)
        self.assertTrue(findings.filtered(lambda one: one.kind == 'contradiction' and one.clause_id == breach))
        self.assertEqual(findings.filtered(lambda one: one.clause_id == breach)[:1].action_open()['res_id'], breach.id)

    def test_cap_of_exactly_one_day_is_no_contradiction(self):
        contract = self._make_contract(type_id=self.type_sale.id, template_id=self.template_sale.id)
        breach = contract.clause_ids.filtered(lambda one: one.category_id.code == 'breach').parameter_ids
        rate = breach.filtered(lambda one: one.role == 'damages_rate').value_number
        breach.filtered(lambda one: one.role == 'damages_cap').value_number = rate
        contract.action_check()
        self.assertFalse(contract.finding_ids.filtered(lambda one: 'cap on damages' in one.message))

    def test_deposit_limit(self):
        contract = self._make_contract()
        clause = self.env['fulfilment.contract.clause'].create({
            'contract_id': contract.id, 'name': 'Deposit', 'body': '{p} %', 'category_id': self.env.ref(
                'fulfilment_crm.clause_category_payment'
            ).id,
            'parameter_ids': [Command.create({'key': 'p', 'name': 'Deposit', 'role': 'deposit_percent', 'value_number': 20.0})],
        })
        contract.action_check()
        self.assertFalse(contract.finding_ids.filtered(lambda one: one.kind == 'law'))
        clause.parameter_ids.value_number = 20.01
        contract.action_check()
        self.assertTrue(contract.finding_ids.filtered(lambda one: one.kind == 'law'))
        contract.company_id.fulfilment_deposit_limit = 30.0
        contract.action_check()
        self.assertFalse(contract.finding_ids.filtered(lambda one: one.kind == 'law'))

    def test_where_things_are_delivered_is_known(self):
        """From the order, else from the customer; what nobody knows is a gap."""
        plain = self._order()
        dock = self.env['res.partner'].create({
            'name': 'Dock', 'type': 'delivery', 'parent_id': self.customer.id, 'street': '8 Dock Road', 'city': 'Ningbo',
        })
        nowhere = self.env['res.partner'].create({'name': 'Nowhere', 'is_company': True})
        for order, place in (
            (self._order(partner_shipping_id=dock.id), '8 Dock Road, Ningbo'), (plain, '1 Harbour Road, Ningbo'),
            (self._order(partner_id=nowhere.id), ''),
        ):
            contract = order.with_user(self.user_sales)._create_fulfilment_contracts()
            parameter = contract.clause_ids.parameter_ids.filtered(lambda one: one.key == 'delivery_place')
            with self.subTest(place=place):
                self.assertEqual(parameter.value_text or '', place)
                self.assertEqual(place in parameter.contract_clause_id.text, True)
                contract.action_check()
                self.assertEqual(
                    bool(contract.finding_ids.filtered(lambda one: one.kind == 'unfilled' and 'Place' in one.message)), not place,
                )
        contract.with_user(self.user_sales).action_load_template()

    def test_clause_parameter_moves_its_milestone(self):
        contract = self._make_contract(type_id=self.type_sale.id, template_id=self.template_sale.id)
        delivery = contract.milestone_ids.filtered(lambda one: one.kind == 'delivery')
        parameter = delivery.clause_id.parameter_ids.filtered(lambda one: one.role == 'delivery_days')
        parameter.with_user(self.user_sales).value_number = 45
        self.assertEqual((delivery.offset_days, delivery.date_planned), (45, TODAY + timedelta(days=45)))

    # === ORDERS AND ARCHIVE === #

    def test_order_of_another_customer_is_refused(self):
        contract = self._make_contract('active')
        order = self._order(partner_id=self.other_customer.id)
        with self.assertRaisesRegex(ValidationError, order.name):
            order.fulfilment_contract_id = contract
        self._order().fulfilment_contract_id = contract

    def test_what_is_not_over_is_not_archived(self):
        for state in ('in_approval', 'approved', 'active', 'settlement'):
            contract = self._make_contract(state)
            with self.assertRaisesRegex(UserError, 'cannot be archived'):
                contract.action_archive()
        for state in ('draft', 'closed', 'terminated', 'cancelled'):
            self._make_contract(state).action_archive()

    def test_branches_use_what_their_company_has(self):
        branch = self.env['res.company'].create({'name': 'Branch', 'parent_id': self.company_a.id, 'fulfilment_approval': True})
        template = self.template_sale.copy({'company_id': self.company_a.id, 'sequence': 0})
        contract = self._make_contract(company=branch, user_id=False, type_id=self.type_sale.id, template_id=template.id)
        self.assertTrue(contract.clause_ids)
        lines = template.milestone_line_ids
        self.assertEqual(lines.mapped('name'), self.template_sale.milestone_line_ids.mapped('name'))
        self.assertEqual(lines.predecessor_id.template_id, template)
        chain = self.env['fulfilment.approval.chain'].create({
            'name': 'Of the parent', 'model': 'fulfilment.contract', 'sequence': 0, 'company_id': self.company_a.id,
            'step_ids': [Command.create({'name': 'One', 'user_id': self.user_legal.id})],
        })
        self.assertEqual(chain._chains_for(contract), {contract: chain})
        self.assertNotIn(chain, chain._chains_for(self._make_contract(company=self.company_b, user_id=False)).values())
