from odoo import api, fields, models


class FulfilmentTicketSolve(models.TransientModel):
    """Asks for what a ticket needs before it counts as solved."""
    _name = 'fulfilment.ticket.solve'
    _description = 'Solution of a ticket'
    _inherit = ['fulfilment.guard.mixin']

    ticket_id = fields.Many2one('fulfilment.ticket', required=True, readonly=True, ondelete='cascade')
    ticket_type = fields.Selection(related='ticket_id.ticket_type')
    reply_id = fields.Many2one('fulfilment.ticket.reply', string="Canned solution", store=False)
    solution = fields.Text(
        string="What was done", compute='_compute_from_ticket', store=True, readonly=False, required=True, help="The customer reads it.",
    )
    cause_id = fields.Many2one('fulfilment.ticket.cause', compute='_compute_from_ticket', store=True, readonly=False)

    @api.depends('ticket_id')
    def _compute_from_ticket(self):
        for dialog in self:
            dialog.solution = dialog.ticket_id.solution
            dialog.cause_id = dialog.ticket_id.cause_id

    @api.onchange('reply_id')
    def _onchange_reply_id(self):
        if self.reply_id:
            self.solution = '\n'.join(filter(None, [self.solution, self.reply_id.solution]))

    def action_confirm(self):
        """Keep the solution and ask the customer to confirm it."""
        self.ensure_one()
        self.ticket_id.action_solve(solution=self.solution, cause=self.cause_id.id)
        return {'type': 'ir.actions.act_window_close'}


class FulfilmentTicketFeedback(models.TransientModel):
    """Asks what the customer was told, and sends it where it is to be sent."""
    _name = 'fulfilment.ticket.feedback'
    _description = 'Feedback to a customer'
    _inherit = ['fulfilment.guard.mixin']

    ticket_ids = fields.Many2many('fulfilment.ticket', required=True, readonly=True)
    way = fields.Selection(
        [('mail', "Send it by e-mail now"), ('told', "I have told the customer, by phone or in person")], required=True, default='mail',
    )
    text = fields.Text(string="What we propose", required=True)

    def action_confirm(self):
        """Send or note the feedback."""
        self.ensure_one()
        self.ticket_ids.action_feed_back(text=self.text, way=self.way)
        return {'type': 'ir.actions.act_window_close'}
