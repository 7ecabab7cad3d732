"""Pictures by month on the customer's page, against adding up by hand, and what the whole page asks of the database."""
import random
import re
from collections import defaultdict
from datetime import timedelta

from lxml import etree, html

from odoo.fields import Command
from odoo.tests import new_test_user, tagged

from .common_profile import TODAY, ProfileCommon
from .test_profile_satisfaction import TestProfileSatisfaction

MOST_QUERIES = 12


@tagged('post_install', '-at_install')
class TestPictures(ProfileCommon):

    _result = TestProfileSatisfaction._result

    def _bars(self, picture):
        """The numbers the bars say, by what they are called: ``{name: {month as text: number}}``."""
        told = defaultdict(dict)
        for title in html.fromstring(str(picture)).xpath('//rect/title'):
            month, name, amount = re.fullmatch(r'(\w+ \d{4}), (.+): \D*([\d,.]+)\D*', title.text).groups()
            told[name][month] = float(amount.replace(',', ''))
        return told

    def test_due_and_received_against_adding_up(self):
        dice, due, received = random.Random(13), defaultdict(float), defaultdict(float)
        for number in range(40):
            day, amount = TODAY - timedelta(days=dice.randrange(700)), dice.randrange(1, 500)
            paid = day + timedelta(days=dice.randrange(-5, 40)) if dice.random() < 0.6 else None
            paid = paid if paid and paid <= TODAY else None
            contact = self.env['res.partner'].create({'name': f'Lin {number}', 'parent_id': self.customer.id})
            self._invoice(dice.choice((self.customer, contact)), amount, day, paid_on=paid)
            due[f'{day:%b %Y}'] += amount
            if paid:
                received[f'{paid:%b %Y}'] += amount
        self._invoice(self.other, 999, TODAY)
        bars = self._bars(self.profile(self.customer).money_picture)
        for name, wanted in (('Fell due', due), ('Received', received)):
            for month, shown in bars[name].items():
                with self.subTest(name=name, month=month):
                    self.assertAlmostEqual(shown, wanted.get(month, 0.0))
            self.assertGreater(sum(bars[name].values()), 0)
        written = [text.text for text in html.fromstring(str(self.profile(self.customer).money_picture)).xpath('//text')]
        self.assertEqual(float(re.sub(r'[^\d.]', '', written[0])), max(max(shown.values()) for shown in bars.values()), "how high it is")
        months = list(bars['Fell due'])
        self.assertEqual(written[1:], [months[0], months[6], months[12], months[18]])
        rows = html.fromstring(str(self.profile(self.customer).money_picture)).xpath('//details//tbody/tr')
        self.assertEqual(len(rows), 24)
        for row in rows:
            month, fell_due, _received = (cell.text for cell in row.xpath('td'))
            self.assertEqual(float(re.sub(r'[^\d.]', '', fell_due)), bars['Fell due'][month], "the table says the same")

    def test_tickets(self):
        self._order(self.customer, 100, TODAY)
        tickets = self.env['fulfilment.ticket'].create([{
            'title': f'Broken {number}', 'partner_id': self.customer.id, 'company_id': self.company.id, 'ticket_type': 'complaint',
        } for number in range(3)])
        tickets[0].deadline_ids[:1].missed = True
        tickets[2].sudo().action_cancel(reason='Twice')
        self.env.flush_all()
        profile = self.profile(self.customer)
        bars = self._bars(profile.ticket_picture)
        month = f'{tickets[0].received_day:%b %Y}'
        self.assertEqual((bars['Received'][month], bars['With a deadline missed'][month]), (2, 1))
        self.assertFalse(self.profile(self._sold_only()).ticket_picture)

    def _sold_only(self):
        self._order(self.other, 100, TODAY)
        return self.other

    def test_satisfaction_has_no_bar_where_nobody_answered(self):
        for average, ago in ((5.0, 0), (4.0, 1), (1.0, 200)):
            self._result(self.customer, average, ago)
        self._order(self.customer, 100, TODAY)
        picture = self.profile(self.customer).satisfaction_picture
        told = [title.text for title in html.fromstring(str(picture)).xpath('//rect/title')]
        self.assertEqual(len(told), 2, "two months with answers")
        self.assertTrue(told[0].endswith(': 1.0') and told[1].endswith(': 4.5'), told)
        self.assertIn('Below 3', told[0])

    def test_the_quadrant_is_marked(self):
        self._order(self.customer, 100, TODAY)
        profile = self.profile(self.customer)
        self.assertFalse(profile.quadrant_picture and not profile.value_quadrant)
        for key, name in profile._fields['value_quadrant'].selection:
            profile.sudo().value_quadrant = key
            marked = html.fromstring(str(profile.quadrant_picture)).xpath('//text[@fill="#ffffff"]')
            self.assertEqual([one.text for one in marked], [name])

    def test_the_page_asks_at_most_twelve_times(self):
        """Everything a form reads, of a customer of whom there is everything."""
        contact = self.env['res.partner'].create({'name': 'Lin', 'parent_id': self.customer.id})
        self._invoice(self.customer, 300, TODAY - timedelta(days=40))
        self._invoice(contact, 200, TODAY - timedelta(days=90), paid_on=TODAY - timedelta(days=30))
        self._result(self.customer, 4.0, 10)
        self.env['fulfilment.ticket'].create({'title': 'Broken', 'partner_id': self.customer.id, 'company_id': self.company.id})
        self.env['fulfilment.interaction'].create({
            'partner_id': self.customer.id, 'company_id': self.company.id, 'topic': 'Prices', 'kind': 'call', 'date': '2026-03-01 10:00:00',
        })
        self.env['fulfilment.credit.line'].sudo()._of(self.customer, self.company)
        profile = self.profile(self.customer)
        profile.user_id = self.env.user
        manager = new_test_user(
            self.env, 'p_manager', groups='base.group_user,fulfilment_crm.group_manager', company_id=self.company.id,
            company_ids=[Command.set(self.company.ids)],
        )
        profile = profile.with_user(manager).with_context(tz='Asia/Shanghai', lang='en_US')  # as the web client sends it
        form = etree.fromstring(profile.get_view(view_type='form')['arch'])
        names = {}
        for node in form.iter('field'):
            if not any(one.tag == 'field' for one in node.iterancestors()):
                field, inner = profile._fields[node.get('name')], node.find('list')
                names[node.get('name')] = {} if not field.relational else {'fields': {'display_name': {}} if inner is None else {
                    one.get('name'): {} for one in inner.iter('field')
                }}

        def ask():
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            profile.web_read(names)
            return self.env.cr.sql_log_count - before

        ask()  # what is cached for all pages is cached now
        self.assertLessEqual(ask(), MOST_QUERIES)
