"""Links to the portal are stored without the token that opens them; it is put in where an e-mail leaves."""
from odoo.tools import SQL

TEMPLATES = (
    'mail_template_signature', 'mail_template_ticket_received', 'mail_template_ticket_solved', 'mail_template_ticket_objection',
)


def migrate(cr, version):
    if not version:
        return
    cr.execute(SQL(
        """
        UPDATE mail_template template
           SET body_html = replace(template.body_html::text, 'object.get_portal_url()', 'object.access_url')::jsonb
          FROM ir_model_data data
         WHERE data.model = 'mail.template' AND data.res_id = template.id AND data.module = 'fulfilment_crm' AND data.name = ANY(%s)
        """, list(TEMPLATES),
    ))
    # Templates that name their receivers said nothing against Odoo's default ones, which go first.
    cr.execute(SQL(
        """
        UPDATE mail_template template SET use_default_to = FALSE
          FROM ir_model_data data
         WHERE data.model = 'mail.template' AND data.res_id = template.id AND data.module = 'fulfilment_crm'
           AND COALESCE(template.partner_to, '') != ''
        """,
    ))
    cr.execute(SQL(
        r"""
        UPDATE mail_message
           SET body = regexp_replace(body, '(/my/fulfilment/(contracts|tickets)/\d+)\?access_token=[0-9A-Za-z-]*', '\1', 'g')
         WHERE model IN ('fulfilment.contract', 'fulfilment.ticket') AND body LIKE '%%/my/fulfilment/%%access_token=%%'
        """,
    ))
