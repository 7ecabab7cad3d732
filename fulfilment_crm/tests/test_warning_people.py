"""Early warning and the register where companies and people leave, hours say nothing, and others must not see."""
from datetime import timedelta

from dateutil.relativedelta import relativedelta

from odoo.exceptions import AccessError, ValidationError
from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import TODAY
from .common_warning import WarningCommon


@tagged('post_install', '-at_install')
class TestWarningPeople(WarningCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.user_sales_3 = cls._make_user('f_sales_3', 'group_user', 'sales_team.group_sale_salesman')  # of no team
        cls.plan = cls.env['fulfilment.response.plan'].create({'name': 'Fire', 'step_ids': [
            Command.create({'name': 'Call', 'role': 'user', 'user_id': cls.user_sales_2.id, 'amount': 4, 'anchor': 'start'}),
        ]})

    def _risk(self, **vals):
        return self.env['fulfilment.risk'].create({
            'name': 'May not pay', 'company_id': self.company_a.id, 'user_id': self.user_sales.id, **vals,
        })

    def test_an_archived_company_stops_nobody(self):
        self.rule.company_id = False
        gone = self.env['res.company'].create({'name': 'Gone Inc.'})
        there, left = self.profile, self._make_profile(self.other_customer, gone)
        (there | left).overdue_days_open = 40
        self.go()
        self.assertEqual(len(self.alerts()), 2)
        gone.active = False
        run = self.go(10)
        self.assertTrue(run.finished_on)
        self.assertFalse(run.problem_ids)
        states = {alert.company_id: alert.state for alert in self.alerts()}
        self.assertEqual(states, {self.company_a: 'open', gone: 'closed'})
        self.assertTrue(self.alerts().filtered(lambda one: one.company_id == self.company_a).escalated_on)

    def test_nobody_to_tell_is_told_later(self):
        self.company_a.fulfilment_manager_id = False
        self.user_sales.sale_team_id = False
        self.profile.overdue_days_open = 40
        self.go()
        alert = self.alerts()
        self.assertFalse(self.go(10).counts)
        self.assertFalse(alert.escalated_on)
        self.company_a.fulfilment_manager_id = self.user_manager
        self.assertEqual(self.go(11).counts, {'alerts escalated': 1})
        self.assertEqual(alert.escalated_to_id, self.user_manager)
        self.assertFalse(self.go(12).counts)

    def test_hours_that_say_nothing_cost_no_alert(self):
        self.company_a.resource_calendar_id.attendance_ids.unlink()
        self.profile.overdue_days_open = 40
        run = self.go()
        self.assertFalse(run.problem_ids)
        self.assertEqual(self.alerts().escalate_on.date(), TODAY + timedelta(days=self.rule.escalation_days))

    def test_days_are_those_of_the_company(self):
        calendar = self.company_a.resource_calendar_id
        calendar.tz = 'America/Los_Angeles'
        self.rule.escalation_days = 1
        self.profile.overdue_days_open = 40
        self.go()  # a Monday
        alert = self.alerts()
        self.assertEqual(alert.activity_ids.date_deadline, TODAY + timedelta(days=1), "its evening is Wednesday in Greenwich")
        self.assertEqual(alert.escalate_on.date() - TODAY, timedelta(days=1 if alert.escalate_on.hour > 12 else 2))

    def test_whoever_has_left_gets_no_mail(self):
        self.profile.overdue_days_open = 40
        self.company_a.fulfilment_alert_digest = False
        self.go()
        self.company_a.fulfilment_alert_digest = True
        self.user_sales.action_archive()
        self.assertNotIn('mails about alerts', self.go(1).counts or {})
        self.assertFalse(self.alerts().digest_id)

    def test_to_dos_of_whoever_leaves(self):
        """Odoo deletes the to-dos of a user who is archived: the matter is not forgotten."""
        risk = self._risk(next_review=TODAY)
        self.profile.overdue_days_open = 40
        self.go()
        self.go_on()
        alert = self.alerts()
        self.assertEqual((len(risk.activity_ids), len(alert.activity_ids)), (1, 1))
        self.user_sales.action_archive()
        self.assertFalse(risk.activity_ids | alert.activity_ids)
        self.go(1)
        self.go_on(1)
        self.assertEqual(risk.activity_ids.user_id, self.company_a.fulfilment_manager_id)
        self.assertFalse(self.go(1).counts)
        self.assertFalse(self.go_on(1))
        (risk | self._risk(next_review=TODAY)).user_id = self.user_sales_2
        alert.user_id = self.user_sales_2
        self.go(2)
        self.go_on(2)
        self.assertEqual((risk.activity_ids.user_id, alert.activity_ids.user_id), (self.user_sales_2, self.user_sales_2))
        self.assertEqual((len(risk.activity_ids), len(alert.activity_ids)), (1, 1))

    def test_a_review_reported_done_is_not_told_again(self):
        risk = self._risk(next_review=TODAY)
        self.go_on()
        risk.activity_ids.action_feedback()
        risk.user_id = self.user_sales_2
        self.assertFalse(self.go_on(1))

    def test_a_mended_rule_is_no_problem_any_more(self):
        self.env.cr.execute("UPDATE fulfilment_warning_rule SET domain = '[(''lost_field'', ''='', 1)]' WHERE id = %s", [self.rule.id])
        self.env.invalidate_all()
        with mute_logger('odoo.addons.fulfilment_crm.models.base.run'):
            problem = self.go().problem_ids
        self.assertEqual((problem.state, self.rule.state), ('open', 'paused'))
        self.rule.domain = "[('overdue_days_open', '>', 30)]"
        self.rule.action_activate()
        self.go()
        self.assertEqual(problem.state, 'solved')

    def test_a_paused_rule_escalates_nothing(self):
        self.profile.overdue_days_open = 40
        self.go()
        self.rule.action_pause(reason='Holidays')
        self.assertFalse(self.go(30).counts)
        self.assertFalse(self.alerts().escalated_on)

    def test_rules_over_customers_are_of_main_companies(self):
        branch = self.env['res.company'].create({'name': 'Branch', 'parent_id': self.company_a.id})
        with self.assertRaisesRegex(ValidationError, 'main companies'):
            self.rule.company_id = branch

    def test_a_trial_tells_of_customers_one_may_read(self):
        history = self.env['fulfilment.profile.history'].sudo()
        ends = [TODAY.replace(day=1) - relativedelta(days=1), TODAY.replace(day=1) - relativedelta(months=1, days=1)]
        self.other_customer.user_id = self.user_sales_3
        for partner, user in ((self.customer, self.user_sales), (self.other_customer, self.user_sales_3)):
            for end in ends:
                history.create({
                    'partner_id': partner.id, 'company_id': self.company_a.id, 'date': end, 'user_id': user.id, 'overdue_days_open': 40,
                    'receivable_overdue': 43210.5,
                })
        found = {}
        for user in (self.user_leader, self.user_manager):
            replay = self.env['fulfilment.warning.replay'].with_user(user).create({
                'rule_id': self.rule.id, 'company_id': self.company_a.id, 'amount': 1,
            })
            replay.action_run()
            found[user] = replay.sudo().details['warned']
        self.assertEqual(found[self.user_manager], sorted((self.customer | self.other_customer).ids))
        self.assertNotIn(self.other_customer.id, found[self.user_leader])
        with self.assertRaises(AccessError):
            replay.with_user(self.user_leader).read(['details'])

    def test_customers_users_own_nothing(self):
        portal = self.env['res.users'].with_context(no_reset_password=True).create({
            'name': 'Customer', 'login': 'portal_owner', 'group_ids': [Command.set(self.env.ref('base.group_portal').ids)],
            'company_id': self.company_a.id, 'company_ids': [Command.set(self.company_a.ids)],
        })
        self.profile.overdue_days_open = 40
        self.go()
        response = self.plan._start(self.customer)
        for record in (self.alerts(), self._risk(), response, response.step_ids):
            with self.subTest(model=record._name), self.assertRaisesRegex(ValidationError, 'no colleague'):
                record.user_id = portal

    def test_defaults_of_users_set_nothing_guarded(self):
        grant = self.env['fulfilment.reward.grant'].search([], limit=1) or self._make_customer_records(
            self.user_sales, self.company_a,
        )['fulfilment.reward.grant']
        self.env['ir.default'].with_user(self.user_sales).set('fulfilment.ticket', 'reward_grant_id', grant.id, user_id=True)
        ticket = self.env['fulfilment.ticket'].with_user(self.user_sales).create({'title': 'Leak', 'partner_id': self.customer.id})
        self.assertFalse(ticket.sudo().reward_grant_id)

    def test_alerts_are_counted_as_one_may_read_them(self):
        self.profile.overdue_days_open = 40
        self.go()
        self.assertEqual(self.profile.with_user(self.user_manager).alert_count, 1)
        self.alerts().user_id = self.user_sales_2
        self.customer.user_id = self.user_sales_2
        self.env.invalidate_all()
        self.assertEqual(self.profile.with_user(self.user_sales).alert_count, 0)

    def test_a_condition_is_read_not_run(self):
        with self.assertRaises(ValidationError):
            self._make_rule(model='fulfilment.contract', domain="[('id', '>', 9 ** 9 ** 9)]")
