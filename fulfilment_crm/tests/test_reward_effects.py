"""What rewards do and how they end: points and coupons in Odoo's loyalty programs, trainings, terms, limits, priority."""
from datetime import date, timedelta
from unittest.mock import patch

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import tagged

from .common_profile import TODAY
from .common_reward import RewardCommon, TermsCommon


def day(number):
    return TODAY + timedelta(days=number)


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


@tagged('post_install', '-at_install')
class TestRewardTerms(TermsCommon):

    # === PAYMENT TERMS === #

    def test_payment_terms_and_back(self):
        profile = self._make_profile()
        partner = profile.partner_id
        branch = self._make_company('Branch', parent=self.company)
        other = self._make_company('Second Inc.')
        partner.with_company(self.company).property_payment_term_id = self.terms[30]
        partner.with_company(branch).property_payment_term_id = self.terms[15]
        self._longer(period='year')
        self._round()
        grant = self._grants(profile)
        self.assertEqual([self._term(partner, one) for one in (self.company, branch)], [self.terms[60]] * 2)
        self.assertFalse(self._term(partner, other))
        self.assertEqual(grant.ends_on, day(29))
        self._round_without_ground(day(29))
        self.assertEqual(grant.state, 'granted')
        self._round_without_ground(day(30))
        self.assertEqual(grant.state, 'ended')
        self.assertEqual([self._term(partner, one) for one in (self.company, branch)], [self.terms[30], self.terms[15]])
        self.assertFalse(grant.outcome)

    def test_payment_terms_somebody_has_changed(self):
        profile = self._make_profile()
        partner = profile.partner_id
        branch = self._make_company('Branch', parent=self.company)
        partner.with_company(branch).property_payment_term_id = self.terms[15]
        self._longer(period='year')
        self._round()
        partner.with_company(self.company).property_payment_term_id = self.terms[90]
        self._round_without_ground(day(30))
        self.assertEqual([self._term(partner, one) for one in (self.company, branch)], [self.terms[90], self.terms[15]])
        self.assertIn('meanwhile', self._grants(profile).outcome)

    def test_only_for_those_with_shorter_terms(self):
        cases = ((None, True), (30, True), (60, False), (90, False))
        profiles = [self._make_profile() for _case in cases]
        for profile, (days, _yes) in zip(profiles, cases, strict=True):
            profile.partner_id.with_company(self.company).property_payment_term_id = self.terms[days] if days else False
        self._longer()
        self._round()
        self.assertEqual([bool(self._grants(profile)) for profile in profiles], [yes for _days, yes in cases])

    def test_two_terms_at_a_time(self):
        """60 days and then 90; whichever ends first, at last what was before holds."""
        for first, second in ((10, 30), (30, 10)):
            profile = self._make_profile()
            partner = profile.partner_id
            partner.with_company(self.company).property_payment_term_id = self.terms[30]
            one, two = self._longer(60, sequence=1, period='year'), self._longer(90, sequence=2, period='year')
            one.days, two.days = first, second
            self._round()
            self.assertEqual(self._term(partner), self.terms[90])
            self._round_without_ground(day(10))
            self.assertEqual(self._term(partner), self.terms[90] if first == 10 else self.terms[60])
            self._round_without_ground(day(30))
            self.assertEqual(self._term(partner), self.terms[30])
            (one | two).action_stop()

    # === LIMIT === #

    def _line(self, profile, **vals):
        line = self.env['fulfilment.credit.line']._of(profile.partner_id, self.company)[profile.partner_id]
        line.write({'limit': 10000, 'limit_source': 'manual', **vals})
        return line

    def _raise(self, **vals):
        return self._make_rule(effect='limit', days=30, unit_cost=0, **{'limit_raise': 10, **vals})

    def test_limit_and_back(self):
        profile = self._make_profile()
        line = self._line(profile)
        self._raise(period='year')
        self._round()
        grant = self._grants(profile)
        self.assertEqual((line._effective_limit(0), line.limit, line.limit_source, profile.credit_limit), (11000, 10000, 'manual', 11000))
        self._round_without_ground(day(30))
        self.assertEqual((line._effective_limit(0), grant.state, profile.credit_limit), (10000, 'ended', 10000))

    def test_limit_by_an_amount(self):
        profile = self._make_profile()
        line = self._line(profile, limit=0)
        self._raise()
        self._raise(limit_kind='amount', limit_raise=2500.5)
        self._round()
        self.assertEqual((line._effective_limit(0), len(self._grants(profile))), (2500.5, 1))

    def test_limit_somebody_has_changed(self):
        profile = self._make_profile()
        line = self._line(profile)
        self._raise(period='year')
        self._round()
        line.limit = 12000
        self.assertEqual(line._effective_limit(0), 13000, "the raise was worked out when it was given")
        self._round_without_ground(day(30))
        self.assertEqual((line.limit, line._effective_limit(0), self._grants(profile).state), (12000, 12000, 'ended'))

    def test_no_limit_is_not_raised(self):
        profile, without = self._make_profile(), self._make_profile()
        self._line(profile, limit=0, limit_source='none')
        self._raise()
        self._round()
        self.assertFalse(self._grants(profile) | self._grants(without))

    def test_raises_do_not_add_up(self):
        profile = self._make_profile()
        line = self._line(profile)
        for first, second in ((10, 50), (50, 10)):
            rules = self._raise(sequence=1, limit_raise=first) | self._raise(sequence=2, limit_raise=second)
            self._round()
            self.assertEqual(line._effective_limit(0), 15000)
            grants = self._grants(profile).filtered(lambda one, rules=rules: one.rule_id in rules).sorted('id')
            grants[1]._take_back('Test', day(1))
            self.assertEqual(line._effective_limit(0), 10000 + 100 * first)
            grants[0]._take_back('Test', day(1))
            self.assertEqual(line._effective_limit(0), 10000)
            rules.action_stop()

    def test_limit_of_the_grade_as_it_is_then(self):
        profile = self._make_profile(revenue_12m=50000)
        grade, worse = self.env.ref('fulfilment_crm.credit_grade_a'), self.env.ref('fulfilment_crm.credit_grade_bbb')
        grade.write({'limit_kind': 'fixed', 'limit_amount': 8000})
        worse.write({'limit_kind': 'fixed', 'limit_amount': 3000})
        line = self._line(profile, limit=8000, limit_source='grade', grade_id=grade.id)
        self._raise(period='year')
        self._round()
        self.assertEqual(line._effective_limit(50000), 8800)
        line.provisional_grade_id = worse
        self.assertEqual(line._effective_limit(50000), 3800, "a lower grade proposed counts, raised or not")
        line._take_grade(worse, 50000)
        self.assertEqual((line.limit, line.limit_source, line._effective_limit(50000)), (3000, 'grade', 3800))
        self._round_without_ground(day(30))
        self.assertEqual((line.limit, line.limit_source, line._effective_limit(50000)), (3000, 'grade', 3000))

    # === PRIORITY === #

    def test_priority_and_its_end(self):
        profile = self._make_profile()
        partner = profile.partner_id
        other = self._make_company('Second Inc.')
        self._make_rule(effect='priority', days=30, unit_cost=1, period='year')
        self._make_rule(effect='priority', days=10, unit_cost=1, period='year')
        self._round()
        self.assertEqual(partner.with_company(self.company).fulfilment_priority_until, day(29))
        self.assertTrue(partner._fulfilment_has_priority(self.company, day(29)))
        self.assertFalse(partner._fulfilment_has_priority(self.company, day(30)))
        self.assertFalse(partner._fulfilment_has_priority(other, TODAY))
        contact = self.env['res.partner'].create({'name': 'Lin Wei', 'parent_id': partner.id})
        self.assertTrue(contact._fulfilment_has_priority(self.company, TODAY))
        self._round_without_ground(day(10))
        self.assertEqual(partner.with_company(self.company).fulfilment_priority_until, day(29))
        self._round_without_ground(day(30))
        self.assertFalse(partner.with_company(self.company).fulfilment_priority_until)

    def test_tickets_of_priority_customers_come_first(self):
        today = self.company._fulfilment_today()[self.company]
        self.customer.with_company(self.company).fulfilment_priority_until = today
        other = self.env['fulfilment.ticket'].create({'title': 'Later', 'partner_id': self.other.id, 'company_id': self.company.id})
        ticket = self.env['fulfilment.ticket'].create({'title': 'First', 'partner_id': self.customer.id, 'company_id': self.company.id})
        third = self.env['fulfilment.ticket'].create({'title': 'Later', 'partner_id': self.other.id, 'company_id': self.company.id})
        self.assertEqual((other | ticket | third).mapped('is_priority'), [False, True, False])
        (other | ticket | third).deadline_ids.unlink()
        self.assertEqual(self.env['fulfilment.ticket'].search([('id', 'in', (other | ticket | third).ids)])[0], ticket)
        with self.assertRaises(AccessError):
            other.with_user(self.manager).is_priority = True
        self.customer.with_company(self.company).fulfilment_priority_until = today - timedelta(days=1)
        late = self.env['fulfilment.ticket'].create({'title': 'Too late', 'partner_id': self.customer.id, 'company_id': self.company.id})
        self.assertFalse(late.is_priority)

    def test_tickets_of_priority_customers_are_given_out_first(self):
        """One agent who takes one more ticket: of two that come together the priority customer's is the one."""
        agent = self._make_user('r_agent', 'group_service')
        self.env['fulfilment.service.team'].search([('company_id', '=', self.company.id)]).unlink()
        self.env['fulfilment.service.team'].create({
            'name': 'Service', 'company_id': self.company.id, 'assignment': 'load',
            'member_ids': [Command.create({'user_id': agent.id, 'most': 1})],
        })
        today = self.company._fulfilment_today()[self.company]
        self.customer.with_company(self.company).fulfilment_priority_until = today
        second, first = self.env['fulfilment.ticket'].create([
            {'title': 'Pump', 'partner_id': partner.id, 'company_id': self.company.id} for partner in (self.other, self.customer)
        ])
        self.assertEqual((first.user_id, second.user_id), (agent, agent.browse()))

    def test_reminders_of_priority_customers_wait(self):
        self.company.fulfilment_priority_days = 3
        self.customer.email = 'office@a.example'
        rules = self.env['fulfilment.reminder.rule']
        rules.search([]).active = False
        template = self.env['mail.template'].search([('model', '=', 'fulfilment.reminder')], limit=1)
        for audience, offset in (('customer', 1), ('customer', -1), ('customer', 0), ('responsible', 1)):
            rules.create({
                'name': f'{audience} {offset}', 'model': 'fulfilment.milestone', 'offset_days': offset, 'channel': 'activity',
                'audience': audience, 'template_id': template.id,
            })
        contract = self.env['fulfilment.contract'].create({
            'title': 'Pumps', 'company_id': self.company.id, 'partner_id': self.customer.id, 'user_id': self.manager.id,
            'type_id': self.env.ref('fulfilment_crm.contract_type_service').id, 'date_start': TODAY,
        })
        contract.sudo().write({'state': 'active', 'date_signed': TODAY})
        milestone = self.env['fulfilment.milestone'].sudo().create({
            'contract_id': contract.id, 'name': 'Payment', 'kind': 'payment', 'obligor': 'customer', 'date_planned': TODAY, 'amount': 10,
        })
        reminders = self.env['fulfilment.reminder']

        def due(number):
            pairs = reminders._due_pairs('fulfilment.milestone', {self.company: day(number)}, milestone)
            return sorted(pairs[milestone].mapped(lambda rule: (rule.audience, rule.offset_days))) if milestone in pairs else []

        everybody = [('customer', -1), ('customer', 0), ('customer', 1), ('responsible', 1)]
        self.assertEqual(due(1), everybody)
        self.customer.with_company(self.company).fulfilment_priority_until = day(30)
        self.assertEqual(due(-1), [('customer', -1)])
        self.assertEqual(due(0), [('customer', -1), ('customer', 0)])
        for number in (1, 2, 3):
            self.assertEqual(due(number), [('customer', -1), ('customer', 0), ('responsible', 1)], number)
        self.assertEqual(due(4), everybody)
        # It never waits beyond what is caught up, or it would be lost.
        self.company.write({'fulfilment_priority_days': 30, 'fulfilment_catch_up_days': 2})
        for number in (2, 3):  # two days on which it is sent, should one round be missed
            self.assertIn(('customer', 1), due(number))
        self.company.fulfilment_catch_up_days = 14
        self.customer.with_company(self.company).fulfilment_priority_until = TODAY
        self.assertEqual(due(1), everybody)

    # === MERGED CUSTOMERS === #

    def test_what_is_in_force_follows_a_merged_customer(self):
        kept, merged = self._make_profile(500), self._make_profile()
        partner = kept.partner_id
        for one in (kept, merged):
            one.partner_id.with_company(self.company).property_payment_term_id = self.terms[30]
        self._longer(period='year')
        self._make_rule(effect='priority', days=30, unit_cost=1, period='year')
        self._round()
        self.assertEqual(self._term(partner), self.terms[30])
        wizard = self.env['base.partner.merge.automatic.wizard'].create({
            'partner_ids': [Command.set((partner | merged.partner_id).ids)], 'dst_partner_id': partner.id, 'state': 'selection',
        })
        wizard.action_merge()
        self.env.invalidate_all()
        self.assertEqual(self._term(partner), self.terms[60])
        self.assertEqual(partner.with_company(self.company).fulfilment_priority_until, day(29))
        self._round_without_ground(day(30))
        self.assertEqual(set(self._grants().mapped('state')), {'ended'})
        self.assertEqual(self._term(partner), self.terms[30])
        self.assertFalse(partner.with_company(self.company).fulfilment_priority_until)

    def test_a_year_of_rounds(self):
        """Every quarter the limit is raised for a while; at the end of each while it is what it was."""
        profile = self._make_profile()
        line = self._line(profile)
        self._raise()
        for month in range(1, 13):
            for number in (1, 15):
                self._round_without_ground(date(2026, month, number))
                self.assertEqual(line._effective_limit(0), 11000 if month in (1, 4, 7, 10) else 10000, (month, number))
        self.assertEqual(len(self._grants(profile)), 4)
