from odoo import api, fields, models
from odoo.exceptions import UserError

from ..base.readers import READERS


class CalendarEvent(models.Model):
    """A meeting that is over can be logged with a button, once."""
    _inherit = 'calendar.event'

    fulfilment_interaction_ids = fields.One2many('fulfilment.interaction', 'event_id', string="Interactions", groups=READERS)
    fulfilment_contact_id = fields.Many2one(
        'res.partner', string="Contact to log", compute='_compute_fulfilment_contact_id', groups=READERS,
        help="The customer the meeting is about, or the first participant who is not a colleague.",
    )
    fulfilment_log_state = fields.Selection(
        [('none', "Nothing to log"), ('open', "To log"), ('logged', "Logged")], compute='_compute_fulfilment_contact_id', groups=READERS,
    )

    @api.depends('res_model', 'res_id', 'partner_ids', 'stop', 'fulfilment_interaction_ids')
    def _compute_fulfilment_contact_id(self):
        now = fields.Datetime.now()
        # safe: whether a participant is a colleague
        people = self.sudo().partner_ids.with_context(active_test=False)
        colleagues = people.filtered(lambda one: any(not user.share for user in one.user_ids))
        for event in self:
            contract = event._fulfilment_contract()
            partner = contract.partner_id
            if event.res_model == 'res.partner' and event.res_id:
                partner = partner.browse(event.res_id)
            contacts = event.partner_ids - colleagues.with_env(self.env)
            event.fulfilment_contact_id = contacts.filtered(
                lambda one, partner=partner: one.commercial_partner_id == partner.commercial_partner_id,
            )[:1] if partner else contacts[:1]
            event.fulfilment_contact_id = event.fulfilment_contact_id or partner
            over = event.fulfilment_contact_id and event.stop and event.stop <= now
            event.fulfilment_log_state = 'logged' if event.fulfilment_interaction_ids else 'open' if over else 'none'

    def _fulfilment_contract(self):
        """Return the contract a meeting is about: the one it was made from."""
        self.ensure_one()
        return self.env['fulfilment.contract'].browse(self.res_id if self.res_model == 'fulfilment.contract' and self.res_id else [])

    def _fulfilment_contact_kind(self):
        """Return the kind of contact that logging the meeting proposes, a key of ``KINDS``."""
        return 'meeting'

    def action_log_fulfilment_interaction(self):
        """Log the meeting as an interaction, or open the interaction it was logged as.

        :raise UserError: when there is nobody to log it with
        """
        self.ensure_one()
        self.check_access('read')
        if self.fulfilment_interaction_ids:
            return self.fulfilment_interaction_ids[:1]._get_records_action()
        contact = self.fulfilment_contact_id
        if not contact:
            raise UserError(self.env._("Nobody from outside takes part in “%s”: add the customer's contact.", self.name))
        contract = self._fulfilment_contract()
        contacts = self.partner_ids.filtered(lambda one: one.commercial_partner_id == contact.commercial_partner_id)
        # safe: who of the participants is a colleague
        colleagues = self.sudo().partner_ids.user_ids.filtered(lambda user: not user.share)
        return self.env['fulfilment.interaction']._log_action(
            event_id=self.id, date=fields.Datetime.to_string(self.start), duration=self.duration, topic=self.name, partner_id=contact.id,
            kind=self._fulfilment_contact_kind(), channel='video' if self.videocall_location else 'person', contract_id=contract.id,
            contact_ids=contacts.ids, participant_ids=colleagues.ids, company_id=(contract.company_id or self.env.company).id,
        )

    def _get_activity_excluded_models(self):
        """Meetings of a communication plan stand in the calendar; a to-do for each beside it would be too much."""
        excluded = super()._get_activity_excluded_models()
        return [*excluded, 'fulfilment.contract', 'res.partner'] if self.env.context.get('fulfilment_without_activity') else excluded
