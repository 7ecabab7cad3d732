"""What acted by itself before there were switches goes on."""
from odoo.tools import SQL

SWITCHES = ('fulfilment_care', 'fulfilment_warnings', 'fulfilment_rewards', 'fulfilment_grade_rounds')


def migrate(cr, version):
    if version:
        for name in SWITCHES:
            cr.execute(SQL("UPDATE res_company SET %s = TRUE", SQL.identifier(name)))
