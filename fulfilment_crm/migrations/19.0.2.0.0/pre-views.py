"""A view that extends what has moved to another view is made anew: the one it extended is loaded, and checked with it, first."""
MOVED = ('res_config_settings_view_form_rewards',)


def migrate(cr, version):
    if version:
        cr.execute("""
            DELETE FROM ir_ui_view USING ir_model_data data
             WHERE data.module = 'fulfilment_crm' AND data.model = 'ir.ui.view' AND data.name = ANY(%s) AND ir_ui_view.id = data.res_id
        """, [list(MOVED)])
        cr.execute("DELETE FROM ir_model_data WHERE module = 'fulfilment_crm' AND name = ANY(%s)", [list(MOVED)])
