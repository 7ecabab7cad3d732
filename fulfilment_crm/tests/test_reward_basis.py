"""The ground of rewards: when the facts they rest on are undone, they are taken back as far as they are not used."""
import random
from datetime import timedelta

from odoo.tests import tagged

from .common_profile import TODAY
from .common_reward import RewardCommon

ON_TIME = "[('on_time_payment_rate', '=', 100), ('payment_count', '>=', 3)]"


@tagged('post_install', '-at_install', 'fulfilment_heavy')
class TestRewardGround(RewardCommon):

    def _pay_three(self, partner):
        """Three invoices paid on time; their receivable lines."""
        return [
            self._invoice(partner, 1000, TODAY - timedelta(days=days), paid_on=TODAY - timedelta(days=days + 1)) for days in (90, 60, 30)
        ]

    def _rewarded(self, **vals):
        lines = self._pay_three(self.customer)
        self.profile(self.customer)
        rule = self._make_rule(domain=ON_TIME, **vals)
        self._round()
        grant = self._grants(rule=rule)
        self.assertEqual(grant.partner_id, self.customer)
        return rule, grant, lines

    def _undo(self, line):
        """The bank took the payment back."""
        line.remove_move_reconcile()

    def test_nothing_has_changed(self):
        _rule, grant, _lines = self._rewarded()
        for days in (0, 1, 29):
            self.assertFalse(self._round(TODAY + timedelta(days=days)).counts)
        self.assertEqual(grant.state, 'granted')

    def test_a_payment_undone(self):
        rule, grant, lines = self._rewarded()
        self._undo(lines[1])
        run = self._round(TODAY + timedelta(days=1))
        self.assertEqual(run.counts['rewards taken back'], 1)
        self.assertRecordValues(grant, [{
            'state': 'taken_back', 'taken_back_on': TODAY + timedelta(days=1), 'used': 0, 'not_recovered': 0,
        }])
        card = self._card(self.customer)
        self.assertEqual(card.points, 0)
        self.assertEqual(sorted((line.issued, line.used) for line in card.history_ids), [(0, 100), (100, 0)])
        self.assertEqual(rule.budget_ids.spent, 0)
        self.assertNotIn('rewards taken back', self._round(TODAY + timedelta(days=1)).counts or {})
        # Paid again, the customer has had this period's turn.
        self._pay(lines[1], 1000, TODAY + timedelta(days=2))
        self.assertEqual(len(self._grants(rule=rule)), 1)

    def test_points_partly_spent(self):
        rule, grant, lines = self._rewarded()
        self._card(self.customer).points = 30
        self._undo(lines[0])
        self._round(TODAY + timedelta(days=1))
        self.assertRecordValues(grant, [{'state': 'taken_back', 'used': 70, 'not_recovered': 7}])
        self.assertEqual(self._card(self.customer).points, 0)
        # What cannot be recovered stays spent.
        self.assertEqual(rule.budget_ids.spent, 7)

    def test_points_all_spent_or_card_gone(self):
        for points, gone in ((0, False), (0, True)):
            rule, grant, lines = self._rewarded(name=f'Gone {gone}')
            card = self._card(self.customer)
            card.points = points
            if gone:
                card.unlink()
            self._undo(lines[0])
            self._round(TODAY + timedelta(days=1))
            self.assertRecordValues(grant, [{'state': 'taken_back', 'used': 100, 'not_recovered': 10}])
            self.assertEqual(rule.budget_ids.spent, 10)
            rule.action_stop()
            self._pay(lines[0], 1000, TODAY - timedelta(days=91))

    def test_more_points_than_were_given(self):
        _rule, grant, lines = self._rewarded()
        self._card(self.customer).points = 150
        self._undo(lines[0])
        self._round(TODAY + timedelta(days=1))
        self.assertEqual((grant.used, self._card(self.customer).points), (0, 50))

    def test_only_the_day_of_the_grant_counts(self):
        """Paid late after the reward: the ground of then stands."""
        _rule, grant, _lines = self._rewarded()
        self._invoice(self.customer, 1000, TODAY + timedelta(days=1), paid_on=TODAY + timedelta(days=20))
        self._round(TODAY + timedelta(days=21))
        self.assertEqual(grant.state, 'granted')

    def test_entered_later(self):
        """What is entered today for a day before the reward counts: it was not known then."""
        _rule, grant, _lines = self._rewarded()
        self._invoice(self.customer, 10, TODAY - timedelta(days=40), paid_on=TODAY - timedelta(days=5))
        self._round(TODAY + timedelta(days=1))
        self.assertEqual(grant.state, 'taken_back')

    def test_after_the_period_documents_still_count(self):
        _rule, grant, lines = self._rewarded(period='month')
        after = TODAY + timedelta(days=40)
        self.assertFalse(self._round(after).counts.get('rewards taken back'))
        self._undo(lines[2])
        self._round(after + timedelta(days=1))
        self.assertEqual(grant.state, 'taken_back')

    def test_what_waits_for_approval_is_withdrawn(self):
        rule, grant, lines = self._rewarded(needs_approval=True)
        self.assertEqual(grant.state, 'in_approval')
        self._undo(lines[0])
        self._round(TODAY + timedelta(days=1))
        self.assertEqual((grant.state, grant.approval_state, rule.budget_ids.spent), ('refused', 'none', 0))
        self.assertEqual(set(grant.approval_ids.mapped('state')), {'cancelled'})
        self.assertFalse(grant.activity_ids)

    def test_what_is_over_is_over(self):
        _rule, grant, lines = self._rewarded(effect='priority', days=10, unit_cost=10)
        self._round(TODAY + timedelta(days=10))
        self.assertEqual(grant.state, 'ended')
        self._undo(lines[0])
        self._round(TODAY + timedelta(days=11))
        self.assertEqual(grant.state, 'ended')

    def test_days_that_were_had(self):
        rule, grant, lines = self._rewarded(effect='priority', days=30, unit_cost=100)
        self._undo(lines[0])
        self._round(TODAY + timedelta(days=10))
        self.assertRecordValues(grant, [{'state': 'taken_back', 'used': 10, 'not_recovered': 33.33}])
        self.assertEqual(rule.budget_ids.spent, 33.33)
        self.assertFalse(self.customer.with_company(self.company).fulfilment_priority_until)

    def test_a_changed_rule_takes_nothing_back(self):
        rule, grant, _lines = self._rewarded()
        rule.domain = "[('payment_count', '>=', 30)]"
        self._round(TODAY + timedelta(days=1))
        self.assertEqual(grant.state, 'granted')

    def test_score_counts_as_it_is_while_the_period_lasts(self):
        self._invoice(self.customer, 100, TODAY)
        profile = self.profile(self.customer)
        profile.credit_score = 81
        for name, day, state in (('quarter', 20, 'taken_back'), ('month', 40, 'granted')):
            rule = self._make_rule(name=name, domain="[('credit_score', '>', 80)]", period=name)
            self._round()
            profile.credit_score = 80
            self._invoice(self.customer, 1, TODAY + timedelta(days=day))
            rule.action_stop()
            self._round(TODAY + timedelta(days=day))
            self.assertEqual(self._grants(rule=rule).state, state, name)
            profile.credit_score = 81

    def test_what_only_today_can_tell_stays_as_it_was(self):
        names = [name for name, field in self.Profile._figures().items() if not field.past and field.type in ('integer', 'float')]
        self.assertTrue(names)
        self._invoice(self.customer, 100, TODAY)
        profile = self.profile(self.customer)
        for name in names[:3]:
            profile[name] = 7
            rule = self._make_rule(name=name, domain=f"[('{name}', '=', 7), ('invoice_count_12m', '>=', 1)]", period='month')
            self._round()
            profile[name] = 3
            rule.action_stop()
            self._round(TODAY + timedelta(days=1))
            self.assertEqual(self._grants(rule=rule).state, 'granted', name)

    def test_told_again_as_searched(self):
        """Figures told for today and held against a condition one way give what a search over the profiles gives."""
        dice, partners = random.Random(3), []
        for number in range(8):
            partner = self._make_customer(f'Customer {number}')
            for _invoice in range(dice.randint(0, 4)):
                due = TODAY - timedelta(days=dice.randint(1, 300))
                self._invoice(partner, dice.randint(1, 20) * 100, due, paid_on=due + timedelta(days=dice.choice((-3, 0, 5))))
            partners.append(partner)
        partners = self.env['res.partner'].concat(*partners)
        self.Profile._refresh(partners, as_of=TODAY, companies=self.company)
        profiles = self.Profile.search([('partner_id', 'in', partners.ids), ('company_id', '=', self.company.id)])
        figures = ('on_time_payment_rate', 'payment_count', 'revenue_12m', 'overdue_days_max', 'payment_index', 'invoice_count_12m')
        for _case in range(40):
            leaves = [
                (dice.choice(figures), dice.choice(('<', '<=', '>', '>=', '=', '!=')), dice.choice((0, 1, 3, 50, 100, 1000, False)))
                for _leaf in range(2)
            ]
            leaves = [leaf for leaf in leaves if leaf[2] is not False or leaf[1] in ('=', '!=')]
            condition = repr([*(['|'] if len(leaves) == 2 and dice.random() < 0.5 else []), *leaves])
            rule = self._make_rule(False, domain=condition)
            with self.subTest(condition=condition):
                expected = self.Profile.search(rule._parsed_domain()) & profiles
                found = profiles._fitting_then(condition, self.company, TODAY, self.Grant)
                self.assertEqual(found.sorted('id'), expected.sorted('id'))
        self.assertEqual(profiles[0].payment_count, self.profile(profiles[0].partner_id).payment_count)
