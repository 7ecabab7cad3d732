from datetime import timedelta

from odoo.exceptions import UserError, ValidationError
from odoo.fields import Command
from odoo.tests import tagged

from .common import TODAY, FulfilmentCommon


@tagged('post_install', '-at_install')
class TestAmendment(FulfilmentCommon):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company_a.fulfilment_approval = False

    def _amend(self, contract, effective, *lines):
        return self.env['fulfilment.amendment'].with_user(self.user_sales).create({
            'contract_id': contract.id, 'reason': 'Agreed', 'date_effective': effective,
            'line_ids': [Command.create(line) for line in lines],
        })

    def test_amendment_applies_on_its_day_and_the_past_is_answered(self):
        contract = self._make_contract('active', amount_total=1000.0, date_end=TODAY + timedelta(days=100))
        milestone = self._make_milestone(contract, 10)
        self.run_cron('fulfilment.contract', '_cron_milestones')
        effective = TODAY + timedelta(days=3650)
        amendment = self._amend(
            contract, effective, {'kind': 'contract_amount', 'value_amount': 1500.0},
            {'kind': 'milestone_date', 'milestone_id': milestone.id, 'value_date': TODAY + timedelta(days=20)},
        )
        self.assertEqual((amendment.number, amendment.line_ids.mapped('before')[0]), (1, contract.currency_id.format(1000.0)))
        amendment.action_submit()
        self.assertEqual((amendment.state, contract.amount_total), ('approved', 1000.0))
        self.run_cron('fulfilment.contract', '_cron_milestones', as_of=effective)
        self.assertEqual((amendment.state, contract.amount_total), ('applied', 1500.0))
        self.assertEqual((milestone.date_planned, milestone.date_first_planned), (TODAY + timedelta(days=20), TODAY + timedelta(days=10)))
        self.assertEqual(contract._value_at('amount_total', effective - timedelta(days=1)), 1000.0)
        self.assertEqual(contract._value_at('amount_total', effective), 1500.0)
        before = milestone._at(TODAY + timedelta(days=11))[milestone]
        self.assertEqual((before['date_planned'], before['is_late']), (TODAY + timedelta(days=10), True))
        self.assertFalse(milestone._at(effective)[milestone]['date_planned'] != TODAY + timedelta(days=20))

    def test_changes_of_one_day_follow_each_other(self):
        """Two amendments of one contract, one of them with two changes of the same thing, next to one of another contract."""
        contract, other = self._make_contract('active'), self._make_contract('active')
        tomorrow = TODAY + timedelta(days=3650)
        amendments = self._amend(
            contract, tomorrow, {'kind': 'contract_amount', 'value_amount': 3.0}, {'kind': 'contract_amount', 'value_amount': 4.0},
        ) | self._amend(contract, tomorrow - timedelta(days=1), {'kind': 'contract_amount', 'value_amount': 2.0}) \
            | self._amend(other, tomorrow, {'kind': 'contract_amount', 'value_amount': 9.0})
        amendments.action_submit()
        self.assertEqual(amendments._apply_due(tomorrow), {'amendments in force': 3})
        self.assertEqual((contract.amount_total, other.amount_total), (4.0, 9.0))
        self.assertEqual([amendment.line_ids.mapped('before_value') for amendment in amendments], [[2.0, 3.0], [1000.0], [1000.0]])
        self.assertEqual(len(contract.message_ids.filtered(lambda message: 'in force' in (message.body or ''))), 2)

    def test_amendment_refuses_what_makes_no_sense(self):
        contract = self._make_contract('active')
        foreign = self._make_milestone(self._make_contract('active'))
        with self.assertRaises(ValidationError):
            self._amend(contract, TODAY, {'kind': 'milestone_date', 'milestone_id': foreign.id, 'value_date': TODAY})
        with self.assertRaisesRegex(UserError, 'add a line'):
            self._amend(contract, TODAY).action_submit()
        with self.assertRaises(ValidationError):
            self._amend(contract, TODAY, {'kind': 'date_end'}).action_submit()
        with self.assertRaises(UserError):
            self._amend(self._make_contract(), TODAY, {'kind': 'contract_amount', 'value_amount': 1})

    def test_amendments_are_numbered_and_frozen(self):
        contract = self._make_contract('active')
        first = self._amend(contract, TODAY, {'kind': 'contract_amount', 'value_amount': 7.0})
        second = self._amend(contract, TODAY, {'kind': 'contract_amount', 'value_amount': 8.0})
        self.assertEqual((first.number, second.number), (1, 2))
        first.action_submit()
        with self.assertRaises(UserError):
            first.line_ids.value_amount = 9.0
        with self.assertRaises(UserError):
            first.reason = 'Other'
        with self.assertRaises(UserError):
            first.action_cancel()

    def test_every_kind_of_change(self):
        contract = self._make_contract('active', date_end=TODAY + timedelta(days=50))
        clause = self.env['fulfilment.contract.clause'].sudo().create({
            'contract_id': contract.id, 'name': 'Old', 'body': 'Old', 'text': 'Old', 'category_id': self.env.ref(
                'fulfilment_crm.clause_category_payment'
            ).id,
        })
        payment = self._make_milestone(contract, 5, kind='payment', obligor='customer', amount=100.0)
        dropped = self._make_milestone(contract, 6)
        self._amend(
            contract, TODAY,
            {'kind': 'date_end', 'value_date': TODAY + timedelta(days=80)},
            {'kind': 'milestone_amount', 'milestone_id': payment.id, 'value_amount': 250.0},
            {'kind': 'milestone_cancel', 'milestone_id': dropped.id},
            {'kind': 'milestone_add', 'value_name': 'Training', 'value_date': TODAY, 'value_kind': 'other', 'value_obligor': 'us'},
            {'kind': 'clause_text', 'clause_id': clause.id, 'value_text': 'New'},
            {'kind': 'clause_add', 'value_name': 'Extra', 'value_text': 'Extra text', 'category_id': clause.category_id.id},
        ).action_submit()
        self.assertEqual(contract.date_end, TODAY + timedelta(days=80))
        self.assertEqual((payment.amount, dropped.state, clause.text), (250.0, 'cancelled', 'New'))
        self.assertIn('Training', contract.milestone_ids.mapped('name'))
        self.assertIn('Extra text', contract.clause_ids.mapped('text'))
        self.assertEqual(payment._at(TODAY - timedelta(days=1))[payment]['amount'], 100.0)
