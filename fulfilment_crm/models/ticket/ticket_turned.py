from odoo import api, fields, models
from odoo.exceptions import UserError

KEPT = 180  # days


class FulfilmentTicketTurned(models.Model):
    """An e-mail that opened no ticket: kept with its text, and made a ticket by whoever sees that somebody wrote it after all."""
    _name = 'fulfilment.ticket.turned'
    _description = 'E-mail turned away'
    _inherit = ['fulfilment.guard.mixin', 'fulfilment.machine.mixin']
    _order = 'received_on desc, id desc'
    _rec_name = 'subject'

    sender = fields.Char(readonly=True)
    subject = fields.Char(readonly=True)
    body = fields.Html(string="Text", readonly=True, sanitize=True)
    reason = fields.Selection([('machine', "Sent by a machine")], string="Turned away because", required=True, readonly=True)
    received_on = fields.Datetime(string="Received on", readonly=True, default=fields.Datetime.now, index=True)
    company_id = fields.Many2one('res.company', required=True, readonly=True, index=True, ondelete='cascade')
    team_id = fields.Many2one('fulfilment.service.team', string="Sent to", readonly=True, ondelete='set null')
    ticket_id = fields.Many2one('fulfilment.ticket', readonly=True, index='btree_not_null', ondelete='set null')

    @api.model
    def _keep(self, message_dict, company, values, reason):
        """Keep an e-mail that is turned away.

        :param dict message_dict: as parsed
        :param company: whose address it was sent to
        :param dict values: what a ticket of it would have been given by the alias
        :param str reason: a key of ``reason``
        """
        # safe: nobody is logged in; what came from outside is kept for who looks after tickets
        return self.sudo().create({
            'sender': message_dict.get('email_from'), 'subject': (message_dict.get('subject') or '')[:200],
            'body': message_dict.get('body') or '', 'reason': reason, 'company_id': company.id, 'team_id': (values or {}).get('team_id'),
        })

    def action_make_ticket(self):
        """Open a ticket of an e-mail that somebody wrote after all.

        :return: action that opens it
        :raise UserError: when there is one already
        """
        self.ensure_one()
        self.check_access('read')
        if self.ticket_id:
            raise UserError(self.env._("There is a ticket of this e-mail already: %s", self.ticket_id.display_name))
        self.env['fulfilment.ticket'].check_access('create')
        # safe: as the gateway would have made it, for somebody who may make tickets and read this e-mail
        own = self.sudo()
        author = own.env['fulfilment.ticket']._author_of({'email_from': own.sender})
        known = author.filtered(lambda one: one.active and not any(user._is_internal() for user in one.user_ids))
        ticket = own.env['fulfilment.ticket'].create({
            'title': own.subject or self.env._("No subject"), 'description': own.body, 'origin': 'email', 'email_from': own.sender,
            'company_id': own.company_id.id, 'team_id': own.team_id.id, 'partner_id': known.id,
        })
        own.ticket_id = ticket
        return ticket.sudo(self.env.su)._get_records_action(name=self.env._("Ticket"))

    @api.autovacuum
    def _gc_turned(self):
        """Forget e-mails turned away long ago."""
        self.search([('received_on', '<', fields.Datetime.subtract(fields.Datetime.now(), days=KEPT))], limit=10000).unlink()
