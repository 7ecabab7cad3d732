"""What the tests of the service room share: a team, tickets, and time that passes."""
from datetime import datetime, timedelta

from freezegun import freeze_time

from odoo.fields import Command

from .common import FulfilmentCommon

NOW = datetime(2026, 3, 2, 2, 0)  # Monday 10:00 in Shanghai


class ServiceCommon(FulfilmentCommon):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.calendar = cls.env['resource.calendar'].create({
            'name': 'Shanghai', 'tz': 'Asia/Shanghai', 'company_id': cls.company_a.id, 'attendance_ids': [Command.clear()] + [
                Command.create({'name': 'Day', 'dayofweek': str(day), 'hour_from': first, 'hour_to': last, 'day_period': period})
                for day in range(5) for first, last, period in ((9, 12, 'morning'), (13, 18, 'afternoon'))
            ],
        })
        cls.company_a.resource_calendar_id = cls.calendar
        cls.user_supervisor = cls._make_user('f_supervisor', 'group_service')
        cls.user_agent_2 = cls._make_user('f_agent_2', 'group_service')
        cls.company_a.fulfilment_service_supervisor_id = cls.user_supervisor
        cls.category = cls.env.ref('fulfilment_crm.category_product')
        cls.cause = cls.env.ref('fulfilment_crm.cause_defect')
        cls.service_team = cls.env['fulfilment.service.team'].create({
            'name': 'Service', 'company_id': cls.company_a.id, 'user_id': cls.user_leader.id, 'assignment': 'manual',
            'member_ids': [
                Command.create({'user_id': cls.user_service.id}),
                Command.create({'user_id': cls.user_agent_2.id, 'category_ids': [Command.set(cls.category.ids)]}),
            ],
        })

    def at(self, hours=0, **more):
        """The time of a test: some time after NOW."""
        return freeze_time(NOW + timedelta(hours=hours, **more))

    def make_ticket(self, number=1, user=None, **vals):
        """Tickets received at NOW, unless time was set otherwise by the test."""
        tickets = self.env['fulfilment.ticket'].with_user(user or self.user_service).create([{
            'title': f'Leak {place}', 'company_id': self.company_a.id, 'partner_id': self.contact.id, 'ticket_type': 'demand',
            'user_id': self.user_service.id, **vals,
        } for place in range(number)])
        return tickets.with_env(self.env)

    def answer(self, ticket, user=None):
        ticket.with_user(user or self.user_service).message_post(
            body='We are on it', message_type='comment', subtype_xmlid='mail.mt_comment',
        )

    def solve(self, ticket, user=None):
        ticket.with_user(user or self.user_service).write({'solution': 'Seal replaced', 'cause_id': self.cause.id})
        ticket.with_user(user or self.user_service).action_solve()

    def deadline(self, ticket, goal):
        return ticket.deadline_ids.filtered(lambda one: one.goal == goal and not one.void)

    def round(self, moment):
        """The scheduled action at a moment, with the commits of the test."""
        return self.run_cron('fulfilment.ticket', '_cron_tickets', as_of=moment)
