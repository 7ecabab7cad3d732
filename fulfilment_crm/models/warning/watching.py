from odoo import fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ..base.told import _lt, told
from .warning_rule import FEW


class FulfilmentWarningRule(models.Model):
    """What a rule finds, held against its alerts in one statement, so that a round without news reads its condition once."""
    _inherit = 'fulfilment.warning.rule'

    def _compare(self, days, as_of=None, watching=None):
        """Find what has changed since the last round.

        :param dict days: ``{company: date}``, for the quiet period
        :param as_of: the day to work for; None for each company's own today
        :param watching: the companies where there is to be something new; those where early warning is on when None
        :return: ``(ids of records that fit and have no alert, ids of alerts whose record does not fit any more)``
        """
        self.ensure_one()
        self.env.flush_all()
        records = self.env[self.model].with_context(as_of=as_of)
        if watching is None:
            watching = self.env['fulfilment.switch']._switched_on('warnings', self.env['res.company'].concat(*days))
        # Nobody works in a company that is archived: what is open there closes.
        query = records._search(self._watched_domain() & Domain('company_id.active', '=', True), bypass_access=True)
        quiet_since = fields.Date.subtract(min(days.values()), days=self.quiet_days)
        rows = self.env.execute_query(SQL(
            """
            WITH fitting AS MATERIALIZED (%(fitting)s),
            held AS MATERIALIZED (SELECT id, res_id FROM fulfilment_alert WHERE rule_id = %(rule)s AND state != 'closed'),
            quiet AS MATERIALIZED (
                SELECT res_id FROM fulfilment_alert WHERE rule_id = %(rule)s AND state = 'closed' AND closed_on > %(quiet_since)s
            )
            SELECT TRUE, fitting.id
              FROM fitting
             WHERE fitting.company_id = ANY(%(watching)s) AND fitting.id NOT IN (SELECT res_id FROM held)
               AND fitting.id NOT IN (SELECT res_id FROM quiet)
            UNION ALL
            SELECT FALSE, held.id FROM held WHERE held.res_id NOT IN (SELECT id FROM fitting)
            """,
            fitting=query.select(SQL.identifier(records._table, 'id'), SQL.identifier(records._table, 'company_id')), rule=self.id,
            quiet_since=quiet_since, watching=watching.ids,
        ))
        return sorted(one for is_new, one in rows if is_new), sorted(one for is_new, one in rows if not is_new)

    def _why_not_now(self, fresh, companies, as_of=None):
        """Why the rule raises none of these alerts in one round, as a sentence; None when it does.

        :param list fresh: ids of the records
        :param companies: whose numbers count
        """
        self.ensure_one()
        if len(fresh) >= FEW and (reason := self._too_much(self._fit_count(as_of))):
            return reason
        # Whoever agreed to a number has not agreed to none that come until the round.
        most = max((self.company_id or companies).mapped('fulfilment_alerts_at_once'), default=0) + self.at_once
        if len(fresh) <= most:
            return None
        return told(self.env, _lt(
            "Rule “%(rule)s” would raise %(number)s alerts at once, more than %(most)s. Look at what it fits, then let it watch all the "
            "same, or narrow its condition.", rule=self.name, number=len(fresh), most=most,
        ))
