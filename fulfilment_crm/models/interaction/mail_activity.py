from odoo import fields, models
from odoo.exceptions import UserError

from ..base.readers import READERS


class MailActivity(models.Model):
    """A finished call or meeting about a customer can be logged with a button, once."""
    _inherit = 'mail.activity'

    fulfilment_interaction_ids = fields.One2many('fulfilment.interaction', 'activity_id', string="Interactions", groups=READERS)

    def _fulfilment_contact_kind(self):
        """Return the kind of contact that logging the activity proposes, a key of ``KINDS``."""
        return {'phonecall': 'call', 'meeting': 'meeting'}.get(self.activity_category, 'other')

    def _fulfilment_company(self):
        """Return the company whose customer the activity is about, where no contract says so."""
        return self.env.company

    def action_log_fulfilment_interaction(self):
        """Log the activity as an interaction, or open the interaction it was logged as.

        :raise UserError: when it is not about a customer
        """
        self.ensure_one()
        self.check_access('read')
        if self.fulfilment_interaction_ids:
            return self.fulfilment_interaction_ids[:1]._get_records_action()
        record = self.env[self.res_model].browse(self.res_id).exists() if self.res_model else None
        if not record:
            raise UserError(self.env._("The activity “%s” is about nothing that is still there.", self.display_name))
        record.check_access('read')
        partner = record if record._name == 'res.partner' else next(iter(record._mail_get_partners()[record.id]), record.env['res.partner'])
        if not partner:
            raise UserError(self.env._("The activity “%s” is not about a customer.", self.display_name))
        contract = record if record._name == 'fulfilment.contract' else self.env['fulfilment.contract']
        kind = self._fulfilment_contact_kind()
        moment = self.calendar_event_id.start or min(
            fields.Datetime.now(), fields.Datetime.add(fields.Datetime.to_datetime(self.date_done or self.date_deadline), hours=9),
        )
        event = self.calendar_event_id
        return self.env['fulfilment.interaction']._log_action(
            activity_id=self.id, event_id=event.id if event and not event.fulfilment_interaction_ids else False,
            date=fields.Datetime.to_string(moment), topic=self.summary or self.display_name, conclusion=self.feedback or False,
            partner_id=partner.id, kind=kind, channel='phone' if kind in ('call', 'followup') else 'person', contract_id=contract.id,
            company_id=(contract.company_id or self._fulfilment_company()).id,
        )
