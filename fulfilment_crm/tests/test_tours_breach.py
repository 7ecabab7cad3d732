"""Damages and breach cases in the browser (static/tests/tours/breach.js), in both languages, by people who administer nothing."""
import base64
import io
import subprocess
import sys
import tempfile
import zipfile
from contextlib import nullcontext
from pathlib import Path

from odoo.fields import Command
from odoo.tests import HttpCase, new_test_user, tagged

from .common_breach import BreachCommon


@tagged('post_install', '-at_install', 'fulfilment_tour')
class TestTourBreach(BreachCommon, HttpCase):

    lang = 'en_US'

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        if cls.lang != 'en_US':
            cls.env['res.lang']._activate_lang(cls.lang)
            cls.env['ir.module.module'].sudo()._load_module_terms(['base', 'web', 'portal', 'fulfilment_crm'], [cls.lang])
        cls.today = cls.company._fulfilment_today()[cls.company]
        cls.customer_login = new_test_user(
            cls.env, 'b_customer', groups='base.group_portal', company_id=cls.company.id, company_ids=[Command.set(cls.company.ids)],
        )
        cls.customer_login.partner_id.parent_id = cls.partner_a
        (cls.seller | cls.legal | cls.customer_login).sudo().lang = cls.lang
        cls.env['fulfilment.damages'].sudo().search([]).unlink()

    def setUp(self):
        super().setUp()
        self.contract = self._agreed({'damages_rate': 0.05}, {'amount': 100_000, 'days': 100})

    def enter_registry_test_mode(self):
        return nullcontext()  # HttpCase is in that mode for the whole class, and would warn

    def _run_tour(self, url, name, user):
        self.env.flush_all()
        self.start_tour(url, name, login=user.login, timeout=90)
        self.env.invalidate_all()

    def _case(self, **vals):
        return self.env['fulfilment.breach'].with_user(self.seller).create({
            'contract_id': self.contract.id, 'cause_id': self.env.ref('fulfilment_crm.breach_cause_payment_late').id,
            'amount_claimed': 1000, **vals,
        })

    def test_damages_claimed(self):
        self.settle()
        self.Damages._accrue(self.contract)
        self._run_tour('/odoo', 'fulfilment_damages_claimed', self.seller)
        damages = self.contract.damages_ids.filtered(lambda one: one.state == 'claimed')
        self.assertEqual(damages.move_id.amount_total, damages.amount)

    def test_damages_objected(self):
        self.settle()
        self.Damages._accrue(self.contract)
        self.contract.sudo().partner_id = self.customer_login.partner_id
        self.contract.sudo()._note_address()
        self._run_tour(f'/my/fulfilment/contracts/{self.contract.id}', 'fulfilment_damages_objected', self.customer_login)
        self.assertEqual(self.contract.damages_ids.objection, 'You were late yourselves')

    def test_breach_notice_cured(self):
        case = self._case()
        self._run_tour('/odoo', 'fulfilment_breach_cured', self.seller)
        self.assertEqual((case.state, case.notice_ids.is_proven), ('cured', True))

    def test_case_to_court_and_recovered(self):
        case = self._case()
        case.action_claim()
        self.env['fulfilment.legal.step'].with_user(self.legal).create({'breach_id': case.id, 'kind': 'lawsuit', 'amount': 1000})
        self._run_tour('/odoo', 'fulfilment_breach_to_court', self.legal)
        self.assertEqual((case.state, case.amount_recovered), ('closed', 1000))
        evidence = self.env['fulfilment.evidence'].sudo().search([('breach_id', '=', case.id)])
        with tempfile.TemporaryDirectory() as folder:
            with zipfile.ZipFile(io.BytesIO(base64.b64decode(evidence[:1].file))) as archive:
                archive.extractall(folder)
            done = subprocess.run([sys.executable, '-I', str(Path(folder) / 'check.py')], capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 0, done.stdout)


@tagged('post_install', '-at_install', 'fulfilment_tour')
class TestTourBreachChinese(TestTourBreach):

    allow_inherited_tests_method = True
    lang = 'zh_CN'
