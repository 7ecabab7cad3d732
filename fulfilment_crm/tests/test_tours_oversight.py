"""Reviews, findings, handovers and mechanisms in the browser (static/tests/tours/oversight.js), in both languages."""
from contextlib import nullcontext
from datetime import timedelta

from odoo.tests import HttpCase, tagged

from .common import FulfilmentCommon


@tagged('post_install', '-at_install', 'fulfilment_tour')
class TestTourOversight(FulfilmentCommon, HttpCase):

    lang = 'en_US'

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        if cls.lang != 'en_US':
            cls.env['res.lang']._activate_lang(cls.lang)
            cls.env['ir.module.module'].sudo()._load_module_terms(['base', 'web', 'fulfilment_crm'], [cls.lang])
        for user in (cls.user_sales, cls.user_sales_2, cls.user_inspector):
            user.sudo().lang = cls.lang
        cls.today = cls.company_a._fulfilment_today()[cls.company_a]
        cls.contract = cls._make_contract('active', date_start=cls.today - timedelta(days=200))
        late = cls._make_milestone(cls.contract, name='Pumps in May')
        late.sudo().write({'date_planned': cls.today - timedelta(days=120), 'date_first_planned': cls.today - timedelta(days=120)})
        cls.contract.review_ids.sudo().write({'state': 'closed'})

    def enter_registry_test_mode(self):
        return nullcontext()  # HttpCase is in that mode for the whole class, and would warn

    def _run_tour(self, name, user, url='/odoo'):
        self.env.flush_all()
        self.start_tour(url, name, login=user.login, timeout=90)
        self.env.invalidate_all()

    def test_review(self):
        review = self.env['fulfilment.review'].browse(self.contract.with_user(self.user_sales).action_review()['res_id'])
        self._run_tour('fulfilment_review_reported', self.user_sales)
        self.assertEqual((review.state, review.conclusion), ('reported', 'On a good way'))
        self.assertIn('The port was closed', review.answer_ids.mapped('note'))

    def test_finding(self):
        finding = self.env['fulfilment.finding'].with_user(self.user_inspector).create({
            'name': 'Nobody answers', 'contract_id': self.contract.id, 'company_id': self.company_a.id, 'user_id': self.user_sales.id,
        })
        self._run_tour('fulfilment_finding_set_right', self.user_sales)
        self.assertEqual((finding.state, finding.action), ('done', 'Named somebody'))

    def test_handover(self):
        handover = self.env['fulfilment.handover'].with_user(self.user_sales).create({
            'contract_id': self.contract.id, 'to_user_id': self.user_sales_2.id,
        })
        handover.action_offer()
        self._run_tour('fulfilment_handover_accepted', self.user_sales_2)
        self.assertEqual((handover.state, self.contract.user_id), ('accepted', self.user_sales_2))

    def test_mechanism(self):
        mechanism = self.env['fulfilment.mechanism'].create({
            'name': 'Tour', 'figure_kind': 'count', 'model': 'fulfilment.contract', 'user_id': self.user_sales.id,
            'company_id': self.company_a.id,
        })
        self._run_tour('fulfilment_mechanism_checked', self.user_sales)
        self.assertEqual((mechanism.result, mechanism.entry_ids.improvement), ('improve', 'Two more people'))

    def test_past_day(self):
        self._run_tour('fulfilment_past_day', self.user_sales, f'/odoo/fulfilment-contracts/{self.contract.id}')


@tagged('post_install', '-at_install', 'fulfilment_tour')
class TestTourOversightChinese(TestTourOversight):

    allow_inherited_tests_method = True
    lang = 'zh_CN'
