"""Strategies on a ledger: one letter a customer and level, once, and a trial that says what the run does."""
from datetime import timedelta

from freezegun import freeze_time

from odoo import api, fields
from odoo.exceptions import AccessError, ValidationError
from odoo.fields import Command
from odoo.tests import Form, tagged

from .common_profile import TODAY, ProfileCommon

MORNING = fields.Datetime.to_datetime(TODAY) + timedelta(hours=9)


class StrategyCommon(ProfileCommon):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env['res.company'].search([('id', '!=', cls.company.id)]).fulfilment_collection = False
        cls.env['fulfilment.collection.strategy'].search([]).action_archive()
        cls.Reminder = cls.env['fulfilment.reminder']
        cls.seller = cls._make_sales_user('st_seller')
        cls.credit = cls._make_role('st_credit', 'group_credit')
        cls.customer.write({'email': 'office@hengtong.example', 'user_id': cls.seller.id, 'lang': 'en_US'})
        cls.other.write({'email': 'office@other.example', 'user_id': cls.seller.id})
        cls.strategy = cls._strategy()
        cls.company.write({'fulfilment_collection': True, 'fulfilment_bank_account': 'NL91ABNA0417164300'})

    @classmethod
    def _strategy(cls, steps=((3, 'email'), (10, 'email'), (20, 'call')), **vals):
        return cls.env['fulfilment.collection.strategy'].create({
            'name': 'Test', 'company_id': cls.company.id, 'step_ids': [Command.create({
                'name': f'Level {number}', 'offset_days': days, 'channel': channel, 'quiet_days': 0,
                'template_id': cls.env.ref('fulfilment_crm.mail_template_dunning_first').id if channel in ('email', 'letter') else False,
            }) for number, (days, channel) in enumerate(steps, 1)], **vals,
        })

    def setUp(self):
        super().setUp()
        self.clock = freeze_time(MORNING)
        self.clock.start()
        self.addCleanup(self.clock.stop)

    def _at(self, days):
        """Travel to a day after TODAY."""
        self.clock.stop()
        self.clock = freeze_time(MORNING + timedelta(days=days))
        self.clock.start()

    def _profiles(self):
        self.Profile._refresh(companies=self.company)

    def _night(self):
        """What happens before the transaction ends, and the round of collection."""
        self.env.cr.flush()
        self._profiles()
        self.env.invalidate_all(flush=True)
        with self.enter_registry_test_mode(), self.registry.cursor() as cr:
            api.Environment(cr, api.SUPERUSER_ID, {})['fulfilment.payment.promise']._cron_collection()
        self.env.invalidate_all()
        return self.env['fulfilment.run'].search([('action', '=', 'collection')], limit=1)

    def _rows(self, partner=None):
        return self.Reminder.search([('customer_id', '=', (partner or self.customer).id), ('step_id', '!=', False)], order='id')

    def _told(self, partner=None):
        return [(row.step_id.name, row.claim_ids.mapped('move_name')) for row in self._rows(partner)]

    def _nights(self, days):
        for number in days:
            self._at(number)
            self._night()


@tagged('post_install', '-at_install')
class TestStrategy(StrategyCommon):

    def test_one_letter_a_customer_and_level(self):
        one, two = (self._invoice(self.customer, amount, TODAY, day=TODAY) for amount in (100, 50))
        later = self._invoice(self.customer, 10, TODAY + timedelta(days=7), day=TODAY)
        self._nights(range(0, 12))
        self.assertEqual(self._told(), [
            ('Level 1', [one.move_id.name, two.move_id.name]), ('Level 2', [one.move_id.name, two.move_id.name]),
            ('Level 1', [later.move_id.name]),
        ])
        row = self._rows()[0]
        self.assertEqual((row.amount_asked, row.state, row.partner_id, row.user_id), (150, 'sent', self.customer, self.seller))
        self.assertIn(one.move_id.name, row.mail_id.body_html)
        self.assertIn('NL91ABNA0417164300', row.mail_id.body_html)

    def test_repeated_it_does_nothing(self):
        self._invoice(self.customer, 100, TODAY, day=TODAY)
        self._at(3)
        self.assertEqual(self._night().counts['letters and calls'], 1)
        self.assertFalse(self._night().counts)
        self.assertEqual(len(self._rows()), 1)

    def test_down_for_a_while(self):
        self._invoice(self.customer, 100, TODAY, day=TODAY)
        self._nights([1, 40, 41, 47, 60])
        self.assertEqual([(name, row.as_of) for (name, _names), row in zip(self._told(), self._rows(), strict=True)], [
            ('Level 1', TODAY + timedelta(days=40)), ('Level 2', TODAY + timedelta(days=47)), ('Level 3', TODAY + timedelta(days=60)),
        ])

    def test_disputed_at_step_one_and_resolved_on_day_17(self):
        line = self._invoice(self.customer, 100, TODAY, day=TODAY)
        self._nights([3])
        dispute = self.env['fulfilment.dispute'].create({
            'move_id': line.move_id.id, 'reason_id': self.env.ref('fulfilment_crm.dispute_reason_price').id, 'amount': 100,
        })
        self._nights(range(4, 17))
        self.assertEqual(len(self._rows()), 1)
        self._at(17)
        dispute.action_reject(reason='Delivered')
        self._nights([17, 18, 26, 27])
        self.assertEqual([name for name, _names in self._told()], ['Level 1', 'Level 2', 'Level 3'])
        self.assertEqual(self._rows().mapped('as_of'), [TODAY + timedelta(days=number) for number in (3, 17, 27)])

    def test_only_what_is_not_disputed_or_promised_is_asked_for(self):
        line = self._invoice(self.customer, 100, TODAY, day=TODAY)
        self.env['fulfilment.dispute'].create({
            'move_id': line.move_id.id, 'reason_id': self.env.ref('fulfilment_crm.dispute_reason_price').id, 'amount': 40,
        })
        self.env['fulfilment.payment.promise'].create({
            'partner_id': self.customer.id, 'company_id': self.company.id, 'currency_id': self.company.currency_id.id, 'amount': 25,
            'date_promised': TODAY + timedelta(days=5),
        })
        self._nights([3])
        self.assertEqual((self._rows().amount_asked, self._rows().claim_ids.amount), (35, 35))
        self._nights([10])
        self.assertEqual(self._rows()[1].amount_asked, 60)

    def test_a_credit_on_the_account(self):
        self._invoice(self.customer, 100, TODAY, day=TODAY)
        self._entry('bank', self.customer, -100, TODAY)
        self._nights([3, 4])
        self.assertFalse(self._rows())

    def test_paid_and_undone(self):
        line = self._invoice(self.customer, 100, TODAY, day=TODAY)
        payment = self._pay(line, 100, TODAY)
        self._nights([3, 4])
        self.assertFalse(self._rows())
        payment.remove_move_reconcile()
        payment.move_id.button_draft()
        self._nights([5])
        self.assertEqual(len(self._rows()), 1)

    def test_posted_late(self):
        self._nights([1])
        self._at(8)
        self._invoice(self.customer, 100, TODAY, day=TODAY)
        self._night()
        self.assertEqual(len(self._rows()), 1)

    def test_quiet_days_count_all_that_was_written(self):
        self.strategy.step_ids.quiet_days = 5
        request = self.env['fulfilment.survey.request'].create({
            'claim_key': 'quiet', 'survey_id': self.env.ref('fulfilment_crm.survey_satisfaction').id, 'occasion': 'period',
            'company_id': self.company.id, 'commercial_partner_id': self.customer.id, 'date': TODAY,
        })
        request.sent_on = TODAY + timedelta(days=1)
        self._invoice(self.customer, 100, TODAY, day=TODAY)
        self._nights([3, 5])
        self.assertFalse(self._rows())
        self._nights([6])
        self.assertEqual(len(self._rows()), 1)

    def test_paused(self):
        self._invoice(self.customer, 100, TODAY, day=TODAY)
        self.env['fulfilment.reminder.pause'].create({
            'company_id': self.company.id, 'partner_id': self.customer.id, 'reason': 'Talks', 'date_from': TODAY,
            'date_to': TODAY + timedelta(days=5),
        })
        self._nights([3, 5])
        self.assertFalse(self._rows())
        self._nights([6])
        self.assertEqual(len(self._rows()), 1)

    def test_calls_are_to_dos_and_letters_wait_for_the_printer(self):
        self.strategy.step_ids.unlink()
        self.strategy.step_ids = [
            Command.create({'name': 'Call', 'offset_days': 1, 'channel': 'call', 'instructions': 'Ask why', 'quiet_days': 0}),
            Command.create({
                'name': 'Letter', 'offset_days': 2, 'channel': 'letter', 'quiet_days': 0,
                'template_id': self.env.ref('fulfilment_crm.mail_template_dunning_final').id,
            }),
        ]
        self.customer.write({'street': '1 Harbour Road', 'city': 'Ningbo'})
        self._invoice(self.customer, 100, TODAY, day=TODAY)
        self._nights([1, 2])
        call, letter = self._rows()
        self.assertEqual((call.state, letter.state), ('to_call', 'to_print'))
        to_do = self.customer.activity_ids
        self.assertEqual((to_do.user_id, to_do.date_deadline), (self.seller, TODAY + timedelta(days=1)))
        self.assertIn('Ask why', to_do.note)
        html = self.env['ir.actions.report'].with_user(self.credit)._render_qweb_html(
            'fulfilment_crm.report_reminder_letter', letter.ids,
        )[0].decode()
        self.assertIn('last demand', html)
        self.assertIn('Harbour Road', html)
        letter.with_user(self.credit).action_print_letters()
        self.assertEqual(letter.state, 'sent')

    def test_without_an_address_it_is_listed(self):
        self.customer.email = False
        self._invoice(self.customer, 100, TODAY, day=TODAY)
        self._nights([3])
        row = self._rows()
        self.assertEqual(row.state, 'failed')
        self.assertIn('Hengtong', row.reason)
        self.assertEqual(self.customer.activity_ids.user_id, self.seller)
        self.customer.email = 'office@hengtong.example'
        row.with_user(self.credit).action_retry()
        self.assertEqual(row.state, 'sent')

    def test_the_first_strategy_that_fits(self):
        strict = self._strategy([(1, 'email')], name='Strict', sequence=1, domain="[('receivable_open', '>', 500)]")
        self._invoice(self.customer, 1000, TODAY, day=TODAY)
        self._invoice(self.other, 100, TODAY, day=TODAY)
        self._nights([1, 3])
        self.assertEqual(self._rows().strategy_id, strict)
        self.assertEqual(self._rows(self.other).strategy_id, self.strategy)

    def test_a_branch_may_have_strategies_of_its_own(self):
        """What a branch has stands beside its root's; of its instalments each is asked for once, in the branch's own name."""
        branch = self._make_company('Branch', parent=self.company)
        for field, kind in (('property_account_receivable_id', 'asset_receivable'), ('property_account_payable_id', 'liability_payable')):
            self.env['ir.default'].set('res.partner', field, self._account(kind).id, company_id=branch.id)
        branch.fulfilment_collection = True
        own = self._strategy(steps=((1, 'call'),), name='Of the branch', company_id=branch.id, sequence=-5)
        due = TODAY - timedelta(days=5)
        of_root, of_branch = self._invoice(self.customer, 100, due), self._invoice(self.customer, 40, due, company=branch)
        self._night()
        told = {(row.company_id, row.strategy_id, row.claim_ids.move_name) for row in self._rows()}
        self.assertEqual(told, {
            (self.company, self.strategy, of_root.move_name), (branch, own, of_branch.move_name),
        })
        own.action_archive()
        later = self._invoice(self.customer, 60, due, company=branch)
        self._night()
        self.assertIn((branch, self.strategy), {(row.company_id, row.strategy_id) for row in self._rows()}, "its root's stands in")
        self.assertIn(later.move_name, self._rows().claim_ids.mapped('move_name'))

    def test_the_trial_is_the_run_row_by_row(self):
        for number in range(4):
            self._invoice(self.customer, 100 + number, TODAY + timedelta(days=number * 3), day=TODAY)
            self._invoice(self.other, 70, TODAY + timedelta(days=number), day=TODAY)
        self.strategy.step_ids.quiet_days = 2
        self._profiles()
        planned = self.strategy._simulated(self.company, 30)
        self.assertFalse(self._rows(), "trying it does nothing")
        self._nights(range(31))
        done = [
            (row.as_of, row.customer_id, row.step_id, set(row.claim_ids.move_line_id.ids), row.amount_asked)
            for row in (self._rows() | self._rows(self.other)).sorted(lambda one: (one.as_of, one.customer_id.id, one.offset_days))
        ]
        self.assertEqual([
            (one['day'], one['customer'], one['step'], set(one['keys']), one['amount']) for one in planned
        ], done)
        self.assertGreater(len(done), 8)

    def test_the_dialog_of_the_trial(self):
        self._invoice(self.customer, 100, TODAY, day=TODAY)
        self._profiles()
        action = self.strategy.with_user(self.credit).action_try()
        with Form(self.env[action['res_model']].with_user(self.credit).with_context(**action['context'])) as form:
            form.days = 10
        preview = form.record
        preview.action_count()
        self.assertEqual([(line.day, line.step_id.name) for line in preview.line_ids], [
            (TODAY + timedelta(days=3), 'Level 1'), (TODAY + timedelta(days=10), 'Level 2'),
        ])
        with self.assertRaises(AccessError):
            self.env[action['res_model']].with_user(self.seller).create({'strategy_id': self.strategy.id})

    def test_switched_off_nothing_happens(self):
        self.company.fulfilment_collection = False
        self._invoice(self.customer, 100, TODAY, day=TODAY)
        self._nights([3])
        self.assertFalse(self._rows())
        self.assertFalse(self.env['fulfilment.collection.position'].search([('company_id', '=', self.company.id)]))
        self.company.fulfilment_collection = True
        self._nights([4])
        self.assertEqual(len(self._rows()), 1)

    def test_the_preview_of_the_switch(self):
        self._invoice(self.customer, 100, TODAY - timedelta(days=3), day=TODAY - timedelta(days=30))
        self._profiles()
        [effect] = self.env['fulfilment.switch']._preview_collection(self.company)
        self.assertEqual((effect.count, effect.ids), (1, self.customer.ids))

    def test_who_reads_letters(self):
        self._invoice(self.customer, 100, TODAY, day=TODAY)
        self._nights([3])
        row, stranger = self._rows(), self._make_sales_user('st_other')
        self.assertTrue(row.with_user(self.seller).read(['customer_id', 'amount_asked', 'level_name', 'instalments_text']))
        self.assertTrue(row.with_user(self.seller).claim_ids.read(['move_name', 'amount']))
        with self.assertRaises(AccessError):
            row.with_user(stranger).read(['customer_id'])
        with self.assertRaises(AccessError):
            row.claim_ids.with_user(stranger).read(['amount'])
        with self.assertRaises(AccessError):
            row.with_user(self.seller).claim_ids.read(['move_line_id'])

    def test_steps_need_a_text_and_a_day_of_their_own(self):
        with self.assertRaises(ValidationError):
            self._strategy([(3, 'email'), (3, 'call')])
        with self.assertRaises(ValidationError):
            self.strategy.step_ids[0].template_id = False

    def test_as_many_queries_for_one_as_for_many(self):
        """But for what Odoo's own e-mails and addresses take, customer by customer."""
        customers = [self._make_customer(f'Many {number}', email=f'many{number}@a.example') for number in range(20)]
        for customer in customers:
            self._invoice(customer, 100, TODAY - timedelta(days=3), day=TODAY - timedelta(days=30))
        self._profiles()
        profiles = self.Profile.search([('partner_id', 'in', [one.id for one in customers]), ('company_id', '=', self.company.id)])

        def planned(some):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            letters, _again = self.strategy._planned(self.company, some, TODAY)
            return len(letters), self.env.cr.sql_log_count - before

        planned(profiles)
        self.assertEqual(planned(profiles[:1])[1], planned(profiles)[1])
        self.assertEqual(planned(profiles)[0], 20)

    def test_taken_by_another_run_meanwhile(self):
        self._invoice(self.customer, 100, TODAY - timedelta(days=3), day=TODAY - timedelta(days=30))
        self._profiles()
        profile = self.Profile.search([('partner_id', '=', self.customer.id), ('company_id', '=', self.company.id)])
        planned, _again = self.strategy._planned(self.company, profile, TODAY)
        self.assertEqual(len(self.Reminder._claim_planned(planned, TODAY)), 1)
        self.assertFalse(self.Reminder._claim_planned(planned, TODAY))
        self.assertFalse(self.Reminder._claim_planned(planned, TODAY + timedelta(days=1)), "nor on another day")
        self.assertEqual(len(self._rows().claim_ids), 1)

    def test_what_it_costs(self):
        self.company.fulfilment_hour_cost = 60
        self.strategy.step_ids[0].write({'minutes': 5, 'cost': 1.5})
        self._invoice(self.customer, 100, TODAY, day=TODAY)
        self._nights([3])
        self.assertEqual(self._rows().cost, 6.5)

    def test_the_shipped_strategy(self):
        shipped = self.env.ref('fulfilment_crm.collection_strategy_standard')
        self.assertEqual(shipped.step_ids.sorted('offset_days').mapped('channel'), ['email', 'email', 'call', 'letter', 'letter'])
        shipped.active = True
        self.strategy.active = False
        self.customer.write({'street': '1 Harbour Road', 'city': 'Ningbo'})
        self._invoice(self.customer, 1000, TODAY, day=TODAY)
        self._nights([5, 14, 21, 30, 45])
        self.assertEqual(len(self._rows()), 5)
        self.assertNotIn('failed', self._rows().mapped('state'))
