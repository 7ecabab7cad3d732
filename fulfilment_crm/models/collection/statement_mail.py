from odoo import api, fields, models
from odoo.fields import Command
from odoo.tools import format_date

from ...tools import markup


class FulfilmentStatement(models.Model):
    """What the e-mail with a statement says, in the customer's language."""
    _inherit = 'fulfilment.statement'

    receiver_name = fields.Char(compute='_compute_texts')
    day_text = fields.Char(compute='_compute_texts')
    amount_text = fields.Char(compute='_compute_texts')
    overdue_text = fields.Char(compute='_compute_texts')
    company_name = fields.Char(compute='_compute_texts')
    sender_name = fields.Char(compute='_compute_texts')
    button = fields.Html(compute='_compute_texts', sanitize=False)

    TEXTS = ('receiver_name', 'day_text', 'amount_text', 'overdue_text', 'company_name', 'sender_name', 'button')

    @api.model
    def mail_allowed_qweb_expressions(self):
        return (*super().mail_allowed_qweb_expressions(), *(f'object.{name}' for name in self.TEXTS))

    @api.depends_context('lang')
    def _compute_texts(self):
        env = self.env
        for statement in self:
            money = statement.currency_id.with_context(lang=env.lang).format
            statement.receiver_name = (statement.contact_id or statement.partner_id).name or ''
            statement.day_text = format_date(env, statement.as_of) if statement.as_of else ''
            statement.amount_text = money(statement.amount)
            statement.overdue_text = env._("Overdue of it: %s", money(statement.amount_overdue)) if statement.amount_overdue > 0 else ''
            statement.company_name = statement.company_id.name
            statement.sender_name = statement.user_id.name or statement.company_id.name
            statement.button = markup.button(
                f'{statement.get_base_url()}/my/fulfilment/statements/{statement.id}', env._("Look at the statement and confirm it"),
            )

    def _prepare_mails(self, vals_list, rendered):
        result = super()._prepare_mails(vals_list, rendered)
        for statement, vals in zip(self, vals_list, strict=True):
            vals.update({
                'model': statement._name, 'res_id': statement.id, 'recipient_ids': [Command.link(statement.contact_id.id)],
                'attachment_ids': [Command.link(copy.id) for copy in statement._document_copy()],
            })
        return result

    def _document_copy(self):
        """Return the attachment of the document, for an e-mail; the document itself stays where it is."""
        self.ensure_one()
        # safe: what goes out with the customer's own e-mail
        return self.env['ir.attachment'].sudo().create({
            'name': self.document_name, 'datas': self.document, 'res_model': self._name, 'res_id': self.id,
        }) if self.document else self.env['ir.attachment']


class MailMail(models.Model):
    _inherit = 'mail.mail'

    def _fulfilment_pages(self):
        return {**super()._fulfilment_pages(), 'statements': 'fulfilment.statement'}
