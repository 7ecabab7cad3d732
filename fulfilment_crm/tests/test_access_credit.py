"""Whose customers somebody sees in profile, credit and tiers: their own, the team's, the company's."""
from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

from .common import TODAY, FulfilmentCommon

OWN_RECORDS = (
    'fulfilment.profile', 'fulfilment.profile.history', 'fulfilment.credit.line', 'fulfilment.credit.assessment',
    'fulfilment.credit.decision', 'fulfilment.tier.change', 'fulfilment.improvement', 'fulfilment.loyalty.proposal', 'fulfilment.care.task',
    'fulfilment.care.occasion', 'fulfilment.reward.grant',
)
COMPANY_RECORDS = ('fulfilment.financial.statement', 'fulfilment.external.score')


@tagged('post_install', '-at_install')
class TestAccessCredit(FulfilmentCommon):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.records = {
            'own': cls._make_customer_records(cls.user_sales, cls.company_a), 'b': cls._make_customer_records(cls.user_b, cls.company_b),
        }

    def assertSees(self, user, models, whose='own', yes=True):
        for model in models:
            record = self.records[whose][model].with_user(user).with_context(allowed_company_ids=user.company_ids.ids)
            with self.subTest(user=user.login, model=model):
                readable = record.browse().has_access('read')
                self.assertEqual(bool(readable and record.search([('id', '=', record.id)])), yes)
                if yes:
                    record.read()
                else:
                    with self.assertRaises(AccessError):
                        record.read(['display_name'])

    def test_a_salesperson_sees_their_own_customers_only(self):
        self.assertSees(self.user_sales, (*OWN_RECORDS, 'fulfilment.external.score'))
        self.assertSees(self.user_sales_2, (*OWN_RECORDS, 'fulfilment.external.score'), yes=False)
        self.assertSees(self.user_sales, ['fulfilment.financial.statement'], yes=False)

    def test_a_leader_sees_the_team_and_no_other(self):
        self.assertSees(self.user_leader, OWN_RECORDS)
        alone = self._make_user('f_leader_alone', 'group_leader', 'sales_team.group_sale_salesman')
        self.assertSees(alone, OWN_RECORDS, yes=False)

    def test_who_reads_all_reads_all_of_the_company(self):
        for user in (self.user_manager, self.user_credit, self.user_legal, self.user_inspector):
            self.assertSees(user, (*OWN_RECORDS, *COMPANY_RECORDS))
        self.assertSees(self.user_service, OWN_RECORDS)
        self.assertSees(self.user_plain, (*OWN_RECORDS, *COMPANY_RECORDS), yes=False)

    def test_nobody_sees_another_company(self):
        for user in (
            self.user_sales, self.user_leader, self.user_manager, self.user_credit, self.user_legal, self.user_service, self.user_inspector,
        ):
            self.assertSees(user, (*OWN_RECORDS, *COMPANY_RECORDS), whose='b', yes=False)
        self.assertSees(self.user_b, OWN_RECORDS, whose='b')
        self.assertSees(self.user_b, OWN_RECORDS, yes=False)

    def test_figures_and_judgements_are_nobodys_to_write(self):
        for user in (self.user_sales, self.user_manager, self.user_credit):
            for model, vals in (
                ('fulfilment.profile', {'exposure': 1}), ('fulfilment.profile', {'credit_grade_id': False}),
                ('fulfilment.profile.history', {'exposure': 1}), ('fulfilment.credit.assessment', {'score': 99}),
                ('fulfilment.credit.assessment', {'state': 'effective'}), ('fulfilment.credit.assessment', {'approval_state': 'approved'}),
                ('fulfilment.credit.line', {'grade_id': self.env['fulfilment.credit.grade'].search([], limit=1).id}),
                ('fulfilment.credit.line', {'sequence': 7}),
                ('fulfilment.credit.decision', {'outcome': 'released'}), ('fulfilment.tier.change', {'state': 'applied'}),
            ):
                with self.subTest(user=user.login, model=model, vals=vals), self.assertRaises(AccessError), self.env.cr.savepoint():
                    self.records['own'][model].with_user(user).write(vals)

    def test_a_limit_is_the_credit_controllers(self):
        line = self.records['own']['fulfilment.credit.line']
        # Tests track nothing unless asked to.
        tracked = line.with_user(self.user_credit).with_context(tracking_disable=False, mail_notrack=False)
        tracked.env.cr.flush()
        tracked.write({'limit': 99, 'valid_until': TODAY})
        self.assertEqual((line.limit, line.limit_source), (99, 'manual'))
        with self.assertRaises(AccessError):
            line.with_user(self.user_sales).limit = 10 ** 9
        self.env.cr.flush()
        self.assertIn((10, 99), line.message_ids.tracking_value_ids.mapped(lambda value: (value.old_value_float, value.new_value_float)))

    def test_dialogs_are_their_makers(self):
        preview = self.env['fulfilment.scorecard.preview'].with_user(self.user_credit).create({
            'scorecard_id': self.env.ref('fulfilment_crm.scorecard_standard').id, 'company_id': self.company_a.id,
        })
        line = self.env['fulfilment.scorecard.preview.line'].create({'preview_id': preview.id})
        release = self.env['fulfilment.credit.release'].with_user(self.user_credit).create({
            'order_id': self.records['own']['fulfilment.credit.decision'].order_id.id, 'reason': 'Secret',
        })
        test = self.env['fulfilment.churn.test'].with_user(self.user_leader).create({'company_id': self.company_a.id})
        for record, maker, other in (
            (preview, self.user_credit, self.user_manager), (line, self.user_credit, self.user_manager),
            (release, self.user_credit, self.user_manager), (test, self.user_leader, self.user_manager),
        ):
            with self.subTest(model=record._name):
                self.assertTrue(record.with_user(maker).read(['display_name']))
                with self.assertRaises(AccessError):
                    record.with_user(other).read(['display_name'])

    def test_credit_controllers_read_orders_and_change_none(self):
        order = self.records['own']['fulfilment.credit.decision'].order_id.with_user(self.user_credit)
        order.read(['name', 'amount_total', 'fulfilment_credit_text'])
        for operation in ('write', 'create', 'unlink'):
            self.assertFalse(order.has_access(operation), operation)
        other = self.records['b']['fulfilment.credit.decision'].order_id.with_user(self.user_credit)
        self.assertFalse(other.with_context(allowed_company_ids=self.company_a.ids).has_access('read'))

    def test_who_has_no_role_here_reads_odoos_records_as_ever(self):
        seller = self._make_user('f_seller', None, 'sales_team.group_sale_salesman_all_leads')
        order = self.records['own']['fulfilment.credit.decision'].order_id
        self.env['sale.order.line'].create({'order_id': order.id, 'product_id': self.product.id})
        for user, read in ((seller, (order, order.order_line, order.partner_id, self.company_a)), (self.user_plain, (order.partner_id,))):
            for records in read:
                with self.subTest(user=user.login, model=records._name):
                    found = records.with_user(user)
                    ours = [name for name in found.fields_get() if name.startswith('fulfilment_')]
                    found.read(ours)
                    found.web_search_read([('id', 'in', records.ids)], dict.fromkeys(ours, {}))

    def test_who_has_no_role_here_sells_as_ever(self):
        seller = self._make_user('f_seller', None, 'sales_team.group_sale_salesman_all_leads')
        for gate in (False, True):
            with self.subTest(gate=gate):
                self.company_a.fulfilment_credit_gate = gate
                order = self.env['sale.order'].with_user(seller).create({
                    'partner_id': self.customer.id, 'order_line': [Command.create({'product_id': self.product.id})],
                })
                order.write({'client_order_ref': "4711"})
                order.order_line.product_uom_qty = 2
                order.action_confirm()
                self.assertEqual(order.state, 'sale')
                order.order_line.product_uom_qty = 3
                order._action_cancel()
                order.action_draft()
                order.write({'state': 'sent'})
                self.assertEqual(order.copy().state, 'draft')

    # === TRIED FROM OUTSIDE === #

    def test_a_change_of_tier_is_for_whom_it_was_proposed(self):
        change = self.records['own']['fulfilment.tier.change'].with_user(self.user_leader)
        for vals in (
            {'profile_id': self.records['b']['fulfilment.profile'].id}, {'scale': 'value'}, {'direction': 'down'}, {'turnover': 5},
            {'claim_key': 'other'},
        ):
            with self.subTest(vals=vals), self.assertRaises(AccessError):
                change.write(vals)

    def test_conditions_ask_no_other_tables(self):
        tier, scorecard = self.env['fulfilment.tier'], self.env['fulfilment.scorecard']
        self.user_manager.company_ids = self.env['res.company'].search([])
        for domain in (
            "[('company_id.user_ids.partner_id.channel_ids.message_ids.body', 'ilike', 'secret')]",
            "[('partner_id.bank_ids.acc_number', '!=', False)]",
            "[('partner_id', 'any', [('email', '!=', False)])]", "[('assessment_ids', '!=', False)]", "[('nothing', '=', 1)]",
            "[('revenue_12m', '>', uid)]", "[(1, '=', 1)].__class__",
        ):
            for model in (tier, scorecard):
                with self.subTest(domain=domain, model=model._name), self.assertRaises(ValidationError):
                    model.with_user(self.user_manager).create({'name': 'Curious', 'domain': domain})
        for domain in (
            "[('partner_id.country_id', '!=', False), ('revenue_12m', '>=', 5)]", "[('credit_grade_id.code', 'in', ['AAA'])]", '[]',
        ):
            tier.with_user(self.user_manager).create({'name': 'Fair', 'domain': domain})

    def test_nothing_is_pushed_into_another_company(self):
        for model in COMPANY_RECORDS:
            record = self.records['own'][model].with_user(self.user_credit)
            with self.subTest(model=model), self.assertRaises(AccessError), self.env.cr.savepoint():
                record.company_id = self.company_b
        with self.assertRaises(AccessError):
            self.env['fulfilment.external.score'].with_user(self.user_credit).create({
                'partner_id': self.customer.id, 'source': 'Agency', 'score': 1, 'told': True,
            })

    def test_the_release_dialog_is_for_who_reads_the_order(self):
        order = self.records['b']['fulfilment.credit.decision'].order_id
        dialog = self.env['fulfilment.credit.release'].with_user(self.user_credit)
        with self.assertRaises(AccessError):
            dialog.create({'order_id': order.id, 'reason': 'x'})

    def test_profiles_of_other_companies_open_no_credit_line(self):
        line = self.records['own']['fulfilment.credit.line']
        self.env['fulfilment.profile'].create({'partner_id': line.partner_id.id, 'company_id': self.company_b.id})
        self.assertSees(self.user_sales_2, ['fulfilment.credit.line', 'fulfilment.external.score'], yes=False)

    def test_a_scorecard_in_use_is_not_put_away(self):
        with self.assertRaises(UserError):
            self.env.ref('fulfilment_crm.scorecard_standard').with_user(self.user_credit).active = False
