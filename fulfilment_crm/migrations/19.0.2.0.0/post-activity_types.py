"""Types of to-dos that machines give are proposed only where they belong, not on every contact, lead and order."""
MODELS = {
    'activity_type_alert': 'fulfilment.alert',
    'activity_type_approval': 'fulfilment.contract',
    'activity_type_approved': 'fulfilment.contract',
    'activity_type_care': 'res.partner',
    'activity_type_credit': 'fulfilment.credit.assessment',
    'activity_type_escalation': 'fulfilment.contract',
    'activity_type_milestone': 'fulfilment.milestone',
    'activity_type_objection': 'fulfilment.ticket',
    'activity_type_rejected': 'fulfilment.contract',
    'activity_type_response': 'fulfilment.response',
    'activity_type_reward': 'fulfilment.reward.grant',
    'activity_type_risk_mitigation': 'fulfilment.risk',
    'activity_type_risk_review': 'fulfilment.risk',
    'activity_type_ticket': 'fulfilment.ticket',
}


def migrate(cr, version):
    if not version:
        return
    for name, model in MODELS.items():
        cr.execute("""
            UPDATE mail_activity_type SET res_model = %s FROM ir_model_data data
             WHERE data.module = 'fulfilment_crm' AND data.model = 'mail.activity.type' AND data.name = %s
               AND data.res_id = mail_activity_type.id AND mail_activity_type.res_model IS NULL
        """, [model, name])
