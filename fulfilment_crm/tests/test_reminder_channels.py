"""How reminders reach whom, and in which words."""


from lxml import html

from odoo.exceptions import UserError, ValidationError
from odoo.fields import Command
from odoo.tests import tagged

from .common_reminder import ReminderCommon, day


@tagged('post_install', '-at_install', 'fulfilment_heavy')
class TestReminderChannels(ReminderCommon):

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

    def test_one_line_in_the_chatter(self):
        theirs = self._payment(3)
        self._run(0)
        row = self.Reminder.search([('milestone_id', '=', theirs.id), ('state', '=', 'sent')])
        body = html.fromstring(str(row.message_id.body))
        [line] = body.xpath('//details/summary')
        self.assertIn(self.contact.name, line.text)
        self.assertIn('500', body.text_content(), "the text is there on demand")
        self.assertNotIn('<details', row.mail_id.body_html)

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
