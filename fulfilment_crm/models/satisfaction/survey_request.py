from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ...tools.shown_date import shown_date
from ..base.told import ToldChar

WAITING = ('to_send', 'no_address')  # nothing has gone out yet
ASKED = ('sent', 'reminded')  # the answer is waited for
OPEN = (*WAITING, *ASKED)


class FulfilmentSurveyRequest(models.Model):
    """One customer asked once: for a period, at the end of a contract, or by phone."""
    _name = 'fulfilment.survey.request'
    _description = 'Survey request'
    _inherit = ['fulfilment.guard.mixin', 'fulfilment.once.mixin', 'fulfilment.queued.mail.mixin']
    _order = 'date desc, id desc'
    _check_company_auto = True

    plan_id = fields.Many2one('fulfilment.survey.plan', readonly=True, index='btree_not_null', ondelete='restrict', guarded=True)
    survey_id = fields.Many2one('survey.survey', required=True, readonly=True, ondelete='restrict', index=True, guarded=True)
    occasion = fields.Selection(
        [('period', "Regular survey"), ('contract', "Contract end"), ('phone', "By phone")], required=True, readonly=True, default='period',
        guarded=True,
    )
    company_id = fields.Many2one('res.company', required=True, readonly=True, index=True, ondelete='cascade', guarded=True)
    commercial_partner_id = fields.Many2one(
        'res.partner', string="Customer", required=True, readonly=True, index=True, ondelete='cascade', guarded=True,
    )
    partner_id = fields.Many2one(
        'res.partner', string="Contact", readonly=True, index='btree_not_null', ondelete='set null',
        help="Who gets the mail: the contact marked for surveys, else that of the contract, the invoice contact, the company's own "
             "address or the first contact with one.", guarded=True,
    )
    contract_id = fields.Many2one('fulfilment.contract', readonly=True, index='btree_not_null', ondelete='cascade', guarded=True)
    user_id = fields.Many2one('res.users', string="Responsible", readonly=True, index='btree_not_null', ondelete='set null', guarded=True)
    period = fields.Char(readonly=True, index='btree_not_null', help="The calendar period the customer is asked for.", guarded=True)
    date = fields.Date(string="Asked on", required=True, readonly=True, index=True, guarded=True)
    state = fields.Selection([
        ('to_send', "To send"), ('no_address', "Not reached"), ('sent', "Sent"), ('reminded', "Reminded"), ('answered', "Answered"),
        ('expired', "Expired"), ('cancelled', "Cancelled"),
    ], required=True, readonly=True, default='to_send', index=True, guarded=True)
    reason = ToldChar(readonly=True, guarded=True)
    sent_on = fields.Date(readonly=True, guarded=True)
    reminder_count = fields.Integer(string="Reminders", readonly=True, aggregator='sum', guarded=True)
    next_reminder_on = fields.Date(string="Next reminder", readonly=True, guarded=True)
    deadline = fields.Date(string="Answer until", readonly=True, help="Last day the link is open.", guarded=True)
    answered_on = fields.Date(readonly=True, guarded=True)
    user_input_id = fields.Many2one(
        'survey.user_input', string="Answer", readonly=True, ondelete='set null', index='btree_not_null', groups='survey.group_survey_user',
        guarded=True,
    )
    satisfaction_ids = fields.One2many('fulfilment.satisfaction', 'request_id', string="Results", guarded=True)
    average = fields.Float(string="Mean", compute='_compute_result', help="Of the answer; empty without one.")
    level = fields.Char(compute='_compute_result', string="Result")

    _turn_idx = models.Index('(plan_id, company_id, commercial_partner_id, date)')
    _reminder_idx = models.Index("(next_reminder_on) WHERE state IN ('sent', 'reminded')")

    @api.depends('commercial_partner_id', 'period', 'contract_id', 'date')
    def _compute_display_name(self):
        for request in self:
            what = request.period or request.contract_id.name or shown_date(self.env, request.date)
            request.display_name = f'{request.commercial_partner_id.display_name or ""}, {what or ""}'

    @api.depends('satisfaction_ids.average')
    def _compute_result(self):
        levels = dict(self.env['fulfilment.satisfaction']._fields['level']._description_selection(self.env))
        for request in self:
            result = request.satisfaction_ids[:1]
            request.average = result.average or 0.0
            request.level = levels.get(result.level, False)

    def _mail_get_partner_fields(self, introspect_fields=False):
        return ['partner_id']

    # === WHO IS ASKED === #

    @api.model
    def _claim_for_profiles(self, plan, profiles, day):
        """Ask customers for the period that ``day`` lies in.

        :return: the requests that are new
        """
        name, _first = plan._period(day)
        return self._claim([{
            **self._prepare_vals(plan, day, profile.company_id), 'occasion': 'period', 'period': name,
            'commercial_partner_id': profile.partner_id.id, 'user_id': profile.user_id.id,
            'claim_key': f'survey {plan.id}: customer {profile.partner_id.id}, company {profile.company_id.id}, {name}',
        } for profile in profiles])

    @api.model
    def _claim_for_contracts(self, plan, contracts, day):
        """Ask customers about contracts that have ended.

        :return: the requests that are new
        """
        return self._claim([{
            **self._prepare_vals(plan, day, contract.company_id), 'occasion': 'contract', 'contract_id': contract.id,
            'commercial_partner_id': contract.commercial_partner_id.id,
            'user_id': (contract.user_id or contract.commercial_partner_id.user_id).id,
            'claim_key': f'survey {plan.id}: contract {contract.id}',
        } for contract in contracts])

    @api.model
    def _prepare_vals(self, plan, day, company):
        return {
            'plan_id': plan.id, 'survey_id': plan.survey_id.id, 'company_id': company.id, 'date': day, 'state': 'to_send',
            'deadline': fields.Date.add(day, days=plan.deadline_days),
        }

    def _receivers(self):
        """Who would get each request: ``{request: contact}``, empty where nobody has an address that may be written to."""
        # safe: the contacts of the customers of these requests, to find out where to write
        contacts = self.env['res.partner'].sudo().search(Domain('commercial_partner_id', 'in', self.commercial_partner_id.ids), order='id')
        contacts.fetch(['email', 'type', 'commercial_partner_id', 'fulfilment_survey_contact', 'email_normalized'])
        reachable = contacts.filtered(lambda one: one.email_normalized and not one.is_blacklisted).grouped('commercial_partner_id')
        found = {}
        for request in self:
            def rank(contact, request=request):
                return (
                    not contact.fulfilment_survey_contact, contact != request.contract_id.partner_id, contact.type != 'invoice',
                    contact != request.commercial_partner_id, contact.id,
                )
            found[request] = min(reachable.get(request.commercial_partner_id, ()), key=rank, default=self.env['res.partner'])
        return found

    # === ANSWERED === #

    def _note_answer(self, days):
        """Note these requests as answered.

        :param dict days: ``{request: date}``
        """
        for day, group in self.grouped(days.get).items():
            group.write({'state': 'answered', 'answered_on': day, 'next_reminder_on': False, 'reason': False})

    def _wait_again(self):
        """Wait for answers that were given and taken up again."""
        answered = self.filtered(lambda request: request.state == 'answered')
        for reminded, group in answered.grouped(lambda request: bool(request.reminder_count)).items():
            group.write({'state': 'reminded' if reminded else 'sent', 'answered_on': False})

    def _check_answerable(self):
        """Refuse to enter an answer where there is one, or where nobody wants one any more."""
        for request in self:
            if request.state == 'answered':
                raise UserError(self.env._(
                    "%(request)s was answered on %(date)s already. Open its result instead of entering another.",
                    request=request.display_name, date=shown_date(self.env, request.answered_on),
                ))
            if request.state == 'cancelled':
                raise UserError(self.env._(
                    "%(request)s was cancelled. Start a phone survey from the customer instead.", request=request.display_name,
                ))

    # === ACTION METHODS === #

    def action_send(self):
        """Send requests that wait, after the address has been mended."""
        self._check_role()
        waiting = self.filtered(lambda request: request.state in WAITING)
        if not waiting:
            raise UserError(self.env._("Only requests that have not been sent can be sent."))
        # safe: the requests are those the user may read; whom they go to follows from the customer's contacts
        waiting = waiting.sudo()
        for company, day in waiting.company_id._fulfilment_today().items():
            waiting.filtered(lambda request, company=company: request.company_id == company)._send(day)
        if failed := waiting.filtered(lambda request: request.state == 'no_address'):
            raise UserError(self.env._(
                "%s has no contact with an e-mail address: add one first.", failed[0].commercial_partner_id.display_name,
            ))
        return True

    def action_cancel(self, reason=None):
        """Ask these customers no longer.

        :param str reason: why; asked for in a dialog when missing
        """
        self._check_role()
        for request in self:
            if request.state not in OPEN:
                raise UserError(self.env._("%s is over: there is nothing to cancel.", request.display_name))
        if not (reason or '').strip():
            return self._ask_reason('action_cancel', self.env._("Cancel the request"))
        # safe: the state is guarded; who may do it was checked
        self.sudo()._end('cancelled', reason.strip())
        return True

    def action_phone(self):
        """Open the form that takes the answer by phone."""
        self.ensure_one()
        self._check_role()
        self._check_answerable()
        return self.env['fulfilment.phone.survey']._open({
            'default_request_id': self.id, 'default_partner_id': (self.partner_id or self.commercial_partner_id).id,
            'default_company_id': self.company_id.id,
        })

    def action_open_results(self):
        """Open what was answered."""
        return self.satisfaction_ids._get_records_action(name=self.env._("Satisfaction"))

    def _check_role(self):
        """Check that customers are asked only by users of contracts and service agents, about what they may read."""
        self.check_access('read')
        if not any(self.env.user.has_group(f'fulfilment_crm.{group}') for group in ('group_user', 'group_service')):
            raise UserError(self.env._("Only users of contracts and service agents ask customers."))

    def _end(self, state, reason):
        """Expire or cancel requests, and close their links."""
        self.write({'state': state, 'reason': reason, 'next_reminder_on': False})
        answers = self.user_input_id.filtered(lambda answer: answer.state != 'done')
        answers.write({'deadline': fields.Datetime.subtract(fields.Datetime.now(), seconds=1)})
