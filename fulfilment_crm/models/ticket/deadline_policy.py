import ast
from typing import NamedTuple

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import ormcache

from ..base.binding import binding

# What may have to happen by a deadline. What comes later in this list answers for what comes before.
GOALS = [('answered', "Answered"), ('fed_back', "Fed back"), ('solved', "Solved"), ('objection_answered', "Objection answered")]
UNITS = [('hour', "Calendar hours"), ('working_hour', "Hours of working time"), ('working_day', "Working days")]
# What conditions may ask of a ticket; the first policy in order whose condition fits is the one.
ASKED = {
    'ticket_type', 'urgency', 'category_id', 'origin', 'team_id', 'company_id', 'partner_id', 'commercial_partner_id', 'contract_id',
    'product_id',
}


class Policy(NamedTuple):
    """A policy as tickets read it."""
    id: int
    company_id: int
    goal: str
    domain: Domain
    terms: dict


class FulfilmentDeadlinePolicy(models.Model):
    """By when something has to happen to which tickets."""
    _name = 'fulfilment.deadline.policy'
    _description = 'SLA policy'
    _inherit = ['fulfilment.lookup.mixin', 'fulfilment.audit.mixin', 'mail.thread', 'fulfilment.condition.mixin', 'fulfilment.cached.mixin']
    _condition_model = 'fulfilment.ticket'

    sequence = fields.Integer(
        default=10, tracking=True, help="Of several policies for the same goal, the first whose condition fits counts.",
    )
    domain = fields.Char(string="For tickets", default='[]', required=True, tracking=True)
    goal = fields.Selection(
        GOALS, string="What has to happen", required=True, default='solved', tracking=True,
        help="Answered: a first message to the customer. Fed back: what we propose. What goes further counts as well.",
    )
    amount = fields.Float(string="Within", required=True, default=3, tracking=True)
    unit = fields.Selection(
        UNITS, required=True, default='working_day', tracking=True,
        help="The day of receipt is not counted as a working day; the deadline is the close of the last one.",
    )
    pauses = fields.Boolean(
        string="Stands still while waiting for the customer", default=True, tracking=True,
        help="Hours do not run meanwhile; a working day does not count when the ticket waits at its close.",
    )
    warn_hours = fields.Float(string="Warn before (hours)", default=4, tracking=True, help="By the clock. 0: no warning.")
    escalation_ids = fields.One2many('fulfilment.deadline.escalation', 'policy_id', copy=True)

    _amount_check = models.Constraint('CHECK(amount > 0 AND warn_hours >= 0)', "A deadline lies ahead, and its warning before it.")

    def _parsed_domain(self):
        """:raise ValueError: when the condition asks for what does not stand when a ticket is received"""
        self.ensure_one()
        domain = Domain(ast.literal_eval((self.domain or '[]').strip()))
        for condition in domain.iter_conditions():
            if condition.field_expr.split('.')[0] not in ASKED:
                raise ValueError(self.env._("%s is not known when a ticket is received", condition.field_expr))
        return domain

    def _look_anew(self):
        """Deadlines that were missed under these policies are escalated as the levels are now."""
        # safe: deadlines follow from the rules, whoever was allowed to change these
        missed = self.env['fulfilment.ticket.deadline'].sudo().search([
            ('policy_id', 'in', self.ids), ('missed', '=', True), ('met_on', '=', False), ('void', '=', False),
        ])
        for deadline in missed:
            deadline.next_on = deadline._next_look()

    @api.model
    @ormcache()
    def _policies(self):
        """All policies in order, as plain values.

        :return: tuple of ``Policy``
        """
        # safe: deadlines bind whoever receives a ticket, also customers
        return tuple(
            Policy(policy.id, policy.company_id.id, policy.goal, policy._parsed_domain(), {
                'amount': policy.amount, 'unit': policy.unit, 'pauses': policy.pauses, 'warn_hours': policy.warn_hours,
            }) for policy in binding(self).search([])
        )

    @api.model
    def _for(self, tickets):
        """Find the policies of tickets: ``{ticket: {goal: Policy}}``, of each goal the first that fits."""
        found = {ticket: {} for ticket in tickets}
        for policy in self._policies():
            fitting = tickets.filtered_domain(policy.domain)
            for ticket in fitting.filtered(lambda one, policy=policy: policy.company_id in (False, one.company_id.id)):
                found[ticket].setdefault(policy.goal, policy)
        return found
