from odoo import api, fields, models

from ..base.opening import open_list
from ..base.readers import READERS
from .ticket import OPEN


class ResPartner(models.Model):
    _inherit = 'res.partner'

    fulfilment_ticket_count = fields.Integer(compute='_compute_fulfilment_ticket_count', groups=READERS, string="Open tickets")

    def _compute_fulfilment_ticket_count(self):
        counts = dict(self.env['fulfilment.ticket']._read_group(
            [('commercial_partner_id', 'in', self.commercial_partner_id.ids), ('kind', 'in', OPEN)], ['commercial_partner_id'], ['__count'],
        ))
        for partner in self:
            partner.fulfilment_ticket_count = counts.get(partner.commercial_partner_id, 0)

    def action_open_fulfilment_tickets(self):
        """Open the tickets of this customer."""
        self.ensure_one()
        return open_list(self, 'ticket_action', [('commercial_partner_id', '=', self.commercial_partner_id.id)], default_partner_id=self.id)


class MergePartnerAutomatic(models.TransientModel):
    _inherit = 'base.partner.merge.automatic.wizard'

    @api.model
    def _update_values(self, src_partners, dst_partner):
        """Let tickets of the contacts that are one now belong to its company: the last step of a merge."""
        result = super()._update_values(src_partners, dst_partner)
        # safe: follows the merge that the user was allowed to do
        tickets = self.env['fulfilment.ticket'].sudo().with_context(active_test=False).search([('partner_id', '=', dst_partner.id)])
        self.env.add_to_compute(tickets._fields['commercial_partner_id'], tickets)
        return result
