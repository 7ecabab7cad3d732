"""The page where a step of approval is decided: what is asked, what is known, what changes, and the document."""
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import Form, tagged

from .common import TODAY, FulfilmentCommon


@tagged('post_install', '-at_install')
class TestApprovalPage(FulfilmentCommon):

    def _submitted(self, **vals):
        contract = self._with_clauses(self._make_contract(**vals))
        contract.with_user(self.user_sales).action_submit()
        return contract

    def _step(self, record, user):
        return record.approval_ids.filtered(lambda one: one.state == 'pending').with_user(user)

    def test_the_list_says_what_is_asked(self):
        contract = self._submitted(amount_total=5000.0, title='Pumps')
        step = self._step(contract, self.user_leader)
        self.assertEqual(
            (step.kind_name, step.record_name, step.partner_id, step.amount, step.currency_id),
            ('Contract', contract.display_name, self.customer, 5000.0, self.company_a.currency_id),
        )
        self.assertTrue(step.can_decide)
        self.assertFalse(step.with_user(self.user_legal).can_decide)

    def test_amounts_are_in_the_currency_of_the_company(self):
        foreign = self.env['res.currency'].create({'name': 'FFF', 'symbol': 'F', 'rounding': 0.01})
        self.env['res.currency.rate'].create(
            {'currency_id': foreign.id, 'rate': 2.0, 'name': '2020-01-01', 'company_id': self.company_a.id},
        )
        self.assertEqual(self._step(self._submitted(amount_total=500.0, currency_id=foreign.id), self.user_leader).amount, 250.0)

    def test_the_document_is_what_the_customer_reads(self):
        contract = self._submitted(title='Pumps <b>now</b>')
        page = self._step(contract, self.user_leader).document
        self.assertIn('Pumps &lt;b&gt;now&lt;/b&gt;', page)
        for clause in contract.clause_ids:
            self.assertIn(clause.name, page)

    def test_what_is_known_and_what_changes(self):
        self.env['fulfilment.profile'].sudo().create({
            'partner_id': self.customer.id, 'company_id': self.company_a.id, 'currency_id': self.company_a.currency_id.id,
            'contract_amount': 1000.0, 'exposure': 321.0,
        })
        self.env['fulfilment.credit.line'].sudo().create({
            'partner_id': self.customer.id, 'company_id': self.company_a.id, 'limit_source': 'manual', 'limit': 777.0,
            'grade_id': self.env.ref('fulfilment_crm.credit_grade_a').id,
        })
        step = self._step(self._submitted(amount_total=5000.0), self.user_leader)
        for text in ('321', '777', 'A'):
            self.assertIn(text, step.facts)
        self.assertIn('1,000.00', step.effects)
        self.assertIn('6,000.00', step.effects)

    def test_an_amendment_shows_before_and_after(self):
        contract = self._make_contract('active', amount_total=1000.0)
        amendment = self.env['fulfilment.amendment'].with_user(self.user_sales).create({
            'contract_id': contract.id, 'reason': 'More', 'date_effective': TODAY,
            'line_ids': [Command.create({'kind': 'contract_amount', 'value_amount': 1500.0})],
        })
        amendment.action_submit()
        step = self._step(amendment, self.user_leader)
        self.assertEqual(step.partner_id, self.customer)
        self.assertIn('1,000.00', step.effects)
        self.assertIn('1,500.00', step.effects)

    def test_deciding_here_is_deciding_there(self):
        first, second = self._submitted(title='One'), self._submitted(title='Two')
        steps = self._step(first, self.user_leader) | self._step(second, self.user_leader)
        with self.assertRaises(AccessError), self.env.cr.savepoint():
            steps.with_user(self.user_sales_2).action_approve()
        steps.action_approve()
        self.assertEqual(steps.mapped('state'), ['approved', 'approved'])
        self.assertEqual(steps.decided_by_id, self.user_leader)
        with self.assertRaises(UserError), self.env.cr.savepoint():
            steps.action_approve()
        legal = self._step(first, self.user_legal)
        dialog = legal.action_reject()
        reason = Form(self.env[dialog['res_model']].with_user(self.user_legal).with_context(**dialog['context']))
        reason.reason = 'Too vague'
        reason.save().action_confirm()
        self.assertEqual((legal.state, legal.reason, first.state), ('rejected', 'Too vague', 'draft'))
        self.assertFalse(legal.effects, "decided, it changes nothing any more")
        with self.assertRaises(UserError):
            legal.action_reject()

    def test_what_is_known_is_told_to_those_who_decide(self):
        """And to who may read the customer's profile; not to whoever drafts a contract with a customer of somebody else."""
        self.env['fulfilment.profile'].sudo().create({
            'partner_id': self.customer.id, 'company_id': self.company_a.id, 'currency_id': self.company_a.currency_id.id,
            'contract_amount': 1000.0, 'exposure': 321.0, 'user_id': self.user_sales.id,
        })
        contract = self._with_clauses(self._make_contract(amount_total=5000.0, user_id=self.user_sales_2.id))
        contract.with_user(self.user_sales_2).action_submit()
        step = self._step(contract, self.user_leader)
        self.assertIn('321', step.facts)
        drafted = step.with_user(self.user_sales_2)
        self.assertFalse(self.env['fulfilment.profile'].with_user(self.user_sales_2).search([('partner_id', '=', self.customer.id)]))
        self.assertFalse(drafted.facts or drafted.effects)
        self.assertTrue(drafted.document, "the own contract is read all the same")
        contract.with_user(self.user_sales_2).action_withdraw()
        self.env.invalidate_all()
        self.assertFalse(drafted.facts or drafted.effects)

    def test_who_has_a_milestone_reads_the_page_without_the_document(self):
        contract = self._with_clauses(self._make_contract(amount_total=5000.0))
        self._make_milestone(contract, 5, user_id=self.user_sales_2.id)
        contract.with_user(self.user_sales).action_submit()
        step = self._step(contract, self.user_sales_2)
        self.assertTrue(step.is_record_readable)
        self.assertFalse(step.read(['document', 'facts', 'kind_name'])[0]['document'])

    def test_who_may_not_read_the_record_sees_nothing_of_it(self):
        step = self._step(self._submitted(amount_total=5000.0), self.user_leader)
        other = self.env['fulfilment.approval'].with_user(self.user_b)
        self.assertFalse(other.search([('id', '=', step.id)]))
        hidden = step.sudo().with_user(self.user_plain).sudo(False)
        with self.assertRaises(AccessError):
            hidden.read(['document'])

    def test_as_many_queries_for_one_as_for_many(self):
        for number in range(6):
            self._submitted(title=f'Pumps {number}')
        steps = self.env['fulfilment.approval'].with_user(self.user_leader).search([('candidate_ids', 'in', self.user_leader.id)])
        shown = ['kind_name', 'record_name', 'partner_id', 'amount', 'can_decide', 'can_take_later']

        def count(some):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            some.read(shown)
            return self.env.cr.sql_log_count - before
        count(steps)
        self.assertLessEqual(count(steps), count(steps[:2]) + 1)
