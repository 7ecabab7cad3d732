"""Milestones name the parameter of the clause they came from, and what ships says what it means."""
from odoo.tools import SQL

ROLES = {
    'fulfilment_clause_parameter': {
        'clause_param_payment_service_advance_days': 'advance_days', 'clause_param_deposit_deposit_days': 'deposit_days',
    },
    'fulfilment_milestone_template': {
        'milestone_template_product_sale_warranty_end': 'warranty_days', 'milestone_template_framework_renewal': 'notice_days',
    },
}


def migrate(cr, version):
    if not version:
        return
    cr.execute(SQL(
        """
        UPDATE fulfilment_milestone milestone
           SET clause_role = parameter.role
          FROM fulfilment_contract_clause_parameter parameter
         WHERE parameter.contract_clause_id = milestone.clause_id AND milestone.clause_role IS NULL
           AND (milestone.kind, parameter.role) IN (
               ('delivery', 'delivery_days'), ('acceptance', 'acceptance_days'), ('payment', 'payment_days'))
           AND milestone.offset_days = parameter.value_number
        """,
    ))
    for table, roles in ROLES.items():
        for name, role in roles.items():
            cr.execute(SQL(
                """
                UPDATE %s line SET role = %s FROM ir_model_data data
                 WHERE data.module = 'fulfilment_crm' AND data.name = %s AND data.res_id = line.id
                   AND (line.role IS NULL OR line.role = 'number')
                """, SQL.identifier(table), role, name,
            ))
