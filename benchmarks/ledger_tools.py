"""How many rows are stored at once, and taken back: without indexes meanwhile, and down to the last row."""

import contextlib

TABLES = (
    "res_partner", "sale_order", "sale_order_line", "sale_order_line_invoice_rel", "account_tax_sale_order_line_rel", "account_move",
    "account_move_line", "account_move_line_account_tax_rel", "account_partial_reconcile", "account_full_reconcile",
)

@contextlib.contextmanager
def without_indexes(cr):
    """Indexes and foreign keys are built faster than kept up: they are back, checked, when the block is through."""
    tables = [list(TABLES)]
    cr.execute("SET LOCAL maintenance_work_mem = '512MB'")
    cr.execute("SET LOCAL work_mem = '256MB'")
    cr.execute("""
        SELECT conrelid::regclass::text, quote_ident(conname), pg_get_constraintdef(oid) FROM pg_constraint
        WHERE contype = 'f' AND conrelid = ANY(%s::regclass[])
    """, tables)
    keys = cr.fetchall()
    cr.execute("""
        SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid), obj_description(indexrelid, 'pg_class') FROM pg_index
        WHERE indrelid = ANY(%s::regclass[]) AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid)
    """, tables)
    indexes = cr.fetchall()
    for table, name, _definition in keys:
        cr.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
    for name, _definition, _comment in indexes:
        cr.execute(f"DROP INDEX {name}")
    yield
    for name, definition, comment in indexes:
        cr.execute(definition)
        if comment:  # Odoo compares it with what the model says
            cr.execute(f"COMMENT ON INDEX {name} IS %s", [comment])
    for table, name, definition in keys:
        cr.execute(f"ALTER TABLE {table} ADD CONSTRAINT {name} {definition}")


def take_back(env, savepoint):
    """Nothing since the savepoint stays, neither stored nor planned for the commit."""
    savepoint.close(rollback=True)
    env.transaction.clear()
    env.cr.precommit.clear()
    env.cr.postcommit.clear()
