from collections import defaultdict

from odoo import api, fields, models
from odoo.fields import Domain

from ...tools.local_time import clock
from ...tools.working_time import moved
from .to_do_mixin import ToDo
from .told import ToldChar


class FulfilmentApproval(models.Model):
    """One step of one round of approval. Written by the approval mixin only; everybody else reads."""
    _name = 'fulfilment.approval'
    _description = 'Approval'
    _inherit = ['fulfilment.machine.mixin']
    _order = 'res_model, res_id, round desc, sequence, id'

    res_model = fields.Char(string="Model", required=True, readonly=True)
    res_id = fields.Many2oneReference(string="Record ID", model_field='res_model', required=True, readonly=True, index=True)
    record_name = fields.Char(string="Record", compute='_compute_record_name')
    company_id = fields.Many2one('res.company', readonly=True, index=True, ondelete='cascade')
    round = fields.Integer(readonly=True, required=True, aggregator=None)
    sequence = fields.Integer(readonly=True)
    name = ToldChar(string="Step", required=True, readonly=True)
    step_id = fields.Many2one('fulfilment.approval.step', string="Step of the chain", readonly=True, ondelete='set null')
    group_id = fields.Many2one('res.groups', readonly=True, ondelete='set null')
    of_responsible = fields.Boolean(string="Only the responsible", readonly=True)
    approver_id = fields.Many2one('res.users', string="Person", readonly=True, ondelete='set null')
    candidate_ids = fields.Many2many('res.users', string="Asked", readonly=True)
    submitted_by_id = fields.Many2one('res.users', readonly=True, ondelete='set null')
    state = fields.Selection(
        [('waiting', "Waiting"), ('pending', "To decide"), ('approved', "Approved"), ('rejected', "Rejected"), ('cancelled', "Cancelled"),
         ('left_out', "Left out: nobody may take it")],
        required=True, readonly=True, default='waiting',
    )
    asked_on = fields.Datetime(readonly=True)
    deadline = fields.Datetime(readonly=True, help="End of the last working day to decide; then it is escalated.")
    escalated_on = fields.Datetime(readonly=True)
    decided_by_id = fields.Many2one('res.users', string="Decided by", readonly=True, ondelete='restrict')
    delegated_from_id = fields.Many2one('res.users', string="On behalf of", readonly=True, ondelete='set null')
    decided_on = fields.Datetime(readonly=True)
    reason = fields.Text(readonly=True)
    is_record_readable = fields.Boolean(
        string="May read the record", compute='_compute_is_record_readable', search='_search_is_record_readable',
    )

    _pending_idx = models.Index("(deadline) WHERE state = 'pending'")

    @api.depends('res_model', 'res_id')
    def _compute_record_name(self):
        for model, approvals in self.grouped('res_model').items():
            records = self.env[model].browse(approvals.mapped('res_id')).exists()
            names = {record.id: record.display_name for record in records._filtered_access('read')}
            for approval in approvals:
                approval.record_name = names.get(approval.res_id, '')

    @api.depends('name', 'record_name')
    @api.depends_context('fulfilment_titled')
    def _compute_display_name(self):
        """Name steps; where they stand for themselves, by what they are about."""
        for approval in self:
            about = approval.record_name if self.env.context.get('fulfilment_titled') else ''
            approval.display_name = f'{about} · {approval.name}' if about else approval.name

    @api.depends('res_model', 'res_id')
    @api.depends_context('uid', 'allowed_company_ids')
    def _compute_is_record_readable(self):
        self.is_record_readable = False
        for model, approvals in self.grouped('res_model').items():
            # The rules of access ask as superuser, about the user.
            readable = set(self.env[model].sudo(False).browse(approvals.mapped('res_id')).exists()._filtered_access('read').ids)
            approvals.filtered(lambda approval, readable=readable: approval.res_id in readable).is_record_readable = True

    def _search_is_record_readable(self, operator, value):
        if operator != 'in':
            return NotImplemented
        models_read = [
            model for name in self._decided_models()
            if (model := self.env[name].sudo(False).with_context(active_test=False)).has_access('read')
        ]
        domain = Domain.OR(
            Domain('res_model', '=', model._name) & Domain('res_id', 'in', model._search([])) for model in models_read
        )
        return domain if True in value else ~domain

    @api.model
    def _approved_models(self):
        """Return the names of the models whose records are approved."""
        return [name for name in self.env.registry if 'approval_state' in self.env[name]._fields and not self.env[name]._abstract]

    @api.model
    def _decided_models(self):
        """Return the names of the models whose records are decided here: those with a chain, and what else a room asks for."""
        return self._approved_models()

    def action_open_record(self):
        """Open the record this approval is about."""
        self.ensure_one()
        return {
            'type': 'ir.actions.act_window', 'res_model': self.res_model, 'res_id': self.res_id,
            'view_mode': 'form', 'views': [(False, 'form')],
        }

    # === BUSINESS METHODS === #

    def _records(self):
        """Return the record of each of these approvals: ``{approval: record}``."""
        records = {}
        for model, approvals in self.grouped('res_model').items():
            found = self.env[model].browse(approvals.mapped('res_id'))
            for approval, record in zip(approvals, found, strict=True):
                records[approval] = record
        return records

    def _waiting_after(self, steps):
        """Return those of a record's steps that wait for this one, in order."""
        self.ensure_one()
        return steps.filtered(lambda step: step.round == self.round and step.state == 'waiting').sorted('sequence')

    def _ask(self):
        """Make these steps the ones to decide now: find who may, note the deadline and give them an activity.

        A step that nobody may take is left out where the company allows it, and the next of its record is asked instead.
        """
        now, steps = fields.Datetime.now(), self
        deadlines = {company: company._fulfilment_escalation_deadline(now) for company in self.company_id}
        while steps:
            barred = steps._barred()
            entitled = steps._entitled(barred)
            candidates = {step: step._candidates(entitled[step], barred[step]) for step in steps}
            asked = steps.filtered(lambda step, candidates=candidates: candidates[step])
            for (company, people), approvals in asked.grouped(lambda one, found=candidates: (one.company_id, found[one])).items():
                approvals.write({
                    'state': 'pending', 'asked_on': now, 'deadline': deadlines.get(company),
                    'candidate_ids': [fields.Command.set(people.ids)],
                })
            asked._remind_candidates()
            steps = (steps - asked)._leave_out()

    def _recount_deadline(self):
        """Move deadlines after working hours changed: the steps are escalated when they say now, and none at once."""
        now = fields.Datetime.now()
        for approval in self:
            company = approval.company_id
            due = moved(approval.deadline, company._fulfilment_escalation_deadline(approval.asked_on) or None, now)
            if due and due != approval.deadline:
                approval.deadline = due

    def _remind_candidates(self):
        """Give each person asked a to-do for today and a message that says what there is to approve, in one go for all steps."""
        asked = defaultdict(self.browse)
        for approval in self:
            for user in approval.candidate_ids:
                asked[user] |= approval
        activities, today = self.env['mail.activity'].with_context(mail_activity_automation_skip=False), self._today()
        activities._fulfilment_give('fulfilment_crm.activity_type_approval', [
            ToDo(self.env[approval.res_model].browse(approval.res_id), user, title, today[approval.company_id])
            for user, approvals in asked.items() for approval, title in approvals._titles(user).items()
        ])
        for user, approvals in asked.items():
            approvals._notify(user, user._fulfilment_env()._("To approve"))

    def _titles(self, user):
        """Return what there is to approve, in the language of the user who is asked: ``{approval: text}``."""
        own = self.with_context(lang=user.lang or self.env.lang)
        titles = {}
        for approval, record in own._records().items():
            customer = record.partner_id.commercial_partner_id if 'partner_id' in record._fields else self.env['res.partner']
            # safe: the name of the customer of a record that somebody is asked to approve
            name, step = customer.sudo().name, approval.name
            titles[self.browse(approval.id)] = own.env._(
                "Approve %(record)s of %(customer)s (%(step)s)", record=record.display_name, customer=name, step=step,
            ) if name and name not in record.display_name else own.env._(
                "Approve %(record)s (%(step)s)", record=record.display_name, step=step,
            )
        return titles

    def _notify(self, user, subject):
        """Send somebody one message about these approvals, to inbox or e-mail as they like it.

        :param str subject: in the language of the user
        """
        if user.partner_id == self.env.user.partner_id:
            return
        titles, records = self._titles(user), self._records()
        for model, approvals in self.grouped('res_model').items():
            about = self.env[model].concat(*(records[approval] for approval in approvals))
            about._notify_about(user, subject, [(records[approval], titles[approval]) for approval in approvals])

    def _event_words(self):
        return self, 'state'

    def _decided_day(self):
        """Return the day of the decision in the company's time zone."""
        self.ensure_one()
        return clock(self.decided_on, self.company_id._fulfilment_zone() if self.company_id else 'UTC').date()

    def _decide(self, state, reason):
        """Note the decision of the current user on these steps and withdraw the activities of the others."""
        now = fields.Datetime.now()
        user = self.env.user
        self.write({'state': state, 'reason': reason, 'decided_by_id': user.id, 'decided_on': now, 'delegated_from_id': False})
        self.env['fulfilment.event']._note(self, state, {one: {'name': one.name, 'reason': reason or ''} for one in self})
        today = self._today()
        for (approver, group, company), approvals in self.grouped(lambda one: (one.approver_id, one.group_id, one.company_id)).items():
            named = approver or group.all_user_ids
            if user not in named:
                approvals.delegated_from_id = self.env['fulfilment.delegation']._delegates(named, today[company]).get(user)
        for model, approvals in self.grouped('res_model').items():
            records = self.env[model].browse(approvals.mapped('res_id'))
            records._message_log_batch({
                approval.res_id: self.env._("%(step)s: approved", step=approval.name) if state == 'approved'
                else self.env._("%(step)s: rejected. %(reason)s", step=approval.name, reason=reason)
                for approval in approvals
            })
            records.activity_unlink(['fulfilment_crm.activity_type_approval', 'fulfilment_crm.activity_type_escalation'])

    def _escalate(self):
        """Show approvals that have waited past their deadline to the fulfilment manager, once each.

        :return: ``{effect: count}``
        """
        late = self.filtered(lambda approval: not approval.escalated_on)
        given = self.env['mail.activity']._fulfilment_give('fulfilment_crm.activity_type_escalation', [ToDo(
            self.env[approval.res_model].browse(approval.res_id), manager, manager._fulfilment_env()._(
                "Approval “%(step)s” has waited too long", step=approval.with_env(manager._fulfilment_env()).name,
            ), fields.Date.context_today(self),
        ) for approval in late if (manager := approval.company_id.fulfilment_manager_id)])
        late.escalated_on = fields.Datetime.now()
        return {'approvals escalated': len(given)}
