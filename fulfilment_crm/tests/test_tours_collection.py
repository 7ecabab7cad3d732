"""Collection in the browser (static/tests/tours/collection.js), in both languages, by people who administer nothing."""
from contextlib import nullcontext
from datetime import timedelta

from odoo.fields import Command
from odoo.tests import HttpCase, new_test_user, tagged

from .common_profile import ProfileCommon


@tagged('post_install', '-at_install', 'fulfilment_tour')
class TestTourCollection(HttpCase, ProfileCommon):

    lang = 'en_US'

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.today = cls.company._fulfilment_today()[cls.company]
        if cls.lang != 'en_US':
            cls.env['res.lang']._activate_lang(cls.lang)
            cls.env['ir.module.module']._load_module_terms(['base', 'web', 'portal', 'fulfilment_crm'], [cls.lang])
        cls.credit = cls._make_role('tc_credit', 'group_credit')
        cls.user_portal = new_test_user(
            cls.env, 'tc_customer', groups='base.group_portal', company_id=cls.company.id, company_ids=[Command.set(cls.company.ids)],
        )
        cls.user_portal.partner_id.parent_id = cls.customer
        (cls.credit | cls.user_portal).lang = cls.lang
        cls.customer.write({'email': 'office@hengtong.example', 'lang': cls.lang})
        cls.line_owed = cls._invoice(cls.customer, 1000, cls.today - timedelta(days=10), day=cls.today - timedelta(days=40))
        cls.strategy = cls.env['fulfilment.collection.strategy'].create({
            'name': 'Tour strategy', 'company_id': cls.company.id, 'sequence': -1, 'step_ids': [Command.create({
                'name': 'First', 'offset_days': 3, 'channel': 'email', 'quiet_days': 0,
                'template_id': cls.env.ref('fulfilment_crm.mail_template_dunning_first').id,
            })],
        })
        cls.env.flush_all()
        cls.Profile._refresh(companies=cls.company)

    def enter_registry_test_mode(self):
        return nullcontext()  # HttpCase is in that mode for the whole class, and would warn

    def _run_tour(self, url, name, user=None):
        self.start_tour(url, name, login=user and user.login, timeout=90)
        self.env.invalidate_all()

    def test_strategy_tried(self):
        self._run_tour('/odoo', 'fulfilment_strategy_tried', self.credit)
        self.assertFalse(self.env['fulfilment.reminder'].search([('customer_id', '=', self.customer.id)]))

    def test_call_and_promise(self):
        self._run_tour('/odoo', 'fulfilment_call_promise', self.credit)
        promise = self.env['fulfilment.payment.promise'].search([('partner_id', '=', self.customer.id)])
        self.assertEqual((promise.amount, promise.state), (1000, 'open'))

    def test_dispute_by_the_link_of_a_letter(self):
        letter = self.env['fulfilment.reminder'].create({
            'claim_key': 'tour', 'step_id': self.strategy.step_ids.id, 'company_id': self.company.id, 'customer_id': self.customer.id,
            'partner_id': self.customer.id, 'due_date': self.today, 'audience': 'customer', 'channel': 'email', 'state': 'sent',
            'sent_on': self.env.cr.now(),
        })
        self.env['fulfilment.collection.claim'].create({
            'claim_key': 'tour', 'reminder_id': letter.id, 'step_id': self.strategy.step_ids.id, 'move_line_id': self.line_owed.id,
        })
        self.browser_size = '390x844'
        self._run_tour(f'/my/fulfilment/owed/{letter.id}?access_token={letter._portal_ensure_token()}', 'fulfilment_owed_dispute')
        dispute = self.env['fulfilment.dispute'].search([('partner_id', '=', self.customer.id)])
        self.assertEqual((dispute.amount, dispute.origin), (40, 'link'))

    def test_statement_confirmed(self):
        statement = self.env['fulfilment.statement'].create({
            'partner_id': self.customer.id, 'company_id': self.company.id, 'as_of': self.today,
        })
        statement._freeze()
        self._run_tour('/my/home', 'fulfilment_statement_confirmed', self.user_portal)
        self.assertEqual(statement.state, 'confirmed')

    def test_gate_tried(self):
        order = self._order(self.customer, 1500, self.today - timedelta(days=60))
        invoice = order._create_invoices()
        day = self.today - timedelta(days=60)
        invoice.write({'invoice_date': day, 'date': day, 'invoice_payment_term_id': False, 'invoice_date_due': day})
        invoice.action_post()
        self.env['fulfilment.credit.line']._of(self.customer, self.company)[self.customer].write({'limit_source': 'manual', 'limit': 500})
        self._run_tour('/odoo', 'fulfilment_gate_tried', self.credit)


@tagged('post_install', '-at_install', 'fulfilment_tour')
class TestTourCollectionChinese(TestTourCollection):
    allow_inherited_tests_method = True
    lang = 'zh_CN'
