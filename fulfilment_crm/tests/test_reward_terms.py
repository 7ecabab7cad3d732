"""Rewards that hold for a time: payment terms, limits, priority."""
from datetime import date, timedelta

from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import tagged

from .common_profile import TODAY
from .common_reward import TermsCommon


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


def day(number):
    return TODAY + timedelta(days=number)
