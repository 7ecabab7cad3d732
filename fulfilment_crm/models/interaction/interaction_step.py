from odoo import api, fields, models

from ..base.to_do_mixin import ToDo, check_colleagues


class FulfilmentInteractionStep(models.Model):
    """What is to follow an interaction: given to a colleague as an activity, once."""
    _name = 'fulfilment.interaction.step'
    _description = 'Next step'
    _inherit = ['fulfilment.guard.mixin']
    _order = 'date, id'
    _rec_name = 'summary'

    interaction_id = fields.Many2one('fulfilment.interaction', required=True, index=True, ondelete='cascade')
    company_id = fields.Many2one(related='interaction_id.company_id', store=True, index=True)
    summary = fields.Char(string="What", required=True)
    user_id = fields.Many2one('res.users', string="Who", required=True, default=lambda self: self.env.user, ondelete='cascade')
    date = fields.Date(string="To be done by", required=True, default=fields.Date.context_today)
    activity_id = fields.Many2one('mail.activity', readonly=True, copy=False, ondelete='set null', index='btree_not_null', guarded=True)
    given_on = fields.Datetime(string="Given on", readonly=True, copy=False, guarded=True)
    is_done = fields.Boolean(string="Done", compute='_compute_is_done')

    @api.depends('activity_id.active', 'given_on')
    def _compute_is_done(self):
        # safe: whether the to-do of a step one reads is open; Odoo archives what is done
        activities = self.sudo().activity_id.with_context(active_test=False)
        done = set(activities.filtered(lambda activity: not activity.active).ids)
        for step in self:
            step.is_done = step.sudo().activity_id.id in done

    @api.constrains('user_id')
    def _check_colleague(self):
        check_colleagues(self)

    @api.model_create_multi
    def create(self, vals_list):
        steps = super().create(vals_list)
        steps._give()
        return steps

    def _give(self):
        """Give each step to who is to take it, on the contract or else the customer; a step is given once."""
        # safe: the user may add steps to the interaction, and an activity on its contract or customer is what a step is
        steps = self.sudo().filtered(lambda step: not step.given_on)
        activities = self.env['mail.activity'].sudo()._fulfilment_give('fulfilment_crm.activity_type_care', [ToDo(
            step.interaction_id.contract_id or step.interaction_id.commercial_partner_id, step.user_id, step.summary, step.date,
        ) for step in steps])
        for step, activity in zip(steps, activities, strict=True):
            step.activity_id = activity
        steps.given_on = fields.Datetime.now()
