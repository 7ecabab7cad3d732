from datetime import timedelta

from odoo.fields import Command
from odoo.tests import tagged

from ..models.base.later import QUEUE
from ..models.contract.contract_cron import _deem, _renew, _settle, _tell_late
from .common import TODAY, FulfilmentCommon
from .common_queries import MANY, SameQueriesMixin


@tagged('post_install', '-at_install', 'fulfilment_heavy')
class TestQueries(SameQueriesMixin, FulfilmentCommon):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env = cls.env(context={})  # with the chatter, as in real life
        cls.company_a = cls.company_a.with_env(cls.env)
        cls.company_a.fulfilment_approval = False
        cls.service = cls.env['product.product'].create({'name': 'Maintenance', 'type': 'service', 'taxes_id': False})
        category = cls.env['fulfilment.clause.category'].search([], limit=1)
        clauses = cls.env['fulfilment.clause'].create([{
            'name': name, 'category_id': category.id, 'body': f'{name} of {{our_company}}.',
            'parameter_ids': [Command.create({'key': 'days', 'name': 'Days', 'role': 'number', 'value_number': 3})],
        } for name in ('Work', 'Price')])
        cls.env['fulfilment.contract.template'].search([]).active = False
        cls.type_plain = cls.env['fulfilment.contract.type'].create({'name': 'Plain', 'code': 'PLAIN', 'deemed_acceptance_days': 5})
        cls.template = cls.env['fulfilment.contract.template'].create({
            'name': 'Plain', 'type_id': cls.type_plain.id, 'company_id': cls.company_a.id,
            'clause_line_ids': [Command.create({'clause_id': clause.id}) for clause in clauses],
            'milestone_line_ids': [Command.create({'name': 'Work', 'kind': 'delivery', 'obligor': 'us', 'offset_days': 10})],
        })
        first = cls.template.milestone_line_ids
        cls.template.milestone_line_ids = [Command.create({
            'name': 'Acceptance', 'kind': 'acceptance', 'obligor': 'customer', 'anchor': 'predecessor', 'predecessor_id': first.id,
            'offset_days': 5,
        })]
        cls.numbers = 0

    # === WHAT IS WORKED ON === #

    def make_customers(self, count):
        type(self).numbers += count
        return self.env['res.partner'].create([{
            'name': f'Customer {self.numbers - number}', 'email': f'c{self.numbers - number}@example.com', 'is_company': True,
            'street': '1 Harbour Road', 'city': 'Ningbo', 'phone': f'+86 139 1234 {self.numbers - number:04}',
            'company_id': self.company_a.id,
        } for number in range(count)])

    def make_orders(self, count):
        orders = self.env['sale.order'].with_company(self.company_a).create([{
            'partner_id': customer.id, 'company_id': self.company_a.id, 'user_id': self.user_sales.id, 'payment_term_id': False,
            'order_line': [Command.create({'product_id': self.service.id, 'product_uom_qty': 2, 'price_unit': 100.0, 'tax_ids': False})],
        } for customer in self.make_customers(count)])
        orders.write({'state': 'sale'})
        return orders

    def make_drafts(self, count):
        return self.make_orders(count)._create_fulfilment_contracts()

    def make_signed(self, count):
        contracts = self.make_drafts(count)
        contracts.action_submit()
        contracts.write({'date_signed': TODAY, 'date_start': TODAY})
        return contracts

    def make_active(self, count):
        contracts = self.make_signed(count)
        contracts._activate()
        return contracts

    def make_deliveries(self, count):
        return self.make_active(count).milestone_ids.filtered(lambda one: one.kind == 'delivery')

    def make_due(self, count):
        """Milestones of different days, all due by a rule of three days ahead."""
        milestones = self.make_deliveries(count)
        milestones.anchor = 'fixed'
        for number, milestone in enumerate(milestones):
            milestone.date_planned = TODAY + timedelta(days=3 - number % 5)
        return milestones

    def make_reminded(self, count):
        milestones = self.make_due(count)
        self.remind(milestones)
        return milestones

    def remind(self, records):
        return self.env['fulfilment.reminder']._remind({self.company_a: TODAY}, records)

    def set_rule(self, channel, audience='customer', **vals):
        """One rule only, three days ahead."""
        rules = self.env['fulfilment.reminder.rule']
        rules.search([]).active = False
        return rules.create({
            'name': channel, 'offset_days': -3, 'channel': channel, 'audience': audience,
            'template_id': self.env.ref('fulfilment_crm.mail_template_reminder').id,
            'sms_template_id': self.env.ref('fulfilment_crm.sms_template_reminder').id, **vals,
        })

    # === CONTRACTS === #

    def test_draft_from_orders(self):
        # A number takes three queries of its own: the sequence, its year, the number.
        self.assert_same_queries(self.make_orders, lambda orders: orders._create_fulfilment_contracts(), per_record=3)

    def test_submit_without_approval(self):
        self.assert_same_queries(self.make_drafts, lambda contracts: contracts.action_submit())

    def make_submitted(self, count):
        contracts = self.make_drafts(count)
        self.company_a.fulfilment_approval = True
        contracts.with_user(self.user_sales).action_submit()
        self.company_a.fulfilment_approval = False
        return contracts

    def make_almost_approved(self, count):
        contracts = self.make_submitted(count)
        contracts.with_user(self.user_leader).action_approve()
        contracts.with_user(self.user_legal).action_approve()
        return contracts

    def test_submit_to_a_chain(self):
        self.env.ref('fulfilment_crm.approval_chain_contract_step_3').unlink()  # Odoo writes 100 rows a statement: 50 times two steps
        self.company_a.fulfilment_approval = True
        self.assert_same_queries(self.make_drafts, lambda contracts: contracts.with_user(self.user_sales).action_submit())

    def test_approve_and_reject(self):
        self.assert_same_queries(self.make_submitted, lambda contracts: contracts.with_user(self.user_leader).action_approve())
        self.assert_same_queries(self.make_almost_approved, lambda contracts: contracts.with_user(self.user_credit).action_approve())
        self.assert_same_queries(self.make_submitted, lambda contracts: contracts.with_user(self.user_leader).action_reject(reason='No'))

    def test_chatter_of_many(self):
        """Each contract has its own note about its own change; nobody gets a mail about each milestone, but follows all."""
        orders = self.make_orders(3)
        self.settle()
        mails = self.env['mail.mail'].search_count([])
        contracts = orders._create_fulfilment_contracts()
        self.settle()
        self.assertEqual(self.env['mail.mail'].search_count([]), mails)
        for record in (*contracts, *contracts.milestone_ids):
            self.assertIn(self.user_sales.partner_id, record.message_partner_ids)
        self.assertFalse(contracts.milestone_ids.message_ids)
        contracts.action_submit()
        self.settle()
        for contract in contracts:
            notes = contract.message_ids.filtered('tracking_value_ids')
            changes = [(value.field_id.name, value.new_value_char) for value in notes.tracking_value_ids]
            self.assertEqual(changes, [('state', 'Approved')])
            self.assertEqual((len(notes), notes.author_id), (1, self.env.user.partner_id))
        self.assertFalse(contracts.milestone_ids.message_ids)

    def test_check(self):
        self.assert_same_queries(self.make_drafts, lambda contracts: contracts.action_check())

    def test_activate(self):
        # The evaluation of the stage that is over: more than 100 marks are written by two statements.
        self.assert_same_queries(self.make_signed, lambda contracts: contracts._after_signature({self.company_a: TODAY}), for_many=4)

    def test_terminate(self):
        # As above, of six questions.
        self.assert_same_queries(self.make_active, lambda contracts: contracts.action_terminate(reason="Test"), for_many=6)

    def test_renew(self):
        def make_ending(count):
            contracts = self.make_active(count)
            contracts.date_end = TODAY + timedelta(days=20)
            return contracts

        # A number takes three queries of its own: the sequence, its year, the number.
        # The amounts of new lines, in the currency of their contract, make Odoo read the contracts of several of them.
        self.assert_same_queries(make_ending, _renew, per_record=3, for_many=1)
        successors = self.env['fulfilment.contract'].search([('renewed_from_id', '!=', False)])
        self.assertEqual(len(successors), 2 + MANY)
        self.assertEqual(len(successors.activity_ids), 2 + MANY)

    # === AMENDMENTS === #

    def make_amendments(self, count, kind):
        """Amendments of one line each, every one with its own reason and value."""
        contracts = self.make_active(count)
        contracts.date_end = TODAY + timedelta(days=200)
        amendments = self.env['fulfilment.amendment'].create([{
            'contract_id': contract.id, 'reason': f'Agreed {number}', 'date_effective': TODAY, 'line_ids': [Command.create({
                'kind': kind, 'milestone_id': contract.milestone_ids[:1].id, 'clause_id': contract.clause_ids[:1].id,
                'category_id': contract.clause_ids[:1].category_id.id, 'value_amount': 500.0 + number, 'value_text': f'Text {number}',
                'line_id': contract.line_ids[:1].id, 'parameter_id': contract.clause_ids.parameter_ids[:1].id, 'value_number': 5.0 + number,
                'value_name': f'Name {number}', 'value_date': TODAY + timedelta(days=30 + number),
            })],
        } for number, contract in enumerate(contracts)])
        amendments.state = 'approved'
        return amendments

    def test_amend(self):
        for kind in dict(self.env['fulfilment.amendment.line']._fields['kind'].selection):
            with self.subTest(kind=kind):
                self.assert_same_queries(
                    lambda count, kind=kind: self.make_amendments(count, kind), lambda amendments: amendments._apply_due(TODAY),
                    for_many=int(kind in ('milestone_add', 'milestone_amount', 'line_add')),  # as for the amounts of new lines above
                )
        self.assertEqual(set(self.env['fulfilment.amendment'].search([]).mapped('state')), {'applied'})

    # === MILESTONES === #

    def test_done(self):
        self.assert_same_queries(self.make_deliveries, lambda milestones: milestones.action_done(TODAY))

    def test_undo(self):
        def make_done(count):
            milestones = self.make_deliveries(count)
            milestones.sale_line_ids = False
            milestones.action_done(TODAY)
            return milestones

        self.assert_same_queries(make_done, lambda milestones: milestones.action_undo("Test"))

    def test_move(self):
        self.assert_same_queries(self.make_deliveries, lambda milestones: milestones.action_move(TODAY + timedelta(days=30), "Test"))

    def test_waive(self):
        self.assert_same_queries(self.make_deliveries, lambda milestones: milestones.action_waive("Test"))

    def make_waiting(self, count):
        """Acceptances of deliveries that are done."""
        milestones = self.make_deliveries(count)
        milestones.sale_line_ids = False
        milestones.action_done(TODAY)
        milestones.successor_ids.anchor = 'fixed'  # their moves would make more than 100 events
        return milestones.successor_ids

    def test_deemed_acceptance(self):
        later = {self.company_a: TODAY + timedelta(days=30)}
        self.assert_same_queries(self.make_waiting, lambda milestones: _deem(later, milestones))
        self.assertEqual(self.env['fulfilment.acceptance'].search_count([('outcome', '=', 'deemed')]), 2 + MANY)

    def test_refused_acceptance(self):
        # The complaint that follows has a number of its own, which takes three queries of Odoo's sequence by year.
        self.assert_same_queries(
            self.make_waiting, lambda milestones: milestones._record_acceptance('refused', reason="Leaks"), per_record=3,
        )
        refused = self.env['fulfilment.acceptance'].search([('outcome', '=', 'refused')]).milestone_id
        self.assertEqual(set(refused.predecessor_id.mapped('state')), {'pending'})
        self.assertEqual(len(refused.predecessor_id.activity_ids), 2 + MANY)

    def test_follow_deliveries(self):
        def make_delivered(count):
            contracts = self.make_active(count)
            contracts.sale_order_ids.order_line.qty_delivered = 2
            contracts.sale_order_ids.order_line.flush_recordset()
            self.env.cr.precommit.data.pop(QUEUE, None)
            return contracts

        self.assert_same_queries(make_delivered, lambda contracts: contracts._sync_deliveries())
        self.assertEqual(set(self.env['fulfilment.milestone'].search([('kind', '=', 'delivery')]).mapped('state')), {'done'})

    def test_tell_of_delays(self):
        self.assert_same_queries(self.make_due, _tell_late)

    def test_settle(self):
        def make_ended(count):
            contracts = self.make_active(count)
            contracts.milestone_ids.state = 'done'
            return contracts

        self.assert_same_queries(make_ended, lambda contracts: _settle(None, contracts))

    # === REMINDERS === #

    def test_remind_by_email(self):
        self.set_rule('email')
        self.assert_same_queries(self.make_due, self.remind)
        self.assertTrue(self.env['fulfilment.reminder'].search_count([('mail_id', '!=', False)]) >= MANY)

    def test_remind_by_sms(self):
        self.set_rule('sms')
        service = self.env.ref('sms.iap_service_sms')
        account = self.env['iap.account'].create({'service_id': service.id, 'company_ids': [Command.set(self.company_a.ids)]})
        account.sudo().account_token = 'token'
        self.assert_same_queries(self.make_due, self.remind)
        self.assertTrue(self.env['sms.sms'].search_count([]) >= MANY)

    def test_remind_by_email_for_want_of_sms(self):
        self.set_rule('sms')
        self.env['iap.account'].search([]).unlink()
        self.assert_same_queries(self.make_due, self.remind)

    def test_remind_by_activity(self):
        self.set_rule('activity', 'responsible')
        self.assert_same_queries(self.make_due, self.remind)

    def test_remind_by_letter(self):
        self.set_rule('letter')
        self.assert_same_queries(self.make_due, self.remind)

    def test_escalate_to_manager(self):
        self.set_rule('email', 'manager')
        self.assert_same_queries(self.make_due, self.remind)

    def test_remind_without_address(self):
        def make_unreachable(count):
            milestones = self.make_due(count)
            milestones.partner_id.email = False
            return milestones

        self.set_rule('email')
        self.assert_same_queries(make_unreachable, self.remind)

    def test_remind_of_the_end(self):
        def make_ending(count):
            contracts = self.make_active(count)
            contracts.date_end = TODAY + timedelta(days=3)
            return contracts

        self.set_rule('email', 'responsible', model='fulfilment.contract')
        self.assert_same_queries(make_ending, self.remind)

    def test_remind_nobody_twice(self):
        self.set_rule('email')
        self.assert_same_queries(self.make_reminded, self.remind)

    def test_void(self):
        reminders = self.env['fulfilment.reminder']
        self.assert_same_queries(self.make_reminded, lambda milestones: reminders._void(
            milestones, {milestone: milestone.date_planned for milestone in milestones},
            {milestone: f"Reason {milestone.id}" for milestone in milestones},
        ))

    def test_move_after_reminding(self):
        self.assert_same_queries(self.make_reminded, lambda milestones: milestones.action_move(TODAY + timedelta(days=30), "Test"))
