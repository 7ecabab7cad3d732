"""Deposits of grades were not asked for before; whoever wants them now switches the rule on."""


def migrate(cr, version):
    if version:
        cr.execute("""
            UPDATE fulfilment_credit_rule SET active = FALSE
             WHERE id = (SELECT res_id FROM ir_model_data WHERE module = 'fulfilment_crm' AND name = 'credit_rule_deposit')
        """)
