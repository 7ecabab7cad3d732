"""A view that names a field that is gone is made anew: the one it extends is loaded, and checked with it, first."""


def migrate(cr, version):
    if version:
        cr.execute("""
            DELETE FROM ir_ui_view WHERE id IN (
                SELECT res_id FROM ir_model_data WHERE module = 'fulfilment_crm' AND model = 'ir.ui.view' AND name = 'tier_view_list_care')
        """)
        cr.execute("DELETE FROM ir_model_data WHERE module = 'fulfilment_crm' AND model = 'ir.ui.view' AND name = 'tier_view_list_care'")
