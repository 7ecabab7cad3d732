from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ...models.base.to_do_mixin import ToDo

RESULTS = [
    ('promise', "Promises to pay"), ('paid', "Says to have paid"), ('dispute', "Something is wrong"), ('again', "Call again"),
    ('missed', "Not reached"),
]


class FulfilmentCollectionCall(models.TransientModel):
    """What came of a call about money owed: it becomes an interaction, and a promise, a dispute or the next call."""
    _name = 'fulfilment.collection.call'
    _description = 'Result of a collection call'
    _inherit = ['fulfilment.guard.mixin']

    profile_id = fields.Many2one('fulfilment.profile', required=True, readonly=True, ondelete='cascade')
    partner_id = fields.Many2one(related='profile_id.partner_id')
    company_id = fields.Many2one('res.company', required=True, default=lambda self: self.env.company, readonly=True)
    currency_id = fields.Many2one(related='company_id.currency_id')
    contact_id = fields.Many2one('res.partner', string="Spoken with", ondelete='cascade', domain="[('id', 'child_of', partner_id)]")
    result = fields.Selection(RESULTS, required=True, default='promise')
    amount = fields.Monetary(string="Promised")
    day = fields.Date(string="On", compute='_compute_day', store=True, readonly=False, help="By when it is paid, or called again.")
    note = fields.Text(string="What was said")

    @api.depends('result')
    def _compute_day(self):
        for call in self:
            today = call.company_id._fulfilment_today(reading=True)[call.company_id] if call.company_id else fields.Date.context_today(call)
            days = {'promise': 7, 'again': 2, 'missed': 1}.get(call.result)
            call.day = fields.Date.add(today, days=days) if days else False

    @api.constrains('contact_id', 'profile_id')
    def _check_contact(self):
        for call in self:
            # safe: asks whose contact it is
            if call.contact_id and call.contact_id.sudo().commercial_partner_id != call.profile_id.sudo().partner_id.commercial_partner_id:
                raise ValidationError(self.env._("%s is no contact of this customer.", call.contact_id.display_name))

    def action_confirm(self):
        """Take it down."""
        self.ensure_one()
        self.profile_id._check_agrees()
        if self.result in ('promise', 'again', 'missed') and not self.day:
            raise UserError(self.env._("Say on which day."))
        label = dict(self._fields['result']._description_selection(self.env))[self.result]
        # safe: the user's own call with a customer whose account they read; credit control logs no other interactions
        self.env['fulfilment.interaction'].sudo().create({
            'partner_id': (self.contact_id or self.partner_id).id, 'company_id': self.company_id.id, 'kind': 'call', 'channel': 'phone',
            'topic': self.env._("Money owed: %s", label), 'conclusion': self.note, 'user_id': self.env.uid,
        })
        self._settle_calls()
        return getattr(self, f'_result_{self.result}')() or {'type': 'ir.actions.act_window_close'}

    def _settle_calls(self):
        """Note that the calls strategies asked for were made, if somebody was reached."""
        if self.result == 'missed':
            return
        # safe: calls to the customer the user has just called; of the company they work in
        calls = self.env['fulfilment.reminder'].sudo().search([
            ('customer_id', '=', self.partner_id.id), ('company_id', '=', self.company_id.id), ('state', '=', 'to_call'),
        ])
        calls.write({'state': 'sent', 'sent_on': fields.Datetime.now()})
        self.partner_id.sudo().activity_unlink(['fulfilment_crm.activity_type_collection'])  # safe: as above

    def _result_promise(self):
        self.env['fulfilment.payment.promise'].create({
            'partner_id': self.partner_id.id, 'company_id': self.company_id.id, 'currency_id': self.currency_id.id, 'amount': self.amount,
            'date_promised': self.day, 'note': self.note,
        })

    def _result_paid(self):
        lines = self.env['fulfilment.payment.promise']._open_lines(self.partner_id, self.company_id)
        # safe: collection waits a few days for the money
        self.env['fulfilment.collection.position'].sudo()._rest(lines)

    def _result_dispute(self):
        return self.env['fulfilment.instalment']._of_customer(self.partner_id, self.company_id)

    def _result_again(self):
        self.env['mail.activity']._fulfilment_give('fulfilment_crm.activity_type_collection', [
            ToDo(self.partner_id, self.env.user, self.env._("Call again about what is owed"), self.day),
        ])

    def _result_missed(self):
        return self._result_again()
