import base64
import hashlib
from datetime import timedelta

from odoo.exceptions import UserError, ValidationError
from odoo.fields import Command
from odoo.tests import Form, tagged

from ..models.contract.contract_flow import MOVES
from .common import TODAY, FulfilmentCommon

ACTIONS = {
    'in_approval': lambda contract: contract.action_submit(),
    'active': lambda contract: contract.action_activate(),
    'settlement': lambda contract: contract.action_settle(),
    'closed': lambda contract: contract.action_close(),
    'terminated': lambda contract: contract.action_terminate(reason='Test'),
    'cancelled': lambda contract: contract.action_cancel(reason='Test'),
    'draft': lambda contract: contract.action_reset_draft(),
}


@tagged('post_install', '-at_install')
class TestContractFlow(FulfilmentCommon):

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

    # === LIFE CYCLE === #

    def test_every_illegal_move_is_refused(self):
        for state, legal in MOVES.items():
            for target in MOVES.keys() - legal:
                with self.subTest(state=state, target=target):
                    contract = self._make_contract(state)
                    with self.assertRaises(UserError):
                        contract._move_to(target)
                    self.assertEqual(contract.state, state)

    def test_buttons_refuse_what_is_illegal(self):
        for state in MOVES:
            for target, action in ACTIONS.items():
                if target in MOVES[state] or (target == 'in_approval' and 'approved' in MOVES[state]):
                    continue
                with self.subTest(state=state, target=target):
                    contract = self._make_contract(state)
                    with self.assertRaises(UserError):
                        action(contract)
                    self.assertEqual(contract.state, state)

    def test_closing_waits_for_milestones(self):
        contract = self._make_contract('active')
        milestone = self._make_milestone(contract)
        contract.action_settle()
        with self.assertRaisesRegex(UserError, 'Delivery'):
            contract.action_close()
        milestone.action_done(date=TODAY)
        contract.action_close()
        self.assertEqual(contract.state, 'closed')

    def test_termination_asks_why_and_cancels_what_is_open(self):
        contract = self._make_contract('active')
        milestone = self._make_milestone(contract)
        self.assertEqual(contract.action_terminate()['res_model'], 'fulfilment.reason')
        contract.action_terminate(reason='Insolvent')
        self.assertEqual((contract.state, contract.end_reason, milestone.state), ('terminated', 'Insolvent', 'cancelled'))

    def test_cancel_and_back(self):
        contract = self._make_contract()
        milestone = self._make_milestone(contract)
        contract.action_cancel(reason='Wrong customer')
        self.assertEqual(milestone.state, 'cancelled')
        contract.action_reset_draft()
        self.assertEqual((contract.state, milestone.state), ('draft', 'pending'))

    def test_past_its_draft_a_contract_is_not_deleted(self):
        with self.assertRaisesRegex(UserError, 'past its draft'):
            self._make_contract('active').unlink()
        self._make_contract().unlink()

    # === SIGNATURE === #

    def test_signed_before_start_waits(self):
        future = self._make_contract('approved', date_start=TODAY + timedelta(days=3650))
        future.action_sign(signed_by='Lin Wei', document=base64.b64encode(b'scan'))
        self.assertEqual(future.state, 'approved')
        self.run_cron('fulfilment.contract', '_cron_milestones', as_of=future.date_start - timedelta(days=1))
        self.assertEqual(future.state, 'approved')
        self.run_cron('fulfilment.contract', '_cron_milestones', as_of=future.date_start)
        self.assertEqual(future.state, 'active')

    def test_signed_on_its_start_is_active(self):
        contract = self._make_contract('approved')
        contract.action_sign(signed_by='Lin Wei', document=base64.b64encode(b'scan'), date=TODAY)
        self.assertEqual((contract.state, contract.date_signed), ('active', TODAY))

    def test_paper_is_dated_where_the_company_is(self):
        self.company_a.resource_calendar_id.tz = 'Pacific/Pago_Pago'
        self.user_sales.tz = 'Pacific/Kiritimati'  # 25 hours ahead: always another day
        contract = self._make_contract('approved')
        action = contract.action_sign_paper()
        dialog = self.env[action['res_model']].with_user(self.user_sales).with_context(**action['context'])
        dialog.create({'signed_by': 'Lin Wei', 'document': base64.b64encode(b'scan')}).action_confirm()
        self.assertEqual(contract.date_signed, self.company_a._fulfilment_today()[self.company_a])

    def test_signed_once_only_and_kept(self):
        contract = self._make_contract('approved')
        contract.action_sign(signed_by='Lin Wei', document=base64.b64encode(b'scan'), document_name='scan.pdf')
        with self.assertRaises(UserError):
            contract.action_sign(signed_by='Somebody', document=base64.b64encode(b'other'))
        self.assertEqual(base64.b64decode(contract.signed_document), b'scan')
        self.assertEqual(contract.signed_checksum, hashlib.sha256(b'scan').hexdigest())

    def test_portal_signature_makes_the_document_once(self):
        contract = self._make_contract('approved')
        contract._sign('Lin Wei', signature=base64.b64encode(b'\x89PNG'), ip='192.0.2.7')
        document = contract.signed_document
        self.assertIn(contract.name.encode(), base64.b64decode(document))
        self.customer.name = 'Renamed'
        contract.invalidate_recordset()
        self.assertEqual(contract.signed_document, document)

    def test_send_for_signature(self):
        contract = self._make_contract('approved')
        action = contract.with_user(self.user_sales).action_send_for_signature()
        composer = self.env['mail.compose.message'].with_user(self.user_sales).with_context(**action['context']).create({})
        self.assertIn(f'/my/fulfilment/contracts/{contract.id}?access_token={contract.access_token}', composer.body)
        self.assertEqual(composer.partner_ids, self.customer)
        with self.assertRaises(UserError):
            self._make_contract('active').action_send_for_signature()

    def test_unapproved_is_not_signed(self):
        for state in ('draft', 'in_approval', 'active', 'closed', 'cancelled'):
            with self.assertRaises(UserError):
                self._make_contract(state).action_sign(signed_by='Lin Wei', document=base64.b64encode(b'scan'))

    def test_future_signature_is_refused(self):
        with self.assertRaises(UserError):
            self._make_contract('approved').action_sign(signed_by='Lin', document=base64.b64encode(b'x'), date='2999-01-01')

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
        contract = self._make_contract(type_id=self.type_sale.id, template_id=self.template_sale.id)
        contract.clause_ids.filtered(lambda one: one.category_id.code == 'dispute').unlink()
        with self.assertRaises(UserError) as caught:
            contract.action_submit()
        for word in (contract.name, 'Dispute', 'Place of delivery', 'lists what is sold'):
            self.assertIn(word, str(caught.exception))

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

    def test_clause_parameter_moves_its_milestone(self):
        contract = self._make_contract(type_id=self.type_sale.id, template_id=self.template_sale.id)
        delivery = contract.milestone_ids.filtered(lambda one: one.kind == 'delivery')
        parameter = delivery.clause_id.parameter_ids.filtered(lambda one: one.role == 'delivery_days')
        parameter.with_user(self.user_sales).value_number = 45
        self.assertEqual((delivery.offset_days, delivery.date_planned), (45, TODAY + timedelta(days=45)))

    # === FROZEN === #

    def test_library_changes_do_not_reach_contracts(self):
        contract = self._make_contract(type_id=self.type_sale.id, template_id=self.template_sale.id)
        clause = contract.clause_ids.filtered('clause_id')[0]
        before = clause.text
        clause.clause_id.body = 'New wording'
        self.assertEqual(clause.text, before)

    def test_text_is_frozen_with_the_contract(self):
        contract = self._make_contract('active')
        clause = self.env['fulfilment.contract.clause'].sudo().create({
            'contract_id': contract.id, 'name': 'Parties', 'body': 'With {customer}', 'text': 'With Hengtong Industries',
            'category_id': self.env.ref('fulfilment_crm.clause_category_payment').id,
        })
        self.customer.name = 'Renamed'
        clause._compute_text()
        self.assertEqual(clause.text, 'With Hengtong Industries')

    def test_signed_off_clauses_change_by_version(self):
        clause = self.template_sale.clause_line_ids[0].clause_id
        clause.with_user(self.user_legal).action_sign_off()
        self.assertEqual(clause.legal_user_id, self.user_legal)
        with self.assertRaisesRegex(UserError, 'new version'):
            clause.with_user(self.user_legal).body = 'Changed'
        with self.assertRaises(UserError):
            clause.with_user(self.user_sales).action_sign_off()
        successor = self.env['fulfilment.clause'].browse(clause.with_user(self.user_legal).action_new_version()['res_id'])
        self.assertEqual((successor.version, successor.previous_id, successor.legal_state, clause.active), (2, clause, 'draft', False))
        self.assertEqual(self.template_sale.clause_line_ids[0].clause_id, successor)

    def test_unknown_placeholder_is_refused(self):
        with self.assertRaisesRegex(ValidationError, 'no_such'):
            self.env['fulfilment.clause'].create({
                'name': 'X', 'category_id': self.env.ref('fulfilment_crm.clause_category_payment').id, 'body': '{no_such}',
            })

    # === RENEWAL AND EXPIRY === #

    def test_renewal_links_both_ways(self):
        contract = self._make_contract('active', date_end=TODAY + timedelta(days=364), renew_months=12)
        self._make_milestone(contract, 10)
        contract.with_user(self.user_sales).action_renew()
        successor = contract.renewal_ids
        self.assertEqual((successor.renewed_from_id, successor.state), (contract, 'draft'))
        self.assertEqual(successor.date_start, contract.date_end + timedelta(days=1))
        self.assertEqual(successor.milestone_ids.offset_days, 10)
        self.assertEqual(successor.milestone_ids.date_planned, successor.date_start + timedelta(days=10))
        with self.assertRaises(UserError):
            contract.action_renew()

    def test_automatic_renewal_once_and_only_near_the_end(self):
        contract = self._make_contract('active', date_end=TODAY + timedelta(days=31), auto_renew=True)
        other = self._make_contract('active', date_end=TODAY + timedelta(days=10))
        self.run_cron('fulfilment.contract', '_cron_milestones')
        self.assertFalse(contract.renewal_ids)
        for _run in range(2):
            self.run_cron('fulfilment.contract', '_cron_milestones', as_of=TODAY + timedelta(days=1))
        self.assertEqual(len(contract.renewal_ids), 1)
        self.assertFalse(other.renewal_ids)

    def test_end_leads_to_settlement_unless_something_is_to_deliver(self):
        contract = self._make_contract('active', date_end=TODAY)
        owing = self._make_contract('active', date_end=TODAY)
        self._make_milestone(owing, 5)
        self.run_cron('fulfilment.contract', '_cron_milestones')
        self.assertEqual(contract.state, 'active')
        self.run_cron('fulfilment.contract', '_cron_milestones', as_of=TODAY + timedelta(days=1))
        self.assertEqual((contract.state, owing.state), ('settlement', 'active'))

    def test_expiring_is_searchable(self):
        near = self._make_contract('active', date_end=TODAY + timedelta(days=90))
        far = self._make_contract('active', date_end=TODAY + timedelta(days=91))
        Contract = self.env['fulfilment.contract'].with_context(as_of=TODAY)
        found = Contract.search([('is_expiring', '=', True)])
        self.assertIn(near, found)
        self.assertNotIn(far, found)
        self.assertTrue(near.with_context(as_of=TODAY).is_expiring)
        self.assertIn(far, Contract.search([('is_expiring', '=', False)]))

    # === AMENDMENTS === #

    def _amend(self, contract, effective, *lines):
        return self.env['fulfilment.amendment'].with_user(self.user_sales).create({
            'contract_id': contract.id, 'reason': 'Agreed', 'date_effective': effective,
            'line_ids': [Command.create(line) for line in lines],
        })

    def test_amendment_applies_on_its_day_and_the_past_is_answered(self):
        contract = self._make_contract('active', amount_total=1000.0, date_end=TODAY + timedelta(days=100))
        milestone = self._make_milestone(contract, 10)
        self.run_cron('fulfilment.contract', '_cron_milestones')
        effective = TODAY + timedelta(days=3650)
        amendment = self._amend(
            contract, effective, {'kind': 'contract_amount', 'value_amount': 1500.0},
            {'kind': 'milestone_date', 'milestone_id': milestone.id, 'value_date': TODAY + timedelta(days=20)},
        )
        self.assertEqual((amendment.number, amendment.line_ids.mapped('before')[0]), (1, contract.currency_id.format(1000.0)))
        amendment.action_submit()
        self.assertEqual((amendment.state, contract.amount_total), ('approved', 1000.0))
        self.run_cron('fulfilment.contract', '_cron_milestones', as_of=effective)
        self.assertEqual((amendment.state, contract.amount_total), ('applied', 1500.0))
        self.assertEqual((milestone.date_planned, milestone.date_first_planned), (TODAY + timedelta(days=20), TODAY + timedelta(days=10)))
        self.assertEqual(contract._value_at('amount_total', effective - timedelta(days=1)), 1000.0)
        self.assertEqual(contract._value_at('amount_total', effective), 1500.0)
        before = milestone._at(TODAY + timedelta(days=11))[milestone]
        self.assertEqual((before['date_planned'], before['is_late']), (TODAY + timedelta(days=10), True))
        self.assertFalse(milestone._at(effective)[milestone]['date_planned'] != TODAY + timedelta(days=20))

    def test_amendment_refuses_what_makes_no_sense(self):
        contract = self._make_contract('active')
        foreign = self._make_milestone(self._make_contract('active'))
        with self.assertRaises(ValidationError):
            self._amend(contract, TODAY, {'kind': 'milestone_date', 'milestone_id': foreign.id, 'value_date': TODAY})
        with self.assertRaisesRegex(UserError, 'add a line'):
            self._amend(contract, TODAY).action_submit()
        with self.assertRaises(ValidationError):
            self._amend(contract, TODAY, {'kind': 'date_end'}).action_submit()
        with self.assertRaises(UserError):
            self._amend(self._make_contract(), TODAY, {'kind': 'contract_amount', 'value_amount': 1})

    def test_amendments_are_numbered_and_frozen(self):
        contract = self._make_contract('active')
        first = self._amend(contract, TODAY, {'kind': 'contract_amount', 'value_amount': 7.0})
        second = self._amend(contract, TODAY, {'kind': 'contract_amount', 'value_amount': 8.0})
        self.assertEqual((first.number, second.number), (1, 2))
        first.action_submit()
        with self.assertRaises(UserError):
            first.line_ids.value_amount = 9.0
        with self.assertRaises(UserError):
            first.reason = 'Other'
        with self.assertRaises(UserError):
            first.action_cancel()

    def test_every_kind_of_change(self):
        contract = self._make_contract('active', date_end=TODAY + timedelta(days=50))
        clause = self.env['fulfilment.contract.clause'].sudo().create({
            'contract_id': contract.id, 'name': 'Old', 'body': 'Old', 'text': 'Old', 'category_id': self.env.ref(
                'fulfilment_crm.clause_category_payment'
            ).id,
        })
        payment = self._make_milestone(contract, 5, kind='payment', obligor='customer', amount=100.0)
        dropped = self._make_milestone(contract, 6)
        self._amend(
            contract, TODAY,
            {'kind': 'date_end', 'value_date': TODAY + timedelta(days=80)},
            {'kind': 'milestone_amount', 'milestone_id': payment.id, 'value_amount': 250.0},
            {'kind': 'milestone_cancel', 'milestone_id': dropped.id},
            {'kind': 'milestone_add', 'value_name': 'Training', 'value_date': TODAY, 'value_kind': 'other', 'value_obligor': 'us'},
            {'kind': 'clause_text', 'clause_id': clause.id, 'value_text': 'New'},
            {'kind': 'clause_add', 'value_name': 'Extra', 'value_text': 'Extra text', 'category_id': clause.category_id.id},
        ).action_submit()
        self.assertEqual(contract.date_end, TODAY + timedelta(days=80))
        self.assertEqual((payment.amount, dropped.state, clause.text), (250.0, 'cancelled', 'New'))
        self.assertIn('Training', contract.milestone_ids.mapped('name'))
        self.assertIn('Extra text', contract.clause_ids.mapped('text'))
        self.assertEqual(payment._at(TODAY - timedelta(days=1))[payment]['amount'], 100.0)

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
