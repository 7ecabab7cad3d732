from statistics import median

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ...tools import markup
from ...tools.profile_domain import parse
from ...tools.shown_date import shown_date
from ..base.opening import open_list


class FulfilmentWarningReplay(models.TransientModel):
    """How a rule over the profile would have done on the month ends kept: whom it would have warned of, and what came after."""
    _name = 'fulfilment.warning.replay'
    _description = 'Trial of a warning rule on the past'

    rule_id = fields.Many2one('fulfilment.warning.rule', required=True, readonly=True, ondelete='cascade')
    company_id = fields.Many2one('res.company', required=True, default=lambda self: self.env.company.root_id, ondelete='cascade')
    currency_id = fields.Many2one(related='company_id.currency_id')
    event = fields.Selection(
        [('overdue', "Money overdue")], string="What it should warn of", required=True, default='overdue',
        help="An event is a month end at which this is so, and was not at the month end before.",
    )
    months = fields.Integer(string="Month ends to look at", default=24, required=True, help="How many to look at, up to the latest one.")
    amount = fields.Monetary(
        string="Overdue above", default=10000.0,
        help="Money that is overdue at a month end counts from this amount on.",
    )
    within_days = fields.Integer(
        string="Within (days)", default=90, required=True, help="A warning was right when such an event followed within so many days.",
    )

    # Result
    month_count = fields.Integer(string="Month ends looked at", readonly=True)
    date_from = fields.Date(readonly=True)
    date_to = fields.Date(readonly=True)
    fired_count = fields.Integer(
        string="Warnings", readonly=True, help="A customer's first month end in a row that the rule fits: one alert each.",
    )
    customer_count = fields.Integer(string="Customers warned of", readonly=True)
    hit_count = fields.Integer(string="Event followed", readonly=True)
    false_count = fields.Integer(string="Nothing followed", readonly=True)
    already_count = fields.Integer(
        string="So already", readonly=True, help="When warned of; such a warning comes too late to be right or wrong.",
    )
    open_count = fields.Integer(string="Not yet known", readonly=True, help="The days after the warning are not over.")
    precision = fields.Float(
        string="Right (%)", readonly=True, digits=(16, 2),
        help="Of the warnings whose days are over: event followed ÷ (event followed + nothing followed).",
    )
    lead_days = fields.Float(
        string="Median lead (days)", readonly=True, digits=(16, 1), help="From the warning to the event, of those that were right.",
    )
    event_count = fields.Integer(
        string="Events", readonly=True, help="Those of the first month end are left out: what was before it is not known.",
    )
    foreseen_count = fields.Integer(
        string="Foreseen", readonly=True, help="Events with a month end, within so many days before, that the rule fits.",
    )
    missed_count = fields.Integer(string="Not foreseen", readonly=True, help="Events without.")
    recall = fields.Float(string="Foreseen (%)", readonly=True, digits=(16, 2), help="Foreseen ÷ events.")
    without_history = fields.Text(string="Mind", readonly=True)
    details = fields.Json(readonly=True)
    chart = fields.Html(compute='_compute_chart', sanitize=False, string="Warnings by month")

    _numbers_check = models.Constraint(
        'CHECK(months BETWEEN 1 AND 120 AND within_days BETWEEN 1 AND 1000 AND amount >= 0)',
        "Look at 1 to 120 month ends, within 1 to 1,000 days; the amount is not negative.",
    )

    @api.depends('details')
    def _compute_chart(self):
        for replay in self:
            replay.chart = _bars(replay.env, (replay.details or {}).get('months') or [])

    # === ACTIONS === #

    def action_run(self):
        """Look at the past.

        :raise UserError: when the rule is not about customers, or names what month ends do not keep
        """
        self.ensure_one()
        self.rule_id.check_access('read')
        # safe: looks at the month ends the user may read, and writes what was counted
        self.sudo()._replay()
        return {
            'type': 'ir.actions.act_window', 'res_model': self._name, 'res_id': self.id, 'view_mode': 'form', 'target': 'new',
            'name': self.env._("Trial on the past: %s", self.rule_id.name),
        }

    def action_open_customers(self):
        """Open the customers of one kind: ``warned``, ``right``, ``wrong`` or ``missed``, from the context key ``customers``."""
        self.ensure_one()
        ids = (self.details or {}).get(self.env.context.get('customers') or 'warned', [])
        return open_list(self, 'profile_action', [('partner_id', 'in', ids), ('company_id', '=', self.company_id.id)])

    # === BUSINESS === #

    def _replay(self):
        domain = self._history_domain()
        [[date_to]] = self.env.execute_query(SQL(
            "SELECT max(date) FROM fulfilment_profile_history WHERE company_id = %s", self.company_id.id,
        ))
        if not date_to:
            raise UserError(
                self.env._("%s has no month ends yet: the nightly round over the profiles fills them in.", self.company_id.name)
            )
        first = (date_to.replace(day=1) - relativedelta(months=self.months - 1)) + relativedelta(months=1, days=-1)
        fires, events, months = self._past(domain, first, date_to)
        known = [fire for fire in fires if fire['outcome'] in ('hit', 'false')]
        hits = [fire for fire in fires if fire['outcome'] == 'hit']
        # What came soon is known before what did not come: only warnings whose days are over say how often they are right.
        judged = [fire for fire in known if fire['is_over']]
        missed = [event for event in events if not event['foreseen']]
        by_month = {day: {'month': str(day), 'fired': 0, 'hit': 0} for day in months}
        for fire in fires:
            by_month[fire['date']]['fired'] += 1
            by_month[fire['date']]['hit'] += fire['outcome'] == 'hit'
        self.write({
            'month_count': len(months), 'date_from': months[0] if months else False, 'date_to': date_to, 'fired_count': len(fires),
            'customer_count': len({fire['partner'] for fire in fires}), 'hit_count': len(hits), 'false_count': len(known) - len(hits),
            'already_count': sum(fire['outcome'] == 'already' for fire in fires),
            'open_count': sum(fire['outcome'] == 'open' for fire in fires),
            'precision': round(100 * sum(fire['outcome'] == 'hit' for fire in judged) / len(judged), 2) if judged else 0.0,
            'lead_days': median(fire['lead'] for fire in hits) if hits else 0.0,
            'event_count': len(events), 'foreseen_count': len(events) - len(missed), 'missed_count': len(missed),
            'recall': round(100 * (len(events) - len(missed)) / len(events), 2) if events else 0.0,
            'without_history': self._without_history(first),
            'details': {
                'months': list(by_month.values()), 'warned': sorted({fire['partner'] for fire in fires}),
                'right': sorted({fire['partner'] for fire in hits}),
                'wrong': sorted({fire['partner'] for fire in fires if fire['outcome'] == 'false'}),
                'missed': sorted({event['partner'] for event in missed}),
            },
        })

    def _history_domain(self):
        """Return the condition of the rule over the history."""
        rule, history = self.rule_id, self.env['fulfilment.profile.history']
        if rule.model != 'fulfilment.profile':
            raise UserError(self.env._(
                "“%s” watches single records. Month ends are kept of customers only, so only rules about them can be tried on the past.",
                rule.name,
            ))
        profile = self.env['fulfilment.profile']
        lost = [name for name in rule._figure_names() if name not in history._fields]
        if lost:
            raise UserError(self.env._(
                "“%(rule)s” asks for %(figures)s, which month ends do not keep. Try it without that part of its condition.",
                rule=rule.name, figures=', '.join(profile._fields[name]._description_string(self.env) for name in lost),
            ))
        return parse(rule.domain, history)

    def _without_history(self, first):
        """Tell what the reader should know of figures that month ends did not keep from the beginning."""
        history = self.env['fulfilment.profile.history']
        figures, judged = history._figures(), self.env['fulfilment.profile']._judged()
        late = [name for name in self.rule_id._figure_names() if name in judged or name in figures and not figures[name].past]
        lines = []
        for name in late:
            [[known]] = self.env.execute_query(SQL(
                "SELECT min(date) FROM fulfilment_profile_history WHERE company_id = %s AND %s IS NOT NULL",
                self.company_id.id, SQL.identifier(name),
            ))
            label = history._fields[name]._description_string(self.env)
            if not known:
                lines.append(self.env._("“%s” is kept at month ends from now on only: the past cannot tell anything about it.", label))
            elif known > first:
                lines.append(self.env._("“%(figure)s” is known from %(date)s on only.", figure=label, date=shown_date(self.env, known)))
        return '\n'.join(lines)

    def _over(self):
        """Return the figure of month ends that tells what the rule should warn of, and above what: ``(name, number)``."""
        return 'receivable_overdue', self.amount

    def _past(self, domain, first, last):
        """Warnings and events between two month ends, in one statement.

        A warning is a customer's month end that the condition fits, when the month end before is missing or does not fit. An event is a
        month end at which what it should warn of is so, when it was not at the one before.

        :return: ``([{'partner', 'date', 'outcome', 'lead'}], [{'partner', 'date', 'foreseen'}], [month ends])``
        """
        self.env.flush_all()
        history, table = self.env['fulfilment.profile.history'], SQL.identifier('fulfilment_profile_history')
        # One month end more: whom the rule fitted before the first is not warned of anew in it.
        begin = first.replace(day=1) - relativedelta(days=1)
        where = SQL("%s.company_id = %s AND %s.date BETWEEN %s AND %s", table, self.company_id.id, table, begin, last)
        query = history._search(domain, bypass_access=True)
        query.add_where(where)
        # Whatever the rule says, it is tried on customers the user may read.
        readable = history.sudo(False)._search([])
        readable.add_where(where)
        self.env['fulfilment.profile']._prepare_connection()
        figure, limit = self._over()
        rows = self.env.execute_query(SQL(
            """
            WITH fitting AS MATERIALIZED (%(fitting)s),
            pictured AS MATERIALIZED (
                SELECT history.partner_id, history.date, fitting.id IS NOT NULL AS fits,
                       COALESCE(%(figure)s, 0) > %(limit)s AS over
                  FROM fulfilment_profile_history history
                  JOIN (%(readable)s) readable ON readable.id = history.id
             LEFT JOIN fitting ON fitting.id = history.id
            ),
            followed AS (
                SELECT pictured.*, lag(date) OVER own = (date_trunc('month', date) - interval '1 day')::date AS is_next,
                       lag(fits) OVER own AS fitted, lag(over) OVER own AS was_over
                  FROM pictured
                WINDOW own AS (PARTITION BY partner_id ORDER BY date)
            ),
            marked AS MATERIALIZED (
                SELECT partner_id, date, fits, over,
                       date >= %(first)s AND fits AND NOT COALESCE(is_next AND fitted, FALSE) AS fires,
                       date > %(first)s AND over AND NOT COALESCE(is_next AND was_over, FALSE) AS event
                  FROM followed
            ),
            event AS MATERIALIZED (SELECT partner_id, date FROM marked WHERE event),
            led AS (
                SELECT fire.partner_id, fire.date, min(event.date) - fire.date AS lead
                  FROM marked fire
                  JOIN event ON event.partner_id = fire.partner_id AND event.date > fire.date AND event.date <= fire.date + %(within)s
                 WHERE fire.fires
              GROUP BY fire.partner_id, fire.date
            ),
            seen AS (
                SELECT DISTINCT event.partner_id, event.date
                  FROM event
                  JOIN marked earlier ON earlier.partner_id = event.partner_id AND earlier.fits
                   AND earlier.date < event.date AND earlier.date >= event.date - %(within)s
            )
            SELECT one.partner_id, one.date, one.fires, one.event, one.over, led.lead, seen.partner_id IS NOT NULL
              FROM marked one
         LEFT JOIN led ON led.partner_id = one.partner_id AND led.date = one.date
         LEFT JOIN seen ON seen.partner_id = one.partner_id AND seen.date = one.date
             WHERE one.fires OR one.event
          ORDER BY one.date, one.partner_id
            """,
            fitting=query.select(SQL.identifier('fulfilment_profile_history', 'id')), first=first,
            readable=readable.select(SQL.identifier('fulfilment_profile_history', 'id')),
            figure=SQL.identifier('history', figure), limit=limit, within=self.within_days,
        ))
        months = [day for [day] in self.env.execute_query(SQL(
            "SELECT DISTINCT date FROM fulfilment_profile_history WHERE company_id = %s AND date BETWEEN %s AND %s ORDER BY date",
            self.company_id.id, first, last,
        ))]
        fires = [{
            'partner': partner, 'date': day, 'lead': lead, 'is_over': fields.Date.add(day, days=self.within_days) <= last,
            'outcome': 'hit' if lead is not None else 'already' if over
            else 'open' if fields.Date.add(day, days=self.within_days) > last else 'false',
        } for partner, day, is_fire, _event, over, lead, _foreseen in rows if is_fire]
        events = [
            {'partner': partner, 'date': day, 'foreseen': foreseen}
            for partner, day, _fire, is_event, _over, _lead, foreseen in rows if is_event
        ]
        return fires, events, months


class FulfilmentWarningRule(models.Model):
    _inherit = 'fulfilment.warning.rule'

    def action_replay(self):
        """Try the rule on the past."""
        self.ensure_one()
        replay = self.env['fulfilment.warning.replay'].create({
            'rule_id': self.id, 'company_id': (self.company_id or self.env.company).root_id.id,
        })
        return replay.action_run()


def _bars(env, months):
    """Two bars a month: warnings, and those an event followed."""
    if not months:
        return False
    highest = max((month['fired'] for month in months), default=0) or 1
    columns = []
    for position, month in enumerate(months):
        title = env._("%(month)s: %(fired)s warnings, %(hit)s right", month=month['month'][:7], fired=month['fired'], hit=month['hit'])
        for offset, key, colour in ((0, 'fired', '#adb5bd'), (8, 'hit', '#28a745')):
            height = round(60 * month[key] / highest)
            columns.append((position * 20 + offset, 7, height, colour, title))
    return markup.bars(columns, len(months) * 20, 62, env._("Warnings by month; green: an event followed"))
