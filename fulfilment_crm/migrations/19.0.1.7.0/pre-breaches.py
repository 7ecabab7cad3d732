"""Criteria over breaches of contract, which nothing counts yet, go: they gave everybody nothing."""


def migrate(cr, version):
    if version:
        cr.execute("DELETE FROM fulfilment_scorecard_criterion WHERE figure = 'breach_count'")
        cr.execute("""
            DELETE FROM ir_model_data WHERE module = 'fulfilment_crm' AND name LIKE 'scorecard\\_standard\\_breach\\_count%'
        """)
