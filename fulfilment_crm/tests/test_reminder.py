from collections import Counter
from datetime import datetime, timedelta

from freezegun import freeze_time

from odoo import fields
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools import format_date, mute_logger

from odoo.addons.fulfilment_crm.tools.as_of import AsOf

from .common import TODAY, FulfilmentCommon


def day(number):
    return TODAY + timedelta(days=number)


@tagged('post_install', '-at_install', 'fulfilment_heavy')
class TestReminder(FulfilmentCommon):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.contract = cls._make_contract('active', partner_id=cls.contact.id)
        cls.Reminder = cls.env['fulfilment.reminder']

    def _payment(self, days=0, contract=None, **vals):
        return self._make_milestone(
            contract or self.contract, days, name='Final payment', kind='payment', obligor='customer', amount=500.0, **vals
        )

    def _run(self, number):
        return self.run_cron('fulfilment.reminder', '_cron_reminders', as_of=day(number))

    def _rows(self, milestone, due=None):
        """``{(offset, audience): state}`` of the ledger."""
        return {
            (row.offset_days, row.audience): row.state
            for row in self.Reminder.search([('milestone_id', '=', milestone.id)]) if not due or row.due_date == due
        }

    # === THE LEDGER (methods.md) === #

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
            format_date(self.env, day(-5)), self.Reminder.search([('milestone_id', '=', milestone.id), ('offset_days', '=', -3)]).reason
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
            format_date(self.env, day(10)),
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

    # === WHO, HOW, IN WHICH WORDS === #

    def test_receiver_language_and_words(self):
        self.env['res.lang']._activate_lang('fr_FR')
        template = self.env.ref('fulfilment_crm.mail_template_reminder')
        template.with_context(lang='fr_FR').subject = 'Rappel {{ object.subject_name }}'
        self.contact.lang = 'fr_FR'
        ours = self._make_milestone(self.contract, 3, name='Delivery')
        theirs = self._payment(3)
        self._run(0)
        rows = self.Reminder.search([('milestone_id', 'in', (ours | theirs).ids), ('state', '=', 'sent')])
        by = {row.milestone_id: row for row in rows}
        self.assertEqual((by[theirs].partner_id, by[ours].partner_id), (self.contact, self.user_sales.partner_id))
        self.assertEqual(by[theirs].mail_id.subject, 'Rappel Final payment')
        self.assertIn('05/03/2026', by[theirs].mail_id.body_html)
        self.assertIn(f'/my/fulfilment/contracts/{self.contract.id}"', by[theirs].mail_id.body_html)
        self.assertNotIn('access_token', by[theirs].mail_id.body_html)
        self.assertIn('500', by[theirs].mail_id.body_html)
        self.assertIn('03/05/2026', by[ours].mail_id.body_html)
        self.assertNotIn('access_token', by[ours].mail_id.body_html)

    def test_shown_in_the_chatter_but_not_ours_to_customers(self):
        ours, theirs = self._make_milestone(self.contract, 3), self._payment(3)
        self._run(0)
        messages = {
            row.milestone_id: row.message_id
            for row in self.Reminder.search([('milestone_id', 'in', (ours | theirs).ids), ('state', '=', 'sent')])
        }
        self.assertLessEqual(messages[ours] | messages[theirs], self.contract.message_ids)
        self.assertTrue(messages[ours].is_internal)
        self.assertFalse(messages[theirs].is_internal)

    def test_text_of_users_is_never_markup(self):
        milestone = self._payment(3)
        milestone.sudo().name = '<script>alert(1)</script> {{ 7*7 }}'
        self._run(0)
        mail = self.Reminder.search([('milestone_id', '=', milestone.id), ('state', '=', 'sent')]).mail_id
        self.assertNotIn('<script>', mail.body_html)
        self.assertIn('{{ 7*7 }}', mail.subject)

    def test_templates_may_use_any_expression(self):
        template = self.env.ref('fulfilment_crm.mail_template_reminder')
        template.body_html = '<p><t t-if="object.contract_id.user_id">By <t t-out="object.contract_id.user_id.login"/></t></p>'
        milestone = self._payment(3)
        self._run(0)
        mail = self.Reminder.search([('milestone_id', '=', milestone.id), ('state', '=', 'sent')]).mail_id
        self.assertIn(f'By {self.user_sales.login}', mail.body_html)

    def test_attachments_copies_and_answers(self):
        domain = self.env['mail.alias.domain'].create({'name': 'mail.example', 'catchall_alias': 'catchall', 'bounce_alias': 'bounce'})
        self.company_a.alias_domain_id = domain
        template = self.env.ref('fulfilment_crm.mail_template_reminder')
        template.write({
            'attachment_ids': [Command.create({'name': 'terms.txt', 'raw': b'terms'})], 'email_cc': 'copy@hengtong.example',
            'report_template_ids': [Command.link(self.env.ref('fulfilment_crm.action_report_reminder_letter').id)],
        })
        milestone = self._payment(3)
        self._run(0)
        mail = self.Reminder.search([('milestone_id', '=', milestone.id), ('state', '=', 'sent')]).mail_id
        self.assertEqual(len(mail.attachment_ids), 2)
        self.assertIn('terms.txt', mail.attachment_ids.mapped('name'))
        self.assertEqual(mail.email_cc, 'copy@hengtong.example')
        self.assertIn('catchall@mail.example', mail.reply_to)

    def test_no_address_is_listed_for_the_responsible(self):
        self.contact.email = False
        milestone = self._payment(3)
        run = self._run(0)
        row = self.Reminder.search([('milestone_id', '=', milestone.id), ('offset_days', '=', -3)])
        self.assertEqual((row.state, run.problem_count), ('failed', 0))
        self.assertIn('Lin Wei', row.reason)
        self.assertEqual(self.contract.activity_ids.filtered(lambda one: 'e-mail' in str(one.note)).user_id, self.user_sales)
        self.contact.email = 'new@hengtong.example'
        row.with_user(self.user_sales).action_retry()
        self.assertEqual((row.state, row.mail_id.recipient_ids), ('sent', self.contact))
        with self.assertRaises(UserError):
            row.action_retry()

    def test_undeliverable_mail_is_noted(self):
        milestone = self._payment(3)
        self._run(0)
        row = self.Reminder.search([('milestone_id', '=', milestone.id), ('state', '=', 'sent')])
        row.mail_id._postprocess_sent_message([], [], failure_reason='Mailbox full', failure_type='mail_smtp')
        self.assertEqual((row.state, row.reason), ('failed', 'Mailbox full'))

    def test_escalation_to_the_manager(self):
        milestone = self._payment()
        self.user_sales.invalidate_recordset(['sale_team_id'])
        run = self._run(7)
        row = self.Reminder.search([('milestone_id', '=', milestone.id), ('audience', '=', 'manager')])
        self.assertEqual(row.partner_id, self.user_leader.partner_id)
        self.assertEqual(run.counts['escalations'], 1)
        alone = self._payment(contract=self._make_contract('active', user_id=self.user_legal.id, team_id=False), user_id=self.user_legal.id)
        self._run(7)
        row = self.Reminder.search([('milestone_id', '=', alone.id), ('audience', '=', 'manager')])
        self.assertEqual(row.partner_id, self.user_manager.partner_id)

    def test_pause_of_customer_and_contract(self):
        Pause = self.env['fulfilment.reminder.pause']
        other = self._make_contract('active', partner_id=self.other_customer.id)
        Pause.create(
            {'company_id': self.company_a.id, 'partner_id': self.customer.id, 'reason': 'Talks', 'date_from': day(0), 'date_to': day(5)}
        )
        Pause.create(
            {'company_id': self.company_a.id, 'contract_id': other.id, 'reason': 'Talks', 'date_from': day(-9), 'date_to': day(-1)}
        )
        paused, free = self._payment(3), self._payment(3, other)
        run = self._run(0)
        self.assertEqual((self._rows(paused)[-3, 'customer'], self._rows(free)[-3, 'customer']), ('skipped', 'sent'))
        self.assertTrue(run.counts['reminders skipped'])
        self.assertIn('Talks', self.Reminder.search([('milestone_id', '=', paused.id)])[:1].reason)
        later = self._payment(9)
        self._run(6)
        self.assertEqual(self._rows(later)[-3, 'customer'], 'sent')
        with self.assertRaises(ValidationError):
            Pause.create({'company_id': self.company_a.id, 'reason': 'Nobody', 'date_from': day(0), 'date_to': day(1)})

    def _rule(self, **vals):
        return self.env['fulfilment.reminder.rule'].create({
            'name': 'Rule', 'model': 'fulfilment.milestone', 'offset_days': -5, 'audience': 'customer', 'channel': 'email',
            'template_id': self.env.ref('fulfilment_crm.mail_template_reminder').id, **vals,
        })

    def test_activity(self):
        self._rule(channel='activity', audience='responsible', template_id=False)
        milestone = self._payment(5)
        self._run(0)
        activity = milestone.activity_ids
        self.assertIn('Final payment', activity.summary)
        self.assertEqual((activity.user_id, activity.date_deadline), (self.user_sales, milestone.date_planned))
        milestone._complete({milestone: day(1)})
        self.assertFalse(milestone.activity_ids)

    def test_activities_speak_the_language_of_each_colleague(self):
        self.env['res.lang']._activate_lang('fr_FR')
        self.user_leader.lang = 'fr_FR'
        self._rule(channel='activity', audience='responsible', template_id=False)
        milestones = self._payment(5, user_id=self.user_leader.id) | self._payment(5, user_id=self.user_sales.id)
        self._run(0)
        texts = {one.user_id: one.summary for one in milestones.activity_ids}
        self.assertIn('07/03/2026', texts[self.user_leader])
        self.assertIn('03/07/2026', texts[self.user_sales])

    def test_sms_falls_back_as_configured_and_says_so(self):
        rule = self._rule(
            channel='sms', offset_days=-20, sms_template_id=self.env.ref('fulfilment_crm.sms_template_reminder').id, template_id=False,
        )
        for fallback, state in (('email', 'sent'), ('activity', 'sent'), ('none', 'failed')):
            self.company_a.fulfilment_sms_fallback = fallback
            milestone = self._payment(20)
            self._run(0)
            row = self.Reminder.search([('milestone_id', '=', milestone.id), ('rule_id', '=', rule.id)])
            self.assertEqual(row.state, state, fallback)
            self.assertIn('SMS', row.reason)
            self.assertEqual(bool(row.mail_id), fallback == 'email')

    def test_sms_falling_back_does_not_repeat_the_mail(self):
        rule = self._rule(
            channel='sms', offset_days=-3, sms_template_id=self.env.ref('fulfilment_crm.sms_template_reminder').id, template_id=False,
        )
        milestone = self._payment(3)
        self._run(0)
        rows = self.Reminder.search([('milestone_id', '=', milestone.id), ('offset_days', '=', -3)])
        self.assertEqual({row.channel: row.state for row in rows}, {'email': 'sent', 'sms': 'skipped'})
        self.assertEqual(rows.filtered(lambda row: row.rule_id == rule).reason, 'No SMS account is set up, and an e-mail went out already')

    def test_what_opens_again_during_a_pause_is_skipped(self):
        milestone = self._payment()
        self._run(-7)
        milestone._complete({milestone: day(-5)})
        milestone._reopen('Bounced')
        self.env['fulfilment.reminder.pause'].create({
            'company_id': self.company_a.id, 'contract_id': self.contract.id, 'reason': 'Talks', 'date_from': day(-4), 'date_to': day(-2),
        })
        self._run(-3)
        self.assertEqual(self._rows(milestone)[-3, 'customer'], 'skipped')

    def test_sms_with_an_account(self):
        self.patch(type(self.Reminder), '_sms_available', lambda reminders, company: True)
        rule = self._rule(channel='sms', sms_template_id=self.env.ref('fulfilment_crm.sms_template_reminder').id, template_id=False)
        self.contact.write({'phone': '+8613800138000'})
        milestone = self._payment(5)
        self._run(0)
        row = self.Reminder.search([('milestone_id', '=', milestone.id), ('rule_id', '=', rule.id)])
        sms = self.env['sms.sms'].search([('partner_id', '=', self.contact.id)])
        self.assertEqual((row.state, len(sms)), ('sent', 1))
        self.assertIn('Final payment', sms.body)

    def test_letters(self):
        rule = self._rule(channel='letter', template_id=False)
        self.contact.write({'street': '1 Harbour Road', 'city': 'Ningbo'})
        milestone = self._payment(5)
        self._run(0)
        row = self.Reminder.search([('milestone_id', '=', milestone.id), ('rule_id', '=', rule.id)])
        self.assertEqual(row.state, 'to_print')
        html = str(self.env['ir.actions.report']._render_qweb_html('fulfilment_crm.report_reminder_letter', row.ids)[0], 'utf8')
        self.assertIn('Harbour Road', html)
        self.assertIn('Five Hundred', html)
        row.with_user(self.user_sales).action_print_letters()
        self.assertEqual(row.state, 'sent')
        self.contact.street = False
        homeless = self._payment(6)
        self._run(1)
        self.assertEqual(self.Reminder.search([('milestone_id', '=', homeless.id), ('rule_id', '=', rule.id)]).state, 'failed')

    def test_a_batch_of_letters_is_one_document(self):
        """wkhtmltopdf as distributions build it cannot join several."""
        self._rule(channel='letter', template_id=False)
        self.contact.write({'street': '1 Harbour Road', 'city': 'Ningbo'})
        self._payment(5)
        self._payment(5)
        self._run(0)
        rows = self.Reminder.search([('state', '=', 'to_print'), ('company_id', '=', self.company_a.id)])
        html = str(self.env['ir.actions.report']._render_qweb_html('fulfilment_crm.report_reminder_letter', rows.ids)[0], 'utf8')
        self.assertEqual((html.count('o_fulfilment_address'), html.count('class="article"')), (2, 1))

    # === RULES AND COMPANIES === #

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
