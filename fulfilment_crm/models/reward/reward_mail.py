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
        """The reward in a few words, in the language of the context."""
        self.ensure_one()
        env, until = self.env, format_date(self.env, self.ends_on) if self.ends_on else ''
        if self.effect == 'points':
            return env._("%(points)s points", points=f'{self.points:g}')
        if self.effect == 'coupon':
            name = self.program_id.name or ''
            return env._("Coupon “%(name)s”, valid until %(date)s", name=name, date=until) if until else env._("Coupon “%s”", name)
        if self.effect == 'payment_term':
            name = self.payment_term_id.name or ''
            return env._("Payment terms “%(name)s” until %(date)s", name=name, date=until) if until \
                else env._("Payment terms “%(name)s” for %(days)s days", name=name, days=self.days)
        if self.effect == 'limit':
            return env._("Higher credit limit until %s", until) if until else env._("Higher credit limit for %s days", self.days)
        if self.effect == 'priority':
            return env._("Priority until %s", until) if until else env._("Priority for %s days", self.days)
        return env._("Free training: %s", self._training_in_words())

    def _training_in_words(self):
        """The training in the language of the context, where the rule still says the same in any language."""
        rule = self.rule_id
        said = {rule.with_context(lang=code).training for code, _name in self.env['res.lang'].get_installed()} if rule else ()
        return rule.training if self.training in said else self.training or ''

    def _tell_customers(self):
        """Mail those who are to be told and have an address. Coupons are mailed by Odoo, with their code."""
        told = self.filtered(lambda one: one.is_notified and one.effect != 'coupon' and one.partner_id.email)
        if told:
            # safe: a mail to the customer about the customer's own reward, from a template administrators edit
            template = self.env.ref('fulfilment_crm.mail_template_reward').sudo()
            for company, theirs in told.grouped('company_id').items():
                template.send_mail_batch(theirs.ids, email_layout_xmlid=LAYOUT, email_values=company._fulfilment_letterhead())
