"""The account customers pay to stands in the settings: that of the bank journal, else one that accounting trusts."""
from odoo import SUPERUSER_ID, api


def migrate(cr, version):
    if version:
        api.Environment(cr, SUPERUSER_ID, {})['res.company']._fulfilment_note_bank_accounts()
