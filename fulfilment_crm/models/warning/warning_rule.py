import re
from ast import literal_eval

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain

from ...tools.profile_domain import parse
from ..base.deletion import before_deletion
from ..base.opening import open_list
from ..base.told import ToldText, _lt, told

# What a rule may watch.
WATCHED = [
    ('fulfilment.profile', "Customer"), ('fulfilment.contract', "Contract"), ('fulfilment.milestone', "Milestone"),
    ('fulfilment.ticket', "Ticket"),
]
SEVERITIES = [('3', "Critical"), ('2', "Serious"), ('1', "Warning"), ('0', "Notice")]  # the worst stands first
FEW = 20  # records up to which a rule may fit all of them


class FulfilmentWarningRule(models.Model):
    """What is to be noticed early, whom it concerns, and how grave it is."""
    _name = 'fulfilment.warning.rule'
    _description = 'Warning rule'
    _inherit = ['fulfilment.lookup.mixin', 'fulfilment.audit.mixin', 'mail.thread', 'fulfilment.guard.mixin', 'fulfilment.condition.mixin']

    explanation = fields.Text(
        translate=True, tracking=True, help="What it means when the rule fits, and what is usually done. Shown on its alerts.",
    )
    state = fields.Selection(
        [('draft', "On trial"), ('active', "Watching"), ('paused', "Paused")], default='draft', required=True, readonly=True, copy=False,
        tracking=True, help="Only rules that watch raise alerts. A rule that cannot be used any more is paused and says why.",
        guarded=True,
    )
    paused_reason = ToldText(string="Why paused", readonly=True, copy=False, guarded=True)

    # Condition
    model = fields.Selection(WATCHED, string="Watches", required=True, default='fulfilment.profile', tracking=True)
    domain = fields.Char(
        string="Condition", default='[]', required=True, tracking=True,
        help="An alert is raised for each record this fits. Days are numbers here (“Days to the end”, “Days late”, “Days open”), so that a "
             "rule can be tried on the past.",
    )
    max_share = fields.Integer(
        string="Paused above (% of records)", default=50, tracking=True,
        help="A rule that fits more than this share of at least 20 records tells nobody anything: it is paused instead. 100: never.",
    )

    # Alert
    severity = fields.Selection(SEVERITIES, required=True, default='1', tracking=True)
    owner_kind = fields.Selection(
        [('field', "Somebody named on the record"), ('group', "A role"), ('user', "A person")], string="Owner", required=True,
        default='field', tracking=True, help="Of a role, whoever has the fewest alerts. Where nobody is found, the fulfilment manager.",
    )
    owner_field_id = fields.Many2one(
        'ir.model.fields', string="Field", ondelete='set null', tracking=True,
        domain="[('model', '=', model), ('relation', '=', 'res.users'), ('ttype', '=', 'many2one')]",
        help="Empty: the responsible, or the agent of a ticket.",
    )
    group_id = fields.Many2one('res.groups', string="Role", ondelete='restrict', tracking=True)
    user_id = fields.Many2one('res.users', string="Person", ondelete='restrict', tracking=True)
    with_activity = fields.Boolean(
        string="To-do for the owner", default=True, tracking=True, help="Beside the daily mail, which lists all new alerts of an owner.",
    )
    quiet_days = fields.Integer(
        string="Quiet after (days)", default=7, tracking=True,
        help="For so long after an alert has closed, the same record raises no other by this rule.",
    )
    escalation_days = fields.Integer(
        string="Escalate after (working days)", default=3, tracking=True,
        help="An alert nobody has looked at by then is shown to the owner's manager. 0: never.",
    )
    at_once = fields.Integer(
        string="Agreed to raise at once", readonly=True, copy=False, aggregator=None, tracking=True,
        help="How many alerts whoever let it watch has agreed to in the next round.", guarded=True,
    )
    alert_ids = fields.One2many('fulfilment.alert', 'rule_id')
    alert_count = fields.Integer(compute='_compute_alert_count', string="Alerts that hold")

    _numbers_check = models.Constraint(
        'CHECK(quiet_days >= 0 AND escalation_days >= 0 AND max_share BETWEEN 1 AND 100)',
        "Quiet and escalation days are not negative, and the share lies between 1 and 100 %.",
    )

    @api.depends_context('uid')
    def _compute_alert_count(self):
        counts = dict(self.env['fulfilment.alert']._read_group(
            [('rule_id', 'in', self.ids), ('state', '!=', 'closed')], ['rule_id'], ['__count'],
        ))
        for rule in self:
            rule.alert_count = counts.get(rule, 0)

    @api.constrains('owner_kind', 'group_id', 'user_id', 'owner_field_id', 'model')
    def _check_owner(self):
        for rule in self:
            if rule.owner_kind == 'group' and not rule.group_id:
                raise ValidationError(self.env._("Rule “%(rule)s” gives its alerts to a role: choose it.", rule=rule.name))
            if rule.owner_kind == 'user' and not rule.user_id:
                raise ValidationError(self.env._("Rule “%(rule)s” gives its alerts to a person: choose them.", rule=rule.name))
            # safe: reads what the field is called and of which model
            field = rule.owner_field_id.sudo()
            if field and (field.model != rule.model or field.relation != 'res.users' or field.ttype != 'many2one'):
                raise ValidationError(self.env._(
                    "Rule “%(rule)s”: “%(field)s” names nobody on the records it watches.", rule=rule.name, field=field.field_description,
                ))

    @api.constrains('domain', 'model', 'company_id')
    def _check_watchable(self):
        """Beside what every condition must be: it fits not everything, and its days are numbers."""
        for rule in self:
            domain = rule._parsed_domain()
            model = self.env[rule.model]
            if rule.model == 'fulfilment.profile' and rule.company_id.parent_id:
                raise ValidationError(self.env._(
                    "Figures of customers are those of main companies: choose %(company)s for rule “%(rule)s”.",
                    company=rule.company_id.root_id.name, rule=rule.name,
                ))
            if domain.optimize_full(model.sudo()).is_true():  # safe: the condition is only looked at
                raise ValidationError(self.env._("Rule “%(rule)s” fits every record: give it a condition.", rule=rule.display_name))
            for condition in domain.iter_conditions():
                if _is_relative(model, condition):
                    raise ValidationError(self.env._(
                        "Rule “%(rule)s” counts “%(field)s” from today. Use a number of days instead, such as “Days to the end”, "
                        "“Days late” or “Days open”.", rule=rule.display_name, field=condition.field_expr,
                    ))

    def write(self, vals):
        if 'model' in vals:
            # safe: asks whether there are alerts, whoever may read them
            used = self.sudo().filtered(lambda rule: rule.model != vals['model'] and rule.alert_ids)
            if used:
                raise UserError(self.env._("“%s” has raised alerts already: make another rule instead.", used[0].name))
        result = super().write(vals)
        if vals.get('active') is False:
            # safe: the rule was archived by somebody who may; its alerts have no ground any more
            self.sudo().alert_ids._close(told(self.env, _lt("The rule was archived")))
        return result

    @before_deletion
    def _unlink_except_used(self):
        for rule in self:
            # safe: asks whether there are alerts, whoever may read them
            if rule.sudo().alert_ids:
                raise UserError(self.env._("“%s” has raised alerts, which stay on record: archive it instead.", rule.name))

    # === ACTIONS === #

    def action_activate(self):
        """Let rules watch, from the next round on. Whoever does agrees to as many alerts at once as they would raise now.

        :raise UserError: naming the rule that cannot be searched or fits too much
        """
        self.check_access('write')
        for rule in self:
            if reason := rule._fault():
                raise UserError(reason)
            # safe: the state is guarded, the right to write was checked; only the number of records is told
            bound = rule.sudo()
            days = bound.env['res.company'].search([])._fulfilment_today()
            fresh, _gone = bound._compare(days, watching=bound.env['res.company'].concat(*days))
            bound.write({'state': 'active', 'paused_reason': False, 'at_once': len(fresh)})
        return True

    def action_pause(self, reason=None):
        """Let rules rest. Their alerts stay, and close when they do not hold any more once the rule watches again.

        :param str reason: why; asked for in a dialog when missing
        """
        self.check_access('write')
        if not (reason or '').strip():
            return self._ask_reason('action_pause', self.env._("Pause"))
        # safe: as in action_activate
        self.sudo()._pause(reason.strip())
        return True

    def action_open_matches(self):
        """Open the records the rule fits now, as far as the user may see them."""
        self.ensure_one()
        return {
            'type': 'ir.actions.act_window', 'name': self.name, 'res_model': self.model, 'views': [(False, 'list'), (False, 'form')],
            'domain': list(self._watched_domain()), 'context': {'create': False},
        }

    def action_open_alerts(self):
        """Open the alerts of the rule."""
        return open_list(self, 'alert_action', [('rule_id', 'in', self.ids)], search_default_holding=1)

    # === BUSINESS === #

    def _parsed_domain(self):
        self.ensure_one()
        if self.model == 'fulfilment.profile':
            return parse(self.domain, self.env['fulfilment.profile'])
        return Domain(literal_eval((self.domain or '[]').strip()))

    def _watched_domain(self):
        """Return the condition, for the companies the rule is for."""
        domain = self._parsed_domain()
        return domain & Domain('company_id', 'child_of', self.company_id.ids) if self.company_id else domain

    def _figure_names(self):
        """Return the fields of the record that the condition names, in its order: what an alert keeps."""
        model = self.env[self.model]
        names = dict.fromkeys(condition.field_expr.partition('.')[0] for condition in self._parsed_domain().iter_conditions())
        # What only some may read is not copied to where others read it.
        return [name for name in names if name in model._fields and name not in ('id', 'company_id') and not model._fields[name].groups]

    def _pause(self, reason):
        self.write({'state': 'paused', 'paused_reason': reason})

    def _fault(self):
        """Tell what is wrong with the rule as it stands, as a sentence; None when nothing is."""
        self.ensure_one()
        # safe: counts records whoever may read them, to say whether the rule tells anything
        rule = self.sudo()
        try:
            rule._check_domain()
            rule._check_watchable()
            fits = rule._fit_count(within=None if self.env.su else self.env.companies)
        except Exception as error:  # noqa: BLE001 - whatever is wrong with a condition is told to whoever minds the rule
            return str(error)
        return rule._too_much(fits, within=None if self.env.su else self.env.companies)

    def _fit_count(self, as_of=None, within=None):
        """How many records the rule fits.

        :param within: only those of these companies; of all when None
        """
        domain = self._watched_domain() & (Domain.TRUE if within is None else Domain('company_id', 'in', within.ids))
        return self.env[self.model].with_context(as_of=as_of).search_count(domain)

    def _too_much(self, fits, within=None):
        """Return the sentence for a rule that fits more than its share of the records; None when it does not."""
        if fits < FEW or self.max_share >= 100:
            return None
        everybody = Domain('company_id', 'child_of', self.company_id.ids) if self.company_id else Domain.TRUE
        number = self.env[self.model].search_count(everybody & (Domain.TRUE if within is None else Domain('company_id', 'in', within.ids)))
        if fits * 100 <= self.max_share * number:
            return None
        return told(self.env, _lt(
            "Rule “%(rule)s” fits %(fits)s of %(number)s records, more than %(share)s %%: it would tell nobody anything. Narrow its "
            "condition.", rule=self.name, fits=fits, number=number, share=self.max_share,
        ))


def _is_relative(model, condition):
    """Whether a condition compares a date with a word such as “today”."""
    names = condition.field_expr.split('.')
    for name in names[:-1]:
        if name not in model._fields or not model._fields[name].comodel_name:
            return False
        model = model.env[model._fields[name].comodel_name]
    field = model._fields.get(names[-1])
    if not field or field.type not in ('date', 'datetime'):
        return False
    values = condition.value if isinstance(condition.value, (list, tuple, set, frozenset)) or hasattr(condition.value, '__iter__') \
        and not isinstance(condition.value, str) else [condition.value]
    return any(isinstance(value, str) and not re.match(r'\d{4}-\d\d-\d\d', value) for value in values)
