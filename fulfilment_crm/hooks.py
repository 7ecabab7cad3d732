"""What the addon does around its own installation and removal."""


def uninstall_hook(env):
    """Remove what other modules keep about our models, so that nothing points at a table that is gone.

    Odoo drops our tables and records with XML ids by itself; activities and messages name their record by model and id only.
    """
    models = env['ir.model'].search([('model', '=like', 'fulfilment.%')]).mapped('model')
    env['mail.activity'].with_context(active_test=False).search([('res_model', 'in', models)]).unlink()
    env['mail.message'].search([('model', 'in', models)]).unlink()
    env['ir.attachment'].search([('res_model', 'in', models)]).unlink()
