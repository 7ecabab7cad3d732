from dataclasses import asdict
from functools import partial

from odoo import api, fields, models

from ..base.to_do_mixin import ToDo
from .gate import Gate, outcome_of
from .gate_marks import DECIDED_ON, Marks


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
    @api.depends_context('lang', 'uid')
    def _compute_fulfilment_credit_text(self):
        for order in self:
            order.fulfilment_credit_text = order.fulfilment_credit_decision_ids._latest().hit_text

    @api.depends_context('lang', 'uid')
    def _compute_fulfilment_credit_now(self):
        self.fulfilment_credit_now = False
        held = self.filtered(lambda order: order.fulfilment_credit_state == 'hold' and order.state in ('draft', 'sent'))
        for company, orders in held.grouped(lambda order: order.company_id.root_id).items():
            found, rules = orders._fulfilment_hits_now(company), self.env['fulfilment.credit.rule']
            kept = rules._kept_from_reader({hit.whose for hits in found.values() for hit in hits}, company)
            for order, hits in found.items():
                order.fulfilment_credit_now = '\n'.join(rules._told_to_reader(hits, company, kept)) \
                    or self.env._("Nothing is in the way any more.")

    # === WHAT THE GATE WOULD SAY === #

    def _fulfilment_hits_now(self, company, by_rules=False):
        """Return the rules each of these orders of a root company would break if it were confirmed now, alone.

        :param bool by_rules: as if the credit rules were switched on
        :return: ``{order: [Hit]}``
        """
        return self._fulfilment_gate_of(company).look(self._fulfilment_cases(company, deciding=False), by_rules)

    def _fulfilment_outlook(self, company):
        """Return what the gate would say of each of these orders of a root company, were it on: ``{order: 'pass', 'warn' or 'hold'}``."""
        return {order: outcome_of(hits) for order, hits in self._fulfilment_hits_now(company, by_rules=True).items()}

    def _fulfilment_gate_of(self, company):
        """Return the gate with the rules of a root company."""
        return Gate(partial(self.env['fulfilment.credit.rule']._broken_rules, company))

    # === WHAT IT DECIDES === #

    def _fulfilment_gate(self, source):
        """Decide whether orders may be confirmed, keep the decisions, and tell who may release what is held.

        :param str source: where they come from, see ``fulfilment.credit.decision``
        :return: the orders that may
        """
        Marks(self.env.cr).add(DECIDED_ON, self.ids)
        # safe: the rules bind whoever confirms, and exposure counts what that person may not see
        gated = self.sudo().filtered(lambda order: order._fulfilment_is_gated())
        held, taken = self.browse(), {}
        for company, orders in gated.grouped(lambda order: order.company_id.root_id).items():
            releases = orders._fulfilment_releases(company)
            verdicts = self._fulfilment_gate_of(company).judge(orders.sorted('id')._fulfilment_cases(company, taken=taken), releases)
            held |= orders._fulfilment_keep(verdicts, source)
        return self - held.sudo(self.env.su)

    def _fulfilment_keep(self, verdicts, source):
        """Write verdicts down, show them on the orders, and tell who may release what is held.

        :return: the orders that are held
        """
        decisions = self.env['fulfilment.credit.decision'].create([
            verdict.order._fulfilment_decision_vals(verdict, source) for verdict in verdicts if verdict.outcome != 'released'
        ])
        for outcome, state in (('pass', False), ('warn', 'warn'), ('hold', 'hold'), ('released', 'released')):
            concerned = self.browse().concat(*(verdict.order for verdict in verdicts if verdict.outcome == outcome))
            concerned.filtered(lambda order, state=state: order.fulfilment_credit_state != state).fulfilment_credit_state = state
        stopped = decisions.filtered(lambda one: one.outcome == 'hold')
        if stopped:
            stopped.order_id._fulfilment_ask_release()
            stopped._tell_controllers()
        return stopped.order_id

    def _fulfilment_decision_vals(self, verdict, source):
        self.ensure_one()
        case = verdict.case
        return {
            'order_id': self.id, 'salesman_id': self.user_id.id, 'partner_id': case.line.partner_id.id,
            'orderer_id': self.partner_id.commercial_partner_id.id, 'company_id': case.line.company_id.id,
            'currency_id': case.currency.id, 'outcome': verdict.outcome, 'source': source,
            'sends_mail': bool(self.env.context.get('send_email')), 'amount': case.amount, 'exposure': case.exposure,
            'limit': case.limit or 0.0, 'has_limit': case.limit is not None,
            'grade_id': case.grade.id if case.grade else False, 'hits': [asdict(hit) for hit in verdict.hits], 'user_id': self.env.uid,
            'term_days': self.payment_term_id._fulfilment_days(),
        }

    def _fulfilment_forget(self):
        """Use up the releases of orders that are given up or taken back, and the to-dos about them."""
        self.fulfilment_credit_decision_ids.filtered(lambda one: one.outcome == 'released').outcome = 'void'
        self.fulfilment_credit_state = False
        self.activity_unlink(['fulfilment_crm.activity_type_credit'])


class FulfilmentCreditDecision(models.Model):
    _inherit = 'fulfilment.credit.decision'

    def _covers(self, day):
        """Tell whether a release is valid on a day for its order as it is now: for the same customer and company, on no longer terms."""
        self.ensure_one()
        order = self.order_id
        return (
            (not self.valid_until or self.valid_until >= day) and self.partner_id == order.partner_invoice_id.commercial_partner_id
            and (not self.orderer_id or self.orderer_id == order.partner_id.commercial_partner_id)
            and self.company_id == order.company_id.root_id and order.payment_term_id._fulfilment_days() <= self.term_days
        )

    def _lifts(self, hits, amount):
        """Tell whether this release lifts what holds its order: each rule that held it when released, and others the releaser may lift.

        :param list hits: ``Hit`` by which the order is held now
        :param float amount: of the order now, in the company's currency
        """
        self.ensure_one()
        known = {hit['rule'] for hit in self.hits or [] if hit['outcome'] == 'hold'}
        # safe: asks what whoever released may release
        groups = self.user_id.sudo().all_group_ids
        may = set(groups.ids) | ({hit.group for hit in hits} if self.env.ref('fulfilment_crm.group_manager') in groups else set())
        return self.amount >= amount and all(
            hit.rule in known or hit.kind != 'ceiling' and hit.group in may for hit in hits
        )

    def _latest(self, outcome=None):
        """Return the last of these decisions, of one outcome when given."""
        return self.filtered(lambda one: not outcome or one.outcome == outcome).sorted('id')[-1:]

    def _tell_controllers(self):
        """Give whoever decides a held order a to-do, and the order a note; figures stand in the decision, which no customer reads.

        That is the credit controller, and whoever else may release it where the credit controller may not.
        """
        kind = self.env.ref('fulfilment_crm.activity_type_credit')
        known = {(one.res_id, one.user_id) for one in self.order_id.activity_ids if one.activity_type_id == kind}
        candidates = {step.res_id: step.candidate_ids for step in self.order_id._fulfilment_release_steps()}
        to_dos = []
        for decision in self:
            order, controller = decision.order_id, decision.company_id._fulfilment_credit_controller()
            able = candidates.get(order.id, controller)
            asked = controller if controller in able or not able else able
            to_dos += [
                ToDo(order, user, user._fulfilment_env()._(
                    "Release or decline %(order)s of %(customer)s", order=order.name, customer=decision.partner_id.name,
                )) for user in asked or self.env.user if (order.id, user) not in known
            ]
        self.env['mail.activity']._fulfilment_give('fulfilment_crm.activity_type_credit', to_dos, tell=True)
        for order in self.order_id:
            # Customers search the messages of their orders: figures stand in the decision.
            order._message_log(body=self.env._("Held by credit control."))
