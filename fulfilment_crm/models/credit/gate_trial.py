from collections import Counter, defaultdict
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.fields import Command, Domain

from ...tools import markup
from ...tools.local_time import clock, end_of
from .gate import DECISIVE, Case, Gate, outcome_of

LATE = 30  # days beyond which a payment counts as one that should not have been waited for
LATER = ('receivable_overdue', 'overdue_days_open')  # told of the day itself: what is overdue on it was so in the morning
SHOWN = 500
OUTCOMES = [
    ('right', "Held, and paid late"), ('wrong', "Held, and paid"), ('open', "Held, not known yet"), ('missed', "Not held, and paid late"),
]


@dataclass(frozen=True)
class LineThen:
    """The credit line of a customer as it stood on a day, as far as rules ask for it."""
    partner_id: object
    hold: bool = False
    hold_reason: str = ''
    limit_source: str = 'none'
    valid_until: object = None


@dataclass(frozen=True)
class Tried:
    """An order and what a trial says of it."""
    order: object
    amount: float
    hits: tuple
    outcome: str  # what the rules come to: 'pass', 'warn' or 'hold'
    later: str  # 'late', 'paid' or 'open': what became of its invoices

    @property
    def kind(self):
        """The kind of ``OUTCOMES`` it is, or None for an order that passed and was paid."""
        if self.outcome == 'hold':
            return {'late': 'right', 'paid': 'wrong', 'open': 'open'}[self.later]
        return 'missed' if self.later == 'late' else None


class FulfilmentGateTrial(models.TransientModel):
    """The rules of the order gate over the orders of the last months: what they would have held, and whether that was right."""
    _name = 'fulfilment.gate.trial'
    _description = 'Trial of the order gate'
    _inherit = ['fulfilment.guard.mixin']

    company_id = fields.Many2one('res.company', required=True, readonly=True, default=lambda self: self.env.company.root_id)
    currency_id = fields.Many2one(related='company_id.currency_id')
    months = fields.Integer(string="Months back", required=True, default=6)
    days_late = fields.Integer(string="Paid late is more than (days)", required=True, default=LATE)
    rule_ids = fields.Many2many(
        'fulfilment.credit.rule', string="Rules to be tried", context={'active_test': False},
        domain="[('company_id', 'in', (False, company_id))]", help="Archived ones as well: drafts are tried before they are put into use.",
    )
    limit_least = fields.Monetary(
        string="Smallest limit to be tried", help="Limits that are a share of turnover are raised to this. 0: as the grades say.",
    )
    order_count = fields.Integer(string="Orders tried", readonly=True)
    summary = fields.Html(readonly=True, sanitize=False)
    line_ids = fields.One2many('fulfilment.gate.trial.line', 'trial_id', readonly=True)

    _numbers_check = models.Constraint(
        'CHECK(months BETWEEN 1 AND 60 AND days_late >= 0 AND limit_least >= 0)',
        "Try 1 to 60 months; days and limit are not negative.",
    )

    @api.model
    def default_get(self, fields):
        values = super().default_get(fields)
        if 'rule_ids' in fields and not values.get('rule_ids'):
            company = self.env.company.root_id
            rules = self.env['fulfilment.credit.rule'].search([('company_id', 'in', [False, company.id])])
            values['rule_ids'] = [Command.set(rules.ids)]
        return values

    @api.depends_context('lang')
    def _compute_display_name(self):
        self.display_name = self.env._("Trial of the order gate")

    def action_try(self):
        """Try the rules, and keep what they would have done."""
        self.ensure_one()
        tried = self._tried(self.company_id, self.months, self.rule_ids, self.limit_least, self.days_late)
        kinds = dict(self.env['fulfilment.gate.trial.line']._fields['kind']._description_selection(self.env))
        shown = [one for one in tried if one.kind]
        self.write({
            'order_count': len(tried), 'summary': self._summarised(tried, kinds),
            'line_ids': [Command.clear()] + [Command.create({
                'order_id': one.order.id, 'order_name': one.order.name, 'partner_id': one.order.partner_invoice_id.commercial_partner_id.id,
                'date_order': one.order.date_order, 'amount': one.amount, 'kind': one.kind,
                'reason': '\n'.join(dict.fromkeys(hit.name for hit in one.hits)),
            }) for one in shown[:SHOWN]],
        })
        return {
            'type': 'ir.actions.act_window', 'name': self.env._("Trial of the order gate"), 'res_model': self._name, 'res_id': self.id,
            'view_mode': 'form', 'target': 'current',
        }

    def _summarised(self, tried, kinds):
        """Return what came of it as tables: in number and money, and by rule."""
        number, money, by_rule = Counter(), defaultdict(float), defaultdict(Counter)
        for one in tried:
            if one.kind:
                number[one.kind] += 1
                money[one.kind] += one.amount
            for hit in {hit.name: hit for hit in one.hits if hit.outcome == 'hold'}.values():
                by_rule[hit.name][one.kind] += 1
        env, currency = self.env, self.currency_id
        rows = [(kinds[kind], str(number[kind]), currency.format(money[kind])) for kind, _name in OUTCOMES]
        parts = [markup.table([env._("Orders"), env._("Number"), env._("Amount")], rows, left=1)]
        if by_rule:
            parts.append(markup.table(
                [env._("Held by"), *(kinds[kind] for kind in ('right', 'wrong', 'open'))],
                [(name, *(str(counts[kind]) for kind in ('right', 'wrong', 'open'))) for name, counts in sorted(by_rule.items())], left=1,
            ))
        return markup.stacked(parts)

    # === THE TRIAL === #

    @api.model
    def _tried(self, company, months, rules=None, limit_least=0.0, days_late=LATE):
        """Hold the confirmed orders of the last months against rules, with the figures as they stood just before each.

        What was decided on an order says with which grade and limit; for others it is the assessment in force then, and a limit set by
        hand as it is now. Exposure is told as of the evening before, what is overdue as of the day. Deposits are left out: whether one was
        paid in time is not asked of the past.

        :param company: root company
        :param rules: ``fulfilment.credit.rule``, archived ones as well; those in use when missing
        :param float limit_least: what limits that are a share of turnover are raised to
        :return: list of ``Tried``, in the order of confirmation
        """
        # safe: counts over all orders of the company; only credit control and managers open the trial
        self = self.sudo()
        today = company._fulfilment_today()[company]
        begin = end_of(today - relativedelta(months=months), company._fulfilment_zone())
        orders = self.env['sale.order'].search(
            Domain('company_id', 'child_of', company.id) & Domain('state', '=', 'sale') & Domain('date_order', '>=', begin),
            order='date_order, id',
        )
        zone = company._fulfilment_zone()
        later, credit_rules = self._became_of(orders, today, days_late), self.env['fulfilment.credit.rule']
        plain = tuple(
            rule for rule in (credit_rules._rules_for(company) if rules is None else credit_rules._as_plain(rules))
            if rule.kind != 'deposit'
        )
        known = self._known_of(orders, company)
        gate = Gate(partial(credit_rules._broken_rules, company))
        found = []
        for day, own in orders.grouped(lambda order: clock(order.date_order, zone).date()).items():
            for verdict in gate.judge(self._cases_on(day, own, company, limit_least, plain, known), {}):
                found.append(Tried(
                    verdict.order, verdict.case.amount, verdict.hits, outcome_of(verdict.hits), later[verdict.order],
                ))
        return found

    @api.model
    def _cases_on(self, day, orders, company, limit_least, rules, known):
        """Return what was known of the customers of orders confirmed on a day: ``{order: [Case]}``."""
        customers = (orders.partner_invoice_id | orders.partner_id).commercial_partner_id
        profiles = self.env['fulfilment.profile']
        standing = [*(name for name in DECISIVE if name not in LATER), 'revenue_12m']
        before = profiles._live(customers, company, standing, day - timedelta(days=1))
        on_day = profiles._live(customers, company, list(LATER), day)
        cases = {}
        for order in orders.sorted('id'):
            amount = company.currency_id.round(order.amount_total / (order.currency_rate or 1.0))
            cases[order] = []
            for customer in order.partner_invoice_id.commercial_partner_id | order.partner_id.commercial_partner_id:
                facts = {**before[customer], **on_day[customer]}
                line, grade, limit = self._line_then(order, customer, day, known, limit_least)
                exposure = facts['exposure'] + facts['order_for_others']
                cases[order].append(Case(
                    order=order, by_rules=True, amount=amount, day=day, currency=company.currency_id, line=line, facts=facts,
                    grade=grade, limit=limit, exposure=exposure, exposure_after=exposure, rules=rules,
                ))
        return cases

    @api.model
    def _known_of(self, orders, company):
        """Return the assessments that were ever in force and the limits set by hand of the customers of orders, as one look-up."""
        customers = (orders.partner_invoice_id | orders.partner_id).commercial_partner_id
        assessed = self.env['fulfilment.credit.assessment'].search_fetch([
            ('partner_id', 'in', customers.ids), ('company_id', '=', company.id), ('effective_on', '!=', False),
        ], ['partner_id', 'effective_on', 'grade_id', 'turnover'], order='effective_on desc, id desc')
        by_hand = self.env['fulfilment.credit.line'].search_fetch([
            ('partner_id', 'in', customers.ids), ('company_id', '=', company.id), ('limit_source', '=', 'manual'),
        ], ['partner_id', 'limit'])
        return assessed.grouped('partner_id'), {line.partner_id: line.limit for line in by_hand}

    @api.model
    def _line_then(self, order, customer, day, known, limit_least):
        """Return credit line, terms of the grade and limit of a customer as they stood when an order was decided on."""
        terms_of = self.env['fulfilment.credit.grade']._terms()
        assessments, by_hand = known
        decided = order.fulfilment_credit_decision_ids.filtered(
            lambda one: one.source != 'change' and one.partner_id == customer and one.outcome in ('pass', 'warn', 'hold'),
        ).sorted('id')[:1]
        if decided:
            grade, limit, source = terms_of.get(decided.grade_id.id), decided.limit if decided.has_limit else None, 'manual'
        else:
            assessed = next((one for one in assessments.get(customer, ()) if one.effective_on <= day), None)
            grade = terms_of.get(assessed.grade_id.id) if assessed else None
            limit, source = (grade.limit_for(assessed.turnover), 'grade') if grade else (None, 'none')
            if customer in by_hand:
                limit, source = by_hand[customer], 'manual'
        if limit_least and grade and grade.limit_kind == 'share' and limit is not None:
            limit = max(limit, limit_least)
        line = LineThen(customer)
        return (replace(line, limit_source=source) if limit is not None else line), grade, limit

    @api.model
    def _became_of(self, orders, today, days_late):
        """Tell what became of the invoices of orders: ``{order: 'late', 'paid' or 'open'}``.

        Late is an instalment that was settled, or is open, more than so many days after its due date; paid, that all are settled
        otherwise.
        """
        moves = orders.order_line.invoice_lines.move_id.filtered(lambda move: move.state == 'posted' and move.move_type == 'out_invoice')
        dues = moves.line_ids.filtered(lambda line: line.account_type == 'asset_receivable' and line.balance > 0)
        days, open_moves = defaultdict(int), set()
        for line in dues:
            settled = max(line.matched_credit_ids.mapped('max_date'), default=None) if line.reconciled else today
            days[line.move_id] = max(days[line.move_id], ((settled or line.date) - (line.date_maturity or line.date)).days)
            if not line.reconciled:
                open_moves.add(line.move_id)
        result = {}
        for order in orders:
            own = order.order_line.invoice_lines.move_id & moves
            if any(days[move] > days_late for move in own):
                result[order] = 'late'
            else:
                result[order] = 'paid' if own and not any(move in open_moves for move in own) else 'open'
        return result


class FulfilmentGateTrialLine(models.TransientModel):
    _name = 'fulfilment.gate.trial.line'
    _description = 'Order of a trial'
    _order = 'kind, amount desc'

    trial_id = fields.Many2one('fulfilment.gate.trial', required=True, index=True, ondelete='cascade')
    currency_id = fields.Many2one(related='trial_id.currency_id')
    order_id = fields.Many2one('sale.order', ondelete='cascade')
    order_name = fields.Char(string="Number")
    partner_id = fields.Many2one('res.partner', string="Customer", ondelete='cascade')
    date_order = fields.Datetime(string="Confirmed on")
    amount = fields.Monetary()
    kind = fields.Selection(OUTCOMES, string="What it was")
    reason = fields.Text(string="Held by")


class FulfilmentCreditRule(models.Model):
    _inherit = 'fulfilment.credit.rule'

    def action_try_gate(self):
        """Open the trial of the order gate."""
        return {
            'type': 'ir.actions.act_window', 'name': self.env._("Trial of the order gate"), 'res_model': 'fulfilment.gate.trial',
            'view_mode': 'form', 'target': 'current',
        }
