"""What rules of reminders ask for, and whose hour counts."""
from datetime import datetime

from odoo.exceptions import ValidationError
from odoo.tests import tagged

from .common import TODAY
from .common_reminder import ReminderCommon, day


@tagged('post_install', '-at_install', 'fulfilment_heavy')
class TestReminderRules(ReminderCommon):

    def test_contract_expiry_90_60_30(self):
        contract = self._make_contract('active', date_end=day(100))
        for number in range(0, 101, 5):
            self._run(number)
        rows = self.Reminder.search([('contract_id', '=', contract.id), ('milestone_id', '=', False)])
        self.assertEqual(sorted(rows.mapped('offset_days')), [-90, -60, -30])
        self.assertEqual((rows.partner_id, set(rows.mapped('state'))), (self.user_sales.partner_id, {'sent'}))

    def test_renewed_contracts_are_not_warned_of(self):
        contract = self._make_contract('active', date_end=day(90))
        contract.action_renew()
        self._run(0)
        self.assertFalse(self.Reminder.search([('contract_id', '=', contract.id)]))

    def test_only_what_the_rule_says(self):
        document = self._make_milestone(self.contract, 7, kind='document')  # asked for from three days before
        draft = self._payment(3, self._make_contract())
        self._run(0)
        self.assertFalse(self._rows(document))
        self.assertFalse(self._rows(draft))

    def test_rules_are_checked(self):
        with self.assertRaises(ValidationError):
            self._rule(template_id=False)
        with self.assertRaises(ValidationError):
            self._rule(channel='sms', sms_template_id=False)
        with self.assertRaises(ValidationError):
            self._rule(domain="[('no_such_field', '=', 1)]")

    def test_switched_off_and_other_company(self):
        there = self._payment(3, self._make_contract('active', company=self.company_b, user_id=self.user_b.id), user_id=self.user_b.id)
        here = self._payment(3)
        self.company_b.fulfilment_reminders = False
        self._run(0)
        self.assertTrue(self._rows(here))
        self.assertFalse(self._rows(there))
        rule = self._rule(offset_days=-4, company_id=self.company_b.id)
        self.company_b.fulfilment_reminders = True
        self._run(-1)
        self.assertEqual(self.Reminder.search([('rule_id', '=', rule.id)]).milestone_id, there)

    def test_hour_and_time_zone(self):
        calendar = self.env['resource.calendar'].create({'name': 'Shanghai', 'tz': 'Asia/Shanghai'})
        self.company_a.write({'resource_calendar_id': calendar.id, 'fulfilment_reminder_hour': 9})
        milestone = self._payment(4)
        moment = datetime(TODAY.year, TODAY.month, TODAY.day, 17, 0)  # already the 3rd in Shanghai
        self.run_cron('fulfilment.reminder', '_cron_reminders', as_of=moment)
        self.assertEqual(self._rows(milestone), {(-3, 'customer'): 'sent', (-7, 'customer'): 'skipped'})

    def test_before_its_hour_a_company_waits(self):
        from unittest.mock import patch

        calendar = self.env['resource.calendar'].create({'name': 'UTC', 'tz': 'UTC'})
        self.company_a.write({'resource_calendar_id': calendar.id, 'fulfilment_reminder_hour': 9})
        milestone = self._payment(3)
        for hour, sent in ((8, False), (9, True)):
            moment = datetime(TODAY.year, TODAY.month, TODAY.day, hour, 59)
            with patch('odoo.fields.Datetime.now', return_value=moment):
                self.run_cron('fulfilment.reminder', '_cron_reminders', as_of=None)
            self.assertEqual((-3, 'customer') in self._rows(milestone), sent)
