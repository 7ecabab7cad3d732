from odoo import api, fields, models
from odoo.exceptions import ValidationError


class FulfilmentDelegation(models.Model):
    _name = 'fulfilment.delegation'
    _description = 'Delegation of approvals'
    _order = 'date_from desc, id desc'
    _rec_name = 'user_id'

    user_id = fields.Many2one(
        'res.users', string="Absent", required=True, index=True, ondelete='cascade', default=lambda self: self.env.user,
        help="Whose approvals are delegated.",
    )
    delegate_id = fields.Many2one('res.users', string="Stands in", required=True, index=True, ondelete='cascade')
    date_from = fields.Date(required=True, default=fields.Date.context_today)
    date_to = fields.Date(required=True, help="Last day of the delegation.")
    reason = fields.Char()
    active = fields.Boolean(default=True)

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
            if not delegation.delegate_id._with_fulfilment_role():
                raise ValidationError(self.env._(
                    "%(user)s has no role in Fulfilment and could not open what there is to approve. "
                    "Have a role given to them in Settings / Users first, or choose somebody else.", user=delegation.delegate_id.name,
                ))

    @api.model_create_multi
    def create(self, vals_list):
        delegations = super().create(vals_list)
        # safe: widens who is asked for approvals under way, by a delegation the user was allowed to create
        self.env['fulfilment.approval'].sudo()._ask_delegates(delegations)
        return delegations

    def write(self, vals):
        result = super().write(vals)
        self.check_access('write')  # Odoo checks before it writes: nobody makes themselves the stand-in of somebody else
        # safe: as in create
        self.env['fulfilment.approval'].sudo()._ask_delegates(self)
        return result

    @api.model
    def _delegates(self, users, day):
        """Who stands in for whom.

        :param users: the people asked
        :param date day: the day asked about
        :return: ``{delegate: principal}``
        """
        # safe: who stands in for an approver has to be known to whoever submits
        found = self._fulfilment_binding().search([('user_id', 'in', users.ids), ('date_from', '<=', day), ('date_to', '>=', day)])
        return {delegation.delegate_id: delegation.user_id for delegation in found if delegation.delegate_id.active}
