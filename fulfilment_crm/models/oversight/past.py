from odoo import api, fields, models

from ...tools import markup
from ...tools.local_time import end_of
from ...tools.shown_date import shown_date

OLD = {'many2one': 'old_value_integer', 'monetary': 'old_value_float', 'float': 'old_value_float', 'char': 'old_value_char'}


class FulfilmentContract(models.Model):
    _inherit = 'fulfilment.contract'

    @api.readonly
    def get_past(self, date):
        """Tell also what the clauses said, who was responsible, and how the customer stood at the end of a day.

        :param date: a date or its text
        :return: as before, with ``owner`` (name, or False), ``clauses`` (dicts of ``name``, ``text``), ``terms`` (``{role: number}``),
            ``grade`` and ``limit`` of the customer (None where there was none), and ``promises`` (dicts of ``amount``,
            ``date_promised``, ``state``)
        """
        answers = super().get_past(date)
        # safe: what is told is of contracts that the user may read, as was checked
        contracts = self.sudo()
        owners = _tracked_on(contracts, 'user_id', {one: answer['date'] for one, answer in zip(contracts, answers, strict=True)})
        for contract, answer in zip(contracts, answers, strict=True):
            day = fields.Date.to_date(answer['date'])
            answer.update({
                'owner': contract.env['res.users'].browse(owners[contract]).exists().name or False,
                'clauses': contract._clauses_on(day), 'terms': contract._values_on(day), **contract._customer_on(day),
            })
        return answers

    def _clauses_on(self, day):
        """Return the wording of the clauses at the end of a day: ``[{'name', 'text'}]``, without those added later."""
        self.ensure_one()
        later = self.amendment_ids.filtered(lambda one: one.state == 'applied' and one.date_effective > day).line_ids
        texts = {one: one.text for one in self.clause_ids}
        for line in later.filtered(lambda one: one.kind == 'clause_text').sorted(
            lambda one: (one.amendment_id.date_effective, one.amendment_id.applied_on, one.id), reverse=True,
        ):
            if line.clause_id in texts:
                texts[line.clause_id] = line.before_value
        added = set(later.filtered(lambda one: one.kind == 'clause_add').mapped('value_name'))
        return [{'name': one.name, 'text': text or ''} for one, text in texts.items() if one.name not in added]

    def _customer_on(self, day):
        """Return grade, limit and promises of the customer at the end of a day."""
        self.ensure_one()
        company, customer = self.company_id.root_id, self.commercial_partner_id
        line = self.env['fulfilment.credit.line'].search([('partner_id', '=', customer.id), ('company_id', '=', company.id)], limit=1)
        end = end_of(day, self.company_id._fulfilment_zone())
        grade = limit = None
        if line and line.create_date < end:
            grade = self.env['fulfilment.credit.grade'].browse(_tracked_on(line, 'grade_id', {line: day})[line]).exists().name or None
            limit = _tracked_on(line, 'limit', {line: day})[line] or None
        promises = self.env['fulfilment.payment.promise'].search([
            ('partner_id', '=', customer.id), ('company_id', '=', self.company_id.id), ('made_on', '<=', day),
        ], order='date_promised, id')
        return {'grade': grade, 'limit': limit, 'promises': [
            {'amount': one.amount, 'date_promised': fields.Date.to_string(one.date_promised),
                'state': one._state_on(end)} for one in promises
        ]}

    def action_look_back(self):
        """Open the contract as it stood on a past day."""
        self.ensure_one()
        return {
            'type': 'ir.actions.act_window', 'name': self.env._("%s on a past day", self.name), 'res_model': 'fulfilment.contract.past',
            'view_mode': 'form', 'target': 'current', 'context': {'default_contract_id': self.id},
        }


class FulfilmentPaymentPromise(models.Model):
    _inherit = 'fulfilment.payment.promise'

    def _state_on(self, end):
        """Return the state a promise had at a moment, by its events."""
        self.ensure_one()
        # safe: the history of a promise, for who may read the contract
        event = self.env['fulfilment.event'].sudo().search([
            ('model', '=', self._name), ('res_id', '=', self.id), ('date', '<', end),
        ], order='date desc, id desc', limit=1)
        word = event.kind.rsplit('.', 1)[-1] if event else 'open'
        return word if word in dict(self._fields['state'].selection) else 'open'


class FulfilmentContractPast(models.TransientModel):
    """A contract as it stood on a day, and what has changed since. It reads, and changes nothing."""
    _name = 'fulfilment.contract.past'
    _description = 'Contract on a past day'
    _inherit = ['fulfilment.guard.mixin']
    _rec_name = 'contract_id'

    contract_id = fields.Many2one('fulfilment.contract', required=True, readonly=True, ondelete='cascade')
    date = fields.Date(string="As of the evening of", required=True, default=lambda self: fields.Date.subtract(
        fields.Date.context_today(self), months=1,
    ))
    sheet = fields.Html(compute='_compute_sheet', sanitize=False)
    changes = fields.Html(string="What has changed since", compute='_compute_sheet', sanitize=False)

    @api.depends('contract_id', 'date')
    @api.depends_context('lang')
    def _compute_sheet(self):
        for one in self:
            if not one.contract_id or not one.date:
                one.sheet = one.changes = False
                continue
            one.contract_id.check_access('read')
            then = one.contract_id.get_past(one.date)[0]
            now = one.contract_id.get_past(fields.Date.context_today(self))[0]
            one.sheet = self.env['ir.qweb']._render('fulfilment_crm.contract_past', one._told(then, now))
            one.changes = one._told_changes()

    def _told(self, then, now):
        """Return what the sheet shows: values of then, each with whether it is another now."""
        contract, money = self.contract_id, self.contract_id.currency_id.format
        states = dict(contract._fields['state']._description_selection(self.env))
        milestones = self.env['fulfilment.milestone']._fields
        kinds, of_milestone = (dict(milestones[name]._description_selection(self.env)) for name in ('kind', 'state'))
        of_promise = dict(self.env['fulfilment.payment.promise']._fields['state']._description_selection(self.env))
        later = {one['id']: one for one in now['milestones']}
        rows = [
            (self.env._("State"), states.get(then['state'], '–'), then['state'] != now['state']),
            (self.env._("Responsible"), then['owner'] or '–', then['owner'] != now['owner']),
            (self.env._("Amount"), money(then['amount_total']), then['amount_total'] != now['amount_total']),
            (self.env._("End"), _day(self.env, then['date_end']), then['date_end'] != now['date_end']),
            (self.env._("Grade of the customer"), then['grade'] or '–', then['grade'] != now['grade']),
            (self.env._("Credit limit"), '–' if then['limit'] is None else f'{then["limit"]:,.2f}', then['limit'] != now['limit']),
        ]
        return {
            'rows': rows, 'day': lambda value: _day(self.env, value), 'money': money,
            'milestones': [{
                **one, 'kind': kinds.get(one['kind'], ''), 'state': of_milestone.get(one['state'], ''),
                'changed': {name for name in ('date_planned', 'amount', 'state', 'paid') if one[name] != later.get(one['id'], one)[name]},
            } for one in then['milestones']],
            'clauses': [{**one, 'changed': one not in now['clauses']} for one in then['clauses']],
            'promises': [{**one, 'state': of_promise.get(one['state'], '')} for one in then['promises']],
        }

    def _told_changes(self):
        """Return the events since the day, the newest first, as the reader may read them."""
        events = self.env['fulfilment.event'].search([
            ('contract_id', '=', self.contract_id.id),
            ('date', '>=', end_of(self.date, self.contract_id.company_id._fulfilment_zone())),
        ], limit=200) if self.env['fulfilment.event'].has_access('read') else self.env['fulfilment.event']
        return markup.lines([
            f'{shown_date(self.env, event.date.date())}: {event.title} {event.summary or ""}' for event in events
        ]) if events else False


def _tracked_on(records, name, days):
    """Return what a tracked field of records said at the end of a day: ``{record: value}``; of a many2one its id."""
    field, model = records._fields[name], records.env['ir.model']._get(records._name)
    column = OLD.get(field.type, 'old_value_char')
    # safe: what was noted of changes of a field the caller tells about
    tracked = records.env['mail.tracking.value'].sudo().search([
        ('field_id.model_id', '=', model.id), ('field_id.name', '=', name), ('mail_message_id.model', '=', records._name),
        ('mail_message_id.res_id', 'in', records.ids),
    ])
    by_record = {}
    for value in tracked.sorted(lambda one: (one.mail_message_id.date, one.id)):
        by_record.setdefault(value.mail_message_id.res_id, []).append(value)
    found = {}
    for record in records:
        end = end_of(fields.Date.to_date(days[record]), record.company_id._fulfilment_zone())
        later = next((one for one in by_record.get(record.id, ()) if one.mail_message_id.date >= end), None)
        current = record[name].id if field.type == 'many2one' else record[name]
        found[record] = current if later is None else later[column]
    return found


def _day(env, text):
    return shown_date(env, fields.Date.to_date(text)) if text else '–'
