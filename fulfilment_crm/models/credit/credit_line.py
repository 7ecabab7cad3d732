from odoo import api, fields, models
from odoo.exceptions import UserError

from ..base.guard_mixin import without_unchanged


class FulfilmentCreditLine(models.Model):
    """What a customer may owe a company: grade, limit, and a stop by hand. Two orders decided at one instant meet here."""
    _name = 'fulfilment.credit.line'
    _description = 'Credit line'
    _inherit = ['fulfilment.customer.mixin', 'fulfilment.chatter.mixin', 'fulfilment.guard.mixin', 'fulfilment.machine.mixin']
    _order = 'company_id, partner_id'
    _rec_name = 'partner_id'

    user_id = fields.Many2one('res.users', string="Responsible", compute='_compute_profile_id')
    profile_id = fields.Many2one('fulfilment.profile', compute='_compute_profile_id')
    grade_id = fields.Many2one(
        'fulfilment.credit.grade', readonly=True, ondelete='restrict', index='btree_not_null', tracking=True, guarded=True,
    )
    provisional_grade_id = fields.Many2one(
        'fulfilment.credit.grade', readonly=True, ondelete='restrict', tracking=True,
        help="A lower grade proposed: it holds at once, until the change is approved or refused.", guarded=True,
    )
    limit_source = fields.Selection(
        [('none', "No limit"), ('grade', "From the grade"), ('manual', "Set by hand")], string="Limit", default='none', required=True,
        tracking=True,
    )
    limit = fields.Monetary(string="Credit limit", tracking=True, help="What the customer may owe and have on order at most, with taxes.")
    limit_in_force = fields.Monetary(
        string="Limit that counts", compute='_compute_limit_in_force',
        help="What orders are held against: with what a reward raised, and the limit of a lower grade proposed. Empty: no limit.",
    )
    raised = fields.Monetary(
        string="Raised for a time", readonly=True, help="On top of the limit, where there is one: given by a reward, and ends with it.",
        guarded=True,
    )
    valid_until = fields.Date(string="Limit valid until", tracking=True, help="Empty: until changed.")
    hold = fields.Boolean(string="Stop new orders", tracking=True, help="New orders of this customer are held, whatever the figures say.")
    hold_reason = fields.Char(tracking=True)
    sequence = fields.Integer(
        string="Decisions", readonly=True, default=0, aggregator=None,
        help="Counted up first by every decision on an order, so that of two at the same instant the second sees the first.",
        guarded=True,
    )

    _partner_company_unique = models.UniqueIndex('(partner_id, company_id)', "This customer has a credit line with this company already.")
    _limit_check = models.Constraint('CHECK("limit" >= 0)', "A credit limit is not negative.")

    @api.depends('partner_id', 'company_id')
    def _compute_profile_id(self):
        profiles = self.env['fulfilment.profile'].search([('partner_id', 'in', self.partner_id.ids)])
        found = {(profile.partner_id, profile.company_id): profile for profile in profiles}
        for line in self:
            line.profile_id = found.get((line.partner_id, line.company_id), False)
            line.user_id = line.profile_id.user_id

    @api.depends('limit', 'limit_source', 'raised', 'provisional_grade_id')
    def _compute_limit_in_force(self):
        for line in self:
            line.limit_in_force = line._effective_limit(line.profile_id.revenue_12m) or 0.0

    @api.onchange('limit')
    def _onchange_limit(self):
        self.limit_source = 'manual'

    def write(self, vals):
        if not self.env.su and 'limit_source' not in vals and 'limit' in without_unchanged(self, vals, ('limit',)):
            vals = {**vals, 'limit_source': 'manual'}
        result = super().write(vals)
        if not self.env.su and vals.keys() & {'limit', 'limit_source', 'grade_id'}:
            # safe: the write above was allowed; the profile shows the limit
            self.sudo()._show_on_profile()
        return result

    @api.constrains('hold', 'hold_reason')
    def _check_hold_reason(self):
        for line in self:
            if line.hold and not (line.hold_reason or '').strip():
                raise UserError(self.env._("Say why orders of %(customer)s are stopped.", customer=line.partner_id.display_name))

    # === BUSINESS === #

    @api.model
    def _of(self, partners, company):
        """Return the credit lines of customers with a root company, made where they are missing: ``{commercial partner: line}``."""
        lines = self.search_fetch([('partner_id', 'in', partners.ids), ('company_id', '=', company.id)], [
            'partner_id', 'company_id', 'grade_id', 'provisional_grade_id', 'limit_source', 'limit', 'raised', 'valid_until', 'hold',
            'hold_reason', 'sequence',
        ], order='id')
        missing = partners - lines.partner_id
        if missing:
            lines |= self._create_quietly([{'partner_id': partner.id, 'company_id': company.id} for partner in missing.sorted('id')])
        return {line.partner_id: line for line in lines}

    def _lock(self):
        """Lock, by counting up in the database: whoever decides on the same customer at the same instant waits, and starts again."""
        for line in self.sorted('id').with_context(tracking_disable=True):
            line.sequence += 1
        self.flush_recordset(['sequence'])

    def _effective_terms(self):
        """Return the terms of the grade that orders are checked against: a lower one proposed counts already. None without a grade."""
        self.ensure_one()
        terms = self.env['fulfilment.credit.grade']._terms()
        return max((terms[grade.id] for grade in self.grade_id | self.provisional_grade_id), key=lambda one: one.place, default=None)

    def _effective_limit(self, turnover):
        """Return the limit orders are checked against.

        :param turnover: of the last 12 months, for a provisional grade
        :return: amount, or None for no limit
        """
        self.ensure_one()
        limit = None if self.limit_source == 'none' else self.limit
        if self.provisional_grade_id and self.limit_source != 'manual':
            provisional = self.env['fulfilment.credit.grade']._terms()[self.provisional_grade_id.id].limit_for(turnover)
            limit = provisional if limit is None else limit if provisional is None else min(limit, provisional)
        return None if limit is None else limit + self.raised

    def _take_grade(self, grade, turnover):
        """Put a grade into effect, with the limit it carries unless one was set by hand."""
        self.ensure_one()
        vals = {'grade_id': grade.id, 'provisional_grade_id': False}
        if self.limit_source != 'manual':
            limit = self.env['fulfilment.credit.grade']._terms()[grade.id].limit_for(turnover)
            vals.update(limit_source='none' if limit is None else 'grade', limit=limit or 0.0)
        self.write(vals)

    def _strictest(self):
        """Return the strictest terms among these lines: worst grades, lowest limit, earliest end, any stop."""
        limited = self.filtered(lambda line: line.limit_source != 'none').sorted('limit')[:1]
        stopped = self.filtered('hold')[:1]
        return {
            'grade_id': self.grade_id._worst().id, 'provisional_grade_id': self.provisional_grade_id._worst().id,
            'limit_source': limited.limit_source or 'none', 'limit': limited.limit,
            'valid_until': min(filter(None, self.mapped('valid_until')), default=False),
            'hold': bool(stopped), 'hold_reason': stopped.hold_reason,
        }

    def _show_on_profile(self):
        """Write grade, limit and the share of it that is used into the profiles."""
        for company, lines in self.grouped('company_id').items():
            profiles = self.env['fulfilment.profile'].search([('partner_id', 'in', lines.partner_id.ids), ('company_id', '=', company.id)])
            if profiles:
                self._show_all(company, profiles=profiles)


class MergePartnerAutomatic(models.TransientModel):
    _inherit = 'base.partner.merge.automatic.wizard'

    @api.model
    def _update_foreign_keys(self, src_partners, dst_partner):
        """Keep one of a company's credit lines: that of the customer that stays or the first of the others.

        It gets the strictest terms of all: merging must not wash a customer clean.
        """
        # safe: follows the merge that the user was allowed to do
        lines = self.env['fulfilment.credit.line'].sudo()
        found = lines.search([('partner_id', 'in', (src_partners | dst_partner).ids)], order='id')
        for twins in found.grouped('company_id').values():
            kept = twins.filtered(lambda line: line.partner_id == dst_partner) or twins[0]
            if twins - kept:
                kept.write(twins._strictest())
            (twins - kept).unlink()
        companies = found.exists().company_id
        result = super()._update_foreign_keys(src_partners, dst_partner)
        self.env.invalidate_all()
        profiles = self.env['fulfilment.profile'].sudo().search([('partner_id', '=', dst_partner.id)])
        for company in companies:
            lines._show_all(company, profiles=profiles)
        return result
