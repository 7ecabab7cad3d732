from collections import defaultdict
from datetime import date, timedelta
from typing import NamedTuple

from ...report.forecast import payments
from ...tools import payment_forecast as arithmetic

RULES = [('forecast', "Payment behaviour"), ('mean', "Mean delay of the customer"), ('due', "Due date")]  # how a day is worked out
WEEKS = 13
KEPT_PRIOR = 2  # promises that all customers stand for beside the customer's own
KEPT_UNKNOWN = 0.5  # share of promises kept where none was to be kept yet


class Expected(NamedTuple):
    """What is to be expected of an open instalment. Days are ordinals, amounts in the currency of its company."""
    line_id: int
    company_id: int
    partner_id: int
    due: int
    amount: float
    outlook: arithmetic.Outlook
    mean_day: int  # by the customer's mean delay
    due_day: int  # by the due date
    paid: int  # payments that tell of the customer, and how many of them came late
    paid_late: int
    run: arithmetic.Run | None


class Calendar:
    """The days worked by a company, for forecasts of any day between two."""

    def __init__(self, company, first, last):
        """
        :param company: root company
        :param date first: first day a forecast is made for
        :param date last: last such day
        """
        begin, end = first - timedelta(days=payments.WINDOW), last + timedelta(days=arithmetic.BEYOND + 35)
        working = company.env['fulfilment.workday']._working_days(company.resource_calendar_id, begin, end, company) \
            if company.resource_calendar_id else []
        self.days = arithmetic.Days(begin.toordinal(), end.toordinal() - 1, (day.toordinal() for day, _spells in working))

    def off_before(self):
        """Return the days off just before days worked, where there are any: ``{date: number}``."""
        days = self.days
        return {
            date.fromordinal(day): off for day in range(days.first + 1, days.last + 1) if (off := days.off_before(day))
        }


class Forecaster:
    """When what is open on the evening of a day will be paid, by what was known that evening.

    It holds what is the same for all customers of a root company and its branches; it reads and writes nothing else.
    """

    def __init__(self, company, day, calendar=None):
        """
        :param company: root company
        :param date day: what came later is not looked at
        :param Calendar calendar: one that reaches over the day; made when missing
        """
        self.cr, self.day, self.today = company.env.cr, day, day.toordinal()
        calendar = calendar or Calendar(company, day, day)
        self.days, self.days_off = calendar.days, calendar.off_before()
        accounts, journals = company.env['fulfilment.payment.promise']._ledger_scope()
        # safe: the tree of a company, of which everything is forecast
        tree = company.env['res.company'].sudo().with_context(active_test=False).search([('id', 'child_of', company.id)])
        self.ledger = payments.Ledger(tree.ids, accounts, journals, day)
        paid, waiting, mean = payments.like_counts(
            self.cr, self.ledger, arithmetic.LIKE, arithmetic.HALF_LIFE, self.days_off,
        )
        kinds, still = defaultdict(list), defaultdict(list)
        for kind, *counted in paid:
            kinds[kind].append(counted)
            kinds[-1].append(counted)
        for kind, *counted in waiting:
            still[kind].append(counted)
            if kind != -1:
                still[-1].append(counted)
        self.like = {kind: arithmetic.like_points(kinds[kind], still[kind]) for kind in range(-1, len(arithmetic.LIKE) + 1)}
        self.mean = round(mean or 0)
        kept, every = payments.promises_of(self.cr, self.ledger).get(None, (0, 0))
        self.kept_rate = kept / every if every else KEPT_UNKNOWN

    def customers(self):
        """Return the customers something is open of, as ids."""
        return payments.customers_with_open(self.cr, self.ledger)

    def of(self, partners):
        """Return what is to be expected of these customers.

        :param partners: ids of commercial partners
        :return: list of ``Expected``
        """
        open_lines = payments.open_of(self.cr, self.ledger, partners)
        partners, half_life = list(open_lines), arithmetic.HALF_LIFE
        past, paid_on = payments.payments_of(self.cr, self.ledger, partners, half_life, self.days_off)
        runs = {partner: run for partner, days in paid_on.items() if (run := self.days.find_run(days))}
        each = payments.each_payment_of(self.cr, self.ledger, list(runs), half_life) if runs else {}
        held = payments.held_of(self.cr, self.ledger, [line[0] for lines in open_lines.values() for line in lines])
        promised = any(kind == 'promised' for holds in held.values() for kind, *_rest in holds)
        kept = payments.promises_of(self.cr, self.ledger, partners) if promised else {}
        expected = []
        for partner, lines in open_lines.items():
            counted = [arithmetic.Counted(*one) for one in past.get(partner, ())]
            like, dues = self.like[arithmetic.kind_of(counted)], [due for _line, _company, due, _amount in lines]
            if run := runs.get(partner):
                paid = [arithmetic.Paid(*one) for one in each[partner]]
                payer = arithmetic.RunPayer(self.days, self.today, run, paid, dues, like)
            else:
                payer = arithmetic.Payer(self.days, self.today, counted, dues, like)
            expected += self._expected(partner, lines, payer, run, counted, held, self._kept_rate(*kept.get(partner, (0, 0))))
        return expected

    def _kept_rate(self, kept, every):
        return (kept + KEPT_PRIOR * self.kept_rate) / (every + KEPT_PRIOR)

    def _expected(self, partner, lines, payer, run, counted, held, kept_rate):
        every, late = sum(one.number for one in counted), sum(one.number for one in counted if one.delay > 0)
        mean = round(sum(one.delay * one.number for one in counted) / every) if every else self.mean
        for line, company, due, amount in lines:
            outlook = payer.outlook(due)
            if line in held:
                outlook = self._held(payer, due, amount, held[line], outlook, kept_rate)
            yield Expected(
                line, company, partner, due, amount, outlook, self.days.after(max(due + mean, self.today + 1)),
                self.days.after(max(due, self.today + 1)), every, late, run,
            )

    def _held(self, payer, due, amount, holds, outlook, kept_rate):
        """Shift what is disputed behind the day its answer is due, and what is promised to its day, as likely as promises are kept."""
        parts, left = [], amount
        # What is disputed comes off what is open first, as instalments show it.
        for kind, held, day in sorted(holds, key=lambda one: one[0] != 'disputed'):
            share = min(max(held, 0.0), left) / amount
            if share <= 0:
                continue
            left -= share * amount
            day = max(day or self.today, self.today)
            later = payer.outlook(due, not_before=day)
            if kind == 'promised':
                on = arithmetic.certain(self.days.after(max(day, self.today + 1)))
                later = arithmetic.mixed([(kept_rate, on), (1 - kept_rate, later)])
            parts.append((share, later))
        return arithmetic.mixed([*parts, (left / amount, outlook)]) if parts else outlook

    def weeks(self):
        """Return the last days of the weeks ahead, Sundays, as ordinals; of the first the days after today are left."""
        return [self.today + 7 - self.today % 7 + 7 * number for number in range(WEEKS)]
