import base64
from hashlib import sha256

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import plaintext2html

from ...tools.local_time import clock
from ...tools.shown_date import shown_date
from ..base.deletion import before_deletion
from ..base.guard_mixin import without_unchanged
from ..base.queued_mail_mixin import LAYOUT
from .breach import FIRST_DAY
from .called_day import day_of_call

WORDED = frozenset({'subject', 'body', 'kind', 'lang', 'address', 'breach_id', 'contract_id', 'date', 'partner_id', 'sent_by'})
DELIVERED = WORDED | {'tracking_number'}


class FulfilmentNotice(models.Model):
    """A notice to the customer: what is demanded, as it was issued, and what proves that it arrived."""
    _name = 'fulfilment.notice'
    _description = 'Formal notice'
    _inherit = ['fulfilment.chatter.mixin', 'mail.activity.mixin', 'fulfilment.flow.mixin', 'fulfilment.guard.mixin']
    _order = 'date desc, id desc'
    _mail_post_access = 'read'

    name = fields.Char(string="Number", readonly=True, copy=False, index=True, guarded=True)
    breach_id = fields.Many2one('fulfilment.breach', string="Case", required=True, index=True, ondelete='cascade')
    contract_id = fields.Many2one(related='breach_id.contract_id', store=True, index=True)
    company_id = fields.Many2one(related='breach_id.company_id', store=True, index=True)
    partner_id = fields.Many2one(
        'res.partner', string="Addressee", compute='_compute_partner_id', store=True, readonly=False, required=True, precompute=True,
    )
    user_id = fields.Many2one(related='breach_id.user_id', string="Responsible", store=True)
    kind = fields.Selection([
        ('breach', "Notice of breach"), ('demand', "Demand letter"), ('termination', "Notice of termination"), ('other', "Other notice"),
    ], required=True, default='breach', tracking=True)
    date = fields.Date(required=True, default=fields.Date.context_today)
    lang = fields.Selection('_selection_lang', string="Language", compute='_compute_lang', store=True, readonly=False, precompute=True)
    address = fields.Text(compute='_compute_address', store=True, readonly=False, precompute=True)
    subject = fields.Char(required=True, compute='_compute_wording', store=True, readonly=False, precompute=True)
    body = fields.Text(
        string="Text", required=True, compute='_compute_wording', store=True, readonly=False, precompute=True,
        help="Plain text. Proposed from the case; yours to change until it is issued.",
    )

    # How it was delivered
    state = fields.Selection(
        [('draft', "Draft"), ('issued', "Issued"), ('delivered', "Delivered"), ('returned', "Came back")],
        required=True, readonly=True, default='draft', index=True, tracking=True, guarded=True,
    )
    _moves = {'draft': {'issued'}, 'issued': {'delivered', 'returned'}, 'delivered': set(), 'returned': {'delivered'}}
    sent_by = fields.Selection(
        [('email', "E-mail"), ('courier', "Courier"), ('hand', "Handed over in person"), ('portal', "Portal")], string="Sent by",
        default='courier', required=True, tracking=True,
    )
    tracking_number = fields.Char(string="Tracking number", tracking=True, help="Of the courier.")
    document = fields.Binary(string="As issued", readonly=True, copy=False, attachment=True, guarded=True)
    document_name = fields.Char(readonly=True, copy=False, guarded=True)
    checksum = fields.Char(string="SHA-256 of the document", readonly=True, copy=False, guarded=True)
    issued_on = fields.Datetime(string="Issued on", readonly=True, copy=False, guarded=True)
    delivered_on = fields.Date(string="Delivered on", readonly=True, copy=False, tracking=True, guarded=True)
    proof_ids = fields.Many2many(
        'ir.attachment', 'fulfilment_notice_proof_rel', string="Proof of delivery", copy=False, bypass_search_access=True,
        help="Signed receipt, tracking of the courier, acknowledgement.",
    )
    proof = fields.Char(string="What proves it", readonly=True, copy=False, guarded=True)
    is_proven = fields.Boolean(
        string="Delivery proven", compute='_compute_is_proven', store=True, help="Delivered, with a proof: it starts limitation again.",
    )

    @api.model
    def _selection_lang(self):
        return self.env['res.lang'].get_installed()

    @api.depends('name', 'kind')
    @api.depends_context('lang')
    def _compute_display_name(self):
        kinds = dict(self._fields['kind']._description_selection(self.env))
        for notice in self:
            notice.display_name = ' '.join(filter(None, (kinds.get(notice.kind), notice.name)))

    @api.depends('breach_id')
    def _compute_partner_id(self):
        for notice in self:
            notice.partner_id = notice.breach_id.contract_id.partner_id

    @api.depends('breach_id')
    def _compute_lang(self):
        for notice in self:
            notice.lang = notice.breach_id.contract_id.lang or notice.partner_id.lang or self.env.lang

    @api.depends('partner_id')
    def _compute_address(self):
        for notice in self:
            notice.address = notice.partner_id._display_address() if notice.partner_id else False

    @api.depends('breach_id', 'kind', 'lang')
    def _compute_wording(self):
        for notice in self:
            subject, body = notice._proposed() if notice.breach_id else (False, False)
            notice.subject, notice.body = subject, body

    @api.depends('state', 'proof_ids', 'proof')
    def _compute_is_proven(self):
        for notice in self:
            notice.is_proven = notice.state == 'delivered' and bool(notice.proof or notice.proof_ids)

    def _proposed(self):
        """Return subject and text as the case gives them, in the language of the notice."""
        self.ensure_one()
        own = self.with_context(lang=self.lang or self.env.lang)
        env, breach, contract = own.env, own.breach_id, own.breach_id.contract_id
        kinds = dict(self._fields['kind']._description_selection(env))
        about = breach.milestone_id.name or breach.cause_id.name
        signed = shown_date(env, contract.date_signed or contract.date_start)
        if breach.party == 'us':
            lines = [
                env._("Under contract %(contract)s of %(date)s we have not performed in time: %(what)s.", contract=contract.name,
                      what=about, date=signed),
                env._("We regret this, and let you know until when it will be put right."),
            ]
            return f'{kinds[self.kind]}: {contract.name}', '\n\n'.join(lines)
        lines = [
            env._("Under contract %(contract)s of %(date)s you have not performed: %(what)s.", contract=contract.name, what=about,
                  date=signed),
        ]
        if breach.amount_claimed:
            lines.append(env._("We claim %s.", breach.currency_id.format(breach.amount_claimed)))
        if self.kind == 'termination':
            lines.append(env._("We therefore terminate the contract, with effect from receipt of this notice."))
        elif self.kind != 'other':
            lines.append(
                env._("Please put this right within %s working days after receipt.", breach.cure_days) if breach.cure_unit == 'working_day'
                else env._("Please put this right within %s days after receipt.", breach.cure_days)
            )
        lines.append(env._("We reserve all rights under the contract and the law."))
        return f'{kinds[self.kind]}: {contract.name}', '\n\n'.join(lines)

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        notices = super().create(vals_list)
        notices.breach_id.check_access('write')
        for notice in notices.sudo():  # safe: guarded; follows from making it
            # safe: as above
            notice.name = self.env['ir.sequence'].sudo().with_company(notice.company_id).next_by_code('fulfilment.notice')
        return notices

    def write(self, vals):
        if not self.env.su:
            changed = without_unchanged(self, vals, DELIVERED).keys()
            if changed & WORDED and any(one.state != 'draft' for one in self):
                raise UserError(self.env._("%s is issued and stays as it is: write another one.", self[:1].display_name))
            if changed & DELIVERED and any(one.state == 'delivered' for one in self):
                raise UserError(self.env._("%s was delivered and stays as it is.", self[:1].display_name))
        return super().write(vals)

    @api.constrains('date')
    def _check_date(self):
        for notice in self:
            if notice.date < FIRST_DAY:
                raise ValidationError(self.env._("%(notice)s: %(day)s lies too far back.", notice=notice.display_name, day=notice.date))

    @api.constrains('partner_id', 'breach_id')
    def _check_addressee(self):
        for notice in self:
            if notice.partner_id.commercial_partner_id != notice.contract_id.commercial_partner_id:
                raise ValidationError(self.env._(
                    "%(notice)s goes to %(customer)s or its contacts.", notice=notice.display_name,
                    customer=notice.contract_id.commercial_partner_id.display_name,
                ))

    @before_deletion
    def _unlink_except_draft(self):
        for notice in self:
            if notice.state != 'draft':
                raise UserError(self.env._("%s stays on record.", notice.display_name))

    # === ACTIONS === #

    def action_issue(self):
        """Issue notices: the document is made and kept as it is; by e-mail it is sent as well."""
        self = self.union()
        self.check_access('write')
        self._check_move('issued')
        today = self.company_id._fulfilment_today()
        for notice in self:
            if notice.date > today[notice.company_id]:
                raise UserError(self.env._("%s is dated on a day that is still to come: issue it then.", notice.display_name))
        # safe: the document follows from what the user may write
        for notice in self.sudo():
            # safe: as above
            content, _kind = self.env['ir.actions.report'].sudo()._render_qweb_pdf('fulfilment_crm.action_report_notice', notice.ids)
            notice._keep_document(content)
            if notice.sent_by == 'email':
                notice._send()
        return True

    def action_delivered(self, date=None, proof=None):
        """Say that notices arrived; the days to put it right are counted from then.

        :param date: the day, a date or its text; asked for in a dialog when missing
        :param str proof: what proves it, beside the files
        """
        self.check_access('write')
        self._check_move('delivered')
        if not date:
            return {
                'type': 'ir.actions.act_window', 'name': self.env._("Delivered"), 'res_model': 'fulfilment.notice.deliver',
                'view_mode': 'form', 'target': 'new', 'context': {'default_notice_id': self[:1].id},
            }
        day, today = day_of_call(self.env, date), self.company_id._fulfilment_today()
        for notice in self:
            if not notice.date <= day <= today[notice.company_id]:
                raise UserError(self.env._("%s arrived between its date and today.", notice.display_name))
            # safe: whether a file proves it; what was sent before it was entered here has one
            if day < clock(notice.issued_on, notice.company_id._fulfilment_zone()).date() and not notice.sudo().proof_ids:
                raise UserError(self.env._(
                    "%s was issued later than that. Attach the file that proves the delivery of a notice sent before it was entered.",
                    notice.display_name,
                ))
        # safe: guarded; the right to write was checked
        notices = self.sudo()
        for notice in notices:
            notice._move_to('delivered', delivered_on=day, proof=(proof or '').strip() or notice.proof)
            notice._have_counted(day)
        return True

    def action_returned(self):
        """Say that notices came back: they change nothing."""
        self.check_access('write')
        self._check_move('returned')
        self.sudo()._move_to('returned')  # safe: as above
        return True

    # === BUSINESS METHODS === #

    def _have_counted(self, day):
        """Have the days to put it right counted from the delivery of what demands it."""
        if self.kind != 'other':
            self.breach_id._noticed(day)

    def _keep_document(self, content):
        """Keep the document that is issued, with its hash.

        :param bytes content: a PDF
        """
        self.ensure_one()
        self._move_to(
            'issued', document=base64.b64encode(content), document_name=f"{(self.name or '').replace('/', '-')}.pdf",
            checksum=sha256(content).hexdigest(), issued_on=fields.Datetime.now(),
        )

    def _send(self):
        """Send the notice to the customer by e-mail, as it was issued."""
        self.ensure_one()
        customer = self.partner_id.commercial_partner_id
        receiver = self.env['fulfilment.statement']._receivers(customer)[customer]
        if not receiver.email:
            raise UserError(self.env._(
                "%s has no confirmed e-mail address: add or confirm one, or send the notice by courier.", self.partner_id.display_name,
            ))
        self.message_post(
            body=plaintext2html(self.body), subject=self.subject, message_type='comment', subtype_xmlid='mail.mt_comment',
            partner_ids=receiver.ids, email_layout_xmlid=LAYOUT,
            attachments=[(self.document_name, base64.b64decode(self.document))],
        )

    def _note_opened(self):
        """Note that the customer has opened the notice on the portal: that proves its delivery."""
        for notice in self.filtered(lambda one: one.state == 'issued'):
            today = notice.company_id._fulfilment_today()[notice.company_id]
            notice._move_to('delivered', delivered_on=today, proof=self.env._("Opened on the portal"))
            notice._have_counted(notice.delivered_on)


class FulfilmentNoticeDeliver(models.TransientModel):
    _name = 'fulfilment.notice.deliver'
    _description = 'Delivery of a notice'
    _inherit = ['fulfilment.guard.mixin']

    notice_id = fields.Many2one('fulfilment.notice', required=True, ondelete='cascade')
    date = fields.Date(string="Delivered on", required=True, default=fields.Date.context_today)
    proof = fields.Char(string="What proves it", help="Signed receipt, courier number, answer of the customer.")
    proof_ids = fields.Many2many('ir.attachment', 'fulfilment_notice_deliver_rel', string="Files")

    def action_confirm(self):
        """Note the delivery, with the files that prove it."""
        self.ensure_one()
        if self.proof_ids:
            self.notice_id.write({'proof_ids': [fields.Command.link(one.id) for one in self.proof_ids]})
        self.notice_id.action_delivered(date=self.date, proof=self.proof)
        return {'type': 'ir.actions.act_window_close'}
