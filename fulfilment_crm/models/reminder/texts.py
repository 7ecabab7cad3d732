from odoo import api, fields, models
from odoo.tools import format_date

from ...tools import markup
from ...tools.amount_words import amount_in_words


class FulfilmentReminder(models.Model):
    """What the templates of reminders may say: ready-made texts in the language of the context.

    A template that uses nothing else is rendered without being compiled for every record, which is several times faster; an
    administrator may still write any other expression of mail templates.
    """
    _inherit = 'fulfilment.reminder'

    receiver_name = fields.Char(compute='_compute_texts')
    contract_name = fields.Char(compute='_compute_texts')
    subject_name = fields.Char(compute='_compute_texts', help="What is due: the milestone, or the end of the contract.")
    due_date_text = fields.Char(compute='_compute_texts')
    when_text = fields.Char(compute='_compute_texts', help="In how many days, or how many days ago.")
    amount_text = fields.Char(compute='_compute_texts')
    amount_words = fields.Char(compute='_compute_texts')
    company_name = fields.Char(compute='_compute_texts')
    sender_name = fields.Char(compute='_compute_texts')
    duty_text = fields.Char(compute='_compute_texts', help="Who owes it, seen from the receiver.")
    payment_text = fields.Html(compute='_compute_texts', sanitize=False, help="How the customer pays: invoices, bank account, reference.")
    link = fields.Char(compute='_compute_texts')
    button = fields.Html(compute='_compute_texts', sanitize=False)

    TEXTS = (
        'receiver_name', 'contract_name', 'subject_name', 'due_date_text', 'when_text', 'amount_text', 'amount_words', 'company_name',
        'sender_name', 'duty_text', 'payment_text', 'link', 'button',
    )

    @api.model
    def mail_allowed_qweb_expressions(self):
        return (*super().mail_allowed_qweb_expressions(), *(f'object.{name}' for name in self.TEXTS))

    @api.depends_context('lang')
    def _compute_texts(self):
        env, lang = self.env, self.env.lang
        button = env._("Open the contract")
        today = self.company_id._fulfilment_today(reading=True)
        # safe: asks in which companies customers may pay online
        online = env['payment.provider'].sudo().search([('state', '=', 'enabled'), ('is_published', '=', True)]).company_id
        for reminder in self:
            contract, milestone = reminder.contract_id, reminder.milestone_id
            days = (reminder.due_date - (reminder.as_of or today.get(reminder.company_id) or fields.Date.context_today(reminder))).days
            currency, amount = contract.currency_id, milestone.amount_owed if milestone else 0.0
            reminder.receiver_name = reminder.partner_id.name or ''
            reminder.contract_name = contract.display_name
            reminder.subject_name = milestone.name or env._("End of contract %s", contract.name)
            reminder.due_date_text = format_date(env, reminder.due_date, lang_code=lang)
            reminder.when_text = self._when(days)
            reminder.amount_text = currency.format(amount) if amount else ''
            reminder.amount_words = amount_in_words(currency, amount, lang) if amount and reminder.channel == 'letter' else ''
            reminder.company_name = contract.company_id.name
            reminder.sender_name = (reminder.user_id or contract.user_id).name or contract.company_id.name
            reminder.duty_text = self._duty(milestone, reminder.audience, days)
            reminder.payment_text = reminder._payment_told(online) if amount else False
            reminder.link = contract._reminder_url(reminder.audience)
            reminder.button = markup.button(reminder.link, button)

    def _when(self, days):
        """``days`` until the due date, in words."""
        if days > 1:
            return self.env._("in %s days", days)
        if days == 1:
            return self.env._("tomorrow")
        if days == 0:
            return self.env._("today")
        if days == -1:
            return self.env._("yesterday")
        return self.env._("%s days ago", -days)

    def _payment_told(self, online):
        """Return how the customer pays what is due: the invoices with what is open of them, the bank account, the reference.

        :param online: companies that let customers pay online
        """
        self.ensure_one()
        milestone = self.milestone_id
        if self.audience != 'customer' or milestone.kind != 'payment' or milestone.obligor != 'customer':
            return False
        # safe: what the customer has to pay, by which account; of the contract they are party to
        moves, company = milestone.sudo().allocation_ids.move_line_id.move_id, milestone.sudo().company_id
        told, reference = [], self.contract_id.name
        for move in moves:
            if move.state == 'posted' and move.amount_residual > 0:
                money = move.currency_id.format
                told.append(markup.link(f'{self.get_base_url()}/my/invoices/{move.id}', self.env._(
                    "Invoice %(number)s of %(date)s: %(open)s open of %(total)s", number=move.name,
                    date=format_date(self.env, move.invoice_date), open=money(move.amount_residual), total=money(move.amount_total),
                )))
                reference = move.payment_reference or move.name
        if account := company._fulfilment_bank_account():
            told.append(self.env._("Bank account: %s", account))
        told.append(self.env._("Payment reference: %s", reference))
        payable = moves.filtered(lambda move: move.company_id in online and move._has_to_be_paid())[:1]
        if payable and self.channel != 'letter':
            told.append(markup.button(f'{self.get_base_url()}/my/invoices/{payable.id}', self.env._("Pay online")))
        return markup.lines(told)

    def _duty(self, milestone, audience, days):
        if not milestone:
            return ''
        if audience == 'customer' and milestone.kind == 'payment' and milestone.obligor == 'customer':
            return self.env._("We have not received this payment yet.") if days < 0 else self.env._("Please let us have it by then.")
        if milestone.obligor == 'us':
            return self.env._("We owe this to you.") if audience == 'customer' else self.env._("We owe this to the customer.")
        return self.env._("You owe this to us.") if audience == 'customer' else self.env._("The customer owes this to us.")


class FulfilmentContract(models.Model):
    _inherit = 'fulfilment.contract'

    def _reminder_url(self, audience):
        """Where a reminder leads: customers to the portal, colleagues to the form."""
        self.ensure_one()
        if audience == 'customer':
            return f'{self.get_base_url()}/my/fulfilment/contracts/{self.id}'
        return f'{self.get_base_url()}/odoo/fulfilment-contracts/{self.id}'
