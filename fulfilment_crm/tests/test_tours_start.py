"""The start page in the browser (static/tests/tours/start.js)."""
from datetime import timedelta

from odoo.tests import tagged

from .test_tours import TourCase


@tagged('post_install', '-at_install', 'fulfilment_tour')
class TestTourStart(TourCase):

    def test_every_role(self):
        users = {
            'sales': self.user_sales, 'service': self.user_service, 'credit': self.user_credit, 'manager': self.user_manager,
            'legal': self.user_legal, 'inspector': self.user_inspector,
        }
        contract = self._make_contract('active')
        self._due(contract, 3, 'Delivery of pumps')
        self.env['fulfilment.ticket'].create({
            'title': 'Leak', 'company_id': self.company_a.id, 'partner_id': self.customer.id,
        }).user_id = self.user_service
        self.env['fulfilment.profile'].create({
            'partner_id': self.customer.id, 'company_id': self.company_a.id, 'user_id': self.user_sales.id, 'receivable_overdue': 120.0,
        })
        self.env['fulfilment.profile.history'].create({
            'partner_id': self.customer.id, 'company_id': self.company_a.id, 'user_id': self.user_sales.id, 'revenue_12m': 5000.0,
            'date': self.today.replace(day=1) - timedelta(days=1),
        })
        self.env['fulfilment.profile.month']._add_up(self.company_a, self.today)
        risk = self.env['fulfilment.risk'].create({
            'name': 'Fire', 'company_id': self.company_a.id, 'user_id': self.user_manager.id, 'likelihood': 5, 'impact': 5,
        })
        self.env.ref('fulfilment_crm.response_plan_default')._start(risk)
        self.customer.activity_schedule('mail.mail_activity_data_todo', self.today, 'Call', user_id=self.user_legal.id)
        for role, user in users.items():
            with self.subTest(role=role):
                self._run_tour('/odoo', f'fulfilment_start_{role}', user)

    def test_lines_and_roles(self):
        self.env['fulfilment.ticket'].create({
            'title': 'Leak', 'company_id': self.company_a.id, 'partner_id': self.customer.id,
        }).user_id = self.user_leader
        self._run_tour('/odoo/fulfilment-start', 'fulfilment_start_line', self.user_leader)
