"""Warning rules that cannot be used, or tell too much: refused or paused with a clear word, while the others go on."""

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

from .common import TODAY
from .common_warning import WarningCommon


@tagged('post_install', '-at_install')
class TestWarningRules(WarningCommon):

    def test_refused(self):
        rules = self.env['fulfilment.warning.rule'].with_user(self.user_manager)
        for domain, words in (
            ('[]', 'every record'), ("[('no_such', '=', 1)]", 'no_such'), ("[('id', '>'", 'cannot be used'),
            ("[('partner_id.child_ids.bank_ids', '!=', False)]", 'beyond the profile'), ("[(1, '=', 1)]", 'every record'),
            ("[('last_order_on', '<', 'today -30d')]", 'number of days'),
        ):
            with self.subTest(domain=domain), self.assertRaisesRegex(ValidationError, words):
                rules.create({'name': 'Bad', 'domain': domain})
        with self.assertRaisesRegex(ValidationError, 'number of days'):
            rules.create({'name': 'Bad', 'model': 'fulfilment.contract', 'domain': "[('date_end', '<', 'today +60d')]"})
        with self.assertRaisesRegex(ValidationError, 'role'):
            rules.create({'name': 'Bad', 'domain': "[('id', '=', 1)]", 'owner_kind': 'group'})
        with self.assertRaisesRegex(ValidationError, 'names nobody'):
            rules.create({
                'name': 'Bad', 'domain': "[('id', '=', 1)]",
                'owner_field_id': self.env.ref('fulfilment_crm.field_fulfilment_profile__partner_id').id,
            })

    def test_a_condition_names_only_what_its_author_may_read(self):
        rules = self.env['fulfilment.warning.rule'].with_user(self.user_manager)
        oracle = {
            'name': 'Oracle', 'company_id': self.company_a.id, 'model': 'fulfilment.ticket',
            'domain': "[('invoice_id.amount_total', '>', 1000)]",
        }
        with self.assertRaises(AccessError):
            rules.create(oracle)
        rule = rules.create({**oracle, 'domain': "[('days_open', '>', 30)]"})
        with self.assertRaises(AccessError):
            rule.domain = oracle['domain']

    def test_field_removed(self):
        field = self.env['ir.model.fields'].create({
            'name': 'x_region', 'field_description': 'Region', 'model_id': self.env['ir.model']._get_id('fulfilment.contract'),
            'ttype': 'char',
        })
        bad = self._make_rule(model='fulfilment.contract', domain="[('x_region', '=', 'North')]", sequence=1)
        field.unlink()
        self.profile.overdue_days_open = 40
        run = self.go()
        self.assertEqual(bad.state, 'paused')
        self.assertIn('x_region', bad.paused_reason)
        self.assertEqual(run.problem_ids.res_id, bad.id)
        self.assertEqual(len(self.alerts()), 1, "the others go on")
        with self.assertRaises(UserError):
            bad.with_user(self.user_manager).action_activate()

    def test_fits_almost_everything(self):
        self.env['fulfilment.profile'].search([]).sudo().unlink()
        some = self._many_profiles(19, overdue_days_open=40)
        self.go()
        self.assertEqual(len(self.alerts()), 19, "few records may all be fitted")
        self.env['fulfilment.alert'].search([]).unlink()
        some |= self._many_profiles(1, overdue_days_open=40)
        run = self.go()
        self.assertEqual(self.rule.state, 'paused')
        self.assertIn('20 of 20', self.rule.paused_reason)
        self.assertFalse(self.alerts())
        self.assertEqual(run.counts['rules paused'], 1)
        with self.assertRaisesRegex(UserError, '20 of 20'):
            self.rule.with_user(self.user_manager).action_activate()
        self._many_profiles(20)
        self.rule.with_user(self.user_manager).action_activate()
        self.go()
        self.assertEqual(len(self.alerts()), 20, "exactly half is not more than half")

    def test_only_rules_that_watch(self):
        self.profile.overdue_days_open = 40
        draft, paused = self._make_rule('draft'), self._make_rule()
        paused.with_user(self.user_manager).action_pause(reason='Holiday')
        self.go()
        self.assertFalse(self.alerts(draft) | self.alerts(paused))
        self.rule.action_archive()
        self.assertEqual(self.alerts().state, 'closed')

    def test_used_rules_stay(self):
        self.profile.overdue_days_open = 40
        self.go()
        with self.assertRaisesRegex(UserError, 'stay on record'):
            self.rule.unlink()
        with self.assertRaisesRegex(UserError, 'another rule'):
            self.rule.model = 'fulfilment.contract'

    def test_shipped_rules_can_be_used(self):
        rules = self.env['fulfilment.warning.rule'].with_context(active_test=False).search([('company_id', '=', False)])
        self.assertEqual(len(rules), 13)
        for rule in rules:
            with self.subTest(rule=rule.name):
                self.assertTrue(rule.explanation)
                rule._check_domain()
                rule._check_watchable()
                rule._compare({self.company_a: TODAY}, TODAY)
