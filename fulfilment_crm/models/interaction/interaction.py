from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import ValidationError

KINDS = [
    ('visit', "Visit"), ('call', "Call"), ('followup', "Follow-up"), ('meeting', "Meeting"), ('mail', "Correspondence"),
    ('other', "Other"),
]
CHANNELS = [
    ('person', "In person"), ('phone', "Phone"), ('video', "Video"), ('email', "E-mail"), ('chat', "Chat"), ('event', "Fair or event"),
    ('letter', "Letter"),
]
AHEAD = timedelta(hours=1)  # clocks differ, and what goes on just now may be logged
# What follows from these is judged by them: another date, kind, customer or company may fulfil another care task.
DECISIVE = {'date', 'kind', 'partner_id', 'company_id'}


class FulfilmentInteraction(models.Model):
    """What was said with a customer: when, by whom, how, and what came of it."""
    _name = 'fulfilment.interaction'
    _description = 'Interaction'
    _inherit = ['fulfilment.guard.mixin']
    _order = 'date desc, id desc'
    _rec_name = 'topic'
    _check_company_auto = True

    # What happened
    date = fields.Datetime(string="When", required=True, default=fields.Datetime.now, index=True, help="When it began.")
    duration = fields.Float(string="Duration (hours)", default=0.5)
    kind = fields.Selection(
        KINDS, required=True, default='call', index=True, help="Visits, calls and follow-ups fulfil the care planned for the customer.",
    )
    channel = fields.Selection(CHANNELS, required=True, default='phone')
    topic = fields.Char(required=True)
    conclusion = fields.Text(help="What was agreed or learned.")
    step_ids = fields.One2many('fulfilment.interaction.step', 'interaction_id', string="Next steps")

    # With whom
    partner_id = fields.Many2one(
        'res.partner', string="Customer", required=True, index=True, ondelete='restrict', check_company=True,
        help="The contact spoken with, or the customer.",
    )
    commercial_partner_id = fields.Many2one(
        related='partner_id.commercial_partner_id', string="Company of the customer", store=True, index=True,
    )
    contact_ids = fields.Many2many('res.partner', 'fulfilment_interaction_contact_rel', string="Participants of the customer")
    participant_ids = fields.Many2many('res.users', 'fulfilment_interaction_user_rel', string="Our participants")
    user_id = fields.Many2one(
        'res.users', string="Responsible", required=True, default=lambda self: self.env.user, index=True, ondelete='restrict',
        check_company=True,
    )

    # What it was about
    company_id = fields.Many2one('res.company', required=True, index=True, default=lambda self: self.env.company)
    contract_id = fields.Many2one('fulfilment.contract', index='btree_not_null', ondelete='set null', check_company=True)
    milestone_id = fields.Many2one(
        'fulfilment.milestone', index='btree_not_null', ondelete='set null', domain="[('contract_id', '=', contract_id)]",
    )
    ticket_id = fields.Many2one('fulfilment.ticket', index='btree_not_null', ondelete='set null', check_company=True)

    # What it was logged from
    event_id = fields.Many2one('calendar.event', string="Meeting in the calendar", copy=False, ondelete='set null', index='btree_not_null')
    activity_id = fields.Many2one('mail.activity', copy=False, ondelete='set null', index='btree_not_null')

    # When it was logged
    logged_on = fields.Datetime(readonly=True, required=True, copy=False, default=fields.Datetime.now, guarded=True)
    hours_to_log = fields.Float(
        string="Logged after (hours)", compute='_compute_hours_to_log', store=True, aggregator='avg',
        help="From its beginning until it was logged.",
    )
    is_logged_late = fields.Boolean(
        string="Logged late", compute='_compute_hours_to_log', store=True, index=True,
        help="More hours after it happened than the company allows. Exactly so many are in time.",
    )
    late_count = fields.Integer(string="Number logged late", compute='_compute_hours_to_log', store=True)

    _event_once = models.UniqueIndex('(event_id) WHERE event_id IS NOT NULL', "This meeting has been logged already.")
    _activity_once = models.UniqueIndex('(activity_id) WHERE activity_id IS NOT NULL', "This activity has been logged already.")
    _duration_check = models.Constraint('CHECK(duration >= 0)', "The duration of an interaction is not negative.")
    _customer_idx = models.Index('(commercial_partner_id, company_id, date)')

    # === COMPUTE METHODS === #

    @api.depends('date', 'logged_on')
    def _compute_hours_to_log(self):
        for one in self:
            seconds = max((one.logged_on - one.date).total_seconds(), 0) if one.logged_on and one.date else 0
            one.hours_to_log = seconds / 3600
            # safe: reads how long the company allows
            one.is_logged_late = seconds > round(one.company_id.sudo().fulfilment_log_hours * 3600)
            one.late_count = int(one.is_logged_late)

    # === CONSTRAINTS === #

    @api.constrains('date', 'logged_on')
    def _check_has_happened(self):
        for one in self:
            if one.date > one.logged_on + AHEAD:
                raise ValidationError(self.env._(
                    "“%(topic)s” lies in the future: plan it as a meeting and log it afterwards.", topic=one.topic,
                ))

    @api.constrains('partner_id', 'contract_id', 'milestone_id', 'ticket_id')
    def _check_contract(self):
        for one in self:
            if one.ticket_id.commercial_partner_id and one.ticket_id.commercial_partner_id != one.commercial_partner_id:
                raise ValidationError(self.env._(
                    "Ticket %(ticket)s is not one of %(customer)s: choose another ticket or customer.",
                    ticket=one.ticket_id.display_name, customer=one.partner_id.display_name,
                ))
            if one.contract_id and one.contract_id.commercial_partner_id != one.commercial_partner_id:
                raise ValidationError(self.env._(
                    "Contract %(contract)s is not one with %(customer)s: choose another contract or customer.",
                    contract=one.contract_id.display_name, customer=one.partner_id.display_name,
                ))
            if one.milestone_id and one.milestone_id.contract_id != one.contract_id:
                raise ValidationError(self.env._(
                    "Milestone “%s” belongs to another contract: choose one of the contract.", one.milestone_id.display_name,
                ))

    @api.onchange('contract_id')
    def _onchange_contract_id(self):
        if self.contract_id and self.contract_id.commercial_partner_id != self.partner_id.commercial_partner_id:
            self.partner_id = self.contract_id.partner_id

    @api.onchange('kind')
    def _onchange_kind(self):
        usual = {'visit': 'person', 'call': 'phone', 'mail': 'email'}
        if self.kind in usual:
            self.channel = usual[self.kind]

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        interactions = super().create(vals_list)
        interactions._check_readable()
        interactions._on_logged()
        return interactions

    def write(self, vals):
        decisive = DECISIVE & vals.keys()
        if decisive:
            self.check_access('write')
            self._on_withdrawn()
        result = super().write(vals)
        if vals.keys() & {'contract_id', 'milestone_id', 'ticket_id'}:
            self._check_readable()
        if decisive:
            self._on_logged()
        return result

    def unlink(self):
        self.check_access('unlink')
        self._on_withdrawn()
        return super().unlink()

    def _check_readable(self):
        """Nobody logs on a contract or ticket they may not read."""
        if not self.env.su:
            self.contract_id.check_access('read')
            self.milestone_id.check_access('read')
            self.ticket_id.check_access('read')

    # === HOOKS === #

    def _on_logged(self):
        """Interactions were logged or corrected: what they fulfil follows."""

    def _on_withdrawn(self):
        """Interactions are about to be corrected or deleted: what they fulfilled is open again."""

    # === ACTIONS === #

    def action_log(self):
        """Close the dialog; the form has been saved."""
        return {'type': 'ir.actions.act_window_close'}

    @api.model
    def _log_action(self, **defaults):
        """Return the dialog that logs an interaction.

        :param defaults: values the form begins with
        """
        return {
            'type': 'ir.actions.act_window', 'name': self.env._("Log an interaction"), 'res_model': self._name, 'target': 'new',
            'views': [(self.env.ref('fulfilment_crm.interaction_view_form_log').id, 'form')],
            'context': {f'default_{name}': value for name, value in defaults.items()},
        }
