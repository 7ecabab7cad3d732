"""Breach cases: opened once while they last, noticed, cured, claimed, and what customers and figures see of them."""
from datetime import date, timedelta

from dateutil.relativedelta import relativedelta

from odoo import SUPERUSER_ID, api, fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import Form, HttpCase, tagged

from .common_breach import BreachCommon, day


@tagged('post_install', '-at_install', 'fulfilment_heavy')
class TestBreach(BreachCommon, HttpCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Breach = cls.env['fulfilment.breach']
        cls.cause = cls.env.ref('fulfilment_crm.breach_cause_payment_late')
        cls.today = cls.company._fulfilment_today()[cls.company]

    def _case(self, contract=None, user=None, **vals):
        contract = contract or self._agreed({}, {'amount': 1000, 'days': 0})
        return self.Breach.with_user(user or self.seller).create({'contract_id': contract.id, 'cause_id': self.cause.id, **vals})

    def _round(self, number=0, at=None):
        self.settle()
        with self.enter_registry_test_mode(), self.registry.cursor() as cr:
            api.Environment(cr, SUPERUSER_ID, {})['fulfilment.breach']._cron_breaches(as_of=at or day(number))
        self.env.invalidate_all()

    # === OPENED BY RULE === #

    def test_rules_open_a_case_once_while_it_lasts(self):
        contract = self._agreed({}, {'amount': 1000, 'days': 0}, {'kind': 'delivery', 'obligor': 'us', 'days': 20})
        payment, delivery = contract.milestone_ids.sorted('sequence')
        self._round(29)
        self.assertFalse(contract.breach_ids)
        self._round(30)
        case = contract.breach_ids
        self.assertEqual((case.milestone_id, case.party, case.cause_id, case.user_id, case.opened_on),
                         (payment, 'customer', self.cause, self.seller, day(30)))
        self._round(31)
        self.assertEqual(len(contract.breach_ids), 1, "once while it lasts")
        self._round(35)
        self.assertEqual(contract.breach_ids.sorted('id')[-1].milestone_id, delivery)
        self.assertEqual(contract.breach_ids.sorted('id')[-1].party, 'us')
        case.action_settle(reason='Instalments agreed')
        case.action_close(reason='Paid')
        self._round(36)
        again = contract.breach_ids.filtered(lambda one: one.milestone_id == payment)
        self.assertEqual(len(again), 2, "the case has ended, and it is late still")

    def test_acceptance_refused_twice_is_ours(self):
        contract = self._agreed(
            {}, {'kind': 'delivery', 'obligor': 'us', 'days': 0, 'amount': 10},
            {'kind': 'acceptance', 'obligor': 'customer', 'anchor': 'predecessor', 'offset_days': 5, 'days': 5},
        )
        delivery, acceptance = contract.milestone_ids.sorted('sequence')
        for number in (1, 2):
            delivery.sudo()._complete({delivery: day(0)})
            acceptance.sudo()._record_acceptance('refused', reason='Broken')
            self._round(1)
            self.assertEqual(contract.breach_ids.mapped('party'), ['us'] if number == 2 else [])

    def test_what_waits_or_is_switched_off_is_no_breach(self):
        contract = self._agreed(
            {}, {'kind': 'delivery', 'obligor': 'us', 'days': 0},
            {'amount': 1000, 'days': 1, 'anchor': 'predecessor', 'offset_days': 1},
        )
        self._round(60)
        self.assertEqual(contract.breach_ids.milestone_id, contract.milestone_ids.filtered(lambda one: one.kind == 'delivery'))
        self.company.fulfilment_breach = False
        other = self._agreed({}, {'amount': 1000, 'days': 0})
        self._round(60)
        self.assertFalse(other.breach_ids)

    def test_a_rule_starts_its_plan_and_keeps_to_its_condition(self):
        rule = self.env.ref('fulfilment_crm.breach_rule_payment').sudo()
        rule.write({'plan_id': self.env.ref('fulfilment_crm.response_plan_default').id, 'domain': "[('amount', '>', 500)]"})
        large, small = self._agreed({}, {'amount': 1000, 'days': 0}), self._agreed({}, {'amount': 500, 'days': 0})
        self._round(30)
        self.assertEqual((len(large.breach_ids), len(small.breach_ids)), (1, 0))
        self.assertEqual(self.env['fulfilment.response'].search([('contract_id', '=', large.id)]).plan_id, rule.plan_id)

    def test_the_switch_says_what_it_would_do(self):
        self._agreed({}, {'amount': 1000, 'days': -60})
        self.settle()
        switch = self.env['fulfilment.switch'].create({'mechanism': 'breach', 'company_id': self.company.id})
        switch.action_preview()
        self.assertIn(('Payment 30 days late', 1), switch.effect_ids.mapped(lambda one: (one.name, one.count)))

    # === FAULT === #

    def test_whose_fault_came_first(self):
        contract = self._agreed(
            {}, {'kind': 'delivery', 'obligor': 'us', 'days': -30},
            {'amount': 1000, 'days': -20, 'anchor': 'predecessor', 'offset_days': 10},
        )
        payment = contract.milestone_ids.sorted('sequence')[1]
        self.assertEqual(self.Breach._of_milestone(payment)['first_fault'], 'other')
        with Form(self.Breach.with_user(self.seller).with_context(default_contract_id=contract.id)) as form:
            form.milestone_id = payment
            form.cause_id = self.cause
            self.assertEqual((form.first_fault, form.party), ('other', 'customer'))

    # === MOVES === #

    def test_every_illegal_move_is_refused(self):
        case = self._case()
        for state in ('closed', 'legal'):
            with self.subTest(state=state), self.assertRaises(UserError):
                case.sudo()._move_to(state)
        with self.assertRaises(UserError):
            case.action_claim()
        with self.assertRaises(UserError):
            case.action_cured(date=self.today + timedelta(days=1))
        case.amount_claimed = 500
        case.action_claim()
        case.action_settle(reason='Half')
        case.action_close(reason='Paid')
        self.assertEqual((case.state, case.closed_on, case.open_key), ('closed', self.today, False))
        self.assertIn('Half\nPaid', case.outcome)
        with self.assertRaises(UserError):
            case.unlink()
        for name, value in (('state', 'open'), ('cure_until', self.today), ('name', 'X')):
            with self.subTest(name=name), self.assertRaises(AccessError):
                case.write({name: value})
        case.action_reopen(reason='Not paid after all')
        self.assertEqual((case.state, case.closed_on), ('open', False))

    def test_cured_within_the_days_of_the_notice(self):
        case = self._case()
        action = case.action_notice()
        notice = self.env['fulfilment.notice'].with_user(self.seller).browse(action['res_id'])
        self.assertIn(case.contract_id.name, notice.body)
        notice.date = fields.Date.to_date('2026-09-30')
        notice.action_issue()
        self.assertEqual((notice.state, case.state, bool(notice.document)), ('issued', 'open', True))
        with self.assertRaises(UserError):
            notice.body = 'Something else'
        with self.assertRaises(UserError):
            notice.unlink()
        with self.assertRaises(UserError):
            notice.action_delivered(date='2026-09-29')
        case.cure_days = 3
        notice.proof_ids = self._paper(user=notice.env.user)
        notice.action_delivered(date='2026-09-30', proof='Signed receipt')
        self.assertEqual((notice.state, notice.is_proven, case.state), ('delivered', True, 'noticed'))
        self.assertEqual(case.cure_until, fields.Date.to_date('2026-10-05'), "three working days: Thursday, Friday, Monday")
        self.assertTrue(case.is_overdue)
        self.assertEqual(self.Breach.search([('is_overdue', '=', True)]) & case, case)
        self.assertFalse(self.Breach.search([('is_overdue', '=', False)]) & case)
        self._round(at=fields.Date.to_date('2026-10-05'))
        self.assertFalse(case.activity_ids)
        self._round(at=fields.Date.to_date('2026-10-06'))
        self._round(at=fields.Date.to_date('2026-10-07'))
        self.assertEqual(len(case.activity_ids), 1, "told once")
        case.opened_on = '2026-09-28'
        case.action_cured(date='2026-10-08')
        self.assertEqual((case.state, case.days_to_cure), ('cured', 10))

    def test_a_notice_that_came_back_changes_nothing(self):
        case = self._case(cure_unit='calendar_day', cure_days=10)
        notice = self.env['fulfilment.notice'].create({'breach_id': case.id, 'date': '2026-02-20'})
        notice.action_issue()
        notice.action_returned()
        self.assertEqual((notice.is_proven, case.state, case.cure_until), (False, 'open', False))
        notice.proof_ids = self._paper(user=notice.env.user)
        notice.action_delivered(date='2026-02-20', proof='Courier, second try')
        self.assertEqual(case.cure_until, fields.Date.to_date('2026-03-02'))

    def test_a_notice_by_e_mail_goes_to_a_confirmed_address(self):
        case = self._case()
        notice = self.env['fulfilment.notice'].create({'breach_id': case.id, 'sent_by': 'email'})
        notice.action_issue()
        mail = self.env['mail.mail'].sudo().search([('model', '=', notice._name), ('res_id', '=', notice.id)])
        self.assertEqual((mail.recipient_ids, len(mail.attachment_ids)), (self.partner_a, 1))
        self.partner_a.sudo().email = False
        with self.assertRaises(UserError):
            self.env['fulfilment.notice'].create({'breach_id': case.id, 'sent_by': 'email'}).action_issue()

    # === COUNTERCLAIMS AND FIGURES === #

    def test_counterclaims_on_one_case(self):
        case = self._case(amount_claimed=1000)
        counter = self._case(case.contract_id, party='us', counter_of_id=case.id, amount_claimed=400)
        self.assertEqual((case.amount_net, counter.amount_net), (600, 400))
        counter.with_user(self.legal).action_withdraw(reason='None')
        self.assertEqual(case.amount_net, 1000)
        for vals in ({'party': 'customer'}, {'counter_of_id': counter.id}):
            with self.subTest(vals=vals), self.assertRaises(ValidationError):
                self._case(case.contract_id, **{'party': 'us', 'counter_of_id': case.id, **vals})
        with self.assertRaises(ValidationError):
            self._case(party='us', counter_of_id=case.id)

    def test_figures_of_the_customer_follow_the_same_day(self):
        profile = self.env['fulfilment.profile'].search([('partner_id', '=', self.partner_a.id), ('company_id', '=', self.company.id)])
        before = profile.breach_count or 0
        case = self._case(amount_claimed=1000, amount_recovered=250)
        self.settle()
        profile = self.env['fulfilment.profile'].search([('partner_id', '=', self.partner_a.id), ('company_id', '=', self.company.id)])
        self.env.invalidate_all()
        self.assertEqual((profile.breach_count, profile.breach_amount_claimed, profile.breach_recovery_rate), (before + 1, 1000, 25.0))
        self._case(case.contract_id, party='us')
        self.env['fulfilment.profile']._refresh(self.partner_a, companies=self.company)
        self.env.invalidate_all()
        self.assertEqual(profile.breach_count, before + 1, "ours are not the customer's")
        case.action_withdraw(reason='It was none')
        self.settle()
        self.assertEqual(profile.breach_count, before)

    def test_a_rule_is_tried_against_breaches(self):
        customer = self.env['res.partner'].create({'name': 'Warned in time', 'is_company': True})
        months = [(date(2025, 3, 1) + relativedelta(months=number)) - timedelta(days=1) for number in range(12)]
        self.env['fulfilment.profile.history'].sudo().create([{
            'partner_id': customer.id, 'company_id': self.company.id, 'date': month, 'payment_index': 50 if number >= 4 else 80,
            'breach_open_count': 1 if number in (6, 7) else 0,
        } for number, month in enumerate(months)])
        rule = self.env['fulfilment.warning.rule'].create({
            'name': 'Pays later', 'domain': "[('payment_index', '<', 60)]", 'company_id': self.company.id,
        })
        replay = self.env['fulfilment.warning.replay'].create({
            'rule_id': rule.id, 'company_id': self.company.id, 'event': 'breach', 'within_days': 90,
        })
        replay.action_run()
        self.assertEqual((replay.fired_count, replay.hit_count, replay.event_count, replay.foreseen_count), (1, 1, 1, 1))
        replay.event = 'overdue'
        replay.action_run()
        self.assertEqual((replay.fired_count, replay.hit_count, replay.event_count), (1, 0, 0))

    def test_a_breach_has_the_customer_assessed_at_once(self):
        self.company.fulfilment_grade_rounds = True
        for days in (90, 60, 30):
            invoice = self._invoice(self._order(1000), date=self.today - timedelta(days=days))
            self._pay(invoice, 1000, self.today - timedelta(days=days - 5))
        self._case()
        self.settle()
        found = self.env['fulfilment.credit.assessment'].search([('partner_id', '=', self.partner_a.id)])
        self.assertEqual(found.mapped('occasion'), ['event'])
        self.assertEqual(found.occasion_note, 'Breach of contract')

    def test_analysis(self):
        cases = self._case(amount_claimed=1000, amount_recovered=250) | self._case(amount_claimed=3000)
        cases |= self._case(cause_id=self.env.ref('fulfilment_crm.breach_cause_other').id)
        cases[0].action_cured(date=self.today)
        rows = cases._by_cause()
        self.assertEqual([(row['cause'], row['count'], row['claimed'], row['rate'], row['days']) for row in rows], [
            ('Payment / Paid late', 2, 4000.0, 6.2, 0.0), ('Other cause', 1, 0.0, None, None),
        ])
        self.assertIn('web/content', cases.with_user(self.seller).action_export()['url'])
        report = self.env['ir.actions.report'].sudo()._render_qweb_html('fulfilment_crm.report_breaches', cases.ids)[0]
        self.assertIn(b'Paid late', report)

    # === OPENED FROM ELSEWHERE, AND WHO SEES IT === #

    def test_opened_from_a_milestone_and_by_whom(self):
        contract = self._agreed({}, {'amount': 1000, 'days': -20})
        context = contract.milestone_ids.with_user(self.seller).action_new_breach()['context']
        self.assertEqual((context['default_milestone_id'], context['default_party']), (contract.milestone_ids.id, 'customer'))
        stranger = self._make_person('b_other', 'user')
        with self.assertRaises(AccessError):
            contract.milestone_ids.with_user(stranger).action_new_breach()
        with self.assertRaises(AccessError):
            self._case(contract, user=stranger)
        case = self._case(contract)
        self.assertFalse(self.Breach.with_user(stranger).search([('id', '=', case.id)]))
        self.assertTrue(self.Breach.with_user(self.legal).search([('id', '=', case.id)]))

    def test_customers_see_what_is_shared_and_receive_notices(self):
        case = self._case()
        notice = self.env['fulfilment.notice'].create({'breach_id': case.id, 'sent_by': 'portal', 'subject': 'Please pay now'})
        notice.action_issue()
        login = self.env['res.users'].sudo().with_context(no_reset_password=True).create({
            'name': 'Customer', 'login': 'b_customer', 'password': 'b_customer', 'partner_id': self.partner_a.id,
            'group_ids': [Command.set(self.env.ref('base.group_portal').ids)], 'company_id': self.company.id,
            'company_ids': [Command.set(self.company.ids)],
        })
        case.contract_id.sudo().write({'approved_logins': False} if 'approved_logins' in case.contract_id._fields else {})
        self.authenticate('b_customer', 'b_customer')
        page = f'/my/fulfilment/contracts/{case.contract_id.id}'
        self.assertNotIn('Please pay now', self.url_open(page).text)
        case.is_shared = True
        self.env.flush_all()
        self.assertIn('Please pay now', self.url_open(page).text)
        self.assertEqual(notice.state, 'issued', "looking at the page delivers nothing")
        with self.assertRaises(AccessError):
            case.with_user(login).read(['name'])
