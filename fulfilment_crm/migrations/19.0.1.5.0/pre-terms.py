"""A contract keeps its own days of deemed acceptance: those of its clause, else those its type had."""
from odoo.tools import SQL
from odoo.tools.sql import column_exists


def migrate(cr, version):
    if not version or column_exists(cr, 'fulfilment_contract', 'deemed_acceptance_days'):
        return
    cr.execute("ALTER TABLE fulfilment_contract ADD COLUMN deemed_acceptance_days integer")
    cr.execute(SQL(
        """
        UPDATE fulfilment_contract contract
           SET deemed_acceptance_days = CASE WHEN kind.deemed_acceptance_days > 0 THEN COALESCE((
                   SELECT parameter.value_number::integer
                     FROM fulfilment_contract_clause_parameter parameter
                     JOIN fulfilment_contract_clause clause ON clause.id = parameter.contract_clause_id
                    WHERE clause.contract_id = contract.id AND parameter.role = 'acceptance_days'
                    ORDER BY clause.sequence, clause.id, parameter.sequence, parameter.id
                    LIMIT 1
               ), kind.deemed_acceptance_days) ELSE 0 END
          FROM fulfilment_contract_type kind
         WHERE kind.id = contract.type_id
        """,
    ))
