import operator as comparing

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Domain

from ..base.guard_mixin import MESSAGES
from ..base.told import ToldChar
from ..clause.clause import ROLES
from ..clause.contract_template import ANCHORS, KINDS, OBLIGORS

# How the days are counted, as in Odoo's payment terms, which work the date out.
DELAYS = [
    ('days_after', "Days after"), ('days_after_end_of_month', "Days after the end of the month"),
    ('days_after_end_of_next_month', "Days after the end of the next month"),
    ('days_end_of_month_on_the', "Days after, then on a day of the next month"),
]
COMPARED = {
    '<': comparing.lt, '<=': comparing.le, '>': comparing.gt, '>=': comparing.ge, 'in': lambda number, numbers: number in numbers,
}

# Of a contract in force, and not done: what can be late and is reminded of.
OUTSTANDING = [('state', '=', 'pending'), ('contract_state', 'in', ('active', 'settlement')), ('is_covered', '=', False)]


class FulfilmentMilestone(models.Model):
    """What one side owes the other by a date. Its state and dates follow facts; actions and amendments change the rest."""
    _name = 'fulfilment.milestone'
    _description = 'Milestone'
    _inherit = ['fulfilment.chatter.mixin', 'mail.activity.mixin', 'fulfilment.contract.part.mixin', 'fulfilment.flow.mixin']
    _order = 'date_planned, contract_id, sequence, id'
    _check_company_auto = True
    _mail_post_access = 'read'

    # Identity
    name = fields.Char(required=True, agreed=True)
    sequence = fields.Integer(default=10)
    kind = fields.Selection(KINDS, required=True, default='other', index=True, agreed=True)
    obligor = fields.Selection(OBLIGORS, string="Owed by", required=True, default='us', agreed=True)
    user_id = fields.Many2one('res.users', string="Responsible", index=True, check_company=True, tracking=True)
    note = fields.Text(groups='base.group_user')

    # Of the contract, which has the notes about their changes
    partner_id = fields.Many2one(related='contract_id.partner_id', store=True, index=True, tracking=False)
    currency_id = fields.Many2one(related='contract_id.currency_id')
    contract_state = fields.Selection(related='contract_id.state', store=True, string="Contract state", index=True, tracking=False)
    contract_user_id = fields.Many2one(related='contract_id.user_id', string="Contract responsible")
    clause_id = fields.Many2one(
        'fulfilment.contract.clause', string="From clause", index='btree_not_null', ondelete='set null',
        domain="[('contract_id', '=', contract_id)]", help="The clause this milestone follows from.", agreed=True,
    )
    clause_role = fields.Selection(
        ROLES, string="Follows the value of", copy=False,
        help="The parameter of its clause that says when, or how much. Of a draft, the milestone changes with it.", agreed=True,
    )

    # Dates
    anchor = fields.Selection(ANCHORS, string="Counted from", required=True, default='fixed', agreed=True)
    predecessor_id = fields.Many2one(
        'fulfilment.milestone', string="Preceding milestone", index='btree_not_null', ondelete='set null',
        domain="[('contract_id', '=', contract_id)]", agreed=True,
    )
    successor_ids = fields.One2many('fulfilment.milestone', 'predecessor_id')
    offset_days = fields.Integer(string="Days after", help="Of a month of the contract: the day of the month.", agreed=True)
    offset_months = fields.Integer(string="Months after", help="Which month of the contract: 0 is the one it starts in.", agreed=True)
    delay_type = fields.Selection(DELAYS, string="How days count", required=True, default='days_after', agreed=True)
    days_next_month = fields.Char(
        string="Day of the next month", default='10', size=2, help="Of the next month; 0 is its last day.", agreed=True,
    )
    date_planned = fields.Date(string="Planned", index=True, agreed=True)
    date_first_planned = fields.Date(
        string="First planned", readonly=True, copy=False, help="The date agreed when the contract came into force.", guarded=True,
    )
    date_done = fields.Date(string="Done on", readonly=True, copy=False, guarded=True)
    event_ids = fields.One2many('fulfilment.milestone.event', 'milestone_id', for_colleagues=True)

    # State
    state = fields.Selection(
        [('pending', "Pending"), ('done', "Done"), ('waived', "Waived"), ('cancelled', "Cancelled")],
        default='pending', required=True, readonly=True, copy=False, index=True, group_expand=True, guarded=True,
    )
    _keeps_own_events = True
    _moves = {
        'pending': {'done', 'waived', 'cancelled'}, 'done': {'pending'}, 'waived': {'pending'}, 'cancelled': {'pending'},
    }
    end_reason = ToldChar(string="Reason", readonly=True, copy=False, groups='base.group_user', guarded=True)
    is_late = fields.Boolean(
        string="Late", compute='_compute_lateness', search='_search_is_late',
        help="Pending in a contract in force, and its planned date has passed in the company's time zone.",
    )
    days_late = fields.Integer(
        compute='_compute_lateness', search='_search_days_late',
        help="Days after the planned date: of a milestone done, when it was done; of one pending, today.",
    )
    told_late_for = fields.Date(
        readonly=True, copy=False, groups='base.group_user', help="The planned date for which the delay has been counted and told.",
        guarded=True, for_colleagues=True,
    )
    days_late_final = fields.Integer(
        string="Days late when done", compute='_compute_days_late_final', store=True, aggregator='avg', help="0: on time or early.",
        guarded=True,
    )
    on_time = fields.Selection(
        [('yes', "On time"), ('no', "Late")], string="On time", compute='_compute_days_late_final', store=True,
        help="Of milestones done only. A delay that follows from the other side's does not count: the date moves with it.",
        guarded=True,
    )

    # Money
    amount = fields.Monetary(
        compute='_compute_amount', store=True, readonly=False,
        help="What is to be paid, with taxes, in the contract's currency.", agreed=True,
    )
    percent = fields.Float(string="% of contract", help="Share of the contract's amount the payment was agreed as.", agreed=True)
    amount_done = fields.Monetary(string="Paid", readonly=True, copy=False, guarded=True)
    amount_credited = fields.Monetary(
        string="Credited", readonly=True, copy=False, help="Credit notes and write-offs: no longer owed, but not paid.", guarded=True,
    )
    amount_open = fields.Monetary(string="Open amount", compute='_compute_amount_open', store=True)
    is_down_payment = fields.Boolean(help="Filled first by down payment invoices.", agreed=True)
    allocation_ids = fields.One2many('fulfilment.milestone.allocation', 'milestone_id', for_colleagues=True)

    # Delivery
    sale_line_ids = fields.Many2many('sale.order.line', string="Order lines", copy=False, check_company=True, for_colleagues=True)
    follows_orders = fields.Boolean(
        string="Follows the order lines", default=True, copy=False,
        help="Done when the order lines are delivered. Switched off when it was reported by hand, or when the customer refused the "
             "delivery: then it is reported by hand again.", guarded=True,
    )
    progress = fields.Float(
        string="Progress (%)", readonly=True, copy=False, aggregator='avg', help="Share paid or delivered.", guarded=True,
    )

    # Acceptance and evidence
    evidence = fields.Char(string="Required evidence", agreed=True)
    evidence_ids = fields.Many2many(
        'ir.attachment', 'fulfilment_milestone_evidence_rel', copy=False, bypass_search_access=True, for_colleagues=True,
    )
    acceptance_ids = fields.One2many('fulfilment.acceptance', 'milestone_id')

    _to_do_type = 'fulfilment_crm.activity_type_milestone'
    _colleague_fields = MESSAGES

    _due_idx = models.Index("(company_id, date_planned) WHERE state = 'pending'")

    # === COMPUTE METHODS === #

    @api.depends('name', 'partner_id', 'amount', 'currency_id')
    @api.depends_context('fulfilment_with_customer')
    def _compute_display_name(self):
        """Name milestones by what is due; in calendars and lists over many customers by whose it is and its amount, too."""
        named = self.env.context.get('fulfilment_with_customer')
        for milestone in self:
            parts = [milestone.name]
            if named:
                amount = milestone.currency_id.format(milestone.amount) if milestone.amount else ''
                parts = [milestone.partner_id.commercial_partner_id.name, milestone.name, amount]
            milestone.display_name = ' · '.join(part for part in parts if part)

    @api.depends('percent', 'contract_id.amount_total', 'contract_id.milestone_ids.percent')
    def _compute_amount(self):
        """Let a share agreed in percent follow the amount of a draft; afterwards only amendments change it."""
        shares = {}
        for contract in self.contract_id:
            if contract.state == 'draft':
                shares.update(contract._shared_by_percent())
        for milestone in self:
            own = milestone.kind == 'payment' and milestone.percent and milestone.contract_id.state == 'draft'
            milestone.amount = shares.get(milestone, milestone._share(milestone.percent)) if own else milestone.amount

    def _share(self, percent):
        """Return a percentage of the contract's amount, rounded."""
        contract = self.contract_id
        return contract.currency_id.round(max(contract.amount_total, 0.0) * percent / 100)

    @api.depends('amount', 'amount_done', 'amount_credited', 'kind', 'state')
    def _compute_amount_open(self):
        for milestone in self:
            milestone.amount_open = max(milestone.amount - milestone.amount_done - milestone.amount_credited, 0.0) \
                if milestone.kind == 'payment' and milestone.state == 'pending' else 0.0

    @api.depends('state', 'date_planned', 'date_done', 'contract_state', 'days_late_final', 'is_covered')
    @api.depends_context('as_of')
    def _compute_lateness(self):
        today = self.company_id._fulfilment_today(reading=True)
        for milestone in self:
            running = milestone.state == 'pending' and milestone.contract_state in ('active', 'settlement') and milestone.date_planned \
                and not milestone.is_covered
            overdue = (today[milestone.company_id] - milestone.date_planned).days if running and milestone.company_id else 0
            milestone.is_late = overdue > 0
            milestone.days_late = milestone.days_late_final if milestone.state == 'done' else max(overdue, 0)

    def _search_is_late(self, operator, value):
        if operator != 'in':
            return NotImplemented
        domain = Domain.OR(
            Domain('company_id', 'in', companies.ids) & Domain('date_planned', '<', day)
            for day, companies in self.env['res.company']._fulfilment_companies_by_day().items()
        ) & Domain(OUTSTANDING)
        return domain if True in value else ~domain

    def _search_days_late(self, operator, value):
        late = self.env['res.company']._fulfilment_days_domain('date_planned', operator, value, since=True)
        if late is NotImplemented:
            return late
        done = Domain('state', '=', 'done')
        domain = Domain('is_late', '=', True) & late | done & Domain('days_late_final', operator, value)
        punctual = COMPARED[operator](0, value)
        return domain | ~done & Domain('is_late', '=', False) if punctual else domain

    @api.depends('state', 'date_done', 'date_planned')
    def _compute_days_late_final(self):
        for milestone in self:
            done = milestone.state == 'done' and milestone.date_done and milestone.date_planned
            milestone.days_late_final = max((milestone.date_done - milestone.date_planned).days, 0) if done else 0
            milestone.on_time = ('yes' if milestone.date_done <= milestone.date_planned else 'no') if done else False

    # === CONSTRAINT METHODS === #

    @api.constrains('predecessor_id')
    def _check_circle(self):
        if self.predecessor_id and self._has_cycle('predecessor_id'):
            raise ValidationError(self.env._("Milestones cannot wait for each other in a circle: %s", ', '.join(self.mapped('name'))))

    @api.constrains('anchor', 'predecessor_id', 'clause_id', 'contract_id', 'date_planned')
    def _check_predecessor(self):
        for milestone in self:
            if milestone.anchor == 'predecessor' and milestone.predecessor_id.contract_id != milestone.contract_id:
                raise ValidationError(self.env._(
                    "Milestone “%(name)s” is counted from another one: choose one of the same contract.", name=milestone.name,
                ))
            for part in (milestone.predecessor_id, milestone.clause_id):
                # safe: compared only, so that the refusal tells nothing about the other contract
                if part and part.sudo().contract_id != milestone.contract_id:
                    raise ValidationError(self.env._("Milestone “%(name)s” refers to a part of another contract.", name=milestone.name))
            if milestone.anchor == 'fixed' and not milestone.date_planned:
                raise ValidationError(self.env._("Milestone “%(name)s” needs a planned date.", name=milestone.name))

    @api.constrains('sale_line_ids', 'contract_id')
    def _check_order_lines(self):
        for milestone in self.filtered('sale_line_ids'):
            contract = milestone.contract_id
            for order in milestone.sale_line_ids.order_id:
                if order.fulfilment_contract_id and order.fulfilment_contract_id != contract:
                    raise ValidationError(self.env._(
                        "“%(name)s” cannot follow %(order)s, which belongs to another contract.", name=milestone.name, order=order.name,
                    ))
                if not order._is_for_customer_of(contract):
                    raise ValidationError(self.env._(
                        "“%(name)s” cannot follow %(order)s, which is for another customer.", name=milestone.name, order=order.name,
                    ))

    @api.constrains('amount', 'kind')
    def _check_amount(self):
        for milestone in self:
            if milestone.amount < 0:
                raise ValidationError(self.env._("The amount of milestone “%(name)s” cannot be negative.", name=milestone.name))

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        milestones = super().create(vals_list)
        # safe: dates of drafts follow their anchors, whoever entered them
        milestones.sudo().filtered(lambda one: one.anchor != 'fixed')._reschedule()
        return milestones

    def write(self, vals):
        if 'user_id' in vals and not vals['user_id']:
            for milestone in self:
                if milestone.user_id and milestone.state == 'pending' and milestone.contract_state in ('active', 'settlement'):
                    raise UserError(self.env._(
                        "Somebody is responsible for “%(name)s” as long as it is pending: name who takes it over.", name=milestone.name,
                    ))
        evidence = {one: one.evidence_ids for one in self} if not self.env.su and 'evidence_ids' in vals else {}
        result = super().write(vals)
        self._check_evidence_kept(evidence)
        if {
            'anchor', 'predecessor_id', 'offset_days', 'offset_months', 'delay_type', 'days_next_month', 'date_planned',
        } & vals.keys() and not self.env.su:
            # safe: as in create; the write above was allowed to the user
            (self | self.successor_ids).sudo().filtered(lambda one: one.anchor != 'fixed')._reschedule()
        return result

    def _check_evidence_kept(self, before):
        """Prevent taking away evidence of what is no longer pending; more may be added.

        :param dict before: ``{milestone: files}`` as they were
        """
        for milestone, files in before.items():
            # safe: asks whether it was done once
            ended = milestone.state != 'pending' or 'done' in milestone.sudo().event_ids.mapped('kind')
            if ended and files - milestone.evidence_ids:
                raise AccessError(self.env._("The evidence of “%s” is on record: add to it, take nothing away.", milestone.name))
