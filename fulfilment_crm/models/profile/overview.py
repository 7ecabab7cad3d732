from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.fields import Domain

from ...tools import markup
from ...tools.months import month_name

# One meaning a colour, in all pictures: green is well, amber is near, red is late.
FREE, OWED, LATE, ORDERED = '#28a745', '#0d6efd', '#dc3545', '#6ea8fe'
AGES = ('#28a745', '#ffc107', '#fd7e14', '#dc3545', '#842029')
MONTHS = 24
NEXT_DAYS = 90


class FulfilmentProfile(models.Model):
    """What people look at first: whom to talk to, and pictures of money and duties. The figures behind stand in the tabs."""
    _inherit = 'fulfilment.profile'

    contact_ids = fields.Many2many(
        'res.partner', string="People", compute='_compute_contact_ids', help="Those the reader may see.",
    )
    exposure_picture = fields.Html(string="Exposure against the limit", compute='_compute_pictures', sanitize=False)
    age_picture = fields.Html(string="Age of what is owed", compute='_compute_pictures', sanitize=False)
    money_picture = fields.Html(string="Due and received, by month", compute='_compute_money_picture', sanitize=False)
    ahead_ids = fields.Many2many(
        'fulfilment.milestone', string="Milestones ahead", compute='_compute_ahead_ids',
        help="Of both sides: what is late, and what is due within 90 days.",
    )

    @api.depends('partner_id')
    @api.depends_context('uid', 'allowed_company_ids')
    def _compute_contact_ids(self):
        people = self.env['res.partner'].search([('parent_id', 'in', self.partner_id.ids)], order='name, id').grouped('parent_id')
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

    @api.depends_context('lang')
    def _compute_money_picture(self):
        for profile in self:
            profile.money_picture = profile._money_drawn()

    def _money_drawn(self):
        """Draw what fell due and what was received in each of the last months."""
        self.ensure_one()
        first = self.company_id._fulfilment_today()[self.company_id].replace(day=1) - relativedelta(months=MONTHS - 1)
        # safe: sums of the customer's account, which the profile shows anyway
        lines = self.env['account.move.line'].sudo()
        own = Domain([
            ('partner_id', 'child_of', self.partner_id.id), ('company_id', 'child_of', self.company_id.id), ('parent_state', '=', 'posted'),
            ('account_id.account_type', '=', 'asset_receivable'),
        ])
        months = {first + relativedelta(months=number): [0.0, 0.0] for number in range(MONTHS)}
        for place, date, domain in (
            (0, 'date_maturity', own & Domain('move_id.move_type', 'in', ('out_invoice', 'out_refund', 'out_receipt'))),
            (1, 'date', own & Domain('move_id.move_type', '=', 'entry') & Domain('journal_id.type', 'in', ('bank', 'cash', 'credit'))),
        ):
            for month, amount in lines._read_group(domain & Domain(date, '>=', first), [f'{date}:month'], ['balance:sum']):
                if month in months:
                    months[month][place] = amount if place == 0 else -amount
        most = max((max(pair) for pair in months.values()), default=0.0)
        if most <= 0:
            return False
        columns = []
        for number, (month, pair) in enumerate(months.items()):
            name = month_name(self.env, month)
            for place, (colour, said) in enumerate((
                (ORDERED, self.env._("due")), (FREE, self.env._("received")),
            )):
                amount = max(pair[place], 0.0)
                columns.append((
                    number * 22 + place * 9, 8, 70 * amount / most, colour, f'{name}, {said}: {self.currency_id.format(amount)}',
                ))
        return markup.lines([
            markup.bars(columns, MONTHS * 22, 72, self.env._("Due and received, by month")),
            markup.legend([(ORDERED, self.env._("Due")), (FREE, self.env._("Received"))]),
        ])

    @api.depends_context('uid', 'allowed_company_ids')
    def _compute_ahead_ids(self):
        milestones = self.env['fulfilment.milestone']
        for profile in self:
            until = fields.Date.add(profile.company_id._fulfilment_today()[profile.company_id], days=NEXT_DAYS)
            profile.ahead_ids = milestones.search([
                ('partner_id', 'child_of', profile.partner_id.id), ('company_id', 'child_of', profile.company_id.id),
                ('state', '=', 'pending'), ('contract_state', 'in', ('active', 'settlement')), ('date_planned', '<=', until),
            ], order='date_planned, id', limit=10)
