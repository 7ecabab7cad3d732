from collections import defaultdict
from functools import partial

from odoo import api, fields, models
from odoo.fields import Domain

from ..base.run import Action
from ..base.told import _lt, told
from .rule import WATCHES


class FulfilmentReminder(models.Model):
    """Which reminders are due, and the hourly run that sends them."""
    _inherit = 'fulfilment.reminder'

    @api.model
    def _cron_reminders(self, as_of=None):
        """Send what is due and note what is not sent, and why.

        :param as_of: the day to work for (date, or naive UTC datetime); with None each company's own today, from the hour it set
        """
        self = self.sudo()  # safe: a scheduled action works for all companies; it sends what rules of administrators say
        companies = self.env['res.company'].search([('fulfilment_reminders', '=', True)])
        if not as_of:
            companies = companies.filtered(lambda company: company._fulfilment_hour_has_come())
        today = companies._fulfilment_today(as_of)
        run = self.env['fulfilment.run']._open('reminders', as_of)
        for model in WATCHES:
            records = self.env[model].browse(sorted({record.id for record in self._due_pairs(model, today)}))
            if not run._slices(records, partial(self._remind, today), size=100):
                return
        run._close()

    # === WHAT IS DUE === #

    @api.model
    def _due_pairs(self, model, today, records=None):
        """Find the reminders that are due and not in the ledger yet, and rows of the ledger that are open again.

        A rule is due from its day on for as many days as the company catches up; what is older is past telling.

        :param str model: what the rules watch
        :param dict today: ``{company: date}``
        :param records: look at these only
        :return: ``{record: rules}``
        """
        date_field, pairs = WATCHES[model]['date'], defaultdict(self.env['fulfilment.reminder.rule'].browse)
        rules = self.env['fulfilment.reminder.rule'].search([('model', '=', model)])
        for rule in rules:
            for day, companies in _companies_by_day(today, rule.company_id).items():
                latest = fields.Date.subtract(day, days=rule.offset_days)
                earliest = fields.Date.subtract(latest, days=max(companies.mapped('fulfilment_catch_up_days'), default=0))
                domain = Domain(WATCHES[model]['open']) & Domain(rule._parsed_domain()) & Domain('company_id', 'in', companies.ids) \
                    & Domain(date_field, '<=', latest) & Domain(date_field, '>=', earliest)
                if records is not None:
                    domain &= Domain('id', 'in', records.ids)
                due = self.env[model].search_fetch(domain, [date_field, 'company_id'])
                claimed = self._claimed(model, rule, earliest, latest, due if records is not None else None)
                for record in due:
                    late_by = (latest - record[date_field]).days
                    if (record.id, record[date_field]) not in claimed and late_by <= record.company_id.fulfilment_catch_up_days:
                        pairs[record] |= rule
        for row in self._open_rows(model, today, records):
            pairs[row.milestone_id if model == 'fulfilment.milestone' else row.contract_id] |= row.rule_id
        return pairs

    @api.model
    def _claimed(self, model, rule, earliest, latest, records):
        """Return what the ledger holds of a rule: ``{(record id, due date)}``."""
        link = 'milestone_id' if model == 'fulfilment.milestone' else 'contract_id'
        domain = Domain('rule_id', '=', rule.id) & Domain('due_date', '>=', earliest) & Domain('due_date', '<=', latest)
        if records is not None:
            domain &= Domain(link, 'in', records.ids)
        return {(record.id, due) for record, due in self._read_group(domain, [link, 'due_date:day'])}

    @api.model
    def _open_rows(self, model, today, records):
        """Rows that were cancelled and hold again, whose day has come."""
        milestones = model == 'fulfilment.milestone'
        domain = Domain('state', '=', 'open') & Domain('company_id', 'in', [company.id for company in today]) \
            & Domain('milestone_id', '!=' if milestones else '=', False)
        if records is not None:
            domain &= Domain('milestone_id' if milestones else 'contract_id', 'in', records.ids)
        rows = self.search(domain)
        return rows.filtered(lambda row: row._is_due(today[row.company_id]))

    def _is_due(self, day):
        self.ensure_one()
        if self.milestone_id:
            wanted = self.milestone_id.state == 'pending' and self.milestone_id.date_planned == self.due_date \
                and not self.milestone_id.is_covered
        else:
            wanted = self.contract_id.state == 'active' and self.contract_id.date_end == self.due_date
        return wanted and fields.Date.add(self.due_date, days=self.offset_days) <= day

    # === SENDING === #

    @api.model
    def _remind(self, today, records):
        """Claim and send what is due for these records: one slice of the run.

        Of several reminders that fell due together only the latest is sent; the others are noted as skipped.

        :return: ``{effect: count}``
        """
        self = self.with_env(records.env)  # in the language of the slice
        vals_list = self._prepare_rows(records, self._due_pairs(records._name, today, records), today)
        known = self.search([('claim_key', 'in', [vals['claim_key'] for vals in vals_list])])
        again = known.filtered(lambda row: row.state == 'open')
        fresh = self._claim(vals_list)
        pauses = self.env['fulfilment.reminder.pause']._pauses_of(again.contract_id, today)
        for row in again:
            pause = pauses.get(row.contract_id)
            row.write({'state': 'skipped', 'reason': pause.reason} if pause else {'as_of': today[row.company_id]})
        again = again.filtered(lambda row: row.state == 'open')
        waiting = fresh.filtered(lambda row: row.state == 'open') | again
        effects = waiting._deliver(today)
        effects['reminders skipped'] = len(fresh.filtered(lambda row: row.state == 'skipped'))
        effects['escalations'] = len(waiting.filtered(lambda row: row.audience == 'manager' and row.state in ('sent', 'to_print')))
        effects['mails queued'] = len(waiting.filtered(lambda row: row.mail_id and row.state == 'sent'))
        return effects

    @api.model
    def _prepare_rows(self, records, pairs, today):
        """Prepare the rows of the ledger for what is due: open ones to be sent, others skipped with the reason.

        :param dict pairs: ``{record: rules}``, from ``_due_pairs``
        :param dict today: ``{company: date}``
        :return: list of values
        """
        contracts = records if records._name == 'fulfilment.contract' else records.contract_id
        pauses = self.env['fulfilment.reminder.pause']._pauses_of(contracts, today)
        managers = self._managers(records)
        without_sms = records.company_id.filtered(
            lambda company: company.fulfilment_sms_fallback == 'email' and not self._sms_available(company),
        )
        vals_list = []
        for record, rules in pairs.items():
            latest = {}
            for rule in rules.sorted('offset_days'):
                latest[rule.channel, rule._audience_of(record)] = rule
            for rule in rules:
                vals = self._prepare_vals(rule, record, today, managers)
                pause = pauses.get(record if record._name == 'fulfilment.contract' else record.contract_id)
                if pause:
                    vals.update(
                        state='skipped',
                        reason=told(self.env, _lt("Paused until %(date)s: %(reason)s",
                                        date=pause.date_to, reason=pause.reason)),
                    )
                elif latest[rule.channel, vals['audience']] != rule:
                    vals.update(state='skipped', reason=told(self.env, _lt("Its day had passed; the later reminder was sent")))
                elif rule.channel == 'sms' and record.company_id in without_sms and ('email', vals['audience']) in latest:
                    vals.update(state='skipped', reason=told(self.env, _lt("No SMS account is set up, and an e-mail went out already")))
                vals_list.append(vals)
        return vals_list

    @api.model
    def _managers(self, records):
        """Whom to escalate to: ``{(user, company): manager}``."""
        managers = {}
        for company, group in records.grouped('company_id').items():
            for user, manager in group.user_id._fulfilment_managers(company).items():
                managers[user, company] = manager
        return managers

    @api.model
    def _prepare_vals(self, rule, record, today, managers):
        """Prepare the ledger row of one reminder, open to be sent."""
        milestone = record if record._name == 'fulfilment.milestone' else self.env['fulfilment.milestone']
        contract = milestone.contract_id or record
        responsible = next((one for one in (record.user_id, contract.user_id) if one.active), None) \
            or contract.company_id.fulfilment_manager_id.filtered('active')
        audience = rule._audience_of(record)
        due = record[WATCHES[record._name]['date']]
        if audience == 'customer':
            partner = contract.partner_id._fulfilment_reachable()
        elif audience == 'manager':
            manager = managers.get((record.user_id, record.company_id))
            partner = (manager if manager and manager.active else contract.company_id.fulfilment_manager_id.filtered('active')).partner_id
        else:
            partner = responsible.partner_id
        return {
            'claim_key': self._key(rule, record, due, rule.channel), 'rule_id': rule.id, 'company_id': record.company_id.id,
            'contract_id': contract.id, 'milestone_id': milestone.id, 'due_date': due, 'partner_id': partner.id,
            'user_id': responsible.id, 'audience': audience, 'channel': rule.channel, 'state': 'open', 'as_of': today[record.company_id],
        }

    # === WHEN FACTS CHANGE === #

    @api.model
    def _void(self, milestones, due_dates, reasons):
        """Note the reminders still to come for a due date as cancelled. Only where reminding had begun: else there is nothing to tell.

        :param milestones: records whose due date no longer stands
        :param dict due_dates: ``{milestone: the due date}``
        :param dict reasons: ``{milestone: why}``
        """
        rows = self.search([('milestone_id', 'in', milestones.ids)])
        begun = {(row.milestone_id, row.due_date) for row in rows}
        waiting = rows.filtered(lambda row: row.state in ('open', 'to_print') and row.due_date == due_dates.get(row.milestone_id))
        for reason, group in waiting.grouped(lambda row: reasons[row.milestone_id]).items():
            group.write({'state': 'cancelled', 'reason': reason})
        started = milestones.filtered(lambda one: (one, due_dates[one]) in begun)
        if not started:
            return
        today = started.company_id._fulfilment_today()
        rules = self.env['fulfilment.reminder.rule'].search([('model', '=', 'fulfilment.milestone')])
        managers = self._managers(started)
        claimed = set(rows.mapped('claim_key'))
        vals_list = []
        for rule in rules:
            for milestone in started.filtered_domain(rule._parsed_domain()):
                due = due_dates[milestone]
                key = self._key(rule, milestone, due, rule.channel)
                ahead = fields.Date.add(due, days=rule.offset_days) > (milestone.date_done or today[milestone.company_id])
                if key in claimed or not ahead or (rule.company_id and rule.company_id not in milestone.company_id.parent_ids):
                    continue
                vals_list.append(dict(
                    self._prepare_vals(rule, milestone, today, managers), claim_key=key, due_date=due, state='cancelled',
                    reason=reasons[milestone],
                ))
        self._claim(vals_list)

    @api.model
    def _revive(self, milestones):
        """Open cancelled reminders again whose due date stands again."""
        rows = self.search([('milestone_id', 'in', milestones.ids), ('state', '=', 'cancelled')])
        rows.filtered(lambda row: row.due_date == row.milestone_id.date_planned).write({'state': 'open', 'reason': False})


class FulfilmentReminderRule(models.Model):
    _inherit = 'fulfilment.reminder.rule'

    def _audience_of(self, record):
        """Who is reminded of a record: customer, responsible or manager."""
        self.ensure_one()
        if self.audience != 'obligor':
            return self.audience
        return 'customer' if record._name == 'fulfilment.milestone' and record.obligor == 'customer' else 'responsible'


def _companies_by_day(today, only):
    """Companies grouped by their day, limited to a company and its branches where the rule is that company's."""
    groups = {}
    for company, day in today.items():
        if not only or only in company.parent_ids:
            groups[day] = groups.get(day, company.browse()) | company
    return groups


class FulfilmentRun(models.Model):
    _inherit = 'fulfilment.run'

    @api.model
    def _actions(self):
        return [*super()._actions(), Action(50, 'reminders', self.env._("Reminders"), 'fulfilment.reminder', '_cron_reminders')]

    @api.model
    def _effect_labels(self):
        labels = {
            'reminders skipped': self.env._("Reminders skipped"), 'escalations': self.env._("Escalations"),
            'mails queued': self.env._("Mails queued"),
        }
        offsets = set(self.env['fulfilment.reminder.rule'].with_context(active_test=False).search([]).mapped('offset_days'))
        for channel, name in self.env['fulfilment.reminder']._fields['channel']._description_selection(self.env):
            labels[f'reminders by {channel} failed'] = self.env._("Reminders by %s failed", name)
            for offset in offsets:
                labels[f'reminders by {channel}, {offset:+d} days'] = self.env._(
                    "Reminders by %(channel)s, %(days)s days from the date", channel=name, days=f'{offset:+d}',
                )
        return {**super()._effect_labels(), **labels}
