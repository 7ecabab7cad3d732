"""The world of assessments: one criterion, four people who decide."""
from datetime import timedelta

from odoo.fields import Command
from odoo.tests import new_test_user

from .common_profile import TODAY
from .test_credit_scoring import ScoringCommon
from .test_profile_cron import CronCommon


class AssessmentCommon(ScoringCommon, CronCommon):
    """One criterion: the external score is the score, in bands of ten."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.scorecard = cls._scorecard(('external_score', 10, 'skip', [(lower, lower + 5, None) for lower in range(0, 100, 10)]))
        cls.company.fulfilment_score_fall = 101  # events are not what most tests are about
        cls.seller = cls._make_user('a_sales', 'group_user', 'sales_team.group_sale_salesman')
        cls.leader = cls._make_user('a_leader', 'group_leader')
        cls.credit = cls._make_user('a_credit', 'group_credit')
        cls.manager = cls._make_user('a_manager', 'group_manager')
        cls.customer.user_id = cls.seller
        cls.Score = cls.env['fulfilment.external.score']
        cls.score_day = TODAY - timedelta(days=300)

    @classmethod
    def _make_user(cls, login, group, *others):
        return new_test_user(
            cls.env, login, groups=','.join(['base.group_user', f'fulfilment_crm.{group}', *others]), company_id=cls.company.id,
            company_ids=[Command.set(cls.company.ids)],
        )

    @classmethod
    def _rate(cls, score, partner=None, day=None):
        """A newer external score, and figures that show it."""
        partner = partner or cls.customer
        cls.score_day += timedelta(days=1)
        cls.Score.create({
            'partner_id': partner.id, 'company_id': cls.company.id, 'source': 'Agency', 'score': score, 'date': day or cls.score_day,
        })
        cls.env['fulfilment.profile']._refresh(partner, as_of=TODAY, companies=cls.company)

    def _assess(self, score=None, partner=None, **kwargs):
        if score is not None:
            self._rate(score, partner)
        return self.Assessment._assess(partner or self.customer, as_of=TODAY, companies=self.company, **kwargs)

    def _line(self, partner=None):
        return self.env['fulfilment.credit.line'].search(
            [('partner_id', '=', (partner or self.customer).id), ('company_id', '=', self.company.id)],
        )

    def _credit_cron(self, as_of=TODAY):
        return self.run_cron(as_of, 'fulfilment.credit.assessment', '_cron_credit')

    def _through(self, assessment, *people):
        for person in people:
            assessment.with_user(person).action_approve()

    @property
    def chain(self):
        return [self.seller, self.leader, self.credit, self.manager]
