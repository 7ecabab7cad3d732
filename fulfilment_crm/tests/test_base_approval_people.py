"""Who may take a step of approval as people come and go, and where nobody may."""
from datetime import timedelta

from freezegun import freeze_time

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import tagged

from .common import FulfilmentCommon


@tagged('post_install', '-at_install')
class TestApprovalPeople(FulfilmentCommon):

    def _others_leave(self, *staying):
        """Everybody of company A loses their role but these."""
        people = self.user_sales | self.user_sales_2 | self.user_leader | self.user_manager | self.user_legal | self.user_credit \
            | self.user_service | self.user_inspector
        (people - people.browse().concat(*staying)).active = False

    def _submit(self, user):
        contract = self._with_clauses(self._make_contract(user_id=user.id))
        contract.with_user(user).action_submit()
        return contract

    def test_one_person_alone(self):
        self._others_leave(self.user_manager)
        contract = self._submit(self.user_manager)
        self.assertEqual((contract.state, contract.approval_state), ('approved', 'approved'))
        self.assertEqual(set(contract.approval_ids.mapped('state')), {'left_out'})
        self.assertFalse(contract.approval_ids.decided_by_id, "nobody approved their own submission")
        self.assertIn("Legal: left out", ' '.join(contract.message_ids.mapped('body')))

    def test_three_people_are_no_small_firm(self):
        self._others_leave(self.user_manager, self.user_sales, self.user_service)
        self.company_a.fulfilment_manager_id = False
        contract = self._with_clauses(self._make_contract())
        with self.assertRaisesRegex(UserError, "Nobody is left"), self.env.cr.savepoint():
            contract.with_user(self.user_manager).action_submit()
        self.env.invalidate_all()
        self.company_a.fulfilment_approval_exception = 'always'
        contract.with_user(self.user_manager).action_submit()
        self.assertEqual(contract.state, 'approved')

    def test_never(self):
        self._others_leave(self.user_manager)
        self.company_a.fulfilment_approval_exception = 'never'
        contract = self._with_clauses(self._make_contract())
        with self.assertRaisesRegex(UserError, "Nobody is left"), self.env.cr.savepoint():
            contract.with_user(self.user_manager).action_submit()

    def test_whoever_joins_takes_the_step_afterwards(self):
        self._others_leave(self.user_manager)
        contract = self._submit(self.user_manager)
        legal = contract.approval_ids.filtered(lambda one: one.name == 'Legal')
        with self.assertRaises(AccessError):
            legal.with_user(self.user_manager).action_take_later()
        self.user_legal.active = True
        step = legal.with_user(self.user_legal)
        self.assertTrue(step.can_take_later)
        step.action_take_later()
        self.assertEqual((legal.state, legal.decided_by_id), ('approved', self.user_legal))
        self.assertEqual(contract.state, 'approved')
        with self.assertRaises(UserError):
            step.action_take_later()

    def test_nobody_takes_afterwards_what_they_submitted(self):
        """Also when the others have approved the rest, and the round is closed."""
        self.company_a.write({'fulfilment_approval_exception': 'always', 'fulfilment_manager_id': False})
        (self.user_manager | self.env['res.users'].search([
            ('all_group_ids', 'in', self.env.ref('fulfilment_crm.group_leader').id), ('id', '!=', self.user_leader.id),
            ('company_ids', 'in', self.company_a.ids), ('id', '!=', self.env.uid),
        ])).write({'group_ids': [Command.unlink(self.env.ref(f'fulfilment_crm.group_{one}').id) for one in ('manager', 'leader')]})
        contract = self._submit(self.user_leader)
        business = contract.approval_ids.filtered(lambda one: one.state == 'left_out')[:1]
        self.assertEqual(business.name, 'Business')
        contract.with_user(self.user_legal).action_approve()
        contract.with_user(self.user_credit).action_approve()
        self.assertEqual(contract.approval_state, 'approved')
        with self.assertRaises(AccessError):
            business.with_user(self.user_leader).action_take_later()

    def test_one_person_takes_one_step_afterwards(self):
        self._others_leave(self.user_manager)
        contract = self._submit(self.user_manager)
        self.user_legal.write({'active': True, 'group_ids': [Command.link(self.env.ref('fulfilment_crm.group_credit').id)]})
        both = contract.approval_ids.filtered(lambda one: one.name in ('Legal', 'Finance')).with_user(self.user_legal)
        self.assertEqual(both.mapped('can_take_later'), [True, True])
        with self.assertRaises(AccessError), self.env.cr.savepoint():
            both.action_take_later()
        both[0].action_take_later()
        self.env.invalidate_all()
        self.assertFalse(both[1].can_take_later)

    def test_who_leaves_is_not_waited_for(self):
        contract = self._submit(self.user_sales)
        step = contract._pending_approval()
        self.assertEqual(step.candidate_ids, self.user_leader | self.user_manager)
        self.user_leader.active = False
        self.assertEqual(step.candidate_ids, self.user_manager)
        todo = self.env.ref('fulfilment_crm.activity_type_approval')
        self.assertEqual(contract.activity_ids.filtered(lambda one: one.activity_type_id == todo).user_id, self.user_manager)

    def test_who_joins_is_asked(self):
        contract = self._submit(self.user_sales)
        step = contract._pending_approval()
        self.user_service.group_ids |= self.env.ref('fulfilment_crm.group_leader')
        self.assertIn(self.user_service, step.candidate_ids)
        self.assertTrue(contract.with_user(self.user_service).can_approve)
        contract.with_user(self.user_service).action_approve()
        self.assertEqual(step.decided_by_id, self.user_service)

    def test_who_is_new_is_asked(self):
        contract = self._submit(self.user_sales)
        fresh = self.env['res.users'].create({
            'name': 'New leader', 'login': 'f_new', 'company_id': self.company_a.id, 'company_ids': self.company_a.ids,
            'group_ids': (self.env.ref('base.group_user') | self.env.ref('fulfilment_crm.group_leader')).ids,
        })
        self.assertIn(fresh, contract._pending_approval().candidate_ids)

    def test_the_daily_round_asks_others(self):
        contract = self._submit(self.user_sales)
        # Through the group, which the user's own form does not pass.
        self.env.ref('fulfilment_crm.group_leader').user_ids -= self.user_leader
        self.run_cron('fulfilment.contract', '_cron_milestones')
        self.assertEqual(contract._pending_approval().candidate_ids, self.user_manager)

    def test_the_last_who_could_leaves(self):
        self._others_leave(self.user_sales, self.user_leader)
        self.company_a.fulfilment_manager_id = False
        contract = self._submit(self.user_sales)
        self.assertEqual(contract.state, 'in_approval')
        self.user_leader.active = False
        self.assertEqual(contract.state, 'approved')
        self.assertEqual(set(contract.approval_ids.mapped('state')), {'left_out'})

    def test_what_was_decided_by_a_stand_in_stays_within_the_delegation(self):
        today = fields.Date.context_today(self.user_leader)
        delegation = self.env['fulfilment.delegation'].create({
            'user_id': self.user_leader.id, 'delegate_id': self.user_service.id, 'date_from': today, 'date_to': today,
        })
        self._submit(self.user_sales).with_user(self.user_service).action_approve()
        later = fields.Date.add(today, days=9)
        for vals in ({'date_from': later, 'date_to': later}, {'delegate_id': self.user_legal.id}, {'user_id': self.user_manager.id}):
            with self.subTest(vals=vals), self.assertRaisesRegex(UserError, 'lies in it'), self.env.cr.savepoint():
                delegation.write(vals)
        delegation.date_to = later
        delegation.date_to = today

    def test_a_record_named_twice_is_submitted_once(self):
        contract = self._with_clauses(self._make_contract())
        contract.browse(contract.ids * 2).with_user(self.user_sales).action_submit()
        self.assertEqual(len(contract.approval_ids), 3)

    def test_a_stand_in_by_the_day_of_the_company(self):
        """It is the next day already, or still the day before, where the company works."""
        for zone, moment, day in (
            ('Asia/Shanghai', '2026-03-02 20:00:00', '2026-03-03'), ('America/Los_Angeles', '2026-03-03 03:00:00', '2026-03-02'),
        ):
            self.company_a.resource_calendar_id = self.env['resource.calendar'].create({'name': zone, 'tz': zone})
            for date_from, may in ((day, True), (fields.Date.add(fields.Date.to_date(day), days=1), False)):
                with self.subTest(zone=zone, date_from=date_from), freeze_time(moment):
                    delegation = self.env['fulfilment.delegation'].create({
                        'user_id': self.user_leader.id, 'delegate_id': self.user_service.id, 'date_from': date_from, 'date_to': date_from,
                    })
                    contract = self._submit(self.user_sales)
                    step = contract.approval_ids.filtered(lambda one: one.state == 'pending')
                    self.assertEqual(self.user_service in step.candidate_ids, may)
                    if may:
                        contract.with_user(self.user_service).action_approve()
                        self.assertEqual((step.delegated_from_id, step._decided_day()), (self.user_leader, fields.Date.to_date(day)))
                        with self.assertRaisesRegex(UserError, "stays on record"):
                            delegation.unlink()
                    delegation.active = False

    def test_nobody_chooses_who_approves_their_own(self):
        """Who may not take a step has no stand-in in it, and arranges none for others."""
        today = fields.Date.context_today(self.user_leader)
        span = {'date_from': today, 'date_to': today + timedelta(days=5), 'delegate_id': self.user_service.id}
        self.env['fulfilment.delegation'].with_user(self.user_leader).create({'user_id': self.user_leader.id, **span})
        own = self._submit(self.user_leader)
        self.assertNotIn(self.user_service, own.pending_approval_id.sudo().candidate_ids)
        with self.assertRaises(AccessError):
            own.with_user(self.user_service).action_approve()
        others = self._submit(self.user_sales)
        self.assertIn(self.user_service, others.pending_approval_id.sudo().candidate_ids, "of others' contracts they take the step")
        self.env['fulfilment.delegation'].search([]).active = False
        self.env['fulfilment.delegation'].with_user(self.user_manager).create({'user_id': self.user_leader.id, **span})
        arranged = self._submit(self.user_manager)
        self.assertNotIn(self.user_service, arranged.pending_approval_id.sudo().candidate_ids)
        self.assertIn(self.user_service, self._submit(self.user_sales).pending_approval_id.sudo().candidate_ids)

    def test_whoever_arranged_a_stand_in_stays_known(self):
        """Not hidden by what somebody else writes into the delegation afterwards."""
        today = fields.Date.context_today(self.user_leader)
        delegation = self.env['fulfilment.delegation'].with_user(self.user_leader).create({
            'user_id': self.user_leader.id, 'delegate_id': self.user_legal.id, 'date_from': today, 'date_to': today,
        })
        delegation.with_user(self.user_manager).delegate_id = self.user_service
        delegation.with_user(self.user_leader).reason = 'Away'
        self.env['fulfilment.delegation'].flush_model()
        contract = self._submit(self.user_manager)
        self.assertNotIn(self.user_service, contract.pending_approval_id.sudo().candidate_ids)
        self.assertIn(self.user_service, self._submit(self.user_sales).pending_approval_id.sudo().candidate_ids)

    def test_the_to_do_is_the_approvers(self):
        """Who submitted neither removes nor rewrites, moves or finishes what tells the approver that something waits."""
        contract = self._submit(self.user_sales)
        kind = self.env.ref('fulfilment_crm.activity_type_approval')
        to_do = contract.activity_ids.filtered(lambda one: one.activity_type_id == kind)[:1].with_user(self.user_sales)
        self.assertTrue(to_do)
        for change in (
            lambda: to_do.unlink(), lambda: to_do.write({'note': 'Nothing to do'}), lambda: to_do.write({'date_deadline': '2040-01-01'}),
            lambda: to_do.action_done(), lambda: to_do.write({'user_id': self.user_sales.id}),
        ):
            with self.assertRaises(AccessError):
                change()
        contract.with_user(self.user_leader).action_approve()
        self.assertFalse(to_do.exists())
