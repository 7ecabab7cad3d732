"""How an order came to be confirmed is called its source, as elsewhere."""
RENAMED = [('fulfilment_credit_decision', 'fulfilment.credit.decision', 'road', 'source')]


def migrate(cr, version):
    if not version:
        return
    for table, model, old, new in RENAMED:
        cr.execute("SELECT 1 FROM information_schema.columns WHERE table_name = %s AND column_name = %s", [table, old])
        if cr.fetchone():
            cr.execute(f'ALTER TABLE {table} RENAME COLUMN {old} TO {new}')
            cr.execute("UPDATE ir_model_fields SET name = %s WHERE model = %s AND name = %s", [new, model, old])
            cr.execute(
                "UPDATE ir_model_data SET name = replace(name, %s, %s) WHERE module = 'fulfilment_crm' AND name = %s",
                [f'__{old}', f'__{new}', f'field_{table}__{old}'],
            )
