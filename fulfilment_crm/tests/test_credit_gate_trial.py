"""The rules of the gate tried on orders of the past: right, wrong and missed as planned, and what was really decided."""
import random
from collections import Counter
from datetime import timedelta

from freezegun import freeze_time

from odoo import fields
from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import Form, tagged

from .common_gate import GateCommon
from .common_profile import TODAY

MORNING = fields.Datetime.to_datetime(TODAY) + timedelta(hours=10)


@tagged('post_install', '-at_install', 'fulfilment_heavy')
class TestGateTrial(GateCommon):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Trial = cls.env['fulfilment.gate.trial']
        cls.company.fulfilment_credit_gate = False

    def _sold(self, partner, amount, ago, late=None):
        """An order confirmed so many days ago, invoiced, due ten days later, and paid so many days late; None: never."""
        order = self._order(partner, amount, TODAY - timedelta(days=ago))
        invoice = order._create_invoices()
        day = TODAY - timedelta(days=ago)
        invoice.write({'invoice_date': day, 'date': day, 'invoice_payment_term_id': False, 'invoice_date_due': day + timedelta(days=10)})
        invoice.action_post()
        if late is not None:
            lines = invoice.line_ids.filtered(lambda line: line.account_id.account_type == 'asset_receivable')
            self._pay(lines, amount, day + timedelta(days=10 + late))
        return order

    def test_right_wrong_and_missed_as_planned(self):
        dice, planned, orders = random.Random(94), {}, self.env['sale.order']
        for number in range(40):
            partner = self._make_customer(f'Tried {number}')
            self._limit(partner, 1000)
            held, late = dice.random() < 0.5, dice.choice((-3, 0, 30, 31, 45))
            order = self._sold(partner, 1500 if held else 900, dice.randint(90, 170), late)
            planned[order] = ('right' if late > 30 else 'wrong') if held else 'missed' if late > 30 else None
            orders |= order
        found = {one.order: one for one in self.Trial._tried(self.company, 6) if one.order in orders}
        self.assertEqual({order: one.kind for order, one in found.items()}, planned)
        self.assertEqual(len(Counter(planned.values())), 4)
        self.assertTrue(all(one.amount == one.order.amount_total for one in found.values()))

    def test_figures_as_they_stood_just_before(self):
        self._limit(self.customer, 1000)
        first = self._sold(self.customer, 600, 100)  # never paid
        second = self._sold(self.customer, 600, 50, 0)
        third = self._order(self.customer, 300, TODAY - timedelta(days=50))
        before = {one.order: one for one in self.Trial._tried(self.company, 6)}
        self.assertEqual([before[order].outcome for order in (first, second, third)], ['pass', 'hold', 'pass'])
        self.assertEqual((before[first].kind, before[third].later), ('missed', 'open'))
        # What comes later changes nothing of what was known then.
        self._sold(self.customer, 400, 2, 0)
        after = {one.order: one for one in self.Trial._tried(self.company, 6)}
        self.assertEqual([(one.outcome, one.hits) for one in before.values()], [
            (after[order].outcome, after[order].hits) for order in before
        ])

    def test_overdue_on_the_day(self):
        self.Rule.search([]).active = False
        self._rule('overdue_days', threshold=30)
        self._sold(self.customer, 100, 100)  # due 90 days ago
        orders = [self._order(self.customer, 10, TODAY - timedelta(days=ago)) for ago in (60, 59)]
        found = {one.order: one for one in self.Trial._tried(self.company, 6)}
        self.assertEqual([found[order].outcome for order in orders], ['pass', 'hold'])
        self.assertEqual(found[orders[1]].hits[0].value, 31)

    def test_what_was_really_decided(self):
        """With the rules that were on, the trial says what is on record."""
        self.company.fulfilment_credit_gate = True
        self._limit(self.customer, 1000)
        self._limit(self.other, 500)
        dice, decided = random.Random(5), {}
        for ago in sorted(dice.sample(range(5, 120), 16), reverse=True):
            partner = dice.choice((self.customer, self.other))
            with freeze_time(MORNING - timedelta(days=ago)):
                order = self._order(partner, dice.choice((100, 300, 700)), TODAY, confirm=False, user_id=self.sales.id)
                order.with_user(self.sales).action_confirm()
                decided[order] = order.fulfilment_credit_decision_ids._latest().outcome
                if decided[order] == 'hold':
                    order.with_user(self.manager).action_fulfilment_release(reason='Agreed')
                if dice.random() < 0.5:
                    invoice = order._create_invoices()
                    invoice.invoice_date = invoice.date = TODAY - timedelta(days=ago)
                    invoice.action_post()
        found = {one.order: one.outcome for one in self.Trial._tried(self.company, 6)}
        self.assertEqual({order: found[order] for order in decided}, decided)
        self.assertEqual(set(decided.values()), {'pass', 'hold'})

    def test_drafts_and_the_smallest_limit(self):
        grade = self.env['fulfilment.credit.grade'].search([], limit=1)
        grade.write({'limit_kind': 'share', 'limit_share': 10, 'limit_least': 0})
        self.env['fulfilment.credit.assessment'].create({
            'claim_key': 'trial', 'partner_id': self.customer.id, 'company_id': self.company.id, 'date': TODAY - timedelta(days=200),
            'occasion': 'quarter', 'grade_id': grade.id, 'turnover': 1000, 'state': 'effective',
            'effective_on': TODAY - timedelta(days=200), 'scorecard_id': self.env['fulfilment.scorecard'].search([], limit=1).id,
            'score': 95,
        })
        order = self._sold(self.customer, 300, 60, 0)

        def outcome(**more):
            return {one.order: one.kind for one in self.Trial._tried(self.company, 6, **more)}[order]

        self.assertEqual(outcome(), 'wrong')
        self.assertIsNone(outcome(limit_least=500))
        draft = self.Rule.search([('kind', '=', 'order_amount')], limit=1)
        draft.threshold = 250
        self.assertEqual(outcome(limit_least=500, rules=draft), 'wrong')
        self.assertIsNone(outcome(rules=self.Rule.browse()))

    def test_the_dialog(self):
        self._limit(self.customer, 1000)
        order = self._sold(self.customer, 1500, 60, 45)
        with Form(self.Trial.with_user(self.credit)) as form:
            form.months = 3
        trial = form.record
        self.assertTrue(trial.rule_ids)
        trial.action_try()
        self.assertEqual((trial.line_ids.order_name, trial.line_ids.kind), (order.name, 'right'))
        self.assertIn(trial.rule_ids[:1].name, trial.summary)
        with self.assertRaises(AccessError):
            self.Trial.with_user(self.sales).create({})
        with self.assertRaises(AccessError):
            trial.with_user(self.manager).read(['summary'])

    def test_before_the_gate_is_switched_on(self):
        self._limit(self.customer, 1000)
        order = self._sold(self.customer, 1500, 60, 45)
        effects = {effect.name: effect for effect in self.env['fulfilment.switch']._preview_gate(self.company)}
        self.assertIn(order.id, effects["Held, and paid late"].ids)

    def test_another_company_is_not_tried(self):
        elsewhere = self._make_company('Elsewhere Inc.')
        self._limit(self.customer, 1000)
        order = self._sold(self.customer, 1500, 60, 0)
        self.assertFalse(self.Trial._tried(elsewhere, 6))
        self.assertIn(order, [one.order for one in self.Trial._tried(self.company, 6)])
        self.assertNotIn(order, [one.order for one in self.Trial._tried(self.company, 1)])
        stranger = self._make_role('gt_far', 'group_credit')
        stranger.write({'company_ids': [Command.set(elsewhere.ids)], 'company_id': elsewhere.id})
        with self.assertRaises(AccessError):
            self.Trial.with_user(stranger).with_context(allowed_company_ids=elsewhere.ids).create({'company_id': self.company.id})
