from odoo import api, fields, models
from odoo.tools import format_date

from ..base.queued_mail_mixin import LAYOUT


class FulfilmentRewardGrant(models.Model):
    """What the customer is told about a reward, in the customer's language."""
    _inherit = 'fulfilment.reward.grant'

    # What templates may say. One that uses nothing else is filled in without being compiled for every record.
    receiver_name = fields.Char(compute='_compute_texts')
    reward_text = fields.Char(string="What is given", compute='_compute_texts')
    reason_text = fields.Char(string="What for", compute='_compute_texts')
    company_name = fields.Char(compute='_compute_texts')
    sender_name = fields.Char(compute='_compute_texts')

    TEXTS = ('receiver_name', 'reward_text', 'reason_text', 'company_name', 'sender_name')

    @api.model
    def mail_allowed_qweb_expressions(self):
        return (*super().mail_allowed_qweb_expressions(), *(f'object.{name}' for name in self.TEXTS))

    @api.depends_context('lang')
    def _compute_texts(self):
        # safe: texts of a reward the reader may read; programs and terms are named, nothing else of them is told
        for grant, own in zip(self, self.sudo(), strict=True):
            grant.receiver_name = own.partner_id.name or ''
            grant.reward_text = own._what_is_given()
            grant.reason_text = own.with_context(lang=self.env.lang)._told_reason()
            grant.company_name = own.company_id.name
            grant.sender_name = own.user_id.name or own.company_id.name

    def _what_is_given(self):
        """Return the reward in a few words, in the language of the context."""
        self.ensure_one()
        return getattr(self, f'_words_{self.effect}')(format_date(self.env, self.ends_on) if self.ends_on else '')

    def _told_reason(self):
        """Return what the customer is told the reward is for, in the customer's language."""
        self.ensure_one()
        own = self.with_context(lang=self.partner_id.lang or self.env.lang)
        if self.ticket_id:
            return own.env._("Compensation for %s", self.ticket_id.display_name)
        return own.rule_id.explanation or own.rule_id.name or own.env._("Reward")

    def _tell_customers(self):
        """Mail those who are to be told and have an address."""
        told = self.filtered(lambda one: one.is_notified and one.partner_id.email)
        if told:
            # safe: a mail to the customer about the customer's own reward, from a template administrators edit
            template = self.env.ref('fulfilment_crm.mail_template_reward').sudo()
            template._fulfilment_check_vouched(self._name)
            for company, theirs in told.grouped('company_id').items():
                template.send_mail_batch(theirs.ids, email_layout_xmlid=LAYOUT, email_values=company._fulfilment_letterhead())
