from dataclasses import dataclass
from datetime import date

from dateutil.relativedelta import relativedelta

from odoo.tools import SQL

from ...tools.local_time import end_of

MONEY_JOURNALS = ('bank', 'cash', 'credit')  # where payments come from; anything else is a credit or a write-off


@dataclass(frozen=True)
class Scope:
    """Whose figures are asked for, of which company and as of which day: what every SELECT of facts is limited by."""
    company: object  # the root company; its branches count in
    day: date
    now: bool  # whether the day is today: then what is confirmed counts, whatever day it bears
    companies: tuple  # its id and those of its branches
    partner_ids: tuple = None  # commercial partners; all when None
    contact_ids: tuple = None  # they and their contacts, where they are few: naming them lets the database plan for just these
    accounts: tuple = ()  # receivable accounts
    money_journals: tuple = ()
    sale_journals: tuple = ()

    @property
    def since(self):
        """Figures “of the last months” count what happened after this day."""
        return self.day - relativedelta(months=self.company.fulfilment_window_months)

    @property
    def before(self):
        """The period before that one, of the same length, begins after this day."""
        return self.day - relativedelta(months=2 * self.company.fulfilment_window_months)

    @property
    def index_since(self):
        return self.day - relativedelta(months=self.company.fulfilment_index_months)

    @property
    def zone(self):
        return self.company._fulfilment_zone()

    @property
    def end(self):
        """The moment the day is over in the company's time zone, naive UTC."""
        return end_of(self.day, self.zone)

    def of(self, column):
        """Return the condition that keeps a column naming contacts to those of the customers asked for; see ``contacts``."""
        if self.partner_ids is None:
            return SQL("TRUE")
        if self.contact_ids is not None:
            return SQL("%s = ANY(%s)", column, list(self.contact_ids))
        return SQL("%s = ANY(ARRAY(SELECT id FROM contact))", column)

    @property
    def contacts(self):
        """The customers asked for and their contacts, whom documents may name: what ``of`` refers to, under the name ``contact``."""
        return SQL("contact AS MATERIALIZED (SELECT id FROM res_partner WHERE commercial_partner_id = ANY(%s)), ", list(self.partner_ids)) \
            if self.partner_ids is not None and self.contact_ids is None else SQL("")

    def instalment(self, alias):
        """Whether a debit line on a receivable account is an instalment: neither a payment nor a difference of exchange rates."""
        difference = SQL(
            "SELECT 1 FROM account_partial_reconcile part WHERE part.exchange_move_id = %s", SQL.identifier(alias, 'move_id'),
        )
        return SQL(
            "(%(journal)s != ALL(%(money)s) AND %(is_none)s)", journal=SQL.identifier(alias, 'journal_id'), money=list(self.money_journals),
            # For a few lines the index is asked line by line; of EXISTS a table of all differences may be made.
            is_none=SQL("NOT EXISTS (%s)", difference) if self.partner_ids is None else SQL("(%s LIMIT 1) IS NULL", difference),
        )

    def local_day(self, column):
        """Return the day of a UTC timestamp column in the company's time zone."""
        return SQL("(%s AT TIME ZONE 'UTC' AT TIME ZONE %s)::date", column, self.zone)
