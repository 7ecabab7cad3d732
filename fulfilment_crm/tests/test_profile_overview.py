"""The page of a customer: pictures of the figures, who is talked to, and what happened, with the rights of the reader."""
from datetime import timedelta

from lxml import html

from odoo.fields import Command
from odoo.tests import new_test_user, tagged

from .common_profile import TODAY, ProfileCommon


@tagged('post_install', '-at_install')
class TestOverview(ProfileCommon):

    def _widths(self, picture, word):
        """Widths of the bars whose title begins with a word."""
        rects = html.fromstring(str(picture)).xpath('//rect[title]')
        return [float(rect.get('width')) for rect in rects if rect.xpath('title')[0].text.startswith(word)]

    def test_exposure_against_the_limit(self):
        self._invoice(self.customer, 300.0, TODAY - timedelta(days=5))
        self._invoice(self.customer, 100.0, TODAY + timedelta(days=5))
        self._order(self.customer, 600, TODAY)
        profile = self.profile(self.customer)
        picture = profile.exposure_picture
        self.assertEqual(
            [self._widths(picture, word) for word in ('Overdue', 'Not due', 'Ordered')], [[300.0], [100.0], [600.0]], "of a thousand",
        )
        self.assertIn('No limit', picture)
        line = self.env['fulfilment.credit.line'].sudo()._of(self.customer, self.company)[self.customer]
        line.write({'limit_source': 'manual', 'limit': 2000.0})
        profile.invalidate_recordset()
        self.assertEqual(self._widths(profile.exposure_picture, 'Overdue'), [150.0], "the limit is what the picture measures")
        self.assertIn('2,000.00', profile.exposure_picture)

    def test_ages(self):
        self._invoice(self.customer, 300.0, TODAY - timedelta(days=5))
        self._invoice(self.customer, 100.0, TODAY - timedelta(days=45))
        profile = self.profile(self.customer)
        self.assertEqual([self._widths(profile.age_picture, word) for word in ('1–30', '31–60')], [[750.0], [250.0]])
        self.assertIn('Nothing is owed', self.profile(self._paid()).age_picture)

    def _paid(self):
        self._invoice(self.other, 100.0, TODAY - timedelta(days=40), paid_on=TODAY - timedelta(days=30))
        return self.other

    def test_due_and_received(self):
        profile = self.profile(self._paid())
        bars = html.fromstring(str(profile.money_picture)).xpath('//rect[@height="70.0"]/title')
        self.assertEqual(len(bars), 2, "what was due in one month, and received")
        self.assertIn('100.00', bars[0].text)

    def test_texts_are_no_markup(self):
        self.customer.name = 'A <b>bold</b> one'
        self._invoice(self.customer, 300.0, TODAY - timedelta(days=5))
        for story in self.profile(self.customer).get_story():
            self.assertNotIn('<b>', story['kind'])

    def test_the_story_is_in_order_and_the_readers_own(self):
        self._invoice(self.customer, 300.0, TODAY - timedelta(days=5))
        self.env['fulfilment.ticket'].create({
            'title': 'Broken', 'partner_id': self.customer.id, 'company_id': self.company.id, 'ticket_type': 'complaint',
        })
        profile = self.profile(self.customer)
        story = profile.get_story()
        self.assertLessEqual({'account.move', 'fulfilment.ticket'}, {one['model'] for one in story})
        self.assertEqual([one['date'] for one in story], sorted((one['date'] for one in story), reverse=True))
        for one in story:
            self.assertTrue(self.env[one['model']].browse(one['id']).exists())
        reader = new_test_user(
            self.env, 'o_service', groups='base.group_user,fulfilment_crm.group_service', company_id=self.company.id,
            company_ids=[Command.set(self.company.ids)],
        )
        told = {one['model'] for one in profile.with_user(reader).get_story()}
        self.assertIn('fulfilment.ticket', told)
        self.assertNotIn('account.move', told, "who may not read invoices is told of none")

    def test_the_last_contact(self):
        self._invoice(self.customer, 100.0, TODAY)
        profile = self.profile(self.customer)
        self.assertFalse(profile.last_contact)
        self.env['fulfilment.interaction'].create([{
            'partner_id': self.customer.id, 'company_id': self.company.id, 'topic': topic, 'kind': 'call',
            'date': f'2026-03-0{day} 10:00:00',
        } for topic, day in (('First', 1), ('Last', 3), ('Between', 2))])
        profile.invalidate_recordset(['last_contact'])
        self.assertIn('Last', profile.last_contact)

    def test_contacts_of_other_companies_close_the_page_to_nobody(self):
        elsewhere = self._make_company('Elsewhere')
        shown = self.env['res.partner'].create({'name': 'Lin', 'parent_id': self.customer.id})
        self.env['res.partner'].create({'name': 'Hidden', 'parent_id': self.customer.id, 'company_id': elsewhere.id})
        self._invoice(self.customer, 100.0, TODAY)
        profile = self.profile(self.customer)
        reader = new_test_user(
            self.env, 'o_manager', groups='base.group_user,fulfilment_crm.group_manager', company_id=self.company.id,
            company_ids=[Command.set(self.company.ids)],
        )
        read = profile.with_user(reader).web_read({'contact_ids': {'fields': {'name': {}}}})
        self.assertEqual([one['name'] for one in read[0]['contact_ids']], [shown.name])

    def test_as_many_queries_however_much_happened(self):
        profile = self.profile(self._paid())

        def count():
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            profile.get_story()
            return self.env.cr.sql_log_count - before
        count()
        few = count()
        for number in range(8):
            self._invoice(self.other, 100.0 + number, TODAY - timedelta(days=number))
        self.env['fulfilment.ticket'].create([{
            'title': f'Broken {number}', 'partner_id': self.other.id, 'company_id': self.company.id, 'ticket_type': 'complaint',
        } for number in range(8)])
        self.assertLessEqual(count(), few + 4)

    def test_teams_of_other_companies_close_the_page_to_nobody(self):
        elsewhere = self._make_company('Elsewhere')
        role = self.env['fulfilment.account.role'].search([], limit=1)
        stranger = new_test_user(
            self.env, 'o_stranger', groups='base.group_user,fulfilment_crm.group_leader', company_id=elsewhere.id,
            company_ids=[Command.set(elsewhere.ids)],
        )
        self.env['fulfilment.account.member'].create({
            'partner_id': self.customer.id, 'company_id': elsewhere.id, 'role_id': role.id, 'user_id': stranger.id,
        })
        self._invoice(self.customer, 100.0, TODAY)
        profile = self.profile(self.customer)
        reader = new_test_user(
            self.env, 'o_reader', groups='base.group_user,fulfilment_crm.group_manager', company_id=self.company.id,
            company_ids=[Command.set(self.company.ids)],
        )
        read = profile.with_user(reader).web_read({'account_member_ids': {'fields': {'user_id': {'fields': {'display_name': {}}}}}})
        self.assertEqual(read[0]['account_member_ids'], [])

    def test_no_page_is_closed_by_what_others_may_not_read(self):
        """Fields that lead to many records of a model with company rules are searched with the reader's rights, not related."""
        closed = {rule.model_id.model for rule in self.env['ir.rule'].search([('groups', '=', False)])}
        faults = [
            f'{model}.{name}' for model in self.env.registry if model.startswith('fulfilment.') and not self.env[model]._transient
            for name, field in self.env[model]._fields.items()
            if field.related and field.type in ('one2many', 'many2many') and field.comodel_name in closed and not field.inherited
        ]
        self.assertFalse(faults)
