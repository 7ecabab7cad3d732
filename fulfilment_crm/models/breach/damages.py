from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import formatLang

from ...tools.amount_words import amount_in_words
from ...tools.shown_date import shown_date
from ..base.deletion import before_deletion
from ..collection.customer_mixin import AMOUNT_LIMIT

OPEN = ('accruing', 'claimed')


class FulfilmentDamages(models.Model):
    """What one side owes the other for a delay: worked out day by day from the signed clauses, until it is claimed."""
    _name = 'fulfilment.damages'
    _description = 'Damages'
    _inherit = [
        'fulfilment.machine.mixin', 'fulfilment.chatter.mixin', 'mail.activity.mixin', 'fulfilment.flow.mixin', 'fulfilment.guard.mixin',
    ]
    _order = 'date_from desc, id desc'
    _mail_post_access = 'read'
    _to_do_type = 'fulfilment_crm.activity_type_damages'
    _rec_names_search = ('milestone_id.name', 'contract_id.name', 'partner_id.name')

    # Of what
    milestone_id = fields.Many2one('fulfilment.milestone', required=True, readonly=True, index=True, ondelete='cascade', guarded=True)
    contract_id = fields.Many2one(related='milestone_id.contract_id', store=True, index=True)
    company_id = fields.Many2one(related='milestone_id.company_id', store=True, index=True)
    partner_id = fields.Many2one(related='milestone_id.partner_id', store=True, index=True, string="Customer")
    commercial_partner_id = fields.Many2one(related='partner_id.commercial_partner_id', store=True, index=True, string="Customer's company")
    currency_id = fields.Many2one(related='milestone_id.currency_id', store=True)
    user_id = fields.Many2one(related='contract_id.user_id', string="Responsible", store=True, index=True)
    debtor = fields.Selection(
        [('us', "Owed by us"), ('customer', "Owed by the customer")], string="Who owes", required=True, readonly=True, index=True,
        guarded=True,
    )

    # How much
    date_from = fields.Date(string="First late day", readonly=True, guarded=True)
    date_until = fields.Date(string="Counted until", readonly=True, guarded=True, help="The last day that is counted.")
    days = fields.Integer(string="Days that count", readonly=True, aggregator='max', guarded=True)
    amount = fields.Monetary(string="Accrued", readonly=True, guarded=True)
    amount_waived = fields.Monetary(string="Waived", readonly=True, tracking=True, guarded=True)
    amount_due = fields.Monetary(string="To be paid", compute='_compute_amount_due', store=True, help="Accrued, less what was waived.")
    amount_now = fields.Monetary(
        string="By what is known now", readonly=True, guarded=True,
        help="What the same days come to since facts have changed after it was claimed. The claim stays as it was.",
    )
    is_capped = fields.Boolean(string="Cap reached", readonly=True, guarded=True)
    segments = fields.Json(readonly=True, guarded=True, help="Spans of days with what was late, the rate and what they bring.")
    calculation = fields.Text(compute='_compute_calculation', help="Span by span.")
    in_words = fields.Char(string="In words", compute='_compute_in_words')
    amount_loss = fields.Monetary(
        string="Loss stated", tracking=True, help="What the side that suffers the delay says to have lost. A claim far above it warns.",
    )
    warning = fields.Text(string="Before claiming", compute='_compute_warning')

    # What becomes of it
    settled_by_word = fields.Boolean(string="Settled by word", readonly=True, copy=False, guarded=True,
        help="Somebody said so: no document tells it.")
    state = fields.Selection(
        [('accruing', "Accruing"), ('claimed', "Claim made"), ('waived', "Waived"), ('settled', "Cleared")],
        required=True, readonly=True, default='accruing', index=True, tracking=True, guarded=True,
    )
    _moves = {
        'accruing': {'claimed', 'waived'}, 'claimed': {'accruing', 'waived', 'settled'}, 'waived': set(), 'settled': {'claimed'},
    }
    move_id = fields.Many2one(
        'account.move', string="Invoice or credit note", readonly=True, copy=False, index='btree_not_null', ondelete='set null',
        guarded=True,
    )
    claimed_on = fields.Date(readonly=True, copy=False, guarded=True)
    waiver_ids = fields.One2many('fulfilment.damages.waiver', 'damages_id', string="Waivers", readonly=True)

    _amounts_check = models.Constraint(
        f'CHECK(amount_loss >= 0 AND amount_loss < {AMOUNT_LIMIT:.0f})', "A loss is not negative.",
    )
    _accruing_unique = models.UniqueIndex("(milestone_id) WHERE state = 'accruing'", "Damages of a milestone accrue once.")

    # === COMPUTE METHODS === #

    @api.depends('milestone_id', 'debtor')
    @api.depends_context('lang')
    def _compute_display_name(self):
        for one in self:
            one.display_name = self.env._(
                "Damages: %(milestone)s, %(contract)s", milestone=one.milestone_id.name or '', contract=one.contract_id.name or '',
            )

    @api.depends('amount', 'amount_waived')
    def _compute_amount_due(self):
        for one in self:
            one.amount_due = max(one.amount - one.amount_waived, 0.0)

    @api.depends('amount_due', 'currency_id')
    @api.depends_context('lang')
    def _compute_in_words(self):
        for one in self:
            one.in_words = amount_in_words(one.currency_id, one.amount_due, self.env.lang or 'en_US') if one.currency_id else ''

    @api.depends('segments')
    @api.depends_context('lang')
    def _compute_calculation(self):
        for one in self:
            one.calculation = '\n'.join(one._told_segments())

    @api.depends('amount_due', 'amount_loss', 'state', 'contract_id')
    @api.depends_context('lang')
    def _compute_warning(self):
        for one in self:
            # safe: what the clauses of a contract say, for who may read its damages
            one.warning = '\n'.join(one.sudo()._warnings()) if one.state in OPEN else ''

    def _told_segments(self):
        """Return the calculation, a line for each span of days, in the language of the reader."""
        self.ensure_one()
        reasons, lines, money = self._reasons(), [], self.currency_id.format
        for segment in self.segments or []:
            whole = self.currency_id.round(segment['base'] * segment['percent'] / 100 * segment['days'])
            lines.append(self.env._(
                "%(first)s – %(last)s: %(base)s × %(percent)s %% × %(days)s days = %(amount)s (%(reason)s)",
                first=shown_date(self.env, segment['start']), last=shown_date(self.env, segment['end']),
                base=money(segment['base']), percent=formatLang(self.env, segment['percent'], digits=4).rstrip('0'),
                days=segment['days'], reason=reasons[segment['reason']],
                # Where the cap cuts off, the product is said as it is, and what is left of it after it.
                amount=money(whole) if self.is_capped and segment['percent'] else money(segment['amount']),
            ))
            if self.is_capped and segment['percent'] and self.currency_id.compare_amounts(whole, segment['amount']) > 0:
                lines.append(self.env._("Capped by the contract: of these %(whole)s, %(amount)s count.", whole=money(whole),
                                        amount=money(segment['amount'])))
        return lines

    def _reasons(self):
        return {
            'late': self.env._("days late"), 'paid': self.env._("part paid or performed"), 'amended': self.env._("amended"),
            'rate': self.env._("another rate"), 'resumed': self.env._("after suspended days"), 'level': self.env._("longer delay"),
        }

    def _warnings(self):
        """Return what to think of before claiming: a claim far above the loss, and a deposit that stands in its place."""
        self.ensure_one()
        company, found = self.company_id, []
        most = self.amount_loss * (1 + company.fulfilment_damages_excess / 100)
        if self.amount_loss and self.currency_id.compare_amounts(self.amount_due, most) > 0:
            found.append(self.env._(
                "%(amount)s are more than %(percent)s %% above the loss stated (%(loss)s): a court may reduce it.",
                amount=self.currency_id.format(self.amount_due), percent=f'{company.fulfilment_damages_excess:g}',
                loss=self.currency_id.format(self.amount_loss),
            ))
        deposits = self.contract_id.milestone_ids.filtered(lambda one: one.clause_role == 'deposit_percent' and one.amount_done)
        if deposits:
            found.append(self.env._(
                "A deposit of %s was paid: for the same breach either the deposit or damages are claimed, not both.",
                self.currency_id.format(sum(deposits.mapped('amount_done'))),
            ))
        if self.company_id.currency_id.compare_amounts(self.amount_now, self.amount) and self.state == 'claimed':
            found.append(self.env._(
                "Facts have changed since it was claimed: the same days come to %s now.", self.currency_id.format(self.amount_now),
            ))
        return found

    # === CRUD METHODS === #

    @before_deletion
    def _unlink_except_accruing(self):
        for one in self:
            if one.state != 'accruing' and not self.env.su:
                raise UserError(self.env._("%s stay on record.", one.display_name))

    # === ACTIONS === #

    def action_open_move(self):
        """Open the invoice or credit note."""
        self.ensure_one()
        return self.move_id._get_records_action()
