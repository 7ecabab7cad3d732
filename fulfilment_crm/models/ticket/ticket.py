from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Command

from ..base.deletion import before_deletion
from ..base.told import Told, ToldChar, _lt, told
from .stage import KINDS

TYPES = [('complaint', "Complaint"), ('demand', "Demand"), ('request', "Service request")]
URGENCIES = [('normal', "Normal"), ('important', "Important"), ('urgent', "Urgent")]
RECEIVING = object()  # in the context while a ticket is received; no call from outside can bring it
OPEN = ('new', 'progress', 'waiting')  # the kinds of stages in which a ticket is open
UNSEEN = ('survey', 'collecting')  # origins of tickets that are about a customer, not from one: they are told personally, not on the portal


class FulfilmentTicket(models.Model):
    """What a customer complains of, demands or asks for, from receipt until it is closed."""
    _name = 'fulfilment.ticket'
    _description = 'Ticket'
    _inherit = [
        'fulfilment.portal.mixin', 'fulfilment.guard.mixin', 'rating.mixin', 'fulfilment.chatter.mixin', 'mail.activity.mixin',
        'fulfilment.flow.mixin',
    ]
    _order = 'is_late desc, next_due_on, id desc'
    _check_company_auto = True
    _mail_post_access = 'read'
    _primary_email = 'email_from'
    _rec_names_search = ('name', 'title')

    # Identity
    name = fields.Char(string="Number", required=True, readonly=True, copy=False, default='/', index='trigram', guarded=True)
    access_token = fields.Char(guarded=True)
    title = ToldChar(string="Subject", required=True, tracking=True)
    description = fields.Html(sanitize_attributes=True, sanitize_form=True, strip_style=True, strip_classes=True)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one('res.company', required=True, index=True, default=lambda self: self.env.company)
    ticket_type = fields.Selection(TYPES, string="Type", required=True, default='request', tracking=True, index=True)
    urgency = fields.Selection(URGENCIES, required=True, default='normal', tracking=True, index=True)
    category_id = fields.Many2one('fulfilment.ticket.category', index='btree_not_null', ondelete='restrict', tracking=True)
    origin = fields.Selection(
        [
            ('web', "Entered"), ('portal', "Portal"), ('email', "E-mail"), ('refusal', "Refused acceptance"), ('survey', "Survey"),
            ('follow', "Follow-up ticket"), ('collecting', "Beyond the limits"),
        ],
        default='web', required=True, readonly=True, copy=False, guarded=True,
    )

    # Customer
    partner_id = fields.Many2one(
        'res.partner', string="Customer", index=True, tracking=True, ondelete='restrict', check_company=True,
        help="Whoever has reported it. Empty when an e-mail came from an address nobody is known by.",
    )
    commercial_partner_id = fields.Many2one(
        'res.partner', string="Company of the customer", compute='_compute_commercial_partner_id', store=True, precompute=True, index=True,
        help="When the ticket got its customer: a contact who changes employer does not take tickets along.",
    )
    email_from = fields.Char(string="E-mail address", help="As the e-mail said; anybody can write anything there.")
    contract_id = fields.Many2one('fulfilment.contract', index='btree_not_null', ondelete='set null', check_company=True)
    milestone_id = fields.Many2one('fulfilment.milestone', index='btree_not_null', ondelete='set null', check_company=True)
    order_id = fields.Many2one('sale.order', index='btree_not_null', ondelete='set null', check_company=True)
    product_id = fields.Many2one('product.product', index='btree_not_null', ondelete='set null', check_company=True)

    # People
    team_id = fields.Many2one('fulfilment.service.team', index=True, ondelete='restrict', check_company=True, tracking=True)
    user_id = fields.Many2one('res.users', string="Agent", index=True, check_company=True, tracking=True, copy=False)

    # State
    stage_id = fields.Many2one(
        'fulfilment.ticket.stage', required=True, index=True, ondelete='restrict', tracking=True, copy=False,
        default=lambda self: self.env['fulfilment.ticket.stage']._first('new'), group_expand='_read_group_stage_ids',
    )
    kind = fields.Selection(KINDS, compute='_compute_kind', store=True, precompute=True, index=True, string="State")
    _flow = 'kind'  # by whatever road: a button, a card dragged, what the customer does
    _moves = {
        'new': {'progress', 'waiting', 'solved', 'cancelled'},
        'progress': {'new', 'waiting', 'solved', 'cancelled'},
        'waiting': {'progress', 'solved', 'cancelled'},
        'solved': {'progress', 'closed'},
        'closed': {'progress'},
        'cancelled': {'progress'},
    }
    is_open = fields.Boolean(string="Open", compute='_compute_is_open', search='_search_is_open', help="Neither solved nor finished.")
    event_ids = fields.One2many('fulfilment.ticket.event', 'ticket_id', string="What happened")
    received_on = fields.Datetime(
        string="Received on", required=True, readonly=True, default=fields.Datetime.now, copy=False, index=True, guarded=True,
    )
    received_day = fields.Date(
        string="Day of receipt", compute='_compute_received_day', store=True, precompute=True, help="In the time zone of the company.",
    )
    days_open = fields.Integer(
        string="Days open", compute='_compute_days_open', search='_search_days_open',
        help="Days since the day of receipt, whatever has become of the ticket.",
    )
    solved_on = fields.Datetime(string="Solved on", readonly=True, copy=False, guarded=True)
    closed_on = fields.Datetime(string="Closed on", readonly=True, copy=False, guarded=True)
    close_on = fields.Datetime(
        readonly=True, copy=False, index='btree_not_null', help="A solved ticket nobody objects to is closed after this.", guarded=True,
    )
    hours_to_solve = fields.Float(
        string="Hours to solution", readonly=True, copy=False, aggregator='avg', help="By the clock, from receipt to solution.",
        guarded=True,
    )
    reopened = fields.Integer(string="Times reopened", readonly=True, copy=False, aggregator='sum', guarded=True)
    merged_into_id = fields.Many2one(
        'fulfilment.ticket', readonly=True, copy=False, index='btree_not_null', ondelete='set null', guarded=True,
    )
    merged_ids = fields.One2many('fulfilment.ticket', 'merged_into_id', string="Merged into this one")
    follows_id = fields.Many2one(
        'fulfilment.ticket', string="Follow-up of", readonly=True, copy=False, index='btree_not_null', ondelete='set null',
        help="The closed ticket that the customer came back to.", guarded=True,
    )

    # Deadlines
    deadline_ids = fields.One2many('fulfilment.ticket.deadline', 'ticket_id', string="Deadlines")
    next_due_on = fields.Datetime(string="Next deadline", compute='_compute_deadlines', store=True, index='btree_not_null')
    is_late = fields.Boolean(
        string="Late", compute='_compute_deadlines', store=True, help="A deadline has passed and what it is for has not happened.",
    )
    is_missed = fields.Boolean(
        string="Deadline missed", compute='_compute_deadlines', store=True, index=True,
        help="Some deadline was missed, even if what it is for has happened since.",
    )
    in_time_rate = fields.Float(
        string="Deadlines kept (%)", compute='_compute_deadlines', store=True, aggregator='avg',
        help="100 when no deadline of the ticket was missed, else 0.",
    )
    is_warned = fields.Boolean(string="Due soon", compute='_compute_deadlines', store=True)

    # Solution
    reply_id = fields.Many2one(
        'fulfilment.ticket.reply', string="Canned solution", store=False, help="Puts its text into the solution.",
    )
    solution = fields.Text(tracking=True, help="What was done. The customer reads it.")
    cause_id = fields.Many2one('fulfilment.ticket.cause', index='btree_not_null', ondelete='restrict', tracking=True)
    responsibility = fields.Selection(
        [('us', "Us"), ('customer', "Customer"), ('supplier', "Supplier or carrier"), ('nobody', "Nobody")], tracking=True,
    )
    currency_id = fields.Many2one(related='company_id.currency_id')
    compensation = fields.Text(help="What the customer gets for it, in words.", tracking=True)
    invoice_id = fields.Many2one(
        'account.move', string="Invoice concerned", copy=False, index='btree_not_null', ondelete='set null', check_company=True,
        groups='account.group_account_invoice,account.group_account_readonly',
        domain="[('move_type', '=', 'out_invoice'), ('state', '=', 'posted'), ('commercial_partner_id', '=', commercial_partner_id)]",
    )
    compensation_amount = fields.Monetary(tracking=True, help="Untaxed, of the credit note.")
    credit_note_id = fields.Many2one(
        'account.move', readonly=True, copy=False, index='btree_not_null', ondelete='set null',
        groups='account.group_account_invoice,account.group_account_readonly', guarded=True,
    )

    # Objection
    objection_state = fields.Selection(
        [('open', "Objection"), ('accepted', "Objection accepted"), ('rejected', "Objection rejected")], readonly=True, copy=False,
        tracking=True, index='btree_not_null', string="Objection of the customer", guarded=True,
    )
    objection = fields.Text(readonly=True, copy=False, guarded=True)
    objection_answer = fields.Text(readonly=True, copy=False, guarded=True)

    _compensation_check = models.Constraint('CHECK(compensation_amount >= 0)', "A compensation is not negative.")

    # === COMPUTE METHODS === #

    @api.depends('partner_id')
    def _compute_commercial_partner_id(self):
        for ticket in self:
            ticket.commercial_partner_id = ticket.partner_id.commercial_partner_id

    @api.depends('stage_id.kind')
    def _compute_kind(self):
        for ticket in self:
            ticket.kind = ticket.stage_id.kind

    @api.depends('deadline_ids.due_on', 'deadline_ids.met_on', 'deadline_ids.missed', 'deadline_ids.warned', 'deadline_ids.void', 'kind')
    def _compute_deadlines(self):
        for ticket in self:
            counted = ticket.deadline_ids.filtered(lambda one: not one.void)
            running = counted.filtered(lambda one: not one.met_on) if ticket.kind != 'cancelled' else counted.browse()
            ticket.next_due_on = min((one.due_on for one in running if one.due_on), default=False)
            ticket.is_late = any(one.missed for one in running)
            ticket.is_missed = any(one.missed for one in counted)
            ticket.in_time_rate = 0.0 if ticket.is_missed else 100.0
            ticket.is_warned = any(one.warned for one in running)

    @api.depends('received_on', 'company_id')
    def _compute_received_day(self):
        for ticket in self:
            # A moment is converted to the day of the company.
            ticket.received_day = ticket.received_on and ticket.company_id._fulfilment_today(ticket.received_on).get(ticket.company_id)

    @api.depends('received_day', 'company_id')
    @api.depends_context('as_of')
    def _compute_days_open(self):
        today = self.company_id._fulfilment_today(reading=True)
        for ticket in self:
            ticket.days_open = (today[ticket.company_id] - ticket.received_day).days if ticket.received_day else 0

    def _search_days_open(self, operator, value):
        return self.env['res.company']._fulfilment_days_domain('received_day', operator, value, since=True)

    @api.depends('name', 'title')
    @api.depends_context('lang')
    def _compute_display_name(self):
        for ticket in self:
            ticket.display_name = f'{ticket.name} {ticket.title}' if ticket.name != '/' else ticket.title

    def _told_name(self):
        """Return what the ticket is called, to be kept and told again in the language of whoever reads it."""
        self.ensure_one()
        return told(self.env, _lt("%(number)s %(title)s", number=self.name, title=self.title)) if isinstance(self.title, Told) \
            else self.display_name

    def _compute_access_url(self):
        result = super()._compute_access_url()
        for ticket in self:
            ticket.access_url = f'/my/fulfilment/tickets/{ticket.id}'
        return result

    @api.model
    def _read_group_stage_ids(self, stages, domain):
        return stages.search([])

    @api.onchange('reply_id')
    def _onchange_reply_id(self):
        if self.reply_id:
            self.solution = '\n'.join(filter(None, [self.solution, self.reply_id.solution]))

    @api.onchange('contract_id')
    def _onchange_contract_id(self):
        if self.contract_id and not self.partner_id:
            self.partner_id = self.contract_id.partner_id

    @api.depends('kind')
    def _compute_is_open(self):
        for ticket in self:
            ticket.is_open = ticket.kind in OPEN

    def _search_is_open(self, operator, value):
        return [('kind', 'in' if True in value else 'not in', OPEN)] if operator == 'in' else NotImplemented

    # === CONSTRAINT METHODS === #

    @api.constrains('partner_id', 'contract_id', 'milestone_id', 'order_id')
    def _check_same_customer(self):
        """Check that what a ticket is linked to belongs to its customer, as it is shown to that customer."""
        for ticket in self.filtered('commercial_partner_id'):
            # safe: compared only; the refusal tells nothing about the other customer
            own = ticket.sudo()
            contract, order = own.contract_id | own.milestone_id.contract_id, own.order_id
            owners = contract.commercial_partner_id | (order.partner_id | order.partner_invoice_id).commercial_partner_id
            customer, family = own.commercial_partner_id, own.commercial_partner_id
            while customer.parent_id:
                customer = customer.parent_id.commercial_partner_id
                family |= customer
            if contract and not contract.commercial_partner_id <= family or order and not owners & family:
                raise ValidationError(self.env._(
                    "%(ticket)s is of %(customer)s: choose a contract, milestone or order of that customer.", ticket=ticket.display_name,
                    customer=own.commercial_partner_id.name,
                ))

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        # Every ticket begins as a new one; into another stage it goes as any other does.
        new = self.env['fulfilment.ticket.stage']._first('new').id
        wanted = [vals.get('stage_id') or self.env.context.get('default_stage_id') or new for vals in vals_list]
        beginning = self.with_context(mail_auto_subscribe_no_notify=True, default_stage_id=None)
        tickets = super(FulfilmentTicket, beginning).create([{**vals, 'stage_id': new} for vals in vals_list]).with_env(self.env)
        # safe: the ticket was created by the user; numbers are the house's own
        for ticket in tickets.sudo():
            ticket.name = self.env['ir.sequence'].sudo().with_company(ticket.company_id).next_by_code('fulfilment.ticket') or '/'
        tickets._received()
        for stage_id, some in tickets.grouped(lambda ticket: dict(zip(tickets.ids, wanted, strict=True))[ticket.id]).items():
            if stage_id != new:
                some.stage_id = stage_id
        return tickets

    def write(self, vals):
        if vals.get('active') is False and self.filtered(lambda ticket: ticket.kind not in ('closed', 'cancelled')):
            raise UserError(self.env._("Tickets that are still worked on are not archived: finish or cancel them first."))
        customers = {ticket: ticket.partner_id for ticket in self} if 'partner_id' in vals else {}
        result = super().write(vals)
        for customer, tickets in self.filtered(lambda ticket: customers.get(ticket, ticket.partner_id) != ticket.partner_id).grouped(
            customers.get,
        ).items():
            tickets._change_customer(customer)
        receiving = self.env.context.get('fulfilment_receiving') is RECEIVING  # deadlines are given when all is known
        if not receiving and vals.keys() & {'ticket_type', 'urgency', 'origin', 'team_id', 'category_id', 'company_id', 'partner_id'}:
            self._follow_policies()
        return result

    @before_deletion
    def _unlink_except_on_record(self):
        for ticket in self:
            known = ticket.is_missed or ticket.objection_state or ticket.merged_into_id or ticket.origin != 'web' \
                or ticket.event_ids.filtered(lambda one: one.event in ('answered', 'fed_back', 'solved'))
            if ticket.kind != 'cancelled' or known:
                raise UserError(self.env._("%s stays on record: cancel it instead of deleting it.", ticket.display_name))

    def _received(self):
        """Do what follows from receipt: somebody to answer, deadlines, the customer among the followers."""
        # safe: the tickets were created by the user; who gets them and by when is for the rules to say
        tickets = self.sudo()
        tickets._log_event('received', moments={ticket: ticket.received_on for ticket in tickets})
        tickets.with_context(
            fulfilment_receiving=RECEIVING, tracking_disable=True, mail_auto_subscribe_no_notify=True,
        )._assign()
        tickets._follow_policies()
        tickets._let_customers_follow()
        tickets._follow_quietly()
        tickets._tell_agents()
        tickets._tell_receipt()

    def _change_customer(self, customer):
        """Let the new customer of these tickets get what is said from now on; the old one's link leads nowhere."""
        # safe: follows from the change of customer, which the user was allowed to make
        tickets = self.sudo()
        if customer:
            tickets.message_unsubscribe(
                tickets.message_partner_ids.filtered(lambda one: one.commercial_partner_id == customer.commercial_partner_id).ids,
            )
        tickets.access_token = False
        tickets._let_customers_follow()

    def _let_customers_follow(self):
        """Let the customers of tickets get what is said to them, all in one go: each follows a ticket of their own."""
        _every, _internal, external = self.env['mail.message.subtype'].default_subtypes(self._name)
        self.env['mail.followers'].create([{
            'res_model': self._name, 'res_id': ticket.id, 'partner_id': ticket.partner_id.id,
            'subtype_ids': [Command.set(external.ids)],
        } for ticket in self if ticket.partner_id and ticket.partner_id not in ticket.message_partner_ids])
