from typing import NamedTuple

from odoo import api, fields, models
from odoo.tools import ormcache

from ..base.binding import binding
from ..base.told import _lt, told
from .gate import Hit

KINDS = [
    ('stop', "Stopped by hand"), ('limit_share', "Share of the limit used"), ('limit_expired', "Limit expired"),
    ('overdue_days', "Days overdue"), ('overdue_amount', "Amount overdue"), ('order_amount', "Size of the order"),
    ('longer_terms', "Longer payment terms"), ('grade', "Grade"), ('unrated', "Not graded, and without a limit"),
    ('deposit', "Deposit not paid"),
]


class Rule(NamedTuple):
    """A rule as the gate reads it."""
    id: int
    name: str
    kind: str
    threshold: float
    outcome: str
    group: int


class FulfilmentCreditRule(models.Model):
    """What an order is held against before it is confirmed. One method a kind, ``_hit_<kind>``, says whether it is broken."""
    _name = 'fulfilment.credit.rule'
    _description = 'Credit rule for orders'
    _inherit = ['fulfilment.lookup.mixin', 'fulfilment.audit.mixin', 'mail.thread', 'fulfilment.cached.mixin']

    kind = fields.Selection(KINDS, required=True, tracking=True)
    threshold = fields.Float(
        digits=(16, 2), tracking=True,
        help="Broken beyond this: days, amount in the company's currency, or percent of the limit. Exactly this is not beyond.",
    )
    threshold_text = fields.Char(string="Broken beyond", compute='_compute_threshold_text')
    outcome = fields.Selection(
        [('warn', "Warn"), ('hold', "Hold")], default='hold', required=True, tracking=True,
        help="Of kind “Grade” the grade itself says what happens.",
    )
    release_group_id = fields.Many2one(
        'res.groups', string="Released by", required=True, ondelete='restrict', tracking=True,
        default=lambda self: self.env.ref('fulfilment_crm.group_credit'),
        help="Who may release an order that this rule holds.",
    )

    @api.depends('kind', 'threshold', 'company_id')
    @api.depends_context('lang', 'company')
    def _compute_threshold_text(self):
        for rule in self:
            amount = (rule.company_id or self.env.company).currency_id.format(rule.threshold)
            rule.threshold_text = {
                'limit_share': self.env._("%s %% of the limit", f'{rule.threshold or 100:g}'),
                'overdue_days': self.env._("%s days", f'{rule.threshold:g}'),
                'overdue_amount': amount, 'order_amount': amount, 'unrated': amount,
            }.get(rule.kind, '')

    # === CACHE: every confirmation of an order reads the rules === #

    @api.model
    @ormcache('company.id', 'self.env.lang')
    def _rules_for(self, company):
        """Return the rules of a root company in order, as plain values.

        :return: tuple of ``Rule``
        """
        # safe: the rules bind whoever confirms an order, also one who may not read them
        return self._as_plain(binding(self).search([('company_id', 'in', [False, company.id])]))

    @api.model
    def _as_plain(self, rules):
        """Return rules in order as plain values: tuple of ``Rule``."""
        return tuple(
            Rule(rule.id, rule.name, rule.kind, rule.threshold, rule.outcome, rule.release_group_id.id)
            for rule in rules.sorted(lambda one: (one.sequence, one.id))
        )

    @api.model
    def _broken_rules(self, company, case):
        """Find the rules of a company that an order breaks.

        :param Case case: the order and what is known of its customer
        :return: list of ``Hit``
        """
        broken = self._unrated_currency(company, case)
        rules = self._rules_for(company) if case.rules is None else case.rules
        for rule in rules if case.by_rules else ():
            hit = getattr(self, f'_hit_{rule.kind}')(rule, case)
            if hit:
                text, value = hit
                outcome = {'warn': 'warn', 'block': 'hold'}[case.grade.on_order] if rule.kind == 'grade' else rule.outcome
                broken.append(Hit(
                    rule=rule.id, name=rule.name, kind=rule.kind, outcome=outcome, text=str(text), told=text.kept, value=value,
                    threshold=rule.threshold, group=rule.group, whose=('res.partner', case.line.partner_id.id),
                ))
        return broken

    def _unrated_currency(self, company, case):
        """Hold an order in a currency without any rate: nobody knows what it is worth, so no other rule can tell."""
        if not case.draws and not (case.by_rules and self._rules_for(company)):
            return []
        currencies = case.order.currency_id.concat(case.order.currency_id, *(contract.currency_id for contract in case.draws))
        unrated = currencies.filtered(lambda one: not one._fulfilment_is_rated(company))
        if not unrated:
            return []
        text = told(self.env, _lt("There is no exchange rate of %(currency)s: enter one.", currency=unrated[0].name))
        return [Hit(
            rule='rate', name=self.env._("Exchange rate"), kind='rate', outcome='hold', text=str(text), told=text.kept, value=0.0,
            threshold=0.0, group=self.env.ref('fulfilment_crm.group_credit').id, whose=('res.partner', case.line.partner_id.id),
        )]

    # === ONE METHOD A KIND: (sentence, value) when broken, else None === #

    def _hit_stop(self, rule, case):
        if not case.line.hold:
            return None
        return told(self.env, _lt("Stopped: %(reason)s", reason=case.line.hold_reason or '')), 1

    def _hit_limit_share(self, rule, case):
        if case.limit is None:
            return None
        # In amounts, so that a limit of nothing is a limit too; a cent more is more.
        allowed = case.currency.round(case.limit * (rule.threshold or 100) / 100)
        if case.currency.compare_amounts(case.exposure_after, allowed) <= 0:
            return None
        return told(self.env, _lt(
            "Exposure would be %(exposure)s, the limit allows %(limit)s.",
            exposure=case.currency.format(case.exposure_after), limit=case.currency.format(allowed),
        )), case.exposure_after

    def _hit_limit_expired(self, rule, case):
        line = case.line
        if line.limit_source == 'none' or not line.valid_until or line.valid_until >= case.day:
            return None
        return told(self.env, _lt("The credit limit was valid until %s.", line.valid_until)), 1

    def _hit_overdue_days(self, rule, case):
        days = case.facts['overdue_days_open']
        if days is None or days <= rule.threshold:
            return None
        return told(self.env, _lt("An instalment is %s days overdue.", days)), days

    def _hit_overdue_amount(self, rule, case):
        amount = case.facts['receivable_overdue']
        if amount is None or case.currency.compare_amounts(amount, rule.threshold) <= 0:
            return None
        return told(self.env, _lt("%s is overdue.", case.currency.format(amount))), amount

    def _hit_order_amount(self, rule, case):
        if case.currency.compare_amounts(case.amount, rule.threshold) <= 0:
            return None
        return told(self.env, _lt("The order amounts to %s.", case.currency.format(case.amount))), case.amount

    def _hit_longer_terms(self, rule, case):
        if not case.grade or case.grade.term_days is None:
            return None
        asked = case.order.payment_term_id._fulfilment_days()
        if asked <= case.grade.term_days:
            return None
        return told(self.env, _lt(
            "Payment terms of %(asked)s days; grade %(grade)s allows %(allowed)s.", asked=asked, grade=case.grade.code,
            allowed=case.grade.term_days,
        )), asked

    def _hit_unrated(self, rule, case):
        if case.grade or case.limit is not None or case.currency.compare_amounts(case.exposure_after, rule.threshold) <= 0:
            return None
        return told(self.env, _lt(
            "The customer has neither a grade nor a limit yet, and exposure would be %s.", case.currency.format(case.exposure_after),
        )), case.exposure_after

    def _hit_grade(self, rule, case):
        if not case.grade or case.grade.on_order == 'none':
            return None
        return told(self.env, _lt("The customer's grade is %s.", case.grade.code)), 1

