from collections import Counter

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import split_every

from ...report.forecast import payments
from ...tools.payment_forecast import HIGH, LOW
from .forecaster import RULES, Calendar, Forecaster

FEWEST = 30  # instalments, below which nothing is judged
MONTHS = 12
SLICE = 1000  # customers looked at at once


class FulfilmentForecastScore(models.Model):
    """What a forecast on a month end would have said, against what has happened since; beside it two simple rules."""
    _name = 'fulfilment.forecast.score'
    _description = 'Forecast compared with what happened'
    _inherit = ['fulfilment.machine.mixin']
    _order = 'month desc, company_id'
    _rec_name = 'month'

    company_id = fields.Many2one('res.company', required=True, readonly=True, index=True, ondelete='cascade')
    currency_id = fields.Many2one(related='company_id.currency_id')
    month = fields.Date(string="Forecast of", required=True, readonly=True, help="The evening of a month end: nothing later was looked at.")
    scored_on = fields.Date(string="Compared on", required=True, readonly=True, help="With what had come by then.")
    number = fields.Integer(string="Instalments paid", readonly=True, help="Open on that evening and settled since.")
    days_forecast = fields.Float(
        string="Days off, forecast", readonly=True, aggregator='avg', digits=(8, 1),
        help="Half of the payments came nearer than this to the likely date.",
    )
    days_mean = fields.Float(string="Days off, mean delay", readonly=True, aggregator='avg', digits=(8, 1))
    days_due = fields.Float(string="Days off, due date", readonly=True, aggregator='avg', digits=(8, 1))
    in_span = fields.Integer(string="Within the span", readonly=True, help="Paid between earliest and latest day; four of five should be.")
    span_share = fields.Float(string="Within the span (%)", compute='_compute_shares', digits=(8, 1))
    amount_expected = fields.Monetary(string="Expected", readonly=True, help="In the 13 weeks after, as far as they are over.")
    amount_came = fields.Monetary(string="Came", readonly=True, help="In the same weeks, for the same instalments.")
    off_forecast = fields.Monetary(string="Off by, forecast", readonly=True, help="Week by week, too much and too little added up.")
    off_mean = fields.Monetary(string="Off by, mean delay", readonly=True)
    off_due = fields.Monetary(string="Off by, due date", readonly=True)
    week_forecast = fields.Float(string="Off a week, forecast (%)", compute='_compute_shares', digits=(8, 1))
    week_mean = fields.Float(string="Off a week, mean delay (%)", compute='_compute_shares', digits=(8, 1))
    week_due = fields.Float(string="Off a week, due date (%)", compute='_compute_shares', digits=(8, 1))

    _month_unique = models.UniqueIndex('(company_id, month)', "This month end has been compared already.")

    @api.depends('number', 'in_span', 'amount_came', 'off_forecast', 'off_mean', 'off_due')
    def _compute_shares(self):
        for score in self:
            score.span_share = 100 * score.in_span / score.number if score.number else 0.0
            for rule, _name in RULES:
                score[f'week_{rule}'] = 100 * score[f'off_{rule}'] / score.amount_came if score.amount_came else 0.0

    # === COMPARING === #

    @api.model
    def _month_ends(self, day, months=MONTHS):
        """Return the last month ends before a day, oldest first."""
        last = day.replace(day=1) - relativedelta(days=1)
        return [last + relativedelta(months=-back, day=31) for back in reversed(range(months))]

    @api.model
    def _calendar(self, company, ends):
        return Calendar(company, ends[0], ends[-1]) if ends else None

    @api.model
    def _scored(self, company, end, today, calendar=None):
        """Return the values of the score of a month end.

        :param company: root company; its branches count in
        :param date end: the month end
        :param date today: what has come by then is known
        """
        forecaster = Forecaster(company, end, calendar)
        ends = [sunday for sunday in forecaster.weeks() if sunday <= today.toordinal()]
        off = {rule: Counter() for rule, _name in RULES}
        weeks = {rule: [0.0] * len(ends) for rule in ('came', *off)}
        number = in_span = 0
        for partners in split_every(SLICE, forecaster.customers()):
            expected = forecaster.of(partners)
            lines = [one.line_id for one in expected]
            paid_on, came = payments.settled(forecaster.cr, forecaster.ledger, lines, today)
            _add(weeks['came'], ends, forecaster.today, came.items())
            for one in expected:
                before = 0.0
                for place, sunday in enumerate(ends):
                    by = one.outlook.by(sunday)
                    weeks['forecast'][place] += one.amount * (by - before)
                    before = by
            _add(weeks['mean'], ends, forecaster.today, ((one.mean_day, one.amount) for one in expected))
            _add(weeks['due'], ends, forecaster.today, ((one.due_day, one.amount) for one in expected))
            for one in expected:
                if day := paid_on.get(one.line_id):
                    number += 1
                    in_span += one.outlook.quantile(LOW) <= day <= one.outlook.quantile(HIGH)
                    for rule, told in (('forecast', one.outlook.quantile(0.5)), ('mean', one.mean_day), ('due', one.due_day)):
                        off[rule][abs(told - day)] += 1
        return {
            'company_id': company.id, 'month': end, 'scored_on': today, 'number': number, 'in_span': in_span,
            'amount_expected': sum(weeks['forecast']), 'amount_came': sum(weeks['came']),
            **{f'days_{rule}': _median(counts) for rule, counts in off.items()},
            **{f'off_{rule}': sum(
                abs(told - came) for told, came in zip(weeks[rule], weeks['came'], strict=True)
            ) for rule in off},
        }

    @api.model
    def _keep(self, company, end, today, calendar):
        """Write the score of a month end, instead of the one that is there.

        :return: ``{effect: count}``
        """
        values = self._scored(company, end, today, calendar)
        known = self.search([('company_id', '=', company.id), ('month', '=', end)])
        if known:
            known.write(values)
        else:
            self.create(values)
        return {'forecasts compared': 1}

    @api.model
    def _due(self, company, today):
        """Return the month ends to be compared: each once a month as long as its weeks are not over, and those that never were."""
        first = today.replace(day=1)
        over = Domain('scored_on', '>=', first) | Domain('month', '<', fields.Date.subtract(first, months=4))
        known = self.search(Domain('company_id', '=', company.id) & over).mapped('month')
        return [end for end in self._month_ends(today) if end not in known]

    # === WHICH RULE TELLS === #

    @api.model
    def _verdict(self, company):
        """Tell whether forecasts are nearer to what happens than the simple rules, over the month ends compared.

        They are given up where a simple rule is at least as near both by day and by week.

        :param company: root company
        :return: dict of ``rule`` (by which likely dates are told), ``number``, ``is_judged``, ``days`` and ``weeks`` (``{rule: value}``)
        """
        # safe: what the company's own forecasts were worth, for whoever reads them
        rows = self.sudo().search([('company_id', '=', company.id)], limit=MONTHS)
        number, came = sum(rows.mapped('number')), sum(rows.mapped('amount_came'))
        days = {rule: sum(row.number * row[f'days_{rule}'] for row in rows) / number if number else 0.0 for rule, _name in RULES}
        weeks = {rule: 100 * sum(rows.mapped(f'off_{rule}')) / came if came else 0.0 for rule, _name in RULES}
        simple = min(('mean', 'due'), key=lambda rule: (weeks[rule], days[rule]))
        given_up = number >= FEWEST and any(
            days[rule] <= days['forecast'] and weeks[rule] <= weeks['forecast'] for rule in ('mean', 'due')
        )
        return {
            'rule': simple if given_up else 'forecast', 'number': number, 'is_judged': number >= FEWEST, 'days': days, 'weeks': weeks,
        }

    @api.model
    def _verdict_text(self, company):
        """Say it in a sentence."""
        verdict = self._verdict(company.root_id)
        if not verdict['is_judged']:
            return self.env._(
                "Not judged yet: %(number)s of %(fewest)s payments to compare with.", number=verdict['number'], fewest=FEWEST,
            )
        days, weeks = verdict['days'], verdict['weeks']
        values = {
            'number': verdict['number'], 'forecast': round(days['forecast']), 'mean': round(days['mean']), 'due': round(days['due']),
            'week': round(weeks['forecast']), 'week_mean': round(weeks['mean']), 'week_due': round(weeks['due']),
        }
        if verdict['rule'] == 'forecast':
            return self.env._(
                "Tried on %(number)s payments: half came within %(forecast)s days of the likely date (by mean delay %(mean)s, by due date "
                "%(due)s); a week was off by %(week)s %% (%(week_mean)s %%, %(week_due)s %%).", **values,
            )
        rule = dict(self.env['fulfilment.payment.forecast']._fields['rule']._description_selection(self.env))[verdict['rule']]
        return self.env._(
            "Tried on %(number)s payments, the forecast was no better than a simple rule (off by %(forecast)s days and %(week)s %% a week; "
            "by mean delay %(mean)s and %(week_mean)s %%, by due date %(due)s and %(week_due)s %%). So dates are told by: %(rule)s.",
            rule=rule, **values,
        )


def _add(weeks, ends, today, amounts):
    """Add amounts of days to the weeks they come in."""
    for day, amount in amounts:
        if ends and today < day <= ends[-1]:
            weeks[next(place for place, end in enumerate(ends) if day <= end)] += amount


def _median(counts):
    """Return the median of what was counted; 0.0 where nothing was."""
    half, so_far = sum(counts.values()) / 2, 0
    for value in sorted(counts):
        so_far += counts[value]
        if so_far >= half:
            return float(value)
    return 0.0
