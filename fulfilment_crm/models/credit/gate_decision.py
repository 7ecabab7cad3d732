from collections import defaultdict
from dataclasses import dataclass

from odoo import api, fields, models

# The figures the rules ask for, read live for every decision.
DECISIVE = ('exposure', 'order_for_others', 'receivable_overdue', 'overdue_days_open')


@dataclass
class Case:
    """An order and what is known of its customer, as the rules see it."""
    order: object
    by_rules: bool  # off where the credit rules are switched off: then only ceilings count
    amount: float  # with taxes, in the company's currency
    day: object
    currency: object
    line: object  # the customer's credit line
    facts: dict  # the decisive figures as of now
    grade: object  # what the grade in force means, or None
    limit: float  # None for no limit
    exposure: float  # before the order
    exposure_after: float
    taken: dict  # what orders decided on just before have taken of the ceilings of framework contracts: {contract: amount}


class SaleOrder(models.Model):
    """What is decided about an order, on which figures, and until when a release holds."""
    _inherit = 'sale.order'

    fulfilment_credit_text = fields.Text(
        string="Credit: why", compute='_compute_fulfilment_credit_text', compute_sudo=True, groups='base.group_user',
    )
    fulfilment_credit_now = fields.Text(
        string="Credit: as of now", compute='_compute_fulfilment_credit_now', compute_sudo=True, groups='base.group_user',
        help="What the rules say of a held order with the figures of this moment.",
    )

    @api.depends('fulfilment_credit_decision_ids')
    @api.depends_context('lang')
    def _compute_fulfilment_credit_text(self):
        for order in self:
            order.fulfilment_credit_text = order.fulfilment_credit_decision_ids._latest().hit_text

    def _compute_fulfilment_credit_now(self):
        self.fulfilment_credit_now = False
        held = self.filtered(lambda order: order.fulfilment_credit_state == 'hold' and order.state in ('draft', 'sent'))
        for company, orders in held.grouped(lambda order: order.company_id.root_id).items():
            for order, hits in orders._fulfilment_hits_now(company).items():
                order.fulfilment_credit_now = '\n'.join(dict.fromkeys(hit['text'] for hit in hits)) \
                    or self.env._("Nothing is in the way any more.")

    def _fulfilment_hits_now(self, company, by_rules=False):
        """The rules each of these orders of a root company would break if it were confirmed now, alone.

        :param bool by_rules: as if the credit rules were switched on
        :return: ``{order: hits}``
        """
        found = {}
        for order, cases in self._fulfilment_cases(company, deciding=False).items():
            hits = found[order] = []
            for case in cases:
                case.by_rules = case.by_rules or by_rules
                case.exposure_after = case.exposure + max(case.amount, 0.0)
                hits += self.env['fulfilment.credit.rule']._broken_rules(company, case)
        return found

    def _fulfilment_outlook(self, company):
        """What the gate would say of each of these orders of a root company, were it on: ``{order: 'pass', 'warn' or 'hold'}``."""
        return {order: _outcome(hits) for order, hits in self._fulfilment_hits_now(company, by_rules=True).items()}

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
            outcome = _outcome(hits)
            held = [hit for hit in hits if hit['outcome'] == 'hold']
            if held and order in releases and releases[order]._lifts(held, case.amount):
                outcome = 'released'
            if outcome != 'hold':
                exposures.update((case.line, case.exposure_after) for case in cases[order])
                for contract in order._fulfilment_ceilings():
                    case.taken[contract] = case.taken.get(contract, 0.0) + order._fulfilment_in_currency_of(contract)
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
        day, cases, taken = company._fulfilment_today()[company], {}, {}
        for order in self:
            amount = order._fulfilment_company_amount()
            cases[order] = [Case(
                order=order, by_rules=company.fulfilment_credit_gate, amount=amount, day=day,
                currency=company.currency_id, line=lines[customer], facts=of_customer[customer],
                grade=lines[customer]._effective_terms(), limit=lines[customer]._effective_limit(of_customer[customer].get('revenue_12m')),
                exposure=exposure[customer], exposure_after=exposure[customer], taken=taken,
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
        """The releases of these orders that hold today: ``{order: decision}``."""
        day = company._fulfilment_today()[company]
        released = self.filtered(lambda order: order.fulfilment_credit_state in ('released', 'hold')).fulfilment_credit_decision_ids
        return {
            decision.order_id: decision for decision in released.sorted('id')
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


def _outcome(hits):
    """What broken rules come to: the gravest of them."""
    return 'hold' if any(hit['outcome'] == 'hold' for hit in hits) else 'warn' if hits else 'pass'


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

    def _lifts(self, hits, amount):
        """Whether this release lifts what holds its order: each rule that held it when it was released, and others of the releaser's.

        :param hits: broken rules by which the order is held now
        :param float amount: of the order now, in the company's currency
        """
        self.ensure_one()
        known = {hit['rule'] for hit in self.hits or [] if hit['outcome'] == 'hold'}
        # safe: asks what whoever released may release
        groups = self.user_id.sudo().all_group_ids
        may = set(groups.ids) | ({hit['group'] for hit in hits} if self.env.ref('fulfilment_crm.group_manager') in groups else set())
        return self.amount >= amount and all(
            hit['rule'] in known or hit['kind'] != 'ceiling' and hit['group'] in may for hit in hits
        )

    def _latest(self, outcome=None):
        """The last decision of these, of one outcome when given."""
        return self.filtered(lambda one: not outcome or one.outcome == outcome).sorted('id')[-1:]

    def _tell_controllers(self):
        """An activity on each held order for who controls credit, and a note; figures stand in the decision, which no customer reads."""
        by_user = defaultdict(self.env['sale.order'].browse)
        for decision in self:
            by_user[decision.company_id._fulfilment_credit_controller()] |= decision.order_id
        for user, orders in by_user.items():
            known = orders.activity_ids.filtered(
                lambda one: one.activity_type_id == self.env.ref('fulfilment_crm.activity_type_credit'),
            ).mapped('res_id')
            for order in orders.filtered(lambda one, known=known: one.id not in known).with_context(mail_activity_automation_skip=False):
                order.activity_schedule(
                    'fulfilment_crm.activity_type_credit', user_id=(user or self.env.user).id,
                    summary=(user or self.env.user)._fulfilment_env()._("Order held: release it or refuse it"),
                )
        for order in self.order_id:
            # Customers search the messages of their orders: figures stand in the decision.
            order._message_log(body=self.env._("Held by credit control."))
