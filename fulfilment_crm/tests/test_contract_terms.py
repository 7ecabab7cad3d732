"""The clause decides: its typed parameters make milestones and terms, against type, template and payment term."""
from datetime import date, timedelta

from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import Form, tagged

from ..models.clause.clause import ROLES
from ..models.contract.terms import TERMS, day_of_month
from .common import TODAY, FulfilmentCommon

START = date(2026, 1, 31)


@tagged('post_install', '-at_install')
class TestTerms(FulfilmentCommon):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.type_service.mandatory_category_ids = False
        cls.type_service.deemed_acceptance_days = 10
        cls.category = cls.env.ref('fulfilment_crm.clause_category_payment')

    def _draft(self, **vals):
        return self.env['fulfilment.contract'].with_user(self.user_sales).create({
            'partner_id': self.customer.id, 'company_id': self.company_a.id, 'type_id': self.type_service.id, 'template_id': False,
            'amount_total': 1000.0, 'date_start': START, 'date_end': date(2026, 12, 31), **vals,
        })

    def _clause_vals(self, name='Clause', **roles):
        return {
            'name': name, 'category_id': self.category.id, 'body': ' '.join('{%s}' % role for role in roles),
            'parameter_ids': [Command.create({
                'key': role, 'name': role, 'role': role, 'value_number': value,
            }) for role, value in roles.items()],
        }

    def _add(self, contract, name='Clause', **roles):
        """A clause as the form adds it."""
        contract.write({'clause_ids': [Command.create(self._clause_vals(name, **roles))]})
        return contract.clause_ids.sorted('id')[-1]

    def _of(self, contract, role):
        return contract.milestone_ids.filtered(lambda one: one.clause_role == role)

    # === CLAUSES MAKE MILESTONES === #

    def test_every_role_makes_follows_and_takes_away(self):
        """A clause added makes its milestone, a value changed changes it, the clause taken out takes it away."""
        for role, term in TERMS.items():
            with self.subTest(role=role):
                contract = self._draft()
                days = {term.days_from: 7} if term.days_from else {}
                clause = self._add(contract, **{role: 20}, **days)
                made = self._of(contract, role)
                self.assertTrue(made)
                self.assertEqual((made.clause_id, set(made.mapped('kind'))), (clause, {term.kind}))
                if term.unit == 'percent':
                    self.assertEqual((made.percent, made.amount, made.offset_days, made.is_down_payment), (20, 200.0, 7, True))
                elif term.unit == 'days':
                    self.assertEqual(made.offset_days, term.sign * 20)
                clause.parameter_ids.filtered(lambda one, role=role: one.role == role).value_number = 25
                made = self._of(contract, role)
                if term.unit == 'percent':
                    self.assertEqual((made.percent, made.amount), (25, 250.0))
                elif term.unit == 'days':
                    self.assertEqual(made.offset_days, term.sign * 25)
                else:
                    self.assertEqual({one.date_planned.day for one in made}, {25})
                contract.write({'clause_ids': [Command.delete(clause.id)]})
                self.assertFalse(contract.milestone_ids)

    def test_every_role_acts(self):
        """What a parameter may mean is what something asks for."""
        acting = set(TERMS) | {term.days_from for term in TERMS.values()}
        others = {role for role, _name in ROLES if not role.startswith('damages_')}  # those have a test in their room
        self.assertEqual(others - {'number', 'text'} - acting, set())

    def test_in_the_form(self):
        library = self.env['fulfilment.clause'].create({
            'name': 'Ours', 'category_id': self.category.id, 'body': '{payment_days}', 'parameter_ids': [Command.create({
                'key': 'payment_days', 'name': 'Days', 'role': 'payment_days', 'value_number': 21,
            })],
        })
        with Form(self._draft()) as form, form.clause_ids.new() as clause:
            clause.clause_id = library
        payment = self._of(form.record, 'payment_days')
        self.assertEqual((payment.offset_days, payment.amount, payment.obligor), (21, 1000.0, 'customer'))

    def test_what_is_counted_from_what(self):
        contract = self._draft()
        self._add(contract, 'Delivery', delivery_days=30)
        self._add(contract, 'Acceptance', acceptance_days=25)
        self._add(contract, 'Payment', advance_percent=30, advance_days=0, payment_days=60, warranty_days=365)
        delivery, acceptance, advance, payment, warranty = (
            self._of(contract, role) for role in ('delivery_days', 'acceptance_days', 'advance_percent', 'payment_days', 'warranty_days')
        )
        self.assertEqual((acceptance.predecessor_id, payment.predecessor_id, warranty.predecessor_id), (delivery, acceptance, acceptance))
        self.assertEqual((advance.amount, payment.amount, payment.percent), (300.0, 700.0, 70))
        self.assertEqual(delivery.date_planned, START + timedelta(days=30))
        self.assertEqual(payment.date_planned, START + timedelta(days=30 + 25 + 60))
        contract.clause_ids.parameter_ids.filtered(lambda one: one.role == 'advance_percent').value_number = 40
        self.assertEqual((advance.amount, payment.amount), (400.0, 600.0))
        contract.amount_total = 333.33
        self.assertEqual((advance.amount, payment.amount), (133.33, 200.0))
        # No advance any more: the rest is all.
        contract.clause_ids.parameter_ids.filtered(lambda one: one.role == 'advance_percent').value_number = 0
        self.assertFalse(advance.exists())
        self.assertEqual((payment.percent, payment.amount), (100, 333.33))

    def test_monthly_payments(self):
        contract = self._draft(date_end=date(2026, 6, 30), amount_total=1000.0)
        clause = self._add(contract, monthly_day=31)
        payments = self._of(contract, 'monthly_day')
        self.assertEqual(payments.mapped('date_planned'), [
            date(2026, 1, 31), date(2026, 2, 28), date(2026, 3, 31), date(2026, 4, 30), date(2026, 5, 31), date(2026, 6, 30),
        ])
        self.assertEqual(payments.mapped('amount'), [166.67] * 5 + [166.65])
        contract.date_end = date(2026, 3, 31)
        payments = self._of(contract, 'monthly_day')
        self.assertEqual(payments.mapped('amount'), [333.33, 333.33, 333.34])
        clause.parameter_ids.value_number = 15
        self.assertEqual(self._of(contract, 'monthly_day').mapped('date_planned'), [date(2026, 2, 15), date(2026, 3, 15)])
        contract.date_end = False
        self.assertEqual(len(self._of(contract, 'monthly_day')), 12)
        self.assertEqual(day_of_month(date(2024, 1, 31), 1, 31), date(2024, 2, 29))

    def test_nothing_made_twice_and_nothing_made_again(self):
        contract = self._draft()
        self._add(contract, payment_days=30)
        made = self._of(contract, 'payment_days')
        made.unlink()  # on purpose
        contract.title = 'Pumps'
        self.assertFalse(self._of(contract, 'payment_days'))
        second = self._add(contract, 'Other', payment_days=40)
        self.assertEqual(len(self._of(contract, 'payment_days')), 1)
        second.unlink()
        self.assertEqual(self._of(contract, 'payment_days').offset_days, 30)

    def test_copies_and_renewals_keep_the_link(self):
        contract = self._draft()
        self._add(contract, payment_days=30)
        twin = contract.copy()
        payment = self._of(twin, 'payment_days')
        self.assertEqual((len(payment), payment.clause_id), (1, twin.clause_ids))

    def test_only_drafts_follow(self):
        contract = self._draft()
        clause = self._add(contract, payment_days=30)
        self._bring_to(contract.sudo(), 'active')
        clause.sudo().parameter_ids.value_number = 50
        self.assertEqual(self._of(contract, 'payment_days').offset_days, 30)
        with self.assertRaises(UserError):
            clause.parameter_ids.with_user(self.user_sales).value_number = 60

    # === CLAUSE, TYPE AND TEMPLATE DISAGREE === #

    def test_deemed_acceptance_is_the_clauses(self):
        """25 days in the clause, 10 of the type, 5 in the template: the customer has 25."""
        template = self.env['fulfilment.contract.template'].create({
            'name': 'Own', 'type_id': self.type_service.id, 'milestone_line_ids': [
                Command.create({'name': 'Delivery', 'kind': 'delivery', 'anchor': 'signature', 'offset_days': 1}),
            ],
        })
        first = template.milestone_line_ids
        template.milestone_line_ids = [Command.create({
            'name': 'Acceptance', 'kind': 'acceptance', 'obligor': 'customer', 'anchor': 'predecessor', 'predecessor_id': first.id,
            'offset_days': 5,
        })]
        contract = self._draft(template_id=template.id, clause_ids=[Command.create(self._clause_vals(acceptance_days=25))])
        acceptance = self._of(contract, 'acceptance_days')
        self.assertEqual((contract.deemed_acceptance_days, acceptance.offset_days, acceptance.name), (25, 25, 'Acceptance'))
        self._bring_to(contract.sudo(), 'active')
        self.type_service.deemed_acceptance_days = 3  # a type is for new drafts
        self.assertEqual(contract.deemed_acceptance_days, 25)
        acceptance.predecessor_id.action_done(date=TODAY)
        self.run_cron('fulfilment.contract', '_cron_milestones', as_of=TODAY + timedelta(days=25))
        self.assertEqual(acceptance.state, 'pending')
        self.run_cron('fulfilment.contract', '_cron_milestones', as_of=TODAY + timedelta(days=26))
        self.assertEqual((acceptance.state, acceptance.date_done), ('done', TODAY + timedelta(days=25)))

    def test_a_type_that_knows_no_deemed_acceptance(self):
        self.type_service.deemed_acceptance_days = 0
        contract = self._draft(clause_ids=[Command.create(self._clause_vals(acceptance_days=25))])
        self.assertEqual(contract.deemed_acceptance_days, 0)
        self.type_service.deemed_acceptance_days = 10
        other = self._draft()
        self.assertEqual((contract.deemed_acceptance_days, other.deemed_acceptance_days), (0, 10))

    def test_template_and_clause(self):
        """For every parameter: the template says one thing, the clause another; the clause wins."""
        for role, term in TERMS.items():
            if term.unit == 'month':
                continue
            percent = term.unit == 'percent'
            anchor = {'predecessor': 'signature'}.get(term.anchor, term.anchor)
            template = self.env['fulfilment.contract.template'].create({
                'name': role, 'type_id': self.type_service.id, 'milestone_line_ids': [Command.create({
                    'name': 'As in the template', 'kind': term.kind, 'obligor': term.obligor, 'anchor': anchor, 'role': role,
                    'offset_days': 3, 'percent': 3 if percent else 0,
                })],
            })
            contract = self._draft(template_id=template.id, clause_ids=[Command.create(self._clause_vals(**{role: 17}))])
            made = self._of(contract, role)
            with self.subTest(role=role):
                self.assertEqual((made.name, made.clause_id), ('As in the template', contract.clause_ids))
                self.assertEqual(made.percent if percent else made.offset_days, 17 * term.sign)

    def test_shipped_templates_name_the_clause_of_each_term(self):
        for template in self.env['fulfilment.contract.template'].search([('company_id', '=', False)]):
            contract = self._draft(template_id=template.id, type_id=template.type_id.id)
            roles = set(contract.clause_ids.parameter_ids.mapped('role')) & set(TERMS)
            for role in roles:
                made = self._of(contract, role)
                with self.subTest(template=template.name, role=role):
                    if template.type_id.is_framework and TERMS[role].kind == 'payment':
                        self.assertFalse(made, "orders ask for the money, the framework has only a ceiling")
                        continue
                    self.assertTrue(made)
                    self.assertTrue(all(one.clause_id.parameter_ids.filtered(lambda p, role=role: p.role == role) for one in made))
            payments = contract._customer_payments()
            self.assertEqual(sum(payments.mapped('amount')), contract.amount_total if payments else 0)

    # === THE PAYMENT TERM OF THE ORDER === #

    def _term(self, *lines):
        return self.env['account.payment.term'].create({'name': 'Term', 'line_ids': [Command.create({
            'value': 'percent', 'value_amount': share, 'nb_days': days, 'delay_type': delay,
        }) for share, days, delay in lines]})

    def test_order_writes_its_terms_into_the_clauses(self):
        term = self._term((40, 0, 'days_after'), (60, 45, 'days_after'))
        contract = self._draft(
            payment_term_id=term.id, template_id=self.env.ref('fulfilment_crm.contract_template_service').id,
            amount_untaxed=1000.0,
        )
        self.assertEqual((contract._term('advance_percent'), contract._term('payment_days')), (40, 45))
        advance, payment = self._of(contract, 'advance_percent'), self._of(contract, 'payment_days')
        self.assertEqual((advance.amount, payment.amount, payment.offset_days), (400.0, 600.0, 45))
        contract._check_wording()
        self.assertFalse(contract.finding_ids.filtered(lambda one: one.kind == 'contradiction'))

    def test_month_ends_are_asked_of_odoo(self):
        """"End of next month", counted from 31 January 2025, is 28 February."""
        term = self._term((100, 0, 'days_after_end_of_next_month'))
        contract = self._draft(
            payment_term_id=term.id, template_id=self.template_sale.id, type_id=self.type_sale.id, amount_untaxed=1000.0,
            date_start=date(2025, 1, 1),
        )
        payment = self._of(contract, 'payment_days')
        self.assertEqual(payment.delay_type, 'days_after_end_of_next_month')
        payment.write({'anchor': 'fixed', 'date_planned': date(2025, 1, 31)})
        payment.write({'anchor': 'start'})
        contract.date_start = date(2025, 1, 31)
        self.assertEqual(payment.date_planned, date(2025, 2, 28))
        contract.date_start = date(2024, 1, 31)
        self.assertEqual(payment.date_planned, date(2024, 2, 29))
        contract._check_wording()
        self.assertTrue(contract.finding_ids.filtered(lambda one: one.kind == 'contradiction' and one.milestone_id == payment))

    def test_how_long_terms_are_at_the_longest(self):
        for delay, days, longest in (
            ('days_after', 45, 45), ('days_after_end_of_month', 0, 30), ('days_after_end_of_month', 15, 45),
            ('days_after_end_of_next_month', 0, 61), ('days_end_of_month_on_the', 0, 40),
        ):
            with self.subTest(delay=delay, days=days):
                self.assertEqual(self._term((100, days, delay))._fulfilment_days(), longest)

    # === CONTRADICTIONS === #

    def test_contradictions_are_found(self):
        contract = self._draft()
        self._add(contract, 'One', payment_days=30)
        self._add(contract, 'Other', payment_days=45)
        contract.payment_term_id = self._term((100, 60, 'days_after'))
        self._of(contract, 'payment_days').offset_days = 99
        contract._check_wording()
        found = [one.message for one in contract.finding_ids if one.kind == 'contradiction']
        self.assertTrue([text for text in found if '“One” and “Other” say different things' in text])
        self.assertTrue([text for text in found if 'is not as clause “One” says' in text])
        self.assertTrue([text for text in found if 'the payment term “Term” 60' in text])

    def test_breach_without_damages_and_termination_blocks(self):
        breach = self.env.ref('fulfilment_crm.clause_category_breach')
        contract = self._draft(clause_ids=[Command.create({'name': 'Breach', 'category_id': breach.id, 'body': 'Pays damages.'})])
        contract._check_wording()
        found = contract.finding_ids.filtered(lambda one: one.clause_id == contract.clause_ids and one.kind == 'missing')
        self.assertEqual(found.mapped('severity'), ['1_block'])
        with self.assertRaisesRegex(UserError, 'termination'):
            contract.action_submit()
        contract.clause_ids.body = 'Pays damages; the other party may terminate.'
        contract._check_wording()
        self.assertFalse(contract.finding_ids.filtered(lambda one: one.clause_id == contract.clause_ids and one.kind == 'missing'))
