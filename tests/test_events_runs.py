"""The events of contracts are sealed once, whether the run is killed in the middle or doubled."""

from datetime import date

from tests.runs import RunCase

DAY = date(2026, 5, 11)
CONTRACTS, MOVES = 450, 4  # a slice of the run has 200 contracts

WORLD = f"""
partner = env['res.partner'].create({{'name': 'Customer', 'email': 'customer@example.com', 'is_company': True}})
contracts = env['fulfilment.contract'].create([{{
    'title': 'Pumps', 'partner_id': partner.id, 'type_id': env.ref('fulfilment_crm.contract_type_service').id, 'amount_total': 1000.0,
}} for _number in range({CONTRACTS})])
for _number in range({MOVES} // 2):
    contracts._move_to('in_approval')
    contracts._move_to('draft')
env.cr.commit()
result = True
"""


class TestEventsRuns(RunCase):
    model, method, action, world = "fulfilment.event", "_cron_seal", "events", WORLD

    def test_killed_and_run_to_the_end(self):
        self.kill_when(DAY, lambda: self.query("SELECT count(*) FROM fulfilment_event_seal")[0][0])
        self.run_to_end(DAY)
        self.assert_finished(DAY, [False, True])
        self.assert_sealed()

    def test_two_runs_at_the_same_instant(self):
        self.race(DAY)
        self.assert_finished(DAY, [True, True])
        self.assert_sealed()

    def assert_sealed(self):
        """Every contract has its events numbered from one on, each with a seal of its own."""
        rows = self.query("""
            SELECT count(*), min(sequence), max(sequence), count(DISTINCT hash), count(DISTINCT sequence)
              FROM fulfilment_event WHERE contract_id IS NOT NULL GROUP BY contract_id
        """)
        self.assertEqual(rows, [(MOVES, 1, MOVES, MOVES, MOVES)] * CONTRACTS)
        self.assertEqual(self.query("SELECT count(*), min(number), max(number) FROM fulfilment_event_seal"), [(CONTRACTS, MOVES, MOVES)])
        self.assertEqual(self.counted(DAY), {"events sealed": CONTRACTS * MOVES})
