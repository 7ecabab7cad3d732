"""How figures are kept: no data is not zero, one statement for all, who has changed, merges, companies and readers."""
from datetime import date, datetime, timedelta

from odoo.fields import Command
from odoo.tests import new_test_user, tagged
from odoo.tools import SQL

from .common_profile import TODAY, ProfileCommon

LONG_AGO = datetime(2020, 1, 1)


def ago(days):
    return TODAY - timedelta(days=days)


@tagged('post_install', '-at_install', 'fulfilment_heavy')
class TestNoData(ProfileCommon):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.profiles = cls.env['fulfilment.profile'].sudo().create([
            {
                'partner_id': cls._make_customer(f'Customer {number}').id, 'company_id': cls.company.id,
                'currency_id': cls.company.currency_id.id,
                'payment_index': number, 'relation_years': number, 'revenue_12m': number, 'last_invoice_on': number and ago(number),
                'pareto_class': number and 'ABC'[number % 3],
            } for number in (None, 0, 1, 2, 80)
        ])
        cls.nothing, cls.zero, cls.one, cls.two, cls.eighty = cls.profiles

    def test_python_reads_none(self):
        self.env.invalidate_all()
        for name in ('payment_index', 'relation_years', 'revenue_12m'):
            self.assertEqual([one[name] for one in self.profiles], [None, 0, 1, 2, 80], name)
            self.assertIsInstance(self.zero[name], (int, float))
        self.assertIs(self.nothing.last_invoice_on, False)
        self.assertIs(self.nothing.pareto_class, False)
        [row] = self.nothing.read(['payment_index', 'relation_years', 'revenue_12m', 'last_invoice_on', 'pareto_class'])
        del row['id']
        self.assertEqual(set(row.values()), {False})
        self.assertEqual(self.zero.read(['payment_index', 'revenue_12m'])[0]['payment_index'], 0)

    def test_export_gives_nothing(self):
        names = ['payment_index', 'relation_years', 'revenue_12m', 'last_invoice_on', 'pareto_class']
        rows = self.profiles.export_data(names)['datas']
        self.assertEqual(rows[0], [''] * 5)
        self.assertEqual(rows[1][:3], [0, 0, 0])

    def test_comparisons_do_not_find_what_is_not_known(self):
        for name in ('payment_index', 'relation_years', 'revenue_12m'):
            for domain, expected in (
                ([(name, '<', 80)], self.zero | self.one | self.two),
                ([(name, '<=', 0)], self.zero),
                ([(name, '>=', 0)], self.profiles - self.nothing),
                ([(name, '>', -1)], self.profiles - self.nothing),
                ([(name, '=', 0)], self.zero),
                ([(name, '=', False)], self.nothing),
                ([(name, '!=', False)], self.profiles - self.nothing),
                ([(name, 'in', [0, 80])], self.zero | self.eighty),
                ([(name, 'in', [False, 80])], self.nothing | self.eighty),
                ([(name, 'not in', [False, 80])], self.zero | self.one | self.two),
                (['!', (name, '>=', 1)], self.nothing | self.zero),
            ):
                with self.subTest(domain=domain):
                    found = self.env['fulfilment.profile'].search([('id', 'in', self.profiles.ids), *domain], order='id')
                    self.assertEqual(found, expected)

    def test_records_in_memory_agree_with_the_database(self):
        values = {
            'payment_index': (0, 1, 80, 0.5, -1), 'relation_years': (0, 1, 80), 'revenue_12m': (0, 2, 80),
            'last_invoice_on': (ago(1), ago(2), ago(99)),
            'pareto_class': ('A', 'B'),
        }
        for name, candidates in values.items():
            domains = [(name, operator, value) for value in candidates for operator in ('<', '<=', '>', '>=', '=', '!=')]
            domains += [(name, operator, False) for operator in ('=', '!=')]
            domains += [
                (name, operator, found) for operator in ('in', 'not in')
                for found in (list(candidates), [candidates[0]], [False], [False, candidates[-1]], [])
            ]
            for domain in domains:
                if name == 'pareto_class' and domain[1] in ('<', '<=', '>', '>='):
                    continue
                for full in ([domain], ['!', domain]):
                    with self.subTest(domain=full):
                        found = self.env['fulfilment.profile'].search([('id', 'in', self.profiles.ids), *full], order='id')
                        self.env.invalidate_all()
                        self.assertEqual(self.profiles.filtered_domain(full).sorted('id'), found)

    def test_written_figures_keep_the_difference(self):
        self.eighty.payment_index = None
        self.one.payment_index = 0
        self.two.revenue_12m = False
        self.env.flush_all()
        self.env.invalidate_all()
        self.assertIsNone(self.eighty.payment_index)
        self.assertEqual(self.one.payment_index, 0)
        self.assertIsNone(self.two.revenue_12m)

    def test_means_leave_out_what_is_not_known(self):
        [[mean, number]] = self.env['fulfilment.profile']._read_group(
            [('id', 'in', (self.nothing | self.zero | self.two).ids)], aggregates=['payment_index:avg', '__count'],
        )
        self.assertEqual((mean, number), (1, 3))


@tagged('post_install', '-at_install', 'fulfilment_heavy')
class TestEngine(ProfileCommon):

    def _versions(self, profiles):
        """Where the rows lie in the table: another place means they were written."""
        self.env.flush_all()
        return dict(
            self.env.execute_query(SQL("SELECT id, ctid::text || xmin::text FROM fulfilment_profile WHERE id = ANY(%s)", profiles.ids)),
        )

    def test_as_many_queries_for_fifty_as_for_one(self):
        customers = self.env['res.partner'].create([{'name': f'Customer {number}'} for number in range(50)])
        for customer in customers:
            self._entry('general', customer, 100, ago(10))
        self.Profile._refresh(self.customer, as_of=TODAY)
        counts = []
        for partners in (customers[0], customers):
            self.env.flush_all()
            self.env.invalidate_all()
            partners.mapped('commercial_partner_id')
            before = self.env.cr.sql_log_count
            self.Profile._refresh(partners, as_of=TODAY, companies=self.company)
            counts.append(self.env.cr.sql_log_count - before)
        self.assertEqual(counts[0], counts[1])
        self.assertEqual(self.Profile.search_count([('partner_id', 'in', customers.ids), ('receivable_open', '=', 100)]), 50)

    def test_what_is_as_it_was_is_not_written(self):
        self._invoice(self.customer, 100, ago(10))
        self._invoice(self.other, 100, ago(10))
        profiles = self.profile(self.customer) | self.profile(self.other)
        before = self._versions(profiles)
        with self.env.cr.savepoint():
            self.assertEqual(self.Profile._refresh(as_of=TODAY, companies=self.company), 0)
            self.assertEqual(self._versions(profiles), before)
        self._invoice(self.other, 1, ago(5))
        with self.env.cr.savepoint():
            self.assertEqual(self.Profile._refresh(as_of=TODAY, companies=self.company), 1)
            after = self._versions(profiles)
        self.assertEqual([after[one.id] == before[one.id] for one in profiles], [True, False])

    def test_a_profile_whose_base_is_gone_is_cleared(self):
        line = self._invoice(self.customer, 100, ago(10))
        profile = self.profile(self.customer)
        self.assertEqual(profile.receivable_open, 100)
        line.move_id.button_draft()
        self.assertEqual(self.profile(self.customer), profile)
        self.assertEqual({profile[name] for name in self.Profile._figures()} - {False}, {None})
        line.move_id.action_post()
        self.assertFigures(self.customer, receivable_open=100)

    def test_totals_are_zero_where_anything_is_known(self):
        self._order(self.customer, 100, ago(3))
        self.assertFigures(
            self.customer, receivable_open=0, receivable_overdue=0, revenue_12m=0, payment_count=0, contract_count=0, milestone_count=0,
            on_time_payment_rate=None, dso=None, revenue_growth=None, satisfaction_avg=None, altman_z=None,
        )

    def test_an_archived_customer_still_owes(self):
        self._invoice(self.customer, 100, ago(10))
        self.customer.action_archive()
        self.assertFigures(self.customer, receivable_open=100)
        self.Profile._refresh(as_of=TODAY)
        self.assertFigures(self.customer, receivable_open=100)

    def test_a_contact_that_moves_leaves_its_debts_behind(self):
        contact = self.env['res.partner'].create({'name': 'Lin Wei', 'parent_id': self.customer.id})
        self._invoice(contact, 100, ago(10))
        self._order(contact, 30, ago(10), partner_invoice_id=contact.id)
        self.assertFigures(self.customer, receivable_open=100, revenue_12m=100, exposure=130)
        contact.parent_id = self.other
        # The ledger says that the first company bought and owes; what is still to be invoiced will be owed by the second.
        self.assertFigures(self.customer, receivable_open=100, revenue_12m=100, exposure=100, order_count_12m=0)
        self.assertFigures(self.other, receivable_open=0, revenue_12m=0, exposure=30, order_count_12m=1)
        contact.parent_id = False
        self.assertFigures(contact, receivable_open=0, exposure=30)
        self.assertFigures(self.other, receivable_open=None, exposure=None)

    def test_a_company_that_is_taken_over_brings_its_debts(self):
        contact = self.env['res.partner'].create({'name': 'Lin Wei', 'parent_id': self.customer.id})
        self._invoice(contact, 100, ago(10))
        self._invoice(self.customer, 20, ago(10))
        self.assertFigures(self.customer, receivable_open=120, revenue_12m=120)
        self.customer.write({'is_company': False, 'parent_id': self.other.id})
        self.assertFigures(self.other, receivable_open=120, revenue_12m=120)
        self.assertEqual(contact.commercial_partner_id, self.other)


@tagged('post_install', '-at_install', 'fulfilment_heavy')
class TestWhoHasChanged(ProfileCommon):

    def assertChanged(self, *partners, after=None):
        """Only these customers are found after ``after`` was done."""
        self.env.flush_all()
        for table in (
            'account_move', 'account_move_line', 'account_partial_reconcile', 'sale_order', 'sale_order_line', 'fulfilment_contract',
            'fulfilment_milestone', 'res_partner', 'fulfilment_financial_statement', 'fulfilment_external_score',
        ):
            self.env.cr.execute(SQL("UPDATE %s SET write_date = %s", SQL.identifier(table), LONG_AGO))
        self.env.invalidate_all()
        after()
        self.env.flush_all()
        self.assertEqual(
            self.env['res.partner'].browse(self.Profile._changed_partners(self.company, LONG_AGO)).sorted('id').mapped('name'),
            [partner.name for partner in sorted(partners, key=lambda one: one.id)],
        )

    def test_nothing(self):
        self._invoice(self.customer, 100, ago(10))
        self.assertChanged(after=lambda: None)

    def test_documents(self):
        line = self._invoice(self.customer, 100, ago(10))
        payment = self._entry('bank', self.customer, -100, ago(5))
        self.assertChanged(self.customer, after=lambda: (line | payment).reconcile())
        self.assertChanged(self.customer, after=lambda: line.remove_move_reconcile())
        self.assertChanged(self.customer, after=lambda: line.move_id.button_draft())
        self.assertChanged(self.customer, after=lambda: self._entry('general', self.customer, 5, ago(1)))
        self.assertChanged(self.other, after=lambda: self._invoice(self.other, 100, ago(10)))

    def test_orders(self):
        self.assertChanged(self.customer, after=lambda: self._order(self.customer, 100, ago(3)))
        order = self._order(self.customer, 100, ago(3), partner_invoice_id=self.other.id)
        self.assertChanged(self.customer, self.other, after=lambda: order.order_line.write({'price_unit': 3.0}))
        self.assertChanged(self.customer, self.other, after=lambda: order._action_cancel())
        contact = self.env['res.partner'].create({'name': 'Lin', 'parent_id': self.customer.id})
        self.assertChanged(self.customer, after=lambda: self._order(contact, 100, ago(3), partner_invoice_id=contact.id))

    def test_contacts(self):
        self._invoice(self.customer, 100, ago(10))
        self.profile(self.customer)
        self.assertChanged(self.customer, after=lambda: self.customer.write({'street': 'Harbour Road'}))
        # Nobody asks for the profile of a contact that has none.
        self.assertChanged(after=lambda: self.other.write({'street': 'Harbour Road'}))
        self.assertChanged(self.customer, after=lambda: self.env['res.partner'].create({'name': 'Lin', 'parent_id': self.customer.id}))

    def test_a_contact_that_moves_changes_where_it_goes(self):
        contact = self.env['res.partner'].create({'name': 'Lin Wei', 'parent_id': self.customer.id})
        self._order(contact, 30, ago(10), partner_invoice_id=contact.id)
        self.profile(self.customer)
        self.assertChanged(self.other, after=lambda: contact.write({'parent_id': self.other.id}))

    def test_statements_and_outside_scores(self):
        self._invoice(self.customer, 100, ago(10))
        self.profile(self.customer)
        self.assertChanged(self.customer, after=lambda: self.env['fulfilment.financial.statement'].create({
            'partner_id': self.customer.id, 'company_id': self.company.id, 'date': ago(60), 'assets': 10,
        }))
        self.assertChanged(self.customer, after=lambda: self.env['fulfilment.external.score'].create({
            'partner_id': self.customer.id, 'company_id': self.company.id, 'date': ago(60), 'source': 'Agency', 'score': 70,
        }))

    def test_of_another_company(self):
        second = self._make_company('Second Inc.')
        self._order(self.customer, 10, ago(3))
        self.assertChanged(after=lambda: self._invoice(self.other, 100, ago(10), company=second))


@tagged('post_install', '-at_install', 'fulfilment_heavy')
class TestMerge(ProfileCommon):

    def _merge(self, sources, target):
        self.env.flush_all()
        self.env['base.partner.merge.automatic.wizard'].with_context(active_test=False)._merge((sources | target).ids, target)
        self.env.invalidate_all()

    def _ledger(self, partner, factor=1):
        self._invoice(partner, 100 * factor, ago(40), paid_on=ago(45 - 5 * factor))
        self._invoice(partner, 10 * factor, ago(10))
        self._order(partner, 7 * factor, ago(20))

    def assertMerged(self, partner, **expected):
        """One profile, with the figures of all documents, as a fresh calculation gives them."""
        profile = self.Profile.search([('partner_id', '=', partner.id)])
        self.assertEqual(len(profile), 1)
        self.assertEqual({name: profile[name] for name in expected}, expected)
        self.assertEqual(self.Profile._refresh(partner), 0)
        return profile

    def test_two_customers_with_profiles(self):
        self._ledger(self.customer)
        self._ledger(self.other, 2)
        self.Profile._refresh()
        kept = self.Profile.search([('partner_id', '=', self.customer.id)])
        self._merge(self.other, self.customer)
        self.assertEqual(self.assertMerged(self.customer, receivable_open=30, order_uninvoiced=21, revenue_total=330, exposure=51), kept)

    def test_into_a_customer_without_profile(self):
        third = self._make_customer('Third')
        self._ledger(self.customer)
        self._ledger(self.other, 2)
        self.Profile._refresh()
        self._merge(self.customer | self.other, third)
        self.assertMerged(third, receivable_open=30, order_uninvoiced=21, revenue_total=330, exposure=51)

    def test_into_a_contact(self):
        third = self._make_customer('Third')
        person, contact = self.env['res.partner'].create([{'name': 'Lin Wei'}, {'name': 'Lin', 'parent_id': third.id}])
        self._ledger(person)
        self.Profile._refresh()
        self._merge(person, contact)
        self.assertMerged(third, receivable_open=10, order_uninvoiced=7, revenue_total=110)
        self.assertFalse(self.Profile.search([('partner_id', '=', contact.id)]))

    def test_a_company_into_a_contact_makes_a_company_of_it(self):
        third = self._make_customer('Third')
        contact = self.env['res.partner'].create({'name': 'Lin', 'parent_id': third.id})
        self._ledger(self.customer)
        self.Profile._refresh()
        self._merge(self.customer, contact)
        self.assertEqual(contact.commercial_partner_id, contact)
        self.assertMerged(contact, receivable_open=10, order_uninvoiced=7, revenue_total=110)
        self.assertFalse(self.Profile.search([('partner_id', '=', third.id)]).revenue_total)

    def test_the_history_is_that_of_both(self):
        self._ledger(self.customer)
        self._ledger(self.other, 2)
        history = self.env['fulfilment.profile.history']
        for day in (date(2026, 1, 31), date(2026, 2, 28)):
            history._picture(self.company, day, TODAY)
        before = history.search([('company_id', '=', self.company.id), ('date', '=', date(2026, 2, 28))])
        self.assertEqual(before.mapped('revenue_total'), [110, 220])
        self._merge(self.other, self.customer)
        pictures = history.search([('partner_id', '=', self.customer.id)], order='date')
        self.assertEqual(pictures.mapped('date'), [date(2026, 1, 31), date(2026, 2, 28)])
        self.assertEqual(pictures.mapped('revenue_total'), [330, 330])
        self.assertEqual(pictures.mapped('receivable_overdue'), [0, 30])

    def test_grades_decisions_tiers_and_stops_survive(self):
        self.env.ref('fulfilment_crm.scorecard_standard').data_share = 0
        self._ledger(self.customer)
        self._ledger(self.other, 2)
        assessments = self.env['fulfilment.credit.assessment']._assess(self.customer | self.other, as_of=TODAY, companies=self.company)
        self.assertEqual(len(assessments), 2)
        lines = self.env['fulfilment.credit.line'].search([('partner_id', 'in', (self.customer | self.other).ids)])
        self.assertEqual(len(lines), 2)
        lines.filtered(lambda line: line.partner_id == self.other).write({'hold': True, 'hold_reason': 'Disputed'})
        decisions = self.env['fulfilment.credit.decision'].create([
            {'order_id': self.env['sale.order'].search([('partner_id', '=', partner.id)]).id, 'partner_id': partner.id,
             'company_id': self.company.id, 'currency_id': self.company.currency_id.id, 'outcome': 'pass'}
            for partner in (self.customer, self.other)
        ])
        profiles = self.Profile.search([('partner_id', 'in', (self.customer | self.other).ids)])
        tier = self.env.ref('fulfilment_crm.tier_key')
        self.assertEqual(self.env['fulfilment.tier.change']._propose(profiles, tier, 'importance', TODAY, True), 2)
        self._merge(self.other, self.customer)
        profile = self.assertMerged(self.customer, receivable_open=30)
        self.assertEqual(profile.assessment_ids, assessments)
        self.assertEqual(assessments.partner_id, self.customer)
        self.assertEqual(decisions.exists().partner_id, self.customer)
        self.assertEqual(len(decisions.exists()), 2)
        self.assertEqual(len(profile.tier_change_ids), 2)
        self.assertEqual(profile.tier_id, tier)
        line = self.env['fulfilment.credit.line'].search([('partner_id', '=', self.customer.id)])
        self.assertEqual((line.hold, line.hold_reason), (True, 'Disputed'))

    def test_one_credit_line_stays_of_any_number(self):
        self.env.ref('fulfilment_crm.scorecard_standard').data_share = 0
        third = self._make_customer('Third')
        self._ledger(self.customer)
        self._ledger(self.other)
        self.env['fulfilment.credit.assessment']._assess(self.customer | self.other, as_of=TODAY, companies=self.company)
        grade = self.env['fulfilment.credit.line'].search([('partner_id', '=', self.customer.id)]).grade_id
        self.env['fulfilment.credit.line'].search([('partner_id', '=', self.other.id)]).write({'hold': True, 'hold_reason': 'Disputed'})
        self._merge(self.customer | self.other, third)
        line = self.env['fulfilment.credit.line'].search([('partner_id', '=', third.id)])
        self.assertEqual((len(line), line.grade_id, line.hold_reason), (1, grade, 'Disputed'))
        self.assertEqual(self.assertMerged(third, receivable_open=20).credit_grade_id, grade)

    def test_a_credit_line_that_comes_along_is_shown(self):
        self._ledger(self.customer)
        self._ledger(self.other)
        self.Profile._refresh(self.other)
        self.env['fulfilment.credit.assessment']._assess(self.customer, as_of=TODAY, companies=self.company)
        grade = self.env['fulfilment.credit.line'].search([('partner_id', '=', self.customer.id)]).grade_id
        self._merge(self.customer, self.other)
        self.assertEqual(self.assertMerged(self.other, receivable_open=20).credit_grade_id, grade)


@tagged('post_install', '-at_install', 'fulfilment_heavy')
class TestReaders(ProfileCommon):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.branch = cls._make_company('Branch', parent=cls.company)
        cls.second = cls._make_company('Second Inc.')
        cls.companies = cls.company | cls.branch | cls.second
        for field, kind in (('property_account_receivable_id', 'asset_receivable'), ('property_account_payable_id', 'liability_payable')):
            cls.env['ir.default'].set('res.partner', field, cls._account(kind).id, company_id=cls.branch.id)
        cls.env = cls.env(context={**cls.env.context, 'allowed_company_ids': cls.companies.ids})
        cls._invoice(cls.customer, 100, ago(5))
        cls._invoice(cls.customer, 20, ago(5), company=cls.branch)
        cls._invoice(cls.customer, 3, ago(5), company=cls.second)
        cls._invoice(cls.other, 3, ago(5), company=cls.second)
        cls.env['fulfilment.profile']._refresh(as_of=TODAY, companies=cls.companies)

    def _seen(self, user):
        self.env.invalidate_all()
        return self.env['fulfilment.profile'].with_user(user).with_context(allowed_company_ids=user.company_ids.ids).search([])

    def _user(self, login, group, company):
        return new_test_user(
            self.env, login, groups=f'base.group_user,fulfilment_crm.{group}', company_id=company.id,
            company_ids=[Command.set(company.ids)],
        )

    def test_branches_count_into_their_root_and_roots_are_apart(self):
        profiles = self.env['fulfilment.profile'].search([('partner_id', '=', self.customer.id)])
        self.assertEqual({one.company_id: one.receivable_open for one in profiles}, {self.company: 120, self.second: 3})
        self.assertEqual(self.env['fulfilment.profile']._refresh(as_of=TODAY, companies=self.branch), 0)
        customer = self.customer.with_company(self.branch)
        self.assertEqual(customer.fulfilment_profile_id.company_id, self.company)
        self.assertEqual(self.customer.with_company(self.second).fulfilment_profile_id.company_id, self.second)

    def test_another_company_reads_nothing(self):
        mine = self._user('r_credit', 'group_credit', self.company)
        self.assertEqual(self._seen(mine).company_id, self.company)
        self.assertEqual(self._seen(self._user('r_branch', 'group_credit', self.branch)).company_id, self.company)
        self.assertEqual(self._seen(self._user('r_second', 'group_credit', self.second)).company_id, self.second)
        self.assertFalse(self.other.with_user(mine).fulfilment_profile_id)

    def test_a_salesperson_sees_own_customers(self):
        seller, colleague = self._make_sales_user('r_seller'), self._make_sales_user('r_colleague')
        self.customer.user_id = seller
        self._invoice(self.other, 9, ago(5))
        self.other.user_id = colleague
        self.env['fulfilment.profile']._refresh(as_of=TODAY, companies=self.company)
        self.assertEqual(self._seen(seller).partner_id, self.customer)
        self.assertEqual(self._seen(colleague).partner_id, self.other)
        self.other.user_id = False
        self.env['fulfilment.profile']._refresh(as_of=TODAY, companies=self.company)
        # Customers of nobody are everybody's.
        self.assertEqual(self._seen(seller).partner_id, self.customer | self.other)
