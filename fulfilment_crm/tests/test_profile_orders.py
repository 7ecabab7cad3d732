"""Orders, exposure, relation, contracts and milestones: cases by hand, with known answers."""
import random
from datetime import date, datetime, timedelta

from odoo.exceptions import ValidationError
from odoo.fields import Command
from odoo.tests import tagged

from odoo.addons.fulfilment_crm.tools import relationship

from .common import FulfilmentCommon
from .common_profile import TODAY, ProfileCommon


def ago(days):
    return TODAY - timedelta(days=days)


@tagged('post_install', '-at_install', 'fulfilment_heavy')
class TestProfileOrders(ProfileCommon):

    def _orders(self, *gaps, amount=100.0):
        """Orders with these days between them, the last one today."""
        day, orders = TODAY - timedelta(days=sum(gaps)), self.env['sale.order']
        orders |= self._order(self.customer, amount, day)
        for gap in gaps:
            day += timedelta(days=gap)
            orders |= self._order(self.customer, amount, day)
        return orders

    def test_silence_known_answer(self):
        self._orders(30, 28, 33, 31, 29)
        self.assertFigures(self.customer, order_gap_mean=30.2, order_gap_limit=34.05, order_silence=0, days_since_order=0)
        self.assertFigures(
            self.customer, TODAY + timedelta(days=34), order_gap_limit=34.05, days_since_order=34, order_silence=99.86,
        )
        self.company.fulfilment_silence_factor = 0
        self.assertFigures(self.customer, order_gap_limit=30.2)

    def test_four_orders_say_nothing_about_rhythm(self):
        orders = self._orders(30, 28, 33)
        self.assertFigures(
            self.customer, order_count_12m=4, order_gap_mean=None, order_gap_limit=None, order_silence=None, days_since_order=0,
        )
        # Two orders of one day are one visit.
        orders[0].copy({'date_order': orders[0].date_order}).action_confirm()
        self.env['sale.order'].search([], order='id desc', limit=1).date_order = orders[0].date_order
        self.assertFigures(self.customer, order_count_12m=5, order_gap_mean=None)
        self._order(self.customer, 100, ago(200))
        self.assertFigures(self.customer, order_count_12m=6, order_gap_mean=50.0)

    def _advance(self, order, percent):
        """A down payment by Odoo's dialog, posted; returns the invoice."""
        wizard = self.env['sale.advance.payment.inv'].with_context(active_model='sale.order', active_ids=order.ids).create({
            'advance_payment_method': 'percentage', 'amount': percent,
        })
        invoice = wizard._create_invoices(order)
        invoice.write({'invoice_date': TODAY, 'date': TODAY})
        invoice.action_post()
        return invoice

    def _receive(self, invoice, amount):
        self._pay(invoice.line_ids.filtered(lambda line: line.account_id.account_type == 'asset_receivable'), amount, TODAY)

    def test_exposure_and_paid_are_the_order(self):
        """Order 1,000, down payment 300: 1,000 at stake until it is paid, then 700, whatever has been invoiced."""
        self.product.invoice_policy = 'order'
        order = self._order(self.customer, 1000.0, TODAY)
        self.assertFigures(self.customer, exposure=1000.0)
        advance = self._advance(order, 30)
        self.assertFigures(self.customer, exposure=1000.0, order_uninvoiced=700.0)
        self._receive(advance, 300.0)
        self.assertFigures(self.customer, exposure=700.0)
        final = order._create_invoices(final=True)
        final.write({'invoice_date': TODAY, 'date': TODAY})
        self.assertFigures(self.customer, exposure=700.0)
        final.action_post()
        self.assertEqual(final.amount_total, 700.0)
        self.assertFigures(self.customer, exposure=700.0, order_uninvoiced=0.0)
        self._receive(final, 700.0)
        self.assertFigures(self.customer, exposure=0.0)

    def test_down_payments_at_random(self):
        """Exposure + paid = order total, for orders and down payments of many shapes."""
        self.product.invoice_policy = 'order'
        generator = random.Random(11)
        for _number in range(6):
            customer = self._make_customer(f'Random {_number}')
            total, paid = 0.0, 0.0
            for _order in range(generator.randrange(1, 3)):
                amount = generator.randrange(100, 100000) / 100
                order = self._order(customer, amount, TODAY, quantity=generator.choice((1, 3)))
                total += order.amount_total
                for percent in generator.sample((10, 20, 33.33), generator.randrange(0, 3)):
                    invoice = self._advance(order, percent)
                    if generator.random() < 0.6:
                        self._receive(invoice, invoice.amount_total)
                        paid += invoice.amount_total
                if generator.random() < 0.4:
                    final = order._create_invoices(final=True)
                    final.write({'invoice_date': TODAY, 'date': TODAY})
                    final.action_post()
                    if generator.random() < 0.5:
                        self._receive(final, final.amount_total)
                        paid += final.amount_total
            self.assertFigures(customer, exposure=round(total - paid, 2))

    def test_an_invoice_of_somebody_else_bills_nothing(self):
        """Whatever order lines it says it bills."""
        other = self._make_customer('Harbour')
        order = self._order(self.customer, 1000.0, TODAY)
        self._invoice(other, 0.01, TODAY, quantity=1, sale_line_ids=[Command.set(order.order_line.ids)])
        self.assertFigures(self.customer, exposure=1000.0)
        down = self.env['sale.order.line'].create({
            'order_id': order.id, 'is_downpayment': True, 'product_uom_qty': 0, 'price_unit': 1000.0, 'name': 'Down payment',
        })
        self._invoice(other, 900.0, TODAY, sale_line_ids=[Command.set(down.ids)])
        self.assertFigures(self.customer, exposure=1000.0)
        third = self._order(other, 500.0, TODAY, partner_invoice_id=self.customer.id)
        self._invoice(self.customer, 500.0, TODAY, sale_line_ids=[Command.set(third.order_line.ids)])
        self.assertFigures(self.customer, exposure=1500.0, order_uninvoiced=1000.0)

    def test_orders_that_do_not_count(self):
        self._order(self.customer, 100, ago(10), confirm=False)
        self.assertFalse(self.profile(self.customer))
        cancelled = self._order(self.customer, 100, ago(10))
        cancelled._action_cancel()
        self.assertFigures(self.customer, order_count_12m=0, order_amount_12m=0, last_order_on=False, days_since_order=None, exposure=0)

    def test_quotations_won(self):
        self._order(self.customer, 100, ago(10), confirm=False).action_quotation_sent()
        self._order(self.customer, 100, ago(10), confirm=False)._action_cancel()
        self._order(self.customer, 100, ago(10), confirm=False)
        self._order(self.customer, 250, ago(10))
        old = self._order(self.customer, 100, date(2025, 3, 2))
        self.assertFigures(
            self.customer, quotation_count_12m=3, quotation_rate=33.33, order_count_12m=1, order_amount_12m=250,
            first_order_on=date(2025, 3, 2),
        )
        old.date_order = datetime(2025, 3, 3, 12, 0)
        self.assertFigures(self.customer, quotation_count_12m=4, quotation_rate=50, order_count_12m=2, order_amount_12m=350)

    def test_a_day_is_that_of_the_company(self):
        order = self._order(self.customer, 100, ago(3))
        order.date_order = datetime(2026, 2, 27, 23, 30)
        self.company.resource_calendar_id.tz = 'Europe/London'
        self.assertFigures(self.customer, last_order_on=date(2026, 2, 27), days_since_order=3)
        self.company.resource_calendar_id.tz = 'Asia/Shanghai'
        self.assertFigures(self.customer, last_order_on=date(2026, 2, 28), days_since_order=2)
        # On the 27th it had not been placed yet.
        self.assertFigures(self.customer, date(2026, 2, 27), order_count_12m=None, exposure=None)
        self.company.resource_calendar_id.tz = 'America/New_York'
        order.date_order = datetime(2026, 3, 1, 4, 30)
        self.assertFigures(self.customer, last_order_on=date(2026, 2, 28))


@tagged('post_install', '-at_install', 'fulfilment_heavy')
class TestProfileExposure(ProfileCommon):

    def _bill(self, order, quantity, move_type='out_invoice', post=True, price=0.0, unit=None):
        line = order.order_line[0]
        move = self.env['account.move'].create({
            'move_type': move_type, 'partner_id': order.partner_invoice_id.id, 'invoice_date': ago(1), 'date': ago(1),
            'invoice_date_due': TODAY,
            'invoice_payment_term_id': False, 'company_id': self.company.id, 'journal_id': self._journal('sale').id,
            'invoice_line_ids': [Command.create({
                'product_id': self.product.id, 'quantity': quantity, 'price_unit': price or line.price_unit, 'tax_ids': [Command.clear()],
                'account_id': self._account('income').id, 'sale_line_ids': [Command.link(line.id)],
                'product_uom_id': (unit or line.product_uom_id).id,
            })],
        })
        if post:
            move.action_post()
        return move

    def test_ordered_and_not_invoiced(self):
        order = self._order(self.customer, 1000, ago(5), quantity=10)
        self.assertFigures(self.customer, order_uninvoiced=1000, receivable_open=0, exposure=1000)
        draft = self._bill(order, 4, post=False)
        self.assertFigures(self.customer, order_uninvoiced=1000, exposure=1000)
        draft.action_post()
        self.assertFigures(self.customer, order_uninvoiced=600, receivable_open=400, exposure=1000)
        self._bill(order, 1, move_type='out_refund')
        self.assertFigures(self.customer, order_uninvoiced=700, receivable_open=300, exposure=1000)
        self._bill(order, 20, price=1.0)
        self.assertFigures(self.customer, order_uninvoiced=0, receivable_open=320, exposure=320)

    def test_invoiced_in_another_unit(self):
        dozen = self.env.ref('uom.product_uom_dozen')
        order = self._order(self.customer, 2400, ago(5), quantity=24)
        self._bill(order, 1, price=1200.0, unit=dozen)
        self.assertFigures(self.customer, order_uninvoiced=1200, receivable_open=1200, exposure=2400)

    def test_whoever_is_invoiced_is_exposed(self):
        self._order(self.customer, 500, ago(5), partner_invoice_id=self.other.id)
        self.assertFigures(self.customer, order_count_12m=1, order_uninvoiced=0, exposure=0)
        self.assertFigures(self.other, order_count_12m=0, order_uninvoiced=500, exposure=500)

    def test_taxes_and_discounts_count(self):
        china = self.env.ref('base.cn')
        group = self.env['account.tax.group'].create({'name': 'VAT', 'company_id': self.company.id, 'country_id': china.id})
        tax = self.env['account.tax'].create({
            'name': '13', 'amount': 13, 'company_id': self.company.id, 'country_id': china.id, 'tax_group_id': group.id,
        })
        order = self._order(self.customer, 100, ago(5), confirm=False)
        order.order_line.tax_ids = tax
        self.env['sale.order.line'].create({
            'order_id': order.id, 'product_id': self.product.id, 'product_uom_qty': 1, 'price_unit': -10, 'tax_ids': [Command.clear()],
        })
        order.action_confirm()
        order.date_order = ago(5)
        self.assertFigures(self.customer, order_uninvoiced=103, order_amount_12m=90, exposure=103)

    def test_at_the_rate_of_the_order(self):
        dollar = self.env.ref('base.USD')
        dollar.active = True
        self.env['res.currency.rate'].create({'currency_id': dollar.id, 'company_id': self.company.id, 'name': ago(30), 'rate': 1.25})
        pricelist = self.env['product.pricelist'].create({'name': 'USD', 'currency_id': dollar.id})
        self._order(self.customer, 1000, ago(5), pricelist_id=pricelist.id)
        self.env['res.currency.rate'].create({'currency_id': dollar.id, 'company_id': self.company.id, 'name': ago(1), 'rate': 2.0})
        self.assertFigures(self.customer, order_amount_12m=800, order_uninvoiced=800)


@tagged('post_install', '-at_install', 'fulfilment_heavy')
class TestProfileRelation(ProfileCommon):

    def test_whole_years(self):
        self._invoice(self.customer, 10, date(2024, 3, 30), day=date(2024, 2, 29))
        for day, years in ((date(2026, 2, 28), 1), (date(2026, 3, 1), 2), (date(2025, 2, 28), 0), (date(2028, 2, 29), 4)):
            self.assertFigures(
                self.customer, day, relation_years=years, relation_since=date(2024, 2, 29), relation_days=(day - date(2024, 2, 29)).days,
            )
        self.assertTrue(self.profile(self.customer, date(2026, 3, 1)).is_long_term)
        self.assertFalse(self.profile(self.customer, date(2026, 2, 28)).is_long_term)

    def test_the_first_order_or_invoice_and_no_credit_note(self):
        self._invoice(self.customer, 10, ago(100), day=ago(100), move_type='out_refund')
        self.assertFigures(self.customer, relation_since=False, relation_years=None, relation_days=None)
        self._invoice(self.customer, 10, ago(50), day=ago(50))
        self.assertFigures(self.customer, relation_since=ago(50))
        self._order(self.customer, 10, ago(60))
        self.assertFigures(self.customer, relation_since=ago(60), relation_days=60, relation_years=0)

    def test_value_of_the_relationship_known_answers(self):
        self._invoice(self.customer, 100000, ago(10))
        self.assertFigures(self.customer, margin_12m=100000, relationship_value=266666.67)
        self.company.fulfilment_value_years = 5
        self.assertFigures(self.customer, relationship_value=212409.73)
        self.company.write({'fulfilment_cost_to_win': 10000, 'fulfilment_cost_to_keep': 2409.73})
        self.assertFigures(self.customer, relationship_value=200000)
        self.assertAlmostEqual(100000 * relationship.factor(0.8, 0.1), 266666.67, 2)
        self.assertAlmostEqual(100000 * relationship.factor(0.8, 0.1, 5), 212409.73, 2)
        self._order(self.other, 10, ago(10))
        self.assertFigures(self.other, relationship_value=None)

    def test_growth(self):
        self._invoice(self.customer, 150, ago(10))
        self.assertFigures(self.customer, revenue_12m=150, revenue_previous=0, revenue_growth=None)
        self._invoice(self.customer, 100, ago(400), day=ago(400))
        self.assertFigures(self.customer, revenue_previous=100, revenue_growth=50, revenue_total=250)
        self._invoice(self.customer, 200, ago(10), move_type='out_refund')
        self.assertFigures(self.customer, revenue_12m=-50, revenue_growth=-150, invoice_count_12m=1)
        # The edges of the windows: a day belongs to the later one when it comes after the same day a year ago.
        self._invoice(self.other, 7, ago(1), day=date(2025, 3, 2))
        self._invoice(self.other, 9, ago(1), day=date(2025, 3, 3))
        self.assertFigures(self.other, revenue_12m=9, revenue_previous=7)

    def test_contribution_with_credit_notes_and_units(self):
        product = self.env['product.product'].create({'name': 'Valve', 'type': 'consu'})
        product.with_company(self.company).standard_price = 6.0
        dozen = self.env.ref('uom.product_uom_dozen')
        self._invoice(self.customer, 10, ago(10), product_id=product.id, quantity=24)
        self.assertFigures(self.customer, revenue_12m=240, margin_12m=96, margin_rate=40)
        self._invoice(self.customer, 120, ago(10), product_id=product.id, quantity=1, product_uom_id=dozen.id, move_type='out_refund')
        self.assertFigures(self.customer, revenue_12m=120, margin_12m=48, margin_rate=40)
        self._invoice(self.customer, 10, ago(400), day=ago(400), product_id=product.id, quantity=24)
        self.assertFigures(self.customer, revenue_12m=120, margin_12m=48)
        self._invoice(self.customer, 120, ago(10), move_type='out_refund')
        self.assertFigures(self.customer, revenue_12m=0, margin_12m=-72, margin_rate=None)

    def test_completeness_of_the_file(self):
        partner = self.env['res.partner'].create({'name': 'Bare', 'is_company': True})
        self._invoice(partner, 10, ago(1))
        self.assertFigures(partner, file_completeness=0)
        for number, (name, value) in enumerate((
            ('email', 'a@b.example'), ('phone', '1'), ('street', 'Road'), ('city', 'Ningbo'), ('country_id', self.env.ref('base.cn').id),
            ('vat', '91330200MA2AFBQ123'), ('industry_id', self.env['res.partner.industry'].search([], limit=1).id),
            ('fulfilment_kind', 'company'), ('user_id', self.env.uid),
        ), 1):
            partner.with_context(no_vat_validation=True)[name] = value
            self.assertFigures(partner, file_completeness=10 * number)
        self.env['res.partner'].create({'name': 'Site', 'parent_id': partner.id, 'type': 'delivery'})
        self.assertFigures(partner, file_completeness=90)
        person = self.env['res.partner'].create({'name': 'Lin', 'parent_id': partner.id})
        self.assertFigures(partner, file_completeness=100)
        person.active = False
        partner.email = ''
        self.assertFigures(partner, file_completeness=80)

    def test_fields_of_a_complete_file_are_a_setting(self):
        partner = self._make_customer('Half', website='https://half.example', vat='DE136695976')
        self._order(partner, 100, ago(3))
        self.assertFigures(partner, file_completeness=10)
        named = self.env['ir.model.fields']._get('res.partner', 'website') | self.env['ir.model.fields']._get('res.partner', 'phone')
        self.company.fulfilment_file_field_ids = named
        self.assertFigures(partner, file_completeness=33)
        for name in ('property_payment_term_id', 'display_name', 'child_ids'):
            with self.subTest(field=name), self.assertRaisesRegex(ValidationError, self.company.name):
                self.company.fulfilment_file_field_ids = self.env['ir.model.fields']._get('res.partner', name)
        with self.assertRaisesRegex(ValidationError, self.company.name):
            self.company.fulfilment_file_field_ids = self.env['ir.model.fields']._get('res.users', 'login')

    def test_responsible_is_that_of_the_customer_or_who_sold_first(self):
        older, newer = (self._make_sales_user(login) for login in ('o_older', 'o_newer'))
        contact = self.env['res.partner'].create({'name': 'Lin', 'parent_id': self.customer.id})
        self._order(self.customer, 10, ago(10), user_id=older.id)
        self.assertEqual(self.profile(self.customer).user_id, older)
        self._order(contact, 10, ago(5), user_id=newer.id)
        self.assertEqual(self.profile(self.customer).user_id, older, "an order takes nobody's customer away")
        older.active = False
        self.assertEqual(self.profile(self.customer).user_id, newer)
        third = self._make_sales_user('o_third')
        self._order(self.customer, 10, ago(1), user_id=third.id, confirm=False)
        self.assertEqual(self.profile(self.customer).user_id, newer)
        self.customer.user_id = third
        self.assertEqual(self.profile(self.customer).user_id, third)


@tagged('post_install', '-at_install', 'fulfilment_heavy')
class TestProfileContracts(FulfilmentCommon):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Profile = cls.env['fulfilment.profile']

    def assertFigures(self, as_of=TODAY, **expected):
        self.Profile._refresh(self.customer, as_of=as_of, companies=self.company_a)
        profile = self.Profile.search([('partner_id', '=', self.customer.id), ('company_id', '=', self.company_a.id)])
        self.assertEqual({name: profile[name] for name in expected}, expected)

    def test_contracts_in_force(self):
        self._make_contract('draft')
        self._make_contract('cancelled')
        self.Profile._refresh(self.customer, as_of=TODAY)
        self.assertFalse(self.Profile.search([('partner_id', '=', self.customer.id)]))
        self._make_contract('active', amount_total=500.0, date_end=TODAY + timedelta(days=100))
        self._make_contract('settlement', amount_total=250.0, date_end=TODAY + timedelta(days=50), partner_id=self.contact.id)
        self._make_contract('active', amount_total=99.0, company=self.company_b, user_id=self.user_b.id)
        self._make_contract('closed', amount_total=7.0)
        self.assertFigures(contract_count=2, contract_amount=750.0, contract_next_end_on=TODAY + timedelta(days=50))

    def test_in_another_currency(self):
        euro = self.env.ref('base.EUR')
        euro.active = True
        self.company_a.currency_id.rate_ids.filtered(lambda rate: rate.company_id in (self.company_a, self.env['res.company'])).unlink()
        euro.rate_ids.filtered(lambda rate: rate.company_id in (self.company_a, self.env['res.company'])).unlink()
        self.env['res.currency.rate'].create({'currency_id': euro.id, 'company_id': self.company_a.id, 'name': TODAY, 'rate': 0.8})
        self._make_contract('active', amount_total=800.0, currency_id=euro.id)
        self.assertFigures(contract_count=1, contract_amount=1000.0)

    def test_milestones_of_both_sides(self):
        contract = self._make_contract('active', date_start=TODAY - timedelta(days=300))
        ours = [self._make_milestone(contract, days, name=f'Ours {days}') for days in (-40, -30, -1, 0)]
        theirs = [self._make_milestone(contract, days, name=f'Theirs {days}', obligor='customer') for days in (-50, -20, 5)]
        self.assertFigures(
            our_milestone_count=3, our_milestone_on_time_rate=0.0, milestone_count=2, milestone_on_time_rate=0.0, milestone_late_count=2,
        )
        for milestone, days in ((ours[0], -40), (ours[1], -29), (ours[3], -1), (theirs[0], -52)):
            milestone.sudo().write({'state': 'done', 'date_done': TODAY + timedelta(days=days)})
        self.assertFigures(
            our_milestone_count=4, our_milestone_on_time_rate=50.0, milestone_count=2, milestone_on_time_rate=50.0, milestone_late_count=1,
        )
        # On that day the second of ours was still pending and late.
        self.assertFigures(
            as_of=TODAY - timedelta(days=29), our_milestone_count=2, our_milestone_on_time_rate=50.0,
        )
        theirs[1].sudo().state = 'cancelled'
        self.assertFigures(milestone_count=1, milestone_on_time_rate=100.0, milestone_late_count=0)

    def test_fault_on_both_sides(self):
        contract = self._make_contract('active')
        delivery = self._make_milestone(contract)
        acceptance = self._make_milestone(
            contract, name='Acceptance', kind='acceptance', obligor='customer', anchor='predecessor', predecessor_id=delivery.id,
            offset_days=3,
        )
        payment = self._make_milestone(
            contract, name='Payment', kind='payment', obligor='customer', amount=1000.0, anchor='predecessor', predecessor_id=acceptance.id,
            offset_days=10,
        )
        delivery.action_done(date=TODAY + timedelta(days=4))
        acceptance._record_acceptance('accepted', day=TODAY + timedelta(days=6))
        # On the day it was first planned for, the payment is not late: its date followed our delay.
        self.assertFigures(as_of=TODAY + timedelta(days=14), milestone_late_count=0, milestone_count=1, milestone_on_time_rate=100.0)
        payment.sudo()._complete({payment: TODAY + timedelta(days=15)})
        self.assertFigures(
            as_of=TODAY + timedelta(days=16), milestone_count=2, milestone_on_time_rate=100.0, milestone_late_count=0,
            our_milestone_count=1, our_milestone_on_time_rate=0.0,
        )
