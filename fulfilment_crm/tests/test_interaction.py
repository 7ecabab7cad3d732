"""What is logged, by whom, how late; next steps; from meetings and activities; who plays which part for a customer."""
from ast import literal_eval
from datetime import date, datetime, timedelta

import psycopg2

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from odoo.addons.fulfilment_crm.tools.as_of import AsOf

from .common import TODAY, FulfilmentCommon
from .common_queries import SameQueriesMixin

NINE = datetime(2026, 3, 2, 9, 0)


class InteractionCommon(FulfilmentCommon):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env = cls.env(context={**cls.env.context, 'allowed_company_ids': cls.company_a.ids})
        cls.Interaction = cls.env['fulfilment.interaction']

    @classmethod
    def _log(cls, when=NINE, **vals):
        return cls.Interaction.create({
            'date': when, 'kind': 'call', 'topic': 'Delivery dates', 'partner_id': cls.contact.id, 'company_id': cls.company_a.id,
            'user_id': cls.user_sales.id, **vals,
        })


@tagged('post_install', '-at_install')
class TestInteraction(SameQueriesMixin, InteractionCommon):

    # === HOW LATE === #

    def test_exactly_24_hours_are_in_time(self):
        for delay, late in ((timedelta(hours=24), False), (timedelta(hours=24, seconds=1), True), (timedelta(0), False)):
            one = self._log(logged_on=NINE + delay)
            self.assertEqual((one.is_logged_late, one.late_count), (late, int(late)), delay)
            self.assertAlmostEqual(one.hours_to_log, delay.total_seconds() / 3600, 3)

    def test_the_limit_is_the_companys_and_holds_from_then_on(self):
        one = self._log(logged_on=NINE + timedelta(hours=3))
        one.flush_recordset()
        self.company_a.fulfilment_log_hours = 2
        self.assertFalse(one.is_logged_late)
        self.assertTrue(self._log(logged_on=NINE + timedelta(hours=3)).is_logged_late)
        late = self.Interaction.search([('is_logged_late', '=', True), ('partner_id', '=', self.contact.id)])
        self.assertEqual(late.mapped('late_count'), [1])

    def test_nobody_backdates_the_log(self):
        late = self._log(logged_on=NINE + timedelta(hours=30)).with_user(self.user_sales)
        for vals in ({'logged_on': NINE}, {'is_logged_late': False}, {'hours_to_log': 0}, {'late_count': 0}):
            with self.subTest(vals=vals), self.assertRaises(AccessError):
                late.write(vals)
        with self.assertRaises(AccessError):
            self.Interaction.with_user(self.user_manager).create(
                {'topic': 'x', 'partner_id': self.customer.id, 'logged_on': NINE, 'company_id': self.company_a.id},
            )
        vals = {'topic': 'x', 'partner_id': self.customer.id, 'date': NINE}
        with self.assertRaises(AccessError):
            self.Interaction.with_user(self.user_sales).with_context(default_logged_on=NINE).create(vals)
        self.assertTrue(self.Interaction.with_user(self.user_sales).create(vals).is_logged_late)

    def test_what_lies_ahead_is_not_logged(self):
        self.assertTrue(self._log(logged_on=NINE - timedelta(hours=1)))
        with self.assertRaisesRegex(ValidationError, 'future'):
            self._log(logged_on=NINE - timedelta(hours=1, seconds=1))

    # === WITH WHOM AND ABOUT WHAT === #

    def test_contract_and_milestone_fit(self):
        contract, other = self._make_contract('active'), self._make_contract('active', partner_id=self.other_customer.id)
        milestone = self._make_milestone(contract)
        one = self._log(contract_id=contract.id, milestone_id=milestone.id)
        self.assertEqual((one.commercial_partner_id, contract.interaction_count), (self.customer, 1))
        with self.assertRaisesRegex(ValidationError, 'another contract or customer'):
            self._log(contract_id=other.id)
        with self.assertRaisesRegex(ValidationError, 'another contract'):
            self._log(milestone_id=milestone.id)

    def test_counts_and_buttons(self):
        contract = self._make_contract('active')
        self._log(contract_id=contract.id)
        self._log(partner_id=self.customer.id)
        self.assertEqual((self.customer.fulfilment_interaction_count, self.contact.fulfilment_interaction_count), (2, 2))
        self.assertEqual(self.other_customer.fulfilment_interaction_count, 0)
        self.assertEqual(len(self.Interaction.search(self.contact.action_open_fulfilment_interactions()['domain'])), 2)
        self.assertEqual(len(self.Interaction.search(contract.action_open_interactions()['domain'])), 1)
        for action in (contract.with_user(self.user_sales).action_log_interaction(), self.contact.action_log_fulfilment_interaction()):
            with Form(self.Interaction.with_user(self.user_sales).with_context(**action['context']), view=action['views'][0][0]) as form:
                form.topic = 'Logged in ten seconds'
            self.assertEqual(form.record.user_id, self.user_sales)
        self.assertEqual(contract.interaction_count, 2)

    # === NEXT STEPS === #

    def test_steps_become_activities_once(self):
        contract = self._make_contract('active')
        step = {'summary': 'Send the drawings', 'user_id': self.user_sales_2.id, 'date': TODAY + timedelta(days=3)}
        one = self._log(contract_id=contract.id, step_ids=[Command.create(step)])
        self.assertRecordValues(contract.activity_ids, [
            {'summary': 'Send the drawings', 'user_id': self.user_sales_2.id, 'date_deadline': TODAY + timedelta(days=3)},
        ])
        one.step_ids._give()
        one.write({'conclusion': 'Agreed', 'step_ids': [Command.create({**step, 'summary': 'Call back'})]})
        self.assertEqual(sorted(contract.activity_ids.mapped('summary')), ['Call back', 'Send the drawings'])
        self.assertEqual(one.step_ids.activity_id, contract.activity_ids)
        first = one.step_ids[0]
        self.assertFalse(first.is_done)
        first.activity_id.action_done()
        self.assertTrue(first.is_done)
        first._give()
        self.assertEqual(len(contract.activity_ids), 1)
        without = self._log(step_ids=[Command.create(step)])
        self.assertEqual(self.customer.activity_ids, without.step_ids.activity_id)

    # === FROM MEETINGS AND ACTIVITIES === #

    def _meeting(self, **vals):
        return self.env['calendar.event'].with_context(no_mail_to_attendees=True).create({
            'name': 'Site visit', 'start': NINE, 'stop': NINE + timedelta(hours=2), 'user_id': self.user_sales.id,
            'partner_ids': [Command.set((self.user_sales.partner_id | self.contact).ids)], **vals,
        })

    def test_a_meeting_is_logged_once(self):
        event = self._meeting()
        self.assertEqual((event.fulfilment_contact_id, event.fulfilment_log_state), (self.contact, 'open'))
        action = event.with_user(self.user_sales).action_log_fulfilment_interaction()
        with Form(self.Interaction.with_user(self.user_sales).with_context(**action['context']), view=action['views'][0][0]) as form:
            form.conclusion = 'Seen the works'
        self.assertRecordValues(form.record, [{
            'event_id': event.id, 'date': NINE, 'duration': 2, 'topic': 'Site visit', 'partner_id': self.contact.id, 'kind': 'meeting',
            'contact_ids': self.contact.ids, 'participant_ids': self.user_sales.ids,
        }])
        event.invalidate_recordset()
        self.assertEqual(event.fulfilment_log_state, 'logged')
        self.assertEqual(event.with_user(self.user_sales).action_log_fulfilment_interaction()['res_id'], form.record.id)
        with self.assertRaises(psycopg2.IntegrityError), mute_logger('odoo.sql_db'):
            self._log(event_id=event.id)

    def test_meetings_without_a_customer_or_still_ahead(self):
        alone = self._meeting(partner_ids=[Command.set(self.user_sales.partner_id.ids)])
        self.assertEqual(alone.fulfilment_log_state, 'none')
        with self.assertRaisesRegex(UserError, 'Site visit'):
            alone.action_log_fulfilment_interaction()
        ahead = datetime.now() + timedelta(days=2)
        self.assertEqual(self._meeting(start=ahead, stop=ahead + timedelta(hours=1)).fulfilment_log_state, 'none')

    def test_finished_activities_are_offered_and_logged_once(self):
        contract = self._make_contract('active', partner_id=self.contact.id)
        activity = contract.activity_schedule('mail.mail_activity_data_call', user_id=self.user_sales.id, summary='Call about dates')
        activity.with_user(self.user_sales).action_feedback(feedback='They agree')
        domain = self.env['ir.actions.actions']._for_xml_id('fulfilment_crm.activity_action_to_log')['domain']
        domain = literal_eval(domain.replace('uid', str(self.user_sales.id)))
        find = self.env['mail.activity'].with_user(self.user_sales).with_context(active_test=False).search
        self.assertIn(activity, find(domain))
        action = activity.with_user(self.user_sales).action_log_fulfilment_interaction()
        with Form(self.Interaction.with_user(self.user_sales).with_context(**action['context']), view=action['views'][0][0]) as form:
            pass
        self.assertRecordValues(form.record, [{
            'activity_id': activity.id, 'kind': 'call', 'topic': 'Call about dates', 'conclusion': 'They agree', 'contract_id': contract.id,
            'partner_id': self.contact.id,
        }])
        self.assertNotIn(activity, find(domain))
        with self.assertRaises(psycopg2.IntegrityError), mute_logger('odoo.sql_db'):
            self._log(activity_id=activity.id)

    # === WHO MAY === #

    def test_who_may(self):
        self.customer.user_id = self.user_sales
        theirs = self._log()
        self.assertTrue(theirs.with_user(self.user_sales).has_access('write'))
        self.assertFalse(theirs.with_user(self.user_sales_2).has_access('read'))
        self.assertTrue(theirs.with_user(self.user_leader).has_access('write'))
        self.assertTrue(theirs.with_user(self.user_manager).has_access('unlink'))
        self.assertFalse(theirs.with_user(self.user_sales).has_access('unlink'))
        self.assertTrue(theirs.with_user(self.user_service).has_access('read'))
        self.assertFalse(theirs.with_user(self.user_service).has_access('write'))
        own = self.Interaction.with_user(self.user_service).create({'topic': 'Question', 'partner_id': self.customer.id})
        own.conclusion = 'Answered'
        self.assertTrue(own.with_user(self.user_sales).has_access('read'))  # with their customer
        theirs.participant_ids = self.user_sales_2
        self.assertTrue(theirs.with_user(self.user_sales_2).has_access('read'))
        with self.assertRaises(AccessError):
            own.user_id = self.user_sales
            own.flush_recordset()
            own.conclusion = 'Taken back'

    def test_nobody_logs_on_a_contract_they_may_not_read(self):
        contract = self._make_contract('active', team_id=False)
        with self.assertRaises(AccessError):
            self.Interaction.with_user(self.user_sales_2).create(
                {'topic': 'x', 'partner_id': self.contact.id, 'contract_id': contract.id},
            )

    def test_queries(self):
        def make(count):
            return self.env['res.partner'].create([{'name': f'Customer {number}', 'is_company': True} for number in range(count)])
        self.assert_same_queries(make, lambda partners: self.Interaction.create([{
            'date': NINE, 'kind': 'visit', 'topic': 'Visit', 'partner_id': partner.id, 'company_id': self.company_a.id,
            'user_id': self.user_sales.id, 'step_ids': [Command.create({'summary': 'Call', 'user_id': self.user_sales.id})],
        } for partner in partners]))

    def test_figures(self):
        self._log(logged_on=NINE + timedelta(hours=1))
        self._log(NINE - timedelta(days=10), logged_on=NINE)
        self._log(NINE - timedelta(days=500), logged_on=NINE)
        Profile = self.env['fulfilment.profile']
        Profile._refresh(self.customer | self.other_customer, as_of=TODAY + timedelta(days=3), companies=self.company_a)
        profile = Profile.search([('partner_id', '=', self.customer.id), ('company_id', '=', self.company_a.id)])
        self.assertEqual((profile.interaction_count, profile.interaction_in_time_rate, profile.days_since_contact), (2, 50.0, 3))
        self.assertEqual((profile.care_task_count, profile.care_kept_rate), (0, None))
        self.assertFalse(Profile.search([('partner_id', '=', self.other_customer.id)]))

    def test_logging_makes_a_customer_changed(self):
        since = self.env.cr.now() - timedelta(minutes=5)
        self._log(logged_on=NINE)
        self.env.flush_all()
        self.assertIn(self.customer.id, self.env['fulfilment.profile']._changed_partners(self.company_a, since))


@tagged('post_install', '-at_install')
class TestAccountTeam(SameQueriesMixin, InteractionCommon):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Member = cls.env['fulfilment.account.member']
        cls.manager_role, cls.sales_role = (cls.env.ref(f'fulfilment_crm.account_role_{name}') for name in ('account_manager', 'sales'))

    def _member(self, user=None, **vals):
        return self.Member.create({
            'partner_id': self.customer.id, 'company_id': self.company_a.id, 'user_id': (user or self.user_sales).id,
            'role_id': self.manager_role.id, 'date_from': date(2026, 1, 1), **vals,
        })

    def test_reassignment_keeps_history(self):
        member = self._member()
        after = member.with_user(self.user_leader)._reassign(self.user_sales_2, date(2026, 3, 2))
        self.assertRecordValues(member | after, [
            {'user_id': self.user_sales.id, 'date_from': date(2026, 1, 1), 'date_to': date(2026, 3, 1)},
            {'user_id': self.user_sales_2.id, 'date_from': date(2026, 3, 2), 'date_to': False},
        ])
        for day, user in ((date(2026, 3, 1), self.user_sales), (date(2026, 3, 2), self.user_sales_2)):
            self.assertEqual(self.Member._responsible_for(self.customer, self.company_a, day), {self.customer: user})
            with_day = self.Member.with_context(as_of=AsOf(day))
            self.assertEqual(with_day.search([('partner_id', '=', self.customer.id), ('is_current', '=', True)]).user_id, user)
            self.assertEqual((member | after).with_env(with_day.env).filtered('is_current').user_id, user)
        with self.assertRaisesRegex(UserError, '2026-03-01'):
            member._reassign(self.user_leader, date(2026, 3, 2))

    def test_who_had_not_begun_is_replaced(self):
        member = self._member(date_from=date(2026, 3, 2))
        self.assertEqual(member._reassign(self.user_sales_2, date(2026, 3, 2)), member)
        self.assertEqual((member.user_id, member.date_to), (self.user_sales_2, False))
        self.assertFalse(member._reassign(self.user_sales_2, date(2026, 4, 1)))

    def test_one_account_manager_at_a_time(self):
        self._member(date_to=date(2026, 3, 1))
        self._member(self.user_sales_2, date_from=date(2026, 3, 2))
        first_of_march = {'date_from': date(2026, 3, 1), 'date_to': date(2026, 3, 1)}
        for vals in (first_of_march, {'date_from': date(2026, 5, 1)}, {'date_from': date(2025, 1, 1)}):
            with self.subTest(vals=vals), self.assertRaisesRegex(ValidationError, 'reassign'), self.env.cr.savepoint():
                self._member(self.user_leader, **vals)
        self._member(self.user_leader, role_id=self.sales_role.id)
        self._member(self.user_sales, role_id=self.sales_role.id)
        self.assertTrue(self._member(self.user_b, company_id=self.company_b.id))

    def test_a_part_is_not_prolonged_into_anothers_time(self):
        first = self._member(date_to=date(2026, 3, 1))
        self._member(self.user_sales_2, date_from=date(2026, 3, 2))
        first.date_to = date(2026, 2, 1)
        first.date_to = date(2026, 3, 1)
        for vals in ({'date_to': date(2026, 3, 2)}, {'date_to': False}):
            with self.subTest(vals=vals), self.assertRaisesRegex(ValidationError, 'reassign'), self.env.cr.savepoint():
                first.write(vals)

    def test_merged_customers_keep_one_account_manager_and_the_history(self):
        kept = self._member()
        other = self._member(self.user_sales_2, partner_id=self.other_customer.id, date_from=date(2026, 2, 1))
        also = self._member(self.user_sales_2, partner_id=self.other_customer.id, role_id=self.sales_role.id)
        self.env['base.partner.merge.automatic.wizard'].create({})._merge(
            (self.customer | self.other_customer).ids, dst_partner=self.customer,
        )
        self.env.invalidate_all()
        today = self.company_a._fulfilment_today()[self.company_a]
        self.assertEqual((kept | other | also).partner_id, self.customer)
        self.assertEqual((kept.date_to, other.date_to, also.date_to), (False, today - timedelta(days=1), False))
        self.assertEqual(self.Member._responsible_for(self.customer, self.company_a, today), {self.customer: self.user_sales})
        self.assertEqual(kept._reassign(self.user_leader, today).user_id, self.user_leader)

    def test_a_contacts_team_is_that_of_its_company(self):
        self.assertEqual(self._member(partner_id=self.contact.id).partner_id, self.customer)

    def test_dialog_and_rights(self):
        member = self._member()
        action = member.with_user(self.user_leader).action_reassign()
        dialog = self.env['fulfilment.account.reassign'].with_user(self.user_leader).with_context(**action['context']).create({
            'user_id': self.user_sales_2.id, 'date': date(2026, 4, 1),
        })
        with self.assertRaises(AccessError):
            dialog.with_user(self.user_manager).read(['user_id'])
        dialog.action_confirm()
        self.assertEqual(member.date_to, date(2026, 3, 31))
        with self.assertRaises(AccessError):
            member.with_user(self.user_sales).action_reassign()
        self.assertTrue(member.with_user(self.user_sales_2).read(['user_id']))
        self.assertEqual(len(self.customer.fulfilment_account_member_ids), 2)

    def test_queries(self):
        def make(count):
            partners = self.env['res.partner'].create([{'name': f'Customer {number}', 'is_company': True} for number in range(count)])
            return self.Member.create([{
                'partner_id': partner.id, 'company_id': self.company_a.id, 'user_id': self.user_sales.id, 'role_id': self.manager_role.id,
                'date_from': date(2026, 1, 1),
            } for partner in partners])
        self.assert_same_queries(make, lambda members: members._reassign(self.user_sales_2, TODAY))
