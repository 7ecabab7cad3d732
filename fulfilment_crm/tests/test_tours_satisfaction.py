"""A survey by phone in the browser (static/tests/tours/satisfaction.js)."""
from odoo.tests import tagged

from .test_tours import TourCase


@tagged('post_install', '-at_install', 'fulfilment_tour')
class TestTourSatisfaction(TourCase):

    def test_phone_survey(self):
        self.customer.user_id = self.user_sales
        survey = self.env.ref('fulfilment_crm.survey_satisfaction')
        plan = self.env.ref('fulfilment_crm.survey_plan_satisfaction')
        answer = self.env['survey.user_input'].create({'survey_id': survey.id, 'partner_id': self.contact.id})
        request = self.env['fulfilment.survey.request'].create({
            'claim_key': 'tour', 'plan_id': plan.id, 'survey_id': survey.id, 'company_id': self.company_a.id, 'date': self.today,
            'commercial_partner_id': self.customer.id, 'partner_id': self.contact.id, 'user_id': self.user_sales.id, 'state': 'sent',
            'sent_on': self.today, 'user_input_id': answer.id,
        })
        self._run_tour(f'/odoo/fulfilment-survey-requests/{request.id}', 'fulfilment_phone_survey', self.user_sales)
        result = request.satisfaction_ids
        self.assertEqual((result.level, result.source, result.average), ('dissatisfied', 'phone', 2))
        self.assertEqual((result.ticket_id.origin, result.ticket_id.kind), ('survey', 'new'))
        self.assertIn('The pump leaks again', str(result.ticket_id.description))
