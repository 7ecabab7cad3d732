"""What happens leaves an event for good, and the events of a contract are sealed in their order."""
import json

from odoo import SUPERUSER_ID
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import tagged

from odoo.addons.base.models.ir_model import MODULE_UNINSTALL_FLAG

from .common import TODAY, FulfilmentCommon
from .common_queries import SameQueriesMixin


class EventCommon(FulfilmentCommon):

    def events(self, record):
        return self.env['fulfilment.event'].search([('model', '=', record._name), ('res_id', '=', record.id)], order='id')

    def kinds(self, record):
        return self.events(record).mapped('kind')

    def seal(self):
        self.run_cron('fulfilment.event', '_cron_seal')

    def verify(self, contract):
        return self.env['fulfilment.event']._verify(contract)[contract]

    def rows(self, contract):
        return self.env['fulfilment.event'].search([('contract_id', '=', contract.id)], order='sequence, id')


@tagged('post_install', '-at_install')
class TestContractEvents(EventCommon):

    def test_every_move_of_a_contract_is_an_event(self):
        self.company_a.fulfilment_approval = False
        contract = self._make_contract('active').with_user(self.user_sales)
        contract.action_settle()
        event = self.events(contract)[-1]
        self.assertEqual(event.kind, 'contract.settlement')
        self.assertEqual(event.payload['before'], {'state': 'active'})
        self.assertEqual(event.payload['after'], {'state': 'settlement'})
        self.assertEqual(
            (event.user_id, event.author, event.contract_id, event.partner_id, event.company_id),
            (self.user_sales, self.user_sales.name, contract, self.customer, self.company_a),
        )
        self.assertEqual(self.kinds(contract)[:2], ['contract.approved', 'contract.active'])

    def test_approvals_say_who_took_the_step(self):
        contract = self._with_clauses(self._make_contract('draft')).with_user(self.user_sales)
        contract.action_submit()
        approval = contract.sudo(False).with_user(self.env.uid).approval_ids.filtered(lambda one: one.state == 'pending')
        approver = self.user_leader
        contract.with_user(approver).action_reject(reason="Too long")
        event = self.events(approval)
        self.assertEqual((event.kind, event.user_id, event.contract_id), ('approval.rejected', approver, contract.sudo(False)))
        self.assertEqual(event.payload, {'name': approval.name, 'reason': "Too long"})
        self.assertEqual(self.kinds(contract), ['contract.in_approval', 'contract.draft'])

    def test_a_record_named_twice_is_moved_once(self):
        contract = self._make_contract('active')
        milestone = self._make_milestone(contract)
        milestone.browse(milestone.ids * 3).action_done(date=TODAY)
        self.assertEqual(self.kinds(milestone), ['milestone.done'])
        contract.browse(contract.ids * 2).action_settle()
        self.assertEqual(self.kinds(contract)[-1], 'contract.settlement')
        self.assertEqual(self.kinds(contract).count('contract.settlement'), 1)

    def test_what_begins_again_with_the_draft_says_so(self):
        self.company_a.fulfilment_approval = False
        contract = self._make_contract('approved')
        milestone = self._make_milestone(contract)
        contract.action_cancel(reason="Not now")
        contract.action_reset_draft()
        self.assertEqual(milestone.state, 'pending')
        self.assertEqual(self.kinds(milestone), ['milestone.cancelled', 'milestone.reopened'])

    def test_milestones_and_tickets_feed_what_their_own_tables_say(self):
        contract = self._make_contract('active')
        milestone = self._make_milestone(contract)
        milestone.action_done(date=TODAY)
        milestone.action_undo(reason="Came back")
        self.assertEqual(self.kinds(milestone), ['milestone.done', 'milestone.reopened'])
        self.assertEqual(self.events(milestone)[1].payload['reason'], "Came back")
        self.assertEqual(len(milestone.event_ids), 2)
        ticket = self.env['fulfilment.ticket'].create({
            'title': 'Leak', 'company_id': self.company_a.id, 'partner_id': self.customer.id, 'contract_id': contract.id,
        })
        ticket.action_take()
        self.assertEqual(self.kinds(ticket), [f'ticket.{event}' for event in ticket.event_ids.sorted('id').mapped('event')])
        self.assertEqual(self.events(ticket).contract_id, contract)

    def test_amendments_say_amounts_before_and_after(self):
        self.company_a.fulfilment_approval = False
        contract = self._make_contract('active')
        milestone = self._make_milestone(contract, kind='payment', obligor='customer', amount=400.0)
        amendment = self.env['fulfilment.amendment'].create({
            'contract_id': contract.id, 'reason': "More", 'date_effective': TODAY,
            'line_ids': [Command.create({'kind': 'milestone_amount', 'milestone_id': milestone.id, 'value_amount': 450.0})],
        })
        amendment.action_submit()
        self.assertEqual(self.kinds(amendment), ['amendment.approved', 'amendment.applied'])
        payload = self.events(milestone).payload
        code = contract.currency_id.name
        self.assertEqual((payload['amount_from'], payload['amount_to']), (f'400.00 {code}', f'450.00 {code}'))

    def test_nobody_changes_or_deletes_an_event(self):
        contract = self._make_contract('active')
        self.seal()
        event = self.events(contract)[:1]
        for user in (self.user_manager, self.user_inspector, self.env.ref('base.user_admin'), self.env['res.users'].browse(SUPERUSER_ID)):
            own = event.with_user(user)
            for context in ({}, {MODULE_UNINSTALL_FLAG: True}, {'install_mode': True}, {'default_hash': 'x'}):
                with self.subTest(user=user.login, context=context):
                    for act in (
                        lambda one: one.write({'kind': 'contract.closed'}), lambda one: one.write({'hash': 'x', 'sequence': 9}),
                        lambda one: one.unlink(), lambda one: one.sudo().unlink(), lambda one: one.sudo().write({'hash': False}),
                    ):
                        with self.assertRaises(UserError):
                            act(own.with_context(**context))
        self.assertTrue(event.exists())
        self.assertIsNone(self.verify(contract))

    def test_read_by_those_who_read_all_contracts_of_the_company(self):
        contract = self._make_contract('active')
        self.seal()
        found = [('res_id', '=', contract.id), ('model', '=', contract._name)]
        for user in (self.user_manager, self.user_legal, self.user_inspector):
            self.assertEqual(self.env['fulfilment.event'].with_user(user).search(found), self.events(contract))
            self.assertTrue(self.env['fulfilment.event.seal'].with_user(user).search([('contract_id', '=', contract.id)]))
        other = self._make_user('f_manager_b', 'group_manager', company=self.company_b)
        self.assertFalse(self.env['fulfilment.event'].with_user(other).search(found))
        self.assertFalse(self.env['fulfilment.event.seal'].with_user(other).search([('contract_id', '=', contract.id)]))
        with self.assertRaises(AccessError):
            self.env['fulfilment.event'].with_user(self.user_sales).search(found)

    def test_defaults_of_a_call_write_nothing_into_events(self):
        contract = self._make_contract('active')
        contract.with_user(self.user_sales).with_context(
            default_kind='contract.closed', default_author='Nobody', default_hash='x', default_sequence=7, default_contract_id=1,
        ).action_settle()
        event = self.events(contract)[-1]
        self.assertEqual((event.kind, event.author, event.hash, event.sequence), ('contract.settlement', self.user_sales.name, False, 0))

    def test_texts_are_told_in_the_language_of_the_reader(self):
        self.env['res.lang']._activate_lang('zh_CN')
        self.env['ir.module.module'].search([('name', '=', 'fulfilment_crm')])._update_translations(['zh_CN'])
        self.company_a.fulfilment_approval = False
        contract = self._make_contract('active')
        milestone = self._make_milestone(contract)
        milestone.action_done(date=TODAY, note="Signed")
        moved, done = self.events(contract)[-1], self.events(milestone)
        self.assertEqual((moved.title, done.title), ("Contract: In performance", "Milestone: Done"))
        self.assertIn("Reason: Signed", done.summary)
        self.assertEqual(moved.with_context(lang='zh_CN').title, "合同: 履行中")

    def test_what_is_left_of_a_milestone_that_is_gone_is_still_told(self):
        contract = self._make_contract('draft')
        milestone = self._make_milestone(contract)
        milestone._log_event('moved', "Harbour closed", {milestone: (TODAY, TODAY)})
        event = self.events(milestone)
        milestone.unlink()
        self.assertEqual(event.title, "Milestone: Date moved")
        contract.unlink()
        self.assertTrue(event.exists())
        self.assertFalse(event.contract_id)

    def test_merged_customers_leave_the_seal_whole(self):
        contract = self._make_contract('active', partner_id=self.other_customer.id)
        self.seal()
        merge = self.env['base.partner.merge.automatic.wizard'].create({})
        merge._merge([self.other_customer.id, self.customer.id], self.customer)
        self.env.invalidate_all()
        self.assertEqual(self.events(contract).partner_id, self.customer)
        self.assertIsNone(self.verify(contract))


@tagged('post_install', '-at_install')
class TestEventSeal(EventCommon, SameQueriesMixin):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company_a.fulfilment_approval = False
        cls.contract = cls._make_contract('active')
        cls.milestone = cls._make_milestone(cls.contract)
        cls.milestone.action_done(date=TODAY)
        cls.milestone.action_undo(reason="Came back")

    def _break(self, statement, *parameters):
        self.env.cr.execute(statement, parameters)
        self.env.invalidate_all()

    def test_events_are_numbered_without_gaps_and_in_order(self):
        self.seal()
        rows = self.rows(self.contract)
        self.assertEqual(rows.mapped('sequence'), list(range(1, len(rows) + 1)))
        self.assertEqual(rows, rows.sorted('id'))
        self.assertEqual(len(set(rows.mapped('hash'))), len(rows))
        self.assertIsNone(self.verify(self.contract))

    def test_sealing_again_adds_what_came_since(self):
        self.seal()
        before = {row.id: row.hash for row in self.rows(self.contract)}
        self.seal()
        self.assertEqual({row.id: row.hash for row in self.rows(self.contract)}, before)
        self.milestone.action_done(date=TODAY)
        self.seal()
        rows = self.rows(self.contract)
        self.assertEqual([row.hash for row in rows][:len(before)], list(before.values()))
        self.assertEqual(rows[-1].sequence, len(before) + 1)
        self.assertIsNone(self.verify(self.contract))

    def test_what_is_not_sealed_yet_breaks_nothing(self):
        self.assertIsNone(self.verify(self.contract))
        self.seal()
        self.milestone.action_done(date=TODAY)
        self.assertIsNone(self.verify(self.contract))

    def test_a_changed_row_is_named(self):
        self.seal()
        for column, value in (
            ('payload', json.dumps({'after': {'state': 'closed'}})), ('kind', 'contract.closed'), ('date', '2020-01-01'), ('author', 'Eve'),
            ('res_id', 1), ('model', 'res.partner'), ('hash', 'f' * 64), ('sequence', 77),
        ):
            for position in (0, 1, -1):
                rows = self.rows(self.contract)
                with self.subTest(column=column, position=position), self.env.cr.savepoint(flush=False) as savepoint:
                    number = rows[position].sequence
                    self._break(f'UPDATE fulfilment_event SET "{column}" = %s WHERE id = %s', value, rows[position].id)
                    self.assertEqual(self.verify(self.contract), number)
                    savepoint.rollback()
                self.env.invalidate_all()

    def test_a_missing_row_is_named_the_last_one_too(self):
        self.seal()
        for position in (0, 1, -1):
            rows = self.rows(self.contract)
            with self.subTest(position=position), self.env.cr.savepoint(flush=False) as savepoint:
                number = rows[position].sequence
                self._break('DELETE FROM fulfilment_event WHERE id = %s', rows[position].id)
                self.assertEqual(self.verify(self.contract), number)
                savepoint.rollback()
            self.env.invalidate_all()

    def test_a_row_put_in_is_named(self):
        self.seal()
        last = self.rows(self.contract)[-1]
        forged = last._seal_after(last.hash, last.sequence + 1)
        self._break("""
            INSERT INTO fulfilment_event (model, res_id, kind, date, author, company_id, payload, contract_id, sequence, hash)
            SELECT model, res_id, kind, date, author, company_id, payload, contract_id, sequence + 1, %s FROM fulfilment_event WHERE id = %s
        """, forged, last.id)
        self.assertEqual(self.verify(self.contract), last.sequence + 1)

    def test_rows_of_another_contract_do_not_fit(self):
        other = self._make_contract('active')
        self.seal()
        mine, others = self.rows(self.contract), self.rows(other)
        self._break('UPDATE fulfilment_event SET contract_id = NULL WHERE id IN %s', tuple(others.ids))
        self._break('UPDATE fulfilment_event SET contract_id = %s WHERE id IN %s', other.id, tuple(mine.ids))
        self.assertEqual(self.env['fulfilment.event']._verify(self.contract | other), {self.contract: 1, other: 1})

    def test_the_button_names_contract_and_number(self):
        self.seal()
        contract = self.contract.with_user(self.user_inspector)
        self.assertEqual(contract.action_verify_events()['params']['type'], 'success')
        row = self.rows(self.contract)[1]
        self._break("UPDATE fulfilment_event SET author = 'Eve' WHERE id = %s", row.id)
        told = contract.action_verify_events()['params']
        self.assertEqual(told['type'], 'danger')
        self.assertIn(self.contract.name, told['message'])
        self.assertIn(str(row.sequence), told['message'])
        with self.assertRaises(AccessError):
            self.contract.with_user(self.user_b).action_verify_events()

    def test_fifty_contracts_are_sealed_and_checked_with_the_queries_of_one(self):
        self.company_a.fulfilment_reviews = False  # an event more each would be more rows than one statement writes
        self.seal()

        def make(count):
            return self.env['fulfilment.contract'].concat(*(self._make_contract('active') for _number in range(count)))

        self.assert_same_queries(make, lambda contracts: contracts._seal_events())
        self.assert_same_queries(make, lambda contracts: self.env['fulfilment.event']._verify(contracts))
