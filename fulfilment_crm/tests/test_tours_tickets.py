"""Tickets in the browser, on both sides of the counter (static/tests/tours/tickets.js)."""
from contextlib import nullcontext
from datetime import timedelta

from odoo import fields
from odoo.fields import Command
from odoo.tests import HttpCase, new_test_user, tagged

from .common_ticket import ServiceCommon


@tagged('post_install', '-at_install', 'fulfilment_tour')
class TestTourTickets(ServiceCommon, HttpCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.portal = new_test_user(
            cls.env, 't_ticket_portal', groups='base.group_portal', company_id=cls.company_a.id,
            company_ids=[Command.set(cls.company_a.ids)], email='t_ticket_portal@portal.example',
        )
        cls.portal.partner_id.parent_id = cls.customer
        cls.service_team.write({'assignment': 'load', 'member_ids': [Command.clear(), Command.create({'user_id': cls.user_service.id})]})

    def enter_registry_test_mode(self):
        return nullcontext()  # HttpCase is in that mode for the whole class, and would warn

    def _tour(self, url, name, user):
        self.start_tour(url, name, login=user.login, timeout=90)
        self.env.invalidate_all()

    def test_customer_complains_until_rated(self):
        self._tour('/my', 'fulfilment_ticket_complain', self.portal)
        ticket = self.env['fulfilment.ticket'].search([('partner_id', '=', self.portal.partner_id.id)])
        self.assertEqual((ticket.user_id, ticket.urgency, ticket.ticket_type), (self.user_service, 'urgent', 'complaint'))
        self._tour('/odoo', 'fulfilment_ticket_solve', self.user_service)
        self.assertEqual((ticket.kind, ticket.solution), ('solved', 'The seal was replaced'))
        self._tour('/my/fulfilment/tickets', 'fulfilment_ticket_confirm', self.portal)
        self.assertEqual((ticket.kind, ticket.rating_last_value), ('closed', 5.0))

    def test_demand_with_warning_and_escalation(self):
        ticket = self.make_ticket(title='New price list', urgency='urgent')
        deadline, now = ticket.deadline_ids, fields.Datetime.now()
        deadline._look(now + timedelta(hours=21))
        self.assertTrue(deadline.warned)
        self._tour('/odoo', 'fulfilment_ticket_due_soon', self.user_service)
        deadline._look(now + timedelta(hours=25))
        self.assertIn(self.user_leader, ticket.activity_ids.user_id)
        self._tour('/odoo', 'fulfilment_ticket_late', self.user_leader)
