"""The most frequent jobs in the browser, every mechanism on, in the clicks they may take (static/tests/tours/daily.js)."""
from datetime import timedelta

from odoo.fields import Command
from odoo.tests import new_test_user, tagged

from .test_tours import TourCase


class DailyCase(TourCase):
    """A company with everything switched on, its people, and one customer."""
    language = 'en_US'

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        if cls.language != 'en_US':
            cls.env['res.lang']._activate_lang(cls.language)
            cls.env['ir.module.module'].search([('name', '=', 'fulfilment_crm')])._update_translations([cls.language])
        cls.env['account.chart.template'].try_loading('generic_coa', company=cls.company_a, install_demo=False)
        cls.company_a.write(dict.fromkeys((
            name for name, field in cls.company_a._fields.items()
            if name.startswith('fulfilment_') and field.type == 'boolean' and field.store
        ), True))
        cls.env['fulfilment.credit.rule'].with_context(active_test=False).search([]).active = True
        cls.people = (
            cls.user_sales | cls.user_sales_2 | cls.user_leader | cls.user_legal | cls.user_credit | cls.user_service | cls.user_manager
            | cls.user_portal
        )
        cls.people.lang = cls.language
        for user in cls.people - cls.user_portal:
            user.name = user.login
        cls.user_sales.group_ids |= cls.env.ref('sale.group_discount_per_so_line') | cls.env.ref('uom.group_uom')
        cls.pump = cls.env['product.product'].create({
            'name': 'Pump P1', 'list_price': 1000.0, 'taxes_id': False, 'invoice_policy': 'order', 'company_id': cls.company_a.id,
        })
        cls.customer.user_id = cls.user_sales

    def _order(self, **vals):
        return self.env['sale.order'].with_company(self.company_a).create({
            'partner_id': self.contact.id, 'company_id': self.company_a.id, 'user_id': self.user_sales.id, 'payment_term_id': False,
            'order_line': [Command.create({'product_id': self.pump.id, 'product_uom_qty': 3, 'price_unit': 1000.0, 'tax_ids': False})],
            **vals,
        })

    def _profile(self):
        self.env['fulfilment.profile']._refresh(self.customer, companies=self.company_a)
        profiles = self.env['fulfilment.profile']
        return profiles.search([('partner_id', '=', self.customer.id), ('company_id', '=', self.company_a.id)]) or profiles.create({
            'partner_id': self.customer.id, 'company_id': self.company_a.id, 'user_id': self.user_sales.id,
        })


@tagged('post_install', '-at_install', 'fulfilment_tour')
class TestDaily(DailyCase):

    def _job(self, name, user, record=None):
        url = f'/odoo/{record._name}/{record.id}' if record else None
        self._run_tour(url, f'fulfilment_daily_{name}', user)

    # === CONTRACTS === #

    def test_order_to_contract(self):
        order = self._order()
        order.action_confirm()
        self.assertEqual(order.state, 'sale', order.fulfilment_credit_text)
        self._job('contract', self.user_sales, order)
        self.assertEqual(order.fulfilment_contract_id.state, 'in_approval')

    def test_one_person_alone(self):
        """From the order to the contract in force, where nobody else is there to approve."""
        company = self.env['res.company'].create({'name': 'Lin Pumps', 'street': '2 Quay', 'city': 'Ningbo'})
        self.env['account.chart.template'].try_loading('generic_coa', company=company, install_demo=False)
        company.fulfilment_bank_account = '6222 0210'
        alone = new_test_user(
            self.env, 'f_alone', groups='base.group_user,fulfilment_crm.group_manager,sales_team.group_sale_manager', company_id=company.id,
            company_ids=[Command.set(company.ids)], email='alone@lin.example',
        )
        customer = self.env['res.partner'].create({
            'name': 'Harbour Works', 'is_company': True, 'street': '8 Dock Road', 'city': 'Ningbo', 'email': 'office@harbour.example',
        })
        product = self.env['product.product'].create({'name': 'Pump P9', 'list_price': 1000.0, 'taxes_id': False})
        order = self.env['sale.order'].with_user(alone).create({
            'partner_id': customer.id, 'order_line': [Command.create({'product_id': product.id, 'product_uom_qty': 2})],
        })
        order.action_confirm()
        self._job('alone', alone, order)
        contract = order.fulfilment_contract_id
        self.assertEqual((contract.state, contract.signed_by), ('active', 'Lin Wei'))
        self.assertEqual(set(contract.approval_ids.mapped('state')), {'left_out'})
        self.assertIn('8 Dock Road', '\n'.join(contract.clause_ids.mapped('text')))

    def test_quotation(self):
        self._job('quotation', self.user_sales)
        order = self.env['sale.order'].search([('order_line.product_id', '=', self.pump.id)])
        self.assertEqual((order.state, order.amount_total), ('sale', 1000.0))
        self.assertEqual(order.fulfilment_credit_decision_ids.outcome, 'pass')

    def _to_approve(self):
        contract = self._with_clauses(self._make_contract(title='Pumps to approve'))
        contract.with_user(self.user_sales).action_submit()
        return contract

    def test_approve(self):
        contract = self._to_approve()
        self._job('approve', self.user_leader)
        self.assertEqual(contract.approval_ids.filtered(lambda one: one.state == 'approved').decided_by_id, self.user_leader)

    def test_reject(self):
        contract = self._to_approve()
        self._job('reject', self.user_leader)
        self.assertEqual(contract.state, 'draft')
        self._job('rejected', self.user_sales)

    def test_delegate(self):
        self._job('delegate', self.user_leader)
        stand_in = self.env['fulfilment.delegation'].search([('user_id', '=', self.user_leader.id)])
        self.assertEqual(stand_in.delegate_id, self.user_sales_2)

    def test_amend(self):
        contract = self._make_contract('active')
        delivery = self._due(contract, 20, 'Delivery of lot 2')
        self._job('amend', self.user_sales, contract)
        amendment = contract.amendment_ids
        self.assertEqual((amendment.state, amendment.line_ids.milestone_id), ('in_approval', delivery))
        self.assertEqual(amendment.line_ids.value_date, self.today + timedelta(days=60))

    # === CREDIT === #

    def test_release(self):
        line = self.env['fulfilment.credit.line']._of(self.customer, self.company_a)[self.customer]
        line.write({'limit_source': 'manual', 'limit': 10.0})
        order = self._order()
        order.with_user(self.user_sales).action_confirm()
        self.assertEqual(order.state, 'draft')
        self.user_credit.group_ids |= self.env.ref('sales_team.group_sale_salesman_all_leads')
        self._job('release', self.user_credit)
        self.assertEqual((order.state, order.fulfilment_credit_state), ('sale', 'released'))

    def test_grade(self):
        self.env.ref('fulfilment_crm.scorecard_standard').data_share = 0  # nothing has been paid yet
        for days in (150, 120, 90, 60):
            self.env['account.move'].create({
                'move_type': 'out_invoice', 'partner_id': self.customer.id, 'company_id': self.company_a.id,
                'invoice_date': self.today - timedelta(days=days), 'invoice_date_due': self.today - timedelta(days=days - 30),
                'invoice_line_ids': [Command.create({'name': 'Pump', 'price_unit': 100.0, 'tax_ids': False})],
            }).action_post()
        self._profile()
        self.env['fulfilment.credit.assessment']._assess(self.customer, companies=self.company_a)
        self._job('grade', self.user_sales)

    # === CARE === #

    def test_log_an_interaction(self):
        profile = self._profile()
        self._job('log', self.user_sales, profile)
        logged = self.env['fulfilment.interaction'].search([('commercial_partner_id', '=', self.customer.id)])
        self.assertEqual(logged.topic, 'Dates of delivery')

    def test_plan_a_visit(self):
        tomorrow = self.today + timedelta(days=1)
        for record, about in ((self._profile(), self.customer), (self._make_contract('active'), None)):
            self._job('visit', self.user_sales, record)
            about = about or record
            event = self.env['calendar.event'].search([('res_model', '=', about._name), ('res_id', '=', about.id)])
            self.assertEqual((len(event), event.user_id, event.partner_ids), (1, self.user_sales, self.user_sales.partner_id))
            self.assertEqual(self.company_a._fulfilment_today(event.start)[self.company_a], tomorrow)
            self.assertEqual(event.with_user(self.user_sales).fulfilment_contact_id.commercial_partner_id, self.customer)

    def test_move_a_visit(self):
        task = self.env['fulfilment.care.task'].create({
            'claim_key': 'visit', 'partner_id': self.customer.id, 'company_id': self.company_a.id, 'kind': 'visit', 'period': 'month',
            'period_start': self.today.replace(day=1), 'period_end': self.today + timedelta(days=40),
            'date_planned': self.today + timedelta(days=3), 'user_id': self.user_sales.id,
        })
        self._job('visit_moved', self.user_sales, task)
        self.assertEqual((task.event_id.location, task.event_id.user_id), ('Works in Ningbo', self.user_sales))
        task.event_id.with_user(self.user_sales).start += timedelta(days=2)
        self.assertEqual(task.date_planned, self.today + timedelta(days=5))

    # === TICKETS === #

    def test_solve_a_ticket(self):
        cause = self.env['fulfilment.ticket.cause'].create({'name': 'P1 seal'})
        ticket = self.env['fulfilment.ticket'].create({
            'title': 'The pump leaks', 'company_id': self.company_a.id, 'partner_id': self.contact.id, 'ticket_type': 'complaint',
        })
        ticket.user_id = self.user_service
        self._job('ticket_solve', self.user_service)
        self.assertEqual((ticket.kind, ticket.solution, ticket.cause_id), ('solved', 'The seal was replaced', cause))
        self._portal_rates(ticket)

    def _portal_rates(self, ticket):
        self._run_tour(f'/my/fulfilment/tickets/{ticket.id}', 'fulfilment_daily_portal_rate', self.user_portal)
        self.assertEqual(ticket.kind, 'closed')

    def test_new_ticket(self):
        self._job('ticket_new', self.user_service)
        self.assertTrue(self.env['fulfilment.ticket'].search([('title', '=', 'A spare part is missing')]))

    # === THE CUSTOMER === #

    def test_the_customer_signs_and_accepts(self):
        contract = self._with_clauses(self._make_contract())
        delivery = self._due(contract, 0, 'Delivery of lot 1')
        acceptance = self._due(contract, 5, 'Acceptance of lot 1', kind='acceptance', obligor='customer', predecessor_id=delivery.id)
        contract.with_user(self.user_sales).action_submit()
        for user in (self.user_leader, self.user_legal, self.user_credit):
            contract.with_user(user).action_approve()
        self._run_tour(None, 'fulfilment_daily_portal_sign', self.user_portal)
        self.assertEqual((contract.state, contract.signed_by), ('active', 'Lin Wei'))
        delivery.with_user(self.user_sales).action_done()
        self._run_tour(f'/my/fulfilment/contracts/{contract.id}', 'fulfilment_daily_portal_accept', self.user_portal)
        self.assertEqual(acceptance.state, 'done')

    def test_the_customer_writes(self):
        self._run_tour(None, 'fulfilment_daily_portal_ticket', self.user_portal)
        self.assertTrue(self.env['fulfilment.ticket'].search([('title', '=', 'The gauge is broken')]))

    # === AN ORDER === #

    def test_order_from_empty_to_copied(self):
        # Odoo's form of an invoice counts its payments, which only who invoices may read.
        self.user_sales.group_ids |= self.env.ref('account.group_account_invoice')
        self._run_tour(None, 'fulfilment_order_typed', self.user_sales)
        first, copy = self.env['sale.order'].search([('order_line.product_id', '=', self.pump.id)], order='id')
        self.assertEqual((first.state, copy.state), ('cancel', 'sale'))
        self.assertEqual(copy.amount_total, 2700.0)
        self.assertEqual(set(first.fulfilment_credit_decision_ids.mapped('outcome')), {'pass'})
        self.assertEqual(copy.fulfilment_credit_decision_ids.outcome, 'pass')


@tagged('post_install', '-at_install', 'fulfilment_tour')
class TestDailyInChinese(TestDaily):
    language = 'zh_CN'
    allow_inherited_tests_method = True
