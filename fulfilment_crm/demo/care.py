from datetime import datetime, time, timedelta

import pytz

from odoo import fields

from .steps import Steps

# Who plays which part for the customer that matters most: role, user, since how many days, until.
TEAM = [
    ('account_manager', 'leader', 500, 61), ('account_manager', 'sales', 60, None), ('service', 'service', 500, None),
    ('finance', 'finance', 300, None), ('sponsor', 'director', 500, None),
]
# What was talked about: contact, kind, days ago, hour, hours until it was logged, user, topic, conclusion, next step and when from today.
TALKS = [
    ('harbour_grace', 'visit', 66, 10, 3, 'sales', "Walk through hall 3", "The conveyor may run through the east wall.", None),
    ('harbour_grace', 'call', 34, 14, 1, 'sales', "Dates of the conveyor line", "Delivery on a weekend, when the hall is empty.", None),
    ('harbour_owen', 'meeting', 20, 9, 50, 'sales', "Maintenance next year", "One contract for all halls.", ("Offer for all halls", 6)),
    ('harbour_grace', 'call', 5, 15, 1, 'sales', "Acceptance of the line", "Trial run next week.", ("Ask when the trial run is", 2)),
    ('riverside_robert', 'call', 9, 11, 2, 'sales', "Overdue instalments", "Robert speaks with his bank.", ("Call about the bank", 1)),
    ('riverside_robert', 'visit', 47, 10, 30, 'sales', "Site office, north bank", "The pumps were handed over.", None),
    ('oldmill_nora', 'followup', 25, 16, 4, 'sales', "How the new valves do", "Well; a spare set would be welcome.", None),
    ('northgate_joan', 'call', 15, 10, 1, 'sales', "Terminals for two more wards", "An offer is expected.", None),
    ('yuanhang_li', 'call', 12, 9, 1, 'wei', "二期分拣线的需求", "希望下月收到方案。", ("准备二期方案", 9)),
]
CARED_FOR = ('harbour', 'riverside', 'oldmill', 'bluebird', 'yuanhang', 'northgate', 'ashford', 'kestrel')


class Care(Steps):
    """Account teams, talks with customers, planned meetings and the care of the last months."""

    def _tell_care(self):
        self._form_team()
        self._plan_care()
        for talk in TALKS:
            self._talk(*talk)
        self._plan_meetings()
        self._remember_birthdays()

    def _moment(self, offset, hour):
        """Return the moment of a local hour of a day, naive UTC."""
        zone = pytz.timezone(self.env.company._fulfilment_zone())
        return zone.localize(datetime.combine(self._day(offset), time(hour))).astimezone(pytz.utc).replace(tzinfo=None)

    def _form_team(self):
        """Harbour's account team; its account manager changed two months ago."""
        self.env['fulfilment.account.member'].create([{
            'partner_id': self._demo('partner_harbour').id, 'company_id': self.env.company.id, 'user_id': self._demo(f'user_{user}').id,
            'role_id': self._demo(f'account_role_{role}').id, 'date_from': self._day(-since),
            'date_to': self._day(-until) if until else False,
        } for role, user, since, until in TEAM])

    def _plan_care(self):
        """Plan what the rounds of the last months laid out; what is over is missed unless a talk below keeps it."""
        tasks = self.env['fulfilment.care.task'].sudo()
        company = self.env.company
        customers = self.env['res.partner'].concat(*(self._demo(f'partner_{name}') for name in CARED_FOR))
        profiles = self.env['fulfilment.profile'].sudo().search([('partner_id', 'in', customers.ids), ('company_id', '=', company.id)])
        today = self._day(0)
        firsts = [fields.Date.subtract(today.replace(day=1), months=months) for months in (3, 2, 1, 0)]
        for day in firsts:
            tasks.search([('company_id', '=', company.id), ('state', '=', 'planned'), ('period_end', '<', day)])._miss()
            tasks._lay_out(company, day, profiles)

    def _talk(self, contact, kind, ago, hour, delay, user, topic, conclusion, step):
        """Somebody talks with a customer and logs it so many hours later."""
        when = self._moment(-ago, hour)
        channel = {'visit': 'person', 'meeting': 'video'}.get(kind, 'phone')
        user = self._demo(f'user_{user}')
        self.env['fulfilment.interaction'].create({
            'date': when, 'logged_on': when + timedelta(hours=delay), 'kind': kind, 'channel': channel, 'topic': topic, 'user_id': user.id,
            'conclusion': conclusion, 'partner_id': self._demo(f'partner_{contact}').id, 'company_id': self.env.company.id,
            'participant_ids': [fields.Command.set(user.ids)], 'duration': 2.0 if kind == 'visit' else 0.5,
            'step_ids': [fields.Command.create({'summary': step[0], 'user_id': user.id, 'date': self._day(step[1])})] if step else [],
        })

    def _plan_meetings(self):
        """Plan a weekly project meeting while the conveyor line is built."""
        plans = self.env['fulfilment.communication.plan']
        contract = self.env['fulfilment.contract'].search([('title', 'ilike', 'Conveyor line, hall 3')], limit=1)
        grace, sales = self._demo('partner_harbour_grace'), self._demo('user_sales')
        plans.create({
            'name': 'Project meeting, hall 3', 'contract_id': contract.id, 'rhythm': 'weekly', 'weekday': '1', 'time': 10.0,
            'duration': 1.0, 'channel': 'video', 'user_id': sales.id, 'contact_ids': [fields.Command.set(grace.ids)],
            'participant_ids': [fields.Command.set(self._demo('user_service').ids)],
        })

    def _remember_birthdays(self):
        """One of them is near."""
        for contact, ahead in (('harbour_grace', 4), ('riverside_robert', 120), ('yuanhang_li', 200)):
            day = self._day(ahead)
            partner = self._demo(f'partner_{contact}')
            self.env['fulfilment.care.occasion'].create({
                'name': '生日' if contact == 'yuanhang_li' else 'Birthday', 'partner_id': partner.id, 'company_id': self.env.company.id,
                'month': str(day.month), 'day': day.day,
            })
