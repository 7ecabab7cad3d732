"""The monthly analysis against a slow count, and the figures of the profile."""
import ast
import random
from datetime import date, datetime, timedelta

from freezegun import freeze_time
from lxml import etree

from odoo.tests import tagged

from ..report.ticket.ticket_analysis import analysis_sheet
from .common_ticket import NOW, ServiceCommon

MARCH = date(2026, 3, 1)


@tagged('post_install', '-at_install')
class TestAnalysis(ServiceCommon):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company_a.fulfilment_product_owner_ids = cls.user_manager

    def some_tickets(self, seed=1):
        chance = random.Random(seed)
        causes = [self.cause, self.env.ref('fulfilment_crm.cause_late'), self.env['fulfilment.ticket.cause']]
        tickets = self.env['fulfilment.ticket']
        for _go in range(40):
            received = datetime(2026, 2, 26) + timedelta(minutes=chance.randrange(60 * 24 * 36))
            with freeze_time(received):
                ticket = self.make_ticket(
                    ticket_type=chance.choice(['complaint', 'demand']), product_id=chance.choice([self.product.id, False]),
                    cause_id=chance.choice(causes).id, urgency='urgent', responsibility=chance.choice(['us', 'customer', False]),
                )
            tickets |= ticket
            with freeze_time(received + timedelta(hours=chance.randrange(100))):
                what = chance.random()
                if what < 0.6:
                    ticket.write({'solution': 'Done', 'cause_id': ticket.cause_id.id or self.cause.id})
                    ticket.action_solve()
                elif what < 0.7:
                    ticket.action_cancel(reason='None')
        return tickets

    def test_against_a_slow_count(self):
        tickets = self.some_tickets()
        analysis = self.env['fulfilment.ticket.analysis']._of_month(self.company_a, MARCH)
        begin, end = datetime(2026, 2, 28, 16), datetime(2026, 3, 31, 16)  # March in Shanghai
        counted = [one for one in tickets if begin <= one.received_on < end and one.kind != 'cancelled']
        groups = {}
        for one in counted:
            groups.setdefault((one.ticket_type, one.cause_id.id, one.product_id.id), []).append(one)
        self.assertGreater(len(groups), 5)
        self.assertEqual(len(analysis.rows), len(groups))
        for row in analysis.rows:
            some = groups[row['type'], row['cause_id'], row['product_id']]
            solved = [one for one in some if one.solved_on]
            self.assertEqual((row['count'], row['solved']), (len(some), len(solved)))
            self.assertEqual(row['ours'], sum(one.responsibility == 'us' for one in some))
            self.assertAlmostEqual(row['solved_rate'], 100 * len(solved) / len(some), 1)
            self.assertAlmostEqual(row['in_time_rate'], 100 * sum(not one.is_missed for one in some) / len(some), 1)
            if solved:
                hours = [(one.solved_on - one.received_on).total_seconds() / 3600 for one in solved]
                self.assertAlmostEqual(row['hours'], sum(hours) / len(hours), delta=0.06)
            else:
                self.assertIsNone(row['hours'])
        self.assertEqual(analysis.ticket_count, len(counted))

    def test_sent_once_a_month_with_files(self):
        with self.at():
            self.make_ticket()
        run = self.run_cron('fulfilment.ticket.analysis', '_cron_analyses', as_of=date(2026, 4, 1))
        self.assertFalse(run.problem_ids.mapped('message'))
        self.assertGreaterEqual(run.counts['analyses sent'], 1)
        analysis = self.env['fulfilment.ticket.analysis'].search([('company_id', '=', self.company_a.id)])
        self.assertEqual((analysis.date_from, analysis.ticket_count, analysis.receiver_ids), (MARCH, 1, self.user_manager))
        mail = self.env['mail.mail'].search([('model', '=', analysis._name), ('res_id', '=', analysis.id)])
        self.assertEqual(mail.recipient_ids, self.user_manager.partner_id)
        self.assertTrue(any(name.endswith('.xlsx') for name in mail.attachment_ids.mapped('name')))
        run = self.run_cron('fulfilment.ticket.analysis', '_cron_analyses', as_of=date(2026, 4, 2))
        self.assertNotIn('analyses sent', run.counts or {})

    def test_in_the_language_of_the_receiver(self):
        self.env['res.lang']._activate_lang('zh_CN')
        self.env['ir.module.module']._load_module_terms(['fulfilment_crm'], ['zh_CN'])
        self.user_manager.lang = 'zh_CN'
        with self.at():
            self.make_ticket(ticket_type='complaint')
        analysis = self.env['fulfilment.ticket.analysis']._of_month(self.company_a, MARCH)
        self.assertEqual(analysis.with_context(lang='zh_CN')._lines()[0]['type'], '投诉')
        page, _kind = self.env['ir.actions.report'].with_context(lang='zh_CN')._render_qweb_html(
            'fulfilment_crm.action_report_ticket_analysis', analysis.ids,
        )
        self.assertIn('投诉', page.decode())

    def test_a_month_without_tickets(self):
        analysis = self.env['fulfilment.ticket.analysis']._of_month(self.company_a, MARCH)
        self.assertEqual((analysis.ticket_count, analysis.rows or []), (0, []))
        self.assertTrue(analysis.with_user(self.user_manager).action_excel())

    def test_who_reads_analyses(self):
        analysis = self.env['fulfilment.ticket.analysis']._of_month(self.company_a, MARCH)
        self.assertTrue(analysis.with_user(self.user_manager).has_access('read'))
        self.assertFalse(analysis.with_user(self.user_sales).has_access('read'))
        self.assertFalse(analysis.with_user(self.user_b).has_access('read'))


@tagged('post_install', '-at_install')
class TestTicketFigures(ServiceCommon):

    def profile(self):
        self.env['fulfilment.profile']._refresh(self.customer, as_of=NOW.date(), companies=self.company_a)
        return self.env['fulfilment.profile'].search([('partner_id', '=', self.customer.id), ('company_id', '=', self.company_a.id)])

    def test_what_counts(self):
        with self.at(days=-400):
            self.make_ticket(ticket_type='complaint')
        with self.at(hours=-30):
            late = self.make_ticket(urgency='urgent', partner_id=self.customer.id)
            cancelled = self.make_ticket()
        with self.at(hours=-1):
            solved = self.make_ticket(ticket_type='complaint')
            self.solve(solved)
            solved._confirm_by_customer()
            cancelled.action_cancel(reason='None')
            solved.rating_apply(4, token=solved._rating_get_access_token())
            self.make_ticket(company_id=self.company_b.id, user_id=False, user=self.env.user)
        self.round(NOW)
        self.assertTrue(late.is_late)
        profile = self.profile()
        self.assertEqual(
            (profile.ticket_open_count, profile.ticket_late_count, profile.ticket_count, profile.complaint_count,
             profile.ticket_in_time_rate, profile.ticket_rated_count, profile.ticket_rating_avg),
            (2, 2, 2, 1, 50.0, 1, 4.0),
        )

    def test_who_was_responsible(self):
        """In figures that rules may ask for, in the filter, in the pivot, and in the analysis as it is printed and read in Excel."""
        with self.at(days=-400):
            self.make_ticket(responsibility='us')
        with self.at(hours=-2):
            ours = self.make_ticket(responsibility='us', cause_id=self.cause.id)
            others = self.make_ticket(responsibility='customer', cause_id=self.cause.id) | self.make_ticket(cause_id=self.cause.id)
        profile = self.profile()
        self.assertEqual((profile.ticket_count, profile.ticket_ours_count), (3, 1))
        rule = self.env['fulfilment.warning.rule'].new({'model': 'fulfilment.profile', 'domain': "[('ticket_ours_count', '>=', 1)]"})
        self.assertIn(profile, self.env['fulfilment.profile'].search(rule._parsed_domain()))
        self.env.flush_all()
        arch = etree.fromstring(self.env['fulfilment.ticket'].get_view(view_type='search')['arch'])
        domain = ast.literal_eval(arch.find(".//filter[@name='ours']").get('domain'))
        self.assertEqual(self.env['fulfilment.ticket'].search(domain) & (ours | others), ours)
        pivot = etree.fromstring(self.env['fulfilment.ticket'].get_view(view_type='pivot')['arch'])
        self.assertTrue(pivot.xpath("//field[@name='responsibility']"))
        analysis = self.env['fulfilment.ticket.analysis']._of_month(self.company_a, MARCH)
        sheet = analysis_sheet(analysis)
        place = [column.label for column in sheet.columns].index("Of our making")
        self.assertEqual([row[place] for row in sheet.rows], [1])
        page, _kind = self.env['ir.actions.report']._render_qweb_html('fulfilment_crm.action_report_ticket_analysis', analysis.ids)
        self.assertIn('Of our making', page.decode())

    def test_no_rating_is_none(self):
        with self.at():
            self.make_ticket()
        profile = self.profile()
        self.assertIsNone(profile.ticket_rating_avg)
        self.assertEqual(profile.ticket_in_time_rate, 100.0)

    def test_a_changed_ticket_is_noticed(self):
        self.make_ticket()
        since = self.env.cr.now().replace(tzinfo=None) - timedelta(hours=1)
        self.env.flush_all()
        self.assertIn(self.customer.id, self.env['fulfilment.profile']._changed_partners(self.company_a, since))
