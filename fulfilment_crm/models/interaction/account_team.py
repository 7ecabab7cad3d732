from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain

from ..base.readers import READERS


class FulfilmentAccountMember(models.Model):
    """Who plays which part for a customer, from when to when. Ended rather than overwritten."""
    _name = 'fulfilment.account.member'
    _description = 'Member of an account team'
    _inherit = ['fulfilment.guard.mixin']
    _order = 'partner_id, role_id, date_from desc, id desc'
    _rec_name = 'user_id'
    _check_company_auto = True

    partner_id = fields.Many2one('res.partner', string="Customer", required=True, index=True, ondelete='cascade', check_company=True)
    company_id = fields.Many2one('res.company', required=True, index=True, default=lambda self: self.env.company, ondelete='cascade')
    user_id = fields.Many2one('res.users', string="Who", required=True, index=True, ondelete='restrict', check_company=True)
    role_id = fields.Many2one('fulfilment.account.role', required=True, index=True, ondelete='restrict')
    date_from = fields.Date(string="From", required=True, default=fields.Date.context_today)
    date_to = fields.Date(string="Until", help="Last day. Empty: until further notice.")
    is_current = fields.Boolean(string="Now", compute='_compute_is_current', search='_search_is_current')
    note = fields.Char()

    _dates_in_order = models.Constraint(
        'CHECK(date_to IS NULL OR date_to >= date_from)', "A part in a team ends on or after the day it begins.",
    )

    @api.depends('date_from', 'date_to', 'company_id')
    @api.depends_context('as_of')
    def _compute_is_current(self):
        today = self.company_id._fulfilment_today(reading=True)
        for member in self:
            day = today.get(member.company_id)
            member.is_current = bool(day and member.date_from and member.date_from <= day and (not member.date_to or member.date_to >= day))

    def _search_is_current(self, operator, value):
        if operator != 'in':
            return NotImplemented
        domain = Domain.OR(
            Domain('company_id', 'in', companies.ids) & self._domain_on(day)
            for day, companies in self.env['res.company']._fulfilment_companies_by_day().items()
        )
        return domain if True in value else ~domain

    @api.model
    def _domain_on(self, day):
        return Domain('date_from', '<=', day) & (Domain('date_to', '=', False) | Domain('date_to', '>=', day))

    @api.model_create_multi
    def create(self, vals_list):
        # A contact's team is that of its company.
        partners = self.env['res.partner'].browse([vals.get('partner_id') for vals in vals_list if vals.get('partner_id')])
        customer = {partner.id: partner.commercial_partner_id.id for partner in partners}
        members = super().create([
            dict(vals, partner_id=customer[vals['partner_id']]) if vals.get('partner_id') in customer else vals for vals in vals_list
        ])
        members._check_single()
        return members

    def write(self, vals):
        until = {member: member.date_to for member in self}
        result = super().write(vals)
        moved = vals.keys() & {'partner_id', 'company_id', 'role_id', 'date_from'}
        self.filtered(lambda one: moved or (until[one] and (not one.date_to or one.date_to > until[one])))._check_single()
        return result

    def _check_single(self):
        """Raise when somebody else plays a part at the same time that one person plays.

        What is shortened is not asked: of customers that were merged both parts stay in the history.
        """
        single = self.filtered(lambda member: member.role_id.is_single)
        # safe: finds who else plays the part, also whom the user does not see
        others = self.sudo().search([
            ('partner_id', 'in', single.partner_id.ids), ('role_id', 'in', single.role_id.ids), ('company_id', 'in', single.company_id.ids),
        ]).grouped(lambda other: (other.partner_id, other.role_id, other.company_id))
        for member in single:
            for other in others.get((member.partner_id, member.role_id, member.company_id), ()):
                if other != member and (not other.date_to or other.date_to >= member.date_from) \
                        and (not member.date_to or member.date_to >= other.date_from):
                    raise ValidationError(self.env._(
                        "%(user)s is %(role)s of %(customer)s at that time already: reassign the part instead.",
                        user=other.user_id.name, role=other.role_id.name, customer=other.partner_id.display_name,
                    ))

    def action_reassign(self):
        """Ask who takes the parts over."""
        self.check_access('write')
        return {
            'type': 'ir.actions.act_window', 'name': self.env._("Reassign"), 'res_model': 'fulfilment.account.reassign',
            'view_mode': 'form', 'target': 'new', 'context': {'default_member_ids': self.ids},
        }

    def _reassign(self, user, date):
        """Give parts to somebody else from a day on; who had them keeps the days until then.

        :param user: ``res.users``
        :param date date: the first day of the new one
        :return: the members from that day on
        :raise UserError: when a part has ended before
        """
        self.check_access('write')
        for member in self:
            if member.date_to and member.date_to < date:
                raise UserError(self.env._(
                    "%(user)s was %(role)s until %(date)s only: choose an earlier day or a part that is still played.",
                    user=member.user_id.name, role=member.role_id.name, date=fields.Date.to_string(member.date_to),
                ))
        moved = self.filtered(lambda member: member.user_id != user)
        not_begun = moved.filtered(lambda member: member.date_from >= date)
        not_begun.user_id = user
        ended = moved - not_begun
        vals_list = [{
            'partner_id': member.partner_id.id, 'company_id': member.company_id.id, 'role_id': member.role_id.id, 'user_id': user.id,
            'date_from': date, 'date_to': member.date_to,
        } for member in ended]
        ended.date_to = fields.Date.subtract(date, days=1)
        return not_begun | self.create(vals_list)

    @api.model
    def _end_doubles(self, customer):
        """Of parts that only one may play, leave the one who has played it longest where customers were merged."""
        today = self.env['res.company'].search([])._fulfilment_today()
        members = self.search([('partner_id', '=', customer.id), ('role_id.is_single', '=', True)], order='date_from, id')
        for (_role, company), same in members.grouped(lambda one: (one.role_id, one.company_id)).items():
            playing = same.filtered(lambda one, day=today[company]: one.date_from <= day and (not one.date_to or one.date_to >= day))
            for member in playing[1:]:
                member.date_to = max(member.date_from, fields.Date.subtract(today[company], days=1))

    @api.model
    def _responsible_for(self, partners, company, day):
        """Who cares for customers by the account teams: ``{partner: user}`` for those where somebody active does.

        :param partners: commercial partners
        :param company: root company; the teams of its branches count as well
        """
        members = self.search(
            Domain('partner_id', 'in', partners.ids) & Domain('company_id', 'child_of', company.id)
            & Domain('role_id.is_responsible', '=', True) & Domain('user_id.active', '=', True) & self._domain_on(day),
            order='role_id, date_from desc, id desc',
        )
        return {member.partner_id: member.user_id for member in reversed(members)}


class ResPartner(models.Model):
    _inherit = 'res.partner'

    fulfilment_account_member_ids = fields.One2many('fulfilment.account.member', 'partner_id', string="Account team", groups=READERS)


class FulfilmentProfile(models.Model):
    _inherit = 'fulfilment.profile'

    account_member_ids = fields.Many2many(
        'fulfilment.account.member', string="Account team", compute='_compute_account_member_ids', help="Those the reader may see.",
    )

    @api.depends('partner_id.fulfilment_account_member_ids')
    @api.depends_context('uid', 'allowed_company_ids')
    def _compute_account_member_ids(self):
        members = self.env['fulfilment.account.member'].with_context(active_test=False)
        if members.has_access('read'):
            members = members.search([('partner_id', 'in', self.partner_id.ids)])
        found = members.grouped('partner_id')
        for profile in self:
            profile.account_member_ids = found.get(profile.partner_id, False)
