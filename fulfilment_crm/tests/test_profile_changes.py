"""What has changed against six months ago, what was lost of a grade, and what month ends keep of the judgements."""
from datetime import date

from odoo.tests import tagged

from .common_profile import TODAY, ProfileCommon

SIX_MONTHS_AGO = date(2025, 9, 30)  # the month end six months before that of March 2026


@tagged('post_install', '-at_install')
class TestChanges(ProfileCommon):

    def _then(self, **vals):
        self.env['fulfilment.profile.history'].sudo().create({
            'partner_id': self.customer.id, 'company_id': self.company.id, 'date': SIX_MONTHS_AGO, **vals,
        })

    def test_payments(self):
        for number in range(4):
            self._invoice(self.customer, 100.0, date(2025, 10, 1 + number), paid_on=date(2025, 10, 1 + number if number else 31))
        self._then(on_time_payment_rate=100.0, payment_index=80.0)
        profile = self.profile(self.customer)
        self.assertEqual(profile.on_time_payment_rate, 75.0)
        self.assertEqual(profile.on_time_payment_change, -25.0)
        self.assertAlmostEqual(profile.payment_index_change, profile.payment_index - 80.0, 2)

    def test_satisfaction(self):
        self._invoice(self.customer, 100.0, TODAY)
        self._then(satisfaction_avg=4.5)
        self.assertFigures(self.customer, satisfaction_change=None)
        answer = self.env['survey.user_input'].create({
            'survey_id': self.env.ref('fulfilment_crm.survey_satisfaction').id, 'partner_id': self.customer.id,
        })
        self.env['fulfilment.satisfaction'].sudo().create({
            'claim_key': 'test', 'user_input_id': answer.id, 'partner_id': self.customer.id, 'commercial_partner_id': self.customer.id,
            'company_id': self.company.id, 'date': TODAY, 'average': 4.0, 'level': 'fairly',
        })
        self.assertFigures(self.customer, satisfaction_change=-0.5)

    def test_without_history_nothing_is_known(self):
        self._invoice(self.customer, 100.0, date(2025, 10, 1), paid_on=date(2025, 10, 1))
        self.assertFigures(self.customer, on_time_payment_change=None, satisfaction_change=None, milestone_on_time_change=None)
        self._then()
        self.assertFigures(self.customer, on_time_payment_change=None)

    def test_history_alone_makes_no_profile(self):
        self._then(on_time_payment_rate=100.0)
        self.assertFalse(self.profile(self.customer))
        self.Profile._refresh(as_of=TODAY, companies=self.company)
        self.assertFalse(self.Profile.search([('partner_id', '=', self.customer.id)]))

    def test_live(self):
        self._invoice(self.customer, 100.0, date(2025, 10, 1), paid_on=date(2025, 10, 5))
        today = self.company._fulfilment_today()[self.company]
        figures = self.Profile._live(self.customer, self.company, ['on_time_payment_change', 'external_score_fall'])
        self.assertEqual(figures, {self.customer: {'on_time_payment_change': None, 'external_score_fall': None}}, today)

    def test_fall_of_the_outside_score(self):
        def rate(score, day, source='Agency', company=None):
            self.env['fulfilment.external.score'].create({
                'partner_id': self.customer.id, 'company_id': (company or self.company).id, 'source': source, 'score': score, 'date': day,
            })
        self._invoice(self.customer, 100.0, TODAY)
        rate(80, date(2025, 6, 1))
        self.assertFigures(self.customer, external_score=80, external_score_fall=None)
        rate(50, date(2025, 7, 1), source='Bank')
        self.assertFigures(self.customer, external_score=50, external_score_fall=None)
        rate(70, date(2025, 8, 1))
        self.assertFigures(self.customer, external_score=70, external_score_fall=10)
        rate(75, date(2025, 9, 1))
        self.assertFigures(self.customer, external_score_fall=0)
        rate(10, date(2027, 1, 1))
        self.assertFigures(self.customer, external_score=75, external_score_fall=0)

    def test_grades_lost(self):
        self._invoice(self.customer, 100.0, TODAY)
        profile = self.profile(self.customer)
        grade = {grade.code: grade for grade in self.env['fulfilment.credit.grade'].search([])}
        line = self.env['fulfilment.credit.line'].sudo().create({'partner_id': self.customer.id, 'company_id': self.company.id})
        scorecard = self.env.ref('fulfilment_crm.scorecard_standard')

        def assess(before, after, day, state='effective', change='down'):
            return self.env['fulfilment.credit.assessment'].sudo().create({
                'claim_key': f'{before}{after}{day}', 'partner_id': self.customer.id, 'company_id': self.company.id, 'date': day,
                'scorecard_id': scorecard.id, 'profile_id': profile.id, 'previous_grade_id': grade[before].id, 'change': change,
                'grade_id': grade[after].id, 'state': state, 'inputs': {},
            })

        def fall(day=TODAY):
            line._show_all(self.company, day=day)
            return profile.credit_grade_fall
        self.assertIsNone(fall(), "no grade, no fall")
        line.grade_id = grade['A']
        self.assertEqual(fall(), 0)
        first = assess('AA', 'A', date(2026, 2, 1))
        self.assertEqual(fall(), 1)
        second = assess('A', 'BB', date(2026, 2, 20), state='in_approval')
        line.provisional_grade_id = grade['BB']
        self.assertEqual(fall(), 3, "AA to BB, which is proposed")
        second.state = 'refused'
        line.provisional_grade_id = False
        self.assertEqual(fall(), 1)
        line.grade_id = grade['AA']
        self.assertEqual(fall(), 0, "won back")
        line.grade_id = grade['A']
        self.assertEqual(fall(date(2026, 4, 30)), 1)
        self.assertEqual(fall(date(2026, 5, 1)), 0, "three months ago")
        first.change = 'up'
        self.assertEqual(fall(), 0)

    def test_grades_won(self):
        """What a reward rule may ask for."""
        self._invoice(self.customer, 100.0, TODAY)
        profile = self.profile(self.customer)
        grade = {grade.code: grade for grade in self.env['fulfilment.credit.grade'].search([])}
        line = self.env['fulfilment.credit.line'].sudo().create({
            'partner_id': self.customer.id, 'company_id': self.company.id, 'grade_id': grade['AA'].id,
        })
        raised = self.env['fulfilment.credit.assessment'].sudo().create({
            'claim_key': 'up', 'partner_id': self.customer.id, 'company_id': self.company.id, 'date': date(2026, 1, 20),
            'scorecard_id': self.env.ref('fulfilment_crm.scorecard_standard').id, 'profile_id': profile.id, 'change': 'up',
            'previous_grade_id': grade['BBB'].id, 'grade_id': grade['AA'].id, 'state': 'in_approval', 'inputs': {},
        })

        def rise(day=TODAY):
            line._show_all(self.company, day=day)
            return profile.credit_grade_rise
        self.assertEqual(rise(), 0, "not raised before the last step")
        raised.write({'state': 'effective', 'effective_on': date(2026, 2, 1)})
        self.assertEqual(rise(), 2)
        rule = self.env['fulfilment.reward.rule'].new({'domain': "[('credit_grade_rise', '>=', 2)]"})
        self.assertEqual(self.env['fulfilment.profile'].search(rule._parsed_domain()) & profile, profile)
        line.provisional_grade_id = grade['A']
        self.assertEqual(rise(), 1, "a lower one proposed counts already")
        line.provisional_grade_id = False
        self.assertEqual((rise(date(2026, 4, 30)), rise(date(2026, 5, 1))), (2, 0))

    def test_month_ends_keep_the_judgements(self):
        self._invoice(self.customer, 100.0, date(2026, 1, 10))
        profile = self.profile(self.customer)
        grade = self.env['fulfilment.credit.grade'].search([], limit=1)
        tier = self.env['fulfilment.tier'].search([], limit=1)
        profile.sudo().write({'credit_grade_id': grade.id, 'credit_score': 88.0, 'tier_id': tier.id, 'credit_used': 12.5})
        history = self.env['fulfilment.profile.history']
        history._picture(self.company, date(2026, 1, 31), TODAY)
        history._picture(self.company, date(2026, 2, 28), TODAY)
        old, fresh = history.search([('partner_id', '=', self.customer.id)], order='date')
        self.assertRecordValues(fresh, [{'credit_grade_id': grade.id, 'tier_id': tier.id}])
        self.assertEqual((fresh.credit_score, fresh.credit_used), (88.0, 12.5))
        self.assertFalse(old.credit_grade_id)
        self.assertIsNone(old.credit_score)
