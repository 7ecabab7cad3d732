"""Half a year is written like everywhere else, in the claims of care tasks, too: what is planned is not planned again."""


def migrate(cr, version):
    if version:
        cr.execute("UPDATE fulfilment_care_plan_line SET period = 'half' WHERE period = 'half_year'")
        cr.execute("""
            UPDATE fulfilment_care_task SET period = 'half', claim_key = replace(claim_key, ':half_year:', ':half:')
             WHERE period = 'half_year'
        """)
