"""Amendments side by side, and what they may not leave behind."""
import contextlib

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import tagged

from .common import TODAY, FulfilmentCommon


@tagged('post_install', '-at_install')
class TestAmendmentsSideBySide(FulfilmentCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.category = cls.env.ref('fulfilment_crm.clause_category_payment')

    def _paid_by_clauses(self, advance=30.0, amount=90000.0, **vals):
        """A contract in force whose advance and rest follow clauses."""
        contract = self._make_contract('draft', user_id=self.user_sales.id, amount_total=amount, amount_untaxed=amount, **vals)
        contract.clause_ids = [Command.create({
            'name': 'Payment', 'category_id': self.category.id, 'body': '{advance} {days}', 'parameter_ids': [
                Command.create({'key': 'advance', 'name': 'Advance', 'role': 'advance_percent', 'value_number': advance}),
                Command.create({'key': 'days', 'name': 'Days', 'role': 'payment_days', 'value_number': 30}),
            ],
        })]
        return self._bring_to(contract, 'active')

    def _of(self, contract, role):
        return contract.milestone_ids.filtered(lambda one: one.clause_role == role)

    def _amend(self, contract, *lines, state='draft', **vals):
        amendment = self.env['fulfilment.amendment'].with_user(self.user_sales).create({
            'contract_id': contract.id, 'reason': 'Agreed', 'line_ids': [Command.create(line) for line in lines], **vals,
        })
        if state != 'draft':
            amendment.sudo().state = state
        return amendment.sudo()

    def _add(self, amount):
        return {
            'kind': 'milestone_add', 'value_name': 'More', 'value_kind': 'payment', 'value_obligor': 'customer', 'value_date': TODAY,
            'value_amount': amount,
        }

    def _worth(self, amendment):
        return amendment._approval_amounts()[amendment]

    def test_submitted_in_one_go(self):
        contract = self._paid_by_clauses()
        both = self._amend(contract, self._add(60000)) | self._amend(contract, self._add(60000))
        self.assertEqual(set(both._approval_amounts().values()), {210000.0})
        self.assertEqual(self._worth(both[0]), 150000.0)

    def test_what_makes_less_may_be_given_up(self):
        for kind in ('milestone_cancel', 'milestone_amount'):
            contract = self._paid_by_clauses()
            self._amend(contract, {'kind': kind, 'milestone_id': self._of(contract, 'payment_days').id}, state='approved')
            with self.subTest(kind=kind):
                self.assertEqual(self._worth(self._amend(contract, self._add(63000))), 153000.0)
        contract = self._paid_by_clauses()
        exchange = self._amend(
            contract, {'kind': 'milestone_cancel', 'milestone_id': self._of(contract, 'payment_days').id}, self._add(63000),
        )
        self.assertEqual(self._worth(exchange), 90000.0, "together they change nothing")

    def test_two_that_cross(self):
        """Whichever comes into force first."""
        contract = self._make_contract('draft', user_id=self.user_sales.id)
        contract.line_ids = [Command.create({'name': 'Pump', 'quantity': 4, 'price_unit': 100.0})]
        self._bring_to(contract, 'active')
        line = contract.line_ids
        more = {'kind': 'line_quantity', 'line_id': line.id, 'value_number': 120}
        self._amend(contract, more, state='approved', date_effective='2099-01-02')
        crossing = self._amend(
            contract, {'kind': 'line_quantity', 'line_id': line.id, 'value_number': 1},
            {'kind': 'line_price', 'line_id': line.id, 'value_number': 75000}, date_effective='2099-01-01',
        )
        self.assertEqual(self._worth(crossing), 120 * 75000)
        contract = self._paid_by_clauses()
        advance, rest = self._of(contract, 'advance_percent'), self._of(contract, 'payment_days')
        self._amend(contract, {'kind': 'milestone_amount', 'milestone_id': rest.id, 'value_amount': 90000}, state='approved')
        crossing = self._amend(
            contract, {'kind': 'milestone_amount', 'milestone_id': rest.id, 'value_amount': 0},
            {'kind': 'milestone_amount', 'milestone_id': advance.id, 'value_amount': 90000},
        )
        self.assertEqual(self._worth(crossing), 180000)

    def test_what_was_waived_may_be_undone(self):
        contract = self._paid_by_clauses()
        self._of(contract, 'payment_days').sudo()._end('waived', 'x')
        self.assertEqual(self._worth(self._amend(contract, self._add(63000))), 153000.0)

    def test_the_rest_grows_as_it_will(self):
        contract = self._paid_by_clauses()
        self._amend(contract, self._add(50000), state='approved')._apply_due()
        advance = contract.clause_ids.parameter_ids.filtered(lambda one: one.role == 'advance_percent')
        for value in (0, 10, 100):
            amendment = self._amend(contract, {'kind': 'clause_value', 'parameter_id': advance.id, 'value_number': value})
            with self.subTest(value=value), self.env.cr.savepoint() as savepoint:
                asked = self._worth(amendment)
                amendment.state = 'approved'
                amendment._apply_due()
                paid = sum(contract.milestone_ids.filtered(lambda one: one.kind == 'payment').mapped('amount'))
                self.assertGreaterEqual(asked + 0.01, paid)
                savepoint.rollback()
                self.env.invalidate_all()

    def test_taxes_count_at_least_once(self):
        contract = self._make_contract('draft', user_id=self.user_sales.id)
        contract.line_ids = [Command.create({
            'name': 'Pump', 'quantity': 1, 'price_unit': 100.0, 'amount_untaxed': 100.0, 'amount_total': 1.0,
        })]
        self._bring_to(contract, 'active')
        line = {'kind': 'line_price', 'line_id': contract.line_ids.id, 'value_number': 9e5}
        self.assertEqual(self._worth(self._amend(contract, line)), 9e5)

    def test_lines_stay_with_their_contract(self):
        contract, other = self._paid_by_clauses(), self._paid_by_clauses(amount=5e6)
        amendment = self._amend(contract, {'kind': 'milestone_amount', 'milestone_id': self._of(contract, 'payment_days').id,
                                           'value_amount': 1e6})
        with self.assertRaises(ValidationError), self.env.cr.savepoint():
            amendment.with_user(self.user_sales).contract_id = other
        empty = self._amend(contract)
        empty.with_user(self.user_sales).contract_id = other
        self.assertEqual(empty.contract_id, other)
        self.env.cr.execute('UPDATE fulfilment_amendment SET contract_id = %s WHERE id = %s', (other.id, amendment.id))
        self.env.invalidate_all()
        with self.assertRaises(ValidationError):
            amendment.with_user(self.user_sales).action_submit()

    # === SHARES === #

    def _change(self, contract, role, value):
        parameter = contract.clause_ids.parameter_ids.filtered(lambda one: one.role == role)
        self._amend(contract, {'kind': 'clause_value', 'parameter_id': parameter.id, 'value_number': value}, state='approved')._apply_due()

    def test_all_of_it_in_advance_and_back(self):
        contract = self._paid_by_clauses()
        advance, rest = self._of(contract, 'advance_percent'), self._of(contract, 'payment_days')
        for value, amounts in ((100, (90000, 0)), (30, (27000, 63000)), (0, (0, 90000)), (50, (45000, 45000))):
            self._change(contract, 'advance_percent', value)
            with self.subTest(value=value):
                self.assertEqual((advance.amount, rest.amount), amounts)

    def test_an_agreed_amount_stays(self):
        contract = self._paid_by_clauses()
        advance, rest = self._of(contract, 'advance_percent'), self._of(contract, 'payment_days')
        self._amend(contract, {'kind': 'milestone_amount', 'milestone_id': rest.id, 'value_amount': 50000}, state='approved')._apply_due()
        self._change(contract, 'advance_percent', 50)
        self.assertEqual((advance.amount, rest.amount), (45000, 50000))

    def test_values_that_cannot_be_are_refused_at_submission(self):
        contract = self._paid_by_clauses()
        advance = contract.clause_ids.parameter_ids.filtered(lambda one: one.role == 'advance_percent')
        for line in (
            {'kind': 'clause_value', 'parameter_id': advance.id, 'value_number': 101},
            {'kind': 'date_end', 'value_date': '9999-12-31'},
            {'kind': 'milestone_date', 'milestone_id': self._of(contract, 'payment_days').id, 'value_date': '9999-12-31'},
        ):
            with self.subTest(kind=line['kind']), self.assertRaises(ValidationError):
                self._amend(contract, line).with_user(self.user_sales).action_submit()

    # === DAYS === #

    def test_days_beyond_all_calendars(self):
        for vals in ({'date_end': '9999-12-31'}, {'date_start': '9990-01-01'}, {'date_start': '0001-01-01'}, {'date_end': '2199-01-01'}):
            with self.subTest(vals=vals), self.assertRaises(ValidationError), self.env.cr.savepoint():
                self._make_contract('draft', **vals)
        contract = self._make_contract('draft')
        with self.assertRaisesRegex(ValidationError, 'all calendars'), self.env.cr.savepoint():
            self._make_milestone(contract, anchor='signature', offset_days=9_000_000)
        with self.assertRaisesRegex(ValidationError, 'all calendars'), self.env.cr.savepoint():
            self._make_milestone(contract, anchor='month', offset_months=900_000)
        with self.assertRaisesRegex(ValidationError, 'cannot be meant'), self.env.cr.savepoint():
            self._make_milestone(contract, anchor='signature', offset_days=365 * 1000)
        for day in (False, None, '', 'yesterday'):
            with self.subTest(day=day), self.assertRaises(UserError):
                contract.get_past(day)

    def test_the_past_of_what_was_waived_and_asked_for_again(self):
        contract = self._paid_by_clauses()
        rest = self._of(contract, 'payment_days')
        rest.sudo()._end('waived', 'x')
        rest.sudo().action_undo(reason='y')
        for event, day in zip(rest.event_ids.sorted('id')[-2:], ('2026-01-10', '2026-01-20'), strict=True):
            event.sudo().effective_on = day
        for day, state in (('2026-01-05', 'pending'), ('2026-01-15', 'waived'), ('2026-01-25', 'pending')):
            with self.subTest(day=day):
                answer = next(one for one in contract.get_past(day)[0]['milestones'] if one['id'] == rest.id)
                self.assertEqual(answer['state'], state)

    # === ON RECORD === #

    def test_evidence_is_kept_however_it_is_cleared(self):
        contract = self._make_contract('active', user_id=self.user_sales.id)
        milestone = self._make_milestone(contract).with_user(self.user_sales)
        file = self.env['ir.attachment'].with_user(self.user_sales).create({
            'name': 'proof.pdf', 'raw': b'x', 'res_model': milestone._name, 'res_id': milestone.id,
        })
        milestone.evidence_ids = file
        milestone.action_done()
        for value in (False, None, (), [], [Command.clear()], [Command.unlink(file.id)], [Command.set([])], [Command.delete(file.id)]):
            with self.subTest(value=value):
                with contextlib.suppress(AccessError, UserError), self.env.cr.savepoint():
                    milestone.write({'evidence_ids': value})
                self.env.invalidate_all()
                self.assertEqual(milestone.evidence_ids, file)

    def test_an_unchanged_contract_is_no_change(self):
        contract = self._make_contract('active', user_id=self.user_sales.id)
        seller = self._make_user('f_seller', None, 'sales_team.group_sale_salesman_all_leads', 'account.group_account_invoice')
        order = self.env['sale.order'].create({
            'partner_id': self.customer.id, 'company_id': self.company_a.id, 'fulfilment_contract_id': contract.id,
        })
        own = order.with_user(seller).with_context(allowed_company_ids=self.company_a.ids)
        self.assertFalse(contract.with_user(seller).has_access('read'))
        own.write({'fulfilment_contract_id': contract.id, 'client_order_ref': 'X'})
        with self.assertRaises(AccessError):
            own.write({'fulfilment_contract_id': self._make_contract('active', user_id=self.user_sales.id).id})

    def test_a_customer_changed_after_linking(self):
        contract = self._make_contract('draft', user_id=self.user_sales.id)
        self.env['sale.order'].create({
            'partner_id': self.customer.id, 'company_id': self.company_a.id, 'fulfilment_contract_id': contract.id,
        })
        with self.assertRaisesRegex(ValidationError, 'somebody else'):
            contract.partner_id = self.other_customer
