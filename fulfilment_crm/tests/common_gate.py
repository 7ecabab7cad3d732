"""The world of the order gate: a customer with a limit, a seller, a credit controller."""
from datetime import timedelta

from freezegun import freeze_time

from odoo import fields
from odoo.fields import Command
from odoo.tests import new_test_user

from .common_profile import TODAY, ProfileCommon


class GateCommon(ProfileCommon):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.startClassPatcher(freeze_time(fields.Datetime.to_datetime(TODAY) + timedelta(hours=10)))
        cls.company.fulfilment_credit_gate = True
        cls.sales = cls._make_sales_user('g_sales')
        cls.credit = new_test_user(
            cls.env, 'g_credit', groups='base.group_user,fulfilment_crm.group_credit', company_id=cls.company.id,
            company_ids=[Command.set(cls.company.ids)],
        )
        cls.manager = new_test_user(
            cls.env, 'g_manager', groups='base.group_user,fulfilment_crm.group_manager,sales_team.group_sale_manager',
            company_id=cls.company.id,
            company_ids=[Command.set(cls.company.ids)],
        )
        cls.Rule = cls.env['fulfilment.credit.rule'].with_context(active_test=False)
        cls.Rule.search([]).active = False
        cls._rule('limit')

    @classmethod
    def _rule(cls, name, **vals):
        """Put one of the shipped rules into use, the others stay off."""
        rule = cls.env.ref(f'fulfilment_crm.credit_rule_{name}')
        rule.write({'active': True, **vals})
        return rule

    @classmethod
    def _line(cls, partner, company=None):
        company = company or cls.company
        return cls.env['fulfilment.credit.line']._of(partner, company)[partner]

    @classmethod
    def _limit(cls, partner, amount, **vals):
        line = cls._line(partner)
        line.write({'limit_source': 'manual', 'limit': amount, **vals})
        return line

    def _quote(self, amount, partner=None, user=None, **vals):
        order = self._order(partner or self.customer, amount, TODAY, confirm=False, user_id=(user or self.sales).id, **vals)
        return order.with_user(user or self.sales)

    def assertHeld(self, order, kind=None):
        self.assertIn(order.state, ('draft', 'sent'))
        self.assertEqual(order.fulfilment_credit_state, 'hold')
        decision = order.sudo().fulfilment_credit_decision_ids._latest()
        self.assertEqual(decision.outcome, 'hold')
        if kind:
            self.assertIn(kind, [hit['kind'] for hit in decision.hits])

    def assertPassed(self, order, outcome='pass'):
        self.assertEqual(order.state, 'sale')
        self.assertEqual(order.sudo().fulfilment_credit_decision_ids._latest().outcome, outcome)
