from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

LONGEST = 92  # days within a year that salespeople keep a customer or contract from being reminded


class FulfilmentReminderPause(models.Model):
    """No reminders for a customer or a contract for a while. What falls into the pause is noted as skipped, with the reason."""
    _name = 'fulfilment.reminder.pause'
    _description = 'Pause of reminders'
    _inherit = ['fulfilment.guard.mixin']
    _order = 'date_to desc, id desc'
    _rec_name = 'reason'
    _check_company_auto = True

    company_id = fields.Many2one('res.company', required=True, index=True, default=lambda self: self.env.company)
    partner_id = fields.Many2one('res.partner', string="Customer", index='btree_not_null', ondelete='cascade', check_company=True)
    contract_id = fields.Many2one('fulfilment.contract', index='btree_not_null', ondelete='cascade', check_company=True)
    customer_id = fields.Many2one(
        'res.partner', string="Customer at that time", compute='_compute_customer_id', store=True, index='btree_not_null',
        ondelete='cascade',
        help="The customer as the pause was made: a contact who moves to another takes no pause along.",
    )
    reason = fields.Char(required=True)
    date_from = fields.Date(string="From", required=True, default=fields.Date.context_today)
    date_to = fields.Date(string="Until", required=True, help="Last day of the pause.")
    user_id = fields.Many2one('res.users', string="Paused by", default=lambda self: self.env.user, readonly=True, ondelete='set null',
        guarded=True,
    )

    _dates_in_order = models.Constraint('CHECK(date_to >= date_from)', "A pause ends on or after the day it begins.")

    @api.depends('partner_id')
    def _compute_customer_id(self):
        for pause in self:
            pause.customer_id = pause.partner_id.commercial_partner_id

    @api.constrains('partner_id', 'contract_id', 'reason')
    def _check_subject(self):
        for pause in self:
            if bool(pause.partner_id) == bool(pause.contract_id):
                raise ValidationError(self.env._("A pause is for a customer or for a contract: choose one of them."))

    @api.model_create_multi
    def create(self, vals_list):
        pauses = super().create(vals_list)
        pauses._check_length()
        return pauses

    def write(self, vals):
        result = super().write(vals)
        self.check_access('write')  # Odoo checks before it writes: a pause is not moved to a contract of somebody else
        self._check_length()
        return result

    def _check_length(self):
        """Check that salespeople do not keep a customer from being asked for longer than anybody may promise to pay later.

        :raise UserError: with what the user is told
        """
        if self.env.su or self.env.user._fulfilment_gives_credit():
            return
        # safe: how long the same customers were paused before
        for pause in self.sudo():
            today = pause.company_id._fulfilment_today()[pause.company_id]
            own = self.sudo().search([
                ('company_id', '=', pause.company_id.id), ('contract_id', '=', pause.contract_id.id),
                ('customer_id', '=', pause.customer_id.id), ('date_to', '>', fields.Date.subtract(today, years=1)),
            ])
            days = sum((one.date_to - one.date_from).days + 1 for one in own)
            if days > LONGEST:
                raise UserError(self.env._(
                    "%(name)s would be paused for %(days)s days within a year: more than %(most)s days are for credit control.",
                    name=pause.customer_id.name or pause.contract_id.name, days=days, most=LONGEST,
                ))

    @api.model
    def _pauses_of(self, contracts, today):
        """Find the pause that holds for each contract on its day.

        :param dict today: ``{company: date}``
        :return: ``{contract: pause}``
        """
        pauses = self.search([
            ('company_id', 'in', contracts.company_id.ids), '|',
            ('contract_id', 'in', contracts.ids), ('customer_id', 'in', contracts.commercial_partner_id.ids),
        ])
        found = {}
        for contract in contracts:
            for pause in pauses:
                same = pause.contract_id == contract or (
                    pause.customer_id and pause.customer_id == contract.commercial_partner_id
                )
                if same and pause.company_id == contract.company_id and pause.date_from <= today[contract.company_id] <= pause.date_to:
                    found[contract] = pause
        return found
