"""Amendments reach amounts, lines and values of clauses; questions about the past get the answers of then."""
from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError, ValidationError
from odoo.fields import Command
from odoo.tests import new_test_user, tagged

from odoo.addons.account.tests.common import AccountTestInvoicingCommon

from .common import TODAY, FulfilmentCommon


@tagged('post_install', '-at_install')
class TestPast(FulfilmentCommon):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company_a.fulfilment_approval = False
        cls.type_service.mandatory_category_ids = False

    def _active(self, **vals):
        contract = self._make_contract('draft', user_id=self.user_sales.id, **vals)
        contract.clause_ids = [Command.create({
            'name': 'Terms', 'category_id': self.env.ref('fulfilment_crm.clause_category_payment').id,
            'body': 'Advance {advance_percent} %, then {payment_days} days; {acceptance_days} days to accept.',
            'parameter_ids': [Command.create({'key': role, 'name': role, 'role': role, 'value_number': value}) for role, value in (
                ('acceptance_days', 10), ('advance_percent', 30), ('payment_days', 30))],
        })]
        self._bring_to(contract, 'active')
        return contract

    def _apply(self, contract, day, *lines):
        amendment = self.env['fulfilment.amendment'].with_user(self.user_sales).create({
            'contract_id': contract.id, 'reason': 'Agreed', 'date_effective': day, 'line_ids': [Command.create(line) for line in lines],
        })
        amendment.action_submit()
        amendment._apply_due(day)
        self.assertEqual(amendment.state, 'applied')
        return amendment

    def test_values_of_clauses(self):
        self.type_service.deemed_acceptance_days = 20
        contract = self._active(amount_total=1000.0)
        advance, payment = (contract.milestone_ids.filtered(lambda one, role=role: one.clause_role == role) for role in (
            'advance_percent', 'payment_days'))
        before = payment.date_planned
        values = {one.role: one for one in contract.clause_ids.parameter_ids}
        day = TODAY + timedelta(days=3)
        self._apply(contract, day, *({'kind': 'clause_value', 'parameter_id': values[role].id, 'value_number': value} for role, value in (
            ('payment_days', 45), ('acceptance_days', 25), ('advance_percent', 40))))
        self.assertEqual(contract.clause_ids.text, 'Advance 40 %, then 45 days; 25 days to accept.')
        self.assertEqual(contract.deemed_acceptance_days, 25)
        self.assertEqual((advance.amount, payment.amount, payment.offset_days), (400.0, 600.0, 45))
        self.assertEqual(payment.date_planned, before + timedelta(days=15 + 15))
        then, now = (contract.get_past(one)[0] for one in (day - timedelta(days=1), day))
        self.assertEqual((then['deemed_acceptance_days'], now['deemed_acceptance_days']), (10, 25))
        self.assertEqual([{one['id']: one['amount'] for one in past['milestones']}[advance.id] for past in (then, now)], [300.0, 400.0])
        self.assertEqual({one['id']: one['date_planned'] for one in then['milestones']}[payment.id], fields.Date.to_string(before))

    def test_lines_and_amounts(self):
        contract = self._make_contract('draft', user_id=self.user_sales.id)
        contract.line_ids = [
            Command.create({
                'name': 'Pump', 'quantity': 2, 'price_unit': 100.0, 'discount': 10, 'amount_untaxed': 180.0, 'amount_total': 210.6,
            }),
            Command.create({'name': 'Valve', 'quantity': 1, 'price_unit': 50.0}),
        ]
        pump, valve = contract.line_ids
        self.assertEqual((contract.amount_untaxed, contract.amount_total), (230.0, 260.6))
        self._bring_to(contract, 'active')
        day = TODAY + timedelta(days=3)
        amendment = self._apply(
            contract, day, {'kind': 'line_quantity', 'line_id': pump.id, 'value_number': 3}, {'kind': 'line_drop', 'line_id': valve.id},
            {'kind': 'line_add', 'value_name': 'Hose', 'value_quantity': 2, 'value_number': 5.5},
        )
        self.assertEqual(amendment.line_ids.mapped('before'), ['Pump: 2', 'Valve', '–'])
        self.assertEqual((contract.amount_untaxed, contract.amount_total), (281.0, 326.9))  # 270 + 11, 315.9 + 11
        self._apply(contract, day, {'kind': 'line_price', 'line_id': pump.id, 'value_number': 50})
        self.assertEqual((contract.amount_untaxed, contract.amount_total), (146.0, 168.95))
        with self.assertRaisesRegex(ValidationError, 'change its lines'):
            self._apply(contract, day, {'kind': 'contract_amount', 'value_amount': 1})
        self.assertEqual([contract.get_past(one)[0]['amount_total'] for one in (day - timedelta(days=1), day)], [260.6, 168.95])
        plain = self._make_contract('active', amount_untaxed=90.0, amount_total=100.0)
        self._apply(
            plain, day, {'kind': 'contract_untaxed', 'value_amount': 180}, {'kind': 'contract_amount', 'value_amount': 200},
        )
        self.assertEqual((plain.amount_untaxed, plain.amount_total), (180, 200))
        self.assertEqual([plain.get_past(one)[0]['amount_untaxed'] for one in (day - timedelta(days=1), day)], [90, 180])

    def test_wording_keeps_its_values(self):
        contract = self._active()
        clause = contract.clause_ids
        with self.assertRaisesRegex(ValidationError, 'advance_percent.*keep them in braces'):
            self._apply(contract, TODAY, {'kind': 'clause_text', 'clause_id': clause.id, 'value_text': 'Paid {payment_days} days later.'})
        text = '{acceptance_days}, {advance_percent}, {payment_days}.'
        self._apply(contract, TODAY, {'kind': 'clause_text', 'clause_id': clause.id, 'value_text': text})
        self.assertEqual(clause.text, '10, 30, 30.')

    def test_states_of_the_past(self):
        contract = self._active()
        contract.sudo().state_history = [
            ['approved', '2026-02-10 10:00:00'], ['active', '2026-02-20 23:30:00'], ['settlement', '2026-02-25 00:30:00'],
        ]
        self.env.cr.execute("UPDATE fulfilment_contract SET create_date = '2026-02-01' WHERE id = %s", [contract.id])
        contract.invalidate_recordset()
        self.company_a.resource_calendar_id.tz = 'Asia/Shanghai'  # the evening of the 20th in London is the 21st
        for day, state in (
            ('2026-01-31', None), ('2026-02-02', 'draft'), ('2026-02-10', 'approved'), ('2026-02-20', 'approved'), ('2026-02-21', 'active'),
            ('2026-02-24', 'active'), ('2026-02-25', 'settlement'),
        ):
            with self.subTest(day=day):
                self.assertEqual(contract.get_past(day)[0]['state'], state)
        self.assertEqual([state for state, _moment in self._active().state_history], ['approved', 'active'])

    def test_milestones_of_the_past(self):
        contract = self._active()
        milestone = self._make_milestone(contract, -5)
        milestone.action_done(date=TODAY)
        milestone.action_undo(reason='By mistake')
        milestone.action_done(date=TODAY)
        waived = self._make_milestone(contract, 2)
        waived.with_user(self.user_leader).action_waive(reason='Not needed')
        self._apply(contract, TODAY + timedelta(days=4), {
            'kind': 'milestone_add', 'value_name': 'Later', 'value_date': TODAY + timedelta(days=9), 'value_kind': 'other',
        })
        added = contract.milestone_ids.filtered(lambda one: one.name == 'Later')
        then = {one['id']: one for one in contract.get_past(TODAY - timedelta(days=1))[0]['milestones']}
        today = max(self.company_a._fulfilment_today()[self.company_a], TODAY + timedelta(days=4))
        now = {one['id']: one for one in contract.get_past(today)[0]['milestones']}
        self.assertEqual((then[milestone.id]['state'], then[milestone.id]['is_late']), ('pending', True))
        self.assertEqual((now[milestone.id]['state'], now[milestone.id]['date_done']), ('done', fields.Date.to_string(TODAY)))
        self.assertEqual((then[waived.id]['state'], now[waived.id]['state']), ('pending', 'waived'))
        self.assertEqual((added.id in then, added.id in now), (False, True))

    def test_who_may_ask(self):
        contract = self._active()
        portal = new_test_user(self.env, 'f_past_portal', groups='base.group_portal', email='p@x.example')
        for user in (portal, self.user_sales_2, self.user_plain, self.user_b):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                contract.with_user(user).get_past(TODAY)
        self.assertEqual(contract.with_user(self.user_inspector).get_past(TODAY)[0]['name'], contract.name)


@tagged('post_install', '-at_install')
class TestPaidThen(AccountTestInvoicingCommon):

    def test_paid_by_then(self):
        partner = self.env['res.partner'].create({'name': 'Pays in parts'})
        contract = self.env['fulfilment.contract'].sudo().create({
            'partner_id': partner.id, 'type_id': self.env.ref('fulfilment_crm.contract_type_service').id, 'template_id': False,
            'amount_total': 1000.0, 'milestone_ids': [Command.create({
                'name': 'Payment', 'kind': 'payment', 'obligor': 'customer', 'amount': 1000.0, 'anchor': 'start',
            })],
        })
        contract.sudo().write({'state': 'active', 'date_signed': TODAY})
        invoice = self.init_invoice('out_invoice', partner=partner, invoice_date='2026-01-10', amounts=[1000.0], taxes=[], post=True)
        invoice.sudo().fulfilment_contract_id = contract
        for day, amount in (('2026-01-20', 400.0), ('2026-02-10', 600.0)):
            self.env['account.payment.register'].with_context(active_model='account.move', active_ids=invoice.ids).create({
                'payment_date': day, 'amount': amount,
            })._create_payments()
        contract._sync_facts()
        contract = contract.with_env(self.env(user=self.env.ref('base.user_admin'), su=True))
        paid = [contract.get_past(day)[0]['milestones'][0]['paid'] for day in ('2026-01-19', '2026-01-20', '2026-02-09', '2026-02-10')]
        self.assertEqual(paid, [0.0, 400.0, 400.0, 1000.0])
