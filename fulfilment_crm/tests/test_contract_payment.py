import random
from datetime import timedelta

import psycopg2

from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import TODAY
from .common_payment import PaymentCommon


@tagged('post_install', '-at_install', 'fulfilment_heavy')
class TestMilestonePayment(PaymentCommon):

    def test_instalment_belongs_to_a_milestone_once(self):
        """In the database: two transactions that read the ledger at the same time do not both write what they found."""
        contract = self._contract(400.0, 600.0)
        self._invoice(self._order(contract=contract), invoice_payment_term_id=self.term.id)
        allocations = contract.milestone_ids.allocation_ids
        pairs = allocations.mapped(lambda one: (one.milestone_id, one.move_line_id))
        self.assertEqual(len(pairs), 2)
        with self.assertRaises(psycopg2.errors.UniqueViolation), mute_logger('odoo.sql_db'), self.env.cr.savepoint():
            allocations[0].sudo().copy({'amount': 1.0})

    def test_part_payments_fill_the_earliest_first(self):
        contract = self._contract(300.0, 700.0)
        invoice = self._invoice(self._order(contract=contract))
        self.assertEqual(self._rows(contract), [(0.0, 'pending'), (0.0, 'pending')])
        self.assertEqual(contract.milestone_ids.allocation_ids.mapped('amount'), [300.0, 700.0])
        self._pay(invoice, 250.0, TODAY + timedelta(days=1))
        self.assertEqual(self._rows(contract), [(250.0, 'pending'), (0.0, 'pending')])
        self._pay(invoice, 150.0, TODAY + timedelta(days=4))
        self.assertEqual(self._rows(contract), [(300.0, 'done'), (100.0, 'pending')])
        first = contract.milestone_ids.sorted('sequence')[0]
        self.assertEqual(first.date_done, TODAY + timedelta(days=4))
        self._pay(invoice, 600.0, TODAY + timedelta(days=9))
        self.assertEqual(self._rows(contract), [(300.0, 'done'), (700.0, 'done')])
        self.assertEqual(contract.amount_paid, 1000.0)

    def test_payment_undone_reopens_and_is_remembered(self):
        contract = self._contract(1000.0)
        invoice = self._invoice(self._order(contract=contract))
        self._pay(invoice, 1000.0)
        milestone = contract.milestone_ids
        self.assertEqual(milestone.state, 'done')
        invoice.line_ids.remove_move_reconcile()
        self.settle()
        self.assertEqual((milestone.state, milestone.amount_done, milestone.date_done), ('pending', 0.0, False))
        self.assertEqual(milestone.event_ids.filtered(lambda one: one.kind == 'reopened').date_from, TODAY)

    def test_invoice_back_to_draft_is_no_invoice(self):
        contract = self._contract(1000.0)
        invoice = self._invoice(self._order(contract=contract))
        self.assertTrue(contract.milestone_ids.allocation_ids)
        invoice.button_draft()
        self.settle()
        self.assertFalse(contract.milestone_ids.allocation_ids)

    def test_credit_note_reduces_what_is_owed_not_what_is_paid(self):
        contract = self._contract(400.0, 600.0)
        invoice = self._invoice(self._order(contract=contract))
        self._pay(invoice, 400.0)
        refund = invoice._reverse_moves([{'invoice_date': TODAY, 'date': TODAY}], cancel=False)
        refund.invoice_line_ids.price_unit = 200.0
        refund.action_post()
        self.settle()
        second = contract.milestone_ids.sorted('sequence')[1]
        self.assertEqual((second.amount_done, second.amount_credited, second.amount_open), (0.0, 200.0, 400.0))
        (invoice + refund).line_ids.filtered(lambda line: line.account_type == 'asset_receivable' and not line.reconciled).reconcile()
        self.settle()
        self.assertEqual((second.amount_done, second.amount_credited, second.amount_open), (0.0, 200.0, 400.0))
        self._pay(invoice, 400.0, TODAY + timedelta(days=2))
        self.assertEqual((second.state, second.amount_done, second.date_done), ('done', 400.0, TODAY + timedelta(days=2)))

    def test_several_invoices_and_instalments(self):
        contract = self._contract(500.0, 1500.0)
        one = self._invoice(self._order(1000.0, contract), invoice_payment_term_id=self.term.id)
        two = self._invoice(self._order(1000.0, contract))
        self.assertEqual(len(contract.milestone_ids.allocation_ids), 4)
        self._pay(two, 1000.0)
        self.assertEqual(self._rows(contract), [(500.0, 'done'), (500.0, 'pending')])
        self._pay(one, 1000.0)
        self.assertEqual(self._rows(contract), [(500.0, 'done'), (1500.0, 'done')])

    def test_two_contracts_on_one_invoice(self):
        contracts = [self._contract(1000.0), self._contract(3000.0)]
        orders = self._order(1000.0, contracts[0]) | self._order(3000.0, contracts[1])
        invoice = self._invoice(orders)
        self.assertEqual(len(invoice), 1)
        self._pay(invoice, 400.0)
        self.assertEqual(self._rows(contracts[0]), [(100.0, 'pending')])
        self.assertEqual(self._rows(contracts[1]), [(300.0, 'pending')])

    def test_invoice_linked_by_hand(self):
        contract = self._contract(500.0)
        invoice = self.init_invoice('out_invoice', partner=self.partner_a, amounts=[500.0], invoice_date=TODAY, post=True)
        self.settle()
        self.assertFalse(contract.milestone_ids.allocation_ids)
        invoice.fulfilment_contract_id = contract
        self.settle()
        self.assertEqual(contract.milestone_ids.allocation_ids.amount, 500.0)

    def test_an_invoice_of_somebody_else_pays_nothing(self):
        """Whatever order lines it says it bills; who has moved to another company since is the same all the same."""
        contract = self._contract(1000.0)
        order = self._order(contract=contract)
        theirs = self.init_invoice('out_invoice', partner=self.partner_b, products=self.product, post=False)
        theirs.sudo().invoice_line_ids.sale_line_ids = order.order_line
        theirs.action_post()
        self._pay(theirs, theirs.amount_total)
        self.assertEqual(contract.milestone_ids.amount_done, 0.0)
        third = self._contract(1000.0)
        third_order = self._order(contract=third, partner_invoice_id=self.partner_b.id)
        self._pay(self._invoice(third_order), 1000.0)
        self.assertEqual(third.milestone_ids.amount_done, 1000.0, "who pays for somebody pays")
        linked = self._contract(1000.0)
        move = self.init_invoice('out_invoice', partner=self.partner_a, amounts=[1000.0], taxes=[], post=True)
        move.fulfilment_contract_id = linked
        self.partner_a.parent_id = self.env['res.partner'].create({'name': 'Elsewhere', 'is_company': True})
        self.partner_a.is_company = False
        self._pay(move, 1000.0)
        self.assertEqual((linked.commercial_partner_id.name, linked.milestone_ids.amount_done), ('Elsewhere', 1000.0), "it goes along")

    def test_down_payment_fills_the_down_payment_first(self):
        contract = self._contract(700.0, 300.0)
        contract.milestone_ids.sorted('sequence')[1].sudo().is_down_payment = True
        order = self._order(contract=contract)
        self.env['sale.advance.payment.inv'].with_context(active_ids=order.ids, active_model='sale.order').create({
            'advance_payment_method': 'fixed', 'fixed_amount': 300.0,
        }).create_invoices()
        invoice = order.invoice_ids
        invoice.invoice_date = TODAY
        invoice.action_post()
        self.settle()
        self._pay(invoice, 300.0)
        self.assertEqual(self._rows(contract), [(0.0, 'pending'), (300.0, 'done')])

    def test_write_off_is_not_a_payment(self):
        contract = self._contract(1000.0)
        invoice = self._invoice(self._order(contract=contract))
        self.env['account.payment.register'].with_context(active_model='account.move', active_ids=invoice.ids).create({
            'amount': 990.0, 'payment_date': TODAY, 'payment_difference_handling': 'reconcile',
            'writeoff_account_id': self.company_data['default_account_expense'].id,
        })._create_payments()
        self.settle()
        self.assertEqual(self._rows(contract), [(990.0, 'done')])
        self.assertEqual(contract.milestone_ids.amount_credited, 10.0)

    def test_other_currency(self):
        currency = self.setup_other_currency('EUR', rates=[('2016-01-01', 2.0)])
        pricelist = self.env['product.pricelist'].create({'name': 'Other', 'currency_id': currency.id})
        contract = self._contract(1000.0)
        order = self._order(2000.0, contract, pricelist_id=pricelist.id)
        self.assertEqual(order.currency_id, currency)
        invoice = self._invoice(order)
        self.assertEqual(contract.milestone_ids.allocation_ids.amount, 1000.0)
        self._pay(invoice, 1000.0)
        self.assertEqual(self._rows(contract), [(500.0, 'pending')])

    def test_the_invoice_moves_the_plan_and_says_so(self):
        contract = self._contract(1000.0)
        milestone = contract.milestone_ids
        due = TODAY + timedelta(days=33)
        invoice = self._invoice(self._order(contract=contract), invoice_date_due=due)
        self.assertEqual((milestone.date_planned, milestone.date_first_planned), (due, TODAY + timedelta(days=10)))
        self.assertIn(invoice.name, milestone.event_ids[0].reason)

    def test_an_early_invoice_does_not_hurry_the_customer(self):
        """Payment is due 10 days after acceptance; the delivery was ours to make and came late."""
        contract = self._contract(1000.0)
        payment = contract.milestone_ids
        delivery = self.env['fulfilment.milestone'].sudo().create({
            'contract_id': contract.id, 'name': 'Delivery', 'kind': 'delivery', 'obligor': 'us', 'date_planned': TODAY,
        })
        payment.sudo().write({'anchor': 'predecessor', 'predecessor_id': delivery.id, 'offset_days': 10})
        delivery._complete({delivery: TODAY + timedelta(days=4)})
        self._invoice(self._order(contract=contract))
        self.assertEqual(payment.date_planned, TODAY + timedelta(days=14))

    def test_nothing_changes_when_nothing_happened(self):
        contract = self._contract(300.0, 700.0)
        self._pay(self._invoice(self._order(contract=contract)), 400.0)
        before = (
            contract.milestone_ids.allocation_ids.ids, contract.milestone_ids.mapped('write_date'), contract.milestone_ids.event_ids.ids
        )
        contract._sync_facts()
        self.settle()
        after = (
            contract.milestone_ids.allocation_ids.ids, contract.milestone_ids.mapped('write_date'), contract.milestone_ids.event_ids.ids
        )
        self.assertEqual(before, after)

    def test_zero_and_negative_contracts_have_no_payments_to_follow(self):
        for amount in (0.0, -100.0):
            contract = self._contract(**{'amount_total': amount})
            self.assertFalse(any(contract._sync_facts().values()))

    def test_a_fault_of_ours_never_stops_a_payment(self):
        contract = self._contract(1000.0)
        invoice = self._invoice(self._order(contract=contract))
        self.patch(type(contract), '_sync_payments', lambda contracts: 1 / 0)
        with self.assertLogs('odoo.addons.fulfilment_crm', 'WARNING'):
            self._pay(invoice, 1000.0)
        self.assertIn(invoice.payment_state, ('paid', 'in_payment'))
        self.assertEqual(self.env['fulfilment.problem'].search([('res_id', '=', contract.id)]).state, 'open')

    def test_random_ledgers_against_the_invoices_themselves(self):
        """However invoices are paid: what the milestones say is paid, is what the bank received for the contract."""
        generator = random.Random(11)
        for _round in range(6):
            amounts = [generator.randrange(100, 900) for _number in range(generator.randrange(1, 4))]
            contract = self._contract(*map(float, amounts))
            left, received = sum(amounts), 0.0
            while left > 0:
                part = min(left, generator.randrange(50, 700))
                left -= part
                invoice = self._invoice(self._order(float(part), contract))
                if generator.random() < 0.7:
                    paid = generator.randrange(1, part + 1)
                    self._pay(invoice, float(paid), TODAY + timedelta(days=generator.randrange(40)))
                    received += paid
            milestones = contract.milestone_ids.sorted('sequence')
            self.assertAlmostEqual(sum(milestones.mapped('amount_done')), received, 2)
            for milestone in milestones:
                self.assertEqual(milestone.state == 'done', milestone.amount_done >= milestone.amount - 0.005)
            contract.action_terminate(reason='Round over')
