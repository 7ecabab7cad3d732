"""The risk register: levels, moves, reviews that are due, the matrix, who sees what."""
from datetime import timedelta

import psycopg2

from odoo import api
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from ..models.risk.risk import STATES
from ..models.risk.risk_flow import MITIGATION, REVIEW
from .common import TODAY, FulfilmentCommon
from .common_queries import SameQueriesMixin

ACTIONS = {
    'mitigated': ('action_mitigate', {}), 'accepted': ('action_accept_risk', {'reason': 'Small'}), 'occurred': ('action_occur', {}),
    'closed': ('action_close_risk', {'reason': 'Over'}), 'open': ('action_reopen', {'reason': 'Again'}),
}


class RiskCommon(FulfilmentCommon):

    @classmethod
    def _risk(cls, **vals):
        return cls.env['fulfilment.risk'].create({
            'name': 'Pays late', 'category': 'default', 'company_id': cls.company_a.id, 'commercial_partner_id': cls.customer.id,
            'user_id': cls.user_sales.id, 'next_review': TODAY + timedelta(days=90), **vals,
        })

    def _go_round(self, model, argument):
        """The daily round as the scheduler makes it, with commits, and the counts of its run."""
        self.env.invalidate_all(flush=True)
        with self.enter_registry_test_mode(), self.registry.cursor() as cr:
            env = api.Environment(cr, api.SUPERUSER_ID, {})
            run = env['fulfilment.run']._open('risks' if model == 'fulfilment.risk' else 'responses')
            env[model]._round(run, argument if not isinstance(argument, dict) else {
                company.with_env(env): day for company, day in argument.items()
            })
            counts = run.counts or {}
        self.env.invalidate_all()
        return counts

    def _days(self, day=TODAY):
        return {self.company_a: day, self.company_b: day}


@tagged('post_install', '-at_install')
class TestRiskRegister(SameQueriesMixin, RiskCommon):

    # === WHAT A RISK IS === #

    def test_contract_sets_the_customer(self):
        contract = self._make_contract(partner_id=self.contact.id)
        risk = self.env['fulfilment.risk'].create({'name': 'x', 'contract_id': contract.id, 'company_id': self.company_a.id})
        self.assertEqual(risk.commercial_partner_id, self.customer)
        self.assertEqual(self._risk(contract_id=contract.id, commercial_partner_id=False).commercial_partner_id, self.customer)
        with self.assertRaisesRegex(ValidationError, 'Hengtong'):
            risk.commercial_partner_id = self.other_customer
        self.assertEqual(self._risk(commercial_partner_id=self.contact.id).commercial_partner_id, self.customer)

    def test_score_and_level_at_every_edge(self):
        risk = self._risk()
        for likelihood in range(1, 6):
            for impact in range(1, 6):
                risk.write({'likelihood': likelihood, 'impact': impact})
                score = likelihood * impact
                level = 'critical' if score >= 15 else 'high' if score >= 10 else 'medium' if score >= 5 else 'low'
                with self.subTest(likelihood=likelihood, impact=impact):
                    self.assertEqual((risk.score, risk.level), (score, level))

    def test_thresholds_are_the_companys(self):
        risk = self._risk(likelihood=2, impact=3)
        other = self._risk(company_id=self.company_b.id, user_id=self.user_b.id, likelihood=2, impact=3)
        self.company_a.fulfilment_risk_medium = 7
        self.assertEqual((risk.level, other.level), ('low', 'medium'))
        with self.assertRaises(psycopg2.IntegrityError), mute_logger('odoo.sql_db'), self.env.cr.savepoint():
            self.company_a.fulfilment_risk_high = 7
            self.env.flush_all()

    def test_scale(self):
        risk = self._risk()
        for vals in ({'likelihood': 0}, {'likelihood': 6}, {'impact': 6}, {'residual_impact': 6}, {'residual_likelihood': 0}):
            with self.subTest(vals=vals), self.assertRaises(psycopg2.IntegrityError), mute_logger('odoo.sql_db'), self.env.cr.savepoint():
                risk.write(vals)
                self.env.flush_all()

    def test_what_is_left_is_not_zero(self):
        risk = self._risk()
        self.assertEqual((risk.residual_score, risk.residual_level), (None, False))
        risk.write({'residual_likelihood': 1, 'residual_impact': 4})
        self.assertEqual((risk.residual_score, risk.residual_level), (4, 'low'))

    def test_form(self):
        self.env['fulfilment.risk'].with_user(self.user_sales).get_matrix()
        with Form(self.env['fulfilment.risk'].with_user(self.user_sales)) as form:
            form.name = 'Steel gets dearer'
            form.category = 'market'
            form.likelihood = 5
        risk = form.record
        self.assertEqual((risk.user_id, risk.company_id, risk.score, risk.state), (self.user_sales, self.company_a, 15, 'open'))
        today = self.company_a._fulfilment_today()[self.company_a]
        self.assertEqual(risk.next_review, today + timedelta(days=90))

    # === MOVES === #

    def test_every_move(self):
        for before, _name in STATES:
            for after, (method, arguments) in ACTIONS.items():
                risk = self._risk(residual_likelihood=1, residual_impact=1)
                risk.state = before
                with self.subTest(before=before, after=after):
                    mover = risk.with_user(self.user_sales)
                    if after in self.env['fulfilment.risk']._moves[before]:
                        getattr(mover, method)(**arguments)
                        self.assertEqual(risk.state, after)
                    else:
                        with self.assertRaisesRegex(UserError, 'Pays late.*cannot become.*It can become'):
                            getattr(mover, method)(**arguments)
                        self.assertEqual(risk.state, before)

    def test_mitigated_needs_a_judgement(self):
        risk = self._risk().with_user(self.user_sales)
        with self.assertRaisesRegex(UserError, 'after the mitigation'):
            risk.action_mitigate()
        risk.write({'residual_likelihood': 2, 'residual_impact': 2})
        risk.action_mitigate()
        self.assertEqual(risk.state, 'mitigated')

    def test_reason_is_asked_for_and_kept(self):
        risk = self._risk().with_user(self.user_sales)
        for method in ('action_accept_risk', 'action_close_risk'):
            action = getattr(risk, method)()
            dialogs = self.env['fulfilment.reason'].with_user(self.user_sales).with_context(**action['context'])
            dialogs.create({'reason': 'Because'}).action_confirm()
            self.assertEqual(risk.state_reason, 'Because')
        self.assertEqual(risk.state, 'closed')
        self.assertTrue(risk.closed_on)
        risk.action_reopen(reason='Again')
        self.assertFalse(risk.closed_on)

    def test_guarded(self):
        risk = self._risk().with_user(self.user_sales)
        for vals in ({'state': 'closed'}, {'reviewed_on': TODAY}, {'score': 1}, {'level': 'low'}, {'review_told': True}):
            with self.subTest(vals=vals), self.assertRaises(AccessError):
                risk.write(vals)

    # === REVIEWS AND MITIGATIONS === #

    def _to_dos(self, risk):
        return [
            (one.activity_type_id, one.user_id, one.date_deadline) for one in risk.activity_ids.sorted('id')
        ]

    def test_told_on_the_day_once(self):
        early, due, late = (
            self._risk(next_review=TODAY + timedelta(days=days), date_mitigation=TODAY + timedelta(days=days)) for days in (1, 0, -5)
        )
        other = self._risk(company_id=self.company_b.id, user_id=self.user_b.id, next_review=TODAY)
        review, mitigation = self.env.ref(REVIEW), self.env.ref(MITIGATION)
        counts = self._go_round('fulfilment.risk', self._days())
        self.assertEqual((counts['risk reviews told'], counts['risk mitigations told']), (3, 2))
        self.assertEqual(self._to_dos(early), [])
        self.assertEqual(self._to_dos(due), [(review, self.user_sales, TODAY), (mitigation, self.user_sales, TODAY)])
        self.assertEqual(self._to_dos(late)[0], (review, self.user_sales, TODAY - timedelta(days=5)))
        self.assertEqual(self._to_dos(other), [(review, self.user_b, TODAY)])
        self.assertFalse(self._go_round('fulfilment.risk', self._days()))
        self.assertEqual(len(due.activity_ids), 2)

    def test_companies_have_days_of_their_own(self):
        risk, other = self._risk(next_review=TODAY), self._risk(company_id=self.company_b.id, user_id=self.user_b.id, next_review=TODAY)
        self._go_round('fulfilment.risk', {self.company_a: TODAY, self.company_b: TODAY - timedelta(days=1)})
        self.assertEqual((risk.review_told, other.review_told), (True, False))

    def test_branch_follows_its_root(self):
        branch = self.env['res.company'].create({'name': 'Branch', 'parent_id': self.company_a.id})
        self.user_sales.company_ids |= branch
        risk = self._risk(company_id=branch.id, next_review=TODAY)
        self._go_round('fulfilment.risk', {self.company_a: TODAY})
        self.assertTrue(risk.review_told)

    def test_another_date_is_told_of_anew(self):
        risk = self._risk(next_review=TODAY)
        self._go_round('fulfilment.risk', self._days())
        risk.with_user(self.user_sales).next_review = TODAY + timedelta(days=10)
        self.assertEqual(self._to_dos(risk), [])
        self._go_round('fulfilment.risk', self._days(TODAY + timedelta(days=9)))
        self.assertEqual(self._to_dos(risk), [])
        self._go_round('fulfilment.risk', self._days(TODAY + timedelta(days=10)))
        self.assertEqual(len(risk.activity_ids), 1)

    def test_review_done(self):
        risk = self._risk(next_review=TODAY - timedelta(days=1))
        self._go_round('fulfilment.risk', self._days())
        risk.with_user(self.user_sales).action_review()
        today = self.company_a._fulfilment_today()[self.company_a]
        self.assertEqual((risk.reviewed_on, risk.next_review), (today, today + timedelta(days=90)))
        self.assertFalse(risk.activity_ids)
        risk.action_close_risk(reason='Over')
        with self.assertRaisesRegex(UserError, 'Pays late.*closed'):
            risk.action_review()

    def test_mitigated_is_not_late(self):
        risk = self._risk(date_mitigation=TODAY - timedelta(days=3), residual_likelihood=1, residual_impact=1)
        self._go_round('fulfilment.risk', self._days())
        self.assertEqual(len(risk.activity_ids), 1)
        risk.action_mitigate()
        self.assertFalse(risk.activity_ids)
        self.assertFalse(self._go_round('fulfilment.risk', self._days()))

    def test_closed_is_not_reviewed(self):
        risk = self._risk(next_review=TODAY)
        risk.action_close_risk(reason='Over')
        self.assertFalse(self._go_round('fulfilment.risk', self._days()))
        self.assertFalse(risk.activity_ids)

    def test_owner_who_left(self):
        risk, orphan = self._risk(next_review=TODAY), self._risk(company_id=self.company_b.id, user_id=self.user_b.id, next_review=TODAY)
        (self.user_sales | self.user_b).active = False
        counts = self._go_round('fulfilment.risk', self._days())
        self.assertEqual(risk.activity_ids.user_id, self.user_manager)
        self.assertEqual((counts['risks without owner'], orphan.review_told), (1, False))
        self.user_b.active = True
        self._go_round('fulfilment.risk', self._days())
        self.assertEqual(orphan.activity_ids.user_id, self.user_b)

    def test_to_dos_go_with_the_owner(self):
        risk = self._risk(next_review=TODAY)
        self._go_round('fulfilment.risk', self._days())
        risk.with_user(self.user_manager).user_id = self.user_sales_2
        self.assertEqual(risk.activity_ids.user_id, self.user_sales_2)

    def test_searches_honour_the_day(self):
        risk = self._risk(next_review=TODAY, date_mitigation=TODAY)
        for days, review, late in ((-1, False, False), (0, True, False), (1, True, True)):
            seen = risk.with_context(as_of=TODAY + timedelta(days=days))
            with self.subTest(days=days):
                self.assertEqual((seen.is_review_due, seen.is_mitigation_late), (review, late))
                for name, wanted in (('is_review_due', review), ('is_mitigation_late', late)):
                    self.assertEqual(bool(seen.search([('id', '=', risk.id), (name, '=', True)])), wanted)
                    self.assertEqual(bool(seen.search([('id', '=', risk.id), (name, '=', False)])), not wanted)

    def test_queries_do_not_grow_with_the_risks(self):
        owners = [self.user_sales, self.user_sales_2, self.user_leader]

        def prepare(number):
            return self.env['fulfilment.risk'].concat(*(
                self._risk(user_id=owners[position % 3].id, next_review=TODAY - timedelta(days=position % 7), date_mitigation=TODAY)
                for position in range(number)
            ))
        def work(risks):
            return risks._tell(risks, self._days())
        self.count_queries(work, prepare(7))
        self.assertEqual(self.count_queries(work, prepare(49)), self.count_queries(work, prepare(7)))

    # === THE MATRIX === #

    def _matrix(self, user=None, **arguments):
        matrix = self.env['fulfilment.risk'].with_user(user or self.user_manager).with_context(
            allowed_company_ids=self.company_a.ids,
        ).get_matrix(**arguments)
        return {(cell['likelihood'], cell['impact']): cell for cell in matrix['cells']}, matrix

    def test_matrix_counts_what_its_cells_open(self):
        self._risk(likelihood=5, impact=5)
        self._risk(likelihood=5, impact=5, category='legal', user_id=self.user_sales_2.id)
        self._risk(likelihood=1, impact=2, residual_likelihood=1, residual_impact=1)
        self._risk(likelihood=5, impact=5).action_close_risk(reason='Over')
        self._risk(company_id=self.company_b.id, user_id=self.user_b.id, likelihood=5, impact=5)
        cells, matrix = self._matrix()
        self.assertEqual((len(cells), cells[5, 5]['count'], cells[1, 2]['count'], matrix['total']), (25, 2, 1, 3))
        self.assertEqual((cells[5, 5]['level'], cells[1, 1]['level']), ('critical', 'low'))
        self.assertEqual(self._matrix(category='legal')[0][5, 5]['count'], 1)
        self.assertEqual(self._matrix(self.user_sales_2, mine=True)[0][5, 5]['count'], 1)
        cells, matrix = self._matrix(residual=True)
        self.assertEqual((cells[1, 1]['count'], matrix['total'], matrix['unjudged']['count']), (1, 1, 2))
        for user in (self.user_manager, self.user_sales, self.user_sales_2, self.user_inspector, self.user_credit):
            for residual in (False, True):
                cells, matrix = self._matrix(user, residual=residual)
                for cell in [*cells.values(), matrix['unjudged']]:
                    with self.subTest(user=user.login, cell=cell):
                        self.assertEqual(self.env['fulfilment.risk'].with_user(user).with_context(
                            allowed_company_ids=self.company_a.ids,
                        ).search_count(cell['domain']), cell['count'])

    def test_matrix_asks_no_more_for_many(self):
        """One query to count, one for the thresholds, and what it takes to name the gravest."""
        def queries():
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self._matrix()
            return self.env.cr.sql_log_count - before
        self._risk(likelihood=1)
        queries()
        few = queries()
        self.assertLessEqual(few, 9)
        for number in range(12):
            self._risk(likelihood=1 + number % 5)
        self.assertEqual(queries(), few)

    def test_the_gravest_stand_beside_it(self):
        risks = [self._risk(likelihood=number, impact=5, name=f'Risk {number}') for number in (2, 5, 3)]
        self._risk(likelihood=5, impact=5, name='Over').action_close_risk(reason='Over')
        matrix = self._matrix()[1]
        self.assertEqual([one['name'] for one in matrix['gravest']][:1], ['Risk 5'])
        self.assertNotIn('Over', [one['name'] for one in matrix['gravest']])
        self.assertLessEqual({one.id for one in risks}, {one['id'] for one in matrix['gravest']})
        self.assertEqual((len(matrix['likelihoods']), len(matrix['impacts'])), (5, 5))

    def test_matrix_without_risks(self):
        matrix = self._matrix(self.user_sales_2)[1]
        self.assertEqual((matrix['total'], matrix['can_create'], len(matrix['cells'])), (0, True, 25))
        self.assertFalse(self._matrix(self.user_inspector)[1]['can_create'])

    # === WHO SEES WHAT === #

    def test_own_customers_and_contracts(self):
        contract = self._make_contract('active')
        of_contract = self._risk(contract_id=contract.id, user_id=self.user_manager.id)
        of_customer = self._risk(commercial_partner_id=self.other_customer.id, user_id=self.user_manager.id)
        self.other_customer.user_id = self.user_sales_2
        foreign = self._risk(user_id=self.user_manager.id)
        for user, seen in ((self.user_sales, of_contract), (self.user_sales_2, of_customer), (self.user_leader, of_contract | of_customer)):
            with self.subTest(user=user.login):
                self.assertEqual((of_contract | of_customer | foreign).with_user(user)._filtered_access('read'), seen)
        for user in (self.user_credit, self.user_legal, self.user_service, self.user_inspector):
            self.assertTrue(foreign.with_user(user).has_access('read'))
            self.assertFalse(foreign.with_user(user).has_access('write'))
        self.assertTrue(self._risk(user_id=self.user_credit.id).with_user(self.user_credit).has_access('write'))

    def test_nobody_names_contracts_they_may_not_read(self):
        contract = self._make_contract('active')
        with self.assertRaises(AccessError):
            self.env['fulfilment.risk'].with_user(self.user_sales_2).create({'name': 'x', 'contract_id': contract.id})
        risk = self._risk(user_id=self.user_sales_2.id).with_user(self.user_sales_2)
        with self.assertRaises(AccessError):
            risk.contract_id = contract

    def test_counted_where_one_looks(self):
        contract = self._make_contract('active')
        self._risk(contract_id=contract.id)
        self._risk().action_close_risk(reason='Over')
        profile = self.env['fulfilment.profile'].create({'partner_id': self.customer.id, 'company_id': self.company_a.id})
        self.assertEqual((contract.risk_count, profile.risk_count, self.customer.fulfilment_risk_count), (1, 1, 1))
        for record, method in (
            (contract, 'action_open_risks'), (profile, 'action_open_risks'), (self.customer, 'action_open_fulfilment_risks'),
        ):
            self.assertTrue(self.env['fulfilment.risk'].search_count(getattr(record, method)()['domain']))
