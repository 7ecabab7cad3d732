"""What is not one's own moves nothing: customers taken from others, stored fields that follow, what others made."""
from markupsafe import Markup

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import TODAY, FulfilmentCommon
from .common_ticket import ServiceCommon


@tagged('post_install', '-at_install')
class TestTakenCustomers(FulfilmentCommon):
    """A customer with a file goes from one to the next by a leader only, in one step or in several."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.records = cls._make_customer_records(cls.user_sales, cls.company_a)
        cls.customer_of_sales = cls.records['fulfilment.profile'].partner_id
        cls.seller = cls._make_user('f_plain_seller', None, 'sales_team.group_sale_salesman', 'base.group_partner_manager')
        for user in (cls.user_sales_2, cls.user_leader, cls.user_sales):
            user.group_ids |= cls.env.ref('base.group_partner_manager')

    def test_in_any_number_of_steps(self):
        for user in (self.user_sales_2, self.seller):
            own = self.customer_of_sales.with_user(user)
            for owner in (False, user.id, self.user_sales_2.id, self.user_leader.id):
                with self.subTest(user=user.login, owner=owner), self.assertRaises(AccessError), self.env.cr.savepoint():
                    own.user_id = owner
        self.customer_of_sales.with_user(self.user_sales).user_id = self.user_sales_2  # the own customer may be given away
        self.customer_of_sales.with_user(self.user_leader).user_id = self.user_sales

    def test_an_owner_who_was_taken_off_is_still_known(self):
        self.customer_of_sales.sudo().user_id = False
        with self.assertRaises(AccessError):
            self.customer_of_sales.with_user(self.user_sales_2).user_id = self.user_sales_2

    def test_merging(self):
        shell = self.env['res.partner'].create({
            'name': 'Shell', 'is_company': True, 'user_id': self.user_sales_2.id, 'email': 'x@x.example',
        })
        self.customer_of_sales.email = 'x@x.example'
        def merge(user, partners, kept):
            self.env['base.partner.merge.automatic.wizard'].with_user(user).create({
                'partner_ids': [Command.set(partners.ids)], 'dst_partner_id': kept.id,
            }).action_merge()

        for user in (self.user_sales_2, self.seller):
            with self.subTest(user=user.login), self.assertRaisesRegex(AccessError, 'team leader'), self.env.cr.savepoint():
                merge(user, shell | self.customer_of_sales, shell)
        with mute_logger('odoo.addons.base.partner.merge'):
            merge(self.user_leader, shell | self.customer_of_sales, self.customer_of_sales)
        self.assertFalse(shell.exists())
        twins = self.env['res.partner'].create([{'name': 'Twin', 'email': 't@x.example'} for _number in range(2)])
        with mute_logger('odoo.addons.base.partner.merge'):
            merge(self.seller, twins, twins[0])
        self.assertEqual(len(twins.exists()), 1)


@tagged('post_install', '-at_install')
class TestMadeByOthers(ServiceCommon):

    def test_the_chain_goes_by_what_the_payments_come_to(self):
        self.type_service.mandatory_category_ids = False
        contract = self._make_contract('draft', amount_total=100.0, user_id=self.user_sales.id)
        for _number in range(2):
            self._make_milestone(contract, kind='payment', obligor='customer', amount=1e7)
        contract.with_user(self.user_sales).action_submit()
        self.assertIn('Managing director', contract.sudo().approval_ids.mapped('name'))

    def test_order_lines_of_others_move_no_milestone(self):
        contract = self._make_contract('active', user_id=self.user_sales.id)
        delivery = self._make_milestone(contract, evidence='Delivery note')
        reader = self._make_user('f_reader_seller', 'group_inspector', 'sales_team.group_sale_salesman')
        foreign, own = (self.env['sale.order'].create({
            'partner_id': partner.id, 'company_id': self.company_a.id, 'user_id': user.id,
            'order_line': [Command.create({'product_id': self.product.id, 'product_uom_qty': 1})],
        }) for partner, user in ((self.other_customer, reader), (self.customer, self.user_sales)))
        with self.assertRaises(AccessError):
            foreign.order_line.with_user(reader).write({'fulfilment_milestone_ids': [Command.link(delivery.id)], 'qty_delivered': 1})
        with self.assertRaises(AccessError):
            foreign.order_line.with_user(reader).create({
                'order_id': foreign.id, 'product_id': self.product.id, 'fulfilment_milestone_ids': [Command.link(delivery.id)],
            })
        with self.assertRaisesRegex(ValidationError, 'another customer'):
            delivery.with_user(self.user_manager).sale_line_ids = foreign.order_line
        delivery.with_user(self.user_sales).sale_line_ids = own.order_line
        own.fulfilment_contract_id = self._make_contract('active', user_id=self.user_sales.id)
        with self.assertRaisesRegex(ValidationError, 'another contract'):
            self._make_milestone(contract).with_user(self.user_sales).sale_line_ids = own.order_line

    def test_invoices_under_contracts(self):
        contract = self._make_contract('active', user_id=self.user_sales.id)
        clerk = self._make_user('f_clerk', None, 'account.group_account_invoice')
        moves = self.env['account.move'].with_company(self.company_a)
        journal = self.env['account.journal'].create({
            'name': 'Sales', 'type': 'sale', 'code': 'TSAL', 'company_id': self.company_a.id,
        })
        vals = {'move_type': 'out_invoice', 'journal_id': journal.id, 'company_id': self.company_a.id}
        invoice = moves.create({**vals, 'partner_id': self.customer.id})
        own = invoice.with_user(clerk).with_context(allowed_company_ids=self.company_a.ids)
        for name, road in {
            'write': lambda: own.write({'fulfilment_contract_id': contract.id}),
            'create': lambda: own.create({**vals, 'partner_id': self.customer.id, 'fulfilment_contract_id': contract.id}),
            'default': lambda: own.with_context(default_fulfilment_contract_id=contract.id).create([
                {**vals, 'partner_id': self.customer.id},
            ]),
            'onchange': lambda: own.browse().with_context(default_fulfilment_contract_id=contract.id).onchange(
                {}, [], {'fulfilment_contract_id': {'fields': {'display_name': {}}}}),
            'onchange of an order': lambda: self.env['sale.order'].with_user(self.user_sales_2).with_context(
                default_fulfilment_contract_id=contract.id, allowed_company_ids=self.company_a.ids,
            ).onchange({}, [], {'fulfilment_contract_id': {'fields': {'display_name': {}}}}),
        }.items():
            with self.subTest(road=name), self.assertRaises(AccessError), self.env.cr.savepoint():
                road()
        with self.assertRaisesRegex(ValidationError, 'somebody else'):
            moves.create({**vals, 'partner_id': self.other_customer.id, 'fulfilment_contract_id': contract.id})
        invoice.fulfilment_contract_id = contract

    def test_a_customer_made_by_the_salesperson(self):
        """An address that came after the approval does not sign."""
        contract = self._make_contract('draft', user_id=self.user_sales.id, partner_id=self.contact.id)
        contract._move_to('approved')
        contract._note_address()
        contract._send_link_code()
        contract.sudo().link_code_on = False
        self.contact.with_user(self.user_leader).sudo().email = 'sally.private@evil.example'
        with self.assertRaisesRegex(UserError, 'approved again'):
            contract._send_link_code()
        contract._note_address()
        contract._send_link_code()

    def test_lines_within_lines(self):
        contract = self._make_contract('active', user_id=self.user_sales.id)
        own = self.env['fulfilment.milestone'].with_user(self.user_sales_2).with_context(allowed_company_ids=self.company_a.ids)
        spec = {'successor_ids': {'fields': {'contract_id': {'fields': {'display_name': {}}}, 'partner_id': {'fields': {}}}}}
        nested = [[0, 'v', {'successor_ids': [[0, 'w', {'contract_id': contract.id}]]}]]
        for name, road in {
            'onchange': lambda: own.onchange({'successor_ids': [[0, 'v', {'contract_id': contract.id}]]}, [], spec),
            'deeper': lambda: own.onchange({'successor_ids': nested}, [], spec),
            'by default': lambda: own.with_context(default_successor_ids=nested).onchange({}, [], spec),
        }.items():
            with self.subTest(road=name), self.assertRaises(AccessError):
                road()

    def test_cancelled_contracts_that_were_submitted_stay(self):
        self.type_service.mandatory_category_ids = False
        contract = self._make_contract('draft', user_id=self.user_sales.id).with_user(self.user_sales)
        contract.action_submit()
        contract.action_cancel(reason='x')
        with self.assertRaises(UserError):
            contract.unlink()
        other = self._make_contract('draft', user_id=self.user_sales.id).with_user(self.user_sales)
        other.action_cancel(reason='x')
        other.unlink()

    def test_no_key_of_the_context_keeps_deadlines_from_following(self):
        ticket = self.make_ticket(urgency='urgent')
        before = ticket.deadline_ids.mapped('due_on')
        own = ticket.with_user(self.user_service).with_context(fulfilment_receiving=True)
        own.urgency = 'normal'
        self.assertNotEqual(ticket.deadline_ids.mapped('due_on'), before)

    def test_recipients_on_record(self):
        contract = self._make_contract('active', user_id=self.user_sales.id)
        note = contract.sudo().message_post(
            body=Markup('<b>Note</b>'), subtype_xmlid='mail.mt_note', author_id=self.user_leader.partner_id.id,
        )
        own = note.with_user(self.user_sales)
        for vals in (
            {'partner_ids': [Command.link(self.customer.id)]}, {'incoming_email_to': 'x@x.example'},
            {'notification_ids': [Command.create({'res_partner_id': self.customer.id, 'notification_type': 'inbox'})]},
        ):
            with self.subTest(vals=list(vals)), self.assertRaises(AccessError), self.env.cr.savepoint():
                own.write(vals)


@tagged('post_install', '-at_install')
class TestWhoseItIs(ServiceCommon):
    def test_whose_contact_somebody_is(self):
        records = self._make_customer_records(self.user_sales, self.company_a)
        customer = records['fulfilment.profile'].partner_id
        self.user_sales_2.group_ids |= self.env.ref('base.group_partner_manager')
        shell = self.env['res.partner'].create({'name': 'Shell', 'is_company': True, 'user_id': self.user_sales_2.id})
        own = customer.with_user(self.user_sales_2)
        with self.assertRaises(AccessError):
            own.commercial_partner_id = shell
        own.write({'commercial_partner_id': customer.id, 'comment': 'As the client sends it'})
        contact = self.env['res.partner'].with_user(self.user_sales_2).create({'name': 'Child', 'parent_id': shell.id})
        self.assertEqual(contact.commercial_partner_id, shell)
        # However it came to be so, the file of the contact itself counts.
        customer.sudo().commercial_partner_id = shell
        with self.assertRaises(AccessError):
            own.user_id = self.user_sales_2

    def test_whose_invoice_it_is(self):
        contract = self._make_contract('active', user_id=self.user_sales.id)
        self.user_sales.group_ids |= self.env.ref('account.group_account_invoice')
        journal = self.env['account.journal'].create({
            'name': 'Sales', 'type': 'sale', 'code': 'TSAL', 'company_id': self.company_a.id,
        })
        invoice = self.env['account.move'].with_company(self.company_a).create({
            'move_type': 'out_invoice', 'journal_id': journal.id, 'company_id': self.company_a.id, 'partner_id': self.other_customer.id,
        })
        own = invoice.with_user(self.user_sales).with_context(allowed_company_ids=self.company_a.ids)
        with self.assertRaises(AccessError):
            own.write({'commercial_partner_id': self.customer.id, 'fulfilment_contract_id': contract.id})
        invoice.sudo().commercial_partner_id = self.customer
        with self.assertRaises(ValidationError):
            own.fulfilment_contract_id = contract

    def test_waived_where_it_is_in_force_only(self):
        for state in ('draft', 'in_approval', 'approved', 'closed'):
            contract = self._make_contract('draft', user_id=self.user_sales.id)
            milestone = self._make_milestone(contract, kind='payment', obligor='customer', amount=5e5)
            contract.sudo().state = state
            with self.subTest(state=state):
                with self.assertRaises(UserError):
                    milestone.with_user(self.user_leader).action_waive(reason='x')
                milestone.sudo()._end('waived', 'x')
                with self.assertRaises(UserError):
                    milestone.with_user(self.user_sales).action_undo(reason='x')
        dropped = self._make_milestone(self._make_contract('active', user_id=self.user_sales.id))
        dropped.sudo()._cancel('Amendment 1')
        with self.assertRaises(UserError):
            dropped.with_user(self.user_sales).action_undo(reason='x')

    def _asked_about(self, contract, *lines, state='draft'):
        amendment = self.env['fulfilment.amendment'].with_user(self.user_sales).create({
            'contract_id': contract.id, 'reason': 'x', 'line_ids': [Command.create(line) for line in lines],
        })
        amendment.sudo().state = state
        return amendment._approval_amounts()[amendment]

    def test_what_amendments_are_worth(self):
        contract = self._make_contract('draft', user_id=self.user_sales.id)
        contract.line_ids = [
            Command.create({'name': 'Pump', 'quantity': 2, 'price_unit': 100.0, 'amount_untaxed': 200.0, 'amount_total': 230.0}),
            Command.create({'name': 'Free', 'quantity': 1, 'price_unit': 0.0}),
        ]
        pump, free = contract.line_ids
        self._bring_to(contract, 'active')
        asked = self._asked_about(
            contract, {'kind': 'line_quantity', 'line_id': pump.id, 'value_number': 60},
            {'kind': 'line_price', 'line_id': pump.id, 'value_number': 9300},
        )
        self.assertAlmostEqual(asked, 60 * 9300 * 1.15, 2)
        dear = {'kind': 'line_price', 'line_id': free.id, 'value_number': 9e5}
        self.assertAlmostEqual(self._asked_about(contract, dear), 230 + 9e5 * 1.15, 2)
        # What waits already counts with it.
        self._asked_about(contract, {'kind': 'line_add', 'value_name': 'More', 'value_number': 70000}, state='approved')
        self.assertAlmostEqual(
            self._asked_about(contract, {'kind': 'line_add', 'value_name': 'More', 'value_number': 70000}), 230 + 140000 * 1.15, 2,
        )
        framework = self._make_contract('active', user_id=self.user_sales.id, type_id=self.type_framework.id, amount_total=9e4)
        self.assertEqual(self._asked_about(framework, {'kind': 'contract_amount', 'value_amount': 0}), float('inf'))

    def test_values_that_cannot_be(self):
        contract = self._make_contract('active', user_id=self.user_sales.id, amount_total=10.0)
        for line in (
            {'kind': 'line_add', 'value_name': 'x', 'value_number': 5, 'value_quantity': -5},
            {'kind': 'milestone_add', 'value_name': 'x', 'value_kind': 'payment', 'value_date': TODAY, 'value_amount': -5},
            {'kind': 'contract_amount', 'value_amount': -5},
        ):
            amendment = self.env['fulfilment.amendment'].with_user(self.user_sales).create({
                'contract_id': contract.id, 'reason': 'x', 'line_ids': [Command.create(line)],
            })
            with self.subTest(kind=line['kind']), self.assertRaises(ValidationError):
                amendment.action_submit()
        category = self.env.ref('fulfilment_crm.clause_category_payment')
        draft = self._make_contract('draft', user_id=self.user_sales.id)
        for role, value in (
            ('payment_days', -5), ('payment_days', 1e9), ('payment_days', float('inf')), ('advance_percent', 101), ('monthly_day', 32),
        ):
            with self.subTest(role=role, value=value), self.assertRaises(ValidationError), self.env.cr.savepoint():
                draft.clause_ids = [Command.create({'name': 'x', 'category_id': category.id, 'body': 'x', 'parameter_ids': [
                    Command.create({'key': 'x', 'name': 'x', 'role': role, 'value_number': value}),
                ]})]
        draft.clause_ids = [Command.clear()]  # what the client sends for nothing

    def test_evidence_of_what_was_done_once(self):
        milestone = self._make_milestone(self._make_contract('active', user_id=self.user_sales.id))
        proof = self.env['ir.attachment'].create({'name': 'p', 'raw': b'x', 'res_model': milestone._name, 'res_id': milestone.id})
        milestone.evidence_ids = proof
        own = milestone.with_user(self.user_sales)
        own.action_done(date=TODAY)
        own.action_undo(reason='x')
        with self.assertRaises(AccessError):
            own.evidence_ids = [Command.clear()]
        with self.assertRaises(AccessError):
            proof.with_user(self.user_sales).unlink()
