from odoo import api, fields, models
from odoo.fields import Command
from odoo.tools import format_date, plaintext2html

from ...tools import markup
from ...tools.amount_words import amount_in_words
from ..base.to_do_mixin import ToDo
from ..base.told import _lt, told

CALL = 'fulfilment_crm.activity_type_collection'


class FulfilmentReminder(models.Model):
    """Letters and calls of strategies are rows of the one ledger with the reminders of contracts."""
    _inherit = 'fulfilment.reminder'

    rule_id = fields.Many2one(required=False)
    contract_id = fields.Many2one(required=False)
    step_id = fields.Many2one('fulfilment.collection.step', readonly=True, index='btree_not_null', ondelete='restrict')
    strategy_id = fields.Many2one(related='step_id.strategy_id', store=True, index='btree_not_null')
    customer_id = fields.Many2one(
        'res.partner', compute='_compute_customer_id', store=True, index='btree_not_null', ondelete='set null',
    )
    claim_ids = fields.One2many('fulfilment.collection.claim', 'reminder_id', string="Instalments", readonly=True)
    offset_days = fields.Integer(related=None, compute='_compute_offset_days', store=True)
    channel = fields.Selection(selection_add=[('call', "Call")], ondelete={'call': 'cascade'})
    state = fields.Selection(selection_add=[('to_call', "To call")], ondelete={'to_call': 'cascade'})
    company_currency_id = fields.Many2one(related='company_id.currency_id', string="Currency of the company")
    body_sent = fields.Html(string="Text", readonly=True, help="As it was sent.")
    amount_asked = fields.Monetary(string="Amount asked for", currency_field='company_currency_id', readonly=True)
    cost = fields.Monetary(
        currency_field='company_currency_id', readonly=True,
        help="Outlay of the step and its minutes of work, at the rate of the settings.",
    )

    @api.depends('contract_id.commercial_partner_id')
    def _compute_customer_id(self):
        for reminder in self:
            reminder.customer_id = reminder.contract_id.commercial_partner_id or reminder.customer_id

    @api.depends('rule_id.offset_days', 'step_id.offset_days')
    def _compute_offset_days(self):
        for reminder in self:
            reminder.offset_days = reminder.step_id.offset_days if reminder.step_id else reminder.rule_id.offset_days

    @api.depends('step_id.name', 'customer_id.name')
    def _compute_display_name(self):
        own = self.filtered('step_id')
        for reminder in own:
            reminder.display_name = f'{reminder.step_id.name}: {reminder.customer_id.name or ""}'
        return super(FulfilmentReminder, self - own)._compute_display_name()

    # === THE LEDGER === #

    @api.model
    def _claim_planned(self, planned, day):
        """Write the rows of letters and calls, with a claim for each instalment and step.

        What another run has claimed since raises a unique violation, and the slice begins again.

        :param planned: list of ``Planned``
        :return: the rows
        """
        claims = self.env['fulfilment.collection.claim']
        keys = [f'{one.step.id}:{line.id}' for one in planned for line in one.lines]
        taken = set(claims.search([('claim_key', 'in', keys)]).mapped('claim_key'))
        vals_list, lines_of = [], []
        customers = self.env['res.partner'].concat(*(one.profile.partner_id for one in planned))
        receivers = self.env['fulfilment.statement']._receivers(customers)
        for one in planned:
            lines = one.lines.filtered(lambda line, step=one.step: f'{step.id}:{line.id}' not in taken)
            if not lines:
                continue
            user = one.profile.user_id if one.profile.user_id.active else one.company.fulfilment_manager_id.filtered('active')
            vals_list.append({
                'claim_key': f'{one.step.id}:{one.company.id}:{one.profile.id}:{day}', 'step_id': one.step.id,
                'company_id': one.company.id, 'customer_id': one.profile.partner_id.id, 'due_date': min(lines.mapped('date_maturity')),
                'partner_id': receivers[one.profile.partner_id].id, 'user_id': user.id, 'audience': 'customer',
                'channel': one.step.channel, 'state': 'open', 'as_of': day, 'amount_asked': one.amount, 'cost': one.step._cost(one.company),
            })
            lines_of.append(lines)
        rows = self._claim(vals_list)
        every_line = self.env['account.move.line'].concat(*lines_of)
        held = self.env['fulfilment.instalment.hold']._held(every_line, every_line.company_id._fulfilment_today())
        claims.create([{
            'claim_key': f'{row.step_id.id}:{line.id}', 'reminder_id': row.id, 'step_id': row.step_id.id, 'move_line_id': line.id,
            'move_name': line.move_id.name, 'date_due': line.date_maturity, 'currency_id': line.currency_id.id,
            'amount_open': line.amount_residual_currency,
            'amount': max(line.currency_id.round(line.amount_residual_currency - held[line]), 0.0),
        } for row, lines in zip(rows, lines_of, strict=True) for line in lines])
        return rows

    # === DELIVERY === #

    def _deliver(self, today):
        own = self.filtered('step_id')
        effects = super(FulfilmentReminder, self - own)._deliver(today) if self - own else {}
        for channel, rows in own.grouped('channel').items():
            failures = getattr(rows, f'_dun_by_{channel}')(today)
            done = rows.filtered(lambda row, failures=failures: row not in failures)
            done.write({
                'state': {'letter': 'to_print', 'call': 'to_call'}.get(channel, 'sent'),
                'sent_on': False if channel == 'call' else fields.Datetime.now(),
            })
            for reason, group in (rows - done).grouped(failures.get).items():
                group.write({'state': 'failed', 'reason': reason})
            (rows - done)._tell_responsible(failures)
            effects[f'dunning by {channel}'] = effects.get(f'dunning by {channel}', 0) + len(done)
            effects[f'dunning by {channel} failed'] = effects.get(f'dunning by {channel} failed', 0) + len(failures)
        return effects

    def _dun_by_email(self, today):
        receivers = self.env['fulfilment.statement']._receivers(self.customer_id)
        # safe: whether an address is confirmed
        for row in self.filtered(lambda one: not one.partner_id or one.partner_id.sudo().fulfilment_unvouched):
            row.partner_id = receivers[row.customer_id]
        failures = {row: row._no_address() for row in self if not row.partner_id.email}
        for template, rows in self.filtered(lambda row: row not in failures).grouped(lambda row: row.step_id.template_id).items():
            rows._queue_mails(template)
        return failures

    def _no_address(self):
        """Say why a letter has no address to go to, and what helps."""
        waiting = self.customer_id._fulfilment_unvouched_of()[:1]
        if waiting and not self.partner_id:
            return told(self.env, _lt("The address of %s is to be confirmed on the contact", waiting.display_name or ''))
        return told(self.env, _lt("No e-mail address: add one to %s", (self.partner_id or self.customer_id).display_name or ''))

    def _dun_by_sms(self, today):
        without = self.company_id.filtered(lambda company: not self._sms_available(company))
        failures = {row: told(self.env, _lt("No SMS account is set up")) for row in self if row.company_id in without}
        failures.update({
            row: told(self.env, _lt("No phone number: add one to %s", row.partner_id.display_name or ''))
            # safe: whether the number is confirmed
            for row in self if row not in failures and (not row.partner_id.phone_sanitized or row.partner_id.sudo().fulfilment_unvouched)
        })
        for template, rows in self.filtered(lambda row: row not in failures).grouped(lambda row: row.step_id.sms_template_id).items():
            rows._queue_sms(template)
        return failures

    def _dun_by_letter(self, today):
        return self._remind_letter(today)

    def _dun_by_call(self, today):
        """Give a to-do on the customer to whoever looks after them."""
        failures = {row: told(self.env, _lt("Nobody is responsible")) for row in self if not row.user_id}
        self.env['mail.activity']._fulfilment_give(CALL, [ToDo(
            row.customer_id, row.user_id, row.user_id._fulfilment_env()._(
                "Call about what is owed",
            ), today[row.company_id], row.step_id.with_context(lang=row.user_id.lang).instructions or False,
        ) for row in self if row not in failures])
        return failures

    def _tell_responsible(self, reasons):
        own = self.filtered('step_id')
        self.env['mail.activity']._fulfilment_give(CALL, [ToDo(
            row.customer_id, row.user_id, row.user_id._fulfilment_env()._("A letter could not be delivered"),
            row.as_of, str(reasons[row]),
        ) for row in own if row.user_id and row.customer_id])
        return super(FulfilmentReminder, self - own)._tell_responsible(reasons) if self - own else None

    # === E-MAIL === #

    def _mail_records(self):
        own = self.filtered('step_id')
        return {**super(FulfilmentReminder, self - own)._mail_records(), **{row: row.customer_id for row in own}}

    def _prepare_mails(self, vals_list, rendered):
        own = self.filtered('step_id')
        if not own:
            return super()._prepare_mails(vals_list, rendered)
        customers = own.customer_id
        answers = customers._notify_get_reply_to_batch(author_ids={one.id: own.company_id[:1].partner_id.id for one in customers})
        comment = self.env['ir.model.data']._xmlid_to_res_id('mail.mt_note')
        for row, vals, said in zip(self, vals_list, rendered, strict=True):
            row.body_sent = said['body_html']
            vals.update({
                'model': 'res.partner', 'res_id': row.customer_id.id, 'record_name': row.customer_id.display_name,
                'recipient_ids': [Command.set(row.partner_id.ids)],
                # Everybody inside reads what stands on a contact: the text is with the letter.
                'body': plaintext2html(
                    self.env._("%(letter)s: e-mail to %(name)s", letter=row.step_id.name, name=row.partner_id.name or ''),
                ),
                'author_id': row.company_id.partner_id.id,
                'reply_to': said.get('reply_to') or answers[row.customer_id.id] or vals['email_from'],
                'subtype_id': comment, 'is_internal': True, 'is_notification': True, 'scheduled_date': row._receivers_hour(),
            })
        return None

    # === TEXTS === #

    level_name = fields.Char(compute='_compute_texts')
    instalments_text = fields.Html(compute='_compute_texts', sanitize=False, help="The instalments it is about, as a table.")

    TEXTS = (
        'receiver_name', 'contract_name', 'subject_name', 'due_date_text', 'when_text', 'amount_text', 'amount_words', 'company_name',
        'sender_name', 'duty_text', 'payment_text', 'link', 'button', 'level_name', 'instalments_text',
    )

    @api.depends_context('lang')
    def _compute_texts(self):
        own = self.filtered('step_id')
        (self - own).level_name = False
        (self - own).instalments_text = False
        env, lang = self.env, self.env.lang
        for row in own:
            currency = row.company_currency_id.with_context(lang=lang)
            row.receiver_name = row.partner_id.name or ''
            row.contract_name = row.customer_id.name or ''
            row.level_name = row.subject_name = row.step_id.with_context(lang=lang).name
            row.due_date_text = format_date(env, row.due_date, lang_code=lang)
            row.when_text = self._when((row.due_date - (row.as_of or fields.Date.context_today(row))).days)
            row.amount_text = currency.format(row.amount_asked)
            row.amount_words = amount_in_words(row.company_currency_id, row.amount_asked, lang)
            row.company_name = row.company_id.name
            row.sender_name = row.user_id.name or row.company_id.name
            row.duty_text = ''
            row.instalments_text = row._instalments_told()
            row.payment_text = row._account_told()
            row.link = f'{row.get_base_url()}/my/fulfilment/owed/{row.id}'
            row.button = row.channel == 'email' and markup.button(row.link, env._("Answer: paid, will pay, or something is wrong"))
        return super(FulfilmentReminder, self - own)._compute_texts()

    def _letter_body(self):
        """Return the text of the step on paper, in the language of the context."""
        self.ensure_one()
        # safe: the text of a letter the user may print, from a template an administrator edits
        template = self.step_id.template_id.sudo()
        template._fulfilment_check_vouched(self._name)
        return template.with_context(lang=self.env.lang)._render_field('body_html', self.ids)[self.id]

    def _instalments_told(self):
        """Return the instalments as a table, in the language of the context."""
        self.ensure_one()
        env = self.env
        return markup.table(
            [env._("Invoice"), env._("Due"), env._("Open"), env._("Please pay")],
            [(
                claim.move_name or '', format_date(env, claim.date_due),
                claim.currency_id.with_context(lang=env.lang).format(claim.amount_open),
                claim.currency_id.with_context(lang=env.lang).format(claim.amount),
            ) for claim in self.sudo().claim_ids],  # safe: what the letter speaks of, to who reads the letter
            left=2,
        )

    def _account_told(self):
        """Return how the customer pays: the bank account, and what to name."""
        self.ensure_one()
        account = self.company_id._fulfilment_bank_account()
        lines = [self.env._("Bank account: %s", account)] if account else []
        names = self.sudo().claim_ids.mapped('move_name')  # safe: as above
        return markup.lines([*lines, self.env._("Payment reference: %s", ', '.join(filter(None, names)))])


class FulfilmentCollectionStep(models.Model):
    _inherit = 'fulfilment.collection.step'

    def _cost(self, company):
        """Return what the step costs, in the currency of the company."""
        self.ensure_one()
        return company.currency_id.round(self.cost + self.minutes / 60 * company.fulfilment_hour_cost)
