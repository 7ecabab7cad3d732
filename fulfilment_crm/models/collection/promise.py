from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain

from ...report.collection.instalment import LEDGER
from ..base.deletion import before_deletion
from ..base.guard_mixin import without_unchanged
from .customer_mixin import AMOUNT_LIMIT

FURTHEST = 90  # days ahead that customers, and who sells to them, promise for by themselves
MOST_BROKEN = 2  # promises in a year, after which more than that is asked for
# What was promised changes by negotiating it again only: versions are counted, and money is held against the last.
AGREED = frozenset({'partner_id', 'company_id', 'currency_id', 'move_line_ids', 'amount', 'date_promised', 'grace_days', 'threshold'})


class FulfilmentPaymentPromise(models.Model):
    """What a customer has promised to pay, and by when. What came of it is read from the ledger."""
    _name = 'fulfilment.payment.promise'
    _description = 'Promise to pay'
    _inherit = [
        'fulfilment.guard.mixin', 'fulfilment.customer.mixin', 'fulfilment.chatter.mixin', 'mail.activity.mixin', 'fulfilment.flow.mixin',
    ]
    _order = 'date_promised desc, id desc'
    _mail_post_access = 'read'
    _to_do_type = 'fulfilment_crm.activity_type_promise'
    _rec_names_search = ('partner_id.name',)

    currency_id = fields.Many2one('res.currency', required=True, default=lambda self: self.env.company.currency_id)
    plan_id = fields.Many2one(
        'fulfilment.payment.plan', readonly=True, index='btree_not_null', ondelete='restrict', guarded=True,
    )
    move_line_ids = fields.Many2many(
        'account.move.line', string="Instalments", groups=LEDGER,
        domain="[('partner_id.commercial_partner_id', '=', partner_id), ('company_id', '=', company_id), ('parent_state', '=', 'posted'),"
               " ('account_id.account_type', '=', 'asset_receivable'), ('balance', '>', 0), ('reconciled', '=', False)]",
        help="What the customer has promised to pay. Empty: whatever is owed, what is due first first.",
    )
    amount = fields.Monetary(string="Promised", required=True, tracking=True)
    date_promised = fields.Date(string="Promised for", required=True, index=True, tracking=True)
    grace_days = fields.Integer(
        string="Days of grace", default=lambda self: self.env.company.fulfilment_promise_grace, tracking=True,
        help="Money that comes this many days later still keeps the promise.",
    )
    threshold = fields.Float(
        string="Kept from (%)", digits=(5, 2), default=lambda self: self.env.company.fulfilment_promise_threshold, tracking=True,
        help="Share of the amount that has to come in time for the promise to be kept.",
    )
    made_on = fields.Date(
        string="Made on", readonly=True, guarded=True, help="Money counts from this day on, set against an instalment or not.",
    )
    made_at = fields.Datetime(readonly=True, default=fields.Datetime.now, guarded=True)
    origin = fields.Selection(
        [('colleague', "Entered by a colleague"), ('portal', "Portal"), ('link', "Link of a letter")], required=True, readonly=True,
        default='colleague', guarded=True,
    )
    note = fields.Text(string="What was said")
    version = fields.Integer(readonly=True, default=1, aggregator=None, guarded=True, help="How often it was negotiated.")
    amount_received = fields.Monetary(
        string="Received", readonly=True, guarded=True, help="What has come since it was made, until its days of grace were over.",
    )
    amount_late = fields.Monetary(string="Received later", readonly=True, guarded=True, help="Within the days of cure of its plan.")
    state = fields.Selection(
        [('open', "Open"), ('kept', "Promise kept"), ('partly', "Kept in part"), ('broken', "Broken"), ('cancelled', "Cancelled")],
        required=True, readonly=True, default='open', index=True, tracking=True, guarded=True,
    )
    # What the ledger says may change as long as payments are undone and entered late.
    _moves = {
        'open': {'kept', 'partly', 'broken', 'cancelled'}, 'kept': {'open', 'partly', 'broken'}, 'partly': {'open', 'kept', 'broken'},
        'broken': {'open', 'kept', 'partly'}, 'cancelled': set(),
    }
    hold_ids = fields.One2many('fulfilment.instalment.hold', 'promise_id', readonly=True, guarded=True)

    _amount_check = models.Constraint(
        f'CHECK(amount > 0 AND amount < {AMOUNT_LIMIT:.0f})', "A promise is about an amount above zero, and below a million millions.",
    )
    _numbers_check = models.Constraint(
        'CHECK(grace_days >= 0 AND threshold > 0 AND threshold <= 100)',
        "Days of grace are not negative, and the share from which a promise is kept lies above 0 and up to 100 %.",
    )

    @api.depends('partner_id', 'amount', 'date_promised')
    @api.depends_context('lang')
    def _compute_display_name(self):
        for promise in self:
            promise.display_name = self.env._(
                "%(customer)s: %(amount)s", customer=promise.partner_id.display_name or '',
                amount=promise.currency_id.format(promise.amount) if promise.currency_id else promise.amount,
            )

    # === CONSTRAINT METHODS === #

    @api.constrains('move_line_ids', 'partner_id', 'company_id', 'currency_id')
    def _check_instalments(self):
        # safe: compares what the user has named
        for promise in self.sudo():
            for line in promise.move_line_ids:
                if (
                    line.partner_id.commercial_partner_id != promise.partner_id.commercial_partner_id
                    or line.company_id != promise.company_id or line.currency_id != promise.currency_id
                    or line.account_type != 'asset_receivable' or line.balance <= 0 or line.parent_state != 'posted'
                ):
                    raise ValidationError(self.env._(
                        "%(line)s is no instalment of %(customer)s in %(company)s and %(currency)s.", line=line.move_id.name,
                        customer=promise.partner_id.display_name, company=promise.company_id.name, currency=promise.currency_id.name,
                    ))

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        promises = super().create(vals_list)
        promises._check_terms()
        promises._begin()
        return promises

    def write(self, vals):
        if not self.env.su and (agreed := without_unchanged(self, vals, AGREED).keys() & AGREED):
            raise UserError(self.env._(
                "%(name)s: “%(field)s” is part of what was promised. Negotiate it again, or cancel it.", name=self[:1].display_name,
                field=self._fields[sorted(agreed)[0]]._description_string(self.env),
            ))
        return super().write(vals)

    @before_deletion
    def _unlink_except_never(self):
        raise UserError(self.env._("Promises stay on record: cancel them instead."))

    # === ACTIONS === #

    def action_cancel(self, reason=None):
        """Cancel promises that count no more, such as those made by mistake.

        :param str reason: why; asked for in a dialog when missing
        """
        self.check_access('write')
        self._check_move('cancelled')
        if not (reason or '').strip():
            return self._ask_reason('action_cancel', self.env._("Cancel the promise"))
        self.union()._cancel(reason.strip())
        return True

    def action_renegotiate(self, amount=None, date_promised=None, reason=None):
        """Agree on another amount or date: it stays one promise, and the version before is on record.

        :param float amount: as before when missing
        :param date_promised: a date or its text; as before when missing
        :param str reason: why
        :raise UserError: when it is not open, or nothing would change
        """
        self.ensure_one()
        self.check_access('write')
        if amount is None and date_promised is None:
            return {
                'type': 'ir.actions.act_window', 'name': self.env._("Negotiate again"), 'res_model': 'fulfilment.promise.renegotiate',
                'view_mode': 'form', 'target': 'new', 'context': {'default_promise_id': self.id},
            }
        if self.state != 'open':
            raise UserError(self.env._("%s is settled; make another promise.", self.display_name))
        amount = self.amount if amount is None else self.currency_id.round(amount)
        day = fields.Date.to_date(date_promised) if date_promised else self.date_promised
        if amount <= 0:
            raise UserError(self.env._("A promise is about an amount above zero."))
        if self.currency_id.compare_amounts(amount, self.amount) == 0 and day == self.date_promised:
            raise UserError(self.env._("%s: amount and date are as before.", self.display_name))
        self._renegotiate(amount, day, reason)
        self._check_terms()
        return True

    # === BUSINESS METHODS === #

    def _check_terms(self):
        """Check what salespeople may agree on: like customers by themselves, no delays without end, and not what was broken before.

        :raise UserError: with what the user is told
        """
        if self._may_give_credit():
            return
        # safe: what was promised before, of customers the user makes promises of
        known, days = self.sudo(), self.sudo().company_id._fulfilment_today()
        for promise in known:
            today, company = days[promise.company_id], promise.company_id
            # Negotiated again and again, it is still one promise, counted from when it was first made.
            if not today <= promise.date_promised <= fields.Date.add(promise.made_on or today, days=FURTHEST):
                raise UserError(self.env._(
                    "A promise is for a day within %s days of when it was first made: ask credit control for more.", FURTHEST,
                ))
            if promise.threshold < company.fulfilment_promise_threshold or promise.grace_days > company.fulfilment_promise_grace:
                raise UserError(self.env._("Days of grace, and from what share a promise is kept, are those of the settings."))
        for company, own in known.grouped('company_id').items():
            own._check_kept_lately(own.partner_id, company)

    def _check_kept_lately(self, customers, company):
        """Check that customers have kept what they promised within a year, but for these promises.

        :raise UserError: naming one who has not
        """
        # safe: what was promised before, of customers the user agrees on something with
        failed = self.sudo()._read_group([
            ('partner_id', 'in', customers.ids), ('company_id', '=', company.id), ('state', 'in', ('broken', 'partly')),
            ('date_promised', '>', fields.Date.subtract(company._fulfilment_today()[company], years=1)), ('id', 'not in', self.ids),
        ], ['partner_id'], ['__count'])
        for customer, lately in failed:
            if lately >= MOST_BROKEN:
                raise UserError(self.env._(
                    "%(customer)s has not kept %(number)s promises within a year: ask credit control.", customer=customer.name,
                    number=lately,
                ))

    def _begin(self):
        """Hold what new promises are about, and note that they were made."""
        # safe: what follows from making them, which was the user's right
        promises = self.sudo()
        days = promises.company_id._fulfilment_today()
        for promise in promises:
            promise.made_on = promise.made_on or days[promise.company_id]
            promise._hold_instalments(days)
        promises._follow_quietly()
        self.env['fulfilment.event']._note(promises, 'open', {one: {'after': one._said()} for one in promises})
        promises._follow_ledger()

    def _said(self):
        """Return what was promised, as an event keeps it."""
        return {'amount': f'{self.amount:.2f} {self.currency_id.name}', 'date_promised': fields.Date.to_string(self.date_promised),
                'version': self.version}

    def _hold_instalments(self, days):
        """Let dunning rest for the promised amount, until its date: what is due first first."""
        self.ensure_one()
        day = days[self.company_id]
        self.hold_ids._end(days)
        lines = self.move_line_ids or self._open_lines(self.partner_id, self.company_id).filtered(
            lambda line: line.currency_id == self.currency_id,
        )
        shares, _left = self.hold_ids._shared(self.amount, lines, days)
        self.hold_ids._hold(shares, 'promised', day, self.date_promised, promise_id=self.id)

    @api.model
    def _open_lines(self, partner, company):
        """Return the journal items a customer still owes in a company, as superuser."""
        # safe: what promises are about; what of them is shown is checked by the callers
        return self.env['account.move.line'].sudo().search([
            ('partner_id.commercial_partner_id', '=', partner.id), ('company_id', '=', company.id),
            ('account_id.account_type', '=', 'asset_receivable'), ('balance', '>', 0), ('parent_state', '=', 'posted'),
            ('reconciled', '=', False),
        ])

    def _cancel(self, reason):
        # safe: guarded; the callers have checked the right to, or act for a plan or a customer
        promises = self.sudo()
        promises._move_to('cancelled')
        promises.hold_ids._end(promises.company_id._fulfilment_today())
        promises._message_log_batch({one.id: reason for one in promises})

    def _renegotiate(self, amount, day, reason):
        # safe: as in _cancel
        promise = self.sudo()
        before = promise._said()
        promise.write({'amount': amount, 'date_promised': day, 'version': promise.version + 1})
        promise._hold_instalments(promise.company_id._fulfilment_today())
        self.env['fulfilment.event']._note(promise, 'renegotiated', {promise: {'before': before, 'after': promise._said()}})
        if reason:
            promise._message_log(body=reason)
        promise._follow_ledger()


class FulfilmentProfile(models.Model):
    _inherit = 'fulfilment.profile'

    promise_ids = fields.Many2many('fulfilment.payment.promise', string="Promises", compute='_compute_promise_ids')

    @api.depends_context('uid', 'allowed_company_ids')
    def _compute_promise_ids(self):
        found = self.env['fulfilment.payment.promise'].search_fetch(Domain('partner_id', 'in', self.partner_id.ids), limit=1000)
        by_customer = found.grouped('partner_id')
        for profile in self:
            own = by_customer.get(profile.partner_id, found.browse())
            profile.promise_ids = own.filtered(lambda one, root=profile.company_id: one.company_id.root_id == root)
