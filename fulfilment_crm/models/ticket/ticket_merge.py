from odoo import models
from odoo.exceptions import UserError
from odoo.tools import email_normalize

from .ticket import OPEN, URGENCIES


class FulfilmentTicket(models.Model):
    """Several tickets about one thing become one."""
    _inherit = 'fulfilment.ticket'

    def action_merge(self):
        """Merge the selected tickets into the one received first, with messages, files and followers.

        :raise UserError: when they are not open tickets of one customer
        """
        self.check_access('write')
        if len(self) < 2:
            raise UserError(self.env._("Select the tickets to merge: at least two."))
        customers = {(ticket.commercial_partner_id, not ticket.partner_id and email_normalize(ticket.email_from or '')) for ticket in self}
        if len(self.company_id) > 1 or len(customers) > 1:
            raise UserError(self.env._("%s are not all of one customer: nothing was merged.", ', '.join(self.mapped('name'))))
        done = self.filtered(lambda one: one.kind not in OPEN)
        if done:
            raise UserError(self.env._("%s cannot be merged any more: choose open tickets.", ', '.join(done.mapped('name'))))
        kept = self.sorted(lambda one: (one.received_on, one.id))[0]
        (self - kept)._merge_into(kept)
        return kept._get_records_action()

    def _merge_into(self, kept):
        """Move everything of these tickets to another and cancel them; their deadlines end there, missed ones stay on record."""
        # safe: the user may change all of them; messages and files go along, whoever wrote them
        tickets, kept = self.sudo(), kept.sudo()
        messages = tickets.message_ids
        messages.write({'res_id': kept.id})
        self.env['ir.attachment'].sudo().search([
            ('res_model', '=', self._name), ('res_id', 'in', tickets.ids), ('res_field', '=', False),
        ]).write({'res_id': kept.id})
        kept._message_subscribe(tickets.message_follower_ids.partner_id.ids)
        tickets.merged_ids.merged_into_id = kept
        tickets.merged_into_id = kept
        names = ', '.join(tickets.mapped('name'))
        tickets._log_event('merged', note=kept.name)
        tickets._to('cancelled')
        urgencies = [key for key, _label in URGENCIES]
        kept.urgency = max((tickets | kept).mapped('urgency'), key=urgencies.index)
        kept._log_event('merged', note=names)
        kept._message_log(body=self.env._("Merged into this one: %s", names))
        tickets._message_log_batch(dict.fromkeys(tickets.ids, self.env._("Merged into %s", kept.name)))
