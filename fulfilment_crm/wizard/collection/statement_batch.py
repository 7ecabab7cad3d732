from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command, Domain


class FulfilmentStatementBatch(models.TransientModel):
    """Asks as of which day the chosen customers are sent their statements."""
    _name = 'fulfilment.statement.batch'
    _description = 'Statements of many customers'
    _inherit = ['fulfilment.guard.mixin']

    profile_ids = fields.Many2many('fulfilment.profile', string="Customers")
    as_of = fields.Date(
        string="Balance as of", required=True, default=lambda self: fields.Date.context_today(self) - relativedelta(day=1, days=1),
    )
    date_from = fields.Date(string="Entries from", compute='_compute_date_from', store=True, readonly=False)
    only_owing = fields.Boolean(string="Only who owes something", default=True)
    summary = fields.Text(string="What happens", compute='_compute_summary')

    @api.depends('as_of')
    def _compute_date_from(self):
        for wizard in self:
            wizard.date_from = wizard.as_of and wizard.as_of.replace(month=1, day=1)

    @api.depends('profile_ids', 'as_of', 'only_owing')
    def _compute_summary(self):
        for wizard in self:
            chosen = wizard._chosen()
            known = self.env['fulfilment.statement']._receivers(chosen.partner_id)
            lacking = chosen.partner_id.filtered(lambda one, known=known: not known[one].email)
            said = [self.env._("%s customers are sent a statement.", len(chosen) - len(lacking))]
            if wizard.profile_ids - chosen:
                said.append(self.env._(
                    "%s are left out: they owe nothing, or have a statement of that day.", len(wizard.profile_ids - chosen),
                ))
            if lacking:
                said.append(self.env._("Without an e-mail address: %s", ', '.join(lacking.mapped('name')[:10])))
            wizard.summary = '\n'.join(said)

    def _chosen(self):
        """Return the profiles of those who are sent one."""
        self.ensure_one()
        chosen = self.profile_ids.filtered(lambda one: not self.only_owing or one.receivable_open and one.receivable_open > 0)
        there = self.env['fulfilment.statement'].search(
            Domain('partner_id', 'in', chosen.partner_id.ids) & Domain('as_of', '=', self.as_of),
        )
        had = {(one.partner_id, one.company_id.root_id) for one in there}
        return chosen.filtered(lambda one: (one.partner_id, one.company_id) not in had)

    def action_confirm(self):
        """Make the statements and let the scheduled action send them.

        :raise UserError: when nobody is left to be sent one
        """
        self.ensure_one()
        chosen = self._chosen()
        receivers = self.env['fulfilment.statement']._receivers(chosen.partner_id)
        chosen = chosen.filtered(lambda one: receivers[one.partner_id].email)
        if not chosen:
            raise UserError(self.env._("Nobody of them is sent a statement: %s", self.summary))
        statements = self.env['fulfilment.statement'].create([{
            'partner_id': one.partner_id.id, 'company_id': one.company_id.id, 'as_of': self.as_of,
            'date_from': self.date_from or self.as_of.replace(month=1, day=1), 'user_id': one.user_id.id or self.env.uid,
        } for one in chosen])
        statements.sudo().is_queued = True  # safe: guarded; who made them may send them
        self.env.ref('fulfilment_crm.ir_cron_statements').sudo()._trigger()  # safe: sends what is queued
        self.profile_ids = [Command.clear()]
        return {
            'type': 'ir.actions.act_window', 'name': self.env._("Statements of account"), 'res_model': 'fulfilment.statement',
            'views': [(False, 'list'), (False, 'form')], 'domain': [('id', 'in', statements.ids)],
        }
