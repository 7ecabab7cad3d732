import json
from itertools import pairwise

from odoo import api, fields, models

from ...report.forecast import stored
from ...tools.payment_forecast import HIGH, LOW
from ...tools.weekday import weekday_name
from .forecaster import RULES

FEW = 6  # payments, below which it is said that others count as well
RUNS = [('month', "On a day of the month"), ('week', "On a day of the week")]


class FulfilmentPaymentForecast(models.Model):
    """When an open instalment will likely be paid, as known last night: a row each, made anew every night."""
    _name = 'fulfilment.payment.forecast'
    _description = 'Likely payment of an instalment'
    _inherit = ['fulfilment.machine.mixin']
    _order = 'date_likely, id'
    _rec_name = 'move_name'
    _log_access = False

    move_line_id = fields.Many2one(
        'account.move.line', required=True, ondelete='cascade', groups='account.group_account_readonly,account.group_account_invoice',
    )
    move_name = fields.Char(string="Invoice", readonly=True)
    company_id = fields.Many2one('res.company', required=True, index=True, readonly=True, ondelete='cascade')
    currency_id = fields.Many2one(related='company_id.currency_id')
    partner_id = fields.Many2one('res.partner', string="Customer", required=True, index=True, readonly=True, ondelete='cascade')
    user_id = fields.Many2one('res.users', string="Responsible", readonly=True, ondelete='set null', help="Of the customer.")
    as_of = fields.Date(string="As of", required=True, readonly=True, help="The evening it was made for.")
    date_due = fields.Date(string="Due", readonly=True)
    amount = fields.Monetary(string="Open", readonly=True, help="In the currency of the company.")
    rule = fields.Selection(RULES, required=True, readonly=True, string="Worked out by")
    date_likely = fields.Date(string="Likely paid on", readonly=True, help="As likely before as after.")
    date_low = fields.Date(string="At the earliest", readonly=True, help="One of ten is paid sooner.")
    date_high = fields.Date(string="At the latest", readonly=True, help="One of ten is paid later.")
    late_probability = fields.Float(
        string="Chance to be late", readonly=True, aggregator='avg', help="That it is paid after its due date, given that it is open.",
    )
    paid_count = fields.Integer(string="Payments known", readonly=True, aggregator=None, help="Of the customer within two years.")
    paid_late_count = fields.Integer(string="Of these late", readonly=True, aggregator=None)
    run_kind = fields.Selection(RUNS, string="Pays in runs", readonly=True)
    run_day = fields.Integer(string="Day of the runs", readonly=True, aggregator=None)
    weeks = fields.Json(string="Likelihood by week", readonly=True, groups=fields.NO_ACCESS)
    basis = fields.Char(string="Why", compute='_compute_basis')

    _line_unique = models.UniqueIndex('(move_line_id)', "This instalment has a forecast already.")

    @api.depends('rule', 'paid_count', 'paid_late_count', 'run_kind', 'run_day', 'date_due', 'as_of')
    @api.depends_context('lang')
    def _compute_basis(self):
        for forecast in self:
            if forecast.rule == 'due':
                forecast.basis = self.env._("by the due date")
                continue
            if not forecast.paid_count:
                said = [self.env._("as customers pay on average: this one has not paid anything yet")]
            else:
                said = [self.env._("paid late %(late)s of %(all)s", late=forecast.paid_late_count, all=forecast.paid_count)]
            if forecast.rule == 'mean':
                said.append(self.env._("by the mean delay"))
            elif 0 < forecast.paid_count < FEW:
                said.append(self.env._("few payments: customers who pay alike count as well"))
            elif forecast.run_kind == 'month':
                said.append(
                    self.env._("pays at the end of the month") if forecast.run_day == 31 else
                    self.env._("pays on day %s of the month", forecast.run_day)
                )
            elif forecast.run_kind == 'week':
                said.append(self.env._("pays on %s", weekday_name(self.env, forecast.run_day)))
            forecast.basis = '; '.join(said)

    @api.depends('partner_id', 'amount')
    def _compute_display_name(self):
        for forecast in self:
            forecast.display_name = f'{forecast.partner_id.name}: {forecast.currency_id.format(forecast.amount)}'

    # === MAKING THEM === #

    @api.model
    def _forecast_slice(self, forecaster, rule, profiles):
        """Make the forecasts of some customers anew: one slice of the run.

        :param Forecaster forecaster: of their root company
        :param str rule: by which likely dates are told, a key of ``RULES``
        :param profiles: profiles of the customers in that company
        :return: ``{effect: count}``
        """
        partners = profiles.partner_id.ids
        expected = forecaster.of(partners)
        stored.forget(self.env.cr, forecaster.ledger, partners)
        if expected:
            self._insert(forecaster, rule, expected, {profile.partner_id.id: profile.user_id.id for profile in profiles})
        self.invalidate_model()
        return {'instalments forecast': len(expected)}

    @api.model
    def _insert(self, forecaster, rule, expected, users):
        ends = [forecaster.today, *forecaster.weeks()]
        stored.keep(self.env.cr, forecaster.day, rule, [
            (one.line_id, one.company_id, one.partner_id, users.get(one.partner_id) or None, one.due, one.amount, one.paid, one.paid_late,
             one.run.kind if one.run else None, one.run.day if one.run else None, *self._day_and_chance(one, rule, ends))
            for one in expected
        ])

    @api.model
    def _day_and_chance(self, one, rule, ends):
        """Return what is told of an instalment: likely, earliest and latest day, chance to be late, likelihoods by week."""
        if rule != 'forecast':
            day = one.mean_day if rule == 'mean' else one.due_day
            return day, None, None, None, json.dumps([int(start < day <= end) for start, end in pairwise(ends)])
        outlook = one.outlook
        by_end = [outlook.by(end) for end in ends]
        return (
            outlook.quantile(0.5), outlook.quantile(LOW), outlook.quantile(HIGH), round(1 - outlook.by(one.due), 4),
            json.dumps([round(end - start, 4) for start, end in pairwise(by_end)]),
        )

    # === LOOKING AT THEM === #

    def action_open_instalments(self):
        """Open what the customer owes."""
        self.ensure_one()
        self.check_access('read')
        return self.env['fulfilment.instalment']._of_customer(self.partner_id, self.company_id)

    @api.model
    def _of_lines(self, line_ids):
        """Return the forecasts of instalments, ``{line id: forecast}``; for whoever may read the instalments."""
        # safe: asked for lines that the caller reads; a forecast tells of no others
        found = self.sudo().search([('move_line_id', 'in', line_ids)])
        return {forecast.move_line_id.id: forecast for forecast in found}

    @api.model
    def _backtest(self, companies=None, months=12, as_of=None):
        """Compare, month end by month end, what would have been forecast with what has happened since.

        Promises and disputes count as they were held on each evening.

        :param companies: root companies; all when missing
        :param int months: how many month ends, the last of them before ``as_of``
        :param date as_of: what came later is not looked at; each company's own today when missing
        :return: ``{company: [values of fulfilment.forecast.score]}``, oldest first
        """
        companies = (companies or self.env['res.company'].search([])).root_id
        scores, found = self.env['fulfilment.forecast.score'], {}
        for company, day in companies._fulfilment_today(as_of).items():
            ends = scores._month_ends(day, months)
            calendar = scores._calendar(company, ends)
            found[company] = [scores._scored(company, end, day, calendar) for end in ends]
        return found
