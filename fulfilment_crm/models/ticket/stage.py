from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import ormcache

from ..base.binding import binding
from ..base.deletion import before_deletion

KINDS = [
    ('new', "New"), ('progress', "In work"), ('waiting', "Waiting for the customer"), ('solved', "Solved"), ('closed', "Finished"),
    ('cancelled', "Cancelled"),
]


class FulfilmentTicketStage(models.Model):
    """A column of the board. Its kind says what it means for clocks and customers; several stages may be of one kind."""
    _name = 'fulfilment.ticket.stage'
    _description = 'Ticket stage'
    _inherit = ['fulfilment.audit.part.mixin', 'fulfilment.cached.mixin']
    _order = 'sequence, id'

    name = fields.Char(required=True, translate=True, tracking=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True, tracking=True)
    kind = fields.Selection(
        KINDS, required=True, default='progress', tracking=True,
        help="In stages of kind “Waiting for the customer” the clocks stand still; “Solved” asks the customer to confirm.",
    )
    fold = fields.Boolean(string="Folded", tracking=True, help="Folded on the board.")

    def write(self, vals):
        if 'kind' in vals:
            # safe: asks whether there are tickets, whoever may read them
            used = self.env['fulfilment.ticket'].sudo().search([('stage_id', 'in', self.ids)], limit=1).stage_id
            if used and used.kind != vals['kind']:
                raise UserError(self.env._(
                    "There are tickets in stage “%s”, whose meaning would change with it: make another stage and move them.", used.name,
                ))
        return super().write(vals)

    @before_deletion
    def _unlink_except_last_of_kind(self):
        for kind in set(self.mapped('kind')):
            if not binding(self).search_count([('kind', '=', kind), ('id', 'not in', self.ids)], limit=1):
                raise UserError(self.env._(
                    "“%s” is the last stage of its kind, which tickets need: rename it instead.", self.filtered(
                        lambda stage, kind=kind: stage.kind == kind)[0].name,
                ))

    @api.constrains('active')
    def _check_each_kind(self):
        kinds = set(binding(self).search([]).mapped('kind'))
        for stage in self:
            if stage.kind not in kinds:
                raise ValidationError(self.env._("“%s” is the last stage of its kind, which tickets need.", stage.name))

    @api.model
    def _first(self, kind):
        """Return the first stage of a kind."""
        return self.browse(self._first_id(kind))

    @api.model
    @ormcache('kind')
    def _first_id(self, kind):
        # safe: stages are the same for everybody, also for customers
        return binding(self).search([('kind', '=', kind)], limit=1).id
