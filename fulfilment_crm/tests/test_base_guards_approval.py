"""Nobody approves what is their own, on any road there is, and what is said of it stays among colleagues."""
from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import tagged

from .common import FulfilmentCommon


@tagged('post_install', '-at_install')
class TestOwnSubmission(FulfilmentCommon):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.draft, _parts = cls._make_contract_with_parts('draft')
        cls.admin = cls.env.ref('base.user_admin')
        cls.admin.company_ids |= cls.company_a

    def _as(self, records, user):
        return records.with_user(user).with_context(allowed_company_ids=self.company_a.ids)

    def _submitted(self, user=None, **vals):
        self.type_service.mandatory_category_ids = False
        contract = self._make_contract('draft', **vals)
        contract.with_user(user or self.user_sales).action_submit()
        return contract

    def test_approval_rows_are_written_by_nobody(self):
        contract = self._submitted()
        step = contract.approval_ids.filtered(lambda step: step.state == 'pending')
        for user in (self.user_sales, self.user_leader, self.user_manager, self.admin):
            theirs = self._as(step, user)
            for call in (
                lambda theirs=theirs: theirs.write({'state': 'approved'}),
                lambda theirs=theirs, user=user: theirs.write({'candidate_ids': [Command.link(user.id)]}), theirs.unlink,
                lambda theirs=theirs, user=user: theirs.create({
                    'res_model': 'fulfilment.contract', 'res_id': contract.id, 'round': 1, 'name': 'x', 'state': 'pending',
                    'candidate_ids': [Command.set(user.ids)],
                }),
            ):
                with self.subTest(user=user.login), self.assertRaises(AccessError):
                    call()

    def test_own_submission_by_every_road(self):
        """The leader submits their own contract and has every group and stand-in the company knows."""
        leader = self.user_leader
        leader.group_ids |= self.env['res.groups'].concat(*(
            self.env.ref(f'fulfilment_crm.group_{name}') for name in ('manager', 'legal', 'credit')
        ))
        contract = self._submitted(user=leader, user_id=leader.id, amount_total=500000.0)
        self.assertNotIn(leader, contract.approval_ids.candidate_ids)
        for principal in (self.user_legal, self.user_manager):
            self.env['fulfilment.delegation'].create({
                'user_id': principal.id, 'delegate_id': leader.id, 'date_from': '2020-01-01', 'date_to': '2040-01-01',
            })
        theirs = self._as(contract, leader)
        dialog = self._as(self.env['fulfilment.reason'], leader)
        with self.assertRaises(AccessError):
            theirs.action_approve()
        with self.assertRaises(AccessError):
            theirs.action_reject(reason='Back to me')
        with self.assertRaises(AccessError):
            dialog.create({
                'res_model': 'fulfilment.contract', 'res_ids': str(contract.id), 'method': 'action_reject', 'reason': 'Back to me',
            }).action_confirm()
        with self.assertRaises(UserError):
            theirs.action_submit()
        with self.assertRaises(UserError):
            theirs.action_reset_draft()
        with self.assertRaises(UserError):
            theirs.action_activate()
        with self.assertRaises(UserError):
            theirs.action_sign(signed_by='x', document='eA==')
        with self.assertRaises(AccessError):
            theirs.write({'approval_state': 'approved'})
        self.assertFalse(self._as(self.env['fulfilment.contract'], leader).load(['.id', 'state'], [[str(contract.id), 'approved']])['ids'])
        self.assertEqual((contract.state, contract.approval_state), ('in_approval', 'pending'))

    def test_many_at_once(self):
        """One that is not theirs stops them all."""
        ours = self._submitted()
        own = self._submitted(user=self.user_leader, user_id=self.user_leader.id)
        with self.assertRaises(AccessError):
            (ours | own).with_user(self.user_leader).action_approve()
        with self.assertRaises(AccessError):
            (ours | own).with_user(self.user_leader).action_reject(reason='x')
        self.assertFalse((ours | own).approval_ids.filtered('decided_by_id'))
        ours.browse([ours.id, ours.id]).with_user(self.user_leader).action_approve()
        self.assertEqual(len(ours.approval_ids.filtered('decided_by_id')), 1)

    def test_right_to_decide_ends_with_its_ground(self):
        today = fields.Date.context_today(self.user_leader)
        delegation = self.env['fulfilment.delegation'].create({
            'user_id': self.user_leader.id, 'delegate_id': self.user_sales_2.id, 'date_from': today, 'date_to': today,
        })
        contract = self._submitted()
        self.assertIn(self.user_sales_2, contract.approval_ids.candidate_ids)
        delegation.action_archive()
        with self.assertRaises(AccessError):
            contract.with_user(self.user_sales_2).action_approve()
        self.user_leader.group_ids -= self.env.ref('fulfilment_crm.group_leader')
        with self.assertRaises(AccessError):
            contract.with_user(self.user_leader).action_approve()

    def test_who_lost_their_role_stands_in_for_nobody(self):
        user = self._make_user('f_standin', 'group_user')
        self.env['fulfilment.delegation'].create({
            'user_id': self.user_leader.id, 'delegate_id': user.id, 'date_from': '2020-01-01', 'date_to': '2040-01-01',
        })
        self.assertIn(user, self._submitted().approval_ids.candidate_ids)
        for group in ('base.group_user', 'base.group_portal'):
            user.group_ids = self.env.ref(group)
            with self.subTest(group=group):
                self.assertNotIn(user, self._submitted().approval_ids.candidate_ids)

    def test_readers_submit_nothing(self):
        self.type_service.mandatory_category_ids = False
        for user in (self.user_sales_2, self.user_legal, self.user_credit, self.user_inspector):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                self.draft.with_user(user).action_submit()
        self.assertEqual(self.draft.state, 'draft')

    def test_approval_is_discussed_internally(self):
        contract = self._submitted()
        contract.message_subscribe(partner_ids=self.customer.ids)
        before = contract.message_ids
        contract.with_user(self.user_leader).action_approve()
        contract.with_user(self.user_legal).action_reject(reason='The customer is not to know')
        self._as(contract, self.user_sales).action_cancel(reason='Nor this')
        messages = contract.message_ids - before
        self.assertGreaterEqual(len(messages), 3)
        self.assertFalse(messages.filtered(lambda message: not message.is_internal and not message.subtype_id.internal))
        self.assertNotIn(self.customer, messages.notified_partner_ids)
