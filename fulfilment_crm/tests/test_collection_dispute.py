"""Disputes: a part of an invoice is held, the rest goes on; what was decided, by whom, and what follows."""
from datetime import timedelta

from freezegun import freeze_time

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import Form, tagged

from .common_profile import TODAY, ProfileCommon


class DisputeCommon(ProfileCommon):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.startClassPatcher(freeze_time(fields.Datetime.to_datetime(TODAY) + timedelta(hours=9)))
        cls.Dispute = cls.env['fulfilment.dispute']
        cls.reason = cls.env.ref('fulfilment_crm.dispute_reason_quantity')
        cls.credit = cls._make_role('d_credit', 'group_credit', 'account.group_account_invoice')
        cls.second = cls._make_role('d_second', 'group_credit', 'account.group_account_invoice')
        cls.manager = cls._make_role('d_manager', 'group_manager', 'account.group_account_invoice')

    def _dispute(self, line, amount=2400, user=None, **vals):
        return self.Dispute.with_user(user or self.credit).create({
            'move_id': line.move_id.id, 'reason_id': self.reason.id, 'amount': amount, 'user_id': self.credit.id, **vals,
        })

    def _row(self, line, days=0):
        self.env.flush_all()
        self.env.invalidate_all()
        rows = self.env['fulfilment.instalment'].with_context(as_of=TODAY + timedelta(days=days) if days else None).search(
            [('move_line_id', '=', line.id)],
        )
        return rows

    def assertHeld(self, line, amount, days=0):
        row = self._row(line, days)
        self.assertEqual((row.amount_disputed, row.amount_dunnable), (amount, row.amount_open - amount))


@tagged('post_install', '-at_install')
class TestDispute(DisputeCommon):

    def test_the_rest_stays_due(self):
        line = self._invoice(self.customer, 10000, TODAY - timedelta(days=5))
        dispute = self._dispute(line)
        row = self._row(line)
        self.assertEqual((row.amount_open, row.amount_disputed, row.amount_dunnable), (10000, 2400, 7600))
        self.assertEqual(row.company_amount_dunnable, 7600)
        self.assertEqual((dispute.state, dispute.opened_on, dispute.partner_id), ('open', TODAY, self.customer))
        self.assertEqual(dispute.date_answer_due, TODAY + timedelta(days=14))
        self.assertRegex(dispute.name, r'^D/2026/\d{4}$')
        self.assertEqual(dispute.activity_ids.user_id, self.credit)
        # A payment of the rest leaves what is disputed.
        self._pay(line, 7600, TODAY)
        self.assertHeld(line, 2400)
        self._pay(line, 2000, TODAY)
        self.assertHeld(line, 400)

    def test_accepted(self):
        line = self._invoice(self.customer, 10000, TODAY - timedelta(days=5))
        dispute = self._dispute(line)
        dispute.action_accept()
        self.assertEqual((dispute.state, dispute.amount_accepted, dispute.decided_by_id), ('accepted', 2400, self.credit))
        credit = dispute.credit_move_id
        self.assertEqual((credit.state, credit.move_type, credit.amount_total, credit.reversed_entry_id), (
            'draft', 'out_refund', 2400, line.move_id,
        ))
        self.assertHeld(line, 2400)
        credit.invoice_date = TODAY
        credit.action_post()
        self.assertEqual(line.amount_residual, 7600)
        self.assertHeld(line, 0)
        self.assertFalse(dispute.activity_ids)

    def test_accepted_in_part(self):
        line = self._invoice(self.customer, 10000, TODAY)
        dispute = self._dispute(line)
        for amount in (0, -1, 2400.01):
            with self.assertRaises(UserError):
                dispute.action_accept(amount)
        dispute.action_accept(1000)
        self.assertEqual((dispute.state, dispute.credit_move_id.amount_total), ('partly', 1000))
        self.assertHeld(line, 1000)
        with self.assertRaises(UserError):
            dispute.action_accept(500)

    def test_rejected_it_was_always_due(self):
        line = self._invoice(self.customer, 10000, TODAY - timedelta(days=5))
        dispute = self._dispute(line)
        self.assertEqual(dispute.action_reject()['res_model'], 'fulfilment.reason')
        dispute.action_reject(reason='Delivered in full')
        self.assertEqual((dispute.state, dispute.decision), ('rejected', 'Delivered in full'))
        row = self._row(line)
        self.assertEqual((row.amount_dunnable, row.days_overdue), (10000, 5))
        with self.assertRaises(UserError):
            dispute.action_withdraw()

    def test_withdrawn(self):
        line = self._invoice(self.customer, 10000, TODAY)
        dispute = self._dispute(line)
        dispute.action_withdraw()
        self.assertEqual(dispute.state, 'withdrawn')
        self.assertHeld(line, 0)
        with self.assertRaises(UserError):
            dispute.unlink()

    def test_a_second_look_is_taken_by_somebody_else(self):
        line = self._invoice(self.customer, 10000, TODAY)
        dispute = self._dispute(line)
        dispute.action_reject(reason='No')
        dispute.action_second_look(reason='The delivery note is wrong')
        self.assertEqual((dispute.state, dispute.looked_at_by_id), ('open', self.credit))
        self.assertHeld(line, 2400)
        for act in (dispute.action_accept, lambda: dispute.action_reject(reason='No again')):
            with self.assertRaises(AccessError):
                act()
        dispute.with_user(self.second).action_accept()
        self.assertEqual(dispute.state, 'accepted')

    def test_above_an_amount_others_agree_first(self):
        self.company.fulfilment_approval = True
        line = self._invoice(self.customer, 90000, TODAY)
        dispute = self._dispute(line, 60000)
        dispute.action_accept(55000)
        self.assertEqual((dispute.state, dispute.approval_state, dispute.amount_proposed), ('open', 'pending', 55000))
        self.assertFalse(dispute.credit_move_id)
        with self.assertRaises(AccessError):
            dispute.action_approve()
        dispute.with_user(self.second).action_approve()
        self.assertEqual(dispute.state, 'open')
        dispute.with_user(self.manager).action_approve()
        self.assertEqual((dispute.state, dispute.credit_move_id.amount_total), ('partly', 55000))

    def test_approval_refused_and_taken_back(self):
        self.company.fulfilment_approval = True
        line = self._invoice(self.customer, 90000, TODAY)
        dispute = self._dispute(line, 60000)
        dispute.action_accept()
        dispute.with_user(self.second).action_reject(reason='Too much')
        self.assertEqual((dispute.state, dispute.approval_state, dispute.amount_proposed), ('open', 'rejected', 0))
        dispute.action_accept(10000)
        dispute.action_withdraw()
        self.assertEqual((dispute.state, dispute.approval_state, dispute.amount_proposed), ('open', 'none', 0))
        with self.assertRaises(UserError):
            dispute.action_submit()
        self.assertHeld(line, 60000)

    def test_below_the_amount_nobody_is_asked(self):
        self.company.fulfilment_approval = True
        dispute = self._dispute(self._invoice(self.customer, 10000, TODAY), 4999)
        dispute.action_accept()
        self.assertEqual(dispute.state, 'accepted')

    def test_no_more_than_what_is_open(self):
        line = self._invoice(self.customer, 10000, TODAY)
        self._pay(line, 6000, TODAY)
        self._dispute(line, 3000)
        with self.assertRaisesRegex(UserError, '1,000'):
            self._dispute(line, 1000.01)
        self._dispute(line, 1000)
        self.assertHeld(line, 4000)
        for amount in (0, -5):
            with self.assertRaises(UserError):
                self._dispute(self._invoice(self.customer, 10, TODAY), amount)

    def test_what_is_due_first_first(self):
        first, second = self._invoice(self.customer, 100, TODAY), None
        move = self.env['account.move'].create({
            'move_type': 'out_invoice', 'partner_id': self.customer.id, 'invoice_date': TODAY, 'invoice_payment_term_id': self._term().id,
            'company_id': self.company.id, 'journal_id': self._journal('sale').id,
            'invoice_line_ids': [Command.create({
                'name': 'Goods', 'price_unit': 100, 'tax_ids': [Command.clear()], 'account_id': self._account('income').id,
            })],
        })
        move.action_post()
        first, second = move.line_ids.filtered(lambda one: one.account_type == 'asset_receivable').sorted('date_maturity')
        self._dispute(first, 70)
        self.assertHeld(first, 50)
        self.assertHeld(second, 20)

    def _term(self):
        return self.env['account.payment.term'].create({'name': 'Halves', 'line_ids': [
            Command.create({'value': 'percent', 'value_amount': 50, 'nb_days': days}) for days in (10, 40)
        ]})

    def test_by_share_lines_and_tax(self):
        self.company.account_fiscal_country_id = self.env.ref('base.be')
        tax = self.env['account.tax'].create({
            'name': '20%', 'amount': 20, 'company_id': self.company.id, 'country_id': self.env.ref('base.be').id,
            'tax_group_id': self.env['account.tax.group'].create({'name': 'T', 'company_id': self.company.id,
                                                                  'country_id': self.env.ref('base.be').id}).id,
        })
        for vals, wanted in (({'basis': 'percent', 'percent': 25}, 300), ({'basis': 'lines'}, 1200), ({'basis': 'tax'}, 200)):
            move = self._invoice(self.customer, 1000, TODAY, tax_ids=[Command.set(tax.ids)]).move_id
            lines = {'line_ids': move.invoice_line_ids.ids} if vals['basis'] == 'lines' else {}
            dispute = self.Dispute.with_user(self.credit).create({'move_id': move.id, 'reason_id': self.reason.id, **vals, **lines})
            with self.subTest(vals=vals):
                self.assertEqual(dispute.amount, wanted)
                dispute.action_accept()
                credit = dispute.credit_move_id
                self.assertEqual((credit.amount_total, credit.amount_tax), (wanted, round(wanted / 6, 2)))

    def test_as_it_stood_on_a_past_day(self):
        line = self._invoice(self.customer, 10000, TODAY + timedelta(days=30), day=TODAY - timedelta(days=30))
        dispute = self._dispute(line)
        self.assertHeld(line, 0, days=-1)
        with freeze_time(fields.Datetime.to_datetime(TODAY) + timedelta(days=3, hours=9)):
            dispute.action_reject(reason='No')
        self.assertHeld(line, 2400, days=2)
        self.assertHeld(line, 0, days=3)

    def test_late_answers_are_found(self):
        dispute = self._dispute(self._invoice(self.customer, 10000, TODAY))
        self.assertFalse(self.Dispute.search([('days_late', '>', 0)]))
        with freeze_time(fields.Datetime.to_datetime(TODAY) + timedelta(days=16, hours=9)):
            self.env.invalidate_all()
            self.assertEqual(self.Dispute.search([('days_late', '>', 0)]), dispute)
            self.assertEqual(dispute.days_late, 2)
            self.assertFalse(self.Dispute.search([('days_late', '>', 2)]))
            dispute.action_withdraw()
            self.assertFalse(self.Dispute.search([('days_late', '>', 0)]))

    def test_what_is_disputed_stays_as_it_was(self):
        line = self._invoice(self.customer, 10000, TODAY)
        dispute = self._dispute(line)
        for vals in ({'amount': 1}, {'basis': 'tax'}, {'move_id': self._invoice(self.customer, 5, TODAY).move_id.id}):
            with self.assertRaises(UserError):
                dispute.write(vals)
        with self.assertRaises(AccessError):
            dispute.write({'state': 'accepted'})
        dispute.write({'amount': 2400, 'wish': 'repair'})

    def test_taken_down_without_reading_the_ledger(self):
        sales, other = self._make_sales_user('d_sales'), self._make_sales_user('d_other')
        self.customer.user_id = sales
        line = self._invoice(self.customer, 10000, TODAY)
        self.env.flush_all()
        row = self.env['fulfilment.instalment'].with_user(sales).search([('partner_id', '=', self.customer.id)])
        action = row.action_dispute()
        with Form(self.env[action['res_model']].with_user(sales).with_context(**action['context'])) as form:
            self.assertEqual(form.amount_open, 10000)
            form.reason_id = self.reason
            form.amount = 2400
            form.description = 'Three leak'
        opened = form.record.action_open_dispute()
        dispute = self.env['fulfilment.dispute'].with_user(sales).browse(opened['res_id'])
        self.assertEqual((dispute.amount, dispute.move_name, dispute.user_id), (2400, line.move_id.name, sales))
        self.assertTrue(dispute.read(['name', 'amount', 'move_name', 'state']))
        with self.assertRaises(AccessError):
            dispute.read(['credit_move_id'])
        with self.assertRaises(AccessError):
            dispute.with_user(other).read(['amount'])
        wizard = self.env[action['res_model']].with_user(other).create({
            'line_number': line.id, 'reason_id': self.reason.id, 'amount': 5,
        })
        self.assertFalse(wizard.invoice)
        with self.assertRaises(UserError):
            wizard.action_open_dispute()

    def test_the_customer_is_told_if_asked(self):
        self.customer.write({'email': 'office@hengtong.example', 'lang': 'en_US'})
        dispute = self._dispute(self._invoice(self.customer, 10000, TODAY))
        action = dispute.action_decide()
        with Form(self.env[action['res_model']].with_user(self.credit).with_context(**action['context'])) as form:
            self.assertEqual(form.amount, 2400)
            form.grounds = 'Counted again'
            form.tell = True
        form.record.action_accept()
        self.assertEqual(dispute.state, 'accepted')
        said = dispute.message_ids.filtered(lambda one: one.partner_ids == self.customer)
        self.assertIn('Counted again', said.body)
        other = self._dispute(self._invoice(self.customer, 10, TODAY), 5)
        other.action_accept()
        self.assertFalse(other.message_ids.filtered(lambda one: one.partner_ids == self.customer))

    def test_only_posted_invoices(self):
        draft = self._invoice(self.customer, 10, TODAY, post=False)
        with self.assertRaises(UserError):
            self.Dispute.create({'move_id': draft.id, 'reason_id': self.reason.id, 'amount': 5})
