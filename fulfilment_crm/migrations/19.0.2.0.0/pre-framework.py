"""A contract keeps what its type said when it was submitted: whether it is a framework contract, too."""


def migrate(cr, version):
    if version:
        cr.execute("ALTER TABLE fulfilment_contract ADD COLUMN IF NOT EXISTS is_framework boolean")
        cr.execute("""
            UPDATE fulfilment_contract contract SET is_framework = type.is_framework FROM fulfilment_contract_type type
             WHERE type.id = contract.type_id AND contract.is_framework IS NULL
        """)
