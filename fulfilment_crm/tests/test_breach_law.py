"""Steps of the law: their deadlines and costs, the claim account, limitation, whether it is worth it, and who reads counsel's notes."""
from datetime import timedelta

from psycopg2 import IntegrityError

from odoo import SUPERUSER_ID, api, fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common_breach import BreachCommon, day


@tagged('post_install', '-at_install', 'fulfilment_heavy')
class TestLaw(BreachCommon):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Breach = cls.env['fulfilment.breach']
        cls.cause = cls.env.ref('fulfilment_crm.breach_cause_payment_late')
        cls.today = cls.company._fulfilment_today()[cls.company]

    def _case(self, contract=None, **vals):
        contract = contract or self._agreed({'damages_rate': 0.05}, {'amount': 100_000, 'days': 0})
        return self.Breach.create({
            'contract_id': contract.id, 'cause_id': self.cause.id, 'user_id': self.seller.id, 'amount_claimed': 100_000, **vals,
        })

    def _step(self, case, kind='lawsuit', user=None, **vals):
        return self.env['fulfilment.legal.step'].with_user(user or self.legal).create({'breach_id': case.id, 'kind': kind, **vals})

    def _round(self, at):
        self.settle()
        with self.enter_registry_test_mode(), self.registry.cursor() as cr:
            api.Environment(cr, SUPERUSER_ID, {})['fulfilment.breach']._cron_breaches(as_of=at)
        self.env.invalidate_all()

    # === STEPS === #

    def test_steps_of_a_template_with_fees(self):
        case = self._case(legal_template_id=self.env.ref('fulfilment_crm.legal_template_payment').id)
        case.action_plan_steps()
        self.assertEqual(case.step_ids.mapped('kind'), ['demand', 'mediation', 'lawsuit', 'enforcement'])
        suit = case.step_ids.filtered(lambda one: one.kind == 'lawsuit')
        self.assertEqual((suit.fee_expected, suit.date_deadline), (2300.0, self.today + timedelta(days=60)))
        with self.assertRaises(ValidationError):
            self.env.ref('fulfilment_crm.legal_tariff_court').band_ids[1].limit = 5000

    def test_before_court_nobody_writes_friendly_words(self):
        contract = self._agreed({}, {'amount': 1000, 'days': 0})
        self._invoice(self._order(1000, contract=contract), date=day(0))
        self.env['fulfilment.profile']._refresh(self.partner_a, companies=self.company)
        profile = self.env['fulfilment.profile'].search([('partner_id', '=', self.partner_a.id), ('company_id', '=', self.company.id)])
        strategy, pauses = self.env['fulfilment.collection.strategy'], self.env['fulfilment.reminder.pause']
        case = self._case(contract)
        case.action_claim()
        step = self._step(case)
        self.assertFalse(case.is_before_court)
        self.assertNotIn(self.partner_a, strategy.sudo()._stopped(profile, self.company))
        step.action_begin()
        self.assertEqual((case.state, case.is_before_court, step.date_start), ('legal', True, self.today))
        self.assertIn(self.partner_a, strategy.sudo()._stopped(profile, self.company))
        self.assertIn(contract, pauses._pauses_of(contract, {self.company: self.today}))
        rule = self.env['fulfilment.reward.rule'].sudo().search([], limit=1)
        rule.write({'domain': "[('partner_id', '!=', False)]"}) if rule.state == 'draft' else None
        self.assertFalse(rule._candidates(self.company, self.today, among=profile))
        letter = self.env['fulfilment.care.letter'].sudo().create({'subject': 'Season', 'partner_ids': [Command.set(self.partner_a.ids)]})
        self.partner_a.write({'street': '1 Road', 'city': 'Ningbo'})
        self.assertFalse(letter._receivers())
        step.action_done(reason='Judgment')
        self.assertFalse(case.is_before_court)
        self.assertNotIn(self.partner_a, strategy.sudo()._stopped(profile, self.company))
        self.assertTrue(letter._receivers())

    def test_deadlines_are_told_once(self):
        case = self._case()
        step = self._step(case, date_deadline=day(60), user_id=self.legal.id)
        self._round(day(52))
        self.assertFalse(step.activity_ids)
        self._round(day(53))
        self._round(day(54))
        self.assertEqual(step.activity_ids.mapped('user_id'), self.legal)
        self.assertEqual(len(step.activity_ids), 1)
        step.date_deadline = day(70)
        self._round(day(63))
        self.assertEqual(len(step.activity_ids), 2)

    def test_termination_ends_the_contract_by_its_flow(self):
        case = self._case()
        step = self._step(case, kind='termination')
        with self.assertRaises(UserError):
            step.with_user(self.seller).action_terminate_contract()
        step.action_begin()
        step.with_user(self.seller).action_terminate_contract()
        self.assertEqual(case.contract_id.state, 'terminated')
        self.assertIn(case.name, case.contract_id.end_reason)

    def test_damages_until_the_termination_stay_owed(self):
        contract = self._agreed({'damages_rate': 0.05}, {'amount': 200_000, 'days': 0})
        self._accrued(contract, 20)
        contract.action_terminate(reason='Not paid')
        events = contract.sudo().milestone_ids.event_ids.filtered(lambda one: one.kind == 'cancelled')
        events.effective_on = day(30)
        history = contract.state_history
        contract.sudo().state_history = [*history[:-1], ['terminated', f'{day(30)} 09:00:00']]
        self.assertEqual(self._accrued(contract, 90), [('customer', 30, 3000.0)])

    def test_what_came_in_is_read_from_the_ledger(self):
        contract = self._agreed({}, {'amount': 100_000, 'days': 0})
        invoice = self._invoice(self._order(100_000, contract=contract))
        self._pay(invoice, 10_000, day(5))
        step = self._step(self._case(contract), date_start=day(10))
        self._pay(invoice, 30_000, day(12))
        self.assertEqual(step.amount_recovered, 30_000)
        step.date_end = day(11)
        step.invalidate_recordset(['amount_recovered'])
        self.assertEqual(step.amount_recovered, 0)

    # === NOTES OF COUNSEL === #

    def test_counsels_notes_are_read_by_legal_alone(self):
        step = self._step(self._case(), note_ids=[Command.create({'text': 'We may lose'})])
        note = step.note_ids
        self.assertEqual(note.user_id, self.legal)
        manager, credit = self._make_person('b_manager', 'manager'), self._make_person('b_credit', 'credit')
        portal = self._make_portal()
        for user in (self.seller, self.leader, manager, credit, self._make_person('b_inspector', 'inspector'), portal):
            with self.subTest(user=user.login):
                with self.assertRaises(AccessError):
                    note.with_user(user).read(['text'])
                with self.assertRaises(AccessError):
                    step.with_user(user).read(['note_ids'])
                for road in (
                    lambda user=user: self.env['fulfilment.legal.step'].with_user(user).search([('note_ids.text', 'ilike', 'lose')]),
                    lambda user=user: self.env['fulfilment.counsel.note'].with_user(user)._read_group([], ['text'], ['__count']),
                    lambda user=user: self.env['fulfilment.breach'].with_user(user).search([('step_ids.note_ids.text', 'ilike', 'lose')]),
                    lambda user=user: step.with_user(user).export_data(['note_ids/text']),
                ):
                    with self.assertRaises(UserError):  # AccessError is one
                        road()
        self.assertFalse(self.env['mail.message'].search([('body', 'ilike', 'We may lose')]), "no chatter repeats it")

    def _make_portal(self):
        return self.env['res.users'].sudo().with_context(no_reset_password=True).create({
            'name': 'Customer', 'login': 'b_portal', 'partner_id': self.partner_a.id, 'company_id': self.company.id,
            'group_ids': [Command.set(self.env.ref('base.group_portal').ids)], 'company_ids': [Command.set(self.company.ids)],
        })

    # === CLAIM ACCOUNT === #

    def test_claim_account_in_both_orders(self):
        contract = self._agreed({'damages_rate': 0.05}, {'amount': 200_000, 'days': 0})
        case = self._case(contract, account_until=day(45))
        self._step(case, 'demand', cost=3000, date_start=day(1)).action_begin()
        invoice = self._invoice(self._order(200_000, contract=contract))
        payment = self._pay(invoice, 80_000, day(20))
        case.invalidate_recordset()
        accounts = case._accounts()
        # The law: costs 3,000, damages of 20 days 2,000, so 75,000 of principal; 125,000 for 25 days more.
        self.assertEqual(float(accounts['law'].total), 125_000 + 1562.50)
        # Principal first: 120,000 are left; damages 2,000 + 1,500, costs 3,000.
        self.assertEqual(float(accounts['principal'].total), 120_000 + 3500 + 3000)
        self.assertEqual((case.account_left, case.account_left_principal), (126_562.50, 126_500.0))
        self.assertIn('126,562.50', case.account_sheet)
        self.assertIn('One Hundred', case.account_in_words)
        payment.action_draft()
        self.settle()
        undone = case._accounts()['law']
        self.assertEqual((undone.splits, float(undone.total)), ([], 200_000 + 4500 + 3000), "a payment undone leaves it as before")
        self.company.fulfilment_damages_as_interest = False
        self.assertEqual(float(case._accounts()['law'].total), 203_000.0)

    # === LIMITATION === #

    def test_limitation_by_proven_demands_and_payments(self):
        contract = self._agreed({}, {'amount': 100_000, 'days': 0})
        case = self._case(contract)
        self._round(self.today)
        self.assertEqual(case.limitation_until, fields.Date.to_date('2029-03-02'))
        notice = self.env['fulfilment.notice'].create({'breach_id': case.id, 'date': '2026-05-31'})
        notice.action_issue()
        notice.action_returned()
        self._round(self.today)
        self.assertEqual(case.limitation_until, fields.Date.to_date('2029-03-02'), "a demand that came back changes nothing")
        with self.assertRaisesRegex(UserError, 'issued later'):
            notice.action_delivered(date='2026-05-31', proof='Receipt')
        notice.action_delivered(date=self.today)
        self._round(self.today)
        self.assertEqual(case.limitation_until, fields.Date.to_date('2029-03-02'), "nor does one without a proof")
        sent = self.env['fulfilment.notice'].create({'breach_id': case.id, 'date': '2026-05-31'})
        sent.action_issue()
        sent.proof_ids = self._paper()
        sent.action_delivered(date='2026-05-31')
        self._round(self.today)
        self.assertEqual(case.limitation_until, fields.Date.to_date('2029-05-31'))
        self._pay(self._invoice(self._order(100_000, contract=contract)), 1000, fields.Date.to_date('2026-07-01'))
        self._round(self.today)
        self.assertEqual(case.limitation_until, fields.Date.to_date('2029-07-01'))
        self.assertIn('part payment', case.limitation_text)

    def test_what_is_not_about_the_claim_restarts_nothing(self):
        contract = self._agreed({}, {'amount': 100_000, 'days': 0})
        case = self._case(contract)
        invoice, other = self._invoice(self._order(100_000, contract=contract)), self._invoice(self._order(500))
        promises = self.env['fulfilment.payment.promise'].sudo()

        def promised(move, at):
            return promises.create({
                'partner_id': self.partner_a.id, 'company_id': self.company.id, 'amount': 500, 'origin': 'portal',
                'date_promised': self.today + timedelta(days=10), 'made_on': at, 'currency_id': self.company.currency_id.id,
                'move_line_ids': move and [Command.set(move.line_ids.filtered(lambda one: one.account_type == 'asset_receivable').ids)],
            })
        self.settle()
        promised(other, fields.Date.to_date('2026-06-01'))
        notice = self.env['fulfilment.notice'].create({'breach_id': case.id, 'date': '2026-05-31', 'kind': 'other'})
        notice.action_issue()
        notice.proof_ids = self._paper()
        notice.action_delivered(date='2026-05-31')
        self._round(self.today)
        self.assertEqual(case.limitation_until, fields.Date.to_date('2029-03-02'))
        promised(invoice, fields.Date.to_date('2026-06-05'))
        self._round(self.today)
        self.assertEqual(case.limitation_until, fields.Date.to_date('2029-06-05'))
        promised(None, fields.Date.to_date('2026-06-15'))
        self._round(self.today)
        self.assertEqual(case.limitation_until, fields.Date.to_date('2029-06-15'), "whatever is owed")

    def test_a_reference_rate_that_nobody_entered(self):
        """What lists and forms show of a case says what is missing, and counts what is known."""
        self.env['fulfilment.reference.rate'].search([]).unlink()
        case = self._case(self._agreed({'damages_points': 2.0}, {'amount': 100_000, 'days': 0}))
        self.assertIn('reference rate', case.account_sheet)
        self.assertEqual(case.account_left, 100_000.0)
        self.assertTrue(self._step(case).worth)
        self.env['fulfilment.reference.rate'].create({'date_from': '2020-01-01', 'percent': 3.0})
        case.invalidate_recordset()
        self.assertNotIn('reference rate', case.account_sheet)

    def test_copies_carry_no_history(self):
        case = self._case()
        case.sudo().rule_id = self.env['fulfilment.breach.rule'].search([], limit=1)
        copy = case.with_user(self.seller).copy()
        self.assertEqual((copy.state, copy.rule_id.id, copy.amount_claimed), ('open', False, 100_000))
        step = self._step(case, cost=3000, date_start='2026-03-05', docket='12/2026', court='Ningbo', amount=100_000,
                          tariff_id=self.env.ref('fulfilment_crm.legal_tariff_court').id)
        self.assertEqual((step.fee_expected, step.cost_above), (2300.0, 700.0))
        step.document_ids = self._paper(user=self.legal)
        step.action_begin()
        other = step.with_user(self.legal).copy()
        self.assertEqual((other.state, other.cost, other.date_start, other.docket, other.court), ('planned', 0.0, False, False, 'Ningbo'))

    def test_a_tariff_has_limits(self):
        band = self.env.ref('fulfilment_crm.legal_tariff_court').band_ids[:1]
        for name, value in (('percent', 100.01), ('percent', -1), ('fixed', 1e12)):
            with self.subTest(name=name, value=value), mute_logger('odoo.sql_db'), self.assertRaises(IntegrityError), \
                    self.env.cr.savepoint():
                band.write({name: value})
                self.env.flush_all()

    def test_warned_before_the_end_once_for_each(self):
        case = self._case()
        self._round(self.today)
        end, before = case.limitation_until, len(case.activity_ids)
        for days, told in ((181, 0), (180, 1), (179, 1), (90, 2), (31, 2), (30, 3), (29, 3)):
            self._round(end - timedelta(days=days))
            with self.subTest(days=days):
                self.assertEqual(len(case.activity_ids) - before, told)

    def test_a_suit_after_the_end_has_its_reason(self):
        contract = self._agreed({}, {'amount': 1000, 'days': -1300})
        case = self._case(contract)
        self._round(self.today)
        step = self._step(case)
        self.assertEqual(step.action_begin()['res_model'], 'fulfilment.reason')
        self.assertEqual(step.state, 'planned')
        step.action_begin(reason='The customer may not plead it')
        self.assertEqual((step.state, step.late_reason), ('running', 'The customer may not plead it'))

    # === IS IT WORTH IT === #

    def test_is_it_worth_it(self):
        case = self._case()
        step = self._step(case, amount=100_000, tariff_id=self.env.ref('fulfilment_crm.legal_tariff_court').id)
        self.assertIsNone(case._worth()['rate'])
        self.assertIn('no closed cases', step.worth)
        for recovered in (40_000, 60_000):
            closed = self._case(amount_recovered=recovered)
            closed.action_settle(reason='Paid')
            closed.action_close(reason='Paid')
        worth = case._worth(step)
        owed = worth['owed']
        self.assertEqual((worth['cases'], worth['rate'], worth['fee']), (2, 50.0, 2300.0))
        self.assertAlmostEqual(worth['net'], owed / 2 - 2300)
        self.assertAlmostEqual(worth['breaks_even'], 100 * 2300 / owed)
