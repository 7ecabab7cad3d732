"""The ledger of reminders: which go out on which day, once each, and what takes them back."""
from collections import Counter
from datetime import datetime

from freezegun import freeze_time

from odoo import fields
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.fulfilment_crm.tools.as_of import AsOf

from ..tools.shown_date import shown_date
from .common_reminder import ReminderCommon, day


@tagged('post_install', '-at_install', 'fulfilment_heavy')
class TestReminder(ReminderCommon):

    def test_each_offset_once(self):
        milestone = self._payment()
        for number in range(-9, 17):
            self._run(number)
            self._run(number)
        rows = self.Reminder.search([('milestone_id', '=', milestone.id)])
        self.assertEqual(Counter(row.offset_days for row in rows if row.audience == 'customer'), Counter((-7, -3, -1, 0, 1, 7, 15)))
        self.assertEqual(Counter(row.offset_days for row in rows if row.audience == 'manager'), Counter((7, 15)))
        self.assertEqual(set(rows.mapped('state')), {'sent'})
        self.assertEqual(len(rows.mail_id), 9)
        self.assertEqual({row.offset_days: row.as_of for row in rows}, {number: day(number) for number in (-7, -3, -1, 0, 1, 7, 15)})

    def test_nobody_who_left_is_written_to(self):
        """The next contact of the customer, else the customer; of colleagues the manager."""
        successor = self.env['res.partner'].create({'name': 'Wu Fang', 'parent_id': self.customer.id, 'email': 'wu@hengtong.example'})
        payment, delivery = self._payment(), self._make_milestone(self.contract)
        for gone, reached in ((self.contact, successor), (successor, self.customer)):
            gone.active = False
            self._run(-3 if gone == self.contact else -1)
            rows = self.Reminder.search([('milestone_id', '=', payment.id), ('state', '=', 'sent')], order='id desc', limit=1)
            self.assertEqual(rows.partner_id, reached)
        self.user_sales.active = False
        self._run(0)
        row = self.Reminder.search([('milestone_id', '=', delivery.id)], order='id desc', limit=1)
        self.assertEqual((row.partner_id, row.user_id), (self.user_manager.partner_id, self.user_manager))

    def test_other_kinds(self):
        for kind, obligor in (('document', 'us'), ('acceptance', 'customer'), ('other', 'us')):
            milestone = self._make_milestone(self.contract, kind=kind, obligor=obligor)
            for number in (-3, 0, 7, 15):
                self._run(number)
            with self.subTest(kind=kind):
                to = 'customer' if obligor == 'customer' else 'responsible'
                self.assertEqual(self._rows(milestone), {(-3, to): 'sent', (0, to): 'sent', (7, to): 'sent', (15, 'manager'): 'sent'})

    def test_not_before_the_hour_of_the_receiver(self):
        """At eight in Shanghai, it is midnight in London and seven in the evening before in New York."""
        self.company_a.resource_calendar_id.tz = 'Asia/Shanghai'
        for zone, waits_for in (
            ('Europe/London', datetime(2026, 3, 2, 8)), ('America/New_York', datetime(2026, 3, 2, 13)), ('Asia/Tokyo', None), (False, None),
        ):
            self.contact.tz = self.customer.tz = zone
            milestone = self._payment()
            with self.subTest(zone=zone), freeze_time('2026-03-02 00:30:00'):
                self._run(0)
                mail = self.Reminder.search([('milestone_id', '=', milestone.id), ('offset_days', '=', 0)]).mail_id
                self.assertEqual(fields.Datetime.to_datetime(mail.scheduled_date) or None, waits_for)

    def test_server_down_from_day_minus_8_to_minus_2(self):
        milestone = self._payment()
        self._run(-9)
        self._run(-2)
        self.assertEqual(self._rows(milestone), {(-7, 'customer'): 'skipped', (-3, 'customer'): 'sent'})
        self._run(-1)
        self.assertEqual(self._rows(milestone)[-1, 'customer'], 'sent')
        self.assertTrue(self.Reminder.search([('milestone_id', '=', milestone.id), ('state', '=', 'skipped')]).reason)

    def test_paid_on_day_minus_5(self):
        milestone = self._payment()
        self._run(-7)
        milestone._complete({milestone: day(-5)})
        for number in range(-5, 2):
            self._run(number)
        rows = self._rows(milestone)
        self.assertEqual((rows[-7, 'customer'], rows[-3, 'customer'], rows[-1, 'customer']), ('sent', 'cancelled', 'cancelled'))
        self.assertNotIn('sent', [state for (offset, _audience), state in rows.items() if offset > -7])
        self.assertIn(
            shown_date(self.env, day(-5)), self.Reminder.search([('milestone_id', '=', milestone.id), ('offset_days', '=', -3)]).reason
        )

    def test_payment_undone_opens_them_again(self):
        milestone = self._payment()
        self._run(-7)
        milestone._complete({milestone: day(-5)})
        milestone._reopen('Bounced')
        self._run(-3)
        self.assertEqual(self._rows(milestone)[-3, 'customer'], 'sent')
        self.assertEqual(len(self.Reminder.search([('milestone_id', '=', milestone.id), ('offset_days', '=', -3)])), 1)

    def test_date_moved_voids_and_starts_anew(self):
        milestone = self._payment()
        self._run(-7)
        milestone.with_context(as_of=AsOf(day(-7))).action_move(date=day(10), reason='Agreed')
        for number in range(-6, 11):
            self._run(number)
        old, new = self._rows(milestone, day(0)), self._rows(milestone, day(10))
        self.assertEqual({state for (offset, _who), state in old.items() if offset > -7}, {'cancelled'})
        self.assertEqual({offset for (offset, _who), state in new.items() if state == 'sent'}, {-7, -3, -1, 0})
        self.assertIn(
            shown_date(self.env, day(10)),
            self.Reminder.search([('milestone_id', '=', milestone.id), ('state', '=', 'cancelled')])[:1].reason
        )

    def test_date_moved_there_and_back(self):
        milestone = self._payment()
        self._run(-7)
        milestone.with_context(as_of=AsOf(day(-7))).action_move(date=day(10), reason='Agreed')
        milestone.with_context(as_of=AsOf(day(-7))).action_move(date=day(0), reason='Not agreed')
        for number in (-7, -3, -1):
            self._run(number)
        self.assertEqual(
            {
                offset: state for (offset, _who), state in self._rows(milestone, day(0)).items() if offset < 0
            }, dict.fromkeys((-7, -3, -1), 'sent'),
        )
        self.assertEqual(len(self.Reminder.search([('milestone_id', '=', milestone.id), ('state', '=', 'sent')]).mail_id), 3)

    def test_no_flood_after_a_long_silence(self):
        milestone = self._payment()
        run = self._run(25)
        rows = self._rows(milestone)
        self.assertEqual(rows, {(15, 'customer'): 'sent', (15, 'manager'): 'sent'})
        self.assertEqual(run.counts['mails queued'], 2)
        self._run(60)
        self.assertEqual(self._rows(milestone), rows)

    def test_catch_up_is_a_setting_and_exact(self):
        for days, expected in ((2, True), (1, False)):
            self.company_a.fulfilment_catch_up_days = days
            milestone = self._payment(20)
            self._run(15)
            self.assertEqual((-7, 'customer') in self._rows(milestone), expected, days)

    # === BATCHES === #

    def test_one_bad_record_does_not_stop_the_others(self):
        good, bad = self._payment(3), self._payment(3)
        Reminder = type(self.Reminder)
        original = Reminder._prepare_vals

        def _prepare_vals(reminders, rule, record, today, managers):
            if record.id == bad.id:
                raise ValueError('broken')
            return original(reminders, rule, record, today, managers)

        self.patch(Reminder, '_prepare_vals', _prepare_vals)
        with mute_logger('odoo.addons.fulfilment_crm.models.base.run'):
            run = self._run(0)
        self.assertEqual(self._rows(good)[-3, 'customer'], 'sent')
        self.assertEqual((run.problem_ids.res_id, run.problem_ids.message), (bad.id, 'broken'))
        self.assertFalse(self._rows(bad))

    def test_counts_of_the_run_match_the_ledger(self):
        for number in range(7):
            self._payment(number)
        self._make_milestone(self.contract, 3)
        run = self._run(0)
        rows = self.Reminder.search([('contract_id', '=', self.contract.id)])
        sent = rows.filtered(lambda row: row.state == 'sent')
        self.assertEqual(run.counts['mails queued'], len(sent.mail_id))
        self.assertEqual(run.counts['reminders skipped'], len(rows) - len(sent))
        self.assertEqual(sum(count for effect, count in run.counts.items() if effect.startswith('reminders by email,')), len(sent))

    def test_merged_customers_keep_their_ledger(self):
        milestone = self._payment(3)
        self._run(0)
        rows = self.Reminder.search([('milestone_id', '=', milestone.id)])
        twin = self.env['res.partner'].create({'name': 'Lin Wei', 'email': 'lin.wei@hengtong.example', 'parent_id': self.customer.id})
        self.env['base.partner.merge.automatic.wizard'].create({})._merge((self.contact | twin).ids, dst_partner=twin)
        self.env.invalidate_all()
        self.assertEqual(rows.exists(), rows)
        self.assertEqual(rows.filtered(lambda row: row.state == 'sent').partner_id, twin)
        self._run(0)
        self.assertEqual(self.Reminder.search([('milestone_id', '=', milestone.id)]), rows)
