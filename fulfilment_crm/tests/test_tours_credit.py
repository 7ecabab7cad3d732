"""Grades, held orders and scorecards in the browser (static/tests/tours/credit.js)."""
from contextlib import nullcontext
from datetime import timedelta

from odoo.fields import Command
from odoo.tests import Form, HttpCase, new_test_user, tagged

from .common_profile import ProfileCommon


@tagged('post_install', '-at_install', 'fulfilment_tour')
class TestTourCredit(HttpCase, ProfileCommon):
    """One customer who pays on time and has a poor grade from before. Tours live in the present."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.today = cls.company._fulfilment_today()[cls.company]
        cls.sales = cls._make_sales_user('t_sales')
        cls.leader = cls._make_user('t_leader', 'group_leader')
        cls.credit = cls._make_user('t_credit', 'group_credit')
        cls.manager = cls._make_user('t_manager', 'group_manager')
        cls.company.fulfilment_manager_id = cls.manager
        cls.customer.user_id = cls.sales
        for days in (150, 120, 90, 60):
            due = cls.today - timedelta(days=days)
            cls._invoice(cls.customer, 1000.0, due, paid_on=due - timedelta(days=2))
        cls.line = cls.env['fulfilment.credit.line']._of(cls.customer, cls.company)[cls.customer]
        cls.line.write({'grade_id': cls.env.ref('fulfilment_crm.credit_grade_ccc').id, 'limit_source': 'manual', 'limit': 500.0})
        cls.env['fulfilment.profile']._refresh(cls.customer, companies=cls.company)
        cls.line._show_on_profile()

    def enter_registry_test_mode(self):
        return nullcontext()  # HttpCase is in that mode for the whole class, and would warn

    @classmethod
    def _make_user(cls, login, group):
        return new_test_user(
            cls.env, login, groups=f'base.group_user,fulfilment_crm.{group}', company_id=cls.company.id,
            company_ids=[Command.set(cls.company.ids)],
        )

    def _run_tour(self, url, name, user):
        self.start_tour(url, name, login=user.login, timeout=60)
        self.env.invalidate_all()

    def test_change_of_grade_through_four_people(self):
        assessment = self.env['fulfilment.credit.assessment']._assess(self.customer, companies=self.company)
        self.assertEqual((assessment.state, assessment.change, self.line.grade_id.code), ('in_approval', 'up', 'CCC'))
        people = (self.sales, self.leader, self.credit, self.manager)
        for number, user in enumerate(people, 1):
            self._run_tour('/odoo', 'fulfilment_grade_approve', user)
            self.assertEqual(len(assessment.approval_ids.filtered(lambda step: step.state == 'approved')), number)
        self.assertEqual([step.decided_by_id for step in assessment.approval_ids.sorted('sequence')], list(people))
        self.assertEqual((assessment.state, assessment.effective_on), ('effective', self.today))
        self.assertEqual((self.line.grade_id, self.line.limit), (assessment.grade_id, 500.0))
        profile = assessment.profile_id
        self._run_tour(f'/odoo/fulfilment-profiles/{profile.id}', 'fulfilment_grade_in_effect', self.sales)

    def test_held_order_is_released(self):
        self.company.fulfilment_credit_gate = True
        order = self._order(self.customer, 2000.0, self.today, confirm=False, user_id=self.sales.id)
        self._run_tour(f'/odoo/orders/{order.id}', 'fulfilment_order_held', self.sales)
        self.assertEqual((order.state, order.fulfilment_credit_state), ('draft', 'hold'))
        self.assertEqual(order.activity_ids.user_id, self.credit)
        self._run_tour('/odoo', 'fulfilment_order_released', self.credit)
        self.assertEqual((order.state, order.fulfilment_credit_state, order.user_id), ('sale', 'released', self.sales))
        release = order.fulfilment_credit_decision_ids.filtered(lambda one: one.outcome == 'released')
        self.assertEqual((release.user_id, release.reason, release.amount), (self.credit, 'Bank guarantee received', 2000.0))
        self.assertFalse(order.activity_ids)

    def test_every_reader_opens_a_held_order(self):
        """Also from an activity or a link, which lead to the default form, and without any right of sales or accounts."""
        self.company.fulfilment_credit_gate = True
        order = self._order(self.customer, 2000.0, self.today, confirm=False, user_id=self.sales.id)
        order.with_user(self.sales).action_confirm()
        decision = order.fulfilment_credit_decision_ids
        own = self.env.ref('fulfilment_crm.sale_order_view_form_held')
        for user, form in (
            (self.sales, self.env.ref('sale.view_order_form')), (self.credit, own), (self.manager, own),
            (self._make_user('t_inspector', 'group_inspector'), own),
        ):
            with self.subTest(user=user.login):
                self.env.invalidate_all()
                for asked in (None, self.env.ref('sale.view_order_form').id):
                    self.assertEqual(self.env['sale.order'].with_user(user).get_view(asked, 'form')['id'], form.id)
                Form(order.with_user(user))
                Form(decision.with_user(user))
        for group in ('group_legal', 'group_service'):
            with self.subTest(group=group):
                self.env.invalidate_all()
                self.assertEqual(decision.with_user(self._make_user(f't_{group}', group)).display_name, order.name)

    def test_new_version_of_a_scorecard(self):
        self.credit.company_ids = self.env['res.company'].search([])  # the scorecard is for all
        before = self.env.ref('fulfilment_crm.scorecard_standard')
        self._run_tour('/odoo', 'fulfilment_scorecard', self.credit)
        after = self.env['fulfilment.scorecard'].search([('previous_id', '=', before.id)])
        self.assertEqual((before.state, after.state, after.version), ('retired', 'active', before.version + 1))
        self.assertEqual((before.criterion_ids[:1].weight, after.criterion_ids[:1].weight), (25.0, 40.0))
        self.assertEqual(len(after.criterion_ids.band_ids), len(before.criterion_ids.band_ids))
        self.assertFalse(self.env['fulfilment.credit.assessment'].search([('scorecard_id', '=', after.id)]))
