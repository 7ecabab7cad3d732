"""Handovers: a pack, accepted by its receiver once, and nobody without an owner on the way; leavers, seals, originals, mechanisms."""
from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import tagged

from .common import TODAY, FulfilmentCommon


@tagged('post_install', '-at_install')
class TestHandover(FulfilmentCommon):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.contract = cls._make_contract('active')
        cls.milestone = cls._make_milestone(cls.contract, days=20, name='Pumps')
        cls.done = cls._make_milestone(cls.contract, days=-20, name='Plans')
        cls.done.sudo()._complete({cls.done: TODAY})

    def _handover(self, **vals):
        handover = self.env['fulfilment.handover'].with_user(self.user_sales).create({
            'contract_id': self.contract.id, 'to_user_id': self.user_sales_2.id, **vals,
        })
        handover.line_ids = [Command.create({'kind': 'promise', 'text': 'Spare seals for free', 'date_due': TODAY + timedelta(days=30)})]
        return handover

    def test_the_pack_is_prepared_from_the_records(self):
        self.customer.fulfilment_needs = 'Wants calls before noon'
        self.env['fulfilment.ticket'].create({
            'title': 'Leak', 'company_id': self.company_a.id, 'partner_id': self.contact.id, 'contract_id': self.contract.id,
        })
        handover = self._handover()
        texts = {one.kind: one.text for one in handover.line_ids}
        self.assertIn('Pumps', texts['milestone'])
        self.assertNotIn('Plans', ' '.join(handover.line_ids.mapped('text')))
        self.assertIn('Leak', texts['ticket'])
        self.assertIn('Wants calls', ' '.join(handover.line_ids.mapped('text')))
        self.assertEqual(handover.from_user_id, self.user_sales)

    def test_accepted_once_and_nobody_without_owner(self):
        handover = self._handover()
        with self.assertRaises(UserError):
            handover.with_user(self.user_sales_2).action_accept()
        handover.action_offer()
        self.assertEqual(self.contract.user_id, self.user_sales, "until it is accepted")
        self.assertTrue(handover.activity_ids.filtered(lambda one: one.user_id == self.user_sales_2))
        with self.assertRaises(AccessError):
            handover.action_accept()
        receiver = handover.with_user(self.user_sales_2)
        receiver.action_accept()
        self.assertEqual((self.contract.user_id, self.milestone.user_id, self.done.user_id),
            (self.user_sales_2, self.user_sales_2, self.user_sales))
        promised = handover.sudo().line_ids.milestone_id
        self.assertEqual((promised.name, promised.user_id, promised.date_planned, promised.obligor),
                         ('Spare seals for free', self.user_sales_2, TODAY + timedelta(days=30), 'us'))
        with self.assertRaises(UserError):
            receiver.action_accept()
        self.assertEqual(len(self.contract.milestone_ids.filtered(lambda one: one.name == 'Spare seals for free')), 1)
        for vals in ({'note': 'x'}, {'line_ids': [Command.clear()]}, {'to_user_id': self.user_sales.id}):
            with self.subTest(vals=vals), self.assertRaises(UserError):
                receiver.write(vals)
        self.assertIn(self.user_sales_2.name, self.contract.phase_owners)
        self.assertFalse(self.contract.get_past(TODAY - timedelta(days=1))[0]['milestones'] and [
            one for one in self.contract.get_past(TODAY - timedelta(days=1))[0]['milestones'] if one['name'] == 'Spare seals for free'
        ], "the day before it was not promised")

    def test_sent_back_with_a_reason(self):
        handover = self._handover()
        handover.action_offer()
        receiver = handover.with_user(self.user_sales_2)
        self.assertEqual(receiver.action_return()['res_model'], 'fulfilment.reason')
        receiver.action_return(reason='What of the crane?')
        self.assertEqual((handover.state, handover.return_reason), ('returned', 'What of the crane?'))
        self.assertTrue(handover.activity_ids.filtered(lambda one: one.user_id == self.user_sales))
        handover.action_offer()
        receiver.action_accept()
        self.assertEqual(self.contract.user_id, self.user_sales_2)

    def test_what_is_not_possible_is_said(self):
        handover = self._handover(to_user_id=False)
        with self.assertRaisesRegex(UserError, 'to whom'):
            handover.action_offer()
        with self.assertRaises(ValidationError):
            handover.to_user_id = self.user_b
        handover.to_user_id = self.user_sales_2
        handover.line_ids.filtered(lambda one: one.kind == 'promise').date_due = False
        with self.assertRaisesRegex(UserError, 'until when'):
            handover.action_offer()
        with self.assertRaises(AccessError):
            self.env['fulfilment.handover'].with_user(self.user_sales_2).create({'contract_id': self.contract.id})

    def test_who_leaves_hands_over_everything(self):
        ticket = self.env['fulfilment.ticket'].create({'title': 'Leak', 'company_id': self.company_a.id, 'partner_id': self.contact.id})
        ticket.user_id = self.user_sales
        self.customer.user_id = self.user_sales
        self.customer.activity_schedule('mail.mail_activity_data_todo', user_id=self.user_sales.id)
        elsewhere = self._make_contract('active', company=self.company_b, user_id=False)
        Leaver = self.env['fulfilment.leaver']
        with self.assertRaises(AccessError):
            Leaver.with_user(self.user_leader).create({'from_user_id': self.user_sales.id, 'to_user_id': self.user_sales_2.id})
        dialog = Leaver.with_user(self.user_manager).create({
            'from_user_id': self.user_sales.id, 'to_user_id': self.user_sales_2.id, 'company_id': self.company_a.id,
        })
        self.assertIn('Contract', dialog.overview)
        dialog.action_confirm()
        self.env.invalidate_all()
        for record in (self.contract, self.milestone, ticket, self.customer):
            with self.subTest(model=record._name):
                self.assertEqual(record.user_id, self.user_sales_2)
        self.assertEqual(self.done.user_id, self.user_sales, "what is done stays whose it was")
        self.assertFalse(elsewhere.user_id)
        self.assertFalse(self.env['mail.activity'].search([('user_id', '=', self.user_sales.id)]))
        for vals in ({'to_user_id': self.user_sales.id}, {'to_user_id': self.user_b.id}):
            with self.subTest(vals=vals), self.assertRaises(UserError):
                Leaver.with_user(self.user_manager).create({
                    'from_user_id': self.user_sales.id, 'company_id': self.company_a.id, **vals,
                }).action_confirm()

    # === SEALS AND ORIGINALS === #

    def test_seals_and_originals(self):
        seal = self.env['fulfilment.seal.use'].with_user(self.user_legal).create({
            'contract_id': self.contract.id, 'document': 'Contract', 'copies': 2, 'date': TODAY,
        })
        with self.assertRaises(UserError):
            seal.unlink() if seal.has_access('unlink') else seal.sudo().with_user(self.user_manager).sudo(False).unlink()
        with self.assertRaises(AccessError):
            seal.with_user(self.user_sales).write({'copies': 9})
        self.assertEqual(seal.with_user(self.user_sales).copies, 2)
        loan = self.env['fulfilment.original.loan'].with_user(self.user_legal).create({
            'contract_id': self.contract.id, 'document': 'Original', 'user_id': self.user_sales.id, 'date': TODAY,
            'date_due': TODAY + timedelta(days=3),
        })
        for day, told in ((2, 0), (3, 1), (4, 1), (9, 1)):
            self.run_cron('fulfilment.original.loan', '_cron_loans', as_of=TODAY + timedelta(days=day))
            with self.subTest(day=day):
                self.assertEqual(len(loan.activity_ids), told)
        loan.date_due = TODAY + timedelta(days=20)
        self.run_cron('fulfilment.original.loan', '_cron_loans', as_of=TODAY + timedelta(days=20))
        self.assertEqual(len(loan.activity_ids), 2, "another day is another reminder")
        loan.action_returned()
        self.assertEqual((loan.state, len(loan.activity_ids)), ('returned', 0))

    # === MECHANISMS === #

    def test_key_figures_are_live(self):
        mechanism = self.env['fulfilment.mechanism'].create({
            'name': 'Milestones', 'figure_kind': 'rate', 'model': 'fulfilment.milestone', 'company_id': self.company_a.id,
            'population': str([('contract_id', '=', self.contract.id)]), 'domain': "[('state', '=', 'done')]",
            'user_id': self.user_sales.id,
        }).with_context(allowed_company_ids=self.company_a.ids)
        self.assertEqual((mechanism.value, mechanism.value_text), (50.0, '50.0 %'))
        mechanism.population = "[('id', '=', 0)]"
        mechanism.invalidate_recordset()
        self.assertEqual((mechanism.value, mechanism.value_text), (None, '–'))
        mechanism.population = str([('contract_id', '=', self.contract.id)])
        for kind in ('count', 'rate'):
            mechanism.figure_kind = kind
        with self.assertRaises(ValidationError):
            mechanism.write({'domain': "[('nothing', '=', 1)]"})
        self.assertEqual(len(self.env['fulfilment.mechanism'].search([('company_id', '=', False)])), 20)
        for one in self.env['fulfilment.mechanism'].search([]):
            with self.subTest(mechanism=one.name):
                one._measure(self.company_a)

    def test_looked_at_by_its_owner(self):
        mechanism = self.env['fulfilment.mechanism'].create({
            'name': 'Service', 'figure_kind': 'count', 'model': 'fulfilment.ticket', 'user_id': self.user_sales.id,
            'next_check_on': TODAY, 'company_id': self.company_a.id,
        })
        for _time in range(2):
            self.run_cron('fulfilment.mechanism', '_cron_mechanisms', as_of=TODAY)
        self.assertEqual(len(mechanism.activity_ids), 1)
        self.assertEqual(len(self.env['fulfilment.mechanism.value'].search([('mechanism_id', '=', mechanism.id)])), 1)
        look = self.env['fulfilment.mechanism.look'].with_user(self.user_sales).create({'mechanism_id': mechanism.id, 'result': 'improve'})
        with self.assertRaisesRegex(UserError, 'improved'):
            look.action_confirm()
        look.improvement = 'Two more people by May'
        look.action_confirm()
        entry = mechanism.entry_ids
        self.assertEqual((entry.result, entry.improvement, mechanism.result, bool(mechanism.activity_ids)),
                         ('improve', 'Two more people by May', 'improve', False))
        self.assertEqual(mechanism.next_check_on, fields.Date.add(fields.Date.context_today(mechanism), months=3))
        with self.assertRaises(AccessError):
            self.env['fulfilment.mechanism.look'].with_user(self.user_sales_2).create({
                'mechanism_id': mechanism.id, 'result': 'good',
            }).action_confirm()
