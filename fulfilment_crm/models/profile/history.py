from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.tools import SQL

from .engine import DIMENSIONS

MONTHS_BACK = 24


class FulfilmentProfileHistory(models.Model):
    """The same figures at the end of each month, never changed afterwards: for trends, replays and tests of rules on the past."""
    _name = 'fulfilment.profile.history'
    _description = 'Customer profile at a month end'
    _inherit = ['fulfilment.profile.mixin', 'fulfilment.guard.mixin']
    _log_access = False  # whole tables are rewritten by machines; who did it says nothing, and costs a check a row
    _order = 'date desc, partner_id'

    date = fields.Date(required=True, readonly=True, index=True)

    _partner_company_date_unique = models.UniqueIndex('(company_id, partner_id, date)', "This month is pictured already.")

    @api.depends('partner_id', 'date')
    def _compute_display_name(self):
        for picture in self:
            picture.display_name = f'{picture.partner_id.display_name or ""} {picture.date or ""}'

    @api.model
    def _months_to_picture(self, company, today):
        """Return the month ends that are missing, oldest first: those after the last one pictured, or the last 24.

        :return: list of dates
        """
        last = today.replace(day=1) - relativedelta(days=1)
        [[newest]] = self.env.execute_query(SQL("SELECT max(date) FROM fulfilment_profile_history WHERE company_id = %s", company.id))
        first = newest + relativedelta(months=1) if newest else last - relativedelta(months=MONTHS_BACK - 1)
        months, month_end = [], _month_end(first)
        while month_end <= last:
            months.append(month_end)
            month_end = _month_end(month_end + relativedelta(days=1))
        return months

    @api.model
    def _picture(self, company, day, today, partners=None):
        """Keep the figures of a month end: from the ledger as it was then, and what the ledger cannot tell, and what was concluded from
        the figures, from the profile if the month has only just ended.

        :param company: root company
        :param date day: the month end
        :param date today: the company's date
        :param partners: only these customers; all when None
        :return: number of rows written
        """
        self.env.flush_all()
        profile = self.env['fulfilment.profile']
        profile._prepare_connection()
        scope = profile._scope(company, day, partners)
        fresh = (today - day).days <= 7
        names = list(profile._figures())
        judged = profile._judged()
        now_only = {name for name, field in profile._figures().items() if not field.past}
        columns = [*DIMENSIONS, *names, *judged]
        self.env.cr.execute(SQL(
            """
            INSERT INTO fulfilment_profile_history (date, %(columns)s, refreshed_on)
            SELECT %(day)s, %(values)s, %(now)s
              FROM (%(select)s) figures
         LEFT JOIN fulfilment_profile profile ON profile.partner_id = figures.partner_id AND profile.company_id = figures.company_id
            ON CONFLICT (company_id, partner_id, date) DO NOTHING
            """,
            columns=SQL(", ").join(map(SQL.identifier, columns)), day=day, now=fields.Datetime.now(),
            values=SQL(", ").join([
                *(SQL.identifier('profile' if fresh and name in now_only else 'figures', name) for name in (*DIMENSIONS, *names)),
                *(SQL.identifier('profile', name) if fresh else SQL("NULL") for name in judged),
            ]),
            select=profile._select(scope, past=True),
        ))
        return self.env.cr.rowcount


def _month_end(day):
    return day.replace(day=1) + relativedelta(months=1, days=-1)
