from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tools import plaintext2html

from ..base.claim import claim
from ..base.queued_mail_mixin import LAYOUT
from ..base.to_do_mixin import ToDo
from .promise import FURTHEST, MOST_BROKEN

ANSWERS = ('paid', 'promise', 'dispute', 'again')
MOST_ANSWERS = 10  # to one letter, and to one account within a day
RESTS_WHEN_PAID = 7  # days that a bank may take


class FulfilmentReminder(models.Model):
    """The page under a letter: paid, will pay, something is wrong, send it again. It opens by a link of its own, which expires."""
    _name = 'fulfilment.reminder'
    _inherit = ['fulfilment.portal.mixin', 'fulfilment.reminder']
    _link_by_mail_only = True

    commercial_partner_id = fields.Many2one(related='customer_id', string="Customer of the page")

    def _compute_access_url(self):
        result = super()._compute_access_url()
        for reminder in self:
            reminder.access_url = f'/my/fulfilment/owed/{reminder.id}'
        return result

    def _is_what_about(self, record):
        return record in (self, self.customer_id, self.contract_id)

    def _may_mail_link(self):
        """Let whoever is responsible, and credit control, have the link mailed to the customer: nobody writes reminders."""
        if self.env.user._is_internal() and not self.env.user._is_superuser():
            # safe: asks who is responsible for the letter
            own = self.sudo().user_id == self.env.user or self.env.user.has_group('fulfilment_crm.group_credit')
            return own and self.sudo(False).has_access('read')
        return super()._may_mail_link()

    def _payment_told(self, online):
        """Lead customers from the reminder of a payment to the page for answers."""
        told = super()._payment_told(online)
        if told and self.channel == 'email':
            told += plaintext2html(self.env._("Answer here: %s", f'{self.get_base_url()}/my/fulfilment/owed/{self.id}'))
        return told

    def _is_answerable(self):
        """Whether the page is open: the letter went to the customer, and not too long ago."""
        self.ensure_one()
        days = self.company_id.fulfilment_answer_days
        return bool(
            self.audience == 'customer' and self.customer_id and self.sent_on
            and fields.Datetime.now() <= fields.Datetime.add(self.sent_on, days=days)
        )

    def _lines_of_page(self):
        """Return the journal items the letter is about that are still open."""
        self.ensure_one()
        lines = self.claim_ids.move_line_id | self.milestone_id.allocation_ids.move_line_id
        return lines.filtered(lambda line: not line.reconciled and line.parent_state == 'posted')

    def _check_answers(self):
        """:raise UserError: when the letter has been answered often enough"""
        self.ensure_one()
        claim(self)
        answers = self.env['fulfilment.event'].search_count([('model', '=', self._name), ('res_id', '=', self.id)], limit=MOST_ANSWERS)
        if answers >= MOST_ANSWERS:
            raise UserError(self.env._("This letter has been answered several times. Please call us."))


class FulfilmentProfile(models.Model):
    """The account of a customer on the portal, which is answered like a letter."""
    _inherit = 'fulfilment.profile'

    def _check_answers(self):
        """:raise UserError: when the account has been answered often enough within a day"""
        self.ensure_one()
        claim(self)
        answers = self.env['fulfilment.event'].search_count([
            ('model', '=', self._name), ('res_id', '=', self.id), ('kind', 'in', [f'profile.{answer}' for answer in ANSWERS]),
            ('date', '>', fields.Datetime.subtract(fields.Datetime.now(), days=1)),
        ], limit=MOST_ANSWERS)
        if answers >= MOST_ANSWERS:
            raise UserError(self.env._("You have answered several times today. Please call us."))


class FulfilmentPaymentPromise(models.Model):
    _inherit = 'fulfilment.payment.promise'

    @api.model
    def _promise_by_customer(self, partner, lines, day, amount, origin, user=None):
        """Take a promise of a customer, from a page.

        :param lines: open journal items of the customer, of one company and currency
        :param date day: by when
        :param float amount: in the currency of the lines
        :param str origin: ``portal`` or ``link``
        :param user: who is responsible
        :raise UserError: with what the customer is told
        """
        company, currency = lines.company_id, lines.currency_id
        if len(company) != 1 or len(currency) != 1:
            raise UserError(self.env._("Choose invoices of one company and currency."))
        today = company._fulfilment_today()[company]
        if not day or not today <= day <= fields.Date.add(today, days=FURTHEST):
            raise UserError(self.env._("Choose a day within the next %s days.", FURTHEST))
        left = sum(lines.mapped('amount_residual_currency'))
        if not amount or currency.compare_amounts(amount, 0) <= 0 or currency.compare_amounts(amount, left) > 0:
            raise UserError(self.env._("Enter an amount up to what is open: %s.", currency.format(left)))
        own = self.search([('partner_id', '=', partner.commercial_partner_id.id), ('company_id', '=', company.id)])
        if own.filtered(lambda one: one.state == 'open' and (not one.move_line_ids or one.move_line_ids & lines)):
            raise UserError(self.env._("There is a promise about this already. Please call us to change it."))
        lately = own.filtered(lambda one: one.state in ('broken', 'partly') and one.date_promised > fields.Date.subtract(today, years=1))
        if len(lately) >= MOST_BROKEN:
            raise UserError(self.env._("Please call us: we would like to talk about it."))
        promise = self.create({
            'partner_id': partner.commercial_partner_id.id, 'company_id': company.id, 'currency_id': currency.id, 'amount': amount,
            'date_promised': day, 'move_line_ids': [Command.set(lines.ids)], 'origin': origin, 'user_id': user and user.id,
            'grace_days': company.fulfilment_promise_grace, 'threshold': company.fulfilment_promise_threshold,
        })
        promise._give_to_do(lambda env: env._("The customer promises to pay"))
        return promise


class FulfilmentDispute(models.Model):
    _inherit = 'fulfilment.dispute'

    @api.model
    def _dispute_by_customer(self, line, amount, reason, text, origin, user=None):
        """Take a dispute of a customer, from a page.

        :param line: the open journal item
        :raise UserError: with what the customer is told
        """
        if line.move_id.move_type != 'out_invoice':
            raise UserError(self.env._("Only invoices are disputed here. Please call us."))
        if not (text or '').strip():
            raise UserError(self.env._("Please describe what is wrong."))
        return self.create({
            'move_id': line.move_id.id, 'reason_id': reason.id, 'basis': 'sum', 'amount': amount, 'description': text.strip(),
            'origin': origin, 'user_id': user and user.id,
        })


class FulfilmentCollectionPosition(models.Model):
    _inherit = 'fulfilment.collection.position'

    @api.model
    def _rest(self, lines):
        """Wait for money that a customer says is on its way."""
        for company, own in lines.grouped('company_id').items():
            until = fields.Date.add(company._fulfilment_today()[company], days=RESTS_WHEN_PAID)
            waiting = self.search([('move_line_id', 'in', own.ids)])
            waiting.filtered(lambda one, until=until: one.next_on and one.next_on < until).next_on = until


class ResPartner(models.Model):
    _inherit = 'res.partner'

    def _fulfilment_send_invoices(self, moves, contact, company):
        """Send a customer invoices once more.

        :param contact: who gets them
        :param company: who sends them
        """
        self.ensure_one()
        if contact.fulfilment_unvouched:
            raise UserError(self.env._("Please call us: we cannot send invoices to this address yet."))
        reports = self.env['ir.actions.report']
        files = [
            (f"{(move.name or '').replace('/', '-')}.pdf", reports._render_qweb_pdf('account.account_invoices', move.ids)[0])
            for move in moves
        ]
        # Of no record: everybody inside reads what stands on a contact.
        own = self.env['mail.thread'].with_context(lang=contact.lang or self.env.lang)
        own.message_notify(
            partner_ids=contact.ids, subject=own.env._("Invoices you asked for"),
            body=plaintext2html(own.env._("Attached are the invoices you asked for: %s", ', '.join(moves.mapped('name')))),
            attachments=files, email_layout_xmlid=LAYOUT, author_id=company.partner_id.id,
            email_from=company.email_formatted or self.env.user.email_formatted,
        )

    def _fulfilment_says_paid(self, lines, day, reference, user):
        """Note that a customer says to have paid: collection waits a few days, and somebody looks for the money."""
        self.ensure_one()
        self.env['fulfilment.collection.position']._rest(lines)
        names = ', '.join(filter(None, lines.move_id.mapped('name')))
        said = self.env._("The customer says to have paid %(invoices)s on %(day)s: %(reference)s",
                          invoices=names, day=day or '–', reference=reference or '–')
        # safe: what a customer has told, for those who read what is said with them
        self.env['fulfilment.interaction'].sudo().create({
            'partner_id': self.id, 'company_id': lines.company_id[:1].id, 'kind': 'other', 'channel': 'email',
            'topic': self.env._("The customer says to have paid"), 'conclusion': said,
            'user_id': (user or lines.company_id[:1].fulfilment_manager_id or self.env.ref('base.user_root')).id,
        })
        if user:
            self.env['mail.activity']._fulfilment_give('fulfilment_crm.activity_type_collection', [ToDo(
                self, user, user._fulfilment_env()._("The customer says to have paid"), None,
            )])


class MailMail(models.Model):
    _inherit = 'mail.mail'

    def _fulfilment_pages(self):
        return {**super()._fulfilment_pages(), 'owed': 'fulfilment.reminder'}


class ResCompany(models.Model):
    _inherit = 'res.company'

    fulfilment_answer_days = fields.Integer(
        string="Pages under letters open for (days)", default=60, help="So long after a letter customers can answer by its link.",
    )


class ResConfigSettings(models.TransientModel):
    _inherit = 'res.config.settings'

    fulfilment_answer_days = fields.Integer(related='company_id.fulfilment_answer_days', readonly=False)
