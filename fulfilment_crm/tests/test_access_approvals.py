"""Who reads approvals with their reasons, and who stands in for whom."""
import re

from odoo import fields
from odoo.exceptions import AccessError, ValidationError
from odoo.fields import Command
from odoo.tests import tagged

from .common_access import AccessCommon


@tagged('post_install', '-at_install')
class TestAccessApprovals(AccessCommon):

    # === APPROVALS === #

    def test_approvals_are_read_with_their_record(self):
        """Those of others, with the reasons given, are nobody's business."""
        self.env['fulfilment.approval.chain'].create([{
            'name': 'Law only', 'model': model, 'sequence': 1,
            'step_ids': [Command.create({'name': 'Law', 'group_id': self.env.ref('fulfilment_crm.group_legal').id})],
        } for model in ('fulfilment.contract', 'fulfilment.amendment')])
        contract = self._make_contract()
        contract.type_id.sudo().mandatory_category_ids = False
        amendment = self.parts['fulfilment.amendment']
        for record in (contract, amendment):
            record.with_user(self.user_sales).action_submit()
            record.with_user(self.user_legal).action_reject(reason='The customer is insolvent')
            approvals = record.approval_ids
            stranger = self._make_user(f'f_leader_of_{record._table}', 'group_leader')
            for user in (self.user_sales, self.user_leader, self.user_manager, self.user_legal, self.user_credit, self.user_inspector):
                with self.subTest(model=record._name, user=user.login):
                    self.assertRights(approvals, user, write=False)
                    self.assertEqual(record.with_user(user).approval_ids.reason, 'The customer is insolvent')
            for user in (self.user_sales_2, stranger):
                with self.subTest(model=record._name, user=user.login):
                    self.assertRights(approvals, user, read=False)
        contract.write({'user_id': self.user_sales_2.id, 'team_id': False})
        self.assertRights(contract.approval_ids, self.user_sales_2)
        self.assertRights(contract.approval_ids, self.user_sales)  # who submitted it
        self.assertRights(contract.approval_ids, self.user_leader, read=False)
        contract.action_cancel(reason='No')
        contract.active = False
        self.assertRights(contract.approval_ids, self.user_sales_2)

    def test_who_was_asked_reads_the_approval(self):
        contract = self._make_contract()
        contract.type_id.sudo().mandatory_category_ids = False
        stand_in = self.env['fulfilment.delegation'].create({
            'user_id': self.user_leader.id, 'delegate_id': self.user_sales_2.id, 'date_to': '2100-01-01',
        })
        contract.with_user(self.user_sales).action_submit()
        approval = contract.approval_ids.filtered(lambda one: one.state == 'pending')
        mine = self.env['fulfilment.approval'].with_user(self.user_sales_2).search([('candidate_ids', 'in', self.user_sales_2.ids)])
        self.assertEqual((mine, mine.record_name), (approval, contract.display_name))
        contract.with_user(self.user_sales_2).action_approve()
        stand_in.active = False
        approval.candidate_ids = False
        self.assertRights(approval, self.user_sales_2)  # who decided

    # === DELEGATIONS === #

    def test_stand_in_without_rights_is_refused(self):
        """They could not open what they are asked for."""
        Delegation = self.env['fulfilment.delegation']
        vals = {'user_id': self.user_leader.id, 'date_to': '2100-01-01'}
        for user in (self.user_plain, self.user_portal, self.user_inspector):
            with self.subTest(user=user.login), self.assertRaisesRegex(ValidationError, rf'{re.escape(user.name)}.*[Rr]ole'):
                Delegation.create({**vals, 'delegate_id': user.id})
        for user in (self.user_sales_2, self.user_manager, self.user_credit, self.user_legal, self.user_service):
            with self.subTest(user=user.login):
                self.assertTrue(Delegation.create({**vals, 'delegate_id': user.id}))
        with self.assertRaises(ValidationError):
            Delegation.search([], limit=1).delegate_id = self.user_plain

    def test_delegations(self):
        today = fields.Date.context_today(self.user_sales)
        Delegation = self.env['fulfilment.delegation'].with_user(self.user_sales)
        vals = {'date_from': today, 'date_to': today}
        with self.assertRaises(AccessError):
            Delegation.create({**vals, 'user_id': self.user_manager.id, 'delegate_id': self.user_sales.id})
        own = Delegation.create({**vals, 'delegate_id': self.user_sales_2.id})
        self.assertTrue(own.with_user(self.user_sales_2).read(['reason']))
        with self.assertRaises(AccessError):
            own.with_user(self.user_sales_2).write({'date_to': '2030-01-01'})
        with self.assertRaises(AccessError):
            own.with_user(self.user_legal).read(['reason'])
        with self.assertRaises(AccessError):
            own.write({'user_id': self.user_manager.id, 'delegate_id': self.user_sales.id})
