from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain

from ...report.collection.instalment import LEDGER
from ..base.claim import claim
from ..base.deletion import before_deletion
from ..base.guard_mixin import without_unchanged
from ..base.to_do_mixin import ToDo, check_colleagues

BASES = [('sum', "An amount"), ('percent', "A share of the invoice"), ('lines', "Lines of the invoice"), ('tax', "Tax")]
WISHES = [
    ('credit', "Credit note"), ('repair', "Repair or replacement"), ('document', "Document or proof"), ('other', "Something else"),
]
ANSWER_DAYS_MORE = 30  # than the reason has, that who sells may take
# What a dispute is about is fixed when it is opened: figures and letters have been told by it.
FIXED = frozenset({'move_id', 'basis', 'percent', 'line_ids', 'amount', 'opened_on'})


class FulfilmentDispute(models.Model):
    """That a customer does not accept an amount of an invoice: why, what they wish, and what was decided. The rest stays due."""
    _name = 'fulfilment.dispute'
    _description = 'Dispute'
    _inherit = ['fulfilment.approval.mixin', 'fulfilment.chatter.mixin', 'mail.activity.mixin', 'fulfilment.flow.mixin']
    _order = 'id desc'
    _mail_post_access = 'read'
    _to_do_type = 'fulfilment_crm.activity_type_dispute'
    _rec_names_search = ('name', 'partner_id.name', 'move_name')

    name = fields.Char(string="Number", readonly=True, copy=False, index=True, guarded=True)
    move_id = fields.Many2one(
        'account.move', string="Invoice", required=True, index=True, ondelete='restrict', groups=LEDGER,
        domain="[('move_type', '=', 'out_invoice'), ('state', '=', 'posted'), ('payment_state', 'in', ('not_paid', 'partial'))]",
    )
    move_name = fields.Char(related='move_id.name', string="Invoice number", store=True, compute_sudo=True)
    partner_id = fields.Many2one(related='move_id.commercial_partner_id', string="Customer", store=True, index=True)
    company_id = fields.Many2one(related='move_id.company_id', store=True, index=True)
    currency_id = fields.Many2one(related='move_id.currency_id', store=True)
    user_id = fields.Many2one(
        'res.users', string="Responsible", index='btree_not_null', tracking=True, ondelete='set null', default=lambda self: self.env.user,
        domain="[('share', '=', False)]",
    )

    # What is disputed
    reason_id = fields.Many2one(
        'fulfilment.dispute.reason', required=True, index=True, ondelete='restrict', tracking=True,
        domain="[('company_id', 'in', (False, company_id))]",
    )
    basis = fields.Selection(BASES, string="What of it", required=True, default='sum')
    percent = fields.Float(string="Share (%)", digits=(5, 2))
    line_ids = fields.Many2many(
        'account.move.line', string="Lines", groups=LEDGER, domain="[('move_id', '=', move_id), ('display_type', '=', 'product')]",
    )
    amount = fields.Monetary(
        string="Disputed", compute='_compute_amount', store=True, readonly=False, precompute=True, tracking=True,
        help="With tax, in the currency of the invoice.",
    )
    description = fields.Text(string="What the customer says")
    wish = fields.Selection(WISHES, string="The customer wishes", default='credit', tracking=True)
    origin = fields.Selection(
        [('colleague', "Entered by a colleague"), ('portal', "Portal"), ('link', "Link of a letter")], required=True, readonly=True,
        default='colleague', guarded=True,
    )
    opened_on = fields.Date(string="Disputed on", readonly=True, guarded=True)
    date_answer_due = fields.Date(string="Answer due", tracking=True, index='btree_not_null')
    days_late = fields.Integer(
        string="Days late", compute='_compute_days_late', search='_search_days_late', aggregator='max',
        help="Days since the answer was due, while the dispute is open.",
    )

    # What was decided
    state = fields.Selection(
        [
            ('open', "Open"), ('accepted', "Accepted in full"), ('partly', "Accepted in part"), ('rejected', "Rejected"),
            ('withdrawn', "Withdrawn"),
        ],
        required=True, readonly=True, default='open', index=True, tracking=True, guarded=True,
    )
    _moves = {
        'open': {'accepted', 'partly', 'rejected', 'withdrawn'}, 'accepted': set(), 'partly': set(), 'rejected': {'open'},
        'withdrawn': set(),
    }
    amount_proposed = fields.Monetary(
        string="To be accepted", readonly=True, copy=False, guarded=True, help="Accepted once everybody asked has agreed.",
    )
    amount_accepted = fields.Monetary(string="Amount accepted", readonly=True, copy=False, tracking=True, guarded=True)
    decided_on = fields.Date(string="Decided on", readonly=True, copy=False, guarded=True)
    decided_by_id = fields.Many2one('res.users', string="Decision by", readonly=True, copy=False, ondelete='set null', guarded=True)
    decision = fields.Text(string="Grounds", readonly=True, copy=False, guarded=True, help="What the customer is told.")
    looked_at_by_id = fields.Many2one(
        'res.users', string="First decided by", readonly=True, copy=False, ondelete='set null', guarded=True,
        help="A second look is taken by somebody else.",
    )
    decider_ids = fields.Many2many(
        'res.users', 'fulfilment_dispute_decider_rel', string="Decided before by", readonly=True, copy=False, guarded=True,
        help="None of them takes a later look.",
    )
    second_look_reason = fields.Text(string="Why looked at again", readonly=True, copy=False, guarded=True)
    credit_move_id = fields.Many2one(
        'account.move', string="Credit note", readonly=True, copy=False, index='btree_not_null', ondelete='set null', groups=LEDGER,
        guarded=True,
    )
    hold_ids = fields.One2many('fulfilment.instalment.hold', 'dispute_id', readonly=True, guarded=True)

    # === COMPUTE METHODS === #

    @api.depends('name', 'partner_id')
    def _compute_display_name(self):
        for dispute in self:
            dispute.display_name = ' – '.join(filter(None, (dispute.name, dispute.partner_id.display_name)))

    @api.depends('basis', 'percent', 'line_ids', 'move_id')
    def _compute_amount(self):
        for dispute in self:
            # safe: the amount that follows from what is disputed of the invoice
            told = dispute.sudo()._amount_of_basis()
            dispute.amount = (dispute.amount or 0.0) if told is None else told

    def _amount_of_basis(self):
        """Return the amount that follows from what of the invoice is disputed; None where somebody says it."""
        move = self.move_id
        if self.basis == 'percent':
            return move.currency_id.round(move.amount_total * self.percent / 100) if move else 0.0
        if self.basis == 'lines':
            return sum(self.line_ids.mapped('price_total'))
        return move.amount_tax if self.basis == 'tax' else None

    @api.depends('state', 'date_answer_due')
    def _compute_days_late(self):
        today = self.company_id._fulfilment_today(reading=True)
        for dispute in self:
            due = dispute.state == 'open' and dispute.date_answer_due
            dispute.days_late = max((today[dispute.company_id] - due).days, 0) if due and dispute.company_id else 0

    @api.model
    def _search_days_late(self, operator, value):
        days = self.env['res.company']._fulfilment_days_domain('date_answer_due', operator, value, since=True)
        if days is NotImplemented:
            return days
        return Domain('state', '=', 'open') & Domain('date_answer_due', '!=', False) & days

    # === CONSTRAINT METHODS === #

    @api.constrains('user_id')
    def _check_owner(self):
        check_colleagues(self)

    @api.constrains('basis', 'percent', 'line_ids', 'amount')
    def _check_amount(self):
        # safe: compares with what follows from the invoice
        for dispute in self.sudo():
            told = dispute._amount_of_basis()
            if told is not None and dispute.currency_id.compare_amounts(dispute.amount, told):
                raise ValidationError(self.env._(
                    "%(move)s: %(told)s follow from what is disputed, not %(amount)s.", move=dispute.move_name,
                    told=dispute.currency_id.format(told), amount=dispute.currency_id.format(dispute.amount),
                ))

    def _check_answer_due(self):
        """Let nobody who sells keep a dispute open without end: it holds what is disputed.

        Called, not a constraint: those are checked as superuser, and this asks who wants it.
        """
        user = self.env.user
        if self.env.su or any(user.has_group(f'fulfilment_crm.group_{role}') for role in ('credit', 'manager', 'service')):
            return
        today = self.company_id._fulfilment_today()
        for dispute in self.filtered('date_answer_due'):
            first = dispute.opened_on or today[dispute.company_id]
            if dispute.date_answer_due > fields.Date.add(first, days=dispute.reason_id.answer_days + ANSWER_DAYS_MORE):
                raise ValidationError(self.env._(
                    "The answer is due within %s days: ask credit control for more.", dispute.reason_id.answer_days + ANSWER_DAYS_MORE,
                ))

    @api.constrains('move_id', 'line_ids')
    def _check_invoice(self):
        # safe: asks what kind of entry the user has named
        for dispute in self.sudo():
            move = dispute.move_id
            if move.move_type != 'out_invoice' or move.state != 'posted':
                raise ValidationError(self.env._("%s: only posted invoices are disputed.", move.display_name))
            if dispute.line_ids.move_id - move:
                raise ValidationError(self.env._("%s: choose lines of this invoice.", move.display_name))

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        disputes = super().create(vals_list)
        disputes._check_answer_due()
        disputes._open()
        return disputes

    def write(self, vals):
        told = FIXED | ({'description', 'wish'} if any(one.origin != 'colleague' for one in self) else set())  # the customer's own words
        if not self.env.su and (fixed := without_unchanged(self, vals, told).keys() & told):
            raise UserError(self.env._(
                "%(name)s: “%(field)s” stays as it was when the dispute was opened. Withdraw it and open another.",
                name=self[:1].display_name, field=self._fields[sorted(fixed)[0]]._description_string(self.env),
            ))
        result = super().write(vals)
        if 'date_answer_due' in vals:
            self._check_answer_due()
        return result

    @before_deletion
    def _unlink_except_never(self):
        raise UserError(self.env._("Disputes stay on record: withdraw them instead."))

    # === BUSINESS METHODS === #

    def _open(self):
        """Give new disputes their numbers, hold what they dispute and say until when they are to be answered.

        :raise UserError: when more is disputed than is open and not disputed yet
        """
        # safe: what follows from opening, which was the user's right; figures of one invoice they may dispute
        disputes = self.sudo()
        days = disputes.company_id._fulfilment_today()
        holds = disputes.env['fulfilment.instalment.hold']
        claim(disputes.move_id)
        for dispute in disputes:
            move, day = dispute.move_id, days[dispute.company_id]
            if dispute.currency_id.compare_amounts(dispute.amount, 0) <= 0:
                raise UserError(self.env._("%s: say how much of it is disputed.", move.display_name))
            lines = move.line_ids.filtered(lambda line: line.account_type == 'asset_receivable' and not line.reconciled)
            shares, left = holds._shared(dispute.amount, lines, days, kinds=('disputed',))
            if left > 0:
                money = dispute.currency_id.format
                raise UserError(self.env._(
                    "%(move)s: %(amount)s are disputed, but only %(open)s of it are open and not disputed yet.", move=move.display_name,
                    amount=money(dispute.amount), open=money(dispute.amount - left),
                ))
            holds._hold(shares, 'disputed', day, dispute_id=dispute.id)
            dispute.write({
                'name': self.env['ir.sequence'].sudo().next_by_code('fulfilment.dispute'), 'opened_on': day,  # safe: the next number
                'date_answer_due': dispute.date_answer_due or fields.Date.add(day, days=dispute.reason_id.answer_days),
            })
        disputes._follow_quietly()
        self.env['fulfilment.event']._note(disputes, 'open', {
            one: {'after': {'amount': f'{one.amount:.2f} {one.currency_id.name}', 'description': one.description or None}}
            for one in disputes
        })
        self.env['mail.activity']._fulfilment_give('fulfilment_crm.activity_type_dispute', [ToDo(
            one, one.user_id, one.user_id._fulfilment_env()._("Answer the dispute"), one.date_answer_due,
        ) for one in disputes if one.user_id.active])
