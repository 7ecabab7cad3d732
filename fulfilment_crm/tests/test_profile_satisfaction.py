"""What customers think of us as figures of their profile."""
import random
from datetime import timedelta

from odoo.tests import tagged

from .common_profile import TODAY, ProfileCommon


@tagged('post_install', '-at_install')
class TestProfileSatisfaction(ProfileCommon):

    def _result(self, partner, average, ago, company=None, **marks):
        answer = self.env['survey.user_input'].create({
            'survey_id': self.env.ref('fulfilment_crm.survey_satisfaction').id, 'partner_id': partner.id,
        })
        return self.env['fulfilment.satisfaction'].create({
            'claim_key': f'test {answer.id}', 'user_input_id': answer.id, 'partner_id': partner.id,
            'commercial_partner_id': partner.commercial_partner_id.id, 'company_id': (company or self.company).id,
            'date': TODAY - timedelta(days=ago), 'average': average, 'level': 'fairly', **marks,
        })

    def test_figures(self):
        contact = self.env['res.partner'].create({'name': 'Lin', 'parent_id': self.customer.id})
        self._result(self.customer, 4.0, 100, quality=4, response=5)
        self._result(contact, 10 / 3, 10, quality=3)
        self._result(self.customer, 1.0, 365 + 1)
        self._result(self.customer, 1.0, -1)
        self.assertFigures(
            self.customer, satisfaction_avg=3.67, satisfaction_count=2, satisfaction_quality=3.5, satisfaction_response=5.0,
            satisfaction_value=None, satisfaction_last=3.33, satisfaction_last_on=TODAY - timedelta(days=10),
        )
        self.assertFigures(self.customer, TODAY - timedelta(days=11), satisfaction_avg=2.5, satisfaction_last=4.0)

    def test_no_answer_is_no_figure(self):
        self._order(self.customer, 100, TODAY)
        self.assertFigures(
            self.customer, satisfaction_avg=None, satisfaction_count=0, satisfaction_last=None, satisfaction_last_on=False,
        )

    def test_window_is_a_setting_and_branches_count(self):
        branch = self._make_company('Branch', parent=self.company)
        other = self._make_company('Elsewhere')
        self._result(self.customer, 4.0, 50)
        self._result(self.customer, 2.0, 10, company=branch)
        self._result(self.customer, 1.0, 10, company=other)
        self.assertFigures(self.customer, satisfaction_avg=3.0, satisfaction_count=2)
        self.company.fulfilment_window_months = 1
        self.assertFigures(self.customer, satisfaction_avg=2.0, satisfaction_count=1)

    def test_new_results_are_changes(self):
        since = self.env.cr.now() - timedelta(hours=1)
        self._result(self.customer, 4.0, 1)
        self.env.flush_all()
        self.assertIn(self.customer.id, self.Profile._changed_partners(self.company, since))

    def test_merged(self):
        self._result(self.customer, 4.0, 1)
        self._result(self.other, 2.0, 1)
        merge = self.env['base.partner.merge.automatic.wizard'].with_context(active_test=False)
        merge._merge((self.customer | self.other).ids, self.customer)
        self.assertFigures(self.customer, satisfaction_avg=3.0, satisfaction_count=2)

    def test_many_against_a_slow_mean(self):
        chance = random.Random(4)
        given = {self.customer: [], self.other: []}
        for partner in given:
            for _number in range(15):
                average, ago = chance.choice((1.0, 2.5, 10 / 3, 4.25, 5.0)), chance.randrange(0, 500)
                self._result(partner, average, ago)
                if ago < 365:
                    given[partner].append(average)
        for partner, averages in given.items():
            self.assertFigures(partner, satisfaction_avg=sum(averages) / len(averages), satisfaction_count=len(averages))
