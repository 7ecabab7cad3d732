"""A reward rule in the browser, from its preview to the customer's portal (static/tests/tours/rewards.js)."""
from contextlib import nullcontext
from datetime import timedelta

from odoo.fields import Command
from odoo.tests import Form, HttpCase, new_test_user, tagged

from .common_reward import RewardCommon


@tagged('post_install', '-at_install', 'fulfilment_tour')
class TestTourIncentive(HttpCase, RewardCommon):
    """One customer who pays on time. Tours live in the present."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.today = cls.company._fulfilment_today()[cls.company]
        for days in (90, 60, 30):
            due = cls.today - timedelta(days=days)
            cls._invoice(cls.customer, 1000.0, due, paid_on=due - timedelta(days=2))
        cls.env['fulfilment.profile']._refresh(cls.customer, companies=cls.company)
        cls.Rule.search([]).active = False
        cls.rule = cls._make_rule(
            False, name='Paid on time', explanation='Paid on time, thank you', points=500, is_shown=True, company_id=cls.company.id,
            domain="[('on_time_payment_rate', '=', 100), ('payment_count', '>=', 3)]",
        )

    def enter_registry_test_mode(self):
        return nullcontext()  # HttpCase is in that mode for the whole class, and would warn

    def test_previewed_activated_granted_and_seen_by_the_customer(self):
        self.start_tour('/odoo', 'fulfilment_reward_rule', login=self.manager.login, timeout=60)
        self.env.invalidate_all()
        self.assertEqual(self.rule.state, 'active')
        self._round(self.today)
        self.assertEqual(self._grants(rule=self.rule).partner_id, self.customer)
        self.start_tour('/odoo', 'fulfilment_reward_granted', login=self.leader.login, timeout=60)
        portal = new_test_user(
            self.env, 'r_portal', groups='base.group_portal', company_id=self.company.id, company_ids=[Command.set(self.company.ids)],
        )
        portal.partner_id.parent_id = self.customer
        self.start_tour('/my', 'fulfilment_reward_portal', login='r_portal', timeout=60)

    def test_every_view_opens_for_who_may_read_it(self):
        self.rule.action_activate()
        self._round(self.today)
        grant = self._grants(rule=self.rule)
        for user in (
            self.manager, self.leader, self._make_user('r_credit', 'group_credit'), self._make_user('r_inspector', 'group_inspector'),
        ):
            with self.subTest(user=user.login):
                self.env.invalidate_all()
                Form(self.rule.with_user(user))
                Form(grant.with_user(user))
                for model, kinds in (
                    ('fulfilment.reward.rule', ('list', 'search')), ('fulfilment.reward.budget', ('list', 'search')),
                    ('fulfilment.reward.grant', ('list', 'kanban', 'pivot', 'graph', 'search')),
                ):
                    self.env[model].with_user(user).get_views([(False, kind) for kind in kinds])
        with Form(self.env['loyalty.program'].with_user(self.manager).with_context(default_program_type='coupons')) as program:
            program.name = 'Ten percent'
        with Form(self.Rule.with_user(self.manager)) as form:
            form.name = 'Coupons'
            form.effect = 'coupon'
            form.program_id = program.record
        self.assertEqual(form.record.state, 'draft')
