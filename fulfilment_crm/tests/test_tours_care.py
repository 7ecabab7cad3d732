"""Care and interactions in the browser (static/tests/tours/care.js)."""
from datetime import datetime, time, timedelta

from odoo.fields import Command
from odoo.tests import Form, tagged

from .test_tours import TourCase


@tagged('post_install', '-at_install', 'fulfilment_tour')
class TestTourCare(TourCase):

    def test_a_planned_visit_is_made_and_logged(self):
        tier = self.env['fulfilment.tier'].create({
            'name': 'Strategic here', 'company_id': self.company_a.id, 'domain': "[('exposure', '<', 0)]",
        })
        self.env['fulfilment.care.plan'].create({
            'tier_id': tier.id, 'line_ids': [Command.create({'kind': 'visit', 'number': 1, 'period': 'year'})],
        })
        profile = self.env['fulfilment.profile'].create({
            'partner_id': self.customer.id, 'company_id': self.company_a.id, 'user_id': self.user_sales.id, 'tier_id': tier.id,
        })
        # As planned on the first of the year; the visit took place yesterday, or on the first where that is today.
        first = self.today.replace(month=1, day=1)
        self.env['fulfilment.care.task']._lay_out(self.company_a, first, profile)
        task = profile.care_task_ids
        start = datetime.combine(max(self.today - timedelta(days=1), first), time(0, 0))
        task.event_id.with_context(no_mail_to_attendees=True).write({'start': start, 'stop': start + timedelta(minutes=1)})
        self._run_tour('/odoo', 'fulfilment_care', self.user_sales)
        one = task.interaction_id
        self.assertEqual((task.state, one.event_id, one.kind, one.user_id), ('done', task.event_id, 'visit', self.user_sales))
        self.assertEqual((one.conclusion, one.step_ids.summary), ('The second line comes in May', 'Send the drawings'))
        self.assertIn(one.step_ids.activity_id, self.customer.activity_ids)

    def test_log_from_the_contract(self):
        contract = self._make_contract('active')
        self._run_tour(self._form_url(contract), 'fulfilment_log_contract', self.user_sales)
        one = contract.interaction_ids
        self.assertEqual((one.topic, one.partner_id, one.is_logged_late), ('Dates of delivery', self.contact, False))

    def test_forms_open_for_everybody_who_reads(self):
        contract, parts = self._make_contract_with_parts('active')
        records = self._make_customer_records(self.user_sales, self.company_a)
        users = (
            self.user_sales, self.user_leader, self.user_manager, self.user_credit, self.user_legal, self.user_service, self.user_inspector,
        )
        for user in users:
            for record in (contract, parts['fulfilment.interaction'], parts['fulfilment.communication.plan'], records['fulfilment.profile'],
                           records['fulfilment.care.task'], self.customer, self.env.ref('fulfilment_crm.tier_key')):
                with self.subTest(user=user.login, record=record):
                    self.env.invalidate_all()
                    Form(record.with_user(user).with_context(allowed_company_ids=self.company_a.ids))
