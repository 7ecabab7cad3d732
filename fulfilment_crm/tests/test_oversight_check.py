"""Checks that run every night over everything, the findings they open, and what closes these."""
from datetime import date, timedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, tagged

from .common import TODAY, FulfilmentCommon


@tagged('post_install', '-at_install')
class TestChecks(FulfilmentCommon):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env['fulfilment.process.check'].search([]).active = False
        cls.check = cls.env['fulfilment.process.check'].create({
            'name': 'Milestones of no worth', 'area': 'milestone', 'model': 'fulfilment.milestone',
            'population': "[('state', '=', 'pending')]", 'domain': "[('name', '=', 'Bad')]", 'user_id': cls.user_manager.id,
        })
        cls.contract = cls._make_contract('active')
        cls.bad = cls._make_milestone(cls.contract, name='Bad')
        cls._make_milestone(cls.contract, name='Good')

    def _round(self, day=TODAY):
        return self.run_cron('fulfilment.process.check', '_cron_checks', as_of=day)

    def _result(self, company=None, day=TODAY):
        return self.env['fulfilment.process.check.result'].search([
            ('check_id', '=', self.check.id), ('company_id', '=', (company or self.company_a).id), ('date', '=', day),
        ])

    def _finding(self):
        return self.env['fulfilment.finding'].search([('check_id', '=', self.check.id), ('check_key', '!=', False)])

    def test_counted_once_a_day_and_company(self):
        self._round()
        result = self._result()
        self.assertEqual((result.population, result.exceptions, result.rate), (2, 1, 50.0))
        empty = self._result(self.company_b)
        self.assertEqual((empty.population, empty.exceptions, empty.rate), (0, 0, None), "nothing to look at is no rate of nothing")
        self._make_milestone(self.contract, name='Bad')
        self._round()
        self.assertEqual((len(self._result()), self._result().exceptions), (1, 2), "the newer numbers of the same day")

    def test_a_finding_is_opened_once_and_closed_by_the_next_run(self):
        self._round()
        finding = self._finding()
        self.assertEqual((finding.user_id, finding.contract_id, finding.record_name),
            (self.user_sales, self.contract, self.bad.display_name))
        self.assertEqual((finding.date_due, finding.origin), (TODAY + timedelta(days=14), 'check'))
        self._round()
        self._round(TODAY + timedelta(days=1))
        self.assertEqual((len(self._finding()), finding.seen_on), (1, TODAY + timedelta(days=1)))
        self.bad.sudo().name = 'Mended'
        self._round(TODAY + timedelta(days=2))
        self.assertEqual((finding.state, finding.check_key, bool(finding.activity_ids)), ('closed', False, False))
        self.bad.sudo().name = 'Bad'
        self._round(TODAY + timedelta(days=3))
        again = self._finding()
        self.assertEqual((again.repeated_of_id, again.repetition), (finding, 2))

    def test_no_road_closes_it_while_it_is_shown(self):
        self._round()
        finding = self._finding()
        finding.with_user(self.user_sales).action_done(action='Said so')
        hostile = {'as_of': '2020-01-01', 'active_test': False, 'default_state': 'closed', 'tracking_disable': True}
        for user in (self.user_inspector, self.user_manager):
            for context in ({}, hostile):
                with self.subTest(user=user.login, context=context), self.assertRaisesRegex(UserError, 'still shows'):
                    finding.with_user(user).with_context(**context).action_verify()
        for vals in ({'state': 'closed'}, {'check_key': False}, {'check_id': False}, {'res_id': 0}):
            with self.subTest(vals=vals), self.assertRaises(AccessError):
                finding.with_user(self.user_manager).write(vals)
        with self.assertRaisesRegex(UserError, 'still shows'):
            finding.sudo()._move_to('closed')
        with self.assertRaises(UserError):
            finding.with_user(self.user_manager).unlink() if finding.with_user(self.user_manager).has_access('unlink') else finding.unlink()
        self.bad.sudo().name = 'Mended'
        finding.with_user(self.user_inspector).action_verify()
        self.assertEqual((finding.state, finding.closed_by_id), ('verified', self.user_inspector))

    def test_the_own_work_is_verified_by_somebody_else(self):
        finding = self.env['fulfilment.finding'].with_user(self.user_inspector).create({'name': 'Seen', 'company_id': self.company_a.id})
        self.assertEqual(finding.user_id, self.user_inspector)
        finding.action_done(action='Done')
        with self.assertRaisesRegex(UserError, 'somebody else'):
            finding.action_verify()
        with self.assertRaises(AccessError):
            finding.with_user(self.user_sales).action_verify()
        finding.with_user(self.user_manager).action_verify()
        finding.with_user(self.user_inspector).action_reopen(reason='It came back')
        self.assertEqual(finding.state, 'open')

    def test_findings_are_limited_and_the_oldest_come_first(self):
        self.check.finding_limit = 2
        more = [self._make_milestone(self.contract, name='Bad') for _number in range(3)]
        self._round()
        self.assertEqual(sorted(self._finding().mapped('res_id')), sorted([self.bad.id, more[0].id]))
        self.assertEqual(self._result().exceptions, 4, "all are counted")
        self.check.finding_limit = 0
        more[1].sudo().name = 'Mended'
        self._round(TODAY + timedelta(days=1))
        self.assertEqual(len(self._finding()), 2)

    def test_one_bad_check_stops_no_night(self):
        broken = self.check.copy({'name': 'Broken'})
        self.env.flush_all()
        self.env.cr.execute("UPDATE fulfilment_process_check SET domain = 'nonsense(' WHERE id = %s", [broken.id])
        self.env.invalidate_all()
        self._round()
        self.assertEqual(self._result().exceptions, 1)
        problem = self.env['fulfilment.problem'].search([('res_model', '=', 'fulfilment.process.check'), ('res_id', '=', broken.id)])
        self.assertTrue(problem)
        for vals in ({'domain': "[('nothing', '=', 1)]"}, {'population': 'nonsense('}):
            with self.subTest(vals=vals), self.assertRaises(ValidationError):
                self.check.write(vals)

    def test_off_means_nothing(self):
        self.company_a.fulfilment_checks = False
        self._round()
        self.assertFalse(self._result())
        self.assertTrue(self._result(self.company_b))

    def test_people_are_reminded_and_their_leaders_told_once(self):
        self._round()
        finding = self._finding()
        due = finding.date_due
        for day, mine, above in ((due - timedelta(days=1), 1, 0), (due, 2, 0), (due + timedelta(days=7), 2, 0),
            (due + timedelta(days=8), 2, 1),
                                 (due + timedelta(days=9), 2, 1)):
            self._round(day)
            activities = finding.activity_ids
            with self.subTest(day=day):
                self.assertEqual(len(activities.filtered(lambda one: one.user_id == self.user_sales)), mine)
                self.assertEqual(len(activities.filtered(lambda one: one.user_id == self.user_leader)), above)

    def test_shipped_checks_can_be_counted(self):
        self.env['fulfilment.process.check'].with_context(active_test=False).search([]).active = True
        today = self.company_a._fulfilment_today()[self.company_a]
        run = self._round(today)
        self.assertFalse(run.problem_ids, run.problem_ids.mapped('message'))
        self.assertEqual(
            len(self.env['fulfilment.process.check.result'].search([('company_id', '=', self.company_a.id), ('date', '=', today)])),
            self.env['fulfilment.process.check'].search_count([]),
        )
        standing = self.env.ref('fulfilment_crm.check_milestone_without_owner').with_company(self.company_a)
        self.assertTrue(standing.with_context(allowed_company_ids=self.company_a.ids).last_date)

    def test_what_is_entered_late_is_found(self):
        self.env['fulfilment.profile'].create({
            'partner_id': self.customer.id, 'company_id': self.company_a.id, 'user_id': self.user_sales.id,
        })
        seller = self.customer.with_user(self.user_sales).with_context(allowed_company_ids=self.company_a.ids)
        self.user_sales.sudo().group_ids |= self.env.ref('base.group_partner_manager')
        seller.write({'street': '2 Quay', 'fulfilment_known_on': fields.Datetime.subtract(fields.Datetime.now(), hours=25)})
        seller.write({'city': 'Taizhou'})
        late, prompt = self.env['fulfilment.file.change'].search([('partner_id', '=', self.customer.id)], order='id')
        self.assertEqual((late.is_late, prompt.is_late, late.names), (True, False, ['street']))
        self.assertEqual(self.customer.fulfilment_profile_ids.file_confirmed_on, self.company_a._fulfilment_today()[self.company_a])
        prompt.with_user(self.user_sales).known_on = fields.Datetime.subtract(prompt.changed_on, hours=30)
        self.assertTrue(prompt.is_late)
        for vals in ({'known_on': prompt.changed_on}, {'known_on': fields.Datetime.add(prompt.changed_on, hours=1)}):
            with self.subTest(vals=vals), self.assertRaises(UserError):
                prompt.with_user(self.user_sales).write(vals)
        with self.assertRaises(AccessError):
            prompt.with_user(self.user_sales).write({'changed_on': '2020-01-01'})
        seller.write({'city': 'Taizhou'})
        self.assertEqual(self.env['fulfilment.file.change'].search_count([('partner_id', '=', self.customer.id)]), 2, "no change, no row")
        self.company_a.fulfilment_checks = False
        seller.write({'city': 'Ningbo'})
        self.assertEqual(self.env['fulfilment.file.change'].search_count([('partner_id', '=', self.customer.id)]), 2)

    def test_the_form_of_a_contact_saves(self):
        with Form(self.customer) as form:
            form.street = '3 Quay'
        self.assertEqual(self.customer.street, '3 Quay')

    def test_days_that_conditions_name(self):
        contract = self._make_contract('active', date_start=date(2026, 1, 1))
        asked = self.env['fulfilment.contract'].with_context(as_of='2026-05-01')
        self.assertEqual(asked.browse(contract.id).days_without_review, 120)
        self.assertNotIn(contract, asked.search([('days_without_review', '>', 120)]))
        self.assertIn(contract, asked.search([('days_without_review', '>', 119)]))

    def test_the_inspector_writes_findings_only(self):
        self._round()
        inspector = self._finding().with_user(self.user_inspector)
        inspector.write({'cause': 'Nobody looked'})
        for record, vals in ((self.check, {'domain': '[]'}), (self.contract, {'title': 'x'}), (self._result(), {'exceptions': 0})):
            with self.subTest(model=record._name), self.assertRaises(AccessError):
                record.with_user(self.user_inspector).write(vals)
        self.assertTrue(self.env['account.move'].with_user(self.user_inspector).has_access('read'))
        self.assertTrue(self.env['survey.user_input'].with_user(self.user_inspector).has_access('read'))
        self.assertFalse(self.env['account.move'].with_user(self.user_inspector).has_access('write'))
