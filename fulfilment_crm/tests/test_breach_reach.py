"""What people with and without roles tried on damages, cases and their proofs, and what keeps them from it."""
from datetime import timedelta

from psycopg2 import IntegrityError

from odoo import SUPERUSER_ID, api
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import HttpCase, new_test_user, tagged
from odoo.tools import mute_logger

from .common_breach import BreachCommon, day

CLAIMED_ON = (5, 12, 17, 30)
# Terms under which the days of a span do not all bring the same.
UNEVEN = {
    'cap': {'damages_rate': 0.5, 'damages_cap': 5}, 'cap of the late': {'damages_rate': 0.5, 'damages_cap_late': 6},
    'once late': {'damages_fixed': 1}, 'longer delay': {'damages_fixed': 1, 'damages_fixed_later': 3, 'damages_fixed_days': 10},
    'periods begun': {'damages_rate': 0.7, 'damages_days_full': 7}, 'full periods': {'damages_rate': 0.7, 'damages_days_drop': 7},
    'grace counted once exceeded': {'damages_rate': 0.5, 'damages_trigger': 9}, 'plain': {'damages_rate': 0.5},
}


@tagged('post_install', '-at_install', 'fulfilment_heavy')
class TestBreachReach(BreachCommon, HttpCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Breach, cls.cause = cls.env['fulfilment.breach'], cls.env.ref('fulfilment_crm.breach_cause_payment_late')
        cls.credit = cls._make_person('r_credit', 'credit')

    def _late(self, number=20, **terms):
        contract = self._agreed(terms or {'damages_rate': 0.05}, {'amount': 200000, 'days': 0})
        self._accrued(contract, number)
        return contract

    def _case(self, contract=None, user=None, **vals):
        contract = contract or self._agreed({'damages_rate': 0.05}, {'amount': 200000, 'days': 0})
        return self.Breach.with_user(user or self.seller).create({'contract_id': contract.id, 'cause_id': self.cause.id, **vals})

    def _file(self, user):
        return self.env['ir.attachment'].with_user(user).create({'name': 'Proof.pdf', 'raw': b'Receipt'})

    # === MONEY === #

    def test_claims_of_parts_come_to_the_whole(self):
        """On whatever days it is claimed in between, all claims together are what one claim at the end would be."""
        for name, terms in UNEVEN.items():
            whole = self._agreed(terms, {'amount': 100000, 'days': 0}, {'amount': 50000, 'days': 4})
            expected = sum(amount for _debtor, _days, amount in self._accrued(whole, 60))
            for claimed_on in (*((number,) for number in CLAIMED_ON), CLAIMED_ON):
                with self.subTest(terms=name, claimed_on=claimed_on):
                    parts = self._agreed(terms, {'amount': 100000, 'days': 0}, {'amount': 50000, 'days': 4})
                    for number in claimed_on:
                        self._accrued(parts, number)
                        parts.damages_ids.filtered(lambda one: one.state == 'accruing' and one.amount_due).action_claim()
                    self._accrued(parts, 60)
                    self.assertAlmostEqual(sum(parts.damages_ids.mapped('amount')), expected, 2)
                    self.assertFalse(parts.damages_ids.filtered(lambda one: one.amount != one.amount_now), "no facts have changed")
                    for one in parts.damages_ids:
                        self.assertAlmostEqual(sum(segment['amount'] for segment in one.segments), one.amount, 2)

    def test_claimed_one_after_the_other(self):
        contract = self._agreed({'damages_rate': 0.01}, {'amount': 100000, 'days': 0}, {'amount': 50000, 'days': 4})
        self.settle()
        self.Damages._accrue(contract)
        first, second = contract.damages_ids.sorted('date_from')
        for one in (first, second):
            one.action_claim()
        self.settle()
        self.assertEqual(contract.damages_ids, first | second, "nothing is left for the same day")
        more = self._agreed({'damages_rate': 0.01}, {'amount': 100000, 'days': 0}, {'amount': 50000, 'days': 4})
        self._accrued(more, 10)
        for one in more.damages_ids.sorted('date_from'):
            one.action_claim()  # in one transaction, the first claim's later days begin with the second claim
        self.assertEqual(sorted(more.damages_ids.mapped('state')), ['accruing', 'claimed', 'claimed'])
        tomorrow = self.company._fulfilment_today()[self.company] + timedelta(days=1)
        self.Damages._accrue(contract, as_of=tomorrow)
        self.assertEqual(sorted((contract.damages_ids - first - second).mapped('amount')), [5.0, 10.0])

    def test_only_the_newest_claim_is_taken_back(self):
        contract = self._late(20)
        older = contract.damages_ids
        older.action_claim()
        self._accrued(contract, 30)
        newer = contract.damages_ids - older
        newer.action_claim()
        for some in (older, older | newer):
            with self.assertRaisesRegex(UserError, 'newest'):
                some.action_take_back(reason='x')
        newer.action_take_back(reason='x')
        older.action_take_back(reason='x')
        self.assertEqual(self._accrued(contract, 30), [('customer', 30, 3000.0)])

    def test_settling_is_no_waiver(self):
        damages = self._late().damages_ids
        damages.with_user(self.seller).action_claim()
        with self.assertRaisesRegex(AccessError, 'waiver'):
            damages.with_user(self.seller).action_settle(reason='Forget it')
        draft = damages.move_id
        damages.with_user(self.credit).action_settle(reason='Set off')
        self.assertEqual((damages.state, draft.exists()), ('settled', draft.browse()))

    def test_a_posted_document_settles_itself(self):
        damages = self._late().damages_ids
        damages.action_claim()
        damages.move_id.action_post()
        with self.assertRaisesRegex(UserError, 'posted'):
            damages.with_user(self.credit).action_settle(reason='x')

    def test_lines_of_an_accountant_stay(self):
        damages = self._late().damages_ids
        damages.action_claim()
        damages.move_id.invoice_line_ids = [Command.create({'name': 'Freight', 'price_unit': 500.0, 'tax_ids': []})]
        with self.assertRaisesRegex(UserError, 'added lines'):
            damages.action_take_back(reason='x')
        with self.assertRaisesRegex(UserError, 'added lines'):
            damages._waive(30.0, 'x')

    def test_nobody_approves_the_own_waiver(self):
        damages = self._late().damages_ids
        waiver = self.env['fulfilment.damages.waiver'].with_user(self.seller).create({
            'damages_id': damages.id, 'amount': 50, 'reason': 'Good customer',
        })
        waiver.with_user(self.legal).reason = 'Very good customer'
        self.assertEqual(waiver._approval_authors()[waiver], self.seller | self.legal)
        with self.assertRaises(UserError):
            waiver.with_user(self.seller).user_id = self.credit

    def test_customers_do_not_see_what_is_not_granted(self):
        contract = self._late()
        login = new_test_user(self.env, 'r_portal', 'base.group_portal', email='r@portal.example')
        login.partner_id.parent_id = self.partner_a
        for record, name in ((contract.milestone_ids, 'amount_damages'), (contract, 'breach_count')):
            with self.subTest(name=name), self.assertRaises(AccessError):
                record.with_user(login).read([name])

    # === CASES === #

    def test_cases_and_bundles_are_of_signed_contracts(self):
        draft = self.env['fulfilment.contract'].with_user(self.seller).create({
            'partner_id': self.partner_a.id, 'title': 'Draft', 'type_id': self.env.ref('fulfilment_crm.contract_type_service').id,
        })
        with self.assertRaisesRegex(UserError, 'never signed'):
            self._case(draft)
        with self.assertRaisesRegex(UserError, 'never signed'):
            draft.action_make_evidence()

    def test_a_case_stays_with_its_contract(self):
        case, other = self._case(), self._agreed({'damages_rate': 0.05}, {'amount': 10, 'days': 0})
        with self.assertRaisesRegex(UserError, 'on record'):
            case.write({'contract_id': other.id, 'is_shared': True})
        case.write({'contract_id': case.contract_id.id, 'description': 'As the web client sends it'})
        with mute_logger('odoo.sql_db'), self.assertRaises(IntegrityError), self.env.cr.savepoint():
            case.contract_id.sudo().with_context(_force_unlink=True).unlink()
        self.assertTrue(case.exists())

    def test_closed_cases_stay_as_they_are(self):
        case = self._case(amount_claimed=100)
        case.action_settle(reason='Half')
        case.action_close(reason='Paid')
        for vals in ({'amount_claimed': 5}, {'party': 'us'}, {'opened_on': '2026-01-01'}):
            with self.subTest(vals=vals), self.assertRaisesRegex(UserError, 'on record'):
                case.write(vals)
        case.amount_recovered = 50

    def test_days_that_cannot_be(self):
        for opened_on in (day(400), '9998-01-01', '1066-10-14'):
            with self.subTest(opened_on=opened_on), self.assertRaises(ValidationError):
                self._case(opened_on=opened_on)
        case = self._case()
        notice = self.env['fulfilment.notice'].with_user(self.seller).create({'breach_id': case.id, 'date': day(400)})
        with self.assertRaisesRegex(UserError, 'still to come'):
            notice.action_issue()

    def test_a_case_before_court_does_not_end(self):
        case = self._case()
        step = self.env['fulfilment.legal.step'].with_user(self.legal).create({'breach_id': case.id, 'kind': 'lawsuit'})
        with self.assertRaisesRegex(UserError, 'still to come'):
            step.date_start = day(400)
            step.action_begin()
        step.date_start = False
        step.action_begin()
        self.assertTrue(case.is_before_court)
        with self.assertRaisesRegex(UserError, 'under way'):
            case.action_withdraw(reason='x')
        for vals in ({'kind': 'mediation'}, {'breach_id': self._case().id}, {'date_start': '2026-01-01'}):
            with self.subTest(vals=vals), self.assertRaisesRegex(UserError, 'has begun'):
                step.with_user(self.seller).write(vals)
        step.action_done(reason='Won')
        case.action_withdraw(reason='x')
        self.assertFalse(case.is_before_court)

    def test_notes_of_counsel_keep_their_step(self):
        step = self.env['fulfilment.legal.step'].with_user(self.seller).create({'breach_id': self._case().id, 'kind': 'demand'})
        self.env['fulfilment.counsel.note'].with_user(self.legal).create({'step_id': step.id, 'text': 'We may lose.'})
        with self.assertRaisesRegex(UserError, 'on record'):
            step.unlink()

    def test_claim_account_counts_what_is_due_and_open(self):
        contract = self._agreed({'damages_rate': 0.05}, {'amount': 100000, 'days': 0}, {'amount': 50000, 'days': 4000})
        self._accrued(contract, 20)
        case = self._case(contract)
        self.company.fulfilment_damages_as_interest = True

        def parts():
            [debt] = case._debts()
            return float(debt['principal']), float(sum(amount for _day, _part, amount in debt['dated'])), float(debt['rate'])

        self.assertEqual(parts(), (100000.0, 0.0, 0.05), "what is due in years is not owed")
        contract.damages_ids._waive(400.0, 'Good customer')
        self.assertEqual(parts(), (100000.0, 600.0, 0.0), "what is given up is not owed")
        damages = contract.damages_ids
        damages.action_claim()
        damages.with_user(self.credit).action_settle(reason='Set off')
        self.assertEqual(parts()[1:], (0.0, 0.0), "nor is what was settled")

    # === PROOFS === #

    def test_suspended_days_are_deleted_by_who_may_enter_them(self):
        contract = self._agreed({'damages_rate': 0.05}, {'amount': 200000, 'days': 0})
        suspension = self.env['fulfilment.suspension'].with_user(self.legal).create({
            'contract_id': contract.id, 'date_from': day(1), 'date_to': day(2), 'reason': 'Typhoon',
            'document_ids': [Command.link(self._file(self.legal).id)],
        })
        with self.assertRaises(UserError):
            suspension.with_user(self.seller).unlink()
        with self.assertRaises(UserError):
            contract.with_user(self.seller).write({'suspension_ids': [Command.delete(suspension.id)]})
        with self.assertRaises(AccessError):
            suspension.document_ids.with_user(self.seller).unlink()

    def test_proofs_stay_as_they_are(self):
        case = self._case()
        notice = self.env['fulfilment.notice'].with_user(self.seller).create({'breach_id': case.id})
        notice.sudo()._keep_document(b'%PDF-1.4 as issued')
        proof = self._file(self.seller)
        notice.proof_ids = [Command.link(proof.id)]
        notice.action_delivered(date=notice.date, proof='Receipt')
        for work in (
            lambda: proof.write({'raw': b'Forged'}), proof.unlink, lambda: notice.write({'proof_ids': [Command.clear()]}),
            lambda: notice.write({'tracking_number': '1'}), lambda: notice.write({'sent_by': 'hand'}),
            lambda: notice.write({'partner_id': self.partner_b.id}),
        ):
            with self.assertRaises(UserError):
                work()
        notice.proof_ids = [Command.link(self._file(self.seller).id)]

    def test_notices_go_to_the_own_customer(self):
        with self.assertRaisesRegex(ValidationError, 'goes to'):
            self.env['fulfilment.notice'].with_user(self.seller).create({
                'breach_id': self._case().id, 'partner_id': self.partner_b.id, 'sent_by': 'email',
            })

    # === THE NIGHT === #

    @mute_logger('odoo.sql_db')
    def test_rules_that_cannot_be_searched_are_refused(self):
        Rule = self.env['fulfilment.breach.rule'].with_user(self.legal)
        with self.assertRaises(ValidationError):
            Rule.create({'name': 'x', 'cause_id': self.cause.id, 'domain': "[('id', 'in', ['a'])]", 'company_id': self.company.id})
        for vals in ({'number': 3651}, {'cure_days': 5000}):
            with self.subTest(vals=vals), self.assertRaises(IntegrityError), self.env.cr.savepoint():
                Rule.create({'name': 'x', 'cause_id': self.cause.id, 'company_id': self.company.id, **vals}).flush_recordset()

    @mute_logger('odoo.sql_db')
    def test_settings_that_no_calendar_holds_are_refused(self):
        for name in ('fulfilment_legal_days', 'fulfilment_objection_days'):
            with self.subTest(name=name), self.assertRaises(IntegrityError), self.env.cr.savepoint():
                self.company[name] = 2_000_000_000
                self.env.flush_all()

    def test_a_rule_that_fails_is_set_aside(self):
        contract = self._agreed({'damages_rate': 0.05}, {'amount': 200000, 'days': 0})
        self.env['fulfilment.breach.rule'].search([]).action_archive()
        good, bad = self.env['fulfilment.breach.rule'].create([
            {'name': name, 'cause_id': self.cause.id, 'number': 30, 'sequence': number, 'company_id': self.company.id}
            for number, name in ((2, 'Good'), (1, 'Bad'))
        ])
        # As a condition that lost its field in an upgrade.
        self.env.flush_all()
        self.env.cr.execute("UPDATE fulfilment_breach_rule SET domain = %s WHERE id = %s", ["[('gone', '=', 1)]", bad.id])
        self.env.invalidate_all()
        self.settle()
        with self.enter_registry_test_mode(), self.registry.cursor() as cr, mute_logger('odoo.addons.fulfilment_crm.models.base.run'):
            api.Environment(cr, SUPERUSER_ID, {})['fulfilment.breach']._cron_breaches(as_of=day(40))
        self.env.invalidate_all()
        self.assertEqual(contract.breach_ids.rule_id, good)
        contract.breach_ids.action_withdraw(reason='Agreed by telephone')
        with self.enter_registry_test_mode(), self.registry.cursor() as cr, mute_logger('odoo.addons.fulfilment_crm.models.base.run'):
            api.Environment(cr, SUPERUSER_ID, {})['fulfilment.breach']._cron_breaches(as_of=day(41))
        self.env.invalidate_all()
        self.assertEqual(len(contract.breach_ids), 1, "what was none does not come back every night")
        self.assertTrue(self.env['fulfilment.problem'].search([('res_model', '=', bad._name), ('res_id', '=', bad.id)]))
