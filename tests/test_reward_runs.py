"""The round of rewards, two at the same instant and killed half-way: once a customer and rule, and never beyond the budget."""

from datetime import date, timedelta

from tests.runs import RunCase

DAY = date(2026, 1, 1)
CUSTOMERS = 900
PAID_FOR = 500  # customers the budget of points pays for
WORLD = f"""
env['fulfilment.switch']._switch_all(env['res.company'].search([]))
env['fulfilment.reward.rule'].search([]).action_stop()
partners = env['res.partner'].create([{{'name': f'Customer {{number}}', 'is_company': True}} for number in range({CUSTOMERS})])
env['fulfilment.profile'].create([{{
    'partner_id': partner.id, 'company_id': env.company.id, 'credit_score': 90, 'revenue_12m': number,
}} for number, partner in enumerate(partners)])
poor = env['res.partner'].create({{'name': 'Poor', 'is_company': True}})
env['fulfilment.profile'].create({{'partner_id': poor.id, 'company_id': env.company.id, 'credit_score': 80, 'revenue_12m': 9999}})
common = {{'domain': "[('credit_score', '>', 80)]", 'period': 'year', 'is_notified': False}}
program = env.ref('fulfilment_crm.loyalty_program_points')
env['fulfilment.reward.rule'].create([
    {{**common, 'name': 'Points', 'sequence': 1, 'effect': 'points', 'points': 10, 'cost_per_point': 0.333,
      'budget': 3.33 * {PAID_FOR} + 3.32, 'program_id': program.id}},
    {{**common, 'name': 'More points', 'sequence': 2, 'effect': 'points', 'points': 1, 'is_unlimited': True, 'program_id': program.id}},
    {{**common, 'name': 'Priority', 'sequence': 3, 'effect': 'priority', 'days': 30, 'is_unlimited': True}},
]).action_activate()
env.cr.commit()
result = True
"""


class TestRewardRuns(RunCase):
    model, method, action, world = "fulfilment.reward.grant", "_cron_rewards", "rewards", WORLD

    def assert_once(self):
        grants = """
            SELECT rule.sequence, count(*), count(DISTINCT reward.partner_id), sum(reward.cost)::float
              FROM fulfilment_reward_grant reward JOIN fulfilment_reward_rule rule ON rule.id = reward.rule_id
             WHERE reward.state = 'granted' GROUP BY rule.sequence ORDER BY rule.sequence
        """
        spent, points = round(3.33 * PAID_FOR, 2), 10.0 * PAID_FOR + CUSTOMERS
        self.assertEqual(self.query(grants), [(1, PAID_FOR, PAID_FOR, spent), (2, CUSTOMERS, CUSTOMERS, 0), (3, CUSTOMERS, CUSTOMERS, 0)])
        for what, statement, expected in (
            ("one card a customer", "SELECT count(*), count(DISTINCT partner_id) FROM loyalty_card", (CUSTOMERS, CUSTOMERS)),
            ("the points", "SELECT sum(points)::float FROM loyalty_card", (points,)),
            ("their history", "SELECT sum(issued)::float, count(*) FROM loyalty_history", (points, PAID_FOR + CUSTOMERS)),
            ("the budget", "SELECT spent::float, waiting_count FROM fulfilment_reward_budget WHERE NOT is_unlimited",
             (spent, CUSTOMERS - PAID_FOR)),
            ("those with the highest turnover", "SELECT min(profile.revenue_12m)::int FROM fulfilment_reward_grant reward "
             "JOIN fulfilment_profile profile ON profile.id = reward.profile_id WHERE reward.cost > 0", (CUSTOMERS - PAID_FOR,)),
        ):
            with self.subTest(what=what):
                self.assertEqual(self.query(statement), [expected])

    def test_two_runs_at_the_same_instant(self):
        self.race(DAY)
        self.assert_finished(DAY, [True, True])
        self.assert_once()
        granted = {"rewards granted": PAID_FOR + 2 * CUSTOMERS, "rewards beyond the budget": CUSTOMERS - PAID_FOR}
        self.assertEqual(self.counted(DAY), granted)

    def test_killed_and_taken_up_again(self):
        started = "SELECT count(*) FROM fulfilment_reward_grant"
        self.kill_when(DAY, lambda: self.query(started)[0][0] > 0)
        self.assertLess(self.query(started)[0][0], PAID_FOR + 2 * CUSTOMERS)
        self.run_to_end(DAY)
        self.assert_finished(DAY, [False, True])
        self.assert_once()
        self.run_to_end(DAY + timedelta(days=1))
        self.assertEqual(self.counted(DAY + timedelta(days=1)), {})
