"""Alerts that start responses, and what the round of early warning does for the register and for responses."""
from datetime import timedelta

import psycopg2

from odoo.exceptions import UserError, ValidationError
from odoo.fields import Command
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from .common import TODAY
from .common_warning import WarningCommon


@tagged('post_install', '-at_install')
class TestAlertResponse(WarningCommon):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.plan = cls.env['fulfilment.response.plan'].create({'name': 'They do not pay', 'step_ids': [
            Command.create({'name': 'Call', 'amount': 4, 'anchor': 'start'}), Command.create({'name': 'Agree', 'amount': 24}),
        ]})
        cls.rule.write({'response_plan_id': cls.plan.id, 'starts_response': True})

    def responses(self, alerts):
        return self.env['fulfilment.response'].search([('res_model', '=', 'fulfilment.alert'), ('res_id', 'in', alerts.ids)])

    def test_alert_starts_its_plan_once(self):
        self.profile.overdue_days_open = 40
        self.go()
        alert = self.alerts()
        response = self.responses(alert)
        self.assertRecordValues(response, [{
            'plan_id': self.plan.id, 'state': 'running', 'user_id': self.user_sales.id, 'commercial_partner_id': self.customer.id,
            'company_id': self.company_a.id, 'occasion': alert.display_name,
        }])
        self.assertEqual(response.started_on.date(), TODAY)
        self.assertEqual(response.step_ids.mapped('state'), ['running', 'waiting'])
        self.go()
        self.assertEqual(self.responses(self.alerts()), response)
        self.assertEqual(alert.response_count, 1)
        self.assertEqual(self.env['fulfilment.response'].search(alert.action_open_responses()['domain']), response)

    def test_only_proposed_unless_the_rule_says_at_once(self):
        self.rule.starts_response = False
        self.profile.overdue_days_open = 40
        self.go()
        self.assertFalse(self.responses(self.alerts()))

    def test_started_from_the_alert(self):
        self.rule.starts_response = False
        self.profile.overdue_days_open = 40
        self.go()
        alert = self.alerts().with_user(self.user_sales)
        action = alert.action_start_response()
        dialog = Form(alert.env[action['res_model']].with_context(**action['context']))
        self.assertEqual(dialog.plan_id, self.plan)
        dialog.save().action_start()
        self.assertEqual(self.responses(alert).plan_id, self.plan)

    def test_plan_that_lost_its_steps_costs_no_alert(self):
        self.plan.step_ids.unlink()
        self.profile.overdue_days_open = 40
        run = self.go()
        self.assertEqual(len(self.alerts()), 1)
        self.assertFalse(self.responses(self.alerts()))
        self.assertFalse(run.problem_ids)
        self.rule.action_pause(reason='Look at it')
        with self.assertRaisesRegex(UserError, 'no steps'):
            self.rule.action_activate()

    def test_plan_must_fit_the_rule(self):
        with self.assertRaisesRegex(ValidationError, 'choose the plan'):
            self.rule.response_plan_id = False
        self.plan.company_id = self.company_a
        self.rule.name = 'Renamed'  # same company: fine
        foreign = self.plan.copy({'company_id': self.company_b.id})
        with self.assertRaisesRegex(ValidationError, 'another plan'):
            self.rule.response_plan_id = foreign
        self.rule.write({'response_plan_id': self.plan.id})
        with self.assertRaisesRegex(ValidationError, 'another plan'):
            self.rule.company_id = False

    def test_plan_in_use_stays(self):
        with mute_logger('odoo.sql_db'), self.assertRaises(psycopg2.errors.IntegrityError), self.env.cr.savepoint():
            self.plan.unlink()

    def test_as_many_queries_for_fifty_as_for_one(self):
        def raise_for(profiles):
            days, moments = dict.fromkeys(self.companies, TODAY), dict.fromkeys(self.companies, self.env.cr.now())
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            alerts = self.env['fulfilment.alert']._raise_for(self.rule, profiles, days, moments)
            self.env.flush_all()
            self.assertEqual(len(self.responses(alerts)), len(profiles))
            return self.env.cr.sql_log_count - before

        raise_for(self._many_profiles(1, overdue_days_open=40))
        one, fifty = raise_for(self._many_profiles(1, overdue_days_open=40)), raise_for(self._many_profiles(50, overdue_days_open=40))
        self.assertLessEqual(fifty, one + 8)  # rows are inserted a hundred at a time

    # === THE SAME ROUND === #

    def test_round_tells_of_reviews_and_late_steps(self):
        risk = self.env['fulfilment.risk'].create({
            'name': 'May not pay', 'company_id': self.company_a.id, 'user_id': self.user_sales.id, 'next_review': TODAY,
        })
        self.profile.overdue_days_open = 40
        self.go(-1)
        self.go_on(-1)
        self.assertFalse(risk.review_told)
        step = self.responses(self.alerts()).step_ids[:1]
        self.assertFalse(step.is_late)
        self.assertFalse(self.go().counts, "the alert is there already")
        counts = self.go_on()
        self.assertTrue(risk.review_told)
        self.assertTrue(step.is_late)
        self.assertEqual(counts, {'risk reviews told': 1, 'response steps late': 1, 'response steps escalated': 1})
        self.assertFalse(self.go_on())
        self.assertFalse(self.go_on(1), "told once")
        self.assertEqual(risk.activity_ids.mapped('date_deadline'), [TODAY])
        risk.next_review = TODAY + timedelta(days=30)
        self.assertFalse(risk.activity_ids, "another date is told of anew")
