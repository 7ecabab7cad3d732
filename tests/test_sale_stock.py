"""With the warehouse installed, which the addon does not need, deliveries follow its transfers."""

from tests.harness import OutsideCase

STORY = """
from odoo import fields
from odoo.fields import Command
partner = env['res.partner'].create({'name': 'Customer', 'email': 'customer@example.com'})
product = env['product.product'].create({'name': 'Pump', 'type': 'consu', 'is_storable': True, 'list_price': 100.0, 'taxes_id': False})
order = env['sale.order'].create({
    'partner_id': partner.id, 'order_line': [Command.create({'product_id': product.id, 'product_uom_qty': 5, 'tax_ids': False})],
})
env['stock.quant']._update_available_quantity(product, order.warehouse_id.lot_stock_id, 5)
order.action_confirm()
contract = env['fulfilment.contract'].create({
    'partner_id': partner.id, 'type_id': env.ref('fulfilment_crm.contract_type_service').id, 'amount_total': 500.0,
})
order.fulfilment_contract_id = contract
delivery = env['fulfilment.milestone'].create({
    'contract_id': contract.id, 'name': 'Delivery', 'kind': 'delivery', 'obligor': 'us',
    'sale_line_ids': [Command.set(order.order_line.ids)],
    'date_planned': fields.Date.today(),
})
contract._move_to('approved')
contract.date_signed = fields.Date.today()
contract._activate()
env.cr.commit()
seen = []

def look():
    env.cr.commit()
    env.invalidate_all()
    seen.append([delivery.state, delivery.progress, fields.Date.to_string(delivery.date_done) if delivery.date_done else None])

picking = order.picking_ids
picking.move_ids.quantity = 2
picking.move_ids.picked = True
picking._action_done()
look()
backorder = order.picking_ids - picking
backorder.move_ids.quantity = 3
backorder.move_ids.picked = True
backorder._action_done()
order.picking_ids.move_ids.date = '2026-01-05 12:00:00'
env.cr.commit()
look()
again = env['stock.return.picking'].with_context(active_id=backorder.id, active_model='stock.picking').create({'picking_id': backorder.id})
again.product_return_moves.write({'quantity': 3, 'to_refund': True})
returned = env['stock.picking'].browse(again.action_create_returns()['res_id'])
returned.move_ids.quantity = 3
returned.move_ids.picked = True
returned._action_done()
look()
result = seen
"""


class TestSaleStock(OutsideCase):
    def test_deliveries_follow_transfers(self):
        code, _lines = self.odoo("-i", "sale_stock", "--stop-after-init", "--no-http")
        self.assertEqual(code, 0)
        partial, complete, returned = self.script(STORY)
        self.assertEqual(partial, ["pending", 40.0, None])
        self.assertEqual(complete, ["done", 100.0, "2026-01-05"], "the day of the last transfer")
        self.assertEqual(returned, ["pending", 40.0, None])
