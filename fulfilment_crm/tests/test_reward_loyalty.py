"""Rewards in Odoo's loyalty programs: points and coupons, trainings, and cards that went elsewhere."""
from datetime import timedelta
from unittest.mock import patch

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import tagged

from .common_profile import TODAY
from .common_reward import RewardCommon


@tagged('post_install', '-at_install')
class TestRewardLoyalty(RewardCommon):

    def test_points_with_their_history(self):
        profile = self._make_profile()
        rule = self._make_rule()
        self._round()
        card = self._card(profile.partner_id)
        self.assertRecordValues(card, [{'points': 100, 'partner_id': profile.partner_id.id}])
        self.assertRecordValues(card.history_ids, [{'issued': 100, 'used': 0, 'description': rule.explanation}])
        self.assertEqual(self._grants(profile).card_id, card)

    def test_points_of_the_company_are_spent_by_its_buyer(self):
        """On an order of a contact, by a salesperson, in Odoo's own road; cards that rewards did not fill stay with their holder."""
        profile = self._make_profile()
        self._make_rule(points=500)
        self._round()
        company = profile.partner_id
        buyer = self.env['res.partner'].create({'name': 'Buyer', 'parent_id': company.id})
        stranger = self._make_customer('Stranger')
        own = self.program.copy({'name': 'Own', 'program_type': 'loyalty', 'applies_on': 'both', 'trigger': 'auto'})
        self.env['loyalty.card'].create({'program_id': own.id, 'partner_id': company.id, 'points': 500})
        salesperson = self._make_user('r_sales', 'group_user', 'sales_team.group_sale_salesman')
        card = self._card(company)
        for partner, found in ((buyer, card), (company, card), (stranger, self.env['loyalty.card'])):
            order = self.env['sale.order'].with_user(salesperson).create({
                'partner_id': partner.id, 'company_id': self.company.id,
                'order_line': [Command.create({'product_id': self.product.id, 'price_unit': 1000.0, 'tax_ids': False})],
            })
            order._update_programs_and_rewards()
            with self.subTest(partner=partner.name):
                self.assertEqual(order.applied_coupon_ids.filtered(lambda one: one.program_id == self.program), found)
                if partner == buyer:
                    self.assertEqual(order.applied_coupon_ids, card)
                    reward = order._get_claimable_rewards()[card][:1]
                    order._apply_program_reward(reward, card)
                    self.assertLess(order.amount_total, 1000.0)
                    order.action_confirm()
                    self.assertLess(card.points, 500)

    def test_points_of_one_customer_are_not_spent_for_another(self):
        profile = self._make_profile()
        self._make_rule(points=500)
        self._round()
        card = self._card(profile.partner_id)
        buyer = self.env['res.partner'].create({'name': 'Buyer', 'parent_id': profile.partner_id.id})
        other = self._make_customer('Southbay')
        order = self.env['sale.order'].with_user(self._make_user('r_seller', 'group_user', 'sales_team.group_sale_salesman')).create({
            'partner_id': buyer.id, 'company_id': self.company.id,
            'order_line': [Command.create({'product_id': self.product.id, 'price_unit': 1000.0, 'tax_ids': False})],
        })
        order._update_programs_and_rewards()
        order._apply_program_reward(order._get_claimable_rewards()[card][:1], card)
        self.assertLess(order.amount_total, 1000.0)
        order.write({'partner_id': other.id, 'partner_invoice_id': other.id, 'partner_shipping_id': other.id})
        self.assertEqual(order.amount_total, 1000.0)
        self.assertNotIn(card, order.applied_coupon_ids)
        order.action_confirm()
        self.assertEqual(card.points, 500)

    def test_a_card_put_on_an_order_by_hand_is_the_customers_own(self):
        profile = self._make_profile()
        self._make_rule(points=500)
        self._round()
        card = self._card(profile.partner_id)
        other = self._make_customer('Southbay')
        orders = self.env['sale.order'].with_user(self._make_user('r_hand', 'group_user', 'sales_team.group_sale_salesman'))
        for road in ('create', 'write'):
            cards = {'applied_coupon_ids': [Command.set(card.ids)]}
            for partner, taken in ((other, self.env['loyalty.card']), (profile.partner_id, card)):
                order = orders.create({'partner_id': partner.id, **(cards if road == 'create' else {})})
                if road == 'write':
                    order.write(cards)
                with self.subTest(road=road, partner=partner.name):
                    self.assertEqual(order.applied_coupon_ids, taken)

    def test_points_go_to_the_card_there_is(self):
        profile = self._make_profile()
        card = self.env['loyalty.card'].create({'program_id': self.program.id, 'partner_id': profile.partner_id.id, 'points': 5})
        self._make_rule()
        self._make_rule(points=0.5)
        self._round()
        self.assertEqual((self._card(profile.partner_id), card.points), (card, 105.5))

    def test_the_code_of_a_card_meets_and_is_no_guess(self):
        code = self.Grant._card_code(self.program, self.customer)
        self.assertEqual(code, self.Grant._card_code(self.program, self.customer))
        self.assertNotEqual(code, self.Grant._card_code(self.program, self.other))
        self.assertGreaterEqual(len(code), 20)

    def _coupons(self, **vals):
        template = self.env.ref('loyalty.mail_template_loyalty_card')
        program = self.env['loyalty.program'].create({
            'name': 'Coupons', 'program_type': 'coupons', 'communication_plan_ids': [
                Command.clear(), Command.create({'trigger': 'create', 'mail_template_id': template.id}),
            ],
        })
        return self._make_rule(effect='coupon', program_id=program.id, unit_cost=20, **vals)

    def _mails(self, partner):
        return self.env['mail.mail'].search([('recipient_ids', 'in', partner.ids)])

    def test_coupons(self):
        profile = self._make_profile()
        rule = self._coupons(days=30)
        self._round()
        grant = self._grants(profile)
        self.assertRecordValues(grant.card_id, [{
            'partner_id': profile.partner_id.id, 'program_id': rule.program_id.id, 'points': 1, 'expiration_date': day(29),
        }])
        self.assertEqual((grant.cost, grant.ends_on), (20, day(29)))
        grant._take_back('Test', day(1))
        self.assertRecordValues(grant, [{'state': 'taken_back', 'used': 0, 'not_recovered': 0}])
        self.assertFalse(grant.card_id.active)
        self.assertEqual(rule.budget_ids.spent, 0)

    def test_a_coupon_that_was_used(self):
        profile = self._make_profile()
        rule = self._coupons()
        self._round()
        grant = self._grants(profile)
        self.assertFalse(grant.card_id.expiration_date)
        grant.card_id.points = 0
        grant._take_back('Test', day(1))
        self.assertRecordValues(grant, [{'used': 1, 'not_recovered': 20}])
        self.assertEqual(rule.budget_ids.spent, 20)

    def test_a_coupon_ends_on_its_day(self):
        self._make_profile()
        self._coupons(days=10)
        self._round()
        self.assertEqual(self._grants().state, 'granted')
        self._round_without_ground(day(9))
        self.assertEqual(self._grants().state, 'granted')
        self._round_without_ground(day(10))
        self.assertEqual(self._grants().state, 'ended')

    def test_who_is_told(self):
        known = self._make_profile(partner=self._make_customer('Known', email='known@a.example'))
        mute = self._make_profile(partner=self._make_customer('Mute'))
        self._make_rule(is_notified=True)
        run = self._round()
        self.assertEqual(run.counts, {'rewards granted': 2})
        mail = self._mails(known.partner_id)
        self.assertEqual(len(mail), 1)
        self.assertIn('100 points', mail.subject)
        self.assertIn('You have bought a lot.', mail.body_html)
        self.assertFalse(self._mails(mute.partner_id))

    def test_who_is_not_told(self):
        known = self._make_profile(partner=self._make_customer('Known', email='known@a.example'))
        self._make_rule(is_notified=False)
        self._coupons(is_notified=False)
        self._round()
        self.assertEqual(len(self._grants(known)), 2)
        self.assertFalse(self._mails(known.partner_id))

    def test_coupons_are_mailed_by_odoo(self):
        known = self._make_profile(partner=self._make_customer('Known', email='known@a.example'))
        mute = self._make_profile(partner=self._make_customer('Mute'))
        self.env.ref('loyalty.mail_template_loyalty_card').report_template_ids = False
        self._coupons(is_notified=True)
        self._round()
        coupons = self._grants(known).card_id, self._grants(mute).card_id
        mails = self.env['mail.mail'].search([('model', '=', 'loyalty.card'), ('res_id', 'in', [coupon.id for coupon in coupons])])
        self.assertEqual(mails.mapped('res_id'), coupons[0].ids)
        self.assertFalse(self._grants(known).outcome)

    def test_a_coupon_that_cannot_be_mailed_is_given_and_says_so(self):
        known = self._make_profile(partner=self._make_customer('Known', email='known@a.example'))
        self._coupons(is_notified=True)
        cards = type(self.env['loyalty.card'])

        def broken(card, force_send=False):
            if not card.env.context.get('loyalty_no_mail'):
                raise ValueError('No printer')

        with patch.object(cards, '_send_creation_communication', broken):
            self.assertEqual(self._round().counts, {'rewards granted': 1})
        self.assertIn('No printer', self._grants(known).outcome)
        self.assertEqual(self._grants(known).card_id.points, 1)

    def test_markup_in_names_is_text(self):
        known = self._make_profile(partner=self._make_customer('<b>Known</b>', email='known@a.example'))
        self._make_rule(is_notified=True, explanation='<script>x</script>')
        self._round()
        body = self._mails(known.partner_id).body_html
        self.assertNotIn('<script>', body)
        self.assertIn('&lt;script&gt;', body)

    def test_training(self):
        profile = self._make_profile(user_id=self._make_sales_user('r_trainer').id)
        rule = self._make_rule(effect='training', training='Pumps', unit_cost=50)
        self._round()
        grant = self._grants(profile)
        self.assertRecordValues(grant.activity_ids, [{'user_id': profile.user_id.id, 'summary': 'Arrange the training: Pumps'}])
        with self.assertRaises(AccessError):
            grant.with_user(self._make_user('r_legal', 'group_legal')).action_mark_used()
        grant.with_user(profile.user_id).action_mark_used()
        self.assertTrue(grant.is_used)
        self.assertFalse(grant.activity_ids)
        with self.assertRaises(UserError):
            grant.with_user(profile.user_id).action_mark_used()
        grant._take_back('Test', day(1))
        self.assertRecordValues(grant, [{'used': 1, 'not_recovered': 50}])
        self.assertEqual(rule.budget_ids.spent, 50)

    def test_a_training_that_did_not_take_place(self):
        profile = self._make_profile(user_id=self.leader.id)
        self._make_rule(effect='training', training='Pumps', unit_cost=50)
        self._round()
        grant = self._grants(profile)
        grant._take_back('Test', day(1))
        self.assertRecordValues(grant, [{'used': 0, 'not_recovered': 0}])
        self.assertFalse(grant.activity_ids)


def day(number):
    return TODAY + timedelta(days=number)
