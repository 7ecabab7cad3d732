from odoo import api, fields, models
from odoo.tools import SQL

from ..base.run import Action
from .engine import CLOCK, SILENT, SLICE

OVERLAP = 3600  # seconds: transactions that began before the last run and were committed after it
TABLE = 'fulfilment_profile_new'


class FulfilmentProfile(models.Model):
    """The nightly round over all customers, and the hourly one over those whose facts have changed."""
    _inherit = 'fulfilment.profile'

    @api.model
    def _cron_profile(self, as_of=None):
        """Refresh the figures of all customers once a day and of changed ones in between, keep the month ends, and let the
        judgements that rest on the figures follow.

        :param date as_of: the day to work for; each company's own today when None
        """
        # safe: a scheduled action works for all companies
        self = self.sudo()
        runs = self.env['fulfilment.run']
        # A company's day begins with a round over everybody; later rounds go after what was written since the last began.
        previous = runs.search([('action', '=', 'profile'), ('finished_on', '!=', False), ('as_of', '=', as_of or False)], limit=1)
        run, everybody = runs._open('profile', as_of), True
        for company, day in self.env['res.company'].search([]).root_id._fulfilment_today(as_of).items():
            seen = previous and company._fulfilment_today(as_of or previous.started_on)[company] == day
            if seen and company.create_date < previous.started_on:
                self._round_changed(run, company, day, fields.Datetime.subtract(previous.started_on, seconds=OVERLAP))
                together, everybody = [], False
            else:
                self._round_all(run, company, day)
                together = [lambda company=company: {'standings updated': self._refresh_ranking(company)}]
            run._together(company, together + self._months(company, day))
        if everybody:
            run._transaction(lambda: self._solve_others(run))
        run._close()

    @api.model
    def _solve_others(self, run):
        """After a round over everybody only the customers it has set aside itself are a problem."""
        self.env['fulfilment.problem'].search([
            ('action', '=', run.action), ('res_model', '=', 'res.partner'), ('state', '=', 'open'), ('run_id', '!=', run.id),
        ]).state = 'solved'
        return {}

    @api.model
    def _round_all(self, run, company, day):
        """Compute all customers in one statement and write them in short transactions."""
        [[begun]] = self.env.execute_query(SQL("SELECT %s", CLOCK))
        run._transaction(dict)  # the computation sees what was there after this moment
        error = run._transaction(lambda: self._compute_all(company, day))
        if error is None:
            for low, high in self._bounds():
                # A slice that fails is worked through customer by customer below.
                error = run._transaction(lambda low=low, high=high: {'profiles updated': self._write_slice(low, high, begun)}) or error
        if error is not None:
            self._round_partners(run, company, day, self._all_partners(company, day))
        else:
            run._transaction(lambda: self._solve_problems(run, company))
        run._transaction(self._forget_all)

    @api.model
    def _solve_problems(self, run, company):
        """Close the problems of customers who were set aside before and have gone through with everybody."""
        problems = self.env['fulfilment.problem']
        waiting = problems.search([('action', '=', run.action), ('res_model', '=', 'res.partner'), ('state', '=', 'open')])
        through = self.search([('partner_id', 'in', waiting.mapped('res_id')), ('company_id', '=', company.id)]).partner_id
        problems._solve(run.action, 'res.partner', through.ids)
        return {}

    @api.model
    def _round_changed(self, run, company, day, since):
        self.env.flush_all()
        partner_ids = self._changed_partners(company, since)
        self._round_partners(run, company, day, self.env['res.partner'].browse(partner_ids))

    @api.model
    def _round_partners(self, run, company, day, partners):
        """Refresh customers in slices that are halved when they fail, until the one bad customer is set aside."""
        def work(slice_of_partners):
            return {'profiles updated': self._refresh(slice_of_partners, as_of=day, companies=company)}

        run._slices(partners, work, size=SLICE)

    @api.model
    def _months(self, company, day):
        """Return the work of keeping each month end that is missing, oldest first."""
        history = self.env['fulfilment.profile.history']
        return [
            lambda month_end=month_end: {'month ends kept': history._picture(company, month_end, day)}
            for month_end in history._months_to_picture(company, day)
        ]

    # === ALL AT ONCE === #

    @api.model
    def _compute_all(self, company, day):
        self.env.flush_all()
        self._prepare_connection()
        scope = self._scope(company, day)
        table = SQL.identifier(TABLE)
        self.env.cr.execute(SQL("DROP TABLE IF EXISTS %s", table))
        self.env.cr.execute(SQL(
            "CREATE TEMPORARY TABLE %s AS SELECT * FROM (%s) figures ORDER BY partner_id", table, self._select(scope, self._known(scope)),
        ))
        self.env.cr.execute(SQL("CREATE INDEX ON %s (partner_id)", table))
        self.env.cr.execute(SQL("ANALYZE %s", table))
        return {}

    @api.model
    def _forget_all(self):
        self.env.cr.execute(SQL("DROP TABLE IF EXISTS %s", SQL.identifier(TABLE)))
        return {}

    @api.model
    def _bounds(self):
        """First and last customer of each slice."""
        return self.env.execute_query(SQL(
            """
            SELECT min(partner_id), max(partner_id)
              FROM (SELECT partner_id, row_number() OVER (ORDER BY partner_id) AS position FROM %(table)s) numbered
          GROUP BY (position - 1) / %(size)s ORDER BY 1
            """, table=SQL.identifier(TABLE), size=SLICE,
        ))

    @api.model
    def _write_slice(self, low, high, begun):
        """Profiles that were refreshed since the computation began are fresher than it and stay."""
        columns = SQL(", ").join(SQL.identifier(name) for name in self._written_columns())
        changed = self._upsert(
            SQL("SELECT %s FROM %s WHERE partner_id BETWEEN %s AND %s", columns, SQL.identifier(TABLE), low, high), older_than=begun,
        )
        self.invalidate_model()
        return changed

    @api.model
    def _all_partners(self, company, day):
        scope = self._scope(company, day)
        rows = self.env.execute_query(SQL(
            "SELECT DISTINCT partner_id FROM (%s) everybody ORDER BY 1",
            SQL(" UNION ALL ").join(
                [SQL("SELECT partner_id FROM (%s) facts", select(scope)) for name, select in self._facts().items() if name not in SILENT]
                + [self._known(scope)]
            ),
        ))
        return self.env['res.partner'].browse([partner_id for [partner_id] in rows])


class FulfilmentRun(models.Model):
    _inherit = 'fulfilment.run'

    @api.model
    def _actions(self):
        return [*super()._actions(), Action(20, 'profile', self.env._("Customer profiles"), 'fulfilment.profile', '_cron_profile')]

    @api.model
    def _effect_labels(self):
        return {
            **super()._effect_labels(),
            'profiles updated': self.env._("Customer profiles updated"), 'standings updated': self.env._("Ranks and segments updated"),
            'month ends kept': self.env._("Profiles kept at month ends"),
        }
