"""What an answer to a survey says, and what follows from it."""
import random
from datetime import timedelta
from fractions import Fraction

from psycopg2.errors import CheckViolation

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import TransactionCase, new_test_user, tagged
from odoo.tools import mute_logger

from odoo.addons.fulfilment_crm.tools.as_of import AsOf
from odoo.addons.fulfilment_crm.tools.period import period_name, period_of
from odoo.addons.fulfilment_crm.tools.satisfaction import judge, reaches

from .common import TODAY
from .common_survey import MARKS, SurveyCommon, day

LOGGER = 'odoo.addons.fulfilment_crm.models.satisfaction.survey_answer'


@tagged('post_install', '-at_install', 'fulfilment_heavy')
class TestSatisfactionTools(TransactionCase):

    def test_levels_at_their_edges(self):
        for mean, level in (('5', 'very'), ('4.5', 'very'), ('4.49', 'fairly'), ('4.45', 'fairly'), ('3.5', 'fairly'),
                            ('3.49', 'dissatisfied'), ('1', 'dissatisfied')):
            with self.subTest(mean=mean):
                self.assertEqual(judge([('quality', Fraction(mean))], 4.5, 3.5)[1:], (float(mean), level))

    def test_mean_of_what_was_answered(self):
        means, average, level = judge([('quality', 5), ('value', 4)], 4.5, 3.5)
        self.assertEqual((means['response'], means['cooperation'], average, level), (None, None, 4.5, 'very'))
        self.assertEqual(judge([], 4.5, 3.5)[1:], (None, None))

    def test_thirds_do_not_fall_off_the_edge(self):
        """(13/3 + 14/3) ÷ 2 is 4.5 exactly, which binary fractions miss."""
        marks = [('quality', 4), ('quality', 4), ('quality', 5), ('value', 5), ('value', 5), ('value', 4)]
        self.assertEqual(judge(marks, 4.5, 3.5)[1:], (4.5, 'very'))

    def test_sums_as_people_write_them(self):
        self.assertTrue(reaches(2.3 + 0.2, 2.5))
        self.assertTrue(reaches(2.5, 2.3 + 0.2))
        self.assertFalse(reaches(2.49, 2.5))

    def test_periods(self):
        for when, rhythm, name, first in (
            ((2026, 6, 30), 'half', '2026-H1', (2026, 1, 1)), ((2026, 7, 1), 'half', '2026-H2', (2026, 7, 1)),
            ((2026, 12, 31), 'quarter', '2026-Q4', (2026, 10, 1)), ((2026, 2, 28), 'month', '2026-02', (2026, 2, 1)),
            ((2026, 2, 28), 'year', '2026', (2026, 1, 1)),
        ):
            with self.subTest(when=when, rhythm=rhythm):
                day = TODAY.replace(*when)
                self.assertEqual((period_name(day, rhythm), period_of(day, rhythm)[0]), (name, TODAY.replace(*first)))


@tagged('post_install', '-at_install', 'fulfilment_heavy')
class TestSatisfactionResults(SurveyCommon):

    # === WHAT COUNTS === #

    def test_finished_answer_becomes_a_result(self):
        result = self._answer(self._asked_answer(), 5, 4, 4, 5, comment='  Good people ')
        self.assertRecordValues(result, [{
            'partner_id': self.contact.id, 'commercial_partner_id': self.customer.id, 'quality': 5, 'response': 4, 'cooperation': 4,
            'value': 5, 'average': 4.5, 'level': 'very', 'comment': 'Good people', 'source': 'mail', 'date': TODAY,
            'user_id': self.user_sales.id, 'entered_by_id': False, 'company_id': self.company_a.id,
        }])

    def test_levels(self):
        for marks, average, level in (
            ((5, 5, 4, 4), 4.5, 'very'), ((5, 4, 4, 4), 4.25, 'fairly'), ((4, 4, 3, 3), 3.5, 'fairly'),
            ((4, 3, 3, 3), 3.25, 'dissatisfied'), ((5, 5, 4, None), 14 / 3, 'very'), ((4, 3, 3, None), 10 / 3, 'dissatisfied'),
        ):
            with self.subTest(marks=marks):
                result = self._result(*marks)
                self.assertAlmostEqual(result.average, average, 9)
                self.assertEqual(result.level, level)

    def test_levels_are_settings(self):
        self.company_a.write({'fulfilment_satisfaction_very': 4.25, 'fulfilment_satisfaction_fairly': 3.25})
        answers = [self._asked_answer(), self._asked_answer(), self._asked_answer()]
        self.assertEqual(
            [self._answer(answer, *marks).level for answer, marks in zip(answers, ((5, 4, 4, 4), (4, 3, 3, 3), (3, 3, 3, 3)), strict=True)],
            ['very', 'fairly', 'dissatisfied'],
        )
        with self.assertRaises(CheckViolation), mute_logger('odoo.sql_db'), self.env.cr.savepoint():
            self.company_a.fulfilment_satisfaction_fairly = 4.3
            self.env.flush_all()

    def test_missing_mark_is_not_zero(self):
        result = self._result(5, None, 4, None)
        self.assertEqual((result.quality, result.response, result.value, result.average), (5, None, None, 4.5))
        self.assertFalse(self.Result.search([('id', '=', result.id), ('response', '<', 3)]))
        self.assertFalse(self.Improvement.search([('commercial_partner_id', '=', self.customer.id)]))

    def test_all_skipped_is_no_result(self):
        answer = self._asked_answer()
        self.assertFalse(self._answer(answer, None, None, None, None, comment='No time'))
        request = answer.fulfilment_request_ids
        self.assertEqual((request.state, bool(request.reason)), ('cancelled', True))

    def test_unfinished_and_test_answers_count_nowhere(self):
        unfinished = self._fill(self._blank(), 1, 1, 1, 1)
        unfinished._mark_in_progress()
        self.assertFalse(self._result(1, 1, 1, 1, test_entry=True))
        self.assertFalse(self.Result.search([('user_input_id', '=', unfinished.id)]))
        self.assertFalse(self.Improvement.search([('commercial_partner_id', '=', self.customer.id)]))

    def test_colleagues_and_strangers_count_nowhere(self):
        self.assertFalse(self._answer(self._blank(self.user_sales.partner_id), 1, 1, 1, 1))
        anonymous = self.env['survey.user_input'].create({'survey_id': self.survey.id, 'email': 'who@knows.example'})
        self.assertFalse(self._answer(anonymous, 1, 1, 1, 1))

    def test_survey_officer_without_a_role_of_ours(self):
        """Who runs surveys deletes and reopens answers, whether or not they may see results."""
        officer = self._make_user('f_officer', None, 'survey.group_survey_manager')
        result = self._result(5, 5, 5, 5)
        answer = result.user_input_id.with_user(officer)
        answer.read(['state', 'partner_id'])
        answer._mark_in_progress()
        self.assertFalse(result.exists())
        answer.unlink()

    def test_other_surveys_are_left_alone(self):
        other = self.env['survey.survey'].create({
            'title': 'Canteen', 'question_and_page_ids': [Command.create({
                'title': 'Soup?', 'question_type': 'scale', 'scale_min': 1, 'scale_max': 5,
            })],
        })
        answer = self._blank(survey=other)
        answer._save_lines(other.question_ids, '1')
        answer._mark_done()
        self.assertEqual((answer.state, len(answer.fulfilment_satisfaction_ids)), ('done', 0))

    def test_nobody_answers_unasked(self):
        """Neither a colleague in a customer's name, nor a participant again."""
        answer = self._blank()
        self.assertFalse(self._answer(answer, 1, 1, 1, 1))
        asked = self._asked_answer()
        self.assertTrue(self._answer(asked, 2, 2, 2, 2))
        again = self.env['survey.user_input'].create({
            'survey_id': asked.survey_id.id, 'partner_id': asked.partner_id.id, 'invite_token': asked.invite_token,
        })
        self.assertFalse(self._answer(again, 1, 1, 1, 1))

    def test_own_survey_with_two_questions_a_dimension(self):
        survey = self.env['survey.survey'].create({'title': 'Ours', 'question_and_page_ids': [Command.create({
            'title': title, 'question_type': 'scale', 'scale_min': 1, 'scale_max': 5, 'fulfilment_dimension': dimension,
        }) for title, dimension in (('Fit', 'quality'), ('Finish', 'quality'), ('Speed', 'response'))]})
        answer = self._asked_answer(survey_id=survey.id)
        for question, mark in zip(survey.question_ids, (4, 5, 3), strict=True):
            answer._save_lines(question, str(mark))
        answer._mark_done()
        result = answer.fulfilment_satisfaction_ids
        self.assertEqual((result.quality, result.response, result.average, result.level), (4.5, 3, 3.75, 'fairly'))

    def test_dimensions_are_scales_from_1_to_5(self):
        for vals in ({'scale_min': 0}, {'scale_max': 10}, {'question_type': 'text_box'}):
            with self.subTest(vals=vals), self.assertRaisesRegex(ValidationError, 'scale from 1 to 5'):
                self.question['quality'].write(vals)

    def test_one_result_an_answer(self):
        answer = self._blank()
        first = self._answer(answer, 5, 5, 5, 5)
        answer._mark_done()
        self.assertEqual(self.Result.search([('user_input_id', '=', answer.id)]), first)

    # === WHAT BECOMES OF THE ANSWER === #

    def test_deleted_answer_takes_its_result_along(self):
        result = self._result(2, 5, 5, 5)
        request, action = result.request_id, result.improvement_ids
        result.user_input_id.unlink()
        self.env.invalidate_all()
        self.assertFalse(result.exists())
        self.assertRecordValues(request, [{'state': 'cancelled', 'reason': 'The answer was deleted', 'answered_on': False}])
        self.assertRecordValues(action, [{'state': 'open', 'satisfaction_id': False, 'baseline': 2}])
        again = self._result(3, 5, 5, 5)
        self.assertEqual((action.state, action.closed_by_result_id), ('done', again))

    def test_answer_taken_up_again_takes_its_result_along(self):
        result = self._result(5, 5, 5, 5)
        answer, request = result.user_input_id, result.request_id
        answer._mark_in_progress()
        self.assertFalse(result.exists())
        self.assertRecordValues(request, [{'state': 'sent', 'answered_on': False}])
        self.assertEqual(self._answer(answer, 3, 3, 3, 3).level, 'dissatisfied')

    def test_corrected_answer_corrects_its_result(self):
        result = self._result(5, 5, 5, 5)
        line = result.user_input_id.user_input_line_ids.filtered(lambda one: one.question_id == self.question['value'])
        line.value_scale = 2
        self.assertEqual((result.value, result.average, result.level), (2, 4.25, 'fairly'))
        self.assertTrue(self.Improvement.search([('satisfaction_id', '=', result.id), ('dimension', '=', 'value')]))
        line.unlink()
        self.assertEqual((result.value, result.average, result.level), (None, 5, 'very'))

    def test_a_fault_of_ours_does_not_lose_the_answer(self):
        answer, model = self._asked_answer(), type(self.Improvement)
        self.patch(model, '_follow', lambda *args: 1 / 0)
        with mute_logger(LOGGER):
            self.assertFalse(self._answer(answer, 2, 2, 2, 2))
        self.assertEqual((answer.state, answer.fulfilment_request_ids.state), ('done', 'sent'))
        self.env.registry.clear_all_caches()

    def test_daily_round_follows_what_was_left(self):
        answer = self._asked_answer()
        self._fill(answer, 2, 5, 5, 5)
        answer.write({'state': 'done'})  # finished without a word to us, as after a fault
        run = self._run()
        result = answer.fulfilment_satisfaction_ids
        self.assertEqual((result.quality, answer.fulfilment_request_ids.state), (2, 'answered'))
        self.assertEqual((len(result.improvement_ids), run.counts['answers followed up']), (1, 1))
        self.assertNotIn('answers followed up', self._run().counts or {})
        result.is_followed_up = False
        self._run()
        self.assertEqual((result.is_followed_up, len(result.improvement_ids)), (True, 1))

    # === WHOSE AND WHEN === #

    def test_of_a_contract(self):
        contract = self._make_contract('active', user_id=self.user_sales_2.id)
        self.env['fulfilment.contract.line'].sudo().create({'contract_id': contract.id, 'name': 'Pump', 'product_id': self.product.id})
        self.profile.tier_id = self.env.ref('fulfilment_crm.tier_key')
        result = self._answer(self._asked_answer(contract=contract), 5, 5, 5, 5)
        self.assertEqual(
            (result.contract_id, result.product_id, result.user_id, result.tier_id),
            (contract, self.product, self.user_sales_2, self.env.ref('fulfilment_crm.tier_key')),
        )
        self.profile.tier_id = self.env.ref('fulfilment_crm.tier_ordinary')
        self.assertEqual(result.tier_id, self.env.ref('fulfilment_crm.tier_key'))
        self.assertEqual(contract.satisfaction_count, 1)

    def test_two_companies(self):
        self._make_profile(self.customer, self.company_b, user_id=self.user_b.id)
        in_a, in_b = (self._answer(self._asked_answer(company), 2, 5, 5, 5) for company in (self.company_a, self.company_b))
        self.assertEqual((in_a.company_id, in_b.company_id), (self.company_a, self.company_b))
        self.assertEqual((in_a.improvement_ids.user_id, in_b.improvement_ids.user_id), (self.user_sales, self.user_b))
        self.assertEqual(self.Result.with_user(self.user_b).search([]), in_b)
        self.assertFalse(self.Result.with_user(self.user_manager).search([('id', '=', in_b.id)]))

    def test_day_of_the_company(self):
        self.company_a.resource_calendar_id.tz = 'Asia/Shanghai'
        answer = self._asked_answer()
        late = TODAY + timedelta(days=1)
        own = answer.with_context(as_of=AsOf(late))
        self._fill(own, 5, 5, 5, 5)
        own._mark_done()
        self.assertEqual(answer.fulfilment_satisfaction_ids.date, late)

    def test_merged_customers_keep_their_results(self):
        one, two = self._result(5, 5, 5, 5), self._result(2, 4, 4, 4, partner=self.other_customer)
        again = self._result(2, 4, 4, 4)
        self.env['base.partner.merge.automatic.wizard'].with_context(active_test=False)._merge(
            (self.other_customer | self.customer).ids, self.customer,
        )
        self.assertEqual((one | two | again).exists().commercial_partner_id, self.customer)
        actions = self.Improvement.search([('commercial_partner_id', '=', self.customer.id), ('state', '=', 'open')])
        self.assertEqual(len(actions), 2)
        self._result(5, 5, 5, 5, on=1)
        self.assertEqual(actions.mapped('state'), ['done', 'done'])

    # === RIGHTS === #

    def test_nobody_edits_marks(self):
        result = self._result(2, 2, 2, 2)
        for user in (self.user_sales, self.user_leader, self.user_manager, self.user_service):
            for vals in ({'quality': 5}, {'average': 5}, {'level': 'very'}, {'comment': 'Fine'}):
                with self.subTest(user=user.login, vals=vals), self.assertRaises(AccessError):
                    result.with_user(user).write(vals)
            with self.assertRaises(AccessError):
                self.Result.with_user(user).create({'partner_id': self.customer.id})
        administrator = self.env.ref('base.user_admin')
        administrator.company_ids |= self.company_a
        with self.assertRaises(AccessError):
            result.with_user(administrator).write({'average': 5})

    def test_who_reads(self):
        result = self._result(5, 5, 5, 5)
        for user in (self.user_sales, self.user_leader, self.user_manager, self.user_service, self.user_inspector):
            with self.subTest(user=user.login):
                seen = self.Result.with_user(user).search([('id', '=', result.id)])
                self.assertEqual(seen.read(['level', 'average'])[0]['level'], 'very')
        portal = new_test_user(self.env, 'f_portal', groups='base.group_portal', company_id=self.company_a.id,
                               company_ids=[Command.set(self.company_a.ids)])
        self.assertFalse(self.Result.with_user(self.user_sales_2).search([('id', '=', result.id)]))
        for user in (portal, self.user_plain):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                result.with_user(user).read(['level'])
        result.user_id = self.user_sales_2  # who was responsible then, and who is now
        self.customer.user_id = self.user_sales
        for user in (self.user_sales, self.user_sales_2):
            self.assertTrue(self.Result.with_user(user).search([('id', '=', result.id)]))

    # === MANY === #

    def test_random_answers_against_a_slow_mean(self):
        chance = random.Random(19)
        for _number in range(40):
            marks = [chance.choice((None, 1, 2, 3, 4, 5)) for _mark in MARKS]
            result = self._result(*marks)
            answered = [mark for mark in marks if mark]
            if not answered:
                self.assertFalse(result)
                continue
            mean = Fraction(sum(answered), len(answered))
            level = 'very' if mean * 2 >= 9 else 'fairly' if mean * 2 >= 7 else 'dissatisfied'
            with self.subTest(marks=marks):
                self.assertEqual((result.average, result.level), (float(mean), level))
                self.assertEqual([result[dimension] for dimension in MARKS], marks)

    def test_as_many_queries_for_fifty_as_for_one(self):
        spent = {}
        for number in (1, 50):
            partners = self._make_customers(number)
            answers = self.env['survey.user_input'].concat(*(self._asked_answer(partner=partner) for partner in partners))
            for answer in answers:
                self._fill(answer, 2, 5, 5, 5)
            answers.write({'state': 'done'})
            self.env.invalidate_all(flush=True)
            before = self.env.cr.sql_log_count
            answers.sudo()._fulfilment_follow()
            self.env.flush_all()
            spent[number] = self.env.cr.sql_log_count - before
            self.assertEqual(len(answers.fulfilment_satisfaction_ids.improvement_ids), number)
        self.assertLessEqual(spent[50], spent[1] + 3)


@tagged('post_install', '-at_install', 'fulfilment_heavy')
class TestImprovement(SurveyCommon):

    def _actions(self, dimension='quality', state=None):
        domain = [('commercial_partner_id', '=', self.customer.id), ('dimension', '=', dimension)]
        return self.Improvement.search(domain + ([('state', '=', state)] if state else []), order='id')

    def test_weak_below_the_limit_only(self):
        self._result(4, 4, 4, 3)
        self.assertFalse(self._actions('quality'))
        action = self._actions('value')
        self.assertRecordValues(action, [{
            'state': 'open', 'baseline': 3, 'rise': 0.5, 'target': 3.5, 'user_id': self.user_sales.id, 'date_due': day(30),
        }])
        self.assertEqual(action.activity_ids.user_id, self.user_sales)

    def test_exactly_the_limit_is_not_weak(self):
        self.company_a.fulfilment_weak_mark = 3
        result = self._result(3, 2, 4, 4)
        self.assertEqual(result.improvement_ids.mapped('dimension'), ['response'])
        self.company_a.fulfilment_weak_mark = 2
        again = self._result(2, 1, 5, 5, on=1)
        self.assertEqual(set(again.improvement_ids.mapped('dimension')), set())  # the response is open already, 2 is not below 2

    def test_one_open_a_customer_and_dimension(self):
        self._result(2, 5, 5, 5)
        self._result(1, 5, 5, 5, partner=self.customer, on=1)
        self.assertEqual(len(self._actions()), 1)
        self.assertEqual((self._actions().state, self._actions().mark_last), ('open', 1))

    def test_exactly_the_rise_closes_it(self):
        self.company_a.fulfilment_improvement_rise = 2.0
        self._result(2, 5, 5, 5)
        self._result(3, 5, 5, 5, on=10)
        self.assertEqual(self._actions().state, 'open')
        last = self._result(4, 5, 5, 5, on=20)
        action = self._actions()
        self.assertRecordValues(action, [{'state': 'done', 'closed_on': day(20), 'closed_by_result_id': last.id, 'mark_last': 4}])
        self.assertFalse(action.activity_ids)
        self.assertIn('4.00', action.reason)

    def test_risen_but_still_weak_opens_the_next(self):
        self._result(2, 5, 5, 5)
        self._result(3, 5, 5, 5, on=10)
        self.assertEqual(self._actions().mapped(lambda one: (one.state, one.baseline)), [('done', 2), ('open', 3)])

    def test_other_dimension_and_other_customer_close_nothing(self):
        self._result(2, 5, 5, 5)
        self._result(None, 5, 5, 5, on=1)
        self._result(5, 5, 5, 5, partner=self.other_customer, on=1)
        self.assertEqual(self._actions().state, 'open')

    def test_target_stays_reachable(self):
        self.company_a.write({'fulfilment_weak_mark': 5, 'fulfilment_improvement_rise': 3})
        self._result(4, 5, 5, 5)
        self.assertEqual(self._actions().target, 5)

    def test_give_up(self):
        self._result(2, 5, 5, 5)
        action = self._actions().with_user(self.user_sales)
        self.assertEqual(action.action_cancel()['res_model'], 'fulfilment.reason')
        action.action_cancel(reason='Discontinued product')
        self.assertEqual((action.state, action.reason, len(action.activity_ids)), ('cancelled', 'Discontinued product', 0))
        with self.assertRaisesRegex(UserError, 'closed already'):
            action.action_cancel(reason='Again')
        self._result(2, 5, 5, 5, on=1)
        self.assertEqual(len(self._actions(state='open')), 1)

    def test_what_is_set_by_the_rules_alone(self):
        self._result(2, 5, 5, 5)
        action = self._actions().with_user(self.user_sales)
        action.write({'measures': '<p>New seals</p>', 'date_due': day(60)})
        for vals in ({'state': 'done'}, {'target': 1}, {'baseline': 1}, {'open_key': False}):
            with self.subTest(vals=vals), self.assertRaises(AccessError):
                action.write(vals)
        with self.assertRaises(AccessError):
            action.with_user(self.user_inspector).write({'measures': 'x'})

    def test_without_responsible_the_manager_owns_it(self):
        self.profile.user_id = False
        self._result(2, 5, 5, 5)
        self.assertEqual(self._actions().user_id, self.user_manager)


@tagged('post_install', '-at_install', 'fulfilment_heavy')
class TestLoyalty(SurveyCommon):

    def test_very_satisfied_only(self):
        self._result(5, 4, 4, 4)
        self.assertFalse(self.Proposal.search([('commercial_partner_id', '=', self.customer.id)]))
        result = self._result(5, 5, 4, 4)
        self.assertRecordValues(result.loyalty_ids, [{
            'kind': 'training', 'state': 'proposed', 'date': TODAY, 'user_id': self.user_sales.id,
        }])
        self._result(5, 5, 5, 5, on=1)
        self.assertEqual(self.Proposal.search([('commercial_partner_id', '=', self.customer.id)]), result.loyalty_ids)

    def test_kind_is_a_setting(self):
        self.company_a.fulfilment_loyalty_kind = False
        self.assertFalse(self._result(5, 5, 5, 5).loyalty_ids)
        self.company_a.fulfilment_loyalty_kind = 'points'
        self.assertEqual(self._result(5, 5, 5, 5).loyalty_ids.kind, 'points')

    def test_decided_by_a_leader(self):
        one = self._result(5, 5, 5, 5).loyalty_ids
        with self.assertRaises(AccessError):
            one.with_user(self.user_sales).action_grant()
        own = one.with_user(self.user_leader)
        own.kind = 'priority'
        own.action_grant()
        self.assertRecordValues(one, [{'state': 'granted', 'decided_by_id': self.user_leader.id, 'kind': 'priority'}])
        self.assertTrue(one.decided_on)
        with self.assertRaisesRegex(UserError, 'decided already'):
            own.action_refuse(reason='No')
        with self.assertRaisesRegex(UserError, 'decided already'):
            own.kind = 'points'
        two = self._result(5, 5, 5, 5, on=1).loyalty_ids
        two.with_user(self.user_leader).action_refuse(reason='Had one last year')
        self.assertEqual((two.state, two.reason), ('declined', 'Had one last year'))
        with self.assertRaises(AccessError):
            two.with_user(self.user_leader).state = 'granted'
