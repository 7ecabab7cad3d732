"""What the ledger says of a customer: owed, overdue, how it was paid."""
from datetime import date, timedelta

from odoo.exceptions import ValidationError
from odoo.tests import tagged

from odoo.addons.fulfilment_crm.tools import payment_index

from .common_profile import TODAY, ProfileCommon


def ago(days):
    return TODAY - timedelta(days=days)


@tagged('post_install', '-at_install', 'fulfilment_heavy')
class TestProfilePayments(ProfileCommon):

    def test_nothing_known_is_nothing_said(self):
        self.assertFalse(self.profile(self.other))

    def test_owed_and_overdue(self):
        self._invoice(self.customer, 1000, TODAY)
        self._invoice(self.customer, 200, ago(1))
        self._invoice(self.customer, 300, ago(30))
        self._invoice(self.customer, 400, ago(31))
        self._invoice(self.customer, 500, ago(90))
        self._invoice(self.customer, 600, ago(91))
        self.assertFigures(
            self.customer, receivable_open=3000, receivable_overdue=2000, age_current=1000, age_1_30=500, age_31_60=400, age_61_90=500,
            age_over_90=600, overdue_days_open=91, overdue_days_max=91, payment_count=5, on_time_payment_rate=0, payment_index=None,
            receivable_credit=0,
        )

    def test_on_time_late_and_in_part(self):
        self._invoice(self.customer, 1000, ago(60), paid_on=ago(60))
        self._invoice(self.customer, 1000, ago(50), paid_on=ago(45))
        part = self._invoice(self.customer, 1000, ago(10))
        self._pay(part, 400, ago(12))
        self.assertFigures(
            self.customer, receivable_open=600, receivable_overdue=600, payment_count=3, on_time_payment_rate=33.33, overdue_days_max=10,
            overdue_days_avg=5, payment_event_count=3, days_beyond_terms=round((0 + 5 * 1000 - 2 * 400) / 2400, 2),
        )

    def test_credit_notes_and_write_offs_are_not_payments(self):
        invoice = self._invoice(self.customer, 1000, ago(40))
        (invoice | self._invoice(self.customer, 1000, ago(20), move_type='out_refund')).reconcile()
        written_off = self._invoice(self.customer, 70, ago(40))
        (written_off | self._entry('general', self.customer, -70, ago(5))).reconcile()
        self.assertFigures(
            self.customer, receivable_open=0, receivable_overdue=0, payment_count=0, on_time_payment_rate=None, overdue_days_max=None,
            payment_event_count=0,
        )

    def test_unused_credit_is_shown_and_reduces_what_is_owed(self):
        self._invoice(self.customer, 1000, ago(10))
        self._entry('bank', self.customer, -300, ago(5))
        self.assertFigures(self.customer, receivable_open=700, receivable_overdue=1000, receivable_credit=300)

    def test_entries_that_are_no_invoices_count(self):
        self._entry('general', self.customer, 250, ago(50), due=ago(20))
        self.assertFigures(self.customer, receivable_open=250, receivable_overdue=250, age_1_30=250)

    def test_a_contact_counts_for_its_company(self):
        contact = self.env['res.partner'].create({'name': 'Lin Wei', 'parent_id': self.customer.id})
        self._invoice(contact, 100, ago(3))
        self._entry('general', contact, 50, ago(3))
        self.assertFigures(self.customer, receivable_open=150)
        self.assertFalse(self.Profile.search([('partner_id', '=', contact.id)]))

    def test_drafts_do_not_count_and_undone_payments_count_no_more(self):
        self._invoice(self.customer, 999, ago(3), post=False)
        line = self._invoice(self.customer, 100, ago(3), paid_on=ago(3))
        self.assertFigures(self.customer, receivable_open=0, payment_count=1)
        line.remove_move_reconcile()
        self.assertFigures(self.customer, receivable_open=0, receivable_overdue=100, receivable_credit=100, payment_event_count=0)
        line.move_id.button_draft()
        self.assertFigures(self.customer, receivable_open=-100, receivable_overdue=0)

    def test_exchange_differences_are_no_instalments(self):
        self.company.write({
            'currency_exchange_journal_id': self._journal('general').id, 'income_currency_exchange_account_id': self._account('income').id,
            'expense_currency_exchange_account_id': self._account('expense').id,
        })
        dollar = self.env.ref('base.USD')
        dollar.active = True
        for partner, rate in ((self.customer, 1.0), (self.other, 1.5)):
            line = self._entry('general', partner, 1000, ago(60), due=ago(40), currency=dollar, rate=1.25)
            payment = self._entry('bank', partner, -1000, ago(30), currency=dollar, rate=rate)
            (line | payment).reconcile()
            self.assertFigures(
                partner, receivable_open=0, receivable_credit=0, payment_count=1, on_time_payment_rate=0, payment_event_count=1,
                days_beyond_terms=10, overdue_days_avg=10,
            )

    def test_the_window_ends_where_it_says(self):
        self._invoice(self.customer, 100, date(2025, 2, 1), paid_on=date(2025, 3, 2))
        self.assertFigures(self.customer, payment_count=0, overdue_days_max=None)
        self._invoice(self.customer, 100, date(2025, 2, 2), paid_on=date(2025, 3, 3))
        self.assertFigures(self.customer, payment_count=1, overdue_days_max=29)

    def test_payment_index_known_answer(self):
        self._invoice(self.customer, 10000, ago(100), paid_on=ago(100))
        self._invoice(self.customer, 1000, ago(100), paid_on=ago(70))
        self.assertFigures(self.customer, payment_index=None, payment_event_count=2)
        self._invoice(self.customer, 4000, ago(100), paid_on=ago(85))
        self.assertFigures(self.customer, payment_index=75.33, payment_event_count=3)

    def test_payment_index_is_the_same_in_sql(self):
        for days in range(-40, 140):
            [[found]] = self.env.execute_query(self.Profile._index_case_of(days, self.company))
            self.assertAlmostEqual(float(found), payment_index.index_of(days), 6, days)

    def test_points_of_the_index_are_a_setting(self):
        self.company.fulfilment_index_points = '0: 100, 10：50，20: 0'
        for days, index in ((-5, 100), (0, 100), (5, 75), (10, 50), (15, 25), (20, 0), (99, 0)):
            [[found]] = self.env.execute_query(self.Profile._index_case_of(days, self.company))
            self.assertEqual(float(found), index, days)
        self._invoice(self.customer, 10000, ago(100), paid_on=ago(95))
        self.company.fulfilment_index_payments = 1
        self.assertFigures(self.customer, payment_index=75)
        for wrong in ('', '0: 100', '0: 50, 10: 60', '10: 50, 0: 100', '0: 100, 0: 50', 'x: 1, 2: 0', '0: 101, 5: 0', False):
            with self.subTest(points=wrong), self.assertRaisesRegex(ValidationError, self.company.name):
                self.company.fulfilment_index_points = wrong

    def test_age_buckets_are_a_setting(self):
        for days, amount in ((10, 1), (11, 2), (20, 4), (21, 8), (40, 16), (41, 32), (400, 64)):
            self._invoice(self.customer, amount, ago(days))
        self.assertFigures(self.customer, age_1_30=15, age_31_60=48, age_61_90=0, age_over_90=64)
        self.company.fulfilment_age_limits = '10, 20, 40'
        self.assertFigures(self.customer, age_1_30=1, age_31_60=6, age_61_90=24, age_over_90=96, receivable_overdue=127)
        told = self.Profile.with_company(self.company).fields_get(['age_1_30', 'age_31_60', 'age_61_90', 'age_over_90'], ['string'])
        self.assertEqual([one['string'] for one in told.values()], ['1–10 days', '11–20 days', '21–40 days', 'Over 40 days'])
        for wrong in ('', '30, 60', '30, 30, 60', '0, 1, 2', '30, 60, x', '30.5, 60, 90', False):
            with self.subTest(limits=wrong), self.assertRaisesRegex(ValidationError, self.company.name):
                self.company.fulfilment_age_limits = wrong

    def test_days_sales_outstanding_known_answers(self):
        # 8,800,000 sold and paid; 1,200,000 open, of which 800,000 is not due.
        self._invoice(self.customer, 8800000, ago(100), paid_on=ago(90))
        self._invoice(self.customer, 800000, TODAY + timedelta(days=5))
        self._invoice(self.customer, 400000, ago(3))
        self.assertFigures(self.customer, credit_sales_12m=10000000, dso=43.8, dso_best=29.2, days_delinquent=14.6)

    def test_collection_effectiveness_known_answer(self):
        opening = self._invoice(self.customer, 1000000, ago(370))
        self._pay(opening, 1000000, ago(100))
        sold = self._invoice(self.customer, 1800000, ago(100))
        self._pay(sold, 1800000, ago(90))
        self._invoice(self.customer, 400000, ago(3))
        self._invoice(self.customer, 800000, TODAY + timedelta(days=5))
        self.assertFigures(self.customer, receivable_open=1200000, credit_sales_12m=3000000, collection_effectiveness=87.5)
