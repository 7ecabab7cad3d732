"""How people got round what binds damages, cases and limitation, and what keeps them from it now."""
import base64
import io
import zipfile
from datetime import timedelta

from odoo import SUPERUSER_ID, api, fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import tagged

from .common_breach import BreachCommon, day


@tagged('post_install', '-at_install', 'fulfilment_heavy')
class TestBreachRounding(BreachCommon):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.cause = cls.env.ref('fulfilment_crm.breach_cause_payment_late')
        cls.today = cls.company._fulfilment_today()[cls.company]

    def _case(self, contract, user=None, **vals):
        return self.env['fulfilment.breach'].with_user(user or self.seller).create({
            'contract_id': contract.id, 'cause_id': self.cause.id, 'user_id': self.seller.id, **vals,
        })

    def _round(self, model, method):
        self.settle()
        with self.enter_registry_test_mode(), self.registry.cursor() as cr:
            getattr(api.Environment(cr, SUPERUSER_ID, {})[model], method)(as_of=self.today)
        self.env.invalidate_all()

    # === DAMAGES === #

    def test_a_bundle_holds_no_account_of_the_customer(self):
        contract = self._agreed({'damages_rate': 0.05}, {'amount': 1000, 'days': 0})
        self._invoice(self._order(1000, contract=contract))
        statement = self.env['fulfilment.statement'].sudo().create({
            'partner_id': self.partner_a.id, 'company_id': self.company.id, 'as_of': self.today,
        })
        statement.document, statement.document_name = base64.b64encode(b'what all colleagues sold'), 'statement.pdf'
        self.settle()
        contract.with_user(self.seller).action_make_evidence()
        evidence = self.env['fulfilment.evidence'].sudo().search([], limit=1)
        with zipfile.ZipFile(io.BytesIO(base64.b64decode(evidence.file))) as bundle:
            files = {name: bundle.read(name) for name in bundle.namelist()}
        self.assertFalse([name for name, content in files.items() if b'what all colleagues sold' in content])
        self.assertIn(b'1000.0', next(content for name, content in files.items() if name.endswith('instalments.json')))

    def test_the_date_of_what_it_waits_for_erases_no_delay(self):
        contract = self._agreed(
            {'damages_rate': 0.1}, {'kind': 'other', 'obligor': 'customer', 'days': 0, 'user_id': self.seller.id},
            {'kind': 'delivery', 'obligor': 'us', 'amount': 10000, 'anchor': 'predecessor', 'offset_days': 20},
        )
        first = contract.milestone_ids.filtered(lambda one: one.kind == 'other').with_user(self.seller)
        first.action_done(date=day(1))
        self.assertEqual(self._accrued(contract, 40), [('us', 19, 190.0)])
        with self.assertRaisesRegex(UserError, 'Attach the document'):
            first.action_undo(reason='Mistake')
        first.invalidate_recordset()
        self.assertEqual(first.state, 'done')
        first.evidence_ids = self._paper(user=self.seller)
        first.action_undo(reason='It was another one')
        first.action_done(date=self.today)
        self.assertEqual(self._accrued(contract, 40), [])

    def test_prices_of_orders_change_no_damages(self):
        contract = self._agreed({'damages_rate': 0.1}, {'kind': 'delivery', 'obligor': 'us', 'days': 0}, amount_total=50000)
        order = self._order(20000, contract=contract)
        contract.milestone_ids.sudo().sale_line_ids = order.order_line
        self.assertEqual(self._accrued(contract, 10), [('us', 10, 200.0)])
        order.order_line.price_unit = 1.0
        contract.sudo()._reckon_damages_again()
        self.assertEqual(self._accrued(contract, 10), [('us', 10, 200.0)])
        contract.milestone_ids.sudo().sale_line_ids = [Command.clear()]
        self.assertEqual(self._accrued(contract, 11), [('us', 11, 220.0)])

    def test_claims_pass_no_cap_whatever_is_undone_afterwards(self):
        contract = self._agreed(
            {'damages_rate': 0.1, 'damages_cap': 1}, {'amount': 100000, 'days': 0}, {'amount': 100000, 'days': 1}, amount_total=200000,
        )
        self._accrued(contract, 60)
        last = contract.damages_ids.sorted('id')[-1:]
        last.action_claim()
        self._accrued(contract, 60)
        self.env['fulfilment.suspension'].with_user(self.legal).create({
            'contract_id': contract.id, 'obligor': 'customer', 'date_from': day(5), 'date_to': day(15), 'reason': 'Typhoon',
            'document_ids': [Command.link(self._paper(user=self.legal).id)],
        })
        self._accrued(contract, 90)
        self.assertLessEqual(sum(contract.damages_ids.mapped('amount')), 2000.0)
        one = self._agreed({'damages_rate': 0.1, 'damages_cap_late': 1}, {'amount': 200000, 'days': 0})
        self._accrued(one, 60)
        one.damages_ids.action_claim()
        self.env['fulfilment.suspension'].with_user(self.legal).create({
            'contract_id': one.id, 'obligor': 'customer', 'date_from': day(1), 'date_to': day(10), 'reason': 'Typhoon',
            'document_ids': [Command.link(self._paper(user=self.legal).id)],
        })
        self._accrued(one, 90)
        self.assertEqual(sum(one.damages_ids.mapped('amount')), 2000.0)

    def test_taking_a_claim_back_loses_nothing(self):
        contract = self._agreed({'damages_rate': 0.05}, {'amount': 200000, 'days': 0})
        self._accrued(contract, 20)
        first = contract.damages_ids
        first.action_claim()
        self._accrued(contract, 30)
        later = contract.damages_ids - first
        waiver = self.env['fulfilment.damages.waiver'].with_user(self.seller).create({
            'damages_id': later.id, 'amount': 500, 'reason': 'Good customer',
        })
        waiver.action_submit()
        with self.assertRaisesRegex(UserError, 'waived or objected'):
            first.action_take_back(reason='Mistake')
        self.assertTrue(waiver.exists())

    def test_a_document_that_was_posted_is_not_dropped(self):
        contract = self._agreed({'damages_rate': 0.05}, {'amount': 200000, 'days': 0})
        self._accrued(contract, 20)
        damages = contract.damages_ids
        damages.action_claim()
        damages.move_id.action_post()
        damages.move_id.button_draft()
        with self.assertRaisesRegex(UserError, 'posted before'):
            damages.with_user(self.seller).action_take_back(reason='x')
        self.assertTrue(damages.move_id.exists())

    def test_settled_goes_with_its_document(self):
        contract = self._agreed({'damages_rate': 0.05}, {'amount': 200000, 'days': 0})
        self._accrued(contract, 20)
        damages = contract.damages_ids
        damages.action_claim()
        move = damages.move_id
        move.action_post()
        payment = self._pay(move, 2000.0, self.today)
        damages.sudo()._follow_documents()
        self.assertEqual(damages.state, 'settled')
        payment.action_draft()
        move.button_draft()
        damages.sudo()._follow_documents()
        self.assertEqual(damages.state, 'claimed')

    def test_what_we_owe_is_not_ours_to_waive(self):
        contract = self._agreed({'damages_rate': 0.05}, {'kind': 'delivery', 'obligor': 'us', 'amount': 10000, 'days': 0})
        self._accrued(contract, 20)
        with self.assertRaisesRegex(UserError, 'not ours to waive'):
            self.env['fulfilment.damages.waiver'].with_user(self.seller).create({
                'damages_id': contract.damages_ids.id, 'amount': 10, 'reason': 'x',
            })

    # === CASES AND STEPS === #

    def test_files_of_proof_stay(self):
        contract = self._agreed({}, {'amount': 1000, 'days': 0})
        case = self._case(contract)
        case.evidence_ids = self._paper(user=self.seller)
        case.action_cured()
        step = self.env['fulfilment.legal.step'].with_user(self.legal).create({
            'breach_id': self._case(contract).id, 'kind': 'lawsuit', 'document_ids': [Command.link(self._paper(user=self.legal).id)],
        })
        step.action_begin()
        self.assertEqual((step.state, len(step.document_ids)), ('running', 1))
        for record, name in ((case, 'evidence_ids'), (step, 'document_ids')):
            for commands in ([Command.clear()], [Command.set([])], [Command.unlink(record[name].id)]):
                with self.subTest(name=name, commands=commands), self.assertRaisesRegex(UserError, 'none is taken away'), \
                        self.env.cr.savepoint():
                    record.write({name: commands})

    def test_steps_of_legal_are_gone_on_with_by_legal(self):
        case = self._case(self._agreed({}, {'amount': 1000, 'days': 0}))
        step = self.env['fulfilment.legal.step'].with_user(self.legal).create({'breach_id': case.id, 'kind': 'lawsuit'})
        step.action_begin()
        with self.assertRaises(AccessError):
            step.with_user(self.seller).write({'court': 'Nowhere'})
        with self.assertRaises(AccessError):
            step.with_user(self.seller).action_drop(reason='x')
        step.court = 'Ningbo'
        step.action_done(reason='Judgment')
        with self.assertRaisesRegex(UserError, 'is over'):
            step.write({'outcome': 'Lost'})

    def test_what_a_rule_found_stays(self):
        contract = self._agreed({}, {'kind': 'delivery', 'obligor': 'us', 'days': 0})
        case = self._case(contract, party='us', milestone_id=contract.milestone_ids.id)
        case.sudo().rule_id = self.env['fulfilment.breach.rule'].search([], limit=1)
        with self.assertRaisesRegex(UserError, 'opened by a rule'):
            case.write({'party': 'customer'})
        with self.assertRaises(AccessError):
            case.action_withdraw(reason='None')
        case.with_user(self.legal).action_withdraw(reason='It was agreed by telephone')

    def test_drafts_are_vouched_for_by_nobody(self):
        contract = self._agreed({}, {'amount': 1000, 'days': 0})
        notice = self.env['fulfilment.notice'].with_user(self.seller).create({'breach_id': self._case(contract).id})
        documents = self.env['fulfilment.document']
        notice._code_line()
        code = documents._code_of(notice)
        self.assertIsNone(documents._checked(code))
        notice.action_issue()
        self.assertEqual(documents._checked(code)['issued_on'], self.today)

    def test_other_notices_start_no_days(self):
        case = self._case(self._agreed({}, {'amount': 1000, 'days': 0}))
        notice = self.env['fulfilment.notice'].create({'breach_id': case.id, 'kind': 'other'})
        notice.action_issue()
        notice.action_delivered(date=self.today)
        self.assertEqual((notice.breach_id.state, notice.breach_id.cure_until), ('open', False))

    def test_bad_days_are_said(self):
        case = self._case(self._agreed({}, {'amount': 1000, 'days': 0}))
        with self.assertRaisesRegex(UserError, 'is no date'):
            case.action_cured(date='garbage')
        with self.assertRaises(ValidationError):
            self.env['fulfilment.notice'].create({'breach_id': case.id, 'date': '0001-01-01'})

    def test_an_archived_company_stops_no_night(self):
        contract = self._agreed({}, {'amount': 1000, 'days': 0})
        case = self._case(contract)
        step = self.env['fulfilment.legal.step'].with_user(self.legal).create({
            'breach_id': case.id, 'kind': 'demand', 'date_deadline': self.today, 'user_id': self.legal.id,
        })
        elsewhere = self.env['res.company'].create({'name': 'Closed down'})
        other = self.env['fulfilment.contract'].sudo().create({
            'company_id': elsewhere.id, 'partner_id': self.partner_a.id, 'user_id': False, 'type_id': contract.type_id.id,
            'date_start': day(0),
        })
        other.write({'state': 'active', 'date_signed': self.today})
        gone = self.env['fulfilment.breach'].sudo().create({
            'contract_id': other.id, 'cause_id': self.cause.id, 'user_id': False,
        })
        self.env['fulfilment.legal.step'].sudo().create({'breach_id': gone.id, 'kind': 'demand', 'date_deadline': self.today})
        elsewhere.active = False
        self._round('fulfilment.breach', '_cron_breaches')
        self.assertEqual(step.told_deadline, self.today)
        self.assertTrue(case.limitation_until)

    # === LIMITATION AND THE CLAIM ACCOUNT === #

    def test_what_is_no_acknowledgement_restarts_nothing(self):
        contract = self._agreed({}, {'amount': 1000, 'days': 0}, {'amount': 500, 'days': 100})
        case = self._case(contract)
        end = fields.Date.to_date('2029-03-02')
        self.assertEqual(case._limitation_end(), end)
        case.account_until = '1995-01-01'
        self.assertEqual(case._limitation_end(), end, "the day of a calculation is no event")
        customer = {'partner_id': self.partner_a.id, 'company_id': self.company.id}
        promise = self.env['fulfilment.payment.promise'].sudo().create({
            **customer, 'amount': 5, 'origin': 'portal', 'date_promised': self.today, 'currency_id': self.company.currency_id.id,
            'made_on': self.today,
        })
        self.assertGreater(case._limitation_end(), end)
        promise.action_cancel(reason='Never meant') if hasattr(promise, 'action_cancel') else promise._move_to('cancelled')
        self.assertEqual(case._limitation_end(), end)
        invoice = self._invoice(self._order(1500, contract=contract))
        refund = invoice._reverse_moves([{'invoice_date': self.today}])
        refund.invoice_line_ids.price_unit = 100
        refund.action_post()
        (invoice | refund).line_ids.filtered(lambda one: one.account_type == 'asset_receivable').reconcile()
        self.settle()
        self.assertEqual(case._limitation_end(), end, "a credit note of ours is no payment")

    def test_each_debt_has_its_own_limitation(self):
        contract = self._agreed({}, {'amount': 1000, 'days': -1500}, {'amount': 500, 'days': 100})
        case = self._case(contract)
        self._pay(self._invoice(self._order(1500, contract=contract)), 1000.0, day(-1490))
        self.assertEqual(case._limitation_end(), fields.Date.add(day(100), years=3), "what was paid in time is not barred")

    def test_suits_of_the_past_are_proven(self):
        case = self._case(self._agreed({}, {'amount': 1000, 'days': -1300}))
        step = self.env['fulfilment.legal.step'].with_user(self.legal).create({
            'breach_id': case.id, 'kind': 'lawsuit', 'date_start': self.today - timedelta(days=200),
        })
        with self.assertRaisesRegex(UserError, 'attach the document'):
            step.action_begin()
        step.date_start = False
        self.assertEqual(step.action_begin()['res_model'], 'fulfilment.reason', "barred before the first night, too")

    def test_the_account_follows_what_accrued(self):
        def interest(contract, number=40):
            self._accrued(contract, number)
            case = self._case(contract, account_until=day(number))
            return sum(float(one['interest']) for one in case._debts_told())

        whole = self._agreed({'damages_rate_contract': 0.05}, {'amount': 100000, 'days': 0}, amount_total=200000)
        self.assertEqual(interest(whole), sum(whole.damages_ids.mapped('amount')))
        capped = self._agreed({'damages_rate': 0.1, 'damages_cap': 1}, {'amount': 100000, 'days': 0}, amount_total=100000)
        self.assertEqual(interest(capped), 1000.0)
        moved = self._agreed({'damages_rate': 0.05}, {'amount': 100000, 'days': 0})
        self._accrued(moved, 20)
        moved.milestone_ids.action_move(date='2031-01-01', reason='Agreed')
        self._accrued(moved, 20)
        total = sum(moved.damages_ids.mapped('amount_due'))
        case = self._case(moved, account_until=day(20))
        self.assertEqual(sum(float(one['interest']) for one in case._debts_told()), total)
        plain = self._case(self._agreed({}, {'amount': 1000, 'days': 5}), account_until=day(60))
        for kind, cost in (('demand', 300), ('lawsuit', 500)):
            self.env['fulfilment.legal.step'].with_user(self.legal).create({'breach_id': plain.id, 'kind': kind, 'cost': cost})
        plain.step_ids.filtered(lambda one: one.kind == 'demand').write({'date_start': day(30)})
        plain.step_ids.filtered(lambda one: one.kind == 'demand').action_begin()
        self.assertEqual(float(plain._accounts()['law'].total), 1300.0, "what is only planned has cost nothing")
