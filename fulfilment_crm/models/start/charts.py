
from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.fields import Domain

from ...tools.local_time import begin_of
from ...tools.months import month_name, short_day

MONTHS = 12
CHARTS = {
    'sales': ('overdue', 'on_time', 'turnover', 'satisfaction'), 'service': ('tickets', 'satisfaction'),
    'credit': ('cash', 'overdue', 'on_time', 'turnover'), 'legal': ('overdue', 'on_time'),
    'manager': ('cash', 'overdue', 'on_time', 'turnover', 'satisfaction', 'tickets'), 'inspector': ('on_time', 'satisfaction', 'tickets'),
}


class FulfilmentStart(models.AbstractModel):
    """Trends over the last twelve months; each point opens the records behind it."""
    _inherit = 'fulfilment.start'

    @api.model
    def _charts(self, role):
        charts, months = [], None
        for key in CHARTS[role]:
            if key == 'tickets':
                charts += [self._chart_tickets()] if self.env['fulfilment.ticket'].has_access('read') else []
            elif key == 'cash':
                charts += [self._chart_cash()] if self.env['fulfilment.cash.forecast'].has_access('read') else []
            elif self.env['fulfilment.profile.month'].has_access('read'):
                months = self._months(role) if months is None else months
                charts.append(self._chart_of(key, role, months))
        return charts

    # === FIGURES AT MONTH ENDS === #

    @api.model
    def _whose(self, role):
        """Whose customers the trends are about: one's own, those of the team, or all."""
        user = self.env.user
        if role == 'sales':
            return Domain('user_id', '=', user.id)
        if role == 'manager' and not user.has_group('fulfilment_crm.group_manager'):
            return Domain.OR([
                [('user_id', '=', user.id)], [('user_id.sale_team_id.user_id', '=', user.id)],
                [('user_id.sale_team_id.member_ids', 'in', [user.id])],
            ])
        return Domain.TRUE

    @api.model
    def _month_ends(self):
        company = self.env.company.root_id
        last = company._fulfilment_today()[company].replace(day=1) - relativedelta(days=1)
        return [last + relativedelta(months=-back, day=31) for back in reversed(range(MONTHS))]

    @api.model
    def _months(self, role):
        """Return the figures of the user's customers at the last month ends, from what the nightly round added up: ``{date: values}``."""
        names = ('receivable_overdue', 'revenue_12m', 'payment_count', 'payment_on_time', 'satisfaction_count', 'satisfaction_total')
        ends = self._month_ends()
        rows = self.env['fulfilment.profile.month']._read_group(
            Domain('company_id', '=', self.env.company.root_id.id) & Domain('date', 'in', ends) & self._whose(role),
            ['date:day'], [f'{name}:sum' for name in names],
        )
        # Odoo's sum of nothing is False.
        found = {
            day: {name: None if value is False else value for name, value in zip(names, values, strict=True)} for day, *values in rows
        }
        return {end: found.get(end, {}) for end in ends}

    @api.model
    def _chart_of(self, key, role, months):
        title, unit, figure, kind, read = {
            'overdue': (self.env._("Overdue receivables"), 'money', 'receivable_overdue', 'bar', lambda of: of.get('receivable_overdue')),
            'turnover': (self.env._("Turnover, 12 months"), 'money', 'revenue_12m', 'bar', lambda of: of.get('revenue_12m')),
            'on_time': (
                self.env._("Paid on time"), 'percent', 'on_time_payment_rate', 'line',
                lambda of: _share(of.get('payment_on_time'), of.get('payment_count'), 100),
            ),
            'satisfaction': (
                self.env._("Satisfaction"), 'mark', 'satisfaction_avg', 'line',
                lambda of: _share(of.get('satisfaction_total'), of.get('satisfaction_count'), 1),
            ),
        }[key]
        known = any(value is not None for values in months.values() for value in values.values())
        base = Domain('company_id', '=', self.env.company.root_id.id) & self._whose(role) & Domain(figure, '!=', False)
        return {
            'key': key, 'title': title, 'unit': unit, 'kind': kind, 'currency': self.env.company.root_id.currency_id.id,
            'axis': self.env._("Month"),
            'labels': [self._label(end) for end in months],
            'empty': self.env._("There was none at these month ends.") if known else self.env._(
                "Month ends are kept by the nightly round and drawn here.",
            ),
            'series': [{'name': title, 'values': [read(values) for values in months.values()], 'actions': [
                self._point(title, end, 'fulfilment.profile.history', base & Domain('date', '=', fields.Date.to_string(end)))
                for end in months
            ]}],
        }

    # === TICKETS === #

    @api.model
    def _chart_tickets(self):
        zone = self.env.user.tz or 'UTC'
        this_month = fields.Date.context_today(self).replace(day=1)
        firsts = [this_month - relativedelta(months=back) for back in reversed(range(-1, MONTHS))]
        bounds = [begin_of(first, zone) for first in firsts]
        tickets = self.env['fulfilment.ticket'].with_context(tz=zone)
        series = []
        for name, field, number in (
            (self.env._("Received"), 'received_on', '__count'), (self.env._("Solved"), 'solved_on', '__count'),
        ):
            rows = tickets._read_group([(field, '>=', bounds[0]), (field, '<', bounds[-1])], [f'{field}:month'], [number])
            found = {(moment.year, moment.month): count for moment, count in rows}
            series.append({'name': name, 'values': [found.get((first.year, first.month), 0) for first in firsts[:-1]], 'actions': [
                self._point(name, first, 'fulfilment.ticket', [
                    (field, '>=', fields.Datetime.to_string(begin)), (field, '<', fields.Datetime.to_string(end)),
                ]) for first, begin, end in zip(firsts, bounds, bounds[1:], strict=False)
            ]})
        return {
            'key': 'tickets', 'title': self.env._("Tickets a month"), 'unit': 'number', 'kind': 'bar', 'currency': False,
            'axis': self.env._("Month"),
            'labels': [self._label(first) for first in firsts[:-1]], 'series': series,
            'empty': self.env._("Tickets received and solved are drawn here, month by month."),
        }

    # === MONEY EXPECTED === #

    @api.model
    def _chart_cash(self):
        """Draw what will likely come to the current company in each of the next weeks."""
        forecasts, company = self.env['fulfilment.cash.forecast'], self.env.company
        weeks = forecasts.search([('company_id', '=', company.id)], order='week')
        name = self.env._("Money expected by week")
        chart = {
            'key': 'cash', 'title': name, 'unit': 'money', 'kind': 'bar', 'currency': company.currency_id.id,
            'axis': self.env._("Week from"),
            'labels': [short_day(self.env, week.week) for week in weeks],
            'empty': self.env._("With the forecast of payments switched on, the next 13 weeks are drawn here."),
            'series': [{'name': name, 'values': weeks.mapped('amount'), 'actions': [week.action_open_forecasts() for week in weeks]}],
        }
        if not weeks:
            return chart
        chart['note'] = self.env['fulfilment.forecast.score']._verdict_text(company)
        if all(week.rule == 'forecast' for week in weeks):
            chart['band'] = {
                'low': weeks.mapped('amount_low'), 'low_name': self.env._("At least"),
                'high': weeks.mapped('amount_high'), 'high_name': self.env._("At most"),
            }
        return chart

    # === HELPERS === #

    @api.model
    def _label(self, day):
        return month_name(self.env, day)

    @api.model
    def _point(self, title, day, model, domain):
        return {
            'type': 'ir.actions.act_window', 'name': f'{title}, {self._label(day)}', 'res_model': model, 'domain': list(Domain(domain)),
            'views': [(False, 'list'), (False, 'form')] if model != 'fulfilment.profile.history' else [(False, 'list'), (False, 'pivot')],
            'target': 'current', 'context': {},
        }


def _share(part, whole, factor):
    """No data is not zero: a month without a base has no rate."""
    return round(factor * part / whole, 2) if whole and part is not None else None
