"""The addon in the browser: tours through the web client and the portal (static/tests/tours)."""
import base64
from contextlib import nullcontext
from datetime import timedelta

from odoo.fields import Command
from odoo.tests import Form, HttpCase, new_test_user, tagged

from .common import FulfilmentCommon


class TourCase(HttpCase, FulfilmentCommon):
    """Users and factories for tours. They live in the present: the browser's clock cannot be told another day."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.today = cls.company_a._fulfilment_today()[cls.company_a]
        cls.user_portal = new_test_user(
            cls.env, 'f_portal', groups='base.group_portal', name='Lin Wei', email=cls.contact.email, partner_id=cls.contact.id,
            company_id=cls.company_a.id, company_ids=[Command.set(cls.company_a.ids)],
        )

    def enter_registry_test_mode(self):
        return nullcontext()  # HttpCase is in that mode for the whole class, and would warn

    @classmethod
    def _make_contract(cls, state='draft', **vals):
        return super()._make_contract(state, **{'date_start': cls.today, 'partner_id': cls.contact.id, **vals})

    def _due(self, contract, days, name, **vals):
        return self._make_milestone(contract, name=name, date_planned=self.today + timedelta(days=days), **vals)

    def _form_url(self, contract):
        return f'/odoo/fulfilment-contracts/{contract.id}'

    def _run_tour(self, url, name, user):
        self.start_tour(url, name, login=user.login, timeout=60)
        self.env.invalidate_all()


@tagged('post_install', '-at_install', 'fulfilment_tour')
class TestTourContract(TourCase):

    def test_order_to_signed_contract(self):
        self.company_a.fulfilment_approval = False
        order = self.env['sale.order'].with_company(self.company_a).create({
            'partner_id': self.contact.id, 'company_id': self.company_a.id, 'user_id': self.user_sales.id, 'payment_term_id': False,
            # Where to, nobody knows yet.
            'partner_shipping_id': self.env['res.partner'].create({'name': 'Works to be built', 'type': 'delivery'}).id,
            'order_line': [Command.create({'product_id': self.product.id, 'product_uom_qty': 3, 'price_unit': 1000.0, 'tax_ids': False})],
        })
        order.action_confirm()
        self._run_tour(f'/odoo/orders/{order.id}', 'fulfilment_order_to_contract', self.user_sales)
        contract = order.fulfilment_contract_id
        self.assertEqual((contract.state, contract.user_id, contract.amount_total), ('active', self.user_sales, 3000.0))
        self.assertEqual((contract.approval_by_chain, contract.approval_ids), (False, contract.approval_ids.browse()))
        self.assertIn('Works of the Customer, Ningbo', '\n'.join(contract.clause_ids.mapped('text')))
        self.assertEqual((contract.signed_by, contract.date_signed, contract.signed_document_name), ('Lin Wei', self.today, 'signed.pdf'))
        self.assertEqual(base64.b64decode(contract.signed_document), b'signed on paper')
        delivery, payment = (contract.milestone_ids.filtered(lambda one, kind=kind: one.kind == kind) for kind in ('delivery', 'payment'))
        self.assertEqual((delivery.sale_line_ids, delivery.date_planned), (order.order_line, self.today + timedelta(days=30)))
        self.assertEqual((payment.amount, payment.obligor), (3000.0, 'customer'))
        self.assertTrue(all(one.user_id and one.date_first_planned == one.date_planned for one in contract.milestone_ids))
        for user in (self.user_leader, self.user_legal, self.user_credit, self.user_service, self.user_inspector):
            for record in (contract, *contract.milestone_ids):
                self.env.invalidate_all()
                Form(record.with_user(user))  # opens for everybody who may read it, also without any right to orders

    def _submitted(self):
        contract = self._with_clauses(self._make_contract(title='Waiting pumps'))
        contract.with_user(self.user_sales).action_submit()
        return contract

    def test_approval_by_three_users(self):
        contract = self._submitted()
        self._run_tour(self._form_url(contract), 'fulfilment_submitter_waits', self.user_sales)
        for number, user in enumerate((self.user_leader, self.user_legal, self.user_credit), 1):
            self._run_tour('/odoo', 'fulfilment_approve', user)
            self.assertEqual(len(contract.approval_ids.filtered(lambda step: step.state == 'approved')), number)
        self.assertEqual(contract.state, 'approved')
        steps = contract.approval_ids.sorted('sequence')
        self.assertEqual([step.decided_by_id for step in steps], [self.user_leader, self.user_legal, self.user_credit])

    def test_rejection_with_reason(self):
        contract = self._submitted()
        contract.with_user(self.user_leader).action_approve()
        self._run_tour('/odoo', 'fulfilment_reject', self.user_legal)
        self.assertEqual((contract.state, contract.approval_state), ('draft', 'rejected'))
        rejected = contract.approval_ids.filtered(lambda step: step.state == 'rejected')
        self.assertEqual((rejected.decided_by_id, rejected.reason), (self.user_legal, 'The cap on damages is too low'))


class PortalTourCase(TourCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.user_sales.name = 'Zhao Min'

    def _sign_and_answer(self):
        """Let the customer sign a contract, accept one delivery and refuse another, and look at what is on record."""
        contract = self._with_clauses(self._make_contract())
        delivery = self._due(contract, 0, 'Delivery of lot 2')
        accepted = self._due(contract, 5, 'Acceptance of lot 1', kind='acceptance', obligor='customer')
        refused = self._due(
            contract, 10, 'Acceptance of lot 2', kind='acceptance', obligor='customer',
            anchor='predecessor', predecessor_id=delivery.id, offset_days=10,
        )
        self.company_a.fulfilment_approval = False
        contract.with_user(self.user_sales).action_submit()
        self._run_tour('/my', 'fulfilment_portal', self.user_portal)
        delivery.with_user(self.user_sales).action_done()
        self._run_tour(f'/my/fulfilment/contracts/{contract.id}', 'fulfilment_portal_answer', self.user_portal)
        self.assertEqual((contract.state, contract.signed_by, contract.date_signed), ('active', 'Lin Wei', self.today))
        self.assertTrue(base64.b64decode(contract.signature).startswith(b'\x89PNG'))
        self.assertTrue(contract.signed_ip)
        self.assertIn(b'Damages and termination.', base64.b64decode(contract.signed_document))
        self.assertEqual((accepted.state, accepted.date_done, refused.state, delivery.state), ('done', self.today, 'pending', 'pending'))
        self.assertRecordValues(accepted.acceptance_ids, [
            {'outcome': 'accepted', 'person': 'Lin Wei', 'place': 'Ningbo', 'method': 'Trial run', 'user_id': self.user_portal.id},
        ])
        self.assertRecordValues(refused.acceptance_ids, [
            {'outcome': 'refused', 'reason': 'Two pumps leak', 'user_id': self.user_portal.id},
        ])
        to_do = (delivery | refused).activity_ids.filtered(lambda one: one.user_id == self.user_sales)
        self.assertIn('Two pumps leak', str(to_do.note))
        refusal = contract.message_ids.filtered(lambda message: 'Two pumps leak' in str(message.body))
        self.assertEqual(refusal.author_id, self.contact)
        return contract


@tagged('post_install', '-at_install', 'fulfilment_tour')
class TestTourPortal(PortalTourCase):

    def test_customer_signs_accepts_and_refuses(self):
        self._sign_and_answer()

    def test_in_chinese(self):
        self.env['res.lang']._activate_lang('zh_CN')
        self.env['ir.module.module'].search([('name', '=', 'fulfilment_crm')])._update_translations(['zh_CN'])
        self.user_portal.lang = 'zh_CN'
        contract = self._sign_and_answer()
        self.authenticate(self.user_portal.login, None)
        self.assertIn('双方义务', self.url_open(f'/my/fulfilment/contracts/{contract.id}').text)


@tagged('post_install', '-at_install', 'fulfilment_tour')
class TestTourPortalPhone(PortalTourCase):
    browser_size = '375x667'
    touch_enabled = True

    def test_customer_signs_accepts_and_refuses(self):
        self._sign_and_answer()


@tagged('post_install', '-at_install', 'fulfilment_tour')
class TestTourReminder(TourCase):

    def test_reminders_are_seen(self):
        contract = self._make_contract('active', date_start=self.today - timedelta(days=30))
        self._due(contract, -9, 'First instalment', kind='payment', obligor='customer', amount=500.0)
        self._due(contract, 3, 'Second instalment', kind='payment', obligor='customer', amount=500.0)
        self._due(contract, 3, 'Delivery of lot 2')
        self.run_cron('fulfilment.reminder', '_cron_reminders', as_of=self.today)
        self._run_tour(self._form_url(contract), 'fulfilment_reminders_seen', self.user_sales)
        self._run_tour(f'/my/fulfilment/contracts/{contract.id}', 'fulfilment_reminders_on_portal', self.user_portal)


@tagged('post_install', '-at_install', 'fulfilment_tour')
class TestTourConfiguration(TourCase):

    def _data(self):
        contract = self._make_contract('active')
        self._due(contract, 0, 'First instalment', kind='payment', obligor='customer', amount=500.0)
        self._due(contract, 1, 'Delivery of lot 2')

    def test_manager_configures(self):
        self.user_manager.group_ids |= self.env.ref('base.group_system')
        rules = self.env['fulfilment.reminder.rule'].with_user(self.user_manager).search([])
        self._run_tour('/odoo', 'fulfilment_configuration', self.user_manager)
        self.assertEqual(rules.filtered(lambda rule: not rule.active), rules[:1])

    def test_every_view_opens(self):
        self._data()
        self._run_tour('/odoo', 'fulfilment_views', self.user_manager)

    def test_every_view_opens_in_chinese(self):
        self.env['res.lang']._activate_lang('zh_CN')
        self.env['ir.module.module'].search([('name', '=', 'fulfilment_crm')])._update_translations(['zh_CN'])
        self.user_manager.lang = 'zh_CN'
        self._data()
        self._run_tour('/odoo', 'fulfilment_views', self.user_manager)
