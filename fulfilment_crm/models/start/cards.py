from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain

from ..base.counting import Card
from ..breach.breach import ENDED
from ..breach.limitation import WARNED
from ..contract.milestone import OUTSTANDING
from ..risk.risk import LIVE
from ..ticket.ticket import OPEN

# Which cards each role sees, by section, in order.
LAYOUT = {
    'sales': {
        'work': ('activities_late', 'activities_today', 'milestones_week', 'tickets_mine', 'care_week'),
        'late': ('milestones_late', 'tickets_late', 'overdue'),
        'waiting': ('approvals', 'orders_held', 'calls', 'disputes', 'breaches', 'alerts'),
        'risk': ('risks_review', 'responses'),
    },
    'service': {
        'work': ('activities_late', 'activities_today', 'tickets_mine', 'tickets_unassigned', 'care_week'),
        'late': ('tickets_late', 'tickets_due'),
        'waiting': ('approvals', 'objections', 'alerts'),
        'risk': ('improvements', 'risks_review', 'responses'),
    },
    'credit': {
        'work': ('activities_late', 'activities_today'),
        'late': ('overdue', 'overdue_long', 'promises_broken', 'milestones_unpaid'),
        'waiting': ('approvals', 'calls', 'disputes', 'grades_waiting', 'alerts'),
        'risk': ('risks_review', 'responses'),
    },
    'legal': {
        'work': ('activities_late', 'activities_today', 'contracts_waiting'),
        'late': ('milestones_late', 'legal_steps'),
        'waiting': ('approvals', 'breaches', 'alerts'),
        'risk': ('risks_review', 'responses'),
    },
    'manager': {
        'work': ('activities_late', 'activities_today', 'milestones_week'),
        'late': ('milestones_late', 'tickets_late', 'overdue', 'promises_broken'),
        'waiting': ('approvals', 'contracts_waiting', 'breaches', 'alerts'),
        'risk': ('risks_grave', 'risks_review', 'responses', 'contracts_ending'),
    },
    'inspector': {
        'work': ('activities_late', 'activities_today'),
        'late': ('milestones_late', 'tickets_late'),
        'waiting': ('contracts_waiting', 'breaches', 'alerts', 'problems'),
        'risk': ('risks_grave', 'responses'),
    },
}
SECTIONS = ('waiting', 'late', 'work', 'risk')  # what others wait for comes first
# To-dos that a card of their own tells of already, by their type and what they are about: each matter stands on the page once.
TOLD_BY = {
    ('activity_type_approval', ''): 'approvals', ('activity_type_credit', 'sale.order'): 'approvals',
    ('activity_type_alert', ''): 'alerts', ('activity_type_objection', ''): 'objections', ('activity_type_care', ''): 'care_week',
    ('activity_type_risk_review', ''): 'risks_review', ('activity_type_dispute', ''): 'disputes',
    ('activity_type_promise', ''): 'promises_broken', ('activity_type_breach', 'fulfilment.breach'): 'breaches',
    ('activity_type_legal', ''): 'legal_steps',
}
OWN = ('sales', 'service', 'legal')  # see what is theirs, where the others see all they may read
DAYS = 7


class FulfilmentStart(models.AbstractModel):
    """The cards, one method each: what is counted, for whom, and what it says when there is nothing."""
    _inherit = 'fulfilment.start'

    @api.model
    def _sections(self, role):
        """``[(key, title, [card])]``, without what the user has no right to read."""
        titles = {
            'work': self.env._("My work today"), 'late': self.env._("Late"), 'waiting': self.env._("Waiting for a decision"),
            'risk': self.env._("Risk"),
        }
        day_of = self.env.companies._fulfilment_today()
        return [(key, titles[key], [
            card for name in names if (card := getattr(self, f'_card_{name}')(role, day_of))
        ]) for key in SECTIONS for names in [LAYOUT[role][key]]]

    @api.model
    def _probe(self):
        """Whether there is any contract at all."""
        return self._card('contracts', '', 'fulfilment.contract', [], 'id') or self._card('partners', '', 'res.partner', [], 'id')

    @api.model
    def _card(self, key, title, model, domain, order, empty='', **more):
        records = self.env[model]
        if not records.has_access('read'):
            return None
        return Card(key, title, records, list(Domain(domain)), order, empty, **more)

    @api.model
    def _each_day(self, day_of, field, operator, days=0):
        """Return the domain that compares a date with the today of each of the user's companies."""
        by_day = {}
        for company, day in day_of.items():
            by_day.setdefault(day + timedelta(days=days), []).append(company.id)
        return Domain.OR(
            (Domain('company_id', 'in', ids) if len(by_day) > 1 else Domain.TRUE) & Domain(field, operator, fields.Date.to_string(day))
            for day, ids in by_day.items()
        )

    @api.model
    def _mine(self, role, field='user_id'):
        return Domain(field, '=', self.env.uid) if role in OWN else Domain.TRUE

    # === MY WORK === #

    @api.model
    def _activities(self, role, key, title, operator, empty, tone=''):
        today = fields.Date.to_string(fields.Date.context_today(self))
        shown = {name for names in LAYOUT[role].values() for name in names}
        told = Domain.OR(
            Domain('activity_type_id', '=', self.env['ir.model.data']._xmlid_to_res_id(f'fulfilment_crm.{kind}'))
            & (Domain('res_model', '=', model) if model else Domain.TRUE)
            for (kind, model), card in TOLD_BY.items() if card in shown
        )
        return Card(
            # safe: the user's own to-dos, which Odoo lets them read whatever they are about
            key, title, self.env['mail.activity'].sudo(),
            list(Domain('user_id', '=', self.env.uid) & Domain('date_deadline', operator, today) & ~told),
            'date_deadline, id', empty, tone=tone,
            lines={'text': 'summary', 'sub': 'res_name', 'date': 'date_deadline', 'model': 'res_model', 'record': 'res_id'},
            views=[(self.env['ir.model.data']._xmlid_to_res_id('mail.mail_activity_view_tree_open_target'), 'list'), (False, 'form')],
        )

    @api.model
    def _card_activities_late(self, role, day_of):
        return self._activities(
            role, 'activities_late', self.env._("To-dos late"), '<', self.env._("To-dos whose day has passed appear here."), 'danger',
        )

    @api.model
    def _card_activities_today(self, role, day_of):
        return self._activities(
            role, 'activities_today', self.env._("To-dos today"), '=',
            self.env._("Calls, meetings and steps that are yours today appear here."),
        )

    @api.model
    def _milestones(self, key, title, domain, empty, **more):
        return self._card(
            key, title, 'fulfilment.milestone',
            Domain(OUTSTANDING) & domain, 'date_planned, id', empty,
            lines={'text': 'name', 'sub': 'partner_id', 'date': 'date_planned'}, **more,
        )

    @api.model
    def _card_milestones_week(self, role, day_of):
        return self._milestones(
            'milestones_week', self.env._("My milestones, next 7 days"),
            Domain('user_id', '=', self.env.uid)
            & self._each_day(day_of, 'date_planned', '>=') & self._each_day(day_of, 'date_planned', '<=', DAYS),
            self.env._("What you owe, or see to, within a week appears here."),
        )

    @api.model
    def _tickets(self, key, title, domain, empty, order='next_due_on, id', **more):
        return self._card(
            key, title, 'fulfilment.ticket', Domain('kind', 'in', OPEN) & domain, order, empty,
            lines={'text': 'title', 'sub': 'commercial_partner_id', 'date': 'next_due_on'}, **more,
        )

    @api.model
    def _card_tickets_mine(self, role, day_of):
        return self._tickets(
            'tickets_mine', self.env._("My tickets"), Domain('user_id', '=', self.env.uid),
            self.env._("Open tickets given to you appear here, the next due first."),
        )

    @api.model
    def _card_tickets_unassigned(self, role, day_of):
        return self._tickets(
            'tickets_unassigned', self.env._("Tickets without agent"), Domain('user_id', '=', False),
            self.env._("Tickets nobody has taken yet appear here."), tone='warning',
        )

    @api.model
    def _card_care_week(self, role, day_of):
        return self._card(
            'care_week', self.env._("Care, due and in the next 7 days"), 'fulfilment.care.task',
            Domain('state', '=', 'planned') & Domain('user_id', '=', self.env.uid) & self._each_day(day_of, 'date_planned', '<=', DAYS),
            'date_planned, id', self.env._("Visits, calls and follow-ups that a care plan asks of you appear here."),
            lines={'text': 'partner_id', 'sub': 'kind', 'date': 'date_planned'},
        )

    # === LATE === #

    @api.model
    def _card_milestones_late(self, role, day_of):
        mine = Domain('user_id', '=', self.env.uid) | Domain('contract_id.user_id', '=', self.env.uid)
        return self._milestones(
            'milestones_late', self.env._("Milestones late"),
            self._each_day(day_of, 'date_planned', '<') & (mine if role == 'sales' else Domain.TRUE),
            self.env._("Milestones of both sides whose date has passed appear here."), tone='danger',
        )

    @api.model
    def _card_milestones_unpaid(self, role, day_of):
        return self._milestones(
            'milestones_unpaid', self.env._("Payments late"),
            self._each_day(day_of, 'date_planned', '<') & Domain('kind', '=', 'payment') & Domain('obligor', '=', 'customer'),
            self.env._("Payments agreed in contracts whose date has passed appear here."), tone='danger',
        )

    @api.model
    def _card_tickets_late(self, role, day_of):
        return self._tickets(
            'tickets_late', self.env._("Tickets late"), Domain('is_late', '=', True) & (
                self._mine(role) if role == 'service' else Domain.TRUE
            ), self.env._("Tickets with a deadline that has passed appear here."), tone='danger',
        )

    @api.model
    def _card_tickets_due(self, role, day_of):
        return self._tickets(
            'tickets_due', self.env._("Tickets due soon"), Domain('is_warned', '=', True) & Domain('is_late', '=', False),
            self.env._("Tickets whose deadline is near appear here."), tone='warning',
        )

    @api.model
    def _overdue(self, key, title, domain, empty):
        company = self.env.company.root_id
        return self._card(
            key, title, 'fulfilment.profile', Domain('company_id', '=', company.id) & domain, 'receivable_overdue desc, id', empty,
            lines={'text': 'partner_id', 'sub': 'overdue_days_open'}, unit=self.env._("%s days"), total='receivable_overdue', tone='danger',
            help=self.env._("Amount overdue, in %s", company.currency_id.name),
        )

    @api.model
    def _card_overdue(self, role, day_of):
        return self._overdue(
            'overdue', self.env._("Customers overdue"), Domain('receivable_overdue', '>', 0) & self._mine(role),
            self.env._("Customers who owe what was due before today appear here."),
        )

    @api.model
    def _card_overdue_long(self, role, day_of):
        days = self.env.company._fulfilment_age_limits()[1]
        return self._overdue(
            'overdue_long', self.env._("Overdue more than %s days", days),
            Domain('receivable_overdue', '>', 0) & (Domain('age_61_90', '>', 0) | Domain('age_over_90', '>', 0)),
            self.env._("Customers with instalments overdue for more than %s days appear here.", days),
        )

    # === WAITING === #

    @api.model
    def _card_approvals(self, role, day_of):
        return self._card(
            'approvals', self.env._("To approve"), 'fulfilment.approval',
            Domain('state', '=', 'pending') & Domain('candidate_ids', 'in', [self.env.uid]), 'asked_on, id',
            self.env._("Contracts, amendments, grades and held orders you are asked to decide appear here, the oldest first."),
            tone='warning',
            lines={'text': '@to_do', 'sub': 'name', 'date': 'asked_on'},
        )

    @api.model
    def _card_orders_held(self, role, day_of):
        views = [
            (self.env['ir.model.data']._xmlid_to_res_id(f'fulfilment_crm.sale_order_view_{kind}_held'), kind) for kind in ('list', 'form')
        ]
        return self._card(
            'orders_held', self.env._("Orders on credit hold"), 'sale.order',
            Domain('fulfilment_credit_state', '=', 'hold') & self._mine(role),
            'date_order, id', self.env._("Orders that break a credit rule wait here until they are released."), tone='warning',
            lines={'text': 'name', 'sub': 'partner_id', 'date': 'date_order'}, views=views, context={'create': False},
        )

    @api.model
    def _card_contracts_waiting(self, role, day_of):
        return self._card(
            'contracts_waiting', self.env._("Contracts in approval"), 'fulfilment.contract', Domain('state', '=', 'in_approval'), 'id',
            self.env._("Contracts that are submitted and not approved yet appear here."),
            lines={'text': 'name', 'sub': 'partner_id', 'date': 'date_start'},
        )

    @api.model
    def _card_grades_waiting(self, role, day_of):
        return self._card(
            'grades_waiting', self.env._("Grades in approval"), 'fulfilment.credit.assessment', Domain('state', '=', 'in_approval'),
            'date, id', self.env._("Changes of grade that are not decided yet appear here."),
            lines={'text': 'partner_id', 'sub': 'change', 'date': 'date'},
        )

    @api.model
    def _card_calls(self, role, day_of):
        return self._card(
            'calls', self.env._("Calls about money owed"), 'fulfilment.reminder', Domain('state', '=', 'to_call') & self._mine(role),
            'due_date, id', self.env._("Customers whom a strategy of collection asks you to call appear here."),
            lines={'text': 'customer_id', 'sub': 'step_id', 'date': 'due_date'},
        )

    @api.model
    def _card_disputes(self, role, day_of):
        return self._card(
            'disputes', self.env._("Disputes to be decided"), 'fulfilment.dispute', Domain('state', '=', 'open') & self._mine(role),
            'date_answer_due, id', self.env._("What customers do not accept, and nobody has decided yet, appears here."), tone='warning',
            lines={'text': 'partner_id', 'sub': 'reason_id', 'date': 'date_answer_due'},
        )

    @api.model
    def _card_promises_broken(self, role, day_of):
        return self._card(
            'promises_broken', self.env._("Promises not kept"), 'fulfilment.payment.promise',
            Domain('state', 'in', ('broken', 'partly')) & self._each_day(day_of, 'date_promised', '>=', -90) & self._mine(role),
            'date_promised desc, id', self.env._("Customers who promised to pay and did not appear here for 90 days."), tone='danger',
            lines={'text': 'partner_id', 'date': 'date_promised'},
        )

    @api.model
    def _card_breaches(self, role, day_of):
        overdue = Domain('state', '=', 'noticed') & self._each_day(day_of, 'cure_until', '<')
        barred = Domain('state', 'not in', ENDED) & self._each_day(day_of, 'limitation_until', '<=', WARNED[0])
        return self._card(
            'breaches', self.env._("Breach cases to act on"), 'fulfilment.breach',
            (Domain('state', 'in', ('open', 'claimed')) | overdue | barred) & (self._mine(role) if role == 'sales' else Domain.TRUE),
            'opened_on, id', self.env._(
                "Breaches without notice, not put right in time, claimed and not settled, or soon time-barred appear here.",
            ),
            tone='danger', lines={'text': 'partner_id', 'sub': 'cause_id', 'date': 'opened_on'},
        )

    @api.model
    def _card_legal_steps(self, role, day_of):
        ahead = max(company.fulfilment_legal_days for company in day_of)
        return self._card(
            'legal_steps', self.env._("Deadlines of the law"), 'fulfilment.legal.step',
            Domain('state', 'in', ('planned', 'running')) & self._each_day(day_of, 'date_deadline', '<=', ahead),
            'date_deadline, id', self.env._("Steps of the law with a deadline near or passed appear here."), tone='danger',
            lines={'text': 'partner_id', 'sub': 'court', 'date': 'date_deadline'},
        )

    @api.model
    def _card_objections(self, role, day_of):
        return self._card(
            'objections', self.env._("Objections of customers"), 'fulfilment.ticket', Domain('objection_state', '=', 'open'), 'id',
            self.env._("Customers who object to the result of a ticket appear here."), tone='warning',
            lines={'text': 'title', 'sub': 'commercial_partner_id', 'date': 'next_due_on'},
        )

    @api.model
    def _card_alerts(self, role, day_of):
        return self._card(
            'alerts', self.env._("Alerts"), 'fulfilment.alert',
            Domain('state', 'in', ('open', 'acknowledged')) & (
                Domain.TRUE if role in ('manager', 'credit', 'inspector') else Domain('user_id', '=', self.env.uid)
            ), 'severity desc, raised_on desc, id', self.env._("What a warning rule has found and nobody has handled yet appears here."),
            tone='danger', lines={'text': 'record_name', 'sub': 'rule_id', 'date': 'raised_on'},
        )

    @api.model
    def _card_problems(self, role, day_of):
        return self._card(
            'problems', self.env._("Failed records of scheduled actions"), 'fulfilment.problem', Domain('state', '=', 'open'),
            'last_on desc, id', self.env._("Records that a scheduled action could not handle appear here."), tone='warning',
            lines={'text': 'record_name', 'sub': 'message', 'date': 'last_on'},
        )

    # === RISK === #

    @api.model
    def _risks(self, key, title, domain, empty, order='next_review, id', **more):
        return self._card(
            key, title, 'fulfilment.risk', domain, order, empty,
            lines={'text': 'name', 'sub': 'commercial_partner_id', 'date': 'next_review'}, **more,
        )

    @api.model
    def _card_risks_review(self, role, day_of):
        return self._risks(
            'risks_review', self.env._("Risks to review"),
            Domain('state', '!=', 'closed') & self._each_day(day_of, 'next_review', '<=')
            & (Domain.TRUE if role in ('manager', 'inspector') else Domain('user_id', '=', self.env.uid)),
            self.env._("Risks of the register whose review is due appear here."), tone='warning',
        )

    @api.model
    def _card_risks_grave(self, role, day_of):
        return self._risks(
            'risks_grave', self.env._("High and critical risks"),
            Domain('state', 'in', LIVE) & Domain('level', 'in', ('high', 'critical')),
            self.env._("Risks that are likely and grave appear here."), order='score desc, id', tone='warning',
        )

    @api.model
    def _card_responses(self, role, day_of):
        mine = Domain('user_id', '=', self.env.uid) | Domain(
            'step_ids', 'any', [('user_id', '=', self.env.uid), ('state', 'in', ('waiting', 'running'))],
        )
        return self._card(
            'responses', self.env._("Responses under way"), 'fulfilment.response',
            Domain('state', '=', 'running') & Domain('is_drill', '=', False) & (
                Domain.TRUE if role in ('manager', 'inspector') else mine
            ), 'started_on, id', self.env._("Response plans that were started and are not over appear here."), tone='warning',
            lines={'text': 'name', 'sub': 'occasion', 'date': 'started_on'},
        )

    @api.model
    def _card_improvements(self, role, day_of):
        return self._card(
            'improvements', self.env._("Improvements under way"), 'fulfilment.improvement', Domain('state', '=', 'open'), 'date_due, id',
            self.env._("What is done about low marks of customers appears here."),
            lines={'text': 'commercial_partner_id', 'sub': 'dimension', 'date': 'date_due'},
        )

    @api.model
    def _card_contracts_ending(self, role, day_of):
        return self._card(
            'contracts_ending', self.env._("Contracts ending within 90 days"), 'fulfilment.contract',
            Domain('state', '=', 'active') & self._each_day(day_of, 'date_end', '>=') & self._each_day(day_of, 'date_end', '<=', 90),
            'date_end, id', self.env._("Contracts to renew or to end appear here."),
            lines={'text': 'name', 'sub': 'partner_id', 'date': 'date_end'},
        )
