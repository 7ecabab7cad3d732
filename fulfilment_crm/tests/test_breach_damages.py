"""Damages as the signed clauses and the ledger have them."""
from decimal import Decimal

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import tagged

from ..models.clause.clause import ROLES
from .common_breach import BreachCommon, day

TERMS = {'damages_rate': 0.05, 'damages_grace': 3, 'damages_cap': 5}


@tagged('post_install', '-at_install', 'fulfilment_heavy')
class TestDamages(BreachCommon):

    def _document(self, user=None):
        return self.env['ir.attachment'].with_user(user or self.env.user).create({'name': 'Certificate.pdf', 'raw': b'Force majeure'})

    # === ACCRUAL === #

    def test_the_customer_is_late(self):
        contract = self._agreed(TERMS, {'amount': 200000, 'days': 0})
        self.assertEqual(self._accrued(contract, 3), [], "days of grace")
        self.assertEqual(self._accrued(contract, 45), [('customer', 42, 4200.0)])
        self.assertEqual(contract.milestone_ids.amount_damages, 4200.0)
        damages = contract.damages_ids
        self.assertEqual((damages.date_from, damages.date_until, damages.state), (day(4), day(45), 'accruing'))
        self.assertIn('× 42', damages.calculation.replace('\xa0', ' '))
        self.assertIn('Four Thousand', damages.in_words)
        self.assertEqual(self._accrued(contract, 400), [('customer', 397, 10000.0)])
        self.assertTrue(damages.is_capped)

    def test_part_payment_and_payment_undone(self):
        contract = self._agreed({'damages_rate': 0.05}, {'amount': 200000, 'days': 0})
        invoice = self._invoice(self._order(200000, contract=contract))
        self._pay(invoice, 80000, day(20))
        self.assertEqual(self._accrued(contract, 45), [('customer', 45, 3500.0)])
        self.assertEqual([one['reason'] for one in contract.damages_ids.segments], ['late', 'paid'])
        self._pay(invoice, 120000, day(30))
        self.assertEqual(self._accrued(contract, 60), [('customer', 30, 2600.0)], "what has accrued stays owed after the principal is paid")
        invoice.line_ids.remove_move_reconcile()
        self.env['account.move.line'].search([('partner_id', '=', self.partner_a.id), ('balance', '<', 0)]).move_id.button_draft()
        self.assertEqual(self._accrued(contract, 45), [('customer', 45, 4500.0)])

    def test_money_on_the_account_counts(self):
        contract = self._agreed({'damages_rate': 0.05}, {'amount': 100000, 'days': 0})
        payment = self.env['account.payment'].create({
            'partner_id': self.partner_a.id, 'amount': 40000, 'date': day(10), 'payment_type': 'inbound', 'partner_type': 'customer',
            'journal_id': self.company_data['default_journal_bank'].id,
        })
        payment.action_post()
        self.settle()
        contract._read_accounts()
        self.assertEqual(contract.milestone_ids.amount_on_account, 40000.0)
        self.assertEqual(self._accrued(contract, 20), [('customer', 20, 800.0)])

    def test_every_role_acts(self):
        """What a parameter may say of damages changes how they are counted."""
        self.env['fulfilment.reference.rate'].create({'date_from': day(-900), 'percent': 3.1})
        contract, rate = self._agreed({}, {'amount': 100000, 'days': 0}), {'damages_rate': 0.05}
        given = {
            'damages_factor': {'damages_points': 2}, 'damages_points': {'damages_factor': 2}, 'damages_fixed_later': {
                'damages_fixed': 1, 'damages_fixed_days': 30,
            }, 'damages_fixed_days': {'damages_fixed': 1, 'damages_fixed_later': 5},
            **dict.fromkeys((role for role, _name in ROLES if role.endswith(('rate_us', 'rate_customer'))), rate),
            **dict.fromkeys(('damages_days', 'damages_days_full', 'damages_days_drop', 'damages_grace', 'damages_trigger'), rate),
            **dict.fromkeys(('damages_cap_late', 'damages_year_days', 'damages_daily'), rate),
        }
        worth = {'damages_year_days': 360, 'damages_daily': 1, 'damages_fixed_days': 20, 'damages_fixed_later': 5}
        for role in (role for role, _name in ROLES if role.startswith('damages_') and role != 'damages_cap'):
            before, value = given.get(role, {}), worth.get(role, 7)
            obligor = 'us' if role.endswith('_us') else 'customer'
            with self.subTest(role=role):
                self.assertNotEqual(
                    contract._damages_terms(before, obligor, Decimal(1000)),
                    contract._damages_terms({**before, role: value}, obligor, Decimal(1000)),
                )
        self.assertNotEqual(contract._damages_limits({'damages_cap': [(None, 5)]}, set()), contract._damages_limits({}, set()))

    def test_we_are_late(self):
        contract = self._agreed(
            {'damages_rate': 0.05, 'damages_rate_us': 0.1}, {'kind': 'delivery', 'obligor': 'us', 'days': 0}, amount_total=50000.0,
        )
        self.assertEqual(self._accrued(contract, 10), [('us', 10, 500.0)], "the only delivery is worth the contract")
        contract.milestone_ids.evidence_ids = self._paper()
        contract.milestone_ids.action_done(date=day(10))
        self.assertEqual(self._accrued(contract, 30), [('us', 10, 500.0)])
        self.assertFalse(contract._damages_for_customer(), "what we owe is shown once it is granted")

    def test_delivery_in_parts(self):
        contract = self._agreed({'damages_rate': 0.1}, {'kind': 'delivery', 'obligor': 'us', 'amount': 10000, 'days': 0})
        delivery = contract.milestone_ids.sudo()
        delivery._log_event('progress', '', {delivery: (False, False)}, {delivery: day(4)}, shares={delivery: (0.0, 60.0)})
        self.assertEqual(self._accrued(contract, 10), [('us', 10, 64.0)], "4 days on 10,000, 6 on 4,000")

    def test_fault_on_both_sides(self):
        """Delivered four days late; paid late only because of it."""
        for linked in (True, False):
            with self.subTest(linked=linked):
                follows = {'anchor': 'predecessor', 'offset_days': 10} if linked else {}
                contract = self._agreed(
                    {'damages_rate': 0.05}, {'kind': 'delivery', 'obligor': 'us', 'amount': 10000, 'days': 10},
                    {'kind': 'payment', 'amount': 100000, 'days': 20, **follows},
                )
                delivery, payment = contract.milestone_ids.sorted('sequence')
                self.assertEqual(payment.date_planned, day(20))
                self.assertEqual(self._accrued(contract, 12), [('us', 2, 10.0)])
                self.assertEqual(self._accrued(contract, 22), [('us', 12, 60.0)] if linked else [('us', 12, 60.0), ('customer', 2, 100.0)],
                                 "nobody is late with what waits for something else")
                delivery.evidence_ids = self.env['ir.attachment'].create({'name': 'Delivery note', 'raw': b'%PDF-1.4'})
                delivery.action_done(date=day(14))
                invoice = self._invoice(self._order(100000, contract=contract), date=day(14))
                self._pay(invoice, 100000, day(24))
                self.assertEqual(self._accrued(contract, 30), [('us', 4, 20.0)] if linked else [('us', 4, 20.0), ('customer', 4, 200.0)])

    def test_several_share_the_cap_of_the_contract(self):
        contract = self._agreed(
            {'damages_rate': 0.1, 'damages_cap': 2}, {'amount': 50000, 'days': 0}, {'amount': 50000, 'days': 10}, amount_total=100000.0,
        )
        self.assertEqual(self._accrued(contract, 30), [('customer', 30, 1250.0), ('customer', 20, 750.0)])
        self.assertEqual(contract.damages_ids.mapped('is_capped'), [True, True])

    def test_terms_of_every_kind(self):
        for terms, days, amount in (
            ({'damages_yearly': 4.5, 'damages_year_days': 360}, 50, 1250.0), ({'damages_rate': 0.5, 'damages_days_full': 7}, 18, 3000.0),
            ({'damages_rate': 0.5, 'damages_days_drop': 7}, 18, 2000.0), ({'damages_rate': 0.5, 'damages_days': 7}, 18, 2571.43),
            ({'damages_rate': 0.05, 'damages_trigger': 3}, 45, 4500.0), ({'damages_rate': 0.05, 'damages_cap_late': 2}, 45, 4000.0),
            ({'damages_fixed': 1, 'damages_fixed_later': 3, 'damages_fixed_days': 10}, 9, 2000.0),
            ({'damages_fixed': 1, 'damages_fixed_later': 3, 'damages_fixed_days': 10}, 10, 6000.0),
            ({'damages_rate_contract': 0.01}, 10, 400.0), ({'damages_rate_customer': 0.1, 'damages_rate': 0.05}, 10, 2000.0),
        ):
            with self.subTest(terms=terms):
                contract = self._agreed(terms, {'amount': 200000, 'days': 0}, amount_total=400000.0)
                self.assertEqual([one[2] for one in self._accrued(contract, days)], [amount])
        with self.assertRaises(ValidationError):
            self._agreed({'damages_year_days': 100}, {'amount': 1, 'days': 0})

    def test_the_whole_obligation_whatever_was_paid(self):
        contract = self._agreed({'damages_rate_whole': 0.05}, {'amount': 200000, 'days': 0})
        self._pay(self._invoice(self._order(200000, contract=contract)), 80000, day(20))
        self.assertEqual(self._accrued(contract, 45), [('customer', 45, 4500.0)])

    def test_reference_rates(self):
        contract = self._agreed({'damages_factor': 1.5, 'damages_points': 0.5}, {'amount': 200000, 'days': 0})
        with self.assertRaisesRegex(UserError, 'Reference rates'):
            self._accrued(contract, 90)
        rates = self.env['fulfilment.reference.rate'].create([
            {'date_from': '2020-01-01', 'percent': 3.0}, {'date_from': day(51), 'percent': 2.0},
        ])
        # 5 % for 50 days, 3.5 % for 40, on 200,000, by 365 days
        self.assertEqual(self._accrued(contract, 90), [('customer', 90, 2136.99)])
        rates[1].percent = 3.0
        self.assertFalse(contract.damages_until, "another rate has it worked out again")
        self.assertEqual(self._accrued(contract, 90), [('customer', 90, 2465.75)])

    def test_an_amendment_leaves_the_days_before_it(self):
        contract = self._agreed({'damages_rate': 0.05}, {'amount': 200000, 'days': 0})
        rate = contract.clause_ids.parameter_ids
        self._accrued(contract, 20)
        for vals, after in (
            ({'kind': 'milestone_date', 'milestone_id': contract.milestone_ids.id, 'value_date': day(30)}, (30, 3000.0)),
            ({'kind': 'clause_value', 'parameter_id': rate.id, 'value_number': 0.01}, (30, 2200.0)),
        ):
            amendment = self.env['fulfilment.amendment'].create({
                'contract_id': contract.id, 'reason': 'Agreed', 'date_effective': day(21), 'line_ids': [Command.create(vals)],
            })
            amendment.action_submit()
            amendment._apply_due(day(21))
            self.assertFalse(contract.damages_until)
            self.assertEqual(self._accrued(contract, 20), [('customer', 20, 2000.0)])
            self.assertEqual(self._accrued(contract, 40)[0][1:], after)

    def test_suspended_days(self):
        contract = self._agreed({'damages_rate': 0.05}, {'amount': 200000, 'days': 0})
        self._accrued(contract, 45)
        vals = {'contract_id': contract.id, 'obligor': 'customer', 'date_from': day(11), 'date_to': day(20), 'reason': 'Typhoon'}
        with self.assertRaises(ValidationError):
            self.env['fulfilment.suspension'].with_user(self.legal).create(vals)
        with self.assertRaises(UserError):
            self.env['fulfilment.suspension'].with_user(self.seller).create({
                **vals, 'document_ids': [Command.link(self._document(self.seller).id)],
            })
        vals['document_ids'] = [Command.link(self._document(self.legal).id)]
        suspension = self.env['fulfilment.suspension'].with_user(self.legal).create(vals)
        self.assertEqual(self._accrued(contract, 45), [('customer', 35, 3500.0)])
        suspension.obligor = 'us'
        self.assertEqual(self._accrued(contract, 45), [('customer', 45, 4500.0)])
        suspension.write({'obligor': 'customer', 'date_to': day(45), 'date_from': day(1)})
        self.assertEqual(self._accrued(contract, 45), [], "nothing is left of it")

    def test_what_is_waived_or_ended_accrues_no_more(self):
        contract = self._agreed({'damages_rate': 0.05}, {'kind': 'other', 'obligor': 'us', 'amount': 100000, 'days': 0})
        contract.milestone_ids.action_waive(reason='Not needed')
        contract.sudo().milestone_ids.event_ids.filtered(lambda one: one.kind == 'waived').effective_on = day(10)
        self.assertEqual(self._accrued(contract, 30), [('us', 10, 500.0)])

    def test_nothing_without_terms_or_amount(self):
        self.assertEqual(self._accrued(self._agreed({'damages_grace': 3}, {'amount': 100, 'days': 0}), 30), [])
        self.assertEqual(self._accrued(self._agreed(
            TERMS, {'kind': 'document', 'obligor': 'us', 'days': 0}, {'kind': 'delivery', 'obligor': 'us', 'days': 0},
            {'kind': 'delivery', 'obligor': 'us', 'days': 0},
        ), 30), [], "nobody said what part of the price these are")

    # === THE ROUND === #

    def test_the_round_does_what_has_changed(self):
        contract = self._agreed(TERMS, {'amount': 200000, 'days': 0})
        other = self._agreed(TERMS, {'amount': 200000, 'days': 300})
        self.settle()
        days = self.company._fulfilment_today(day(45))
        self.assertEqual(self.Damages._contracts_to_reckon(days), contract | other)
        self.assertEqual(self.Damages._accrue(as_of=day(45)), {
            'damages begun': 1, 'damages changed': 0, 'damages changed after the claim': 0,
        })
        self.settle()
        self.assertFalse(self.Damages._contracts_to_reckon(days), "nothing has changed")
        self.assertEqual(self.Damages._contracts_to_reckon(self.company._fulfilment_today(day(46))), contract, "only what is late")
        self.company.fulfilment_damages = False
        self.assertFalse(self.Damages._contracts_to_reckon(self.company._fulfilment_today(day(46))))

    def test_the_switch_says_what_it_would_do(self):
        self.company.fulfilment_damages = False
        self._agreed(TERMS, {'amount': 200000, 'days': 0}, {'kind': 'delivery', 'obligor': 'us', 'days': 0})
        self.settle()
        switch = self.env['fulfilment.switch'].create({'mechanism': 'damages', 'company_id': self.company.id})
        switch.action_preview()
        self.assertEqual(sorted(switch.effect_ids.mapped(lambda one: (one.name, one.count))),
            [('Owed by the customer', 1), ('Owed by us', 1)])
        self.assertFalse(self.Damages.search([('company_id', '=', self.company.id)]))

    def test_same_queries_for_many(self):
        def contracts(number):
            made = self.env['fulfilment.contract'].concat(*(self._agreed(TERMS, {'amount': 1000, 'days': 0}) for _one in range(number)))
            self._accrued(made, 5)
            self.settle()
            return made

        counts = []
        for some in (contracts(1), contracts(12)):
            self.settle()
            begun = self.env.cr.sql_log_count
            some.sudo()._accrue_damages({self.company: day(9)})
            self.env.flush_all()
            counts.append(self.env.cr.sql_log_count - begun)
        self.assertEqual(counts[0], counts[1])

    # === CLAIMS === #

    def test_what_is_claimed_is_frozen(self):
        contract = self._agreed({'damages_rate': 0.05}, {'amount': 200000, 'days': 0})
        self._accrued(contract, 20)
        damages = contract.damages_ids
        damages.with_user(self.seller).action_claim()
        move = damages.move_id
        self.assertEqual((damages.state, move.move_type, move.state, move.amount_total, move.partner_id),
                         ('claimed', 'out_invoice', 'draft', 2000.0, self.partner_a))
        self.assertFalse(move.fulfilment_contract_id, "it is no payment of the contract")
        self.assertEqual(self._accrued(contract, 30), [('customer', 20, 2000.0), ('customer', 10, 1000.0)], "what comes after is beside it")
        later = contract.damages_ids - damages
        self.env['fulfilment.suspension'].create({
            'contract_id': contract.id, 'obligor': 'customer', 'date_from': day(11), 'date_to': day(15), 'reason': 'Typhoon',
            'document_ids': [Command.link(self._document().id)],
        })
        self.assertEqual(self._accrued(contract, 30), [('customer', 20, 2000.0), ('customer', 10, 1000.0)])
        self.assertEqual(damages.amount_now, 1500.0)
        self.assertIn('stays', damages.message_ids[0].body)
        with self.assertRaises(UserError):
            damages.action_claim()
        damages.action_take_back(reason='Too early')
        self.assertFalse(later.exists() or move.exists())
        self.assertEqual(self._accrued(contract, 30), [('customer', 25, 2500.0)])

    def test_what_we_owe_is_a_credit_note(self):
        contract = self._agreed({'damages_rate': 0.1}, {'kind': 'delivery', 'obligor': 'us', 'days': 0}, amount_total=50000.0)
        self._accrued(contract, 10)
        contract.damages_ids.action_claim()
        self.assertEqual((contract.damages_ids.move_id.move_type, contract.damages_ids.move_id.amount_total), ('out_refund', 500.0))
        self.assertEqual(contract._damages_for_customer(), contract.damages_ids)

    def test_settled_by_its_document(self):
        contract = self._agreed({'damages_rate': 0.05}, {'amount': 200000, 'days': 0})
        self._accrued(contract, 20)
        damages = contract.damages_ids
        damages.action_claim()
        damages.move_id.invoice_date = day(20)
        damages.move_id.action_post()
        with self.assertRaises(UserError):
            damages.action_take_back(reason='No')
        self._pay(damages.move_id, 2000.0, day(25))
        damages.sudo()._follow_documents()
        self.assertEqual(damages.state, 'settled')
        damages.move_id.line_ids.remove_move_reconcile()
        damages.sudo()._follow_documents()
        self.assertEqual(damages.state, 'claimed', "a payment undone")
        self.assertEqual(contract.milestone_ids.amount_done, 0.0)

    def test_nothing_is_claimed_twice_or_of_nothing(self):
        contract = self._agreed({'damages_rate': 0.05}, {'amount': 200000, 'days': 0})
        self._accrued(contract, 20)
        damages = contract.damages_ids
        for user in (self._make_person('b_stranger', 'user'), self._make_person('b_inspector', 'inspector')):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                damages.with_user(user).action_claim()
        for name, value in (('amount', 1.0), ('state', 'settled'), ('segments', []), ('amount_waived', 9.0)):
            with self.subTest(name=name), self.assertRaises(AccessError):
                damages.with_user(self.seller).write({name: value})
        damages.sudo().amount_waived = damages.amount
        with self.assertRaisesRegex(UserError, 'nothing is left'):
            damages.action_claim()

    def test_warnings_before_a_claim(self):
        contract = self._agreed({'damages_rate': 0.05}, {'amount': 200000, 'days': 0})
        self._accrued(contract, 20)
        damages = contract.damages_ids
        damages.amount_loss = 1538.45
        self.assertTrue(damages.warning)
        damages.amount_loss = 1538.46
        self.assertFalse(damages.warning, "2,000 are 30 % more than 1,538.46, to the cent")
        contract.milestone_ids.sudo().write({'clause_role': 'deposit_percent', 'amount_done': 5.0})
        damages.invalidate_recordset(['warning'])
        self.assertIn('deposit', damages.warning)

    # === WAIVERS === #

    def test_waived_in_part_and_whole_through_approval(self):
        contract = self._agreed({'damages_rate': 0.05}, {'amount': 200000, 'days': 0})
        self._accrued(contract, 20)
        damages = contract.damages_ids
        self.company.fulfilment_approval = True
        waivers = self.env['fulfilment.damages.waiver'].with_user(self.seller)
        with self.assertRaises(ValidationError):
            waivers.create({'damages_id': damages.id, 'amount': 2000.01, 'reason': 'Good customer'})
        waiver = waivers.create({'damages_id': damages.id, 'amount': 500, 'reason': 'Good customer'})
        waiver.action_submit()
        self.assertEqual((waiver.approval_state, damages.amount_due), ('pending', 2000.0))
        with self.assertRaises(UserError):
            damages.action_claim()
        with self.assertRaises(UserError):
            waiver.write({'amount': 1.0})
        with self.assertRaises(AccessError):
            waiver.action_approve()
        waiver.with_user(self.leader).action_approve()
        self.assertEqual((waiver.approval_state, damages.amount_due, damages.state), ('approved', 1500.0, 'accruing'))
        second = waivers.create({'damages_id': damages.id, 'amount': 600, 'reason': 'Once more'})
        self.assertEqual(second._approval_amounts()[second], 1100.0, "slices are judged as the whole")
        self.company.fulfilment_approval = False
        second.action_submit()
        self.assertEqual(damages.amount_due, 900.0)
        self.assertEqual(self._accrued(contract, 30), [('customer', 30, 3000.0)])
        self.assertEqual(damages.amount_due, 1900.0)
        waivers.create({'damages_id': damages.id, 'amount': 1900.0, 'reason': 'All of it'}).action_submit()
        self.assertEqual((damages.amount_due, damages.state), (0.0, 'waived'))
        self.assertEqual(self._accrued(contract, 40), [('customer', 30, 3000.0), ('customer', 10, 1000.0)])

    def test_a_waiver_lowers_the_draft_document(self):
        contract = self._agreed({'damages_rate': 0.05}, {'amount': 200000, 'days': 0})
        self._accrued(contract, 20)
        damages = contract.damages_ids
        damages.action_claim()
        waivers, move = self.env['fulfilment.damages.waiver'].with_user(self.seller), damages.move_id
        waivers.create({'damages_id': damages.id, 'amount': 500, 'reason': 'Good customer'}).action_submit()
        self.assertEqual(move.amount_total, 1500.0)
        waivers.create({'damages_id': damages.id, 'amount': 1500, 'reason': 'Good customer'}).action_submit()
        self.assertEqual((damages.state, bool(move.exists())), ('waived', False))

    # === OBJECTIONS === #

    def test_an_objection_stops_asking_not_accruing(self):
        contract = self._agreed({'damages_rate': 0.05}, {'amount': 200000, 'days': 0})
        self._accrued(contract, 20)
        damages = contract.damages_ids
        damages.sudo()._object('Your goods were broken', 'Lin Wei')
        self.assertEqual((damages.objection_state, damages.objected_by), ('open', 'Lin Wei'))
        with self.assertRaises(UserError):
            damages.sudo()._object('Again', 'Lin Wei')
        self.assertEqual(self._accrued(contract, 30), [('customer', 30, 3000.0)])
        with self.assertRaisesRegex(UserError, 'objects'):
            damages.action_claim()
        contract = self._agreed({'damages_rate': 0.05}, {'amount': 200000, 'days': 0})
        self._accrued(contract, 20)
        damages = contract.damages_ids
        damages.action_claim()
        damages.sudo()._object('Your goods were broken', 'Lin Wei')
        move = damages.move_id
        move.invoice_date = day(20)
        move.action_post()
        self.assertEqual((damages.dispute_id.amount, damages.dispute_id.state), (move.amount_total, 'open'))
        self.settle()
        instalment = self.env['fulfilment.instalment'].search([('move_id', '=', move.id)])
        self.assertEqual((instalment.amount_disputed, instalment.amount_dunnable), (move.amount_total, 0.0))
        damages.with_user(self.seller).action_refuse_objection(reason='They were accepted')
        self.assertEqual((damages.objection_state, damages.dispute_id.state), ('rejected', 'rejected'))

    def test_the_dispute_of_its_document_answers_the_objection(self):
        contract = self._agreed({'damages_rate': 0.05}, {'amount': 200000, 'days': 0})
        for wanted, decide in (('rejected', lambda one: one.action_reject(reason='They were accepted')),
                               ('upheld', lambda one: one.action_accept(amount=100.0))):
            self._accrued(contract, 20 if wanted == 'rejected' else 40)
            damages = contract.damages_ids.filtered(lambda one: one.state == 'accruing')
            damages.action_claim()
            damages.move_id.action_post()
            damages.sudo()._object('Your goods were broken', 'Lin Wei')
            decide(damages.dispute_id)
            with self.subTest(wanted=wanted):
                self.assertEqual((damages.objection_state, bool(damages.activity_ids)), (wanted, False))

    def test_nobody_erases_the_own_delay_by_a_date(self):
        contract = self._agreed({'damages_rate': 0.05}, {
            'amount': 200000, 'days': 0, 'kind': 'delivery', 'obligor': 'us', 'user_id': self.seller.id,
        })
        milestone = contract.milestone_ids
        self._accrued(contract, 20)
        self.assertEqual(contract.damages_ids.amount, 2000.0)
        with self.assertRaisesRegex(UserError, 'Attach the document'):
            milestone.with_user(self.seller).action_done(date=day(5))
        self.assertEqual(milestone.state, 'pending')
        milestone.evidence_ids = self.env['ir.attachment'].create({'name': 'Delivery note', 'raw': b'%PDF-1.4'})
        milestone.with_user(self.seller).action_done(date=day(5))
        self.assertEqual(self._accrued(contract, 20), [('us', 5, 500.0)])

    def test_objections_have_a_time(self):
        contract = self._agreed({'damages_rate': 0.05}, {'amount': 200000, 'days': 0})
        self._accrued(contract, 20)
        damages = contract.damages_ids
        damages.action_claim()
        today = self.company._fulfilment_today()[self.company]
        self.company.fulfilment_objection_days = 0
        self.assertTrue(damages._may_be_objected())
        damages.sudo().claimed_on = day(0)
        self.assertLess(damages.objection_due, today)
        with self.assertRaises(UserError):
            damages.sudo()._object('Too late', 'Lin Wei')

    def test_the_customer_is_right(self):
        contract = self._agreed({'damages_rate': 0.05}, {'amount': 200000, 'days': 0})
        self._accrued(contract, 20)
        damages = contract.damages_ids
        with self.assertRaises(UserError):
            damages.action_uphold(reason='Nothing was objected')
        damages.sudo()._object('Your goods were broken', 'Lin Wei')
        damages.with_user(self.seller).action_uphold(reason='They were')
        self.assertEqual((damages.objection_state, damages.state, damages.amount_due), ('upheld', 'waived', 0.0))
