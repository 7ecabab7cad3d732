from dataclasses import dataclass

from dateutil.relativedelta import relativedelta

from odoo import models
from odoo.tools.translate import LazyTranslate

from ...tools.months import last_day
from .by_amount import by_amount
from .contract_clause import DRAFTING

_lt = LazyTranslate(__name__)


@dataclass(frozen=True)
class Term:
    """The milestone that a typed parameter of a clause makes in a draft."""
    name: object
    kind: str
    obligor: str
    anchor: str = 'predecessor'
    after: tuple = ()  # counted from the last milestone of the first of these kinds there is, else from the signature
    unit: str = 'days'  # what the parameter says: days, percent, or the day of each month
    sign: int = 1
    at_zero: bool = False  # whether no days at all is a day, too
    days_from: str = ''  # the role that says the days of what is told in percent


# The order is that in which milestones are made: what others are counted from comes first.
TERMS = {
    'delivery_days': Term(_lt("Delivery"), 'delivery', 'us', 'signature', at_zero=True),
    'acceptance_days': Term(_lt("Acceptance"), 'acceptance', 'customer', after=('delivery',), at_zero=True),
    'deposit_percent': Term(_lt("Deposit"), 'payment', 'customer', 'signature', unit='percent', days_from='deposit_days'),
    'advance_percent': Term(_lt("Advance payment"), 'payment', 'customer', 'signature', unit='percent', days_from='advance_days'),
    'payment_days': Term(_lt("Payment"), 'payment', 'customer', after=('acceptance', 'delivery'), at_zero=True),
    'after_invoice_days': Term(_lt("Payment"), 'payment', 'customer', 'invoice', at_zero=True),
    'monthly_day': Term(_lt("Monthly payment"), 'payment', 'customer', 'month', unit='month'),
    'warranty_days': Term(_lt("End of the warranty"), 'other', 'us', after=('acceptance', 'delivery')),
    'notice_days': Term(_lt("Last day to give notice"), 'other', 'us', 'end', sign=-1),
}
# Payments that take what advance and deposit leave.
REST = ('payment_days', 'after_invoice_days', 'monthly_day')
MONTHS = 12  # of monthly payments of a contract without an end


class FulfilmentContract(models.Model):
    """The clauses decide: what their typed parameters say is what happens."""
    _inherit = 'fulfilment.contract'

    def _terms(self):
        """Return the first parameter of each role among the contract's clauses: ``{role: parameter}``."""
        self.ensure_one()
        terms = {}
        for parameter in self.clause_ids.parameter_ids:
            terms.setdefault(parameter.role, parameter)
        return terms

    def _term(self, role):
        """Return what the contract's clauses say of a role, as a number; None when they say nothing.

        :param str role: a key of ``clause.ROLES``
        """
        parameter = self._terms().get(role)
        return parameter.value_number if parameter else None

    def _on_terms_added(self, roles):
        """Bring drafts in line whose clauses got, changed or lost parameters of these roles."""
        drafts = self.filtered(lambda contract: contract.state == 'draft')
        drafts._link_terms()
        drafts._make_term_milestones(roles)

    def _make_term_milestones(self, roles=None):
        """Give drafts the milestones their clauses ask for and they lack, then let all milestones follow their clauses.

        :param roles: to be made; all that clauses have when None
        """
        drafts = self.filtered(lambda contract: contract.state == 'draft')
        for role, term in TERMS.items():
            if roles is not None and role not in roles:
                continue
            vals_list = [
                vals for contract in drafts if (parameter := contract._terms().get(role)) and _is_said(parameter)
                # Under a framework contract each order is paid by itself.
                and not (contract.is_framework and term.kind == 'payment')
                and role not in contract.milestone_ids.mapped('clause_role')
                for vals in contract._term_milestone_vals(role, term, parameter)
            ]
            # safe: milestones follow from the clause that the user was allowed to write
            self.env['fulfilment.milestone'].sudo()._create_quietly(vals_list)
        drafts._follow_terms()

    def _term_milestone_vals(self, role, term, parameter):
        self.ensure_one()
        told = self.with_context(lang=self.lang or self.env.lang).env._
        by_kind = self.milestone_ids.grouped('kind')
        after = next((by_kind[kind] for kind in term.after if kind in by_kind), None)
        rest = 100 - sum(self._customer_payments().mapped('percent')) if role in REST else parameter.value_number
        vals = {
            'contract_id': self.id, 'name': told(term.name), 'kind': term.kind, 'obligor': term.obligor, 'user_id': self.user_id.id,
            'clause_id': parameter.contract_clause_id.id, 'clause_role': role,
            'anchor': term.anchor if term.anchor != 'predecessor' or after else 'signature',
            'predecessor_id': after[-1:].id if after and term.anchor == 'predecessor' else False,
            'percent': max(rest, 0.0) if term.kind == 'payment' else 0.0,
            'is_down_payment': term.unit == 'percent', 'sequence': 100 if term.kind == 'payment' else 50,
        }
        if term.unit == 'month':
            months = self._months_paid(int(parameter.value_number))
            return [{
                **vals, 'name': f'{vals["name"]} {number}/{len(months)}', 'percent': vals['percent'] / len(months), 'offset_months': month,
                'sequence': 100 + number,
            } for number, month in enumerate(months, 1)]
        return [vals]

    def _months_paid(self, day):
        """Return the months of the contract, counted from that of its start, whose day of payment lies within it."""
        self.ensure_one()
        end = self.date_end or last_day(self.date_start, MONTHS)
        months, number = [], 0
        while (due := day_of_month(self.date_start, number, day)) <= end:
            months += [number] if due >= self.date_start else []
            number += 1
        return months or [0]

    def _customer_payments(self):
        """Return the payments the customer is still to make, in the order they are to be made."""
        return self.milestone_ids.filtered(lambda one: one.kind == 'payment' and one.obligor == 'customer' and one.state == 'pending')

    def _shared_by_percent(self):
        """Return the amounts of payments told in percent: ``{milestone: amount}``.

        Where they are all of the contract, the last takes what rounding left, so that together they are its amount.
        """
        self.ensure_one()
        shares = {}
        for payments in self.milestone_ids.filtered(
            lambda one: one.kind == 'payment' and one.percent and one.state == 'pending',
        ).grouped('obligor').values():
            payments = payments.sorted(lambda one: (one.sequence, one._origin.id))
            amounts = [payment._share(payment.percent) for payment in payments]
            if abs(sum(payments.mapped('percent')) - 100) < 1e-6:
                amounts[-1] = self.currency_id.round(max(self.amount_total, 0.0) - sum(amounts[:-1]))
            shares.update(zip(payments, amounts, strict=True))
        return shares

    def _follow_terms(self):
        """Bring the milestones of drafts in line with the clauses they come from."""
        for contract in self.filtered(lambda contract: contract.state == 'draft'):
            terms = contract._terms()
            # safe: as above
            for milestone in contract.sudo().milestone_ids.filtered(lambda one: one.clause_role in TERMS and one.state == 'pending'):
                parameter = milestone._own_term(terms)
                if parameter and not _is_said(parameter):
                    milestone.unlink()
                elif parameter:
                    milestone._follow_term(parameter, terms)
            contract._follow_months(terms.get('monthly_day'))
            contract._follow_rest()

    def _amend_terms(self, parameters, reasons, effective):
        """Carry through a value that amendments changed in each contract: what is pending and follows it, moves or changes its amount.

        :param dict parameters: ``{contract: the parameter that changed}``
        :param dict reasons: ``{contract: why}``
        :param dict effective: ``{contract: date from which it counts}``
        """
        worth, offset = {}, {}
        for contract in self:
            terms, changed = contract._terms(), parameters[contract]
            for milestone in contract.milestone_ids.filtered(lambda one: one.state == 'pending' and one.clause_role in TERMS):
                parameter = milestone._own_term(terms)
                if parameter and (parameter == changed or TERMS[milestone.clause_role].days_from == changed.role):
                    said = milestone._said_by_term(parameter, terms)
                    if said.get('percent', milestone.percent) != milestone.percent:
                        worth[milestone] = said['percent']
                    if said.get('offset_days', milestone.offset_days) != milestone.offset_days:
                        offset[milestone] = said['offset_days']
            paid = contract.milestone_ids.filtered(
                lambda one: one.kind == 'payment' and one.obligor == 'customer' and one.state in ('pending', 'done'),
            )
            rest = paid.filtered(lambda one: one.clause_role in REST and one.state == 'pending' and (one.percent or not one.amount))
            agreed = paid.filtered(lambda one: one.amount and not one.percent)  # an amount of its own is no share
            if not agreed and any(one in worth for one in paid):
                worth.update(rest_after({one: worth.get(one, one.percent) for one in paid}, rest))
        none = self.env['fulfilment.milestone']
        why, since = ({one: of[one.contract_id] for one in (*worth, *offset)} for of in (reasons, effective))
        revalued = none.concat(*worth)
        revalued._log_event(
            'amended', why, dict.fromkeys(revalued, (False, False)), since,
            {milestone: (milestone.amount, milestone._share(worth[milestone])) for milestone in revalued},
        )
        for (percent, amount), milestones in by_amount(revalued, lambda one: (worth[one], one._share(worth[one]))):
            milestones.write({'percent': percent, 'amount': amount})
        moved = none.concat(*offset)
        for days, milestones in moved.grouped(offset.get).items():
            milestones.offset_days = days
        moved._move_date({one: date for one in moved if (date := one._anchored_date())}, why, effective=since)
        moved._reschedule_successors()

    def _follow_months(self, parameter):
        """Let monthly payments begin and end with the contract."""
        self.ensure_one()
        # safe: as in _make_term_milestones
        paid = self.sudo().milestone_ids.filtered(lambda one: one.clause_role == 'monthly_day' and one.state == 'pending')
        if parameter and paid and sorted(paid.mapped('offset_months')) != self._months_paid(int(parameter.value_number)):
            paid.unlink()
            self._make_term_milestones({'monthly_day'})

    def _follow_rest(self):
        """Share what advance and deposit leave among the payments that take the rest, as long as all are told in percent."""
        self.ensure_one()
        payments = self._customer_payments()
        rest = payments.filtered(lambda one: one.clause_role in REST)
        if not rest or not all(payments.mapped('percent')):
            return
        left, before = 100 - sum((payments - rest).mapped('percent')), sum(rest.mapped('percent'))
        if left > 0 and abs(left - before) > 1e-9:
            # safe: as in _make_term_milestones
            for payment in rest.sudo():
                payment.percent = payment.percent * left / before

    def _link_terms(self):
        """Say of milestones that came without their clause which one they follow: of copies, and of templates."""
        for contract in self.filtered(lambda contract: contract.state == 'draft'):
            terms = contract._terms()
            # safe: as in _make_term_milestones
            for milestone in contract.sudo().milestone_ids.filtered(
                lambda one, terms=terms: one.clause_role in terms and not one.clause_id,
            ):
                milestone.clause_id = terms[milestone.clause_role].contract_clause_id

    # === FROM THE ORDER === #

    def _fill_terms_of_order(self):
        """Write what the payment term says into the parameters of the clauses, as far as days and percent can say it."""
        asked = {}
        for contract in self.filtered(lambda contract: contract.state == 'draft' and contract.payment_term_id):
            terms, said = contract._terms(), contract._said_by_payment_term()
            for role in terms.keys() & said.keys():
                if terms[role].value_number != said[role]:
                    asked.setdefault(said[role], []).append(terms[role].id)
        parameters = self.env['fulfilment.contract.clause.parameter'].with_context(fulfilment_clauses=DRAFTING)
        for value, ids in asked.items():
            parameters.browse(ids).value_number = value

    def _said_by_payment_term(self):
        """Return what the payment term of the contract says of the roles of clauses: ``{role: number}``, without what days cannot say."""
        self.ensure_one()
        lines = self.payment_term_id.line_ids
        first, last = lines[:1], lines[-1:]
        said = {}
        if last and last.delay_type == 'days_after':
            said['payment_days'] = said['after_invoice_days'] = float(last.nb_days)
        if len(lines) > 1 and first.value == 'percent' and first.delay_type == 'days_after' and first.nb_days <= 0:
            said['advance_percent'] = first.value_amount
        return said


class FulfilmentMilestone(models.Model):
    _inherit = 'fulfilment.milestone'

    def _own_term(self, terms):
        """Return the parameter this milestone follows: of its own clause, else the contract's first; None where there is none."""
        self.ensure_one()
        own = self.clause_id.parameter_ids.filtered(lambda one: one.role == self.clause_role)[:1]
        return own or terms.get(self.clause_role)

    def _is_counted_otherwise(self):
        """Tell whether something other than the days of a clause decides: month ends of a payment term, which no number of days can say."""
        return TERMS[self.clause_role].unit == 'days' and self.delay_type != 'days_after'

    def _follow_term(self, parameter, terms):
        """Take over what a parameter of the own clause says.

        :param terms: all parameters of the contract by role
        """
        self.ensure_one()
        vals = {
            name: value for name, value in self._said_by_term(parameter, terms).items() if self[name] != value
        }
        if vals:
            self.write(vals)
            self.filtered(lambda one: one.anchor != 'fixed')._reschedule()

    def _said_by_term(self, parameter, terms):
        """Return the values a parameter gives this milestone."""
        self.ensure_one()
        said = values_said(parameter, terms, self.clause_role, self.anchor, self.delay_type, self.percent or not self.amount)
        if parameter.contract_clause_id != self.clause_id:
            said['clause_id'] = parameter.contract_clause_id
        return said


def rest_after(shares, rest):
    """Share out what other payments leave among the payments that take the rest.

    :param dict shares: ``{payment: percent}`` of all payments, those of the rest as they were
    :param rest: the payments that take what is left
    :return: ``{payment: percent}`` of the rest; empty where the others take more than there is
    """
    left = 100 - sum(share for one, share in shares.items() if one not in rest)
    before = sum(shares[one] for one in rest)
    if left < 0:
        return {}
    return {one: shares[one] * left / before if before else left / len(rest) for one in rest}


def values_said(parameter, terms, role, anchor, delay_type, is_share):
    """Return what a parameter says of a milestone. Dates that an order fixed, amounts of their own, and how Odoo counts months, stay.

    :param terms: all parameters of the contract by role
    :param is_share: whether the milestone is told in percent
    :return: values of the milestone: ``percent`` or ``offset_days``
    """
    term, said = TERMS[role], {}
    if term.unit == 'percent':
        if is_share:
            said['percent'] = parameter.value_number
        if term.days_from in terms:
            said['offset_days'] = int(terms[term.days_from].value_number)
    elif anchor != 'fixed' and delay_type == 'days_after':
        said['offset_days'] = term.sign * int(parameter.value_number)
    return said


def _is_said(parameter):
    """Tell whether the value of a parameter makes a milestone."""
    return parameter.value_number > 0 or parameter.value_number == 0 and TERMS[parameter.role].at_zero


def day_of_month(begin, months, day):
    """Return a day of a month, so many months after that of ``begin``; the last one where the month is shorter.

    :param date begin: any day of the first month
    :param int day: 1 to 31
    :rtype: date
    """
    return begin + relativedelta(day=1) + relativedelta(months=months) + relativedelta(day=min(max(day, 1), 31))
