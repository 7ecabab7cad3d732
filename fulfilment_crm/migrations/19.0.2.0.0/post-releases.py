"""Orders that are held already stand among the decisions that wait."""
from odoo import SUPERUSER_ID, api


def migrate(cr, version):
    if not version:
        return
    env = api.Environment(cr, SUPERUSER_ID, {})
    env['sale.order'].search([('fulfilment_credit_state', '=', 'hold'), ('state', 'in', ('draft', 'sent'))])._fulfilment_ask_release()
