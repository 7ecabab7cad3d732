"""What Odoo's web client asks for and sends when somebody opens and saves a form."""
from lxml import etree


def form_fields(env, model, view_id=False):
    """The specification of the fields of a form view, as the web client gives it to ``onchange``, ``web_read`` and ``web_save``."""
    views = env[model].get_views([(view_id, 'form')])
    return _specification(env, model, etree.fromstring(views['views']['form']['arch']))


def _specification(env, model, node):
    found = {}
    for child in node:
        if child.tag != 'field':
            found.update(_specification(env, model, child))
            continue
        name = child.get('name')
        field = env[model]._fields.get(name)
        if field is None:
            continue
        if field.type in ('one2many', 'many2many'):
            inline = [_specification(env, field.comodel_name, view) for view in child if view.tag in ('list', 'form', 'kanban')]
            parts = {key: value for part in inline for key, value in part.items()}
            found[name] = {'fields': parts} if parts else {}
        elif field.type in ('many2one', 'many2one_reference'):
            found[name] = {'fields': {'display_name': {}}} if field.type == 'many2one' else {}
        else:
            found[name] = {}
    return found


def sent_values(model, values, spec):
    """Everything a form shows, as values to be saved again: also what the client would leave out because nobody changed it.

    Lists are sent as empty lists of commands, which is how the web client says that nothing has happened to them.
    """
    sent = {}
    for name in spec:
        field = model._fields[name]
        if name not in values or field.related and field.readonly or not (field.store or field.inverse) or name == 'id':
            continue
        value = values[name]
        if field.type in ('one2many', 'many2many'):
            value = []
        elif field.type == 'many2one':
            value = value['id'] if isinstance(value, dict) else value or False
        sent[name] = value
    return sent
