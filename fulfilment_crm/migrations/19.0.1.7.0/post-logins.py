"""The logins of customers as they are count as known for contracts approved before; later ones prove nothing by themselves."""
from odoo import SUPERUSER_ID, api


def migrate(cr, version):
    if not version:
        return
    env = api.Environment(cr, SUPERUSER_ID, {})
    contracts = env['fulfilment.contract'].with_context(active_test=False).search([
        ('state', 'in', ('approved', 'active', 'settlement')), ('approved_logins', '=', False),
    ])
    noted = {contract: (contract.approved_on, contract.approved_email) for contract in contracts if contract.approved_on}
    contracts._note_address()
    for contract, (moment, email) in noted.items():
        contract.write({'approved_on': moment, 'approved_email': email})
