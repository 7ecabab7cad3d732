from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.tools import format_amount, format_datetime, formatLang

from ...tools import markup
from ...tools.shown_date import shown_date
from .alert import _plain


class FulfilmentAlert(models.Model):
    """What an alert shows: the figures as they were, and what has become of them."""
    _inherit = 'fulfilment.alert'

    figures_table = fields.Html(
        compute='_compute_figures_table', sanitize=False, string="Figures", help="As they were when the alert was raised, and as they are.",
    )

    figure_told = fields.Char(string="Figure", compute='_compute_figure_told', help="The first figure of the rule, as it was.")

    @api.depends('figures')
    @api.depends_context('lang')
    def _compute_figure_told(self):
        for alert in self:
            known = self.env[alert.res_model]._fields if alert.res_model else {}
            told = [(known[name], value) for name, value in (alert.figures or {}).items() if name in known]
            alert.figure_told = f'{told[0][0]._description_string(self.env)}: {_shown(alert, *told[0])}' if told else False

    @api.depends('figures')
    @api.depends_context('lang', 'uid')
    def _compute_figures_table(self):
        for model, alerts in self.grouped('res_model').items():
            records = self.env[model].browse(alerts.mapped('res_id')).exists()._filtered_access('read') if model else self
            now = {record.id: record for record in records}
            for alert in alerts:
                alert.figures_table = _table(alert, now.get(alert.res_id)) if alert.figures else False


def _table(alert, record):
    """Return the rows “figure, then, now” as a table; without “now” where the record is gone or not to be read."""
    model, env = alert.env[alert.res_model], alert.env
    rows = []
    for name, before in alert.figures.items():
        field = model._fields.get(name)
        if not field:
            continue
        now = None
        if record:
            try:
                now = _shown(alert, field, _plain(record, name))
            except AccessError:
                now = ''
        then = _shown(alert, field, before)
        changed = 'fw-bold' if now is not None and now != then else ''
        rows.append([field._description_string(env), then, ('' if now is None else now, changed)])
    return markup.table([env._("Figure"), env._("When raised"), env._("Now")], rows, classes='table table-sm w-auto')


def _shown(alert, field, value):
    """Return a value as people read it; “–” for no data."""
    env = alert.env
    if value is None:
        return '–'
    if field.type == 'boolean':
        return env._("Yes") if value else env._("No")
    if field.type == 'selection':
        return dict(field._description_selection(env)).get(value, value)
    if field.type == 'monetary':
        # safe: reads the company's currency
        return format_amount(env, value, alert.sudo().company_id.currency_id)
    if field.type == 'float':
        return formatLang(env, value, digits=2)
    if field.type == 'date':
        return shown_date(env, value)
    if field.type == 'datetime':
        return format_datetime(env, value)
    return str(value)
