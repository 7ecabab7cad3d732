"""What the addon does around its own installation and removal."""
from odoo import fields

from odoo.addons.base.models.ir_model import MODULE_UNINSTALL_FLAG

OURS = 'fulfilment_crm'


def post_init_hook(env):
    """Take over what the database knows already."""
    env['res.company']._fulfilment_note_bank_accounts()


def uninstall_hook(env):
    """Leave the database as one that never had the addon, as far as Odoo does not see to it itself.

    Odoo drops our tables and columns and the records with XML ids of ours. It does not know what names our models by text only,
    and it would try to delete types and clauses while contracts still rest on them.
    """
    names = env['ir.model'].search([('model', '=like', 'fulfilment.%')]).mapped('model')
    _end_rewards(env)
    _remove_attached(env, names)
    # Events are deleted by nobody: they go with their table.
    records = [env[name] for name in names if name in env and name != 'fulfilment.event']
    _remove_records([model for model in records if not model._abstract and model._auto])
    _remove_traces(env)


def _end_rewards(env):
    """Longer terms would hold for ever; the program of points and what its rewards are booked on would stay."""
    in_force = env['fulfilment.reward.grant'].search([('state', '=', 'granted'), ('effect', '=', 'payment_term')])
    in_force._take_back_payment_term(fields.Date.context_today(in_force))
    program = env.ref(f'{OURS}.loyalty_program_points', raise_if_not_found=False)
    if program:
        grants = env['fulfilment.reward.grant'].search([('program_id', '=', program.id)])
        rules = env['fulfilment.reward.rule'].with_context(active_test=False, tracking_disable=True)
        rules = rules.search([('program_id', '=', program.id)])
        rules.write({'state': 'draft'})
        grants.with_context(tracking_disable=True).program_id = rules.program_id = False
        products = program.reward_ids.discount_line_product_id
        env['loyalty.card'].with_context(active_test=False).search([('program_id', '=', program.id)]).unlink()
        program.active = False
        program.unlink()
        templates = products.product_tmpl_id
        products._unlink_or_archive()
        templates.exists().filtered(lambda one: not one.product_variant_ids).unlink()


def _remove_attached(env, names):
    """Remove what other models keep about records of ours."""
    everything = env(context=dict(env.context, active_test=False))
    types = env['ir.model.data'].search([('module', '=', OURS), ('model', '=', 'mail.activity.type')]).mapped('res_id')
    # Meetings that were planned and have not taken place.
    planned = everything['fulfilment.care.task'].search([('state', '=', 'planned')]).event_id
    planned |= everything['fulfilment.communication.meeting'].search([('start', '>', fields.Datetime.now())]).event_id
    planned.with_context(no_mail_to_attendees=True).unlink()
    # To-dos of our own kinds also stand on customers.
    everything['mail.activity'].search(['|', ('res_model', 'in', names), ('activity_type_id', 'in', types)]).unlink()
    everything['mail.message'].search([('model', 'in', names)]).unlink()
    # Mails with links to surveys belong to no record that stays; letters about what is owed stand on customers and link to their page.
    everything['fulfilment.survey.request'].search([]).mail_id.mail_message_id.unlink()
    everything['fulfilment.reminder'].search([]).message_id.unlink()
    # Notes of ours on orders link to the contract, notices about several records of ours to each of them.
    everything['mail.message'].search([
        '|', '&', ('message_type', '=', 'notification'), ('body', 'like', 'data-oe-model="fulfilment.'),
        '&', ('message_type', '=', 'user_notification'), ('body', 'like', 'href="/mail/view?model=fulfilment.'),
    ]).unlink()
    everything['ir.attachment'].search([('res_model', 'in', names), ('res_field', 'in', [False, *_binaries(env, names)])]).unlink()
    everything['ir.filters'].search([('model_id', 'in', names)]).unlink()
    everything['ir.exports'].search([('resource', 'in', names)]).unlink()
    known = env['ir.model.data'].search([('module', '=', OURS), ('model', '=', 'ir.actions.server')]).mapped('res_id')
    everything['ir.actions.server'].search([
        ('model_id.model', 'in', names), ('usage', '=', 'ir_actions_server'), ('id', 'not in', known),
    ]).unlink()


def _binaries(env, names):
    """Return the fields of our models whose contents are attachments; they are found when asked for by name only."""
    return {field.name for name in names if name in env for field in env[name]._fields.values() if field.type == 'binary'}


def _remove_records(models):
    """Empty our own models, those first whose records hold others."""
    while models:
        free = [model for model in models if not any(_holding(other, model._name) for other in models if other != model)] or models
        for model in free:
            records = model.with_context(active_test=False, tracking_disable=True, **{MODULE_UNINSTALL_FLAG: True}).search([])
            for name in _holding(model, model._name):
                records[name] = False
            records.unlink()
        models = [model for model in models if model not in free]


def _holding(model, other):
    """Return the fields of a model that keep records of another from being deleted."""
    return [
        field.name for field in model._fields.values()
        if field.type == 'many2one' and field.store and field.ondelete == 'restrict' and field.comodel_name == other
    ]


def _remove_traces(env):
    """Remove what Odoo's own records tell of the addon: numbering by year, changes of our fields in chatters, names of parts of models."""
    env['ir.sequence'].search([('code', '=like', 'fulfilment.%')]).date_range_ids.unlink()
    data = env['ir.model.data']
    fields = data.search([('module', '=', OURS), ('model', '=', 'ir.model.fields')]).mapped('res_id')
    shared = data.search([('module', '!=', OURS), ('model', '=', 'ir.model.fields'), ('res_id', 'in', fields)]).mapped('res_id')
    changes = env['mail.tracking.value'].search([('field_id', 'in', list(set(fields) - set(shared)))])
    messages = changes.mail_message_id
    changes.unlink()
    messages.filtered(lambda message: not message.tracking_value_ids and not message.body).unlink()
    data.search([
        ('module', '!=', OURS), ('model', 'in', ('ir.model.inherit', 'ir.model.fields.selection')),
        ('name', '=like', r'%\_\_fulfilment\_%'),
    ]).unlink()
    env['ir.model.constraint'].search([('module.name', '=', OURS), ('type', '=', 'f')]).unlink()
