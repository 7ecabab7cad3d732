from odoo import fields, models


class FulfilmentCommunicationMeeting(models.Model):
    """A meeting that a communication plan has made, once for each of its days; deleted by somebody, it is not made again."""
    _name = 'fulfilment.communication.meeting'
    _description = 'Planned meeting'
    _inherit = ['fulfilment.once.mixin', 'fulfilment.machine.mixin']
    _order = 'date desc, id desc'
    _rec_name = 'date'

    plan_id = fields.Many2one('fulfilment.communication.plan', required=True, readonly=True, index=True, ondelete='cascade')
    company_id = fields.Many2one(related='plan_id.company_id', store=True, index=True)
    date = fields.Date(string="Day of the plan", required=True, readonly=True, help="Before it gave way to a day off.")
    start = fields.Datetime(string="Planned for", required=True, readonly=True)
    stop = fields.Datetime(string="Ends at", required=True, readonly=True)
    event_id = fields.Many2one('calendar.event', string="Meeting", readonly=True, ondelete='set null', index='btree_not_null')

    def _is_untouched(self):
        """Whether the meeting stands in the calendar as the plan made it."""
        self.ensure_one()
        event = self.event_id
        return bool(event) and event.active and (event.start, event.stop) == (self.start, self.stop) \
            and not event.fulfilment_interaction_ids
