import json
from base64 import b64encode
from hashlib import sha256

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import format_date

from ...report.collection.statement_lines import bucket_names, kind_names, statement_of
from ...report.collection.statement_sheet import statement_sheet
from ...tools.amount_words import amount_in_words
from ...tools.sheet import render
from ...tools.shown_date import shown_date
from ..base.deletion import before_deletion
from ..base.guard_mixin import without_unchanged

DAYS = ('as_of', 'date_from', 'date', 'due')  # what is a date in the table of a statement
ASKED = frozenset({'partner_id', 'company_id', 'as_of', 'date_from'})


class FulfilmentStatement(models.Model):
    """The account of a customer as of a day, as it was sent, and what the customer said to it.

    Sent, it is a document: the table and the PDF made of it are kept with a hash, whatever is entered in the ledger afterwards.
    """
    _name = 'fulfilment.statement'
    _description = 'Statement of account'
    _inherit = [
        'fulfilment.guard.mixin', 'fulfilment.customer.mixin', 'fulfilment.portal.mixin', 'fulfilment.queued.mail.mixin',
        'fulfilment.chatter.mixin', 'mail.activity.mixin', 'fulfilment.flow.mixin',
    ]
    _order = 'as_of desc, id desc'
    _mail_post_access = 'read'
    _link_by_mail_only = True
    _rec_names_search = ('partner_id.name',)

    # The customer as it was: one that is put below another company later does not take its statements along.
    commercial_partner_id = fields.Many2one(related='partner_id', string="Customer of the page")
    company_id = fields.Many2one(help="Its branches count in.")
    currency_id = fields.Many2one(related='company_id.currency_id')
    as_of = fields.Date(
        string="Balance as of", required=True, tracking=True,
        default=lambda self: fields.Date.context_today(self) - relativedelta(day=1, days=1),
        help="The end of this day; proposed is the last day of the month before.",
    )
    date_from = fields.Date(
        string="Entries from", required=True, compute='_compute_date_from', store=True, readonly=False, precompute=True,
        help="What was entered before is the opening balance.",
    )
    amount = fields.Monetary(string="Balance", readonly=True, tracking=True, guarded=True)
    amount_overdue = fields.Monetary(string="Overdue", readonly=True, guarded=True)
    state = fields.Selection(
        [('draft', "Not sent yet"), ('sent', "Sent, not answered"), ('confirmed', "Confirmed"), ('contested', "Contested")],
        required=True, readonly=True, default='draft', index=True, tracking=True, guarded=True,
    )
    _moves = {'draft': {'sent'}, 'sent': {'confirmed', 'contested'}, 'contested': {'confirmed'}, 'confirmed': set()}

    # What was sent
    is_queued = fields.Boolean(string="To be sent", readonly=True, copy=False, guarded=True, help="The next run sends it.")
    contact_id = fields.Many2one('res.partner', string="Sent to", readonly=True, copy=False, ondelete='set null', guarded=True)
    sent_on = fields.Datetime(string="Sent on", readonly=True, copy=False, guarded=True)
    table = fields.Json(readonly=True, copy=False, guarded=True, help="The table as it was sent.")
    document = fields.Binary(string="Document sent", readonly=True, copy=False, attachment=True, guarded=True)
    document_name = fields.Char(readonly=True, copy=False, guarded=True)
    document_hash = fields.Char(string="SHA-256 of the document", readonly=True, copy=False, guarded=True)
    table_shown = fields.Html(string="Entries", compute='_compute_table_shown', sanitize=False)

    # What the customer said
    answered_by = fields.Char(string="Answered by", readonly=True, copy=False, guarded=True)
    answered_on = fields.Datetime(string="Answered on", readonly=True, copy=False, guarded=True)
    answered_from = fields.Char(string="By way of", readonly=True, copy=False, guarded=True, help="Login or link, and IP address.")
    answer_hash = fields.Char(
        string="Hash of what was answered", readonly=True, copy=False, guarded=True, help="SHA-256 of the document the customer saw.",
    )
    contested_lines = fields.Json(readonly=True, copy=False, guarded=True)
    contested_text = fields.Text(string="What is contested", readonly=True, copy=False, guarded=True)

    # === COMPUTE METHODS === #

    @api.depends('partner_id', 'as_of')
    @api.depends_context('lang')
    def _compute_display_name(self):
        for statement in self:
            statement.display_name = self.env._(
                "%(customer)s, %(day)s", customer=statement.partner_id.display_name or '',
                day=shown_date(self.env, statement.as_of) if statement.as_of else '–',
            )

    @api.depends('as_of')
    def _compute_date_from(self):
        for statement in self:
            statement.date_from = statement.date_from or (statement.as_of and statement.as_of.replace(month=1, day=1))

    def _compute_access_url(self):
        result = super()._compute_access_url()
        for statement in self:
            statement.access_url = f'/my/fulfilment/statements/{statement.id}'
        return result

    @api.depends('partner_id', 'company_id', 'as_of', 'date_from', 'state')
    @api.depends_context('lang')
    def _compute_table_shown(self):
        for statement in self:
            known = statement.partner_id and statement.as_of and statement.company_id and statement.id
            statement.table_shown = self.env['ir.qweb']._render(
                'fulfilment_crm.statement_table', statement._prepare_table(),
            ) if known else False

    # === CONSTRAINT METHODS === #

    @api.constrains('as_of', 'date_from', 'company_id')
    def _check_days(self):
        today = self.company_id._fulfilment_today(reading=True)
        for statement in self:
            if statement.as_of > today[statement.company_id]:
                raise UserError(self.env._("A statement is of a day that is over, or of today."))
            if statement.date_from > statement.as_of:
                raise UserError(self.env._("%s: the first day of the entries lies after the day of the statement.", statement.display_name))

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        statements = super().create(vals_list)
        statements._follow_quietly()
        statements._count_up()
        return statements

    def write(self, vals):
        if not self.env.su and without_unchanged(self, vals, ASKED).keys() & ASKED and (sent := self.filtered(lambda one: one.table)):
            raise UserError(self.env._("%s was sent and stays as it is. Make another statement.", sent[:1].display_name))
        result = super().write(vals)
        if vals.keys() & ASKED:
            # safe: a link that was handed out for another customer, or day, opens nothing
            self.sudo().access_token = False
            self._count_up()
        return result

    @before_deletion
    def _unlink_except_draft(self):
        for statement in self:
            if statement.state != 'draft':
                raise UserError(self.env._("%s was sent and stays on record.", statement.display_name))

    # === ACTIONS === #

    def action_send(self):
        """Send statements to their customers by e-mail, each with its document.

        :raise UserError: naming a customer without an e-mail address
        """
        self = self.union()
        self.check_access('write')
        for statement in self:
            if statement.state != 'draft':
                raise UserError(self.env._("%s was sent already.", statement.display_name))
            if not statement._receiver().email and (waiting := statement.partner_id._fulfilment_unvouched_of()):
                raise UserError(self.env._(
                    "The address of %s was entered by somebody who does not look after the account: confirm it on the contact.",
                    waiting[:1].display_name,
                ))
            if not statement._receiver().email:
                raise UserError(self.env._("%s has no e-mail address. Add one, or print the statement.", statement.partner_id.display_name))
        # safe: sending is guarded; the right to write was checked
        self.sudo()._send()
        return True

    def action_print(self):
        """Print the statement: as it was sent, or as it would be."""
        self.check_access('read')
        return self.env.ref('fulfilment_crm.action_report_statement').report_action(self)

    def action_export(self):
        """Download the statement as an Excel file."""
        self.ensure_one()
        self.check_access('read')
        sheet = statement_sheet(self.company_id, self._account())
        return self.env['fulfilment.export'].create({
            'name': f'{self._file_name()}.xlsx', 'file': b64encode(render(sheet)),
        })._download()

    def action_new_dispute(self):
        """Show the open instalments of the customer, to take down what is contested."""
        self.ensure_one()
        return self.env['fulfilment.instalment']._of_customer(self.partner_id, self.company_id)

    # === BUSINESS METHODS === #

    @api.model
    def _get_lines(self, partner, company, as_of, date_from=None):
        """Return the account of a customer as of a day; see ``statement_of``."""
        return statement_of(partner, company, fields.Date.to_date(as_of), fields.Date.to_date(date_from) if date_from else None)

    def _count_up(self):
        """Write the balance of drafts."""
        # safe: figures are guarded; of a customer whose instalments the user may read
        for statement in self.sudo().filtered(lambda one: one.state == 'draft'):
            table = statement._account()
            statement.write({'amount': table['closing'], 'amount_overdue': table['overdue']})

    def _account(self):
        """Return the table of the statement: as it was sent, else as the ledger has it now."""
        self.ensure_one()
        if self.table:
            return _read(self.table)
        return self._get_lines(self.partner_id, self.company_id, self.as_of, self.date_from)

    def _prepare_table(self):
        """Return what the template of the table needs, in the language of the context."""
        table = self._account()
        lang, currency = self.env.lang or 'en_US', self.company_id.currency_id
        return {
            'table': table, 'buckets': bucket_names(self.company_id.with_context(lang=lang)), 'kinds': kind_names(self.env),
            'money': lambda amount: currency.with_context(lang=lang).format(amount),
            'day': lambda day: format_date(self.env, day, lang_code=lang),
            'contested': {line['id'] for line in (self.contested_lines or [])},
        }

    def _amount_in_words(self):
        """Return the balance in words, in the language of the context."""
        self.ensure_one()
        return amount_in_words(self.currency_id, self._account()['closing'], self.env.lang)

    @api.model
    def _receivers(self, customers):
        """Return who gets the statements of customers: their contact for invoices, else the customer, while they are there."""
        found = {}
        for customer in customers:
            address = customer.browse(customer.address_get(['invoice'])['invoice'] or customer.id)._fulfilment_reachable()
            found[customer] = address if address.email else customer._fulfilment_reachable()
        return found

    def _receiver(self):
        self.ensure_one()
        return self._receivers(self.partner_id)[self.partner_id] if self.partner_id else self.partner_id

    def _file_name(self):
        return f"{(self.partner_id.name or '').replace('/', '-')} {self.as_of}"

    def _send(self):
        """Freeze the statements, make their documents and queue their e-mails."""
        for statement in self:
            statement._freeze()
            own = statement.with_context(lang=statement.contact_id.lang or self.env.lang)
            statement._keep_document(own._render_document())
        # safe: the template of an administrator, whose e-mails the queue sends
        self._queue_mails(self.env.ref('fulfilment_crm.mail_template_statement').sudo())

    def _freeze(self):
        """Keep the table as it is sent: from now on this is the statement."""
        self.ensure_one()
        table = self._account()
        self._move_to(
            'sent', contact_id=self._receiver().id, sent_on=fields.Datetime.now(), table=_kept(table), amount=table['closing'],
            amount_overdue=table['overdue'], is_queued=False,
        )

    def _keep_document(self, content):
        """Keep the document that is sent, with its hash.

        :param bytes content: PDF
        """
        self.ensure_one()
        self.write({
            'document': b64encode(content), 'document_hash': sha256(content).hexdigest(), 'document_name': f'{self._file_name()}.pdf',
        })

    def _render_document(self):
        """Return the statement as PDF, in the language of the context."""
        self.ensure_one()
        content, _kind = self.env['ir.actions.report'].with_context(lang=self.env.lang)._render_qweb_pdf(
            'fulfilment_crm.action_report_statement', self.ids,
        )
        return content

    def _answer(self, confirmed, name, way, text='', line_ids=()):
        """Take the customer's answer.

        :param bool confirmed: whether the balance is right
        :param str name: who answers
        :param str way: login or link, and IP address
        :param str text: what is wrong with it
        :param line_ids: the entries that are contested, as ids of the table
        :raise UserError: when it was answered already, or not sent
        """
        self.ensure_one()
        lines = [line for line in (self.table or {}).get('lines', ()) if line['id'] in set(line_ids)]
        self._move_to(
            'confirmed' if confirmed else 'contested', answered_by=name, answered_on=fields.Datetime.now(), answered_from=way,
            answer_hash=self.document_hash, contested_lines=[{'id': line['id'], 'name': line['name']} for line in lines] or False,
            contested_text=text or False,
        )
        if confirmed:
            said = self.env._("%(name)s has confirmed the balance of %(amount)s.", name=name, amount=self.currency_id.format(self.amount))
        else:
            said = self.env._("%(name)s contests the balance: %(text)s", name=name, text=text or '–')
            self._give_to_do(lambda env: env._("The customer contests the statement"), note=text)
        self._message_log_batch({self.id: said})

    def _is_hidden_from_customers(self):
        return any(statement.state == 'draft' for statement in self)

    def _mail_get_partner_fields(self, introspect_fields=False):
        return ['partner_id']


def _kept(table):
    """Return the table as JSON keeps it: days as texts."""
    return json.loads(json.dumps(table, default=str))


def _read(kept):
    """Return a kept table with its days as dates."""
    def read(values):
        return {name: fields.Date.to_date(value) if name in DAYS else value for name, value in values.items()}
    return {**read(kept), 'lines': [read(line) for line in kept['lines']]}


class FulfilmentInstalment(models.Model):
    _inherit = 'fulfilment.instalment'

    @api.model
    def _of_customer(self, partner, company):
        """Return the action that shows what a customer owes."""
        domain = Domain('partner_id', '=', partner.id) & Domain('company_id', 'child_of', company.id) & Domain('is_open', '=', True)
        return {
            'type': 'ir.actions.act_window', 'name': self.env._("Open instalments"), 'res_model': self._name,
            'views': [(False, 'list'), (False, 'kanban'), (False, 'form')], 'domain': list(domain),
        }
