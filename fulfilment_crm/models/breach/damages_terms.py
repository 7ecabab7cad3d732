from decimal import Decimal

from odoo import models
from odoo.exceptions import UserError

from ...tools.damages import Terms
from .reference_rate import TABLE_ROLES

# What makes damages arise; the others say how they are counted.
RATES = (
    'damages_rate', 'damages_rate_us', 'damages_rate_customer', 'damages_rate_whole', 'damages_rate_contract', 'damages_yearly',
    *TABLE_ROLES, 'damages_fixed',
)
DAYS = {'damages_days': 'exact', 'damages_days_full': 'full', 'damages_days_drop': 'drop'}
PART, WHOLE, CONTRACT = 'part', 'whole', 'contract'  # what damages are counted on


class MissingRate(UserError):
    """A clause refers to a reference rate that nobody has entered."""


class FulfilmentContract(models.Model):
    """What the signed clauses say of damages."""
    _inherit = 'fulfilment.contract'

    def _values_on(self, day, course=None):
        """Return what the clauses said of each role on a day: ``{role: number}``; with None as the day, at first."""
        course = self._terms_course() if course is None else course
        return {
            role: [value for start, value in versions if not start or day and start <= day][-1] for role, versions in course.items()
        }

    def _damages_terms(self, values, obligor, amount):
        """Return the terms of damages for what one side owes.

        :param dict values: what the clauses say of each role
        :param str obligor: us or customer, whose delay it is
        :param Decimal amount: of what is late
        :return: ``(Terms, what they are counted on)``, or None where the clauses know no damages
        :raise MissingRate: when they refer to a rate that nobody has entered
        """
        self.ensure_one()
        told = {role: _decimal(value) for role, value in values.items() if role.startswith('damages_')}
        rate, per, basis, rates = told.get(f'damages_rate_{obligor}', told.get('damages_rate', Decimal(0))), 'day', PART, ()
        if not rate:
            for role, kind in (('damages_rate_whole', WHOLE), ('damages_rate_contract', CONTRACT)):
                if told.get(role):
                    rate, basis = told[role], kind
                    break
        if not rate and told.get('damages_yearly'):
            rate, per = told['damages_yearly'], 'year'
        if not rate and any(told.get(role) for role in TABLE_ROLES):
            rates, per = self._rates_of_table(told), 'year'
        levels = self._levels(told)
        if not (rate or rates or levels):
            return None
        for role, fraction in DAYS.items():
            if told.get(role) and per == 'day':
                per, parts = int(told[role]), fraction
                break
        else:
            parts = 'exact'
        trigger = 'damages_trigger' in told
        cap = told.get('damages_cap_late') if not self.is_framework else told.get('damages_cap_late', told.get('damages_cap'))
        return Terms(
            rate=rate, per=per, fraction=parts, rates=rates, levels=levels,
            grace=int(told['damages_trigger'] if trigger else told.get('damages_grace', 0)),
            grace_kind='trigger' if trigger else 'deductible', limit=None if cap is None else amount * cap / 100,
            year_days=int(told.get('damages_year_days') or 365), rounding='daily' if told.get('damages_daily') else 'end',
        ), basis

    def _rates_of_table(self, told):
        table = self.env['fulfilment.reference.rate']._known_rates(self.company_id)
        if not table:
            raise MissingRate(self.env._(
                "%s refers to a reference rate that nobody has entered: add it under Configuration / Reference rates.", self.display_name,
            ))
        factor, points = told.get('damages_factor') or Decimal(1), told.get('damages_points', Decimal(0))
        return tuple((day, _decimal(percent) * factor + points) for day, percent in table)

    def _without_rate(self):
        """Return those of the contracts whose clauses refer to a reference rate that nobody has entered."""
        found = self.browse()
        for contract in self:
            try:
                contract._damages_terms(contract._values_on(None), 'us', Decimal(1))
                contract._damages_terms(contract._values_on(None), 'customer', Decimal(1))
            except MissingRate:
                found |= contract
        return found

    def _levels(self, told):
        fixed, later, day = (told.get(role, Decimal(0)) for role in ('damages_fixed', 'damages_fixed_later', 'damages_fixed_days'))
        levels = ((1, fixed),) if fixed else ()
        return (*levels, (int(day), later)) if day > 1 and later > fixed else levels

    def _damages_limits(self, course, days):
        """Return what damages of one side come to at most over the whole contract: ``[(from day, amount)]``, or None.

        :param dict course: of ``_terms_course``
        :param days: on which something was agreed
        """
        self.ensure_one()
        if 'damages_cap' not in course or self.is_framework:
            return None
        limits = []
        for start in (None, *sorted(days)):
            limits.append((start, self._amount_on(start) * _decimal(self._values_on(start, course)['damages_cap']) / 100))
        return limits


def _decimal(value):
    return Decimal(repr(float(value)))
