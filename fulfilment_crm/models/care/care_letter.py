from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import is_html_empty

from ...tools.printable import printable
from ..base.queued_mail_mixin import LAYOUT


class FulfilmentCareLetter(models.TransientModel):
    """One letter to many customers, printed as one document."""
    _name = 'fulfilment.care.letter'
    _description = 'Letter to customers'

    partner_ids = fields.Many2many('res.partner', string="Recipients", required=True)
    company_id = fields.Many2one('res.company', required=True, default=lambda self: self.env.company, ondelete='cascade')
    date = fields.Date(required=True, default=fields.Date.context_today)
    subject = fields.Char(required=True)
    body = fields.Html(string="Text")
    without_address = fields.Char(compute='_compute_without_address', string="Without postal address")

    @api.depends('partner_ids')
    def _compute_without_address(self):
        for letter in self:
            letter.without_address = ', '.join((letter.partner_ids - letter._receivers()).mapped('display_name'))

    def _printable_body(self):
        """Return the text as it may be printed: the printer fetches what a text names, from inside our network."""
        self.ensure_one()
        return printable(self.body)

    def _receivers(self):
        """Those of the customers a letter can reach."""
        return self.partner_ids.filtered(lambda one: one.street and one.city)

    def action_print(self):
        """Print the letters.

        :raise UserError: when there is no text, or nobody has a postal address
        """
        self.ensure_one()
        if is_html_empty(self.body):
            raise UserError(self.env._("The letter “%s” has no text yet: write it first.", self.subject))
        if not self._receivers():
            raise UserError(self.env._("None of these customers has a postal address: add street and city to them."))
        return self.env.ref('fulfilment_crm.action_report_care_letter').report_action(self, config=False)


class FulfilmentProfile(models.Model):
    """Mail, SMS and letters to the customers of a list, in Odoo's own dialogs."""
    _inherit = 'fulfilment.profile'

    def action_write_mail(self):
        """Write one mail to all of these customers."""
        self.check_access('read')
        return {
            'type': 'ir.actions.act_window', 'name': self.env._("Write a mail"), 'res_model': 'mail.compose.message', 'target': 'new',
            'views': [(False, 'form')], 'context': {
                'default_model': 'res.partner', 'default_res_ids': self.partner_id.ids, 'default_composition_mode': 'mass_mail',
                'default_email_layout_xmlid': LAYOUT,
                'active_model': 'res.partner', 'active_ids': self.partner_id.ids,
            },
        }

    def action_write_sms(self):
        """Write one SMS to all of these customers."""
        self.check_access('read')
        return {
            'type': 'ir.actions.act_window', 'name': self.env._("Write an SMS"), 'res_model': 'sms.composer', 'target': 'new',
            'views': [(False, 'form')], 'context': {
                'default_res_model': 'res.partner', 'default_res_ids': repr(self.partner_id.ids), 'default_composition_mode': 'mass',
                'default_mass_keep_log': True, 'active_model': 'res.partner', 'active_ids': self.partner_id.ids,
            },
        }

    def action_write_letter(self):
        """Write one letter to all of these customers, to be printed."""
        self.check_access('read')
        return {
            'type': 'ir.actions.act_window', 'name': self.env._("Write a letter"), 'res_model': 'fulfilment.care.letter', 'target': 'new',
            'view_mode': 'form', 'context': {'default_partner_ids': self.partner_id.ids},
        }
