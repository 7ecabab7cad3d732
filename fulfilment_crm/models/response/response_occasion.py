from odoo import api, fields, models

from ..base.opening import open_list


class FulfilmentResponseOccasionMixin(models.AbstractModel):
    """A record a response plan can be started for: it shows what was started, and asks which plan to start."""
    _name = 'fulfilment.response.occasion.mixin'
    _description = 'Occasion of responses'

    response_count = fields.Integer(string="Responses", compute='_compute_response_count', help="Drills do not count.")

    def _responses_domain(self):
        return [('res_model', '=', self._name), ('res_id', 'in', self.ids), ('is_drill', '=', False)]

    @api.depends_context('uid')
    def _compute_response_count(self):
        counts = dict(self.env['fulfilment.response']._read_group(self._responses_domain(), ['res_id'], ['__count']))
        for record in self:
            record.response_count = counts.get(record._origin.id, 0)

    def action_open_responses(self):
        """Open what was started for these records."""
        return open_list(self, 'response_action', self._responses_domain())

    def _usual_plan(self):
        """Return the plan to propose; empty when there is none in particular."""
        return self.env['fulfilment.response.plan']

    def action_start_response(self):
        """Ask for a response plan, and start it for this record."""
        self.ensure_one()
        return self.env['fulfilment.response.start']._ask(self, plan=self._usual_plan())


class FulfilmentRisk(models.Model):
    _name = 'fulfilment.risk'
    _inherit = ['fulfilment.risk', 'fulfilment.response.occasion.mixin']


class FulfilmentTicket(models.Model):
    _name = 'fulfilment.ticket'
    _inherit = ['fulfilment.ticket', 'fulfilment.response.occasion.mixin']
