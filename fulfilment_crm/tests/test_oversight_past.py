"""A contract as it stood on a past day, and what runs late more than the rest."""
import random
from datetime import date, datetime, timedelta

from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import TransactionCase, tagged

from ..tools.patterns import more_often, told
from .common import TODAY, FulfilmentCommon


@tagged('post_install', '-at_install')
class TestPast(FulfilmentCommon):

    def _dated(self, moment):
        """Have what was noted last be noted at a moment."""
        self.env.flush_all()
        self.cr.precommit.run()
        self.env.cr.execute("""
            UPDATE mail_message SET date = %s
             WHERE id IN (SELECT mail_message_id FROM mail_tracking_value) AND date > now() - interval '1 hour'
        """, [moment])
        self.env.invalidate_all()

    def test_random_days_equal_pictures_of_those_days(self):
        """Owner, grade and limit change on random days; what is told of each of 200 days is what was pictured on it."""
        draw = random.Random(7)
        contract = self._make_contract('active', date_start=date(2025, 1, 1)).with_context(tracking_disable=False, mail_notrack=False)
        line = self.env['fulfilment.credit.line'].create({
            'partner_id': self.customer.id, 'company_id': self.company_a.id, 'limit': 100, 'limit_source': 'manual',
        }).with_context(tracking_disable=False, mail_notrack=False)
        self._dated(datetime(2025, 1, 1, 12))
        self.env.cr.execute("UPDATE fulfilment_credit_line SET create_date = '2025-01-01' WHERE id = %s", [line.id])
        grades = self.env['fulfilment.credit.grade'].search([])
        users = self.user_sales | self.user_sales_2 | self.user_leader
        start, pictures = date(2025, 1, 2), {}
        for number in range(200):
            day = start + timedelta(days=number)
            if draw.random() < 0.15:
                contract.sudo().user_id = draw.choice(users)
            if draw.random() < 0.15:
                line.sudo().limit = draw.choice([100, 250, 0, 900])
            if draw.random() < 0.15:
                line.sudo().grade_id = draw.choice(grades)
            self._dated(datetime.combine(day, datetime.min.time()) + timedelta(hours=draw.randint(8, 20)))
            pictures[day] = contract.user_id.name, line.grade_id.name or None, line.limit or None
        for day, picture in pictures.items():
            then = contract.get_past(day)[0]
            self.assertEqual((then['owner'], then['grade'], then['limit']), picture, day)

    def test_wording_of_the_day(self):
        contract = self._make_contract('draft')
        clause = self.env['fulfilment.contract.clause'].create({
            'contract_id': contract.id, 'name': 'Delivery', 'body': 'Within ten days.',
            'category_id': self.env.ref('fulfilment_crm.clause_category_breach').id,
        })
        self._bring_to(contract, 'active')
        self.company_a.fulfilment_approval = False
        amendment = self.env['fulfilment.amendment'].with_user(self.user_sales).create({
            'contract_id': contract.id, 'reason': 'Agreed', 'date_effective': date(2026, 3, 20), 'user_id': self.user_sales.id,
            'line_ids': [Command.create({
                'kind': 'clause_text', 'clause_id': clause.id, 'value_text': 'Within twenty days.',
            })],
        })
        amendment.action_submit()
        amendment._apply_due(date(2026, 3, 20))
        self.assertEqual(amendment.state, 'applied')
        told_of = {day: [one['text'] for one in contract.get_past(day)[0]['clauses']] for day in (date(2026, 3, 19), date(2026, 3, 20))}
        self.assertEqual(told_of, {date(2026, 3, 19): ['Within ten days.'], date(2026, 3, 20): ['Within twenty days.']})

    def test_a_screen_for_who_reads_the_contract(self):
        contract = self._make_contract('active', date_start=date(2026, 1, 1))
        self._make_milestone(contract, days=-10)
        dialog = self.env['fulfilment.contract.past'].with_user(self.user_sales).create({'contract_id': contract.id, 'date': TODAY})
        self.assertIn('Delivery', dialog.sheet)
        self.assertIn(self.user_sales.name, dialog.sheet)
        with self.assertRaises(AccessError):
            stranger = self.env['fulfilment.contract.past'].with_user(self.user_sales_2).create({'contract_id': contract.id, 'date': TODAY})
            stranger.sheet  # noqa: B018


@tagged('post_install', '-at_install')
class TestPatternArithmetic(TransactionCase):

    def test_known_answers(self):
        # The lady tasting tea: all four of four, of four among eight.
        self.assertAlmostEqual(more_often(4, 4, 4, 8), 1 / 70)
        self.assertAlmostEqual(more_often(3, 4, 4, 8), 17 / 70)
        self.assertEqual(more_often(2, 4, 4, 8), 1.0)
        self.assertEqual(more_often(0, 0, 0, 5), 1.0)
        self.assertLess(more_often(40, 100, 1000, 10000), 1e-12)
        with self.assertRaises(ValueError):
            more_often(5, 4, 4, 8)
        self.assertEqual(told([0.01, 0.2, 0.02], 0.05), [True, False, True])
        self.assertEqual(told([0.03, 0.04], 0.05), [False, False])

    def test_against_the_slow_sum(self):
        from math import comb  # noqa: PLC0415
        draw = random.Random(5)
        for _number in range(200):
            whole = draw.randint(2, 60)
            late, number = draw.randint(0, whole), draw.randint(1, whole)
            own = draw.randint(max(0, number - (whole - late)), min(late, number))
            slow = sum(comb(late, one) * comb(whole - late, number - one) for one in range(own, min(late, number) + 1)) / comb(whole,
                number)
            if own * whole > late * number:
                self.assertAlmostEqual(more_often(own, number, late, whole), slow, 9)

    def test_planted_lateness_is_found_and_none_is_invented(self):
        def drawn(seed, planted):
            draw, groups = random.Random(seed), {}
            for number in range(2000):
                key = number % 12
                risk = 0.35 if planted and key == 3 else 0.12
                late, whole = groups.get(key, (0, 0))
                groups[key] = late + (draw.random() < risk), whole + 1
            all_late = sum(late for late, _whole in groups.values())
            chances = [more_often(late, whole, all_late, 2000) for late, whole in groups.values()]
            return told(chances)
        self.assertGreaterEqual(sum(drawn(seed, True)[3] for seed in range(100)), 95)
        self.assertLessEqual(sum(any(drawn(1000 + seed, False)) for seed in range(100)), 5)


@tagged('post_install', '-at_install')
class TestPatterns(FulfilmentCommon):

    def test_what_runs_late_opens_its_milestones(self):
        today = self.company_a._fulfilment_today()[self.company_a]
        contract = self._make_contract('active', date_start=today - timedelta(days=300))
        other = self._make_contract('active', partner_id=self.other_customer.id, date_start=today - timedelta(days=300))
        for number in range(40):
            for one, late in ((contract, number < 30), (other, number < 3)):
                milestone = self._make_milestone(one, kind='payment', obligor='customer', amount=0, name=f'Pay {number}')
                planned = today - timedelta(days=100 + number)
                milestone.sudo().write({'date_planned': planned, 'date_first_planned': planned})
                milestone.sudo()._complete({milestone: planned + timedelta(days=5 if late else 0)})
        self.run_cron('fulfilment.pattern', '_cron_patterns', as_of=today)
        patterns = self.env['fulfilment.pattern'].search([('company_id', '=', self.company_a.id), ('dimension', '=', 'customer')])
        one = patterns.filtered(lambda row: row.key == str(self.customer.id))
        self.assertEqual((one.late, one.number, one.is_told), (30, 40, True))
        self.assertIn('75 % of 40', one.sentence)
        self.assertEqual(self.env['fulfilment.milestone'].search_count(one.action_open_milestones()['domain']), 30)
        self.assertNotIn(str(self.other_customer.id), patterns.mapped('key'))
        self.run_cron('fulfilment.pattern', '_cron_patterns', as_of=today)
        self.assertEqual(len(self.env['fulfilment.pattern'].search([('company_id', '=', self.company_a.id),
            ('dimension', '=', 'customer')])), 1)
        one = self.env['fulfilment.pattern'].search([('key', '=', str(self.customer.id)), ('dimension', '=', 'customer')])
        with self.assertRaises(AccessError):
            one.with_user(self.user_sales).read(['sentence'])
        self.assertTrue(one.with_user(self.user_inspector).sentence)
