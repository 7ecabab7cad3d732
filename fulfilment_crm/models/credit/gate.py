from collections import defaultdict
from contextlib import contextmanager
from dataclasses import dataclass

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import plaintext2html

from ..base.deletion import before_deletion
from ..base.guard_mixin import without_unchanged
from ..base.readers import READERS

# The figures the rules ask for, read live for every decision.
DECISIVE = ('exposure', 'order_for_others', 'receivable_overdue', 'overdue_days_open')
# What may make a confirmed order larger, longer or somebody else's.
CHANGES = frozenset({
    'order_line', 'payment_term_id', 'partner_invoice_id', 'partner_id', 'fiscal_position_id', 'currency_id', 'pricelist_id', 'company_id',
})
# Kept on the cursor, where no caller can claim them: orders that passed in this transaction and are on their way to be written, orders
# whose changes are being watched, and whether orders are being created, which are decided on as a whole.
PASSED, WATCHED, CREATING = 'fulfilment_crm.passed', 'fulfilment_crm.watched', 'fulfilment_crm.creating'
# Written by the gate alone.
DECIDED = frozenset({'fulfilment_credit_state', 'fulfilment_credit_decision_ids'})
# What follows from the lines of an order and is held against limits. Odoo computes it, but would let anybody overwrite it.
GUARDED = frozenset({'currency_rate', 'amount_total', 'amount_untaxed', 'amount_tax'})
GUARDED_LINE = frozenset({'qty_invoiced', 'price_total', 'price_subtotal', 'price_tax', 'invoice_lines'})


@dataclass
class Case:
    """An order and what is known of its customer, as the rules see it."""
    order: object
    amount: float  # with taxes, in the company's currency
    day: object
    currency: object
    line: object  # the customer's credit line
    facts: dict  # the decisive figures as of now
    grade: object  # what the grade in force means, or None
    limit: float  # None for no limit
    exposure: float  # before the order
    exposure_after: float


class SaleOrder(models.Model):
    """The gate: every road to a confirmed order leads through ``_fulfilment_gate``.

    It never raises on confirmation, for that would undo the decision and, on payment, the payment. An order that is held stays as it
    was, with the decision on record. A change that makes a confirmed order larger is refused instead.
    """
    _inherit = 'sale.order'

    fulfilment_credit_state = fields.Selection(
        [('warn', "Passed with a warning"), ('hold', "Held"), ('released', "Released")], string="Credit", readonly=True, copy=False,
        index='btree_not_null',
    )
    fulfilment_credit_decision_ids = fields.One2many(
        'fulfilment.credit.decision', 'order_id', string="Credit decisions", copy=False, readonly=True, groups=READERS,
    )
    fulfilment_credit_text = fields.Text(
        string="Credit: why", compute='_compute_fulfilment_credit_text', compute_sudo=True, groups='base.group_user',
    )

    @api.depends('fulfilment_credit_decision_ids')
    @api.depends_context('lang')
    def _compute_fulfilment_credit_text(self):
        for order in self:
            order.fulfilment_credit_text = order.fulfilment_credit_decision_ids._latest().hit_text

    fulfilment_credit_now = fields.Text(
        string="Credit: as of now", compute='_compute_fulfilment_credit_now', compute_sudo=True, groups='base.group_user',
        help="What the rules say of a held order with the figures of this moment.",
    )

    def _compute_fulfilment_credit_now(self):
        self.fulfilment_credit_now = False
        held = self.filtered(lambda order: order.fulfilment_credit_state == 'hold' and order.state in ('draft', 'sent'))
        for company, orders in held.grouped(lambda order: order.company_id.root_id).items():
            for order, cases in orders._fulfilment_cases(company, deciding=False).items():
                hits = []
                for case in cases:
                    case.exposure_after = case.exposure + max(case.amount, 0.0)
                    hits += self.env['fulfilment.credit.rule']._broken_rules(company, case)
                order.fulfilment_credit_now = '\n'.join(dict.fromkeys(hit['text'] for hit in hits)) \
                    or self.env._("Nothing is in the way any more.")

    # === EVERY ROAD TO A CONFIRMED ORDER === #

    def action_confirm(self):
        passing = self._fulfilment_gate('portal' if self.env.context.get('send_email') and self.env.su else 'confirm')
        with self._fulfilment_passing(passing):
            result = super(SaleOrder, passing).action_confirm() if passing else True
        held = self - passing
        return held._fulfilment_held_notice(result) if held else result

    def write(self, vals):
        vals = self._fulfilment_check_guarded(vals, self.company_id)
        if vals.get('state') == 'sale' and any(self.company_id.root_id.mapped('fulfilment_credit_gate')) \
                and self - self._fulfilment_passed() - self.filtered(lambda order: order.state == 'sale'):
            return self._fulfilment_write_confirmed(vals)
        # safe: which orders stop being what a release was given for
        left = self.sudo().filtered('fulfilment_credit_state') if 'state' in vals else self.sudo().browse()
        if vals.get('state') != 'cancel':
            left = left.filtered(lambda order: order.state == 'sale')
        with self._fulfilment_watching(vals):
            result = super().write(vals)
        left.filtered(lambda order: order.state != 'sale')._fulfilment_forget()
        return result

    def _fulfilment_write_confirmed(self, vals):
        """Confirm by writing the state: everything else is written first, so that the orders are judged as they will be."""
        rest = {name: value for name, value in vals.items() if name not in ('state', 'date_order')}
        if rest:
            self.write(rest)
        entering = self.filtered(lambda order: order.state != 'sale') - self._fulfilment_passed()
        passing = self - (entering - entering._fulfilment_gate('direct'))
        with self._fulfilment_passing(passing | self._fulfilment_passed()):
            return not passing or passing.write({name: value for name, value in vals.items() if name in ('state', 'date_order')})

    @api.model_create_multi
    def create(self, vals_list):
        vals_list = [
            self._fulfilment_check_guarded(vals, self.env['res.company'].browse(vals.get('company_id') or self.env.company.id))
            for vals in vals_list
        ]
        cache = self.env.cr.cache
        outer = cache.get(CREATING)
        cache[CREATING] = True
        try:
            orders = super().create(vals_list)
        finally:
            cache[CREATING] = outer
        entered = orders.filtered(lambda order: order.state == 'sale')
        if entered:
            held = entered - entered._fulfilment_gate('direct')
            beneath = super(SaleOrder, held)  # not through the gate's own write
            beneath.write({'state': 'draft'})
        return orders

    def _fulfilment_check_guarded(self, vals, companies):
        """The state of the gate and its decisions are written by the gate alone; where there is a gate, totals follow from lines.

        :return: the values without those that change nothing
        """
        if self.env.su:
            return vals
        vals = without_unchanged(self, vals, DECIDED | GUARDED)
        if vals.keys() & DECIDED:
            raise AccessError(self.env._("Credit decisions are made when an order is confirmed; they are not entered by hand."))
        # safe: asks whether there is a gate
        if vals.keys() & GUARDED and any(companies.sudo().root_id.mapped('fulfilment_credit_gate')):
            raise AccessError(self.env._("Totals and exchange rates of orders follow from their lines; they are not entered by hand."))
        return vals

    def _has_field_access(self, field, operation):
        # Customers read their orders, not what credit control thinks of them.
        if field.name in DECIDED and not self.env.su and not self.env.user._is_internal():
            return False
        return super()._has_field_access(field, operation)

    @api.model
    def default_get(self, fields):
        values = super().default_get(fields)
        # safe: asks whether there is a gate
        gated = self.env.company.sudo().root_id.fulfilment_credit_gate
        for name in (DECIDED | GUARDED if gated else DECIDED) & values.keys():
            values.pop(name)
        return values

    def _action_cancel(self):
        result = super()._action_cancel()
        # safe: a release belongs to the order as it was; cancelled orders are decided on again
        self.sudo().filtered('fulfilment_credit_state')._fulfilment_forget()
        return result

    def _fulfilment_forget(self):
        """Use up the releases of orders that are given up or taken back, and the to-dos about them."""
        self.fulfilment_credit_decision_ids.filtered(lambda one: one.outcome == 'released').outcome = 'void'
        self.fulfilment_credit_state = False
        self.activity_unlink(['fulfilment_crm.activity_type_credit'])

    @before_deletion
    def _unlink_except_decided(self):
        """What was held or released stays on record."""
        # safe: asks whether there are decisions, whoever may read them
        for order in self.sudo():
            if order.fulfilment_credit_decision_ids.filtered(lambda one: one.outcome in ('hold', 'released', 'void')):
                raise UserError(self.env._(
                    "%s was held by credit control, which stays on record: cancel it instead of deleting it.", order.name,
                ))

    # === THE GATE === #

    def _fulfilment_gate(self, road):
        """Decide whether orders may be confirmed, keep the decisions, and tell who may release what is held.

        :param str road: where they come from, see ``fulfilment.credit.decision``
        :return: the orders that may
        """
        # safe: the rules bind whoever confirms, and exposure counts what that person may not see
        gated = self.sudo().filtered(lambda order: order._fulfilment_is_gated())
        if not gated:
            return self
        held = self.browse()
        for company, orders in gated.grouped(lambda order: order.company_id.root_id).items():
            decisions = orders._fulfilment_decide(company, road)
            stopped = decisions.filtered(lambda one: one.outcome == 'hold')
            held |= stopped.order_id
            for outcome, state in (('pass', False), ('warn', 'warn'), ('hold', 'hold'), ('released', 'released')):
                concerned = decisions.filtered(lambda one, outcome=outcome: one.outcome == outcome).order_id
                concerned.filtered(lambda order, state=state: order.fulfilment_credit_state != state).fulfilment_credit_state = state
            stopped._tell_controllers()
        return self - held.sudo(self.env.su)

    def _fulfilment_is_gated(self):
        """Whether the company of the order holds orders against credit rules."""
        self.ensure_one()
        return self.company_id.root_id.fulfilment_credit_gate

    def _fulfilment_decide(self, company, road):
        """One decision for each of these orders of a root company, in order: what passes counts for the next of the same customer."""
        kept = self.env['fulfilment.credit.decision']
        cases, vals_list = self._fulfilment_cases(company), []
        exposures = {}
        releases = self._fulfilment_releases(company)
        for order in self.sorted('id'):
            hits = {}
            for case in cases[order]:
                case.exposure = exposures.get(case.line, case.exposure)
                case.exposure_after = case.exposure + max(case.amount, 0.0)  # a negative order makes no room for others
                for hit in self.env['fulfilment.credit.rule']._broken_rules(company, case):
                    hits.setdefault(hit['rule'], hit)
            case, hits = cases[order][0], list(hits.values())
            outcome = 'hold' if any(hit['outcome'] == 'hold' for hit in hits) else 'warn' if hits else 'pass'
            if outcome == 'hold' and releases.get(order, -1.0) >= case.amount:
                outcome = 'released'
            if outcome != 'hold':
                exposures.update((case.line, case.exposure_after) for case in cases[order])
            if outcome != 'released':
                vals_list.append(order._fulfilment_decision_vals(case, hits, outcome, road))
        made = kept.create(vals_list)
        return made | kept.concat(*(
            order.fulfilment_credit_decision_ids._latest('released') for order in self - made.order_id
        ))

    def _fulfilment_cases(self, company, deciding=True):
        """What is known of the customers of these orders, after counting up their credit lines.

        :param bool deciding: off to look only, which locks nothing
        :return: ``{order: [Case]}``, first who is invoiced, then who has ordered if that is somebody else
        """
        contacts = self.partner_invoice_id | self.partner_id
        contacts.fetch(['commercial_partner_id'])
        customers = contacts.commercial_partner_id
        lines = self.env['fulfilment.credit.line']._of(customers, company)
        if deciding:
            self.env['fulfilment.credit.line'].concat(*lines.values())._bump()
        figures = [*DECISIVE, *(['revenue_12m'] if any(line.provisional_grade_id for line in lines.values()) else [])]
        # safe: exposure counts what the person confirming may not see
        of_customer = self.env['fulfilment.profile'].sudo()._live(customers, company, figures)
        # What somebody orders counts for them, whoever the invoice is to go to.
        exposure = {customer: facts['exposure'] + facts['order_for_others'] for customer, facts in of_customer.items()}
        day, cases = company._fulfilment_today()[company], {}
        for order in self:
            amount = order._fulfilment_company_amount()
            cases[order] = [Case(
                order=order, amount=amount, day=day, currency=company.currency_id, line=lines[customer], facts=of_customer[customer],
                grade=lines[customer]._effective_terms(), limit=lines[customer]._effective_limit(of_customer[customer].get('revenue_12m')),
                exposure=exposure[customer], exposure_after=exposure[customer],
            ) for customer in order.partner_invoice_id.commercial_partner_id | order.partner_id.commercial_partner_id]
        return cases

    def _fulfilment_company_amount(self):
        """The amount of the order with taxes in the company's currency, at least what its lines say without them: totals and exchange
        rate are stored, and more than one road leads to stored values.
        """
        self.ensure_one()
        lines = self.order_line.filtered(lambda line: not line.display_type)
        amount = max(self.amount_total, sum(line.price_unit * (1 - line.discount / 100) * line.product_uom_qty for line in lines))
        company = self.company_id
        if self.currency_id == company.currency_id:
            return company.currency_id.round(amount)
        return self.currency_id._convert(amount, company.currency_id, company, company._fulfilment_today()[company])

    def _fulfilment_releases(self, company):
        """Up to which amount these orders are released today: ``{order: amount}``."""
        day = company._fulfilment_today()[company]
        released = self.filtered(lambda order: order.fulfilment_credit_state in ('released', 'hold')).fulfilment_credit_decision_ids
        return {
            decision.order_id: decision.amount for decision in released.sorted('id')
            if decision.outcome == 'released' and decision._covers(day)
        }

    def _fulfilment_decision_vals(self, case, hits, outcome, road):
        self.ensure_one()
        return {
            'order_id': self.id, 'salesman_id': self.user_id.id, 'partner_id': case.line.partner_id.id,
            'orderer_id': self.partner_id.commercial_partner_id.id,
            'company_id': case.line.company_id.id, 'currency_id': case.currency.id, 'outcome': outcome, 'road': road,
            'sends_mail': bool(self.env.context.get('send_email')), 'amount': case.amount, 'exposure': case.exposure,
            'limit': case.limit or 0.0, 'has_limit': case.limit is not None, 'grade_id': case.grade.id if case.grade else False,
            'hits': hits, 'user_id': self.env.uid, 'term_days': self.payment_term_id._fulfilment_days(),
        }

    def _fulfilment_held_notice(self, result):
        """Tell the user which orders are held, and why; the others went through."""
        if self.env.su or isinstance(result, dict):
            return result
        lines = [f'{order.name}: {order.fulfilment_credit_text}' for order in self]
        return {
            'type': 'ir.actions.client', 'tag': 'display_notification', 'params': {
                'title': self.env._("Held by credit control"), 'message': '\n'.join(lines), 'type': 'warning', 'sticky': True,
                'next': {'type': 'ir.actions.client', 'tag': 'soft_reload'},
            },
        }

    # === ORDERS ON THEIR WAY === #

    def _fulfilment_passed(self):
        return self.browse(self.env.cr.cache.get(PASSED, ()))

    @contextmanager
    def _fulfilment_passing(self, orders):
        """Remember that these orders passed while they are confirmed. Kept on the cursor: no caller can claim it."""
        before = self.env.cr.cache.get(PASSED, frozenset())
        self.env.cr.cache[PASSED] = before | frozenset(orders.ids)
        try:
            yield
        finally:
            self.env.cr.cache[PASSED] = before

    # === CHANGES OF CONFIRMED ORDERS === #

    @contextmanager
    def _fulfilment_watching(self, vals=None):
        """Refuse, after the change, that a confirmed order became larger, longer or somebody else's than the rules allow."""
        cache = self.env.cr.cache
        watched = cache.get(WATCHED, frozenset())
        if vals is not None and not vals.keys() & CHANGES:
            yield
            return
        anywhere = vals is not None and 'company_id' in vals  # the company it goes to may hold orders where this one does not
        # safe: compares amounts; the change itself is the user's own
        orders = self.sudo().filtered(
            lambda order: order.state == 'sale' and order.id not in watched and (anywhere or order._fulfilment_is_gated()),
        )
        if cache.get(CREATING):
            # Orders that are just being created are decided on as a whole; others must not be changed on that occasion.
            orders = orders.filtered(lambda order: order.create_date < self.env.cr.now())
        if not orders:
            yield
            return
        before = {order: order._fulfilment_size() for order in orders}
        cache[WATCHED] = watched | frozenset(orders.ids)
        try:
            yield
        finally:
            cache[WATCHED] = watched
        changed = orders.exists().filtered(
            lambda order: order.state == 'sale' and order._fulfilment_is_gated() and order._fulfilment_is_more_than(before[order]),
        )
        if changed:
            changed._fulfilment_check_change()

    def _fulfilment_size(self):
        self.ensure_one()
        return (
            self._fulfilment_company_amount(), self.payment_term_id._fulfilment_days(),
            (self.partner_invoice_id | self.partner_id).commercial_partner_id, self.company_id.root_id,
        )

    def _fulfilment_is_more_than(self, before):
        self.ensure_one()
        amount, days, *who = self._fulfilment_size()
        return self.company_id.currency_id.compare_amounts(amount, before[0]) > 0 or days > before[1] or who != [*before[2:]]

    def _fulfilment_check_change(self, sentence=None):
        """Refuse a change of confirmed orders that breaks a rule.

        :param sentence: a function of order, reasons and groups that says what cannot be; that the order becomes larger when missing
        :raise UserError: naming the order, the rules and who may lift them
        """
        for company, orders in self.grouped(lambda order: order.company_id.root_id).items():
            releases = orders._fulfilment_releases(company)
            self.env.flush_all()
            for order, cases in orders._fulfilment_cases(company).items():
                if releases.get(order, -1.0) >= cases[0].amount:
                    continue
                hits = [hit for case in cases for hit in self.env['fulfilment.credit.rule']._broken_rules(company, case)]
                held = [hit for hit in hits if hit['outcome'] == 'hold']
                if held:
                    groups = self.env['res.groups'].browse({hit['group'] for hit in held})
                    raise UserError((sentence or self._fulfilment_larger)(
                        order.name, '; '.join(hit['text'] for hit in held), ', '.join(groups.mapped('name')),
                    ))

    def _fulfilment_larger(self, order, reasons, groups):
        return self.env._(
            "%(order)s cannot become larger: %(reasons)s\nPut what is added on a new order; %(group)s may release that one.",
            order=order, reasons=reasons, group=groups,
        )


class SaleOrderLine(models.Model):
    """Lines of a confirmed order: added, changed or deleted (down payments, notes and what hangs on them), they change its amount."""
    _inherit = 'sale.order.line'

    def _fulfilment_check_guarded(self, vals, companies):
        if self.env.su:
            return vals
        vals = without_unchanged(self, vals, GUARDED_LINE)
        # safe: asks whether there is a gate
        if vals.keys() & GUARDED_LINE and any(companies.sudo().root_id.mapped('fulfilment_credit_gate')):
            raise AccessError(self.env._("What is invoiced of an order line, and its totals, are not entered by hand."))
        return vals

    @api.model
    def default_get(self, fields):
        values = super().default_get(fields)
        # safe: asks whether there is a gate
        if self.env.company.sudo().root_id.fulfilment_credit_gate:
            for name in GUARDED_LINE & values.keys():
                values.pop(name)
        return values

    @api.model_create_multi
    def create(self, vals_list):
        implied = [] if all('order_id' in vals for vals in vals_list) else [self.default_get(['order_id']).get('order_id')]
        order_ids = {vals.get('order_id') for vals in vals_list}.union(implied) - {None, False}
        orders = self.env['sale.order'].browse(order_ids)
        vals_list = [self._fulfilment_check_guarded(vals, orders.company_id) for vals in vals_list]
        with orders._fulfilment_watching():
            return super().create(vals_list)

    def unlink(self):
        with self.order_id._fulfilment_watching():
            return super().unlink()

    def write(self, vals):
        vals = self._fulfilment_check_guarded(vals, self.company_id)
        if not vals.keys() & {
            'extra_tax_data', 'product_uom_qty', 'price_unit', 'discount', 'tax_ids', 'product_id', 'product_uom_id', 'order_id',
            'display_type',
        }:
            return super().write(vals)
        orders = self.order_id | self.env['sale.order'].browse(vals.get('order_id') or [])
        with orders._fulfilment_watching():
            return super().write(vals)


class FulfilmentCreditDecision(models.Model):
    _inherit = 'fulfilment.credit.decision'

    def _covers(self, day):
        """Whether a release holds on a day for its order as it is now: for the same customer and company, on no longer terms."""
        self.ensure_one()
        order = self.order_id
        return (
            (not self.valid_until or self.valid_until >= day) and self.partner_id == order.partner_invoice_id.commercial_partner_id
            and (not self.orderer_id or self.orderer_id == order.partner_id.commercial_partner_id)
            and self.company_id == order.company_id.root_id and order.payment_term_id._fulfilment_days() <= self.term_days
        )

    def _latest(self, outcome=None):
        """The last decision of these, of one outcome when given."""
        return self.filtered(lambda one: not outcome or one.outcome == outcome).sorted('id')[-1:]

    def _tell_controllers(self):
        """An activity on each held order for who controls credit, and a note that customers do not see."""
        by_user = defaultdict(self.env['sale.order'].browse)
        for decision in self:
            by_user[decision.company_id._fulfilment_credit_controller()] |= decision.order_id
        for user, orders in by_user.items():
            own = self.with_env((user or self.env.user)._fulfilment_env())
            reasons = {decision.order_id.id: decision.hit_text for decision in own}
            known = orders.activity_ids.filtered(
                lambda one: one.activity_type_id == self.env.ref('fulfilment_crm.activity_type_credit'),
            ).mapped('res_id')
            for order in orders.filtered(lambda one, known=known: one.id not in known).with_context(mail_activity_automation_skip=False):
                order.activity_schedule(
                    'fulfilment_crm.activity_type_credit', user_id=(user or self.env.user).id,
                    summary=(user or self.env.user)._fulfilment_env()._("Order held: release it or refuse it"),
                    note=plaintext2html(reasons[order.id]),
                )
        for order in self.order_id:
            # Customers search the messages of their orders: figures stand in the decision.
            order._message_log(body=self.env._("Held by credit control."))
