"""Answers taken by phone."""

from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged

from .common import FulfilmentCommon
from .common_survey import SurveyCommon


@tagged('post_install', '-at_install')
class TestPhoneSurvey(SurveyCommon):

    def _form(self, user=None, **vals):
        return self.env['fulfilment.phone.survey'].with_user(user or self.user_sales).create({
            'partner_id': self.contact.id, 'company_id': self.company_a.id, **vals,
        })

    def test_from_the_customer(self):
        action = self.customer.with_user(self.user_service).action_fulfilment_phone_survey()
        with Form(self.env[action['res_model']].with_user(self.user_service).with_context(**action['context'])) as form:
            form.quality, form.value, form.comment = '2', '3', 'The seal leaks'
        self.assertEqual((form.record.plan_id, form.record.customer_id), (self.plan, self.customer))
        done = form.record.action_save()
        result = self.Result.browse(done['res_id'])
        self.assertRecordValues(result, [{
            'source': 'phone', 'entered_by_id': self.user_service.id, 'quality': 2, 'value': 3, 'average': 2.5,
            'level': 'dissatisfied', 'comment': 'The seal leaks', 'company_id': self.company_a.id,
            'commercial_partner_id': self.customer.id,
        }])
        self.assertIsNone(result.response)
        answer = result.user_input_id
        self.assertEqual((answer.state, answer.test_entry, answer.fulfilment_entered_by_id), ('done', False, self.user_service))
        self.assertEqual((result.request_id.occasion, result.request_id.state, result.request_id.sent_on), ('phone', 'answered', False))

    def test_to_a_request(self):
        self._run()
        request = self._requests()
        opened = request.with_user(self.user_sales).action_phone()
        form = self.env['fulfilment.phone.survey'].with_user(self.user_sales).with_context(**opened['context']).create({'response': '5'})
        form.action_save()
        self.assertEqual((request.state, request.satisfaction_ids.entered_by_id, request.satisfaction_ids.user_input_id),
                         ('answered', self.user_sales, request.user_input_id))
        for method in (lambda: request.with_user(self.user_sales).action_phone(), form.action_save):
            with self.assertRaisesRegex(UserError, r'Hengtong.*answered on.*already'):
                method()
        self.assertEqual(len(request.satisfaction_ids), 1)

    def test_answered_by_mail_meanwhile(self):
        self._run()
        request = self._requests()
        form = self._form(request_id=request.id, quality='1')
        self._answer(request.user_input_id, 5, 5, 5, 5)
        with self.assertRaisesRegex(UserError, 'already'):
            form.action_save()
        self.assertEqual((request.satisfaction_ids.source, request.satisfaction_ids.average), ('mail', 5))

    def test_begun_by_mail_finished_by_phone(self):
        self._run()
        request = self._requests()
        self._fill(request.user_input_id, 1, 1)
        self._form(request_id=request.id, quality='5').action_save()
        self.assertEqual((request.satisfaction_ids.quality, request.satisfaction_ids.response), (5, None))

    def test_after_the_deadline(self):
        """The link is closed, the telephone is not."""
        self._run()
        self._run(31)
        request = self._requests()
        self.assertEqual(request.state, 'expired')
        self._form(request_id=request.id, quality='4').action_save()
        self.assertEqual((request.state, request.satisfaction_ids.quality), ('answered', 4))

    def test_refused(self):
        for vals, text in (
            ({}, 'at least one mark'), ({'quality': '1', 'partner_id': self.contact.id, 'contract_id': self._make_contract(
                'active', partner_id=self.other_customer.id).id}, 'does not belong'),
        ):
            with self.subTest(text=text), self.assertRaisesRegex(UserError, text):
                self._form(**vals).action_save()
        for user in (self.user_inspector, self.user_legal, self.user_credit, self.user_plain):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                self._form(user)
        with self.assertRaises(UserError):
            self._form(company_id=self.company_b.id, quality='1').action_save()
        self._run()
        request = self._requests()
        request.action_cancel(reason='Wrong customer')
        with self.assertRaisesRegex(UserError, 'cancelled'):
            self._form(request_id=request.id, quality='1').action_save()
        with self.assertRaises(AccessError):
            self._form(self.user_sales_2, request_id=request.id, quality='1').action_save()


@tagged('post_install', '-at_install')
class TestPhoneForOwnCustomers(FulfilmentCommon):
    def test_a_draft_is_no_ground_to_answer_for_a_customer(self):
        self.env['fulfilment.profile'].create({
            'partner_id': self.customer.id, 'company_id': self.company_a.id, 'user_id': self.user_sales.id,
            'currency_id': self.company_a.currency_id.id,
        })
        for state in ('draft', 'active'):
            contract = self._make_contract(state, user_id=self.user_sales_2.id)
            survey = self.env['fulfilment.phone.survey'].with_user(self.user_sales_2).create({
                'partner_id': self.contact.id, 'contract_id': contract.id, 'company_id': self.company_a.id, 'quality': '5',
            })
            if state == 'draft':
                with self.assertRaisesRegex(AccessError, 'looked after by somebody else'):
                    survey.action_save()
            else:
                survey.action_save()
