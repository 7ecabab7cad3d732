"""Reviews: made once when their period has ended, with a picture that stays; stages evaluated; reported once, then closed."""
from datetime import date, timedelta
from decimal import Decimal
from unittest.mock import patch

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import TransactionCase, tagged

from ..tools.evaluation import mark_of_cost, mark_of_count, mark_of_share, score
from .common import TODAY, FulfilmentCommon

APRIL = date(2026, 4, 1)


@tagged('post_install', '-at_install')
class TestEvaluation(TransactionCase):

    def test_known_answers(self):
        self.assertEqual(score([(1, 5), (1, 5), (1, None)]), (Decimal('100.00'), 1))
        self.assertEqual(score([(3, 5), (1, 1)]).value, Decimal('75.00'))
        self.assertEqual(score([(1, 3)]).value, Decimal('50.00'))
        self.assertEqual(score([(1, None)]), (None, 1))
        self.assertEqual(score([]), (None, 0))
        self.assertEqual(score([(0, 5)]).value, None, "a weight of nothing")
        for bad in ([(1, 6)], [(1, 0)], [(-1, 3)]):
            with self.subTest(bad=bad), self.assertRaises(ValueError):
                score(bad)

    def test_bands(self):
        for percent, mark in ((100, 5), (95, 5), (94.99, 4), (85, 4), (84.9, 3), (70, 3), (69.9, 2), (50, 2), (49.9, 1), (0, 1),
            (None, None)):
            self.assertEqual(mark_of_share(percent), mark, percent)
        self.assertEqual([mark_of_count(number) for number in (0, 1, 2, 3, 4, None)], [5, 4, 3, 2, 1, None])
        self.assertEqual([mark_of_cost(percent) for percent in (0, 0.5, 2, 5, 5.1, None)], [5, 4, 3, 2, 1, None])


@tagged('post_install', '-at_install')
class TestReview(FulfilmentCommon):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Review = cls.env['fulfilment.review']
        cls.plan = cls.env.ref('fulfilment_crm.review_plan_all')

    def _round(self, day=APRIL):
        return self.run_cron('fulfilment.review', '_cron_reviews', as_of=day)

    def _contract(self, **vals):
        contract = self._make_contract('active', date_start=date(2026, 1, 5), **vals)
        self.late = self._make_milestone(contract, days=-10, name='Late')
        self._make_milestone(contract, days=40, name='To come')
        return contract

    def _reviews(self, contract, kind='periodic'):
        return self.Review.search([('contract_id', '=', contract.id), ('kind', '=', kind)])

    def test_made_once_for_the_period_that_has_ended(self):
        contract = self._contract()
        self._round()
        review = self._reviews(contract)
        self.assertEqual((review.period_start, review.period_end, review.date), (date(2026, 1, 1), date(2026, 3, 31), APRIL))
        self.assertEqual((review.user_id, review.date_due, contract.review_next),
            (self.user_sales, APRIL + timedelta(days=14), date(2026, 7, 1)))
        self.assertTrue(review.activity_ids.filtered(lambda one: one.user_id == self.user_sales))
        self._round()
        self._round(date(2026, 4, 20))
        self.assertEqual(len(self._reviews(contract)), 1)
        self._round(date(2026, 10, 2))
        self.assertEqual(len(self._reviews(contract)), 2, "the last quarter alone, not those missed before")

    def test_off_means_nothing(self):
        self.company_a.fulfilment_reviews = False
        contract = self._contract()
        self._round()
        self.assertFalse(self._reviews(contract))
        self.assertFalse(self._reviews(contract, 'stage'))

    def test_rhythm_by_tier_and_by_contract(self):
        contract, signed = self._contract(), self._contract(review_period='year')
        profile = self.env['fulfilment.profile'].create({
            'partner_id': self.customer.id, 'company_id': self.company_a.id, 'user_id': self.user_sales.id,
        })
        profile.sudo().tier_id = self.env.ref('fulfilment_crm.tier_strategic')
        self._round(date(2026, 3, 1))
        self.assertEqual(self._reviews(contract).period_start, date(2026, 2, 1), "strategic: monthly")
        self.assertFalse(self._reviews(signed), "what was signed decides: no year has ended")

    def test_who_came_later_waits(self):
        contract = self._make_contract('active', date_start=APRIL)
        self._round()
        self.assertFalse(self._reviews(contract))

    def test_a_picture_that_stays(self):
        contract = self._contract()
        self._round()
        review = self._reviews(contract)

        def seen():
            review.invalidate_recordset()
            lines = [(
                one.name, one.kind, one.obligor, one.owner, one.date_planned, one.date_first_planned, one.date_done, one.state,
                one.days_late,
                one.fault, one.amount, one.amount_done,
            ) for one in review.line_ids]
            return lines, review.rate_us, review.late_us, review.amount_total, review.milestone_count

        before = seen()
        self.assertEqual((review.late_us, review.milestone_count, review.rate_us), (1, 2, 0.0))
        self.assertEqual((review.line_ids[0].days_late, review.line_ids[0].fault), (40, 'us'))
        self.late.with_user(self.user_sales).action_done(date=TODAY)
        contract.milestone_ids[1].with_user(self.user_sales).action_move(date='2026-12-01', reason='Agreed')
        contract.sudo().write({'amount_total': 9.0, 'user_id': self.user_sales_2.id})
        self.late.sudo().write({'name': 'Renamed', 'user_id': self.user_sales_2.id})
        self.assertEqual(seen(), before)
        for record, vals in ((review, {'late_us': 0}), (review.line_ids[0], {'days_late': 0}), (review, {'date': TODAY})):
            with self.subTest(vals=vals), self.assertRaises(AccessError):
                record.with_user(self.user_manager).write(vals)

    def test_marks_are_suggested_and_given(self):
        contract = self._contract()
        self._round()
        review = self._reviews(contract).with_user(self.user_sales)
        ours = review.answer_ids.filtered(lambda one: one.measure == 'on_time_us')
        self.assertEqual((ours.suggested, ours.mark), ('1', '1'))
        self.assertIn('0 %', ours.ground)
        theirs = review.answer_ids.filtered(lambda one: one.measure == 'on_time_customer')
        self.assertFalse(theirs.mark, "nothing was owed: no data is not zero")
        self.assertGreater(review.unmarked_count, 0)
        ours.write({'mark': '4', 'note': 'A strike at the port'})
        self.assertEqual(ours.suggested, '1')
        with self.assertRaises(AccessError):
            ours.write({'suggested': '5'})
        with self.assertRaises(AccessError):
            ours.with_user(self.user_sales_2).write({'mark': '5'})

    def test_reported_once_to_those_responsible(self):
        contract = self._contract()
        self._round()
        review = self._reviews(contract).with_user(self.user_sales)
        self.plan.sudo().receiver_ids = self.user_credit
        review.action_begin()
        with self.assertRaisesRegex(UserError, 'concluded'):
            review.action_report()
        review.conclusion = 'On a good way'
        finding = self.env['fulfilment.finding'].with_user(self.user_sales).create({
            'name': 'No delivery plan', 'review_id': review.id, 'user_id': self.user_sales_2.id,
        })
        self.assertEqual((finding.origin, finding.contract_id), ('review', contract))
        users = self.user_sales | self.user_sales_2 | self.user_leader | self.user_credit
        users.sudo().email = 'colleague@a.example'
        (self.user_credit).sudo().lang = 'en_US'
        with patch.object(type(self.env['ir.actions.report']), 'get_wkhtmltopdf_state', return_value='install'):
            review.action_report()
        self.assertEqual(review.receiver_ids, users)
        mails = self.env['mail.mail'].sudo().search([('model', '=', 'fulfilment.review'), ('res_id', '=', review.id)])
        self.assertEqual(mails.recipient_ids, users.partner_id)
        self.assertTrue(all('.xlsx' in one.name for one in mails.attachment_ids))
        for action in (review.action_begin, review.action_report):
            with self.assertRaises(UserError):
                action()
        with self.assertRaisesRegex(UserError, 'reported'):
            review.write({'conclusion': 'Changed'})
        with self.assertRaisesRegex(UserError, 'reported'):
            review.answer_ids[0].write({'mark': '5'})
        with self.assertRaisesRegex(UserError, 'findings are open'):
            review.action_close()
        finding.with_user(self.user_sales_2).action_done(action='Made one')
        finding.with_user(self.user_inspector).action_verify()
        review.action_close()
        self.assertEqual(review.state, 'closed')

    def test_stages_are_evaluated_when_they_end(self):
        contract = self._contract()
        self.assertEqual(self._reviews(contract, 'stage').mapped('stage'), ['signing'])
        contract._move_to('settlement')
        contract._move_to('closed')
        stages = self._reviews(contract, 'stage')
        self.assertEqual(set(stages.mapped('stage')), {'signing', 'performance', 'settlement'})
        last = stages.filtered(lambda one: one.stage == 'settlement')
        self.assertTrue(last.answer_ids)
        last.answer_ids.mark = '4'
        last.action_begin()
        last.conclusion = 'Would sign again'
        last.action_report()
        self.env['fulfilment.profile']._refresh(self.customer, companies=self.company_a)
        profile = self.env['fulfilment.profile'].search([('partner_id', '=', self.customer.id), ('company_id', '=', self.company_a.id)])
        self.assertEqual((profile.evaluation_count, profile.evaluation_score), (1, 75.0))
        result = self.env['fulfilment.contract.result'].search([('contract_id', '=', contract.id)])
        self.assertEqual((result.score, result.contract_count), (75.0, 1))

    def test_results_by_template_and_clause(self):
        clause = self.env['fulfilment.clause'].search([], limit=1)
        contract = self._contract()
        self.env['fulfilment.contract.clause'].sudo().create({
            'contract_id': contract.id, 'name': clause.name, 'body': 'Text', 'category_id': clause.category_id.id, 'clause_id': clause.id,
        })
        contract.sudo().template_id = self.template_sale
        self.late.with_user(self.user_sales).action_done(date=TODAY - timedelta(days=1))
        self.assertFalse(self.env['fulfilment.clause.result'].search([('contract_id', '=', contract.id)]), "not ended yet")
        contract._move_to('settlement')
        contract._move_to('closed')
        self.env.flush_all()
        row = self.env['fulfilment.clause.result'].search([('contract_id', '=', contract.id)])
        self.assertEqual((row.clause_id, row.version, row.rate_us), (clause, clause.version, 0.0))
        self.template_sale.invalidate_recordset(['results'])
        self.assertIn('1 contracts ended', self.template_sale.results)
        self.assertFalse(self.env['fulfilment.contract.result'].with_user(self.user_sales_2).search([('contract_id', '=', contract.id)]))

    def test_by_hand_and_one_meeting(self):
        contract = self._contract()
        one = self.Review.browse(contract.with_user(self.user_sales).action_review()['res_id'])
        two = self.Review.browse(contract.with_user(self.user_sales).action_review()['res_id'])
        self.assertEqual(len(one | two), 2)
        with self.assertRaises(AccessError):
            contract.with_user(self.user_sales_2).action_review()
        (one | two).with_user(self.user_sales).action_meet()
        self.assertEqual(len((one | two).meeting_id), 1)
        with self.assertRaisesRegex(UserError, 'not in force'):
            self._make_contract('draft').action_review()

    def test_late_reviews_are_told_above_once(self):
        contract = self._contract()
        self._round()
        review = self._reviews(contract)
        for day, told in ((date(2026, 4, 15), 0), (date(2026, 4, 16), 1), (date(2026, 4, 17), 1)):
            self._round(day)
            with self.subTest(day=day):
                self.assertEqual(len(review.activity_ids.filtered(lambda one: one.user_id == self.user_leader)), told)

    def test_inspections_of_an_area(self):
        plan = self.env['fulfilment.review.plan'].create({
            'name': 'Milestones', 'kind': 'inspection', 'area': 'milestone', 'user_id': self.user_inspector.id, 'period': 'month',
            'company_id': self.company_a.id,
        })
        check = self.env.ref('fulfilment_crm.check_milestone_without_owner')
        self.env['fulfilment.process.check.result'].sudo().create([
            {'check_id': check.id, 'company_id': self.company_a.id, 'date': day, 'population': 10, 'exceptions': wrong, 'rate': wrong * 10}
            for day, wrong in ((date(2026, 3, 1), 4), (date(2026, 3, 31), 2))
        ])
        self._round()
        self._round(date(2026, 4, 2))
        review = self.Review.search([('plan_id', '=', plan.id), ('company_id', '=', self.company_a.id)])
        self.assertEqual((len(review), review.user_id, review.contract_id.id), (1, self.user_inspector, False))
        self.assertEqual([(one.exceptions, one.before, one.rate) for one in review.check_ids], [(2, 4, 20.0)])
        with self.assertRaises(ValidationError):
            self.env['fulfilment.review.plan'].create({'name': 'Nobody', 'kind': 'inspection', 'area': 'file'})

    def test_in_two_companies_and_by_many(self):
        contracts = [self._contract() for _number in range(3)]
        other = self._make_contract('active', company=self.company_b, user_id=self.user_b.id, date_start=date(2026, 1, 5))
        self._round()
        self.assertEqual(self._reviews(other).company_id, self.company_b)
        self.assertFalse(self.Review.with_user(self.user_b).search([('contract_id', 'in', [one.id for one in contracts])]))
        self.assertTrue(self.Review.with_user(self.user_inspector).search([('contract_id', '=', contracts[0].id)]))

    def test_the_switch_says_what_it_would_do(self):
        contract = self._contract()
        effects = self.env['fulfilment.switch']._preview_reviews(self.company_a)
        self.assertIn(contract.id, [one for effect in effects for one in effect.ids])

    def test_other_languages_and_colleagues_left(self):
        contract = self._contract()
        self.user_sales.sudo().active = False
        self._round()
        self.assertEqual(self._reviews(contract).user_id, self.user_manager, "who answers when nobody is left")
        self.assertEqual(self.env['fulfilment.review.plan']._plans_of(contract, 'periodic')[contract], self.plan)
        self.plan.sudo().domain = str([('id', '=', 0)])
        self.assertFalse(self.env['fulfilment.review.plan']._plans_of(contract, 'periodic'))
        self.assertFalse(contract.review_next, "plans that change have reviews planned anew")
        self.env['fulfilment.review.plan'].create({'name': 'Mine', 'question_ids': [Command.create({'name': 'How is it?'})]})
        self.assertTrue(self.env['fulfilment.review.plan']._plans_of(contract, 'periodic'))
