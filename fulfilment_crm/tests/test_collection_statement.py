"""Statements of account: the ledger of that day to the cent, sent as a document, and answered by the customer."""
import os
import random
from datetime import timedelta
from hashlib import sha256

from freezegun import freeze_time

from odoo import api, fields, http
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import Form, HttpCase, new_test_user, tagged

from .common_profile import TODAY, ProfileCommon
from .test_profile_oracle import DAYS, OracleCommon, TestOracleLedger

LEDGERS = int(os.environ.get('FULFILMENT_BOOKS') or 1)  # random ledgers of each customer
MORNING = fields.Datetime.to_datetime(TODAY) + timedelta(hours=9)


@tagged('post_install', '-at_install', 'fulfilment_heavy')
class TestStatementsOfLedgers(OracleCommon):
    """Random ledgers: part payments, credit notes, unmatched credits, undone payments, currencies, companies, a branch, contacts."""

    _random_ledger = TestOracleLedger._random_ledger
    _random_invoice = TestOracleLedger._random_invoice
    _random_settlement = TestOracleLedger._random_settlement

    def test_ledgers(self):
        checked = sum(self._check_ledgers(seed) for seed in range(84, 84 + LEDGERS))
        self.assertGreater(checked, 25 * LEDGERS)

    def _check_ledgers(self, seed):
        """Hold the statements of one random ledger of each customer against the slow way; return how many were not zero."""
        dice = random.Random(seed)
        everybody = self._customers(f'Statement {seed}')
        self._random_ledger(dice, everybody)
        self._storno(everybody)
        self.env.flush_all()
        statements, checked = self.env['fulfilment.statement'], 0
        for day in DAYS:
            for customer in everybody:
                for company in (self.company, self.second):
                    wanted = self._wanted(customer, company, day)
                    table = statements._get_lines(customer, company, day, dice.choice((None, DAYS[0], day)))
                    with self.subTest(day=day, customer=customer.name, company=company.name):
                        self.assertAlmostEqual(table['closing'], wanted, 2)
                        self.assertAlmostEqual(sum(table['buckets'].values()), wanted, 2)
                        self.assertAlmostEqual(
                            table['opening'] + sum(line['debit'] - line['credit'] for line in table['lines']), table['closing'], 2,
                        )
                        checked += bool(wanted)
        return checked

    def _storno(self, everybody):
        """Entries reversed by negative amounts on the same side."""
        line = self._invoice(next(iter(everybody)), 500, DAYS[0])
        line.move_id.company_id.account_storno = True
        reversal = line.move_id._reverse_moves([{'date': DAYS[0], 'invoice_date': DAYS[0]}], cancel=True)
        self.assertEqual(reversal.state, 'posted')

    def _wanted(self, customer, company, day):
        """Line by line, in plain Python."""
        lines = self.env['account.move.line'].search([
            ('parent_state', '=', 'posted'), ('date', '<=', day), ('company_id', 'child_of', company.id),
            ('partner_id', 'child_of', customer.id),
        ])
        return sum(
            line.balance for line in lines
            if line.account_id.account_type == 'asset_receivable' and line.partner_id.commercial_partner_id == customer
        )


class StatementCommon(ProfileCommon):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Statement = cls.env['fulfilment.statement']
        cls.customer.write({'email': 'office@hengtong.example', 'lang': 'en_US'})
        cls.company.fulfilment_bank_account = 'NL91ABNA0417164300'
        cls.credit = cls._make_role('s_credit', 'group_credit')

    def _statement(self, partner=None, user=None, **vals):
        return self.Statement.with_user(user or self.credit).create({
            'partner_id': (partner or self.customer).id, 'company_id': self.company.id, 'as_of': TODAY, 'user_id': self.credit.id, **vals,
        })

    def _sent(self, **vals):
        self._invoice(self.customer, 100, TODAY - timedelta(days=5), day=TODAY - timedelta(days=40))
        statement = self._statement(**vals)
        statement.action_send()
        return statement


@tagged('post_install', '-at_install')
class TestStatement(StatementCommon):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.startClassPatcher(freeze_time(MORNING))

    def test_what_was_settled_since_counts_as_open(self):
        line = self._invoice(self.customer, 100, TODAY - timedelta(days=5), day=TODAY - timedelta(days=40))
        self._pay(line, 60, TODAY - timedelta(days=2))
        self._entry('bank', self.customer, -30, TODAY - timedelta(days=1))
        table = self.Statement._get_lines(self.customer, self.company, TODAY - timedelta(days=3))
        self.assertEqual((table['closing'], table['buckets']['first'], table['overdue']), (100, 100, 100))
        table = self.Statement._get_lines(self.customer, self.company, TODAY)
        self.assertEqual((table['closing'], table['buckets']['first'], table['buckets']['credits']), (10, 40, -30))
        self.assertEqual([line['kind'] for line in table['lines']], ['invoice', 'payment', 'payment'])
        self.assertEqual([line['balance'] for line in table['lines']], [100, 40, 10])
        table = self.Statement._get_lines(self.customer, self.company, TODAY, TODAY - timedelta(days=1))
        self.assertEqual((table['opening'], [line['balance'] for line in table['lines']]), (40, [10]))

    def test_a_draft_follows_the_ledger_and_what_was_sent_stays(self):
        self._invoice(self.customer, 100, TODAY)
        statement = self._statement()
        self.assertEqual((statement.amount, statement.state), (100, 'draft'))
        self._invoice(self.customer, 50, TODAY)
        statement.as_of = TODAY - timedelta(days=1)
        statement.as_of = TODAY
        self.assertEqual(statement.amount, 150)
        statement.action_send()
        self._invoice(self.customer, 7, TODAY)
        self.assertEqual((statement.state, statement._account()['closing']), ('sent', 150))
        self.assertEqual(statement.document_hash, sha256(_bytes(statement)).hexdigest())
        for change in (lambda: statement.write({'as_of': TODAY - timedelta(days=2)}), statement.action_send, statement.unlink):
            with self.assertRaises(UserError):
                change()
        with self.assertRaises(AccessError):
            statement.amount = 5
        self.assertIn('150', statement.table_shown)

    def test_the_mail(self):
        contact = self.env['res.partner'].create({
            'name': 'Lin Wei', 'parent_id': self.customer.id, 'type': 'invoice', 'email': 'lin@hengtong.example',
        })
        statement = self._sent()
        self.assertEqual(statement.contact_id, contact)
        mail = statement.mail_id
        self.assertEqual(mail.recipient_ids, contact)
        self.assertIn('Dear Lin Wei', mail.body_html)
        self.assertIn(f'/my/fulfilment/statements/{statement.id}', mail.body_html)
        self.assertEqual(mail.attachment_ids.name, statement.document_name)

    def test_in_the_language_of_the_receiver(self):
        self.env['res.lang']._activate_lang('zh_CN')
        self.env['ir.module.module']._load_module_terms(['fulfilment_crm'], ['zh_CN'])
        self.customer.lang = 'zh_CN'
        self._invoice(self.customer, 100, TODAY)
        html = self.env['ir.actions.report']._render_qweb_html('fulfilment_crm.action_report_statement', self._statement().ids)[0].decode()
        self.assertIn('对账单', html)
        self.assertIn('壹佰', html)
        self.assertIn('NL91ABNA0417164300', html)

    def test_excel(self):
        action = self._sent().action_export()
        self.assertIn('/web/content/fulfilment.export/', action['url'])

    def test_no_address_no_sending(self):
        self.customer.email = False
        self._invoice(self.customer, 100, TODAY)
        with self.assertRaisesRegex(UserError, 'Hengtong'):
            self._statement().action_send()

    def test_days(self):
        with self.assertRaises(UserError):
            self._statement(as_of=TODAY + timedelta(days=1))
        with self.assertRaises(UserError):
            self._statement(date_from=TODAY + timedelta(days=1))

    def test_to_chosen_customers(self):
        silent = self._make_customer('Silent Ltd')
        even = self._make_customer('Even Ltd', email='even@a.example')
        for customer in (self.customer, self.other, silent):
            self._invoice(customer, 100, TODAY - timedelta(days=5))
        self._invoice(even, 100, TODAY - timedelta(days=5), paid_on=TODAY - timedelta(days=5))
        self.other.email = 'other@a.example'
        profiles = self.env['fulfilment.profile'].concat(*(self.profile(one) for one in (self.customer, self.other, silent, even)))
        wizard = self.env['fulfilment.statement.batch'].with_user(self.credit).with_context(default_profile_ids=profiles.ids)
        with Form(wizard) as form:
            form.as_of = TODAY
            self.assertIn('Silent Ltd', form.summary)
        action = form.record.action_confirm()
        statements = self.Statement.search(action['domain'])
        self.assertEqual(statements.partner_id, self.customer | self.other)
        self.assertEqual(statements.mapped('state'), ['draft', 'draft'])
        run = self._run()
        self.assertEqual(run.counts, {'statements sent': 2})
        self.assertEqual(statements.mapped('state'), ['sent', 'sent'])
        self.assertFalse(self._run().counts)
        again = self.env['fulfilment.statement.batch'].with_user(self.credit).create({
            'profile_ids': [Command.set(profiles.ids)], 'as_of': TODAY,
        })
        with self.assertRaises(UserError):
            again.action_confirm()

    def test_one_that_cannot_be_sent_stops_no_other(self):
        for customer in (self.customer, self.other):
            customer.email = f'{customer.id}@a.example'
            self._invoice(customer, 100, TODAY)
        statements = self._statement() | self._statement(self.other)
        statements.sudo().is_queued = True
        self.other.email = False
        run = self._run()
        self.assertEqual((run.counts, run.problem_ids.mapped('res_id')), ({'statements sent': 1, 'set aside': 1}, statements[1].ids))

    def _run(self):
        self.env.invalidate_all(flush=True)
        with self.enter_registry_test_mode(), self.registry.cursor() as cr:
            api.Environment(cr, api.SUPERUSER_ID, {})['fulfilment.statement']._cron_statements(as_of=TODAY)
        self.env.invalidate_all()
        return self.env['fulfilment.run'].search([('action', '=', 'statements')], limit=1)

    def test_answers(self):
        statement = self._sent().sudo()
        line = statement._account()['lines'][0]
        statement._answer(False, 'Lin Wei', 'the link', 'Paid in May', [line['id'], 999999])
        self.assertEqual((statement.state, statement.contested_lines), ('contested', [{'id': line['id'], 'name': line['name']}]))
        self.assertEqual(statement.activity_ids.user_id, self.credit)
        statement._answer(True, 'Lin Wei', 'the link')
        self.assertEqual((statement.state, statement.answer_hash), ('confirmed', statement.document_hash))
        with self.assertRaises(UserError):
            statement._answer(False, 'Lin Wei', 'the link', 'No')

    def test_whose_statements(self):
        own, stranger = self._make_sales_user('s_own'), self._make_sales_user('s_other')
        self.customer.user_id = own
        statement = self._sent()
        self.assertTrue(statement.with_user(own).read(['amount', 'table_shown']))
        with self.assertRaises(AccessError):
            statement.with_user(stranger).read(['amount'])
        with self.assertRaises(AccessError):
            self._statement(user=stranger)


def _bytes(statement):
    return statement.with_context(bin_size=False).env['ir.attachment'].sudo().search([
        ('res_model', '=', statement._name), ('res_id', '=', statement.id), ('res_field', '=', 'document'),
    ]).raw


@tagged('post_install', '-at_install')
class TestStatementPortal(StatementCommon, HttpCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.user_portal = cls._customer('s_customer', cls.customer)
        cls.user_stranger = cls._customer('s_stranger', cls.other)
        cls._invoice(cls.customer, 100, TODAY - timedelta(days=5), day=TODAY - timedelta(days=40))
        cls.statement = cls.Statement.create({'partner_id': cls.customer.id, 'company_id': cls.company.id, 'as_of': TODAY})
        cls.draft = cls.Statement.create({
            'partner_id': cls.customer.id, 'company_id': cls.company.id, 'as_of': TODAY - timedelta(days=1),
        })
        cls.statement.action_send()
        cls.token = cls.statement._portal_ensure_token()

    @classmethod
    def _customer(cls, login, partner):
        user = new_test_user(
            cls.env, login, groups='base.group_portal', company_id=cls.company.id, company_ids=[Command.set(cls.company.ids)],
        )
        user.partner_id.parent_id = partner
        return user

    def _login(self, user=None):
        self.authenticate(user and user.login, user and user.login)

    def _url(self, statement=None, rest=''):
        return f'/my/fulfilment/statements/{(statement or self.statement).id}{rest}'

    def _post(self, answer, **data):
        return self.url_open(self._url(rest=f'/{answer}'), data={'csrf_token': http.Request.csrf_token(self), **data})

    def test_own_list_and_page(self):
        self._login(self.user_portal)
        page = self.url_open('/my/fulfilment/statements').text
        self.assertIn(f'/my/fulfilment/statements/{self.statement.id}', page)
        self.assertNotIn(f'/my/fulfilment/statements/{self.draft.id}"', page)
        self.assertIn('o_fulfilment_confirm', self.url_open(self._url()).text)
        self.assertNotIn('o_fulfilment_statement_page', self.url_open(self._url(self.draft)).text)

    def test_not_another_customers(self):
        self._login(self.user_stranger)
        self.assertNotIn('o_fulfilment_statement_page', self.url_open(self._url()).text)
        self._post('confirm', name='Lin')
        self.assertEqual(self.statement.state, 'sent')
        self._login()
        for token in ('', 'x', 'é'):
            self.assertNotIn('o_fulfilment_statement_page', self.url_open(self._url() + f'?access_token={token}').text)

    def test_looking_at_it_answers_nothing(self):
        self._login()
        self.assertIn('o_fulfilment_statement_page', self.url_open(self._url() + f'?access_token={self.token}').text)
        self.assertEqual(self.url_open(self._url(rest=f'/confirm?access_token={self.token}&name=Lin')).status_code, 405)
        self.assertEqual(self.statement.state, 'sent')

    def test_confirmed_by_the_link(self):
        self._login()
        self._post('confirm', access_token=self.token, name='  ')
        self.assertEqual(self.statement.state, 'sent')
        page = self._post('confirm', access_token=self.token, name='Lin Wei').text
        self.assertEqual((self.statement.state, self.statement.answered_by), ('confirmed', 'Lin Wei'))
        self.assertIn('office@hengtong.example', self.statement.answered_from)
        self.assertIn('127.0.0.1', self.statement.answered_from)
        self.assertEqual(self.statement.answer_hash, self.statement.document_hash)
        self.assertNotIn('o_fulfilment_confirm', page)
        self._post('contest', access_token=self.token, name='Lin Wei', text='No')
        self.assertEqual(self.statement.state, 'confirmed')

    def test_contested_by_login(self):
        self._login(self.user_portal)
        self._post('contest', name='Lin')
        self.assertEqual(self.statement.state, 'sent')
        line = self.statement.table['lines'][0]['id']
        self._post('contest', name='Lin', text='<b>Paid</b>', line=line)
        self.assertEqual((self.statement.state, self.statement.contested_text), ('contested', '<b>Paid</b>'))
        self.assertEqual(self.statement.contested_lines[0]['id'], line)
        self.assertIn('login s_customer', self.statement.answered_from)
        self.assertNotIn('<b>Paid</b>', self.url_open(self._url()).text)

    def test_colleagues_do_not_answer(self):
        self._login(self.credit)
        self._post('confirm', name='Lin')
        self.assertEqual(self.statement.state, 'sent')
