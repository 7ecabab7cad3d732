from functools import partial

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import NO_ACCESS

from .binding import binding
from .deletion import before_deletion


class FulfilmentDelegation(models.Model):
    _name = 'fulfilment.delegation'
    _description = 'Delegation of approvals'
    _inherit = ['fulfilment.audit.part.mixin']
    _order = 'date_from desc, id desc'
    _rec_name = 'user_id'

    user_id = fields.Many2one(
        'res.users', string="Absent", required=True, index=True, ondelete='cascade', default=lambda self: self.env.user, tracking=True,
        help="Whose approvals are delegated.",
    )
    delegate_id = fields.Many2one('res.users', string="Stands in", required=True, index=True, ondelete='cascade', tracking=True)
    date_from = fields.Date(required=True, default=fields.Date.context_today, tracking=True)
    date_to = fields.Date(required=True, tracking=True, help="Last day of the delegation.")
    reason = fields.Char()
    arranger_ids = fields.Many2many(
        'res.users', 'fulfilment_delegation_arranger_rel', string="Arranged by", readonly=True, copy=False, groups=NO_ACCESS,
        help="Who has set its people or days: it does not count for what they may not approve themselves.",
    )
    active = fields.Boolean(default=True, tracking=True)

    def _shared_company(self):
        return self.user_id.company_id  # noted with the company of who is absent

    _dates_in_order = models.Constraint('CHECK(date_to >= date_from)', "A delegation ends on or after the day it begins.")

    @api.constrains('user_id', 'delegate_id')
    def _check_other_person(self):
        for delegation in self:
            if delegation.user_id == delegation.delegate_id:
                raise ValidationError(self.env._(
                    "%(user)s cannot stand in for themselves: choose somebody else.", user=delegation.user_id.name,
                ))

    @api.constrains('delegate_id')
    def _check_stand_in(self):
        for delegation in self:
            if not delegation.delegate_id._with_acting_role():
                raise ValidationError(self.env._(
                    "%(user)s has no role in Fulfilment that decides anything, so cannot stand in. "
                    "Have a role given to them in Settings / Users first, or choose somebody else.", user=delegation.delegate_id.name,
                ))

    def _check_access(self, operation):
        """Let managers arrange stand-ins for people of their own companies, but never make themselves a stand-in.

        Own delegations are for whoever is absent.
        """
        refused = super()._check_access(operation)
        if refused or operation == 'read' or self.env.su:
            return refused
        user, companies = self.env.user, self.env.user.company_ids
        # safe: asks whose stand-ins they are
        strange = self.sudo().filtered(lambda one: one.id and one.user_id != user and not (
            one.user_id.company_ids & companies and one.delegate_id.company_ids & companies and one.delegate_id != user
        ))
        return (self.browse(strange.ids), partial(self._make_stranger_error, strange)) if strange else None

    def _make_stranger_error(self, strange):
        return AccessError(self.env._(
            "%(delegate)s cannot be made the stand-in of %(user)s by you: both have to be of your companies, and nobody makes themselves "
            "a stand-in.", delegate=strange[:1].delegate_id.name, user=strange[:1].user_id.name,
        ))

    def _decisions(self):
        """Return what was decided by these delegations, as superuser: ``{delegation: approvals}``."""
        # safe: asks whether something was decided by them
        decided = self.env['fulfilment.approval'].sudo().search([
            ('delegated_from_id', 'in', self.user_id.ids), ('decided_by_id', 'in', self.delegate_id.ids),
        ])
        return {delegation: decided.filtered(
            lambda one, own=delegation: (one.delegated_from_id.id, one.decided_by_id.id) == (own.user_id.id, own.delegate_id.id)
            and own.date_from <= one._decided_day() <= own.date_to,
        ) for delegation in self}

    @before_deletion
    def _unlink_except_used(self):
        for delegation, decided in self._decisions().items():
            if decided:
                raise UserError(self.env._(
                    "%(delegate)s has decided for %(user)s by this delegation, so it stays on record: archive it instead.",
                    delegate=delegation.delegate_id.name, user=delegation.user_id.name,
                ))

    @api.model_create_multi
    def create(self, vals_list):
        delegations = super().create(vals_list)
        delegations._note_arranger()
        # safe: widens who is asked for approvals under way, by a delegation the user was allowed to create
        self.env['fulfilment.approval'].sudo()._ask_delegates(delegations)
        return delegations

    def write(self, vals):
        terms = vals.keys() & {'user_id', 'delegate_id', 'date_from', 'date_to', 'active'}
        used = self._decisions() if terms else {}
        result = super().write(vals)
        now = self._decisions() if any(used.values()) else used
        for delegation, decided in used.items():
            if decided - now[delegation]:
                raise UserError(self.env._(
                    "%(delegate)s has decided by this delegation: its people and days stay so that the decision lies in it.",
                    delegate=decided[:1].decided_by_id.name,
                ))
        if terms:
            self._note_arranger()
        self.check_access('write')  # Odoo checks before it writes: nobody makes themselves the stand-in of somebody else
        # safe: as in create
        self.env['fulfilment.approval'].sudo()._ask_delegates(self)
        return result

    def _note_arranger(self):
        # safe: notes who has just arranged it, as they were allowed to
        self.sudo().arranger_ids = [fields.Command.link(self.env.uid)]

    @api.model
    def _delegates(self, users, day, without=()):
        """Return who stands in for whom.

        :param users: the people asked
        :param date day: the day asked about
        :param without: users whose arrangements do not count
        :return: ``{delegate: principal}``
        """
        # safe: who stands in for an approver has to be known to whoever submits
        found = binding(self).search([('user_id', 'in', users.ids), ('date_from', '<=', day), ('date_to', '>=', day)])
        arranged = {
            one: (one.create_uid | one.write_uid | one.arranger_ids).filtered(lambda user: not user._is_superuser()) for one in found
        }
        return {
            delegation.delegate_id: delegation.user_id for delegation in found
            if delegation.delegate_id.active and not any(user in without for user in arranged[delegation])
        }
