"""The gate costs few queries, and no more for many orders than for one."""
from odoo.tests import tagged

from .common_gate import GateCommon


@tagged('post_install', '-at_install')
class TestGateQueries(GateCommon):

    def _queries(self, orders):
        """Queries of the confirmation alone, with everything cached once."""
        self.env.flush_all()
        before = self.env.cr.sql_log_count
        orders.action_confirm()
        self.env.flush_all()
        return self.env.cr.sql_log_count - before

    def _orders(self, count, **vals):
        orders = self.env['sale.order'].concat(*(self._quote(10, **vals) for _number in range(count))).with_user(self.sales)
        self.env.flush_all()
        self.env.invalidate_all()
        orders.mapped('order_line.product_id.name')
        return orders

    def _extra(self, count):
        """What the gate adds to the confirmation of some orders."""
        self.company.fulfilment_credit_gate = False
        self._queries(self._orders(count))
        without = self._queries(self._orders(count))
        self.company.fulfilment_credit_gate = True
        self._queries(self._orders(count))
        return self._queries(self._orders(count)) - without

    def test_at_most_six_further_queries_and_no_more_for_fifty(self):
        self._limit(self.customer, 10 ** 6)
        self._line(self.customer).grade_id = self.env.ref('fulfilment_crm.credit_grade_a')
        for name in ('stop', 'expired', 'overdue_days', 'overdue_amount', 'grade', 'terms'):
            self._rule(name)
        one = self._extra(1)
        self.assertLessEqual(one, 6)
        self.assertLessEqual(self._extra(50), one)
