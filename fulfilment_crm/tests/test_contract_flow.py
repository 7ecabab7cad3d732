import base64
import hashlib
from datetime import timedelta

import psycopg2

from odoo import fields
from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import TODAY, FulfilmentCommon

ACTIONS = {
    'in_approval': lambda contract: contract.action_submit(),
    'active': lambda contract: contract.action_activate(),
    'settlement': lambda contract: contract.action_settle(),
    'closed': lambda contract: contract.action_close(),
    'terminated': lambda contract: contract.action_terminate(reason='Test'),
    'cancelled': lambda contract: contract.action_cancel(reason='Test'),
    'draft': lambda contract: contract.action_reset_draft(),
}


@tagged('post_install', '-at_install')
class TestContractFlow(FulfilmentCommon):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company_a.fulfilment_approval = False

    # === LIFE CYCLE === #

    def test_every_illegal_move_is_refused(self):
        for state, legal in self.env['fulfilment.contract']._moves.items():
            for target in self.env['fulfilment.contract']._moves.keys() - legal:
                with self.subTest(state=state, target=target):
                    contract = self._make_contract(state)
                    with self.assertRaises(UserError):
                        contract._move_to(target)
                    self.assertEqual(contract.state, state)

    def test_buttons_refuse_what_is_illegal(self):
        for state, legal in self.env['fulfilment.contract']._moves.items():
            for target, action in ACTIONS.items():
                if target in legal or target == 'in_approval' and 'approved' in legal:
                    continue
                with self.subTest(state=state, target=target):
                    contract = self._make_contract(state)
                    with self.assertRaises(UserError):
                        action(contract)
                    self.assertEqual(contract.state, state)

    def test_closing_waits_for_milestones(self):
        contract = self._make_contract('active')
        milestone = self._make_milestone(contract)
        contract.action_settle()
        with self.assertRaisesRegex(UserError, 'Delivery'):
            contract.action_close()
        milestone.action_done(date=TODAY)
        contract.action_close()
        self.assertEqual(contract.state, 'closed')

    def test_termination_asks_why_and_cancels_what_is_open(self):
        contract = self._make_contract('active')
        milestone = self._make_milestone(contract)
        self.assertEqual(contract.action_terminate()['res_model'], 'fulfilment.reason')
        contract.action_terminate(reason='Insolvent')
        self.assertEqual((contract.state, contract.end_reason, milestone.state), ('terminated', 'Insolvent', 'cancelled'))

    def test_cancel_and_back(self):
        contract = self._make_contract()
        milestone = self._make_milestone(contract)
        contract.action_cancel(reason='Wrong customer')
        self.assertEqual(milestone.state, 'cancelled')
        contract.action_reset_draft()
        self.assertEqual((contract.state, milestone.state), ('draft', 'pending'))

    def test_past_its_draft_a_contract_is_not_deleted(self):
        with self.assertRaisesRegex(UserError, 'past its draft'):
            self._make_contract('active').unlink()
        self._make_contract().unlink()

    # === SIGNATURE === #

    def test_signed_before_start_waits(self):
        future = self._make_contract('approved', date_start=TODAY + timedelta(days=3650))
        future.action_sign(signed_by='Lin Wei', document=base64.b64encode(b'scan'))
        self.assertEqual(future.state, 'approved')
        self.run_cron('fulfilment.contract', '_cron_milestones', as_of=future.date_start - timedelta(days=1))
        self.assertEqual(future.state, 'approved')
        self.run_cron('fulfilment.contract', '_cron_milestones', as_of=future.date_start)
        self.assertEqual(future.state, 'active')

    def test_signed_on_its_start_is_active(self):
        contract = self._make_contract('approved')
        contract.action_sign(signed_by='Lin Wei', document=base64.b64encode(b'scan'), date=TODAY)
        self.assertEqual((contract.state, contract.date_signed), ('active', TODAY))

    def test_paper_is_dated_where_the_company_is(self):
        self.company_a.resource_calendar_id.tz = 'Pacific/Pago_Pago'
        self.user_sales.tz = 'Pacific/Kiritimati'  # 25 hours ahead: always another day
        contract = self._make_contract('approved')
        action = contract.action_sign_paper()
        dialog = self.env[action['res_model']].with_user(self.user_sales).with_context(**action['context'])
        dialog.create({'signed_by': 'Lin Wei', 'document': base64.b64encode(b'scan')}).action_confirm()
        self.assertEqual(contract.date_signed, self.company_a._fulfilment_today()[self.company_a])

    def test_signed_once_only_and_kept(self):
        contract = self._make_contract('approved')
        contract.action_sign(signed_by='Lin Wei', document=base64.b64encode(b'scan'), document_name='scan.pdf')
        with self.assertRaises(UserError):
            contract.action_sign(signed_by='Somebody', document=base64.b64encode(b'other'))
        self.assertEqual(base64.b64decode(contract.signed_document), b'scan')
        self.assertEqual(contract.signed_checksum, hashlib.sha256(b'scan').hexdigest())

    def test_portal_signature_makes_the_document_once(self):
        contract = self._make_contract('approved')
        picture = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=='
        contract._sign('Lin Wei', signature=picture, ip='192.0.2.7')
        document = contract.signed_document
        self.assertIn(contract.name.encode(), base64.b64decode(document))
        self.customer.name = 'Renamed'
        contract.invalidate_recordset()
        self.assertEqual(contract.signed_document, document)

    def test_send_for_signature(self):
        contract = self._make_contract('approved')
        action = contract.with_user(self.user_sales).action_send_for_signature()
        composer = self.env['mail.compose.message'].with_user(self.user_sales).with_context(**action['context']).create({})
        self.assertIn(f'/my/fulfilment/contracts/{contract.id}"', composer.body)
        self.assertNotIn('access_token', composer.body)
        self.assertEqual(composer.partner_ids, self.customer)
        with self.assertRaises(UserError):
            self._make_contract('active').action_send_for_signature()

    def test_unapproved_is_not_signed(self):
        for state in ('draft', 'in_approval', 'active', 'closed', 'cancelled'):
            with self.assertRaises(UserError):
                self._make_contract(state).action_sign(signed_by='Lin Wei', document=base64.b64encode(b'scan'))

    def test_future_signature_is_refused(self):
        with self.assertRaises(UserError):
            self._make_contract('approved').action_sign(signed_by='Lin', document=base64.b64encode(b'x'), date='2999-01-01')

    # === FROZEN === #

    def test_library_changes_do_not_reach_contracts(self):
        contract = self._make_contract(type_id=self.type_sale.id, template_id=self.template_sale.id)
        clause = contract.clause_ids.filtered('clause_id')[0]
        before = clause.text
        clause.clause_id.body = 'New wording'
        self.assertEqual(clause.text, before)

    def test_text_is_frozen_with_the_contract(self):
        contract = self._make_contract('active')
        clause = self.env['fulfilment.contract.clause'].sudo().create({
            'contract_id': contract.id, 'name': 'Parties', 'body': 'With {customer}', 'text': 'With Hengtong Industries',
            'category_id': self.env.ref('fulfilment_crm.clause_category_payment').id,
        })
        self.customer.name = 'Renamed'
        clause._compute_text()
        self.assertEqual(clause.text, 'With Hengtong Industries')

    def test_signed_off_clauses_change_by_version(self):
        clause = self.template_sale.clause_line_ids[0].clause_id
        self.user_legal.company_ids = self.env['res.company'].search([])
        clause.with_user(self.user_legal).action_sign_off()
        self.assertEqual(clause.legal_user_id, self.user_legal)
        with self.assertRaisesRegex(UserError, 'new version'):
            clause.with_user(self.user_legal).body = 'Changed'
        with self.assertRaises(UserError):
            clause.with_user(self.user_sales).action_sign_off()
        successor = self.env['fulfilment.clause'].browse(clause.with_user(self.user_legal).action_new_version()['res_id'])
        self.assertEqual((successor.version, successor.previous_id, successor.legal_state, clause.active), (2, clause, 'draft', False))
        self.assertEqual(self.template_sale.clause_line_ids[0].clause_id, successor)

    def test_unknown_placeholder_is_refused(self):
        with self.assertRaisesRegex(ValidationError, 'no_such'):
            self.env['fulfilment.clause'].create({
                'name': 'X', 'category_id': self.env.ref('fulfilment_crm.clause_category_payment').id, 'body': '{no_such}',
            })

    # === RENEWAL AND EXPIRY === #

    def test_planned_renewal_is_switched_at_any_time(self):
        contract = self._make_contract('active')
        self.settle()
        before = len(contract.message_ids)
        contract.with_user(self.user_sales).write({'auto_renew': True, 'renew_months': 0})
        self.settle()
        self.assertEqual(len(contract.message_ids), before + 1)
        renewal = contract.with_user(self.user_sales)._renew()
        self.assertEqual((renewal.state, renewal.approval_state, renewal.date_end), ('draft', 'none', fields.Date.add(
            renewal.date_start, months=12, days=-1,
        )))
        with self.assertRaises(psycopg2.IntegrityError), mute_logger('odoo.sql_db'), self.env.cr.savepoint():
            contract.renew_months = -1
            self.env.flush_all()

    def test_renewal_links_both_ways(self):
        contract = self._make_contract('active', date_end=TODAY + timedelta(days=364), renew_months=12)
        self._make_milestone(contract, 10)
        contract.with_user(self.user_sales).action_renew()
        successor = contract.renewal_ids
        self.assertEqual((successor.renewed_from_id, successor.state), (contract, 'draft'))
        self.assertEqual(successor.date_start, contract.date_end + timedelta(days=1))
        self.assertEqual(successor.milestone_ids.offset_days, 10)
        self.assertEqual(successor.milestone_ids.date_planned, successor.date_start + timedelta(days=10))
        with self.assertRaises(UserError):
            contract.action_renew()

    def test_renewed_once_in_the_database(self):
        """Two workers that renew the same contract at the same time do not both succeed."""
        contract = self._make_contract('active', date_end=TODAY + timedelta(days=20), auto_renew=True)
        contract._renew()
        twin = self._make_contract()
        with self.assertRaises(psycopg2.errors.UniqueViolation), mute_logger('odoo.sql_db'), self.env.cr.savepoint():
            twin.sudo().renewed_from_id = contract
            self.env.flush_all()

    def test_archived_renewal_is_one(self):
        contract = self._make_contract('active', date_end=TODAY + timedelta(days=20), auto_renew=True)
        successor = contract._renew()
        successor.action_cancel(reason='No longer wanted')
        successor.active = False
        run = self.run_cron('fulfilment.contract', '_cron_milestones')
        self.assertFalse(run.problem_ids)
        self.assertEqual(contract.renewal_ids, successor)
        with self.assertRaisesRegex(UserError, successor.name):
            contract.action_renew()

    def test_automatic_renewal_once_and_only_near_the_end(self):
        contract = self._make_contract('active', date_end=TODAY + timedelta(days=31), auto_renew=True)
        other = self._make_contract('active', date_end=TODAY + timedelta(days=10))
        self.run_cron('fulfilment.contract', '_cron_milestones')
        self.assertFalse(contract.renewal_ids)
        for _run in range(2):
            self.run_cron('fulfilment.contract', '_cron_milestones', as_of=TODAY + timedelta(days=1))
        self.assertEqual(len(contract.renewal_ids), 1)
        self.assertFalse(other.renewal_ids)
        early = self._make_contract('active', date_end=TODAY + timedelta(days=60), auto_renew=True)
        early.company_id.fulfilment_renewal_days = 60
        self.run_cron('fulfilment.contract', '_cron_milestones', as_of=TODAY)
        self.assertEqual(len(early.renewal_ids), 1)

    def test_end_leads_to_settlement_unless_something_is_to_deliver(self):
        contract = self._make_contract('active', date_end=TODAY)
        owing = self._make_contract('active', date_end=TODAY)
        self._make_milestone(owing, 5)
        self.run_cron('fulfilment.contract', '_cron_milestones')
        self.assertEqual(contract.state, 'active')
        self.run_cron('fulfilment.contract', '_cron_milestones', as_of=TODAY + timedelta(days=1))
        self.assertEqual((contract.state, owing.state), ('settlement', 'active'))

    def test_expiring_is_searchable(self):
        near = self._make_contract('active', date_end=TODAY + timedelta(days=90))
        far = self._make_contract('active', date_end=TODAY + timedelta(days=91))
        Contract = self.env['fulfilment.contract'].with_context(as_of=TODAY)
        found = Contract.search([('is_expiring', '=', True)])
        self.assertIn(near, found)
        self.assertNotIn(far, found)
        self.assertTrue(near.with_context(as_of=TODAY).is_expiring)
        self.assertIn(far, Contract.search([('is_expiring', '=', False)]))
