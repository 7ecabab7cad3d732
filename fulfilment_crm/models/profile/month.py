from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.tools import SQL

from .figure import FigureFloat, FigureInteger, FigureMonetary
from .history import MONTHS_BACK, _month_end


class FulfilmentProfileMonth(models.Model):
    """The month ends of the customers of one responsible, added up: what charts show of millions of rows without reading them."""
    _name = 'fulfilment.profile.month'
    _description = 'Customers of a responsible at a month end'
    _inherit = ['fulfilment.guard.mixin']
    _log_access = False  # written by the profile round alone
    _order = 'date desc, company_id, user_id'

    date = fields.Date(required=True, readonly=True, guarded=True)
    company_id = fields.Many2one('res.company', required=True, readonly=True, ondelete='cascade', guarded=True)
    user_id = fields.Many2one('res.users', string="Responsible", readonly=True, index='btree_not_null', ondelete='cascade', guarded=True)
    currency_id = fields.Many2one(related='company_id.currency_id')
    customer_count = fields.Integer(string="Customers", readonly=True, guarded=True)
    receivable_overdue = FigureMonetary(string="Overdue", readonly=True, guarded=True)
    revenue_12m = FigureMonetary(string="Turnover, 12 months", readonly=True, guarded=True)
    payment_count = FigureInteger(string="Payments", readonly=True, help="Of customers whose rate is known.", guarded=True)
    payment_on_time = FigureFloat(
        string="Paid on time", readonly=True, aggregator='sum', help="Payments × rate of each customer.", guarded=True,
    )

    _once = models.UniqueIndex('(company_id, date, COALESCE(user_id, 0))', "This month is added up already.")

    @api.depends('user_id', 'date')
    def _compute_display_name(self):
        for month in self:
            month.display_name = f'{month.user_id.name or ""} {month.date or ""}'

    @api.model
    def _missing(self, company, day):
        """Find the month ends of the last two years that are pictured and not added up yet.

        :param company: root company
        :param date day: the company's date
        :return: list of dates
        """
        last = day.replace(day=1) - relativedelta(days=1)
        ends = [_month_end(last - relativedelta(months=back, day=1)) for back in range(MONTHS_BACK)]
        return [end for [end] in self.env.execute_query(SQL(
            """
            SELECT month_end FROM unnest(%(ends)s::date[]) month_end
             WHERE EXISTS (SELECT FROM fulfilment_profile_history WHERE company_id = %(company)s AND date = month_end)
               AND NOT EXISTS (SELECT FROM fulfilment_profile_month WHERE company_id = %(company)s AND date = month_end)
            """, ends=ends, company=company.id,
        ))]

    @api.model
    def _sums(self):
        """How the month ends of several customers are added up: ``{column: SQL over the history}``. A room adds its own."""
        return {
            'customer_count': SQL("count(*)"), 'receivable_overdue': SQL("sum(receivable_overdue)"), 'revenue_12m': SQL("sum(revenue_12m)"),
            'payment_count': SQL("sum(payment_count) FILTER (WHERE on_time_payment_rate IS NOT NULL)"),
            'payment_on_time': SQL("sum(payment_count * on_time_payment_rate / 100)"),
        }

    @api.model
    def _add_up(self, company, day):
        """Add up the month ends that are missing.

        :return: ``{}``: nothing worth a line in the log of the run
        """
        self.env.flush_all()
        if ends := self._missing(company, day):
            sums = self._sums()
            self.env.cr.execute(SQL(
                """
                INSERT INTO fulfilment_profile_month (company_id, date, user_id, %(columns)s)
                SELECT company_id, date, user_id, %(sums)s
                  FROM fulfilment_profile_history
                 WHERE company_id = %(company)s AND date = ANY(%(ends)s)
              GROUP BY company_id, date, user_id
                """,
                columns=SQL(", ").join(map(SQL.identifier, sums)), sums=SQL(", ").join(sums.values()), company=company.id, ends=ends,
            ))
            self.invalidate_model()
        return {}

    @api.model
    def _forget(self, companies):
        """Forget what was added up of these root companies: it is added up again by the next round."""
        # safe: follows a merge or a deletion that the user was allowed to do; nobody has the right to delete months
        self.sudo().search([('company_id', 'in', companies.ids)]).unlink()


class ResUsers(models.Model):
    _inherit = 'res.users'

    def unlink(self):
        # safe: which months tell of users that are deleted, whose customers then have no responsible
        months = self.env['fulfilment.profile.month'].sudo().search([('user_id', 'in', self.ids)])
        companies = months.company_id
        result = super().unlink()
        months._forget(companies)
        return result


class FulfilmentProfile(models.Model):
    _inherit = 'fulfilment.profile'

    @api.model
    def _clear_for_merge(self, src_partners, dst_partner):
        months = super()._clear_for_merge(src_partners, dst_partner)
        self.env['fulfilment.profile.month']._forget(self.env['res.company'].concat(*(company for company, _date in months)))
        return months

    @api.model
    def _months(self, company, day):
        works = super()._months(company, day)
        months = self.env['fulfilment.profile.month']
        if works or months._missing(company, day):
            works.append(lambda: months._add_up(company, day))
        return works
