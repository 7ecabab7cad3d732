"""The world of surveys: customers with profiles, requests sent by the scheduled action, and participants who answer."""
from datetime import timedelta

from odoo.addons.fulfilment_crm.tools.as_of import AsOf

from .common import TODAY, FulfilmentCommon

MARKS = ('quality', 'response', 'cooperation', 'value')


def day(number):
    return TODAY + timedelta(days=number)


class SurveyCommon(FulfilmentCommon):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.survey = cls.env.ref('fulfilment_crm.survey_satisfaction')
        cls.plan = cls.env.ref('fulfilment_crm.survey_plan_satisfaction')
        cls.question = {one.fulfilment_dimension: one for one in cls.survey.question_ids if one.fulfilment_dimension}
        cls.comment = cls.survey.question_ids.filtered(lambda one: one.question_type == 'text_box')
        cls.Request = cls.env['fulfilment.survey.request']
        cls.Result = cls.env['fulfilment.satisfaction']
        cls.Improvement = cls.env['fulfilment.improvement']
        cls.Proposal = cls.env['fulfilment.loyalty.proposal']
        cls.profile = cls._make_profile(cls.customer)

    @classmethod
    def _make_profile(cls, partner, company=None, **figures):
        company = company or cls.company_a
        return cls.env['fulfilment.profile'].create({
            'partner_id': partner.id, 'company_id': company.id, 'currency_id': company.currency_id.id,
            **{'contract_count': 1, 'user_id': cls.user_sales.id, **figures},
        })

    @classmethod
    def _make_customers(cls, number):
        """Customers with an address and a profile."""
        partners = cls.env['res.partner'].create([
            {'name': f'Customer {index}', 'is_company': True, 'email': f'customer{index}@many.example'} for index in range(number)
        ])
        for partner in partners:
            cls._make_profile(partner)
        return partners

    def _run(self, number=0):
        return self.run_cron('fulfilment.survey.request', '_cron_surveys', as_of=day(number))

    def _requests(self, partner=None):
        return self.Request.search([('commercial_partner_id', '=', (partner or self.customer).id)], order='id')

    def _blank(self, partner=None, survey=None, **vals):
        """An answer a participant has not begun."""
        return self.env['survey.user_input'].create({
            'survey_id': (survey or self.survey).id, 'partner_id': (partner or self.contact).id, **vals,
        })

    def _fill(self, answer, *marks, comment=None):
        """Give marks in the order of the dimensions; None skips one."""
        for dimension, mark in zip(MARKS, marks, strict=False):
            answer._save_lines(self.question[dimension], str(mark) if mark else '')
        if comment:
            answer._save_lines(self.comment, comment)
        return answer

    def _answer(self, answer, *marks, comment=None, on=0):
        """Finish an answer as its participant does: without login, on a day. Returns the result."""
        public = self.env.ref('base.public_user')
        own = answer.with_user(public).sudo().with_context(as_of=AsOf(day(on)))
        self._fill(own, *marks, comment=comment)
        own._mark_done()
        return self.Result.search([('user_input_id', '=', answer.id)])

    def _asked_answer(self, company=None, contract=None, partner=None, **vals):
        """A blank answer with the request it belongs to."""
        answer = self._blank(partner, **vals)
        self.Request.create({
            'claim_key': f'asked {answer.id}', 'survey_id': self.survey.id, 'company_id': (company or self.company_a).id,
            'commercial_partner_id': answer.partner_id.commercial_partner_id.id, 'date': TODAY, 'state': 'sent', 'sent_on': TODAY,
            'user_input_id': answer.id, 'contract_id': contract.id if contract else False, 'plan_id': self.plan.id,
            'partner_id': answer.partner_id.id, 'deadline': day(30),
        })
        return answer

    def _result(self, *marks, partner=None, on=0, **vals):
        """The result of a new answer to a request of company A."""
        return self._answer(self._asked_answer(partner=partner, **vals), *marks, on=on)
