"""Yearly occasions, and mail, SMS and letters to the customers of a list."""
from datetime import date

from odoo.exceptions import UserError, ValidationError
from odoo.fields import Command
from odoo.tests import tagged

from .common import TODAY
from .common_queries import SameQueriesMixin
from .test_care_plan import CareCommon


@tagged('post_install', '-at_install')
class TestCareOccasions(SameQueriesMixin, CareCommon):

    def _occasion(self, month, day, **vals):
        return self.env['fulfilment.care.occasion'].create({
            'name': 'Birthday', 'partner_id': self.contact.id, 'company_id': self.company_a.id, 'month': str(month), 'day': day,
            'user_id': self.user_sales.id, **vals,
        })

    def test_seven_days_ahead_once_a_year(self):
        occasion = self._occasion(3, 10)
        self._run(TODAY)  # 2 March: eight days ahead
        self.assertFalse(self.contact.activity_ids)
        for day in (date(2026, 3, 3), date(2026, 3, 3), date(2026, 3, 10), date(2026, 3, 11)):
            self._run(day)
        self.assertRecordValues(self.contact.activity_ids, [
            {'user_id': self.user_sales.id, 'date_deadline': date(2026, 3, 10), 'summary': 'Birthday: Lin Wei'},
        ])
        self._run(date(2027, 3, 4))
        self.assertEqual((len(self.contact.activity_ids), occasion.told_for), (2, date(2027, 3, 10)))

    def test_leap_day_and_the_turn_of_the_year(self):
        self._occasion(2, 29)
        self._occasion(1, 2)
        for day in (date(2026, 12, 27), date(2027, 2, 25), date(2028, 2, 25)):
            self._run(day)
        self.assertEqual(
            sorted(self.contact.activity_ids.mapped('date_deadline')), [date(2027, 1, 2), date(2027, 2, 28), date(2028, 2, 29)],
        )
        for month, day in ((2, 30), (4, 31), (1, 0)):
            with self.subTest(month=month, day=day), self.assertRaisesRegex(ValidationError, 'Birthday'):
                self._occasion(month, day)

    def test_queries(self):
        def make(count):
            occasions = self.env['fulfilment.care.occasion']
            for _number in range(count):
                partner = self.env['res.partner'].create({'name': 'Buyer', 'user_id': self.user_sales.id})
                occasions |= self._occasion(3, 5, partner_id=partner.id, user_id=False)
            return occasions
        today = {self.company_a: TODAY}
        self.assert_same_queries(make, lambda occasions: occasions.browse()._tell(occasions, today))

    def test_who_is_told(self):
        self._occasion(3, 5, user_id=False)
        run = self._run(TODAY)
        self.assertEqual(run.counts, {'customers without responsible': 1})
        self.customer.user_id = self.user_sales_2
        self._run(date(2026, 3, 3))
        self.assertEqual(self.contact.activity_ids.user_id, self.user_sales_2)
        self._occasion(3, 6, partner_id=self.other_customer.id)
        self.other_customer.active = False
        self.assertFalse(self._run(date(2026, 3, 3)).counts)


@tagged('post_install', '-at_install')
class TestWritingToMany(CareCommon):

    def test_mail_sms_and_letter_to_a_list(self):
        street = {'street': '1 Quay', 'city': 'Ningbo'}
        profiles = self._profile(email='one@a.example', **street) | self._profile(email='two@a.example', phone='+8613800138000', **street)
        for user in (self.user_sales, self.user_service):
            mail = profiles.with_user(user).action_write_mail()
            composer = self.env['mail.compose.message'].with_user(self.user_sales).with_context(**mail['context']).create(
                {'subject': 'Greetings', 'body': 'All the best'},
            )
            self.assertEqual(composer.composition_mode, 'mass_mail')
            self.assertEqual(sorted(composer._evaluate_res_ids()), sorted(profiles.partner_id.ids))
            sms = profiles.with_user(user).action_write_sms()
            self.assertEqual(sms['context']['default_composition_mode'], 'mass')
            letter = profiles.with_user(user).action_write_letter()
            self.assertEqual(letter['context']['default_partner_ids'], profiles.partner_id.ids)
        composer._action_send_mail()
        self.assertEqual(len(self.env['mail.mail'].search([('subject', '=', 'Greetings')])), 2)

    def test_letters_are_one_document_with_an_address_each(self):
        home, homeless = self._profile(street='1 Quay', city='Ningbo'), self._profile(name='Nomad')
        letter = self.env['fulfilment.care.letter'].create({
            'partner_ids': [Command.set((home | homeless).partner_id.ids)], 'company_id': self.company_a.id, 'subject': 'New year',
            'body': '<p>All the best</p>',
        })
        self.assertEqual(letter.without_address, 'Nomad')
        self.assertEqual(letter.action_print()['report_name'], 'fulfilment_crm.report_care_letter')
        html = str(self.env['ir.actions.report']._render_qweb_html('fulfilment_crm.report_care_letter', letter.ids)[0], 'utf8')
        self.assertEqual((html.count('o_fulfilment_address'), '1 Quay' in html, 'All the best' in html), (1, True, True))
        letter.body = False
        with self.assertRaisesRegex(UserError, 'no text'):
            letter.action_print()
        letter.write({'body': 'x', 'partner_ids': [Command.set(homeless.partner_id.ids)]})
        with self.assertRaisesRegex(UserError, 'address'):
            letter.action_print()
