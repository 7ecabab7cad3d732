from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..base.readers import READERS
from ..interaction.interaction import CHANNELS

WEEKDAYS = [
    ('0', "Monday"), ('1', "Tuesday"), ('2', "Wednesday"), ('3', "Thursday"), ('4', "Friday"), ('5', "Saturday"), ('6', "Sunday"),
]


class FulfilmentCommunicationPlan(models.Model):
    """What was agreed about talking to each other while a contract runs: how often, when, how and who."""
    _name = 'fulfilment.communication.plan'
    _description = 'Communication plan'
    _inherit = ['fulfilment.guard.mixin']
    _order = 'contract_id, id'
    _check_company_auto = True

    name = fields.Char(string="Subject", required=True)
    contract_id = fields.Many2one('fulfilment.contract', required=True, index=True, ondelete='cascade')
    company_id = fields.Many2one(related='contract_id.company_id', store=True, index=True)
    active = fields.Boolean(string="Running", default=True, help="Stopped: meetings still ahead are taken out of the calendar.")
    kind = fields.Selection([('project', "Project meeting"), ('feedback', "Customer feedback")], required=True, default='project')
    rhythm = fields.Selection([('weekly', "Weekly"), ('monthly', "Monthly"), ('quarterly', "Quarterly")], required=True, default='weekly')
    weekday = fields.Selection(WEEKDAYS, default='0')
    day = fields.Integer(string="Day of the month", default=1, help="The 31st is the last day of shorter months.")
    time = fields.Float(string="At", required=True, default=10.0, help="In the time zone of the company's working hours.")
    duration = fields.Float(string="Duration (hours)", required=True, default=1.0)
    channel = fields.Selection(CHANNELS, required=True, default='video')
    user_id = fields.Many2one(
        'res.users', string="Organiser", check_company=True, ondelete='set null', help="Empty: whoever is responsible for the contract.",
    )
    contact_ids = fields.Many2many('res.partner', 'fulfilment_communication_contact_rel', string="Participants of the customer")
    participant_ids = fields.Many2many('res.users', 'fulfilment_communication_user_rel', string="Our participants")
    send_invitations = fields.Boolean(help="Odoo mails an invitation to each meeting to its participants.")
    date_from = fields.Date(string="From", help="Empty: from the start of the contract.")
    date_to = fields.Date(string="Until", help="Empty: until the end of the contract.")
    meeting_ids = fields.One2many('fulfilment.communication.meeting', 'plan_id', string="Meetings")

    _dates_in_order = models.Constraint('CHECK(date_to >= date_from)', "A communication plan ends on or after the day it begins.")
    _hours_check = models.Constraint(
        'CHECK(time >= 0 AND time < 24 AND duration > 0 AND duration <= 24)', "A meeting begins between 0 and 24 and lasts up to a day.",
    )

    @api.constrains('rhythm', 'weekday', 'day')
    def _check_rhythm(self):
        for plan in self:
            if plan.rhythm == 'weekly' and not plan.weekday:
                raise ValidationError(self.env._("“%s” is weekly: choose its day of the week.", plan.name))
            if plan.rhythm != 'weekly' and not 1 <= plan.day <= 31:
                raise ValidationError(self.env._("“%s”: the day of the month lies between 1 and 31.", plan.name))

    @api.constrains('contract_id', 'date_from', 'date_to')
    def _check_within_contract(self):
        for plan in self:
            contract = plan.contract_id
            if (plan.date_from and plan.date_from < contract.date_start) or (
                contract.date_end and max(plan.date_from or contract.date_start, plan.date_to or contract.date_start) > contract.date_end
            ):
                raise ValidationError(self.env._(
                    "“%(plan)s” reaches beyond contract %(contract)s: choose days within its term.", plan=plan.name,
                    contract=contract.display_name,
                ))

    @api.model_create_multi
    def create(self, vals_list):
        plans = super().create(vals_list)
        plans._check_free()
        return plans

    def write(self, vals):
        result = super().write(vals)
        if 'contract_id' in vals:
            self._check_free()
        return result

    def _check_free(self):
        """Check that who makes a plan may change the contract: a plan is part of it."""
        if not self.env.su:
            self.contract_id.check_access('write')

    def action_stop(self):
        """Stop plans: their meetings still ahead are taken out of the calendar, but for those that somebody has changed."""
        self.check_access('write')
        self.active = False
        # safe: the calendar follows the plan the user was allowed to stop
        plans = self.sudo()
        plans._arrange(plans, today=plans.company_id._fulfilment_today())
        return True

    def action_resume(self):
        """Let stopped plans run again; the daily round makes their meetings."""
        self.check_access('write')
        self.active = True
        return True


class FulfilmentContract(models.Model):
    _inherit = 'fulfilment.contract'

    communication_plan_ids = fields.One2many(
        'fulfilment.communication.plan', 'contract_id', string="Communication plan", groups=READERS, context={'active_test': False},
    )
