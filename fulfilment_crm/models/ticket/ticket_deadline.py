from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import plaintext2html

from ...tools.working_time import NoWorkingTimeError, WorkingTime, moved
from ..base.to_do_mixin import ToDo
from .deadline_policy import GOALS, UNITS

# Which events of a ticket reach which goal: whoever has solved something has answered it.
REACHED_BY = {
    'answered': ('answered', 'fed_back', 'solved'), 'fed_back': ('fed_back', 'solved'), 'solved': ('solved',),
    'objection_answered': ('objection_answered',),
}


class FulfilmentTicketDeadline(models.Model):
    """By when something has to happen to a ticket, with the terms of the policy as they were.

    When it falls due, whether it is reached and missed follow from these terms and the events of the ticket alone. ``next_on`` is when
    somebody has to be told next; the scheduled action reads nothing but that.
    """
    _name = 'fulfilment.ticket.deadline'
    _description = 'Deadline of a ticket'
    _inherit = ['fulfilment.machine.mixin']
    _order = 'ticket_id, start_on, id'
    _rec_name = 'goal'

    ticket_id = fields.Many2one('fulfilment.ticket', required=True, readonly=True, index=True, ondelete='cascade')
    company_id = fields.Many2one(related='ticket_id.company_id', store=True, index=True)
    policy_id = fields.Many2one('fulfilment.deadline.policy', readonly=True, index=True, ondelete='set null')
    goal = fields.Selection(GOALS, string="What has to happen", required=True, readonly=True)
    amount = fields.Float(string="Within", required=True, readonly=True, aggregator=None)
    unit = fields.Selection(UNITS, required=True, readonly=True)
    pauses = fields.Boolean(string="Stands still while waiting", readonly=True)
    warn_hours = fields.Float(readonly=True, aggregator=None)
    calendar_id = fields.Many2one('resource.calendar', string="Working hours", readonly=True, ondelete='set null')
    start_on = fields.Datetime(string="From", required=True, readonly=True)
    due_on = fields.Datetime(string="Due", readonly=True, help="Empty while the clock stands still.")
    met_on = fields.Datetime(string="Reached", readonly=True)
    missed = fields.Boolean(readonly=True, help="Stays so, whatever happens later.")
    void = fields.Boolean(readonly=True, help="Replaced by another when the ticket's type or urgency changed.")
    warned = fields.Boolean(readonly=True)
    level = fields.Integer(string="Levels told", readonly=True, aggregator=None, help="How many levels of escalation have been told.")
    told_hours = fields.Float(
        readonly=True, default=-1, aggregator=None, help="Levels of escalation up to so many hours after the deadline have been told.",
    )
    next_on = fields.Datetime(readonly=True, index='btree_not_null')
    state = fields.Selection(
        [
            ('running', "Running"), ('paused', "Stands still"), ('late', "Late"), ('met', "In time"), ('met_late', "Too late"),
            ('void', "Replaced"),
        ],
        compute='_compute_state',
    )

    @api.depends('due_on', 'met_on', 'missed', 'void')
    def _compute_state(self):
        for deadline in self:
            if deadline.void:
                deadline.state = 'void'
            elif deadline.met_on:
                deadline.state = 'met_late' if deadline.missed else 'met'
            elif deadline.missed:
                deadline.state = 'late'
            else:
                deadline.state = 'running' if deadline.due_on else 'paused'

    # === WHAT FOLLOWS FROM EVENTS === #

    def _follow_events(self):
        """Work out anew when these deadlines fall due, whether they are reached, and when to look at them next."""
        workday = self.env['fulfilment.workday']
        events = self.env['fulfilment.ticket.event'].search_fetch(
            [('ticket_id', 'in', self.ticket_id.ids)], ['ticket_id', 'event', 'date'], order='date, id',
        ).grouped('ticket_id')
        times, policies = {}, self.policy_id
        policies.escalation_ids.fetch(['policy_id', 'after_hours'])
        now, idle = fields.Datetime.now(), self.browse()
        for deadline in self:
            calendar, key = deadline.calendar_id, (deadline.calendar_id, deadline.company_id)
            if key not in times:
                times[key] = workday._working_time(*key) if calendar else None
            happened = [(one.event, one.date) for one in events.get(deadline.ticket_id, ())]
            met_on, stops = deadline._read_events(happened)
            try:
                due_on = deadline._due(times[key], [(begin, end) for begin, end in stops if not met_on or begin < met_on])
            except NoWorkingTimeError:
                due_on, idle = None, idle | deadline
            if met_on and met_on == deadline.met_on:
                due_on = deadline.due_on  # it was judged by the working hours of its time
            elif stops and not met_on and not deadline.missed and not (deadline.due_on and deadline.due_on <= now):
                due_on = deadline._due_after_stops(times[key], due_on, stops, now)
            else:
                due_on = moved(deadline.due_on, due_on, now)
            vals = {'due_on': due_on or False, 'met_on': met_on or False}
            if met_on and due_on and met_on > due_on:
                vals['missed'] = True
            if due_on and deadline.warned and due_on > now + timedelta(hours=deadline.warn_hours):
                vals['warned'] = False
            deadline.write({name: value for name, value in vals.items() if deadline[name] != value})
            deadline.next_on = deadline._next_look()
        idle.ticket_id._message_log_batch(dict.fromkeys(idle.ticket_id.ids, self.env._(
            "There are no working hours to count a deadline in. Add them to the team's or the company's working hours.",
        )))

    def _due_after_stops(self, working_time, due_on, stops, now):
        """When a deadline that stood still falls due, where working hours may have changed meanwhile: nothing is missed by that.

        While it stands still, never; once it goes on and would be over already, with the next working day.
        """
        if stops[-1][1] is None:
            return None
        if due_on and due_on <= now and not self.due_on and working_time:
            return working_time.deadline(now, 1, 'working_day')
        return moved(self.due_on, due_on, now)

    def _due(self, working_time, stops):
        """:raise NoWorkingTimeError: when working hours are asked for and there are none"""
        self.ensure_one()
        if working_time is None:
            if self.unit != 'hour':
                raise NoWorkingTimeError
            working_time = WorkingTime('UTC', lambda first, before: [])
        return working_time.deadline(self.start_on, self.amount, self.unit, stops)

    def _note_missed(self):
        """Keep which deadlines have passed, before something happens that could make them forgotten."""
        now = fields.Datetime.now()
        passed = self.filtered(lambda one: one.due_on and one.due_on < now and not one.met_on and not one.missed and not one.void)
        passed.missed = True

    def _read_events(self, happened):
        """When the goal was reached for good, and when the clock stood still.

        :param happened: ``[(event, moment), …]`` in order
        :return: moment or None, ``[(begin, end), …]``; the last end is None while it stands still
        """
        self.ensure_one()
        met_on, stopped, stops = None, None, []
        for event, moment in happened:
            if moment < self.start_on:
                continue
            if stopped is None and (event == 'paused' and self.pauses or event == 'cancelled'):
                stopped = moment
            elif event in ('resumed', 'reopened') and stopped is not None:
                stops.append((stopped, moment))
                stopped = None
            if event in REACHED_BY[self.goal] and met_on is None:
                met_on = moment
                if self.goal == 'solved':
                    # From solution to reopening nobody works on it, and nobody has to.
                    stops += [(stopped, moment)] if stopped is not None and stopped < moment else []
                    stopped = moment
            elif event == 'reopened' and self.goal == 'solved':
                met_on = None
        if stopped is not None:
            stops.append((stopped, None))
        return met_on, [(begin, end) for begin, end in stops if end is None or end > begin]

    def _next_look(self):
        """When somebody has to be told next about this deadline, or False."""
        self.ensure_one()
        if self.met_on or self.void or not self.due_on or self.ticket_id.kind == 'cancelled':
            return False
        if not self.missed:
            warn_on = self.due_on - timedelta(hours=self.warn_hours)
            return warn_on if self.warn_hours and not self.warned and warn_on > self.start_on else self.due_on
        ahead = [level.after_hours for level in self.policy_id.escalation_ids if level.after_hours > self.told_hours]
        return self.due_on + timedelta(hours=min(ahead)) if ahead else False

    # === WHEN THE MOMENT HAS COME === #

    def _look(self, moment):
        """Warn, note what is missed, and escalate. Of what fell due at once, only the last is told.

        :param datetime moment: naive UTC
        :return: ``{effect: count}``
        """
        self.policy_id.escalation_ids.fetch(['policy_id', 'after_hours', 'receiver', 'user_id'])
        told, counts = {}, {'deadlines warned': 0, 'deadlines missed': 0, 'deadlines escalated': 0}
        for deadline in self:
            if deadline.met_on or deadline.void or not deadline.due_on or not deadline.next_on or deadline.next_on > moment:
                continue
            if moment <= deadline.due_on:
                if deadline.warned or not deadline.warn_hours:
                    continue  # at the very moment it is not late yet
                deadline.warned = True
                counts['deadlines warned'] += 1
                told[deadline] = (deadline.ticket_id._responsible(), 'warn')
            else:
                if not deadline.missed:
                    deadline.missed = True
                    counts['deadlines missed'] += 1
                reached = deadline.policy_id.escalation_ids.sorted('after_hours').filtered(
                    lambda level, deadline=deadline: level.after_hours > deadline.told_hours
                    and deadline.due_on + timedelta(hours=level.after_hours) <= moment,
                )
                if reached:
                    counts['deadlines escalated'] += 1
                    told[deadline] = (reached[-1]._receiver_of(deadline.ticket_id), 'late')
                    deadline.write({'level': deadline.level + len(reached), 'told_hours': reached[-1].after_hours})
            deadline.next_on = deadline._next_look()
        self._tell(told)
        return counts

    def _in_words(self, what, goal, env):
        """Return what is told of a deadline, in the language of an environment."""
        goal = dict(self._fields['goal']._description_selection(env))[goal]
        return env._("Deadline ahead: %s", goal) if what == 'warn' else env._("Deadline missed: %s", goal)

    def _tell(self, told):
        """To-dos for those who are told, and a note on the tickets.

        :param dict told: ``{deadline: (user, 'warn' or 'late')}``
        """
        groups = {}
        for deadline, (user, what) in told.items():
            groups.setdefault((user, what, deadline.goal, deadline.due_on, deadline.company_id), []).append(deadline)
        notes = {}
        for (user, what, goal, due_on, company), deadlines in groups.items():
            tickets = self.env['fulfilment.ticket'].concat(*(one.ticket_id for one in deadlines))
            text = self._in_words(what, goal, self.env)
            if user:
                summary, day = self._in_words(what, goal, user._fulfilment_env()), company._fulfilment_today(due_on)[company]
                tickets._give(user, 'ticket', summary, day, tell=False)
            for ticket in tickets:
                notes[ticket.id] = self.env._("%(what)s. Told: %(user)s", what=text, user=user.name) if user \
                    else self.env._("%s. There is nobody to tell.", text)
        if notes:
            self.env['fulfilment.ticket'].browse(notes)._message_log_batch({key: plaintext2html(text) for key, text in notes.items()})


class ResourceCalendar(models.Model):
    _inherit = 'resource.calendar'

    def _recount_deadlines(self):
        result = super()._recount_deadlines()
        deadlines = self.env['fulfilment.ticket.deadline'].search([
            ('calendar_id', 'in', self.ids), ('unit', 'in', ('working_hour', 'working_day')), ('met_on', '=', False),
            ('missed', '=', False), ('void', '=', False),
        ])
        deadlines._note_missed()
        deadlines.filtered(lambda one: not one.missed)._follow_events()
        return result


class FulfilmentTicket(models.Model):
    _inherit = 'fulfilment.ticket'

    def _calendar(self):
        """Return the working hours deadlines of this ticket count in: of the team, else of the company."""
        self.ensure_one()
        # safe: reads the working hours only
        ticket = self.sudo()
        return ticket.team_id.calendar_id or ticket.company_id.resource_calendar_id

    def _follow_policies(self):
        """Give tickets the deadlines of the policies that fit. What was missed stays; what still runs is replaced when the terms differ."""
        # safe: deadlines follow from the rules, whoever changed the ticket
        tickets = self.sudo().filtered('is_open')
        deadlines = self.env['fulfilment.ticket.deadline'].sudo()
        tickets.deadline_ids._note_missed()
        vals_list, left = [], deadlines
        for ticket, policies in self.env['fulfilment.deadline.policy']._for(tickets).items():
            policies.pop('objection_answered', None)
            for goal in ('answered', 'fed_back', 'solved'):
                policy = policies.get(goal)
                known = ticket.deadline_ids.filtered(lambda one, goal=goal: one.goal == goal and not one.void)
                if any(one.policy_id.id == policy.id for one in known) if policy else not known:
                    continue
                if known.filtered(lambda one: one.met_on or one.missed):
                    continue
                left |= known
                if policy:
                    vals_list.append({
                        'ticket_id': ticket.id, 'policy_id': policy.id, 'goal': goal, 'start_on': ticket.received_on,
                        'calendar_id': ticket._calendar().id, **policy.terms,
                    })
        left.write({'void': True, 'next_on': False})
        deadlines.create(vals_list)._follow_events()
        left.ticket_id._log_event('urgency')

    def _responsible(self):
        """Who is told about a ticket: its agent, else the leader of the team, else the supervisor, else the manager."""
        self.ensure_one()
        # safe: finds whom to tell
        ticket = self.sudo()
        company = ticket.company_id
        people = (ticket.user_id, ticket.team_id.user_id, company.fulfilment_service_supervisor_id, company.fulfilment_manager_id)
        return next((one for one in people if one.active and company in one.company_ids), self.env['res.users'])

    def _give(self, user, kind, summary, day=None, tell=True):
        """Give a colleague a to-do on each of these tickets.

        :param str kind: ``'ticket'`` or ``'objection'``
        :param day: date by when; today when not said
        :param bool tell: whether by a message, too
        """
        self.env['mail.activity']._fulfilment_give(
            f'fulfilment_crm.activity_type_{kind}', [ToDo(ticket, user, summary, day) for ticket in self], tell=tell,
        )

    def _follow_own_events(self):
        """Let the deadlines of these tickets follow what has just happened."""
        # safe: deadlines follow from events, whoever caused them
        self.sudo().deadline_ids.filtered(lambda one: not one.void)._follow_events()
