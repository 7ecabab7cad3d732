from collections import Counter
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError

from ...tools.working_time import NoWorkingTimeError
from ..base.to_do_mixin import ToDo, check_colleagues
from ..base.told import ToldChar
from .warning_rule import SEVERITIES, WATCHED

# While an alert is in one of these its rule fits the record, as far as the last round knows.
HOLDING = ('open', 'acknowledged', 'handled')
# Where the customer and the contract of a watched record are found.
CUSTOMER_OF = {
    'fulfilment.profile': 'partner_id', 'fulfilment.contract': 'commercial_partner_id',
    'fulfilment.milestone': 'partner_id.commercial_partner_id', 'fulfilment.ticket': 'commercial_partner_id',
}


class FulfilmentAlert(models.Model):
    """That a rule fits a record, from the round that found it to the round that does not find it any more."""
    _name = 'fulfilment.alert'
    _description = 'Alert'
    _inherit = ['fulfilment.chatter.mixin', 'mail.activity.mixin', 'fulfilment.guard.mixin', 'fulfilment.once.mixin']
    _order = 'severity desc, raised_on desc, id desc'
    _rec_name = 'record_name'
    _mail_post_access = 'read'

    # Identity
    rule_id = fields.Many2one('fulfilment.warning.rule', required=True, readonly=True, index=True, ondelete='restrict', guarded=True)
    explanation = fields.Text(related='rule_id.explanation', string="What it means")
    severity = fields.Selection(SEVERITIES, required=True, readonly=True, index=True, tracking=True, guarded=True)
    res_model = fields.Selection(WATCHED, string="Kind of record", required=True, readonly=True, guarded=True)
    res_id = fields.Many2oneReference(string="Record ID", model_field='res_model', required=True, readonly=True, guarded=True)
    record_name = ToldChar(string="Record", readonly=True, guarded=True)
    open_key = fields.Char(readonly=True, copy=False, guarded=True)

    # Relations
    company_id = fields.Many2one('res.company', required=True, readonly=True, index=True, ondelete='cascade', guarded=True)
    partner_id = fields.Many2one('res.partner', string="Customer", readonly=True, index='btree_not_null', ondelete='set null', guarded=True)
    contract_id = fields.Many2one('fulfilment.contract', readonly=True, index='btree_not_null', ondelete='set null', guarded=True)
    user_id = fields.Many2one('res.users', string="Owner", index='btree_not_null', ondelete='set null', tracking=True)

    # State
    state = fields.Selection(
        [('open', "Not seen yet"), ('acknowledged', "Seen"), ('handled', "Handled"), ('closed', "No longer holds")], required=True,
        readonly=True,
        default='open', index=True, tracking=True, group_expand=True,
        help="Closed by itself when the rule does not fit the record any more.", guarded=True,
    )
    raised_on = fields.Date(string="Raised on", required=True, readonly=True, index=True, guarded=True)
    acknowledged_on = fields.Datetime(string="Seen on", readonly=True, guarded=True)
    acknowledged_by_id = fields.Many2one('res.users', string="Seen by", readonly=True, ondelete='set null', guarded=True)
    handled_on = fields.Datetime(string="Handled on", readonly=True, guarded=True)
    handled_by_id = fields.Many2one('res.users', string="Handled by", readonly=True, ondelete='set null', guarded=True)
    note = fields.Text(string="What was done", readonly=True, guarded=True)
    closed_on = fields.Date(string="Closed on", readonly=True, guarded=True)
    closed_reason = ToldChar(string="Why closed", readonly=True, guarded=True)
    escalate_on = fields.Datetime(
        string="To be escalated on", readonly=True, help="When it is shown to the owner's manager unless somebody has looked at it.",
        guarded=True,
    )
    escalated_on = fields.Datetime(string="Escalated on", readonly=True, guarded=True)
    escalated_to_id = fields.Many2one('res.users', string="Escalated to", readonly=True, ondelete='set null', guarded=True)
    figures = fields.Json(string="Figures then", readonly=True, help="What the condition named, as it was.", guarded=True)

    # Text on purpose: merging customers can neither delete nor collide with it.
    _one_open = models.UniqueIndex('(open_key) WHERE open_key IS NOT NULL', "There is an alert about this already.")
    _record_idx = models.Index('(rule_id, res_id)')
    _escalate_idx = models.Index("(escalate_on) WHERE state = 'open' AND escalate_on IS NOT NULL")

    @api.depends('record_name', 'rule_id')
    @api.depends_context('lang')
    def _compute_display_name(self):
        for alert in self:
            alert.display_name = f'{alert.record_name or ""}: {alert.rule_id.name or ""}'

    @api.constrains('user_id')
    def _check_owner(self):
        check_colleagues(self)

    def write(self, vals):
        before = {alert: alert.user_id for alert in self} if 'user_id' in vals else {}
        result = super().write(vals)
        if moved := self.filtered(lambda alert: alert.state in HOLDING and before.get(alert, alert.user_id) != alert.user_id):
            moved._hand_over()
        return result

    # === ACTIONS === #

    def action_acknowledge(self):
        """Note that somebody has looked at the alerts, so that they are not escalated."""
        self._check_state(('open',))
        # safe: the state is guarded; the right to write was checked
        self.sudo().write({
            'state': 'acknowledged', 'acknowledged_on': fields.Datetime.now(), 'acknowledged_by_id': self.env.uid, 'escalate_on': False,
        })
        return True

    def action_handle(self, reason=None):
        """Note what was done. The alerts stay until their rules do not fit any more.

        :param str reason: what was done; asked for in a dialog when missing
        """
        self._check_state(('open', 'acknowledged'))
        if not (reason or '').strip():
            return self._ask_reason('action_handle', self.env._("What was done?"))
        # safe: as in action_acknowledge
        self.sudo().write({
            'state': 'handled', 'handled_on': fields.Datetime.now(), 'handled_by_id': self.env.uid, 'note': reason.strip(),
            'escalate_on': False,
        })
        self.sudo()._drop_to_dos()  # safe: to-dos of the alerts, whoever has them
        return True

    def action_open_record(self):
        """Open what the alert is about."""
        self.ensure_one()
        return {
            'type': 'ir.actions.act_window', 'res_model': self.res_model, 'res_id': self.res_id, 'view_mode': 'form',
            'views': [(False, 'form')],
        }

    def _check_state(self, states):
        self.check_access('write')
        names = dict(self._fields['state']._description_selection(self.env))
        for alert in self:
            if alert.state not in states:
                raise UserError(self.env._("%(alert)s: already %(state)s.", alert=alert.display_name, state=names[alert.state].lower()))

    # === BUSINESS === #

    @api.model
    def _raise_for(self, rule, records, days, moments):
        """Raise the alerts of a rule for records that have none: one slice of a round.

        :param rule: one ``fulfilment.warning.rule``
        :param records: what it fits
        :param dict days: ``{company: date}``
        :param dict moments: ``{company: naive UTC datetime}`` from which escalation counts
        :return: the alerts made
        """
        keys = {record: f'{rule.id}: {record._name} {record.id}' for record in records}
        # Another worker may have raised some since the rule was compared.
        taken = set(self.search([('open_key', 'in', list(keys.values()))]).mapped('open_key'))
        records = records.filtered(lambda record: keys[record] not in taken)
        if not records:
            return self.browse()
        times = dict(self._read_group(
            [('rule_id', '=', rule.id), ('res_id', 'in', records.ids)], ['res_id'], ['__count'],
        ))
        owners, figures = rule._owners(records), rule._figures_of(records)
        escalation = {
            company: rule._escalation(company, moments[company]) for company in records.company_id
        }
        records.mapped('display_name')  # read together: one by one below, each would be a query
        vals_list = [{
            # Counted on, so that an alert that comes back is another one.
            'claim_key': f'{keys[record]}: {times.get(record.id, 0) + 1}', 'open_key': keys[record], 'rule_id': rule.id,
            'severity': rule.severity, 'res_model': record._name, 'res_id': record.id,
            'record_name': record._told_name() if record._name == 'fulfilment.ticket' else record.display_name,
            'company_id': record.company_id.id, 'partner_id': record.mapped(CUSTOMER_OF[record._name]).id,
            'contract_id': _contract_of(record).id, 'user_id': owners[record].id, 'raised_on': days[record.company_id],
            'escalate_on': escalation[record.company_id], 'figures': figures[record],
        } for record in records]
        alerts = self.with_context(tracking_disable=True)._claim(vals_list).with_env(self.env)
        alerts._follow_quietly()
        if rule.with_activity:
            alerts._give_alert_to_dos(days)
        alerts._on_raised(moments)
        return alerts

    def _on_raised(self, moments):
        """Do what else follows from new alerts of one rule; other files add to it.

        :param dict moments: ``{company: naive UTC datetime}`` at which they were raised
        """

    def _give_alert_to_dos(self, days):
        self.env['mail.activity']._fulfilment_give('fulfilment_crm.activity_type_alert', [ToDo(
            alert, alert.user_id, alert.rule_id.with_env(alert.user_id._fulfilment_env()).name, days[alert.company_id]
            if not alert.escalate_on else alert.company_id._fulfilment_today(alert.escalate_on)[alert.company_id],
        ) for alert in self if alert.user_id])

    def _hand_over(self):
        """To-dos and the next daily mail go to the new owner."""
        # safe: whoever may name the owner gives them the to-do as well
        alerts = self.sudo()
        alerts.digest_id = False
        to_dos = alerts.activity_ids.filtered(lambda one: one.activity_type_id == self.env.ref('fulfilment_crm.activity_type_alert'))
        for user, own in alerts.filtered('user_id').grouped('user_id').items():
            to_dos.filtered(lambda one, own=own: one.res_id in own.ids).user_id = user
        without = alerts.filtered(
            lambda alert: alert.rule_id.with_activity and alert.state != 'handled' and alert.id not in to_dos.mapped('res_id'),
        )
        without._give_alert_to_dos(without.company_id._fulfilment_today())
        alerts._follow_quietly()

    def _drop_to_dos(self):
        self.activity_unlink(['fulfilment_crm.activity_type_alert', 'fulfilment_crm.activity_type_escalation'])

    def _close(self, reason, days=None):
        """Close alerts that hold no more.

        :param str reason: why
        :param dict days: ``{company: date}``; each company's own today when None
        :return: how many
        """
        held = self.filtered(lambda alert: alert.state in HOLDING)
        days = days or held.company_id._fulfilment_today()
        for day, alerts in held.grouped(lambda alert: days[alert.company_id]).items():
            alerts.write({'state': 'closed', 'closed_on': day, 'closed_reason': reason, 'open_key': False, 'escalate_on': False})
        held._drop_to_dos()
        return len(held)

    def _escalate(self, moment):
        """Show alerts nobody has looked at to the managers of their owners, once each.

        :return: ``{effect: count}``
        """
        late = self.filtered(lambda alert: alert.state == 'open' and alert.escalate_on and alert.escalate_on <= moment)
        managers = {}
        for company, alerts in late.grouped('company_id').items():
            for user, manager in alerts.user_id._fulfilment_managers(company).items():
                managers[user, company] = manager
            managers[self.env['res.users'], company] = company.fulfilment_manager_id
        to_dos, told = [], {}
        for alert in late:
            manager = managers[alert.user_id, alert.company_id]
            if manager and manager != alert.user_id:
                told.setdefault(manager, []).append(alert.id)
                to_dos.append(ToDo(
                    alert, manager, manager._fulfilment_env()._("Nobody has looked at this alert"),
                    alert.company_id._fulfilment_today(moment)[alert.company_id],
                ))
        self.env['mail.activity']._fulfilment_give('fulfilment_crm.activity_type_escalation', to_dos)
        # Where there is nobody to tell, the next round looks again.
        for manager, ids in told.items():
            self.browse(ids).write({'escalated_to_id': manager.id, 'escalate_on': False, 'escalated_on': moment})
        return {'alerts escalated': len(to_dos)}


class FulfilmentWarningRule(models.Model):
    """Whose alerts they are, by when somebody has to look at them, and what they keep of the record."""
    _inherit = 'fulfilment.warning.rule'

    def _owners(self, records):
        """Who gets the alert about each record: ``{record: user}``, empty where nobody is found."""
        self.ensure_one()
        fallback = {company: _able(company.fulfilment_manager_id, company) for company in records.company_id}
        if self.owner_kind == 'group':
            return self._owners_by_load(records, fallback)
        # safe: who is named on a record is asked for it, whoever may read the field
        name = self.owner_field_id.sudo().name or 'user_id'
        able = {}
        owners = {}
        for record in records:
            user = self.user_id if self.owner_kind == 'user' else record[name]
            if not user and self.owner_kind == 'field':
                user = _contract_of(record).user_id or record.mapped(CUSTOMER_OF[record._name]).user_id
            key = (user, record.company_id)
            if key not in able:
                able[key] = _able(user, record.company_id)
            owners[record] = able[key] or fallback[record.company_id]
        return owners

    def _owners_by_load(self, records, fallback):
        """Of a role, whoever has the fewest alerts that hold; of several, the one known longest."""
        owners = {}
        for company, group in records.grouped('company_id').items():
            # safe: who is in a role
            people = _able(self.group_id.sudo().all_user_ids, company).sorted('id')
            load = Counter(dict(self.env['fulfilment.alert']._read_group(
                [('user_id', 'in', people.ids), ('state', 'in', HOLDING)], ['user_id'], ['__count'],
            )))
            for record in group:
                owner = min(people, key=lambda user: (load[user], user.id), default=fallback[company])
                load[owner] += 1
                owners[record] = owner
        return owners

    def _escalation(self, company, moment):
        """When an alert raised at a moment is escalated, or False."""
        calendar = company.resource_calendar_id
        if not calendar or not self.escalation_days:
            return False
        try:
            return self.env['fulfilment.workday']._working_time(calendar, company).deadline(
                moment, self.escalation_days, 'working_day',
            )
        except NoWorkingTimeError:
            return moment + timedelta(days=self.escalation_days)  # hours that say nothing must not cost the alert

    def _figures_of(self, records):
        """Return what the condition names, as it is now: ``{record: {field: value}}``, ready for a Json field."""
        names = self._figure_names()
        return {record: {name: _plain(record, name) for name in names} for record in records}


def _contract_of(record):
    """Return the contract a watched record is, or belongs to."""
    if record._name == 'fulfilment.contract':
        return record
    return record.contract_id if 'contract_id' in record._fields else record.env['fulfilment.contract']


def _able(users, company):
    """Those of the users who can have alerts of a company: colleagues with a role who are still there."""
    return users.filtered(
        lambda user: user.active and not user.share and company in user.company_ids,
    )._with_fulfilment_role()


def _plain(record, name):
    """Return a field's value as JSON keeps it; None for no data."""
    field, value = record._fields[name], record[name]
    if field.relational:
        return ', '.join(value.mapped('display_name')) or None
    if field.type in ('date', 'datetime'):
        return field.to_string(value) or None
    if field.type == 'boolean':
        return bool(value)
    return None if value is None or value is False else value
