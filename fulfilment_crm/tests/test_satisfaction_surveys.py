"""Who is asked, when, how often and how patiently; the round of surveys."""
import re
from collections import Counter

import pytz

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger

from odoo.addons.fulfilment_crm.tools.as_of import AsOf

from .common_survey import SurveyCommon, day


@tagged('post_install', '-at_install', 'fulfilment_heavy')
class TestSurveyRound(SurveyCommon):

    def _states(self, partner=None):
        return self._requests(partner).mapped('state')

    def _end_contract(self, on=0, **vals):
        contract = self._make_contract('active', **vals)
        contract.with_context(as_of=AsOf(day(on))).action_settle()
        return contract

    # === ONCE A PERIOD === #

    def test_once_a_half_year(self):
        for number in (0, 0, 1, 60, 119, 120, 121, 150, 304):  # 2026-07-01 is day 121
            self._run(number)
        requests = self._requests()
        self.assertEqual(requests.mapped('period'), ['2026-H1', '2026-H2'])
        self.assertEqual(requests.mapped('date'), [day(0), day(121)])
        self.assertEqual(requests[0].mail_id.recipient_ids, self.customer)

    def test_on_the_day_of_the_company(self):
        """Without a day the round works for today, as the scheduler asks for."""
        self.run_cron('fulfilment.survey.request', '_cron_surveys', as_of=None)
        self.assertEqual(self._requests().date, self.company_a._fulfilment_today()[self.company_a])
        self.assertGreater(self._requests().user_input_id.deadline, fields.Datetime.now())

    def test_every_rhythm(self):
        self.plan.write({'quiet_days': 0, 'deadline_days': 5})
        for rhythm, number in (('month', 12), ('quarter', 4), ('year', 1), ('none', 0)):
            self._requests().unlink()
            self.plan.rhythm = rhythm
            for offset in range(-60, 305, 5):  # 2026
                self._run(offset) if offset % 15 == 0 else None
            with self.subTest(rhythm=rhythm):
                self.assertEqual(len(self._requests()), number)

    def test_left_alone_for_a_while(self):
        """Asked at the end of one half-year, a customer is not asked again on the first day of the next."""
        self._run(100)
        for number in (121, 159):
            self._run(number)
            self.assertEqual(len(self._requests()), 1, number)
        self._run(160)  # 60 days later
        self.assertEqual(self._requests().mapped('period'), ['2026-H1', '2026-H2'])

    def test_no_flood_after_a_long_silence(self):
        self._run(0)
        run = self._run(800)
        self.assertEqual(self._states(), ['expired', 'sent'])
        self.assertEqual((run.counts['surveys sent'], run.counts.get('survey reminders')), (1, None))

    def test_whom(self):
        small = self.env['res.partner'].create({'name': 'Small', 'is_company': True, 'email': 'small@small.example'})
        self._make_profile(small, contract_count=0)
        self._run()
        self.assertFalse(self._requests(small))
        self.plan.domain = "[('revenue_12m', '>', 100)]"
        self.env['fulfilment.profile'].search([('partner_id', '=', small.id)]).revenue_12m = 101
        self._run(1)
        self.assertTrue(self._requests(small))

    def test_switched_off(self):
        self.company_a.fulfilment_surveys = False
        self._end_contract()
        self._run()
        self.assertFalse(self._requests())
        self.company_a.fulfilment_surveys = True
        self.plan.active = False
        self._run()
        self.assertFalse(self._requests())

    def test_of_one_company(self):
        self._make_profile(self.customer, self.company_b)
        self.plan.company_id = self.company_b
        self._end_contract()
        self._run()
        self.assertEqual(self._requests().company_id, self.company_b)
        self.plan.company_id = False
        self._run(1)
        self.assertEqual(Counter(self._requests().mapped(lambda one: (one.company_id, one.occasion))), Counter({
            (self.company_b, 'period'): 1, (self.company_a, 'contract'): 1, (self.company_a, 'period'): 0,
        }) + Counter())
        self.assertFalse(self.Request.with_user(self.user_b).search([('company_id', '=', self.company_a.id)]))

    def test_condition_and_survey_are_checked(self):
        for domain in ("[('no_field', '=', 1)]", "[('partner_id.user_ids', '=', 1)]", 'nonsense'):
            with self.subTest(domain=domain), self.assertRaisesRegex(ValidationError, 'cannot be used'):
                self.plan.domain = domain
        other = self.env['survey.survey'].create({'title': 'Canteen', 'question_and_page_ids': [Command.create({
            'title': 'Soup?', 'question_type': 'text_box'})]})
        with self.assertRaisesRegex(ValidationError, 'Canteen'):
            self.plan.survey_id = other
        with self.assertRaisesRegex(ValidationError, 'login'):
            self.plan.survey_id = self.survey.copy({'users_login_required': True})

    # === CONTRACT END === #

    def test_at_contract_end_once(self):
        contract = self._end_contract()
        self.assertEqual(contract.settled_on, day(0))
        self._run()
        contract.with_context(as_of=AsOf(day(1))).action_close()
        self.assertEqual(contract.settled_on, day(0))
        self._run(1)
        requests = self._requests().filtered('contract_id')
        self.assertRecordValues(requests, [{
            'contract_id': contract.id, 'occasion': 'contract', 'period': False, 'user_id': self.user_sales.id,
        }])
        self.assertIn(contract.name, requests.mail_id.body_html)
        # Asked about a contract just now, the customer is left alone by the regular survey.
        self.assertEqual(self._requests(), requests)

    def test_contract_reopened(self):
        contract = self._end_contract()
        contract.action_reopen()
        self.assertFalse(contract.settled_on)
        self._run()
        self.assertFalse(self._requests().filtered('contract_id'))

    def test_contract_that_ended_long_ago(self):
        for ago, asked in ((31, False), (30, True)):
            contract = self._end_contract(-ago)
            self._run()
            with self.subTest(ago=ago):
                self.assertEqual(bool(self.Request.search([('contract_id', '=', contract.id)])), asked)

    def test_contract_without_the_wish(self):
        self.plan.at_contract_end = False
        self._end_contract()
        self._run()
        self.assertFalse(self._requests().filtered('contract_id'))

    def test_day_of_the_end_is_nobodys_to_set(self):
        contract = self._end_contract()
        with self.assertRaises(AccessError):
            contract.with_user(self.user_manager).settled_on = day(1)

    def test_contract_past_its_end_is_settled_by_the_round(self):
        contract = self._make_contract('active', date_end=day(3))
        self.run_cron('fulfilment.contract', '_cron_milestones', as_of=day(4))
        self.assertEqual((contract.state, contract.settled_on), ('settlement', day(4)))

    # === WHO GETS THE MAIL === #

    def test_whose_address(self):
        invoice = self.env['res.partner'].create({'name': 'Books', 'parent_id': self.customer.id, 'type': 'invoice'})
        contract = self._end_contract(partner_id=self.contact.id)
        self._run()
        request = self.Request.search([('contract_id', '=', contract.id)])
        self.assertEqual(request.partner_id, self.contact)

        def receiver():
            self._requests().unlink()
            contract.settled_on = False
            self._run(1)
            return self._requests().partner_id
        self.assertEqual(receiver(), self.customer)  # the invoice contact has no address
        invoice.email = 'books@hengtong.example'
        self.assertEqual(receiver(), invoice)
        marked = self.env['res.partner'].create({
            'name': 'Quality', 'parent_id': self.contact.id, 'email': 'quality@hengtong.example', 'fulfilment_survey_contact': True,
        })
        self.assertEqual(receiver(), marked)
        marked.active = False
        self.customer.email = invoice.email = 'no address'
        self.assertEqual(receiver(), self.contact)
        self.env['mail.blacklist']._add(self.contact.email)
        self.assertFalse(receiver())
        self.assertEqual(self._states(), ['no_address'])

    def test_no_address_is_listed_and_mended(self):
        self.customer.email = self.contact.email = False
        run = self._run()
        request = self._requests()
        self.assertEqual((request.state, bool(request.reason), request.mail_id.id), ('no_address', True, False))
        self.assertEqual((run.counts['surveys without an address'], run.problem_count), (1, 0))
        self.assertNotIn('surveys without an address', self._run(1).counts or {})
        with self.assertRaisesRegex(UserError, 'Hengtong.*e-mail'):
            request.with_user(self.user_sales).action_send()
        self.contact.email = 'lin@hengtong.example'
        self._run(2)
        self.assertEqual((request.state, request.partner_id, request.sent_on, request.deadline), ('sent', self.contact, day(2), day(32)))
        self.assertEqual(len(self._requests()), 1)

    def test_sent_by_hand_after_mending(self):
        self.customer.email = self.contact.email = False
        self._run()
        self.customer.email = 'new@hengtong.example'
        with self.assertRaises(UserError):
            self._requests().with_user(self.user_inspector).action_send()
        self._requests().with_user(self.user_sales).action_send()
        self.assertEqual(self._states(), ['sent'])
        with self.assertRaisesRegex(UserError, 'not been sent'):
            self._requests().with_user(self.user_sales).action_send()

    def test_mail_that_came_back(self):
        self._run()
        request = self._requests()
        request.mail_id._postprocess_sent_message([], [], failure_reason='Unknown user', failure_type='mail_email_invalid')
        self.assertEqual((request.state, request.reason, request.sent_on), ('no_address', 'Unknown user', False))

    def test_two_languages(self):
        self.env['res.lang']._activate_lang('fr_FR')
        self.plan.template_id.with_context(lang='fr_FR').subject = 'Votre avis, {{ object.company_name }}'
        self.customer.lang = 'fr_FR'
        self.other_customer.lang = 'en_US'
        self._make_profile(self.other_customer)
        self._run()
        french, english = self._requests(), self._requests(self.other_customer)
        self.assertEqual(french.mail_id.subject, 'Votre avis, Company A')
        self.assertEqual(english.mail_id.subject, 'Company A: how satisfied are you?')
        self.assertIn('01/04/2026', french.mail_id.body_html)
        self.assertIn('04/01/2026', english.mail_id.body_html)
        self.assertEqual(french.user_input_id.lang_id.code, 'fr_FR')

    def test_mail_leads_to_the_answer(self):
        self._run()
        request = self._requests()
        answer = request.user_input_id
        self.assertIn(f'/survey/start/{self.survey.access_token}?answer_token={answer.access_token}', request.mail_id.body_html)
        self.assertIn(self.customer.name, request.mail_id.body_html)
        self.assertEqual((answer.partner_id, answer.state, answer.email), (self.customer, 'new', self.customer.email))
        self.assertFalse(request.with_user(self.user_sales).link)  # the customer's answer is not for us to give
        self._answer(answer, 5, 4, 4, 5, on=3)
        self.assertRecordValues(request, [{'state': 'answered', 'answered_on': day(3), 'next_reminder_on': False}])
        self.assertEqual((request.satisfaction_ids.average, request.average), (4.5, 4.5))

    # === REMINDING AND ENDING === #

    def test_reminded_twice_then_expired(self):
        for number in range(0, 33):
            self._run(number)
            self._run(number)
        request = self._requests()
        self.assertRecordValues(request, [{'state': 'expired', 'reminder_count': 2, 'next_reminder_on': False, 'sent_on': day(0)}])

    def test_days_of_reminders_and_deadline(self):
        for number, state, count in ((0, 'sent', 0), (6, 'sent', 0), (7, 'reminded', 1), (13, 'reminded', 1), (14, 'reminded', 2),
                                     (21, 'reminded', 2), (30, 'reminded', 2), (31, 'expired', 2)):
            self._run(number)
            with self.subTest(day=number):
                self.assertEqual((self._requests().state, self._requests().reminder_count), (state, count))

    def test_rhythm_of_reminders_is_a_setting(self):
        self.plan.write({'reminder_max': 0})
        self._run(0)
        self._run(20)
        self.assertEqual(self._states(), ['sent'])

    def test_who_has_gone_is_not_reminded(self):
        """Somebody else of the customer is asked with the same answer; where nobody is left, the request is listed."""
        self._run(0)
        request = self._requests()
        asked = request.partner_id
        successor = self.env['res.partner'].create({
            'name': 'Zhao Min', 'parent_id': self.customer.id, 'email': 'zhao.min@hengtong.example',
        })
        others = self.customer.child_ids - successor | self.customer
        others.filtered(lambda one: one != self.customer).active = False
        self.customer.email = False
        self._run(7)
        self.assertNotEqual(request.partner_id, asked)
        answer = request.user_input_id
        self.assertEqual((request.partner_id, answer.partner_id, answer.email), (successor, successor, successor.email))
        self.assertEqual((request.state, request.mail_id.recipient_ids), ('reminded', successor))
        successor.active = False
        self._run(14)
        self.assertEqual((request.state, request.reminder_count, request.next_reminder_on), ('no_address', 1, False))

    def test_server_down_between_reminders(self):
        self._run(0)
        run = self._run(20)  # both would have been due
        self.assertEqual((self._requests().reminder_count, run.counts['survey reminders']), (1, 1))
        self._run(26)
        self.assertEqual(self._requests().reminder_count, 1)
        self._run(27)
        self.assertEqual(self._requests().reminder_count, 2)

    def test_who_answered_is_not_reminded(self):
        self._run(0)
        self._answer(self._requests().user_input_id, 4, 4, 4, 4, on=5)
        self._run(7)
        self._run(31)
        self.assertEqual((self._states(), self._requests().reminder_count), (['answered'], 0))

    def test_expired_link_is_closed(self):
        self._run(0)
        request = self._requests()
        zone = pytz.timezone(self.company_a._fulfilment_zone())
        closed = pytz.utc.localize(request.user_input_id.deadline).astimezone(zone)
        self.assertEqual((closed.date(), closed.hour), (day(31), 0), "with the last day where the company is")
        request.with_user(self.user_sales).action_cancel(reason='Insolvent')
        self.assertEqual((request.state, request.reason), ('cancelled', 'Insolvent'))
        self.assertLess(request.user_input_id.deadline, fields.Datetime.now())
        with self.assertRaisesRegex(UserError, 'over'):
            request.with_user(self.user_sales).action_cancel(reason='Again')

    def test_pause(self):
        pause = self.env['fulfilment.reminder.pause'].create({
            'company_id': self.company_a.id, 'partner_id': self.customer.id, 'reason': 'Dispute', 'date_from': day(0), 'date_to': day(3),
        })
        contract = self._end_contract()
        for number in (0, 3):
            self._run(number)
            self.assertFalse(self._requests(), number)
        self._run(4)
        request = self._requests()
        self.assertEqual((request.contract_id, request.date), (contract, day(4)))
        pause.write({'date_from': day(10), 'date_to': day(15)})
        self._run(11)
        self.assertEqual(request.reminder_count, 0)
        self._run(16)
        self.assertEqual(request.reminder_count, 1)

    def test_archived_customer(self):
        self._run(0)
        self.customer.active = False
        self._run(7)
        self.assertRecordValues(self._requests(), [{'state': 'cancelled', 'reminder_count': 0}])
        self._run(200)
        self.assertEqual(len(self._requests()), 1)

    def test_merged_customer(self):
        """Whoever was asked under another name was asked."""
        self.plan.quiet_days = 0
        self.profile.contract_count = 0
        self._make_profile(self.other_customer)
        self._run(0)
        first = self._requests(self.other_customer)
        self.assertEqual((first.mapped('state'), len(self._requests())), (['sent'], 0))
        self.env['base.partner.merge.automatic.wizard'].with_context(active_test=False)._merge(
            (self.customer | self.other_customer).ids, self.customer,
        )
        self.assertEqual(first.exists().commercial_partner_id, self.customer)
        self.env['fulfilment.profile'].search([('partner_id', '=', self.customer.id)]).contract_count = 1
        self._run(1)
        self.assertEqual(self._requests(), first)

    # === ONCE, WHATEVER HAPPENS === #

    def test_a_bad_customer_stops_nobody(self):
        self._make_profile(self.other_customer)
        model, bad, original = type(self.Request), self.customer, type(self.Request)._queue_mails

        def queue(requests, template):
            if bad in requests.commercial_partner_id.with_env(self.env):
                raise ValueError('no ink')
            return original(requests, template)
        self.patch(model, '_queue_mails', queue)
        with mute_logger('odoo.addons.fulfilment_crm.models.base.run'):
            run = self._run()
        self.assertEqual((self._states(), self._states(self.other_customer)), ([], ['sent']))
        self.assertIn('no ink', run.problem_ids.message)
        self.patch(model, '_queue_mails', original)
        self._run(1)
        self.assertEqual(self._states(), ['sent'])
        self.assertEqual(run.problem_ids.mapped('state'), ['solved'])

    def test_killed_half_way(self):
        """What is not committed is as if it had not been; what is, is not done again."""
        partners = self._make_customers(3)
        self.plan._due_profiles(self.company_a, day(0))
        requests = self.Request._claim_for_profiles(self.plan, self.profile, day(0))
        self.assertEqual(requests.state, 'to_send')  # killed before it was sent
        self._run(1)
        self.assertEqual(requests.state, 'sent')
        self.assertEqual([len(self._requests(partner)) for partner in partners], [1, 1, 1])
        self.assertFalse(self.Request._claim_for_profiles(self.plan, self.profile, day(0)))

    def test_as_many_queries_for_fifty_as_for_one(self):
        spent = {}
        for number in (1, 50):
            partners = self._make_customers(number)
            profiles = self.env['fulfilment.profile'].search([('partner_id', 'in', partners.ids)])
            self.env.invalidate_all(flush=True)
            before = self.env.cr.sql_log_count
            requests = self.Request.sudo()._claim_for_profiles(self.plan.sudo(), profiles.sudo(), day(0))
            requests._send(day(0))
            self.env.flush_all()
            sent = self.env.cr.sql_log_count
            requests._remind(day(7))
            self.env.flush_all()
            spent[number] = (sent - before, self.env.cr.sql_log_count - sent)
            self.assertEqual(len(requests.mail_id), number)
        for position in (0, 1):
            self.assertLessEqual(spent[50][position], spent[1][position] + 3)

    # === WHO MAY === #

    def test_request_is_guarded(self):
        self._run()
        for vals in ({'state': 'answered'}, {'partner_id': self.contact.id}, {'reminder_count': 0}):
            with self.subTest(vals=vals), self.assertRaises(AccessError):
                self._requests().with_user(self.user_manager).write(vals)

    # === RESPONSE === #

    def test_response_and_smallest_sample(self):
        partners = self._make_customers(5)
        self._run()
        self.plan.sample_min = 3
        for partner, marks in zip(partners[:2], ((5, 5, 5, 5), (4, 4, 4, None)), strict=True):
            self._answer(self._requests(partner).user_input_id, *marks)
        self.env.flush_all()
        self.env.invalidate_all()
        row = self.env['fulfilment.survey.rate'].search([('plan_id', '=', self.plan.id), ('company_id', '=', self.company_a.id)])
        self.assertRecordValues(row, [{
            'period': '2026-H1', 'sent_count': 6, 'sent_answered_count': 2, 'response_rate': 33.33, 'answer_count': 2, 'average': 4.5,
            'value': 5, 'is_sample_small': True,
        }])
        self.assertRegex(row.sample_note, re.compile(r'2.*3'))
        self._answer(self._requests(partners[2]).user_input_id, 3, 3, 3, 3)
        self._answer(self._requests(partners[3]).user_input_id, None, None, None, None)
        self.env.flush_all()
        self.env.invalidate_all()
        self.assertRecordValues(row, [{'sent_answered_count': 3, 'answer_count': 3, 'is_sample_small': False, 'sample_note': False}])
        self.assertTrue(row.with_user(self.user_leader).read(['average']))
        with self.assertRaises(AccessError):
            row.with_user(self.user_sales).read(['average'])


@tagged('post_install', '-at_install', 'fulfilment_heavy')
class TestSurveyLink(HttpCase, SurveyCommon):
    """The road of the customer: the link of the mail, without login."""

    def test_customer_answers_without_login(self):
        answer = self._asked_answer()
        page = self.url_open(answer.get_start_url())
        self.assertEqual(page.status_code, 200)
        self.assertIn(self.survey.title, page.text)
        token = re.search(r'csrf_token: "([^"]+)"', page.text).group(1)
        base = f'{self.survey.access_token}/{answer.access_token}'
        self.make_jsonrpc_request(f'/survey/begin/{base}', {})
        self.make_jsonrpc_request(f'/survey/submit/{base}', {
            'csrf_token': token, **{str(question.id): '2' for question in self.question.values()}, str(self.comment.id): 'Late again',
        })
        self.env.invalidate_all()
        result = answer.fulfilment_satisfaction_ids
        self.assertEqual((answer.state, result.average, result.level, result.comment), ('done', 2, 'dissatisfied', 'Late again'))
        self.assertEqual((len(result.improvement_ids), answer.fulfilment_request_ids.state), (4, 'answered'))
