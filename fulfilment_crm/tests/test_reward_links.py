"""Where rewards come from beside the daily round: proposals to satisfied customers, compensation of tickets; and the portal."""
from datetime import timedelta

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import HttpCase, new_test_user, tagged

from .common_profile import TODAY
from .common_reward import RewardCommon


@tagged('post_install', '-at_install')
class TestRewardPlaces(RewardCommon):

    # === PROPOSALS === #

    def _proposal(self, partner=None, kind='points', number=1):
        return self.env['fulfilment.loyalty.proposal'].create({
            'claim_key': f'test {number}', 'commercial_partner_id': (partner or self.customer).id, 'company_id': self.company.id,
            'user_id': self.leader.id, 'kind': kind, 'date': TODAY,
        })

    def setUp(self):
        super().setUp()
        self._invoice(self.customer, 100, TODAY)
        self._invoice(self.other, 100, TODAY)

    def test_without_a_rule_it_is_given_by_hand(self):
        proposal = self._proposal()
        proposal.with_user(self.leader).action_grant()
        self.assertEqual((proposal.state, proposal.reward_grant_id), ('granted', self.Grant))

    def test_a_rule_gives_what_is_granted(self):
        rule = self.company.fulfilment_satisfied_rule_id = self._make_rule(False)
        proposal = self._proposal()
        proposal.with_user(self.leader).action_grant()
        grant = proposal.reward_grant_id
        self.assertRecordValues(grant, [{
            'state': 'granted', 'rule_id': rule.id, 'partner_id': self.customer.id, 'cost': 10, 'condition': False, 'points': 100,
        }])
        self.assertEqual((self._card(self.customer).points, sum(rule.budget_ids.mapped('spent'))), (100, 10))
        with self.assertRaises(AccessError):
            proposal.with_user(self.manager).reward_grant_id = False

    def test_of_another_kind_it_is_given_by_hand(self):
        self.company.fulfilment_satisfied_rule_id = self._make_rule(False)
        proposal = self._proposal(kind='training')
        proposal.with_user(self.leader).action_grant()
        self.assertFalse(proposal.reward_grant_id)

    def test_once_a_period_whichever_way(self):
        self.company.fulfilment_satisfied_rule_id = self._make_rule(False)
        proposals = self._proposal() | self._proposal(number=2) | self._proposal(self.other, number=3)
        proposals.with_user(self.leader).action_grant()
        self.assertEqual(len(proposals.reward_grant_id), 2)
        self.assertEqual(proposals[0].reward_grant_id, proposals[1].reward_grant_id)
        self.assertEqual(self._card(self.customer).points, 100)

    def test_the_budget_holds_for_proposals(self):
        rule = self.company.fulfilment_satisfied_rule_id = self._make_rule(False, budget=10)
        self._proposal().with_user(self.leader).action_grant()
        second = self._proposal(self.other, number=2)
        with self.assertRaisesRegex(UserError, 'budget'), self.env.cr.savepoint():
            second.with_user(self.leader).action_grant()
        self.assertEqual((second.state, sum(rule.budget_ids.mapped('spent'))), ('proposed', 10))

    def test_a_rule_that_is_not_complete(self):
        self.company.fulfilment_satisfied_rule_id = self._make_rule(False, points=0)
        with self.assertRaisesRegex(UserError, 'Turnover'), self.env.cr.savepoint():
            self._proposal().with_user(self.leader).action_grant()

    # === COMPENSATION === #

    def _ticket(self, **vals):
        return self.env['fulfilment.ticket'].create({
            'title': 'The pump leaks', 'partner_id': self.customer.id, 'company_id': self.company.id, **vals,
        })

    def test_points_in_compensation(self):
        service = self._make_user('r_service', 'group_service')
        self.company.write({'fulfilment_point_cost': 0.05})
        ticket = self._ticket(compensation_points=40)
        ticket.with_user(service).action_grant_points()
        grant = ticket.reward_grant_id
        self.assertRecordValues(grant, [{
            'state': 'in_approval', 'ticket_id': ticket.id, 'rule_id': False, 'points': 40, 'cost': 2, 'effect': 'points',
            'partner_id': self.customer.id,
        }])
        with self.assertRaises(UserError):
            ticket.with_user(service).action_grant_points()
        with self.assertRaises(AccessError):
            grant.with_user(service).action_approve()
        grant.with_user(self.leader).action_approve()
        card = self._card(self.customer)
        self.assertEqual(card.points, 40)
        self.assertIn(ticket.name, card.history_ids.description)
        # No condition stands behind it: the round leaves it alone.
        self._round()
        self.assertEqual(grant.state, 'granted')
        grant._take_back('Test', TODAY)
        self.assertEqual(card.points, 0)

    def test_own_program_and_no_approval(self):
        self.company.fulfilment_approval = False
        program = self.program.copy({'name': 'Second program'})
        self.company.fulfilment_points_program_id = program
        ticket = self._ticket(compensation_points=40, user_id=self.leader.id)
        ticket.with_user(self.leader).action_grant_points()
        self.assertEqual((ticket.reward_grant_id.state, ticket.reward_grant_id.card_id.program_id), ('granted', program))

    def test_who_may_compensate_and_what_is_missing(self):
        seller = self._make_sales_user('r_seller')
        ticket = self._ticket(compensation_points=40, user_id=seller.id)
        with self.assertRaises(AccessError):
            ticket.with_user(seller).action_grant_points()
        for vals in ({'compensation_points': 0}, {'compensation_points': 5, 'partner_id': False}):
            with self.subTest(vals=vals), self.assertRaises(UserError):
                self._ticket(**vals).with_user(self.leader).action_grant_points()
        granted = self._ticket(compensation_points=40, user_id=self.leader.id)
        granted.with_user(self.leader).action_grant_points()
        with self.assertRaises(AccessError):
            granted.with_user(self.manager).reward_grant_id = False

    # === WHAT CUSTOMERS ARE TOLD === #

    def _told(self, rule, **figures):
        profile = self._make_profile(**figures)
        return rule._told_to(profile.partner_id, self.company)[0]

    def test_how_far_they_are(self):
        rule = self._make_rule(domain="[('on_time_payment_rate', '=', 100), ('payment_count', '>=', 3)]")
        told = self._told(rule, on_time_payment_rate=92.5, payment_count=4)
        self.assertEqual((told['now'], told['goal']), ('92.50', '100'))
        told = self._told(rule, on_time_payment_rate=100, payment_count=2)
        self.assertEqual((told['now'], told['goal']), ('2', '3'))
        for figures in (
            {'on_time_payment_rate': 92, 'payment_count': 2}, {'on_time_payment_rate': 100, 'payment_count': 3}, {},
        ):
            self.assertNotIn('figure', self._told(rule, **figures), figures)

    def test_scores_and_choices_are_never_told(self):
        for domain in (
            "[('credit_score', '>', 80)]", "[('credit_score', '>', 80), ('payment_count', '>=', 3)]",
            "['|', ('payment_count', '>=', 3), ('relation_years', '>=', 3)]", "['!', ('payment_count', '>=', 3)]",
            "[('payment_count', '<', 3)]", "[('margin_12m', '>=', 5)]", "[('credit_grade_id.code', '=', 'AAA')]",
        ):
            with self.subTest(domain=domain):
                told = self._told(self._make_rule(domain=domain), payment_count=2, credit_score=90)
                self.assertEqual(set(told), {'rule', 'had'})


@tagged('post_install', '-at_install')
class TestRewardPortal(RewardCommon, HttpCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.user, cls.stranger = (cls._portal_user(f'r_portal_{name}', partner) for name, partner in (
            ('own', cls.customer), ('other', cls.other),
        ))

    @classmethod
    def _portal_user(cls, login, customer):
        user = new_test_user(
            cls.env, login, groups='base.group_portal', company_id=cls.company.id, company_ids=[Command.set(cls.company.ids)],
        )
        user.partner_id.parent_id = customer
        return user

    def _page(self, user):
        self.env.flush_all()
        self.authenticate(user.login, user.login)
        return self.url_open('/my/fulfilment/rewards').text

    def test_own_points_and_rewards_and_nobody_elses(self):
        profile = self._make_profile(partner=self.customer)
        self._make_rule(explanation='For your <b>turnover</b>')
        self._make_rule(effect='priority', days=30, unit_cost=1, explanation='Because we know you')
        for rule in self.Rule.search([('state', '=', 'active')]):
            self.Grant._grant(rule, self.company, TODAY, profile)
        own, foreign = self._page(self.user), self._page(self.stranger)
        for text in ('100 Loyalty points', 'For your &lt;b&gt;turnover&lt;/b&gt;', 'Priority until', 'Because we know you'):
            self.assertIn(text, own)
            self.assertNotIn(text, foreign)
        self.assertIn('There is nothing here yet', foreign)

    def test_coupons_show_their_code(self):
        program = self.env['loyalty.program'].create({'name': 'Ten percent', 'program_type': 'coupons'})
        rule = self._make_rule(False, effect='coupon', program_id=program.id, unit_cost=1)
        self.Grant._grant(rule, self.company, TODAY, self._make_profile(partner=self.customer))
        code = self._grants(rule=rule).card_id.code
        self.assertIn(code, self._page(self.user))
        self.assertNotIn(code, self._page(self.stranger))

    def test_what_earns_more(self):
        self._make_profile(partner=self.customer, on_time_payment_rate=92, payment_count=4, credit_score=77)
        on_time = "[('on_time_payment_rate', '=', 100), ('payment_count', '>=', 3)]"
        self._make_rule(name='Paid on time', domain=on_time, is_shown=True, explanation='Pay on time')
        self._make_rule(name='Secret rule', domain=on_time)
        self._make_rule(False, name='In preparation', domain=on_time, is_shown=True)
        self._make_rule(name='Score', domain="[('credit_score', '>', 80)]", is_shown=True, explanation='Be reliable')
        page = self._page(self.user)
        for text in ('Pay on time', '92.00', 'Be reliable'):
            self.assertIn(text, page)
        for text in ('Secret rule', 'In preparation', '77', 'credit score'):
            self.assertNotIn(text, page.split('o_fulfilment_rewards')[1].split('</main>')[0])

    def test_what_is_had_and_what_was_taken_back(self):
        profile = self._make_profile(partner=self.customer)
        rule = self._make_rule(is_shown=True)
        today = self.company._fulfilment_today()[self.company]
        self.Grant._grant(rule, self.company, today, profile)
        self.assertIn('You have it', self._page(self.user))
        self._grants()._take_back('Secret reason', today + timedelta(days=1))
        page = self._page(self.user)
        self.assertNotIn('You have it', page)
        self.assertNotIn('Secret reason', page)
        self.assertIn('−', page)

    def test_the_tile(self):
        self.authenticate(self.user.login, self.user.login)
        self.assertIn('/my/fulfilment/rewards', self.url_open('/my').text)
        counters = self.make_jsonrpc_request('/my/counters', {'counters': ['fulfilment_reward_count']})
        self.assertEqual(counters, {'fulfilment_reward_count': 0})
        self.Grant._grant(self._make_rule(), self.company, TODAY, self._make_profile(partner=self.customer))
        self.env.flush_all()
        counters = self.make_jsonrpc_request('/my/counters', {'counters': ['fulfilment_reward_count']})
        self.assertEqual(counters, {'fulfilment_reward_count': 1})

    def test_nobody_is_sent_to_the_login(self):
        self.authenticate(None, None)
        self.assertIn('/web/login', self.url_open('/my/fulfilment/rewards').url)
