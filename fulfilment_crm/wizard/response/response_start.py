from odoo import api, fields, models
from odoo.exceptions import UserError

from ...models.response.response import OCCASIONS


class FulfilmentResponseStart(models.TransientModel):
    _name = 'fulfilment.response.start'
    _description = 'Start a response plan'

    res_model = fields.Char(required=True)
    res_id = fields.Integer(required=True)
    occasion = fields.Char(string="The matter", compute='_compute_occasion')
    company_id = fields.Many2one('res.company', required=True, default=lambda self: self.env.company)
    plan_id = fields.Many2one(
        'fulfilment.response.plan', string="Response plan", required=True, ondelete='cascade',
        domain="['|', ('company_id', '=', False), ('company_id', 'parent_of', company_id)]",
    )
    when_to_use = fields.Text(related='plan_id.when_to_use', related_sudo=False)
    user_id = fields.Many2one(
        'res.users', string="Owner", domain="[('share', '=', False), ('company_ids', 'in', company_id)]",
        help="Whose matter it is. Empty: whoever is responsible for the customer.",
    )
    is_drill = fields.Boolean(string="Drill", help="An exercise: every to-do is marked as one, and it counts in no figure.")

    @api.depends('res_model', 'res_id')
    def _compute_occasion(self):
        for dialog in self:
            dialog.occasion = dialog._record().display_name

    @api.model_create_multi
    def create(self, vals_list):
        dialogs = super().create(vals_list)
        dialogs.plan_id.check_access('read')  # a plan of others cannot be named, so that nothing of it is read here
        return dialogs

    def write(self, vals):
        result = super().write(vals)
        self.plan_id.check_access('read')
        return result

    @api.model
    def _ask(self, record, plan=None):
        """Return the dialog for a record.

        :param plan: the plan to propose, when it is known
        """
        record.check_access('read')
        facts = self.env['fulfilment.response.plan']._response_facts(record)[record.id]
        return {
            'type': 'ir.actions.act_window', 'name': self.env._("Start a response plan"), 'res_model': self._name, 'view_mode': 'form',
            'views': [(False, 'form')], 'target': 'new', 'context': {
                'default_res_model': record._name, 'default_res_id': record.id, 'default_company_id': facts['company_id'],
                'default_user_id': facts['user_id'] or self.env.uid, 'default_plan_id': plan.id if plan else False,
            },
        }

    def _record(self):
        """Return the record the plan is started for.

        :raise UserError: when plans are not started for that
        """
        self.ensure_one()
        if self.res_model not in OCCASIONS or self.res_model not in self.env:
            raise UserError(self.env._("No response plan is started for records of this kind."))
        record = self.env[self.res_model].browse(self.res_id)
        record.check_access('read')
        return record

    def action_start(self):
        """Start the plan, or open the response that is under way already."""
        self.ensure_one()
        record = self._record()
        self.plan_id.check_access('read')
        response = self.plan_id._start(record, owner=self.user_id, drill=self.is_drill) or self.env['fulfilment.response'].search([
            ('plan_id', '=', self.plan_id.id), ('res_model', '=', record._name), ('res_id', '=', record.id), ('state', '=', 'running'),
            ('is_drill', '=', self.is_drill),
        ], limit=1)
        return response._get_records_action()
