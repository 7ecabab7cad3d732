"""The gate in plain classes, without orders or a database: cases, rules and releases of the test's own."""
from odoo.tests import BaseCase, tagged

from ..models.credit.gate import Case, Gate, Hit, outcome_of


def hit(rule=1, outcome='hold'):
    return Hit(rule=rule, name=f'Rule {rule}', kind='limit_share', outcome=outcome, text='Why', told='', value=1.0, threshold=0.0, group=7,
               whose=('res.partner', 1))


def case(order, amount, line='line', exposure=0.0, **more):
    return Case(
        order=order, by_rules=True, amount=amount, day=None, currency=None, line=line, facts={}, grade=None, limit=None, exposure=exposure,
        exposure_after=exposure, **more,
    )


def limit(most, outcome='hold'):
    """A rule: exposure with the order stays below a limit."""
    return lambda one: [hit(outcome=outcome)] if one.exposure_after > most else []


class Release:
    def __init__(self, most):
        self.most = most

    def _lifts(self, hits, amount):
        return amount <= self.most


@tagged('-at_install', 'post_install')
class TestGateObject(BaseCase):

    def _outcomes(self, gate, cases, releases=None):
        return {verdict.order: verdict.outcome for verdict in gate.judge(cases, releases or {})}

    def test_the_gravest_rule_counts(self):
        self.assertEqual(outcome_of([]), 'pass')
        self.assertEqual(outcome_of([hit(outcome='warn')]), 'warn')
        self.assertEqual(outcome_of([hit(outcome='warn'), hit(2)]), 'hold')

    def test_what_passes_counts_for_the_next_of_the_customer(self):
        cases = {'a': [case('a', 60)], 'b': [case('b', 50)], 'c': [case('c', 40)], 'd': [case('d', 90, line='other')]}
        self.assertEqual(self._outcomes(Gate(limit(100)), cases), {'a': 'pass', 'b': 'hold', 'c': 'pass', 'd': 'pass'})

    def test_exactly_the_limit_passes_and_a_negative_order_makes_no_room(self):
        cases = {'a': [case('a', -50)], 'b': [case('b', 100)], 'c': [case('c', 0.01)]}
        self.assertEqual(self._outcomes(Gate(limit(100)), cases), {'a': 'pass', 'b': 'pass', 'c': 'hold'})

    def test_who_orders_for_somebody_else_counts_for_both(self):
        cases = {'a': [case('a', 60, line='payer'), case('a', 60, line='orderer', exposure=50)], 'b': [case('b', 60, line='payer')]}
        self.assertEqual(self._outcomes(Gate(limit(100)), cases), {'a': 'hold', 'b': 'pass'})

    def test_a_rule_broken_twice_is_named_once(self):
        [verdict] = Gate(limit(0)).judge({'a': [case('a', 1, line='payer'), case('a', 1, line='orderer')]}, {})
        self.assertEqual([one.rule for one in verdict.hits], [1])

    def test_a_release_lifts_what_it_covers(self):
        for most, outcome in ((60, 'released'), (59.99, 'hold')):
            self.assertEqual(self._outcomes(Gate(limit(50)), {'a': [case('a', 60)]}, {'a': Release(most)}), {'a': outcome})

    def test_what_was_released_counts_for_the_next(self):
        cases = {'a': [case('a', 60)], 'b': [case('b', 1)]}
        self.assertEqual(self._outcomes(Gate(limit(60 - 1)), cases, {'a': Release(60)}), {'a': 'released', 'b': 'hold'})

    def test_a_warning_needs_no_release(self):
        cases = {'a': [case('a', 60)]}
        self.assertEqual(self._outcomes(Gate(limit(50, 'warn')), cases, {'a': Release(60)}), {'a': 'warn'})

    def test_ceilings_are_used_up_by_what_passes(self):
        taken = {}
        gate = Gate(lambda one: [hit()] if sum(one.taken.values()) + sum(one.draws.values()) > 100 else [])
        cases = {name: [case(name, 0, draws={'frame': amount}, taken=taken)] for name, amount in (('a', 70), ('b', 40), ('c', 30))}
        self.assertEqual(self._outcomes(gate, cases), {'a': 'pass', 'b': 'hold', 'c': 'pass'})
        self.assertEqual(taken, {'frame': 100})

    def test_looking_decides_on_each_alone(self):
        cases = {'a': [case('a', 60)], 'b': [case('b', 60)]}
        self.assertEqual({order: bool(hits) for order, hits in Gate(limit(100)).look(cases).items()}, {'a': False, 'b': False})

    def test_changes_are_held_against_what_is_counted_already(self):
        gate, counted = Gate(limit(100)), {'a': [case('a', 60, exposure=101)], 'b': [case('b', 60, exposure=100)]}
        self.assertEqual(list(gate.refused(counted, {})), ['a'])
        self.assertEqual(gate.refused(counted, {'a': Release(60)}), {})
        self.assertEqual(Gate(limit(0, 'warn')).refused(counted, {}), {})
