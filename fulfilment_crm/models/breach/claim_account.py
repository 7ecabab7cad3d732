from decimal import Decimal

from odoo import fields, models

from ...tools.amount_words import amount_in_words
from ...tools.claim import LAW, PRINCIPAL, appropriate
from ...tools.shown_date import shown_date
from .damages_terms import PART, MissingRate, _decimal

ORDERS = (LAW, PRINCIPAL)
FEWEST = 3  # closed cases from which on they say what is likely recovered


class FulfilmentBreach(models.Model):
    """What is owed on a case today: costs, damages, principal, after each receipt was split in the order of the law. It books nothing."""
    _inherit = 'fulfilment.breach'

    account_until = fields.Date(string="Account as of", default=fields.Date.context_today, copy=False)
    account_left = fields.Monetary(string="Owed in the order of the law", compute='_compute_account')
    account_left_principal = fields.Monetary(string="Owed, principal first", compute='_compute_account')
    account_sheet = fields.Html(string="Calculation", compute='_compute_account', sanitize=False)
    account_in_words = fields.Char(string="Owed in words", compute='_compute_account')

    def _compute_account(self):
        new = self.filtered(lambda one: not one.currency_id)
        new.update({
            'account_left': 0.0, 'account_left_principal': 0.0, 'account_in_words': '', 'account_sheet': False,
        })
        for breach in self - new:
            accounts = breach._accounts()
            breach.account_left, breach.account_left_principal = (float(accounts[order].total) for order in ORDERS)
            breach.account_in_words = amount_in_words(breach.currency_id, breach.account_left, self.env.lang or 'en_US')
            breach.account_sheet = self.env['ir.qweb']._render('fulfilment_crm.claim_account', {
                'breach': breach, 'debts': breach._debts_told(), 'accounts': accounts, 'orders': breach._orders_told(),
                'money': breach.currency_id.format, 'day': lambda value: shown_date(self.env, value),
                'missing': breach._missing_rate(),
            })

    def _orders_told(self):
        return {LAW: self.env._("In the order of the law"), PRINCIPAL: self.env._("Principal first")}

    def _accounts(self, until=None):
        """Return the account of the case in both orders: ``{order: Account}`` of ``tools.claim``.

        :param date until: the last day that counts; the day of the account when missing
        """
        self.ensure_one()
        until = until or self.account_until or fields.Date.context_today(self)
        debts, receipts = self._debts(), self._receipts()
        unit = _decimal(self.currency_id.rounding)
        return {order: appropriate(debts, receipts, order, until, unit) for order in ORDERS}

    def _milestones_at_issue(self):
        """Return the payments the case is about, as superuser: its own, else those of its contract, in the order of their dates."""
        case = self.sudo()  # safe: payments of a contract whose case the reader may read
        milestones = case.milestone_id or case.contract_id.milestone_ids
        return milestones.filtered(
            lambda one: one.kind == 'payment' and one.obligor == case.party and one.state in ('pending', 'done') and one.date_planned,
        ).sorted(lambda one: (one.date_planned, one.id))

    def _owed_milestones(self):
        """Return those the case is about that are due by the day of the account; its own, whenever it is due."""
        until = self.account_until or fields.Date.context_today(self)
        return self._milestones_at_issue().filtered(lambda one: one == self.sudo().milestone_id or one.date_planned <= until)

    def _debts(self):
        """Return the debts of the case for ``tools.claim``: principal by due date, damages by the clause where they stand in the place of
        interest, each on the days it arose, and what the steps of the law that have begun have cost.
        """
        self.ensure_one()
        owed, as_interest = self._owed_milestones(), self.company_id.fulfilment_damages_as_interest
        debts = []
        for milestone in owed:
            rate, dated = self._interest_of(milestone) if as_interest else (Decimal(0), [])
            debts.append({
                'due': milestone.date_planned, 'principal': _decimal(milestone.amount), 'interest': Decimal(0), 'rate': rate,
                'costs': Decimal(0), 'name': milestone.name, 'dated': dated,
            })
        for milestone, damages in (self._damages_at_issue().grouped('milestone_id').items() if as_interest else ()):
            if milestone not in owed and (dated := damages._open_by_day()):
                # Not owed any more, or not yet: what its delay has cost until then is.
                debts.append({
                    'due': dated[0][0], 'principal': Decimal(0), 'interest': Decimal(0), 'rate': Decimal(0), 'costs': Decimal(0),
                    'name': milestone.name, 'dated': dated,
                })
        if not debts:
            debts = [{'due': self.opened_on, 'principal': _decimal(self.amount_claimed), 'interest': Decimal(0), 'rate': Decimal(0),
                      'costs': Decimal(0), 'name': self.cause_id.display_name, 'dated': []}]
        debts[0]['dated'] = [*debts[0]['dated'], *(
            (step.date_start, 'costs', _decimal(step.cost)) for step in self.step_ids
            if step.cost and step.date_start and step.state in ('running', 'done')
        )]
        return debts

    def _damages_at_issue(self):
        """Return the damages that the case is about, as superuser: of its milestone, else of its contract, owed by who broke it."""
        case = self.sudo()  # safe: as in _milestones_at_issue
        return (case.milestone_id or case.contract_id).damages_ids.filtered(
            lambda one: one.debtor == case.party and one.state in ('accruing', 'claimed') and one.milestone_id.kind == 'payment',
        )

    def _interest_of(self, milestone):
        """Return the daily rate of damages in percent where one clause alone says it, else on which days how much of them arose."""
        contract, known = milestone.contract_id, milestone.damages_ids
        try:
            told = contract._damages_terms(contract._values_on(None), milestone.obligor, _decimal(milestone.amount))
        except MissingRate:
            told = None  # what has accrued until then stands; the sheet says what is missing
        terms, basis = told or (None, PART)
        # A rate goes on day by day; where more than one says how, or days do not count, or a part was claimed, given up or paid,
        # what has accrued says it.
        touched = contract.suspension_ids or known.filtered(lambda one: one.state != 'accruing' or one.amount_waived) \
            or contract.amendment_ids.filtered(lambda one: one.state == 'applied') or milestone.date_first_planned != milestone.date_planned
        plain = not touched and terms and terms.rate and not terms.rates and not terms.levels and not terms.grace and terms.per == 'day' \
            and terms.limit is None and basis == PART and 'damages_cap' not in contract._terms()
        if plain:
            return terms.rate, []
        return Decimal(0), known.filtered(lambda one: one.state in ('accruing', 'claimed'))._open_by_day()

    def _receipts(self, payments=False):
        """Return what came in for the case by the ledger as it is now: ``[(day, amount)]``, money on account among it.

        :param bool payments: payments alone, without credit notes
        """
        owed = self._owed_milestones()
        if not owed:
            # No payment is at issue: what came back is what somebody has entered.
            day = self.closed_on or self.account_until or fields.Date.context_today(self)
            return [(day, _decimal(self.amount_recovered))] if self.amount_recovered else []
        contract = self.sudo().contract_id  # safe: as in _milestones_at_issue
        settled, newest = contract._settled_on(payments), contract._newest_money().get(contract)
        receipts = [(day, _decimal(part)) for milestone in owed for day, part in settled.get(milestone, ())]
        return receipts + [
            (newest, _decimal(milestone.amount_on_account)) for milestone in owed if newest and milestone.amount_on_account
        ]

    def _missing_rate(self):
        """Return the sentence that names a reference rate nobody has entered, or False."""
        self.ensure_one()
        if not self.company_id.fulfilment_damages_as_interest:
            return False
        contract = self.sudo().contract_id  # safe: whether the terms of the own contract can be counted with
        try:
            contract._damages_terms(contract._values_on(None), self.party, Decimal(1))
        except MissingRate as missing:
            return str(missing)
        return False

    def _debts_told(self):
        """Return the debts with what stands beside them by the day of the account, for the sheet."""
        until, told = self.account_until or fields.Date.context_today(self), []
        for debt in self._debts():
            sums = {part: sum(
                (amount for day, kind, amount in debt['dated'] if kind == part and day <= until), Decimal(0),
            ) for part in ('interest', 'costs')}
            told.append({**debt, **sums})
        return told

    # === IS IT WORTH IT === #

    def _worth(self, step=None):
        """Tell whether another step pays: what is likely recovered by one's own closed cases, less its fee.

        :param step: the step asked about
        :return: dict with ``owed``, ``cases`` (how many closed ones it rests on), ``rate`` (percent recovered of them, None without any),
            ``expected``, ``fee``, ``net`` and ``breaks_even`` (percent that has to be recovered)
        """
        self.ensure_one()
        owed = float(self._accounts()[LAW].total)
        fee = (step.cost or step.fee_expected) if step else 0.0
        # safe: counts over closed cases of the company, without saying whose
        like = self.sudo().search([
            ('company_id', '=', self.company_id.id), ('party', '=', self.party), ('state', 'in', ('closed', 'settled')),
            ('company_amount_claimed', '>', 0), ('id', '!=', self.id),
        ])
        worth = self.currency_id._convert(owed, self.company_id.currency_id, self.company_id, fields.Date.context_today(self))
        age = (fields.Date.context_today(self) - self.opened_on).days
        near = like.filtered(
            lambda one: worth / 4 <= one.company_amount_claimed <= worth * 4
            and abs(((one.closed_on or one.opened_on) - one.opened_on).days - age) <= 365,
        ) or like
        claimed = sum(near.mapped('company_amount_claimed'))
        rate = 100 * sum(near.mapped('company_amount_recovered')) / claimed if claimed else None
        expected = None if rate is None else owed * min(rate, 100.0) / 100
        return {
            'owed': owed, 'cases': len(near), 'rate': rate, 'expected': expected, 'fee': fee,
            'net': None if expected is None else expected - fee, 'breaks_even': 100 * fee / owed if owed else None,
        }

    def _worth_told(self, step=None):
        """Return what ``_worth`` says as a sentence for the reader."""
        told, money = self._worth(step), self.currency_id.format
        if told['rate'] is None:
            return self.env._(
                "Owed %(owed)s. You have no closed cases yet, so nothing can be said of what is likely recovered.",
                owed=money(told['owed']),
            )
        if told['cases'] < FEWEST:
            return self.env._(
                "Owed %(owed)s. Too few of your closed cases are like it (%(cases)s) to say what is likely recovered; it pays from "
                "%(even)s %% on.", owed=money(told['owed']), cases=told['cases'],
                even='–' if told['breaks_even'] is None else f'{told["breaks_even"]:.1f}',
            )
        return self.env._(
            "Owed %(owed)s. Of %(cases)s closed cases like it %(rate)s %% was recovered: %(expected)s expected, less %(fee)s of fees is "
            "%(net)s. It pays from %(even)s %% on.", owed=money(told['owed']), cases=told['cases'], rate=f'{told["rate"]:.0f}',
            expected=money(told['expected']), fee=money(told['fee']), net=money(told['net']),
            even='–' if told['breaks_even'] is None else f'{told["breaks_even"]:.1f}',
        )


class FulfilmentLegalStep(models.Model):
    _inherit = 'fulfilment.legal.step'

    worth = fields.Char(string="Is it worth it?", compute='_compute_worth')

    def _compute_worth(self):
        for step in self:
            step.worth = step.breach_id._worth_told(step) if step.breach_id else ''


class FulfilmentDamages(models.Model):
    _inherit = 'fulfilment.damages'

    def _open_by_day(self):
        """Return on which days how much of damages arose that is still open: ``[(day, 'interest', amount)]``.

        What was waived is taken off the newest days. Of a document that is posted what is open of it counts, on the day of the claim.
        """
        dated = []
        for one in self:
            if one.move_id.state == 'posted':
                dated.append((one.claimed_on, 'interest', _decimal(one.move_id.amount_residual)))
                continue
            own = [[fields.Date.to_date(part['end']), _decimal(part['amount'])] for part in one.segments or []]
            waived = _decimal(one.amount_waived)
            for part in reversed(own):
                off = min(part[1], waived)
                part[1] -= off
                waived -= off
            dated += [(day, 'interest', amount) for day, amount in own if amount]
        return sorted(dated)
