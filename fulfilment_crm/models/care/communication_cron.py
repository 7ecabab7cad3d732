from calendar import monthrange
from datetime import date, timedelta

from odoo import api, fields, models

from ...tools.local_time import at
from ..base.to_do_mixin import QUIET
from ..contract.contract import RUNNING
from .care_task import _remove

MONTHS = {'monthly': 1, 'quarterly': 3}


class FulfilmentCommunicationPlan(models.Model):
    """The meetings a plan asks for in the days ahead, and the round that brings the calendar in line with them."""
    _inherit = 'fulfilment.communication.plan'

    @api.model
    def _to_arrange(self, today):
        """Find the plans that run, and those of which something may stand in the calendar still.

        :param dict today: ``{company: date}``
        """
        return self.with_context(active_test=False).search([
            '|', '&', ('active', '=', True), ('contract_id.state', 'in', RUNNING),
            ('meeting_ids', 'any', [('start', '>=', fields.Datetime.to_datetime(min(today.values())) - timedelta(days=1))]),
        ], order='id')

    @api.model
    def _arrange(self, plans, today):
        """Make the meetings of the days ahead, once each, and remove those still ahead that the plans do not ask for any more.

        :param dict today: ``{company: date}``
        :return: ``{effect: count}``
        """
        self = self.with_env(plans.env)
        plans = plans.with_context(active_test=False)
        Meeting = self.env['fulfilment.communication.meeting']
        wanted = plans._wanted(today)
        starts = {plan: at(today[plan.company_id], 0.0, plan.company_id._fulfilment_zone()) for plan in plans}
        known = Meeting.search([('plan_id', 'in', plans.ids)])
        obsolete = known.filtered(
            lambda one: one.start >= starts[one.plan_id] and one._is_untouched()
            and wanted[one.plan_id].get(one.date) != (one.start, one.stop)
        )
        removed = len(obsolete)
        _remove(obsolete.event_id)
        obsolete.unlink()
        there = {(one.plan_id, one.date) for one in known - obsolete}
        meetings = Meeting._claim([{
            'claim_key': f'meeting:{plan.id}:{day}', 'plan_id': plan.id, 'date': day, 'start': start, 'stop': stop,
        } for plan in plans for day, (start, stop) in wanted[plan].items() if (plan, day) not in there])
        meetings._put_into_calendar()
        return {'meetings made': len(meetings), 'meetings removed': removed}

    def _wanted(self, today):
        """Return the meetings asked for from today on: ``{plan: {day of the plan: (start, stop)}}``, naive UTC."""
        wanted, working = {}, {}
        for plan in self:
            contract, company = plan.contract_id, plan.company_id
            day = today[company]
            first = max(filter(None, (day, contract.date_start, plan.date_from)))
            last = min(filter(None, (fields.Date.add(day, days=company.fulfilment_meeting_days), contract.date_end, plan.date_to)))
            wanted[plan] = {}
            if not plan.active or contract.state not in RUNNING or not contract.active:
                continue
            # A day off before today may have given way to today or later.
            days = plan._days(max(filter(None, (first - timedelta(days=31), contract.date_start, plan.date_from))), last)
            following = dict(zip(days, plan._days(days[0], last + timedelta(days=400))[1:], strict=False)) if days else {}
            calendar = company.resource_calendar_id
            if days and calendar not in working:
                working[calendar] = {}
            for one in days:
                on = plan._working_day(one, working[calendar])
                if on is None or not first <= on <= last or (one in following and on >= following[one]):
                    continue
                start = at(on, plan.time, company._fulfilment_zone())
                wanted[plan][one] = (start, start + timedelta(hours=plan.duration))
        return wanted

    def _days(self, first, last):
        """Return the days of the rhythm from one day to another, whether worked or not."""
        self.ensure_one()
        if self.rhythm == 'weekly':
            day = first + timedelta(days=(int(self.weekday) - first.weekday()) % 7)
            return [day + timedelta(days=7 * number) for number in range((last - day).days // 7 + 1)]
        days, step = [], MONTHS[self.rhythm]
        # Quarters are counted from the month the plan begins in.
        begin = (self.date_from or self.contract_id.date_start).replace(day=1)
        month = (first.year - begin.year) * 12 + first.month - begin.month
        month -= month % step
        while True:
            year, number = divmod(begin.month - 1 + month, 12)
            year, number = begin.year + year, number + 1
            day = date(year, number, min(self.day, monthrange(year, number)[1]))
            if day > last:
                return days
            if day >= first:
                days.append(day)
            month += step

    def _working_day(self, day, known):
        """Return the day itself, or the next one that is worked.

        :param dict known: ``{date: whether worked}`` of the calendar; filled month by month
        :return: a date, or None where nothing is worked for two months
        """
        calendar = self.company_id.resource_calendar_id
        if not calendar:
            return day
        for number in range(62):
            on = day + timedelta(days=number)
            if on not in known:
                first = on.replace(day=1)
                before = (first + timedelta(days=31)).replace(day=1)
                days = self.env['fulfilment.workday']._working_days(calendar, first, before, self.company_id)
                worked = {one for one, _spells in days}
                known.update({first + timedelta(days=n): first + timedelta(days=n) in worked for n in range((before - first).days)})
            if known[on]:
                return on
        return None


class FulfilmentCommunicationMeeting(models.Model):
    _inherit = 'fulfilment.communication.meeting'

    def _put_into_calendar(self):
        """Make the meetings, with invitations where the plan says so."""
        model_id = self.env['ir.model']._get_id('fulfilment.contract')
        for invite, meetings in self.grouped(lambda one: one.plan_id.send_invitations).items():
            context = {**QUIET, 'fulfilment_without_activity': True, 'no_mail_to_attendees': not invite}
            vals_list = []
            for meeting in meetings:
                plan = meeting.plan_id
                contract = plan.contract_id
                organiser = plan.user_id or contract.user_id
                people = organiser.partner_id | plan.participant_ids.partner_id | plan.contact_ids
                vals_list.append({
                    'name': f'{plan.name}: {contract.display_name}', 'user_id': organiser.id, 'start': meeting.start, 'stop': meeting.stop,
                    'partner_ids': [fields.Command.set(people.ids)], 'res_model_id': model_id, 'res_model': 'fulfilment.contract',
                    'res_id': contract.id, 'allday': False,
                })
            events = self.env['calendar.event'].with_context(**context).create(vals_list)
            for meeting, event in zip(meetings, events, strict=True):
                meeting.event_id = event
