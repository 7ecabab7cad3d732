"""An order over the JSON-2 API with the order gate and every mechanism on: typed, confirmed, changed, invoiced, cancelled, copied."""

from tests.harness import RemoteError, ServedCase

SETUP = """
from datetime import timedelta
from odoo import fields
company = env.company
env['account.chart.template'].try_loading('generic_coa', company=company, install_demo=False)
company.write(dict.fromkeys((
    name for name, field in company._fields.items() if name.startswith('fulfilment_') and field.type == 'boolean' and field.store
), True))
env['fulfilment.credit.rule'].with_context(active_test=False).search([]).active = True
seller = env['res.users'].with_context(no_reset_password=True).create({
    'name': 'Seller', 'login': 'gate_seller', 'email': 'seller@example.com', 'group_ids': [fields.Command.set([
        env.ref(name).id for name in (
            # Odoo lets nobody cancel an order with a draft invoice who may not read payments.
            'base.group_user', 'fulfilment_crm.group_user', 'sales_team.group_sale_salesman', 'account.group_account_invoice',
        )
    ])],
})
customer = env['res.partner'].create({'name': 'Gate customer', 'is_company': True})
line = env['fulfilment.credit.line']._of(customer, company)[customer]
line.write({'limit_source': 'manual', 'limit': 5000.0})
product = env['product.product'].create({'name': 'Pump', 'list_price': 1000.0, 'taxes_id': False, 'invoice_policy': 'order'})
key = env['res.users.apikeys'].with_user(seller).sudo()._generate('rpc', 'tests', fields.Datetime.now() + timedelta(hours=12))
env.cr.commit()
result = {'key': key, 'customer': customer.id, 'product': product.id}
"""


class TestApiOrders(ServedCase):
    SETUP = SETUP

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.seller = cls.client(cls.world["key"])

    def line(self, quantity, **values):
        """Return a line as the web client sends it: with everything its list shows, changed or not."""
        return {
            "product_id": self.world["product"], "product_uom_qty": quantity, "tax_ids": [], "invoice_lines": [],
            "display_type": False, **values,
        }

    def order(self, quantity):
        vals = {"partner_id": self.world["customer"], "order_line": [[0, "virtual_1", self.line(quantity)]]}
        (saved,) = self.seller.call("sale.order", "web_save", vals=vals, specification={"state": {}, "amount_total": {}})
        self.assertEqual((saved["state"], saved["amount_total"]), ("draft", 1000.0 * quantity))
        return saved["id"]

    def read(self, order, *names):
        return self.seller.call("sale.order", "read", ids=[order], fields=list(names), load=None)[0]

    def test_from_empty_to_copied(self):
        call = self.seller.call
        order = self.order(2)
        call("sale.order", "action_confirm", ids=[order])
        self.assertEqual(self.read(order, "state")["state"], "sale")
        (line,) = self.read(order, "order_line")["order_line"]
        spec = {"amount_total": {}}
        change = {"order_line": [[1, line, {"product_uom_qty": 3, "invoice_lines": []}]]}
        self.assertEqual(call("sale.order", "web_save", ids=[order], vals=change, specification=spec)[0]["amount_total"], 3000.0)
        discount = {"order_line": [[1, line, {"discount": 10.0}]]}
        self.assertEqual(call("sale.order", "web_save", ids=[order], vals=discount, specification=spec)[0]["amount_total"], 2700.0)
        (advance,) = call(
            "sale.advance.payment.inv", "create", context={"active_model": "sale.order", "active_ids": [order]},
            vals_list=[{"advance_payment_method": "percentage", "amount": 30.0, "sale_order_ids": [[6, 0, [order]]]}],
        )
        call("sale.advance.payment.inv", "create_invoices", ids=[advance])
        after = self.read(order, "invoice_count", "amount_total", "order_line")
        self.assertEqual((after["invoice_count"], after["amount_total"]), (1, 2700.0))
        self.assertGreater(len(after["order_line"]), 1)
        call("sale.order", "action_cancel", ids=[order])
        self.assertEqual(self.read(order, "state")["state"], "cancel")
        (copy,) = call("sale.order", "copy", ids=[order])
        self.assertEqual(self.read(copy, "state", "amount_total"), {"id": copy, "state": "draft", "amount_total": 2700.0})
        call("sale.order", "action_confirm", ids=[copy])
        self.assertEqual(self.read(copy, "state")["state"], "sale")

    def test_beyond_the_limit(self):
        call = self.seller.call
        order = self.order(60)
        call("sale.order", "action_confirm", ids=[order])
        held = self.read(order, "state", "fulfilment_credit_state", "fulfilment_credit_text")
        self.assertEqual((held["state"], held["fulfilment_credit_state"]), ("draft", "hold"))
        self.assertIn("limit", held["fulfilment_credit_text"])
        call("sale.order", "write", ids=[order], vals={"state": "sale"})
        self.assertEqual(self.read(order, "state")["state"], "draft")
        small = self.order(1)
        call("sale.order", "action_confirm", ids=[small])
        (line,) = self.read(small, "order_line")["order_line"]
        with self.assertRaises(RemoteError) as caught:
            call("sale.order.line", "write", ids=[line], vals={"product_uom_qty": 60})
        self.assertEqual(caught.exception.status, 422)
        self.assertEqual(self.read(small, "amount_total")["amount_total"], 1000.0)
