"""Two orders that fit the limit singly but not together, confirmed at the same instant over HTTP: exactly one passes, every time."""

import threading
import time

from tests.harness import OutsideCase

ROUNDS = 10
WORLD = f"""
from odoo import fields
env.company.fulfilment_credit_gate = True
env['fulfilment.credit.rule'].search([('kind', '!=', 'limit_share')]).active = False
product = env['product.product'].create({{'name': 'Pump', 'type': 'service', 'taxes_id': False}})
groups = ('base.group_user', 'sales_team.group_sale_salesman_all_leads', 'fulfilment_crm.group_user')
pairs = []
for login in ('race_one', 'race_two'):
    env['res.users'].with_context(no_reset_password=True).create({{
        'name': login, 'login': login, 'password': login, 'email': login + '@example.com',
        'group_ids': [fields.Command.set([env.ref(name).id for name in groups])],
    }})
for number in range({ROUNDS}):
    customer = env['res.partner'].create({{'name': 'Racer %s' % number, 'is_company': True}})
    line = env['fulfilment.credit.line']._of(customer, env.company)[customer]
    line.write({{'limit_source': 'manual', 'limit': 1000}})
    orders = env['sale.order'].create([{{
        'partner_id': customer.id, 'order_line': [fields.Command.create({{
            'product_id': product.id, 'product_uom_qty': 1, 'price_unit': 600, 'tax_ids': False,
        }})],
    }} for _side in range(2)])
    pairs.append(orders.ids)
env.cr.commit()
result = pairs
"""


class TestCreditGateRace(OutsideCase):
    at_the_same_instant = True

    def test_exactly_one_of_two_passes(self):
        pairs = self.script(WORLD)
        with self.server() as server:
            clients = [self.json2(server, "race_one"), self.json2(server, "race_two")]
            for client, order in zip(clients, pairs[0], strict=True):
                client.call("sale.order", "read", ids=[order], fields=["state"])  # the registry is loaded before the race begins
            for pair in pairs:
                self.race(clients, pair)
                states = [state for [state] in self.query("SELECT state FROM sale_order WHERE id = ANY(%s)", (pair,))]
                decisions = [outcome for [outcome] in self.query(
                    "SELECT outcome FROM fulfilment_credit_decision WHERE order_id = ANY(%s) ORDER BY outcome", (pair,)
                )]
                with self.subTest(pair=pair):
                    self.assertEqual(sorted(states), ["draft", "sale"])
                    self.assertEqual(decisions, ["hold", "pass"])

    def race(self, clients, pair):
        """Both confirmations leave at the same instant, from sessions of their own."""
        start, failures = time.monotonic() + 0.3, []

        def confirm(client, order):
            time.sleep(max(start - time.monotonic(), 0))
            try:
                client.call("sale.order", "action_confirm", ids=[order])
            except Exception as error:
                failures.append(error)

        threads = [threading.Thread(target=confirm, args=racer) for racer in zip(clients, pair, strict=True)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(failures, [])
