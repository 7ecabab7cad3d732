from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ...tools import markup
from ...tools.months import month_name

# One meaning a colour, in all pictures: green is well, amber is near, red is late.
FREE, NEAR, LATE, OWED, ORDERED = '#28a745', '#ffc107', '#dc3545', '#0d6efd', '#6ea8fe'
AGES = ('#28a745', '#ffc107', '#fd7e14', '#dc3545', '#842029')
MONTHS = 24
QUADRANTS = (('sleeping', 'partner'), ('marginal', 'eager'))  # much contribution above, many quotations won to the right
NEXT_DAYS = 90


class FulfilmentProfile(models.Model):
    """What people look at first: whom to talk to, and pictures of money and duties. The figures behind stand in the tabs."""
    _inherit = 'fulfilment.profile'

    contact_ids = fields.Many2many(
        'res.partner', string="People", compute='_compute_contact_ids', help="Those the reader may see.",
    )
    exposure_picture = fields.Html(string="Exposure against the limit", compute='_compute_pictures', sanitize=False)
    age_picture = fields.Html(string="Age of what is owed", compute='_compute_pictures', sanitize=False)
    money_picture = fields.Html(string="Due and received, by month", compute='_compute_month_pictures', sanitize=False)
    payment_trend = fields.Html(string="Paid on time, 12 months", compute='_compute_month_pictures', sanitize=False)
    quadrant_picture = fields.Html(string="Value", compute='_compute_quadrant_picture', sanitize=False)
    ahead_ids = fields.Many2many(
        'fulfilment.milestone', string="Milestones ahead", compute='_compute_ahead_ids',
        help="Of both sides: what is late, and what is due within 90 days.",
    )

    @api.depends('partner_id')
    @api.depends_context('uid', 'allowed_company_ids')
    def _compute_contact_ids(self):
        # With the customers themselves, whose names the page shows: one query for all.
        people = self.env['res.partner'].with_context(active_test=False).search_fetch(
            ['|', ('id', 'in', self.partner_id.ids), ('parent_id', 'in', self.partner_id.ids)], order='name, id',
        ).filtered(lambda one: one.active and one.parent_id).grouped('parent_id')
        for profile in self:
            profile.contact_ids = people.get(profile.partner_id, False)

    def _limit_shown(self):
        """Return the limit that exposure is held against: ``{profile: amount or None}``."""
        return dict.fromkeys(self)

    @api.depends('exposure', 'receivable_open', 'receivable_overdue', 'order_uninvoiced')
    @api.depends_context('lang')
    def _compute_pictures(self):
        limits = self._limit_shown()
        for profile in self:
            profile.exposure_picture = profile._exposure_drawn(limits[profile])
            profile.age_picture = profile._ages_drawn()

    def _exposure_drawn(self, limit):
        self.ensure_one()
        money, overdue = self.currency_id.format, self.receivable_overdue or 0.0
        owed = max((self.receivable_open or 0.0) - overdue, 0.0)
        parts = [
            (max(overdue, 0.0), LATE, self.env._("Overdue: %s", money(overdue))), (owed, OWED, self.env._("Not due: %s", money(owed))),
            (self.order_uninvoiced or 0.0, ORDERED, self.env._("Ordered, not invoiced: %s", money(self.order_uninvoiced or 0.0))),
        ]
        said = self.env._("Limit that counts: %s", money(limit)) if limit is not None else self.env._("No limit")
        shown = [(colour, title) for amount, colour, title in parts if amount]
        return markup.lines([markup.meter(parts, limit, self.env._("Exposure against the limit"), said), markup.legend(
            [*shown, ('#212529', said)],
        )])

    def _ages_drawn(self):
        self.ensure_one()
        parts = []
        for name, colour in zip(('age_current', 'age_1_30', 'age_31_60', 'age_61_90', 'age_over_90'), AGES, strict=True):
            amount = max(self[name] or 0.0, 0.0)
            label = self._fields[name]._description_string(self.env)
            parts.append((amount, colour, f'{label}: {self.currency_id.format(amount)}'))
        if not any(amount for amount, _colour, _title in parts):
            return markup.legend([(FREE, self.env._("Nothing is owed"))])
        picture = markup.meter(parts, None, self.env._("Age of what is owed"))
        return markup.lines([picture, markup.legend([(colour, title) for amount, colour, title in parts if amount])])

    @api.depends('value_quadrant')
    @api.depends_context('lang')
    def _compute_quadrant_picture(self):
        names = dict(self._fields['value_quadrant']._description_selection(self.env))
        for profile in self:
            profile.quadrant_picture = profile.value_quadrant and markup.quadrants(
                [[(names[key], key == profile.value_quadrant) for key in row] for row in QUADRANTS],
                self.env._("Contribution"), self.env._("Quotations won"),
            )

    @api.depends_context('lang')
    def _compute_month_pictures(self):
        for profile in self:
            first = profile.company_id._fulfilment_today()[profile.company_id].replace(day=1) - relativedelta(months=MONTHS - 1)
            months = {first + relativedelta(months=number): {} for number in range(MONTHS)}
            # safe: sums of what the customer's figures are made of, which the profile shows anyway
            own = profile.sudo()
            asked = own._monthly(first)
            for key, month, amount, number in self.env.execute_query(SQL(" UNION ALL ").join(
                _by_month(key, *what) for key, what in asked.items()
            )):
                if month in months:
                    months[month][key] = None if amount is None else float(amount), number
            for name, picture in profile._months_drawn(months).items():
                profile[name] = picture

    def _monthly(self, first):
        """Return what is added up by month for the pictures; a room adds its own.

        :param date first: the first day that counts
        :return: ``{key: (records of the model, domain, date, field that is added up)}``
        """
        self.ensure_one()
        lines, own = self.env['account.move.line'], Domain(self._own('partner_id.commercial_partner_id')) & Domain([
            ('parent_state', '=', 'posted'), ('account_id.account_type', '=', 'asset_receivable'),
        ])
        invoiced = Domain('move_id.move_type', 'in', ('out_invoice', 'out_refund', 'out_receipt'))
        paid = Domain('move_id.move_type', '=', 'entry') & Domain('journal_id.type', 'in', ('bank', 'cash', 'credit'))
        return {
            'due': (lines, own & invoiced & Domain('date_maturity', '>=', first), 'date_maturity', 'balance'),
            'received': (lines, own & paid & Domain('date', '>=', first), 'date', 'balance'),
            'on_time': (
                self.env['fulfilment.profile.history'], Domain(self._own('partner_id')) & Domain('date', '>=', first), 'date',
                'on_time_payment_rate',
            ),
        }

    def _months_drawn(self, months):
        """Draw what was added up by month; a room draws its own.

        :param months: ``{first day: {key: (sum, number of records)}}``
        :return: ``{field: picture, or False for nothing to show}``
        """
        self.ensure_one()
        money = self.currency_id.format
        rates = [(month, sums['on_time'][0]) for month, sums in months.items() if 'on_time' in sums][-12:]
        money_by_month = [
            [(ORDERED, self.env._("Fell due"), sums.get('due', (0.0, 0))[0], money),
             (FREE, self.env._("Received"), -sums.get('received', (0.0, 0))[0], money)] for sums in months.values()
        ]
        return {
            'payment_trend': _sparkline(rates, self._fields['payment_trend']._description_string(self.env)),
            'money_picture': self._columns_drawn(self.env._("Due and received, by month"), money_by_month, list(months)),
        }

    def _columns_drawn(self, label, columns, months, most=None):
        """Draw some bars for each month, with what their colours mean, and the same as a table for who cannot see them.

        :param str label: what the picture shows
        :param columns: for each month ``[(colour, name, amount, function that writes an amount)]``
        :param list months: first days
        :param most: amount of the highest bar that is possible; that of the highest there is when None
        """
        most = most or max((amount for bars in columns for _colour, _name, amount, _write in bars), default=0.0)
        if most <= 0 or not any(amount > 0 for bars in columns for _colour, _name, amount, _write in bars):
            return False
        drawn, meanings, rows = [], {}, []
        top = next(write for bars in columns for _colour, _name, _amount, write in bars)(most)
        for number, (month, bars) in enumerate(zip(months, columns, strict=True)):
            wide = 17 // max(len(bars), 1)
            for place, (colour, name, amount, write) in enumerate(bars):
                meanings.setdefault(colour, name)
                drawn.append((
                    number * 22 + place * (wide + 1), wide, round(70 * max(amount, 0.0) / most, 1), colour,
                    f'{month_name(self.env, month)}, {name}: {write(max(amount, 0.0))}',
                ))
            rows.append([month_name(self.env, month), *(write(max(amount, 0.0)) for _colour, _name, amount, write in bars)])
        names = next(([name for _colour, name, _amount, _write in bars] for bars in columns if len(bars) > 1), [label])
        table = markup.table([self.env._("Month"), *names], [row for row in rows if len(row) > 1])
        return markup.stacked([
            markup.bars(drawn, MONTHS * 22, 72, label, self._named_months(months), top), markup.legend(meanings.items()),
            markup.folded(self.env._("As a table"), table),
        ])

    def _named_months(self, months):
        """Return where some of the months stand in a picture, and what they are called: ``[(x, text)]``."""
        return [(number * 22, month_name(self.env, month)) for number, month in enumerate(months) if number % 6 == 0]

    @api.depends_context('uid', 'allowed_company_ids')
    def _compute_ahead_ids(self):
        milestones = self.env['fulfilment.milestone']
        for profile in self:
            until = fields.Date.add(profile.company_id._fulfilment_today()[profile.company_id], days=NEXT_DAYS)
            profile.ahead_ids = milestones.search_fetch([
                *profile._own('contract_id.commercial_partner_id'), ('state', '=', 'pending'),
                ('contract_state', 'in', ('active', 'settlement')), ('date_planned', '<=', until),
            ], order='date_planned, id', limit=10)


def _sparkline(points, label):
    """Draw twelve bars, one a month; a month without data is a dash.

    :param str label: what the picture shows, for those who hear it
    """
    columns = []
    for position, (day, value) in enumerate(points):
        height = 2 if value is None else max(round(36 * value / 100), 2)
        colour = '#ced4da' if value is None else FREE if value >= 90 else NEAR if value >= 70 else LATE
        columns.append((position * 14, 10, height, colour, f'{day:%Y-%m}: {"–" if value is None else f"{value:.0f} %"}'))
    return markup.bars(columns, 170, 40, label) if points else False


def _by_month(key, records, domain, date, amount):
    """Return the SELECT that adds up a field of some records by month: key, month, sum and number of records."""
    query = records._search(domain)
    month = SQL("date_trunc('month', %s)::date", records._field_to_sql(query.table, date, query))
    query.groupby = month
    added = records._field_to_sql(query.table, amount, query) if amount else SQL("0")
    return query.select(SQL("%s", key), month, SQL("sum(%s)", added), SQL("count(*)"))
