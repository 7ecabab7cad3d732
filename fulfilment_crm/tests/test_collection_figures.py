"""Figures of promises and disputes: against counting them one by one, and where they are told."""
import random
from datetime import timedelta

from freezegun import freeze_time

from odoo import fields
from odoo.tests import tagged

from .common_profile import TODAY, ProfileCommon

MORNING = fields.Datetime.to_datetime(TODAY) + timedelta(hours=9)


@tagged('post_install', '-at_install')
class TestCollectionFigures(ProfileCommon):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.startClassPatcher(freeze_time(MORNING))
        cls.Promise, cls.Dispute = cls.env['fulfilment.payment.promise'], cls.env['fulfilment.dispute']

    def _promise(self, days, amount=100, **vals):
        promise = self.Promise.create({
            'partner_id': self.customer.id, 'company_id': self.company.id, 'currency_id': self.company.currency_id.id,
            'amount': amount, 'date_promised': TODAY + timedelta(days=days), **vals,
        })
        promise.made_on = min(TODAY, promise.date_promised) - timedelta(days=3)
        return promise

    def _dispute(self, line, amount, opened=0, decided=None, how=None, due=14):
        with freeze_time(MORNING + timedelta(days=opened)):
            dispute = self.Dispute.create({
                'move_id': line.move_id.id, 'reason_id': self.env.ref('fulfilment_crm.dispute_reason_price').id, 'amount': amount,
                'date_answer_due': TODAY + timedelta(days=opened + due),
            })
        if how:
            with freeze_time(MORNING + timedelta(days=decided)):
                getattr(dispute, f'action_{how}')(**({'reason': 'No'} if how == 'reject' else {}))
        return dispute

    def test_promises(self):
        dice, wanted = random.Random(3), {'asked': 0, 'kept': 0, 'broken': 0}
        for _number in range(20):
            days, came = dice.choice((-500, -200, -40, -31, -20, -5, -3, 2, 10)), dice.choice((0, 50, 100))
            promise = self._promise(days, 100)
            if came:
                self._entry('bank', self.customer, -came, promise.date_promised)
            if days + 3 < 0:
                in_window = days + 3 > -365
                wanted['asked'] += in_window
        self.env['fulfilment.payment.promise'].search([('partner_id', '=', self.customer.id)])[:1]._follow_ledger()
        cancelled = self._promise(-10)
        cancelled.state = 'cancelled'
        for promise in self.Promise.search([('partner_id', '=', self.customer.id), ('state', 'in', ('kept', 'partly', 'broken'))]):
            over = promise.date_promised + timedelta(days=3)
            if over < TODAY:
                wanted['kept'] += promise.state == 'kept' and over > TODAY - timedelta(days=365)
                wanted['broken'] += promise.state != 'kept' and over > TODAY - timedelta(days=30)
        self.assertFigures(
            self.customer, promise_count=wanted['asked'], promise_broken_count=wanted['broken'],
            promise_kept_rate=round(100 * wanted['kept'] / wanted['asked'], 2),
        )

    def test_disputes(self):
        line = self._invoice(self.customer, 1000, TODAY - timedelta(days=5), day=TODAY - timedelta(days=60))
        self._dispute(line, 100, -20, -10, 'accept')
        self._dispute(line, 100, -20, -2, 'reject')
        self._dispute(line, 50, -16, due=14)
        self._dispute(line, 30, -1)
        self._dispute(line, 10, -9, -8, 'withdraw')
        self.assertFigures(
            self.customer, dispute_count=2, dispute_lost_rate=50.0, dispute_open_count=2, dispute_days_late=2, receivable_disputed=180,
            receivable_overdue=1000, overdue_undisputed=820, exposure_undisputed=820,
        )
        self.assertFigures(self.customer, as_of=TODAY - timedelta(days=5), dispute_count=1, dispute_open_count=2, dispute_days_late=1)

    def test_promised(self):
        self._invoice(self.customer, 100, TODAY - timedelta(days=5))
        self.Promise.create({
            'partner_id': self.customer.id, 'company_id': self.company.id, 'currency_id': self.company.currency_id.id, 'amount': 60,
            'date_promised': TODAY + timedelta(days=5),
        })
        self.assertFigures(self.customer, receivable_promised=60, receivable_disputed=0, overdue_undisputed=100)

    def test_without_any(self):
        self._invoice(self.customer, 100, TODAY)
        self.assertFigures(
            self.customer, promise_count=0, promise_kept_rate=None, dispute_count=0, dispute_lost_rate=None, receivable_disputed=0,
        )

    def test_what_happened(self):
        line = self._invoice(self.customer, 1000, TODAY - timedelta(days=5))
        dispute, promise = self._dispute(line, 100), self._promise(5)
        told = {(one['model'], one['id']) for one in self.profile(self.customer).get_story()}
        self.assertLessEqual({(dispute._name, dispute.id), (promise._name, promise.id)}, told)

    def test_the_shipped_rules_notice(self):
        line = self._invoice(self.customer, 1000, TODAY - timedelta(days=5), day=TODAY - timedelta(days=60))
        self._dispute(line, 50, -16, due=14)
        self._promise(-10)._follow_ledger()
        profile = self.profile(self.customer)
        for name in ('warning_rule_promise', 'warning_rule_dispute'):
            rule = self.env.ref(f'fulfilment_crm.{name}')
            with self.subTest(rule=name):
                self.assertIn(profile, self.Profile.search(rule._parsed_domain()))
