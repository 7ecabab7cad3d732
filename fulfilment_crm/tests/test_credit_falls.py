"""A fall of an external score leads to a judgement that is nobody's own request."""
from datetime import date

from odoo.fields import Command
from odoo.tests import new_test_user, tagged

from .common_profile import ProfileCommon


@tagged('post_install', '-at_install')
class TestCreditFalls(ProfileCommon):

    def test_who_enters_the_score_may_take_the_step_of_finance(self):
        def user(login, group):
            return new_test_user(
                self.env, login, groups=f'base.group_user,fulfilment_crm.{group}', company_id=self.company.id,
                company_ids=[Command.set(self.company.ids)],
            )
        sales, leader, finance = self._make_sales_user('x_sales'), user('x_leader', 'group_leader'), user('x_credit', 'group_credit')
        user('x_manager', 'group_manager')
        self.customer.user_id = sales
        self._invoice(self.customer, 1000.0, date(2026, 1, 10))
        line = self.env['fulfilment.credit.line']._of(self.customer, self.company)[self.customer]
        line.grade_id = self.env.ref('fulfilment_crm.credit_grade_aaa')
        scores = self.env['fulfilment.external.score'].with_user(finance)
        for day, score in ((date(2026, 1, 2), 80), (date(2026, 2, 2), 40)):
            scores.create({
                'partner_id': self.customer.id, 'company_id': self.company.id, 'source': 'Agency', 'score': score, 'date': day,
            })
        assessment = self.env['fulfilment.credit.assessment'].search([('partner_id', '=', self.customer.id)])
        self.assertEqual((assessment.occasion, assessment.change, assessment.state), ('event', 'down', 'in_approval'))
        self.assertEqual(line.provisional_grade_id, assessment.grade_id)
        for person in (sales, leader):
            assessment.with_user(person).action_approve()
        self.assertEqual(assessment._pending_approval().candidate_ids, finance)
        assessment.with_user(finance).action_approve()
