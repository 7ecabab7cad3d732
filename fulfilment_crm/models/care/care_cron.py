from collections import Counter, defaultdict
from datetime import timedelta
from functools import partial

from odoo import api, fields, models
from odoo.fields import Domain

from ...tools.care import is_worth_planning, spread
from ...tools.local_time import at
from ...tools.period import periods_between
from ..base.run import Action
from ..base.to_do_mixin import QUIET
from ..base.told import _lt, told


class FulfilmentCareTask(models.Model):
    """The daily round of care: what a period left unfulfilled is missed, and what the plans ask for is laid out, once."""
    _inherit = 'fulfilment.care.task'

    @api.model
    def _cron_care(self, as_of=None):
        """Make the meetings of communication plans, tell of yearly occasions, and bring the care tasks of all customers in line with
        the plans of their tiers.

        :param as_of: the day to work for (date, or naive UTC datetime); each company's own today when None
        """
        self = self.sudo()  # safe: a scheduled action works for all companies; it plans what managers have laid down
        run = self.env['fulfilment.run']._open('care', as_of)
        today = self.env['res.company'].search([])._fulfilment_today(as_of)
        plans = self.env['fulfilment.communication.plan']
        if not run._slices(plans._to_arrange(today), partial(plans._arrange, today=today)):
            return
        occasions = self.env['fulfilment.care.occasion']
        if not run._slices(occasions._near(today), partial(occasions._tell, today=today)):
            return
        for company, day in today.items():
            if company == company.root_id and company.fulfilment_care and not self._round_care(run, company, day):
                return
        run._close()

    @api.model
    def _round_care(self, run, company, day):
        over = self.search([('company_id', '=', company.id), ('state', '=', 'planned'), ('period_end', '<', day)], order='id')
        steps = [
            (over, lambda tasks: {'care tasks missed': tasks.filtered(lambda one: one.state == 'planned')._miss()}),
            (self._profiles_to_care(company), partial(self._lay_out, company, day)),
        ]
        return all(run._slices(records, work) for records, work in steps)

    @api.model
    def _profiles_to_care(self, company):
        """Find the customers whose tier has a plan, and those for whom something is planned still."""
        return self.env['fulfilment.profile'].search(
            Domain('company_id', '=', company.id)
            & (Domain('tier_id.care_plan_ids', 'any', [('active', '=', True)])
               | Domain('care_task_ids', 'any', [('state', '=', 'planned')])),
            order='id',
        )

    # === LAYING OUT === #

    @api.model
    def _lay_out(self, company, day, profiles):
        """Bring the tasks of customers in line with their plans: cancel what is not asked for any more, move what has another
        responsible, add what is missing. One slice of the run.

        :param company: root company
        :param date day: its date
        :return: ``{effect: count}``
        """
        self = self.with_env(profiles.env)  # in the language of the slice
        effects, missing, cancelled, moved = self._compare_with_plans(company, day, profiles)
        for reason, tasks in cancelled.items():
            effects['care tasks cancelled'] += tasks._cancel(reason, day)
        for user, tasks in moved.items():
            tasks = tasks.filtered(lambda one: one.state == 'planned')
            effects['care tasks reassigned'] += len(tasks)
            if tasks:
                tasks._assign(user)
        effects['care tasks planned'] = len(self._plan(company, missing))
        return effects

    @api.model
    def _compare_with_plans(self, company, day, profiles):
        """Compare what is planned for customers with what the plans of their tiers ask for; see ``_lay_out``.

        :return: ``(counts of what cannot be done, what is missing as _plan takes it, {reason: tasks to cancel}, {user: tasks to give})``
        """
        plans, responsible = self._plans_of(profiles), self._responsible_for(profiles, company, day)
        open_tasks = self.search([('profile_id', 'in', profiles.ids), ('state', '=', 'planned')]).grouped('profile_id')
        effects, missing = Counter(), []
        cancelled, moved = defaultdict(self.browse), defaultdict(self.browse)
        counted = self._counted(profiles, company, day)
        for profile in profiles:
            lines, user = plans.get(profile.tier_id, {}), responsible.get(profile)
            kept = self.browse()
            for task in open_tasks.get(profile, ()):
                reason = self._why_not(task, profile, lines, day)
                if reason:
                    cancelled[reason] |= task
                else:
                    kept |= task
            if lines and not user and profile.partner_id.active:
                effects['customers without responsible'] += 1
            if user:
                moved[user] |= kept.filtered(lambda task, user=user: task.user_id != user)
            if not lines or not profile.partner_id.active:
                continue
            first = max(day, fields.Date.add(profile.care_pause_until, days=1)) if profile.care_pause_until else day
            for kind, (number, period) in lines.items():
                for begin, end in periods_between(day, fields.Date.add(day, days=company.fulfilment_care_days), period):
                    same = kept.filtered(lambda one, kind=kind, begin=begin: one.kind == kind and one.period_start == begin)
                    done = counted(profile, kind, begin, end)
                    surplus = same.sorted('date_planned', reverse=True)[:max(len(same) + done - number, 0)]
                    cancelled[told(self.env, _lt("There is enough in this period"))] |= surplus
                    lacking = number - done - len(same)
                    if lacking > 0 and user and first <= end and is_worth_planning(first, begin, end):
                        missing.append((profile, kind, period, begin, end, max(first, begin), lacking, user))
        return effects, missing, cancelled, moved

    @api.model
    def _plans_of(self, profiles):
        """Return what each tier asks for: ``{tier: {kind: (number, period)}}``."""
        plans = self.env['fulfilment.care.plan'].search([('tier_id', 'in', profiles.tier_id.ids)])
        return {plan.tier_id: {line.kind: (line.number, line.period) for line in plan.line_ids} for plan in plans}

    @api.model
    def _responsible_for(self, profiles, company, day):
        """Who cares: whom the account team names, else the responsible of the profile, if they have a role: ``{profile: user}``."""
        team = self.env['fulfilment.account.member']._responsible_for(profiles.partner_id, company, day)
        users = {profile: team.get(profile.partner_id) or profile.user_id for profile in profiles}
        able = self.env['res.users'].concat(*users.values())._with_fulfilment_role()
        return {profile: user for profile, user in users.items() if user.active and user in able}

    @api.model
    def _why_not(self, task, profile, lines, day):
        """Why an open task is not asked for any more, or None."""
        if not profile.partner_id.active:
            return told(self.env, _lt("The customer is archived"))
        pause = profile.care_pause_until
        if pause and pause >= day and task.date_planned <= pause:
            return told(self.env, _lt("Paused: %s", profile.care_pause_reason))
        if lines.get(task.kind, (0, None))[1] != task.period:
            return told(self.env, _lt("The tier or its plan has changed"))
        return None

    @api.model
    def _counted(self, profiles, company, day):
        """How much of a kind has been done in a period, whatever plan had asked for it.

        :return: function of ``(profile, kind, first day, last day)``
        """
        since = day.replace(month=1, day=1)
        done = self.search([
            ('partner_id', 'in', profiles.partner_id.ids), ('company_id', '=', company.id), ('state', '=', 'done'),
            ('date_done', '>=', since),
        ]).grouped(lambda task: (task.partner_id, task.kind))

        def count(profile, kind, begin, end):
            return sum(begin <= task.date_done <= end for task in done.get((profile.partner_id, kind), ()))
        return count

    @api.model
    def _plan(self, company, missing):
        """Create what is missing, each on the day of its part of the period on which its responsible has least to do.

        :param list missing: ``(profile, kind, period, first and last day, day to begin with, number, user)``
        """
        if not missing:
            return self.browse()
        customers = self.env['res.partner'].concat(*(one[0].partner_id for one in missing))
        users = self.env['res.users'].concat(*(one[-1] for one in missing))
        first, last = min(one[5] for one in missing), max(one[4] for one in missing)
        load, numbered = defaultdict(Counter), Counter()
        for user, on, count in self._read_group(
            [('user_id', 'in', users.ids), ('date_planned', '>=', first), ('date_planned', '<=', last), ('state', '!=', 'cancelled')],
            ['user_id', 'date_planned:day'], ['__count'],
        ):
            load[user][on] = count
        # Keys count on from all there ever was, so that what was cancelled may come again.
        for partner, kind, on, count in self._read_group(
            [('partner_id', 'in', customers.ids), ('company_id', '=', company.id), ('period_start', '>=', min(one[3] for one in missing))],
            ['partner_id', 'kind', 'period_start:day'], ['__count'],
        ):
            numbered[partner, kind, on] = count
        working = [on for on, _spells in self.env['fulfilment.workday']._working_days(
            company.resource_calendar_id, first, last + timedelta(days=1), company,
        )] if company.resource_calendar_id else [first + timedelta(days=number) for number in range((last - first).days + 1)]
        vals_list = []
        for profile, kind, period, begin, end, start, number, user in missing:
            days = [on for on in working if start <= on <= end]
            for on in spread(days, load[user], number):
                numbered[profile.partner_id, kind, begin] += 1
                vals_list.append({
                    'claim_key': f'care:{profile.id}:{kind}:{period}:{begin}:{numbered[profile.partner_id, kind, begin]}',
                    'partner_id': profile.partner_id.id, 'company_id': company.id, 'profile_id': profile.id, 'tier_id': profile.tier_id.id,
                    'kind': kind, 'period': period, 'period_start': begin, 'period_end': end, 'date_planned': on, 'user_id': user.id,
                })
        tasks = self._claim(vals_list)
        tasks._fulfil_at_once()
        tasks = tasks.filtered(lambda task: task.state == 'planned')
        tasks._put_into_calendar(company)
        tasks._give_activities()
        return tasks

    def _fulfil_at_once(self):
        """Count what happened in the period before the tasks were planned."""
        if self:
            day = min(self.mapped('period_start'))
            self._fulfil(self.env['fulfilment.interaction'].search([
                ('commercial_partner_id', 'in', self.partner_id.ids), ('kind', 'in', list(set(self.mapped('kind')))),
                ('date', '>=', fields.Datetime.to_datetime(day) - timedelta(days=1)), ('care_task_ids', '=', False),
                ('company_id', 'child_of', self.company_id.ids),
            ]))

    def _put_into_calendar(self, company):
        """Visits become meetings of the responsible about the customer; the customer is not invited by the machine."""
        visits = self.filtered(lambda task: task.kind == 'visit')
        if not visits:
            return
        zone = company._fulfilment_zone()
        hour = company.fulfilment_care_hour
        model_id = self.env['ir.model']._get_id('res.partner')
        starts = {on: at(on, hour, zone) for on in set(visits.mapped('date_planned'))}
        events = self.env['calendar.event'].with_context(**QUIET, tz=zone).create([{
            'name': task.with_env(task.user_id._fulfilment_env()).display_name, 'user_id': task.user_id.id,
            'partner_ids': [fields.Command.set(task.user_id.partner_id.ids)],
            'start': starts[task.date_planned], 'stop': starts[task.date_planned] + timedelta(hours=1), 'res_model_id': model_id,
            'res_model': 'res.partner', 'res_id': task.partner_id.id, 'allday': False,
        } for task in visits])
        for task, event in zip(visits, events, strict=True):
            task.write({'event_id': event.id, 'start': event.start, 'activity_id': event.activity_ids[:1].id})

    def _give_activities(self):
        """Give calls and follow-ups to the responsible as to-dos on the customer."""
        tasks = self.filtered(lambda task: task.kind != 'visit')
        model_id, activity_type = self.env['ir.model']._get_id('res.partner'), self.env.ref('fulfilment_crm.activity_type_care')
        activities = self.env['mail.activity'].with_context(**QUIET).create([{
            'res_model_id': model_id, 'res_id': task.partner_id.id, 'activity_type_id': activity_type.id, 'user_id': task.user_id.id,
            'summary': task.with_env(task.user_id._fulfilment_env()).display_name, 'date_deadline': task.date_planned, 'automated': True,
        } for task in tasks])
        for task, activity in zip(tasks, activities, strict=True):
            task.activity_id = activity

    # === MERGED CUSTOMERS === #

    @api.model
    def _cancel_surplus(self, profiles):
        """Of what is planned for customers that were merged, keep what the plan asks for.

        :return: how many were cancelled
        """
        cancelled = 0
        today = profiles.company_id._fulfilment_today()
        for company, group in profiles.grouped('company_id').items():
            plans, counted = self._plans_of(group), self._counted(group, company, today[company])
            for profile in group:
                lines = plans.get(profile.tier_id, {})
                planned = self.search([('profile_id', '=', profile.id), ('state', '=', 'planned')], order='date_planned, id')
                for (kind, period, begin, end), tasks in planned.grouped(
                    lambda one: (one.kind, one.period, one.period_start, one.period_end),
                ).items():
                    number, asked = lines.get(kind, (0, None))
                    if asked == period:
                        wanted = max(number - counted(profile, kind, begin, end), 0)
                        reason = told(self.env, _lt("Planned for both customers that are one now"))
                        cancelled += tasks[wanted:]._cancel(reason, today[company])
        return cancelled


class FulfilmentRun(models.Model):
    _inherit = 'fulfilment.run'

    @api.model
    def _actions(self):
        return [*super()._actions(), Action(70, 'care', self.env._("Care plans"), 'fulfilment.care.task', '_cron_care')]

    @api.model
    def _effect_labels(self):
        return {
            **super()._effect_labels(),
            'care tasks planned': self.env._("Care tasks planned"), 'care tasks missed': self.env._("Care tasks missed"),
            'care tasks cancelled': self.env._("Care tasks cancelled"), 'care tasks reassigned': self.env._("Care tasks reassigned"),
            'customers without responsible': self.env._("Customers to care for without responsible"),
            'meetings made': self.env._("Meetings of communication plans made"),
            'meetings removed': self.env._("Meetings of communication plans removed"), 'occasions told': self.env._("Occasions told of"),
        }
