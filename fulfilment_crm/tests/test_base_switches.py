"""Nothing starts unasked: each mechanism waits for its switch, and then does what its preview said."""
from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import new_test_user, tagged

from .common import FulfilmentCommon
from .common_gate import GateCommon

EFFECTS = {  # what each mechanism leaves behind
    'reminders': 'fulfilment.reminder', 'care': 'fulfilment.care.task', 'surveys': 'fulfilment.survey.request',
    'warnings': 'fulfilment.alert', 'rewards': 'fulfilment.reward.grant',
}


class SwitchCommon(GateCommon):
    """A company with customers that every mechanism has something to say about, and nothing switched on."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env.ref('fulfilment_crm.scorecard_standard').data_share = 0  # of these customers little is known
        switches = cls.env['fulfilment.switch']
        cls.fields_of = {one.key: one.field for one in switches._mechanisms()}
        cls.company.write(dict.fromkeys(cls.fields_of.values(), False))
        cls.manager = new_test_user(
            cls.env, 'f_switch', groups='base.group_user,fulfilment_crm.group_manager', company_id=cls.company.id,
            company_ids=[Command.set(cls.company.ids)],
        )
        cls.seller = new_test_user(
            cls.env, 'f_seller', groups='base.group_user,fulfilment_crm.group_user', company_id=cls.company.id,
            company_ids=[Command.set(cls.company.ids)],
        )
        cls.stranger = new_test_user(
            cls.env, 'f_stranger', groups='base.group_user', company_id=cls.company.id, company_ids=[Command.set(cls.company.ids)],
        )
        cls.today = cls.company._fulfilment_today()[cls.company]
        cls.env['fulfilment.warning.rule'].search([]).active = False
        cls.warning = cls.env['fulfilment.warning.rule'].create({
            'name': 'Overdue', 'domain': "[('overdue_days_open', '>', 30)]", 'state': 'active', 'company_id': cls.company.id,
            'max_share': 100,
        })
        cls.env['fulfilment.reward.rule'].search([]).active = False
        cls.reward = cls.env['fulfilment.reward.rule'].create({
            'name': 'Buyers', 'domain': "[('revenue_12m', '>', 100)]", 'effect': 'training', 'training': 'Pumps', 'unit_cost': 10.0,
            'budget': 25.0, 'period': 'year', 'company_id': cls.company.id, 'is_notified': False,
        })
        cls.reward.action_activate()
        plan = cls.env.ref('fulfilment_crm.survey_plan_satisfaction')
        plan.write({'domain': '[]', 'company_id': cls.company.id})
        cls.tier = cls.env['fulfilment.tier'].create({'name': 'Cared for', 'domain': "[('revenue_12m', '>', 100)]", 'sequence': 0})
        cls.env['fulfilment.care.plan'].create({'tier_id': cls.tier.id, 'line_ids': [
            Command.create({'kind': 'call', 'number': 2, 'period': 'year'}),
        ]})
        cls.customers = cls.env['res.partner'].create([
            {'name': f'Buyer {number}', 'is_company': True, 'email': f'buyer{number}@example.com', 'user_id': cls.seller.id}
            for number in range(4)
        ])
        for customer in cls.customers:
            cls._invoice(customer, 1000.0, cls.today - timedelta(days=60), day=cls.today - timedelta(days=90))
        contract = cls.env['fulfilment.contract'].create({
            'title': 'Pumps', 'partner_id': cls.customers[0].id, 'company_id': cls.company.id, 'amount_total': 10.0,
            'type_id': cls.env.ref('fulfilment_crm.contract_type_service').id, 'user_id': cls.seller.id, 'date_start': cls.today,
            'milestone_ids': [Command.create({
                'name': 'Delivery', 'kind': 'delivery', 'obligor': 'us', 'date_planned': cls.today + timedelta(days=3),
            })],
        })
        FulfilmentCommon._bring_to(contract, 'active')

    def _counts(self):
        return {
            **{key: self.env[model].search_count(
                [('company_id', '=', self.company.id), *([('state', '!=', 'skipped')] if key == 'reminders' else [])],
            ) for key, model in EFFECTS.items()},
            'mails': self.env['mail.mail'].search_count([]),
            'to-dos': self.env['mail.activity'].search_count([('user_id', 'in', (self.seller | self.manager | self.stranger).ids)]),
            'approvals': self.env['fulfilment.approval'].search_count([('company_id', '=', self.company.id)]),
        }

    run_cron = FulfilmentCommon.run_cron

    def _day(self, day):
        for model, method in self.env['fulfilment.run']._day_actions():
            self.run_cron(model, method, as_of=day)

    def _switch(self, key):
        """The card of a mechanism, as the manager opens it from the menu."""
        action = self.env['fulfilment.switch'].with_user(self.manager).with_company(self.company).action_open_page()
        return self.env['fulfilment.switch'].with_user(self.manager).search([*action['domain'], ('mechanism', '=', key)])


@tagged('post_install', '-at_install', 'fulfilment_heavy')
class TestSwitches(SwitchCommon):

    def test_a_week_after_installation_nothing_has_happened(self):
        before = self._counts()
        for days in range(8):
            self._day(self.today + timedelta(days=days))
        self.assertEqual(self._counts(), before)
        self.assertFalse(self.env['sale.order'].search([('fulfilment_credit_state', '!=', False), ('company_id', '=', self.company.id)]))
        graded = self.env['fulfilment.credit.line'].search([('company_id', '=', self.company.id), ('partner_id', 'in', self.customers.ids)])
        self.assertTrue(graded.grade_id, "first grades are recorded, and ask nobody")
        self.assertEqual(
            len(self.env['fulfilment.profile'].search([('company_id', '=', self.company.id), ('partner_id', 'in', self.customers.ids)])), 4,
        )

    def test_each_does_what_its_preview_said(self):
        self._day(self.today)
        for key in EFFECTS:
            with self.subTest(mechanism=key):
                switch, before = self._switch(key), self._counts()
                with self.assertRaisesRegex(UserError, "Look first"):
                    switch.action_switch_on()
                self.assertEqual(switch.action_preview()['res_id'], switch.id)
                self.assertEqual(self._counts(), before, "looking does nothing")
                foreseen = sum(one.count for one in switch.effect_ids if one.name != "Customers nobody is responsible for")
                self.assertTrue(foreseen)
                switch.action_switch_on()
                self.assertTrue(self.company[self.fields_of[key]])
                self._day(self.today)
                self.assertEqual(self._counts()[key] - before[key], foreseen)
                for other in EFFECTS.keys() - {key}:
                    self.assertEqual(self._counts()[other], before[other], f"switching {key} on starts nothing of {other}")
                self._switch(key).action_switch_off()
                self.assertFalse(self.company[self.fields_of[key]])

    def test_the_preview_names_its_records(self):
        self._day(self.today)
        switch = self._switch('warnings')
        switch.action_preview()
        self.assertEqual((switch.effect_ids.name, switch.effect_ids.count), ("Overdue", 4))
        action = switch.effect_ids.action_open_records()
        profiles = self.env['fulfilment.profile'].with_user(self.manager).search(action['domain'])
        self.assertEqual(profiles.partner_id, self.customers)
        rewards = self._switch('rewards')
        rewards.action_preview()
        self.assertEqual((rewards.effect_ids.count, rewards.effect_ids.note), (2, "2 more are beyond the budget."))

    def test_grades_change_only_when_switched_on(self):
        self._day(self.today)
        lines = self.env['fulfilment.credit.line'].search([('company_id', '=', self.company.id), ('partner_id', 'in', self.customers.ids)])
        best, was = self.env['fulfilment.credit.grade'].search([], limit=1), lines[0].grade_id
        self.assertNotEqual(best, was)
        lines[0].sudo().grade_id = best
        later = fields.Date.add(self.today, months=3)
        approvals = self._counts()['approvals']
        self._day(later)
        self.assertEqual(lines[0].grade_id, best)
        self.assertEqual(self._counts()['approvals'], approvals)
        self.company.fulfilment_grade_rounds = True
        self._day(later)
        changed = self.env['fulfilment.credit.assessment'].search([('partner_id', '=', lines[0].partner_id.id), ('change', '=', 'down')])
        self.assertEqual(changed.state, 'in_approval')

    def test_the_preview_of_grades_leaves_nothing(self):
        self._day(self.today)
        lines = self.env['fulfilment.credit.line'].search([('company_id', '=', self.company.id), ('partner_id', 'in', self.customers.ids)])
        lines[0].sudo().grade_id = self.env['fulfilment.credit.grade'].search([], limit=1)
        self.env['fulfilment.credit.assessment'].search([('company_id', '=', self.company.id)]).sudo().unlink()
        switch = self._switch('grades')
        switch.action_preview()
        self.assertEqual([(one.name, one.count) for one in switch.effect_ids], [("Grades lowered", 1)])
        self.assertFalse(self.env['fulfilment.credit.assessment'].search([('company_id', '=', self.company.id)]))

    def test_the_preview_of_the_gate(self):
        self._limit(self.customers[0], 500)
        held = self._quote(100.0, self.customers[0])
        self._quote(100.0, self.customers[1])
        switch = self._switch('gate')
        switch.action_preview()
        self.assertEqual([(one.name, one.record_ids) for one in switch.effect_ids], [("Open quotations held when confirmed", held.ids)])
        self.assertFalse(held.fulfilment_credit_decision_ids)
        switch.action_switch_on()
        held.action_confirm()
        self.assertHeld(held)

    def test_who_may_switch(self):
        self.company.fulfilment_care = False
        for user in (self.seller, self.stranger, self.credit):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                self.env['fulfilment.switch'].with_user(user).action_open_page()
        switch = self._switch('care')
        with self.assertRaises(AccessError):
            switch.with_user(self.seller).action_switch_off()
        other = self._make_company('Elsewhere')
        with self.assertRaises(AccessError):
            foreign = self.env['fulfilment.switch'].with_user(self.manager).create({'mechanism': 'care', 'company_id': other.id})
            foreign.action_preview()

    def test_a_branch_begins_as_its_main_company(self):
        self.company.fulfilment_care = True
        branch = self._make_company('Branch', parent=self.company)
        self.assertTrue(branch.fulfilment_care)
        self.assertFalse(branch.fulfilment_warnings)
        switch = self._switch('warnings')
        switch.action_preview()
        switch.action_switch_on()
        self.assertTrue(branch.fulfilment_warnings)

    def test_colleagues_without_a_role_get_no_to_dos(self):
        self._day(self.today)
        self.company.write({'fulfilment_care': True, 'fulfilment_warnings': True})
        self.customers.user_id = self.stranger
        self._day(self.today)
        self.assertFalse(self.env['mail.activity'].search([('user_id', '=', self.stranger.id)]))
        self.assertFalse(self.env['fulfilment.care.task'].search([('company_id', '=', self.company.id)]))

    def test_many_alerts_ask_again(self):
        self._day(self.today)
        self.company.write({'fulfilment_warnings': True, 'fulfilment_alerts_at_once': 3})
        self.run_cron('fulfilment.alert', '_cron_warnings', as_of=self.today)
        self.assertEqual(self.warning.state, 'paused')
        self.assertIn("4 alerts at once, more than 3", self.warning.paused_reason)
        self.assertFalse(self.env['fulfilment.alert'].search([('rule_id', '=', self.warning.id)]))
        self.warning.with_user(self.manager).action_activate()
        one_more = self.env['res.partner'].create({'name': 'One more', 'is_company': True, 'user_id': self.seller.id})
        self._invoice(one_more, 1000.0, self.today - timedelta(days=60), day=self.today - timedelta(days=90))
        self.run_cron('fulfilment.profile', '_cron_profile', as_of=self.today)
        self.run_cron('fulfilment.alert', '_cron_warnings', as_of=self.today)
        self.assertEqual(self.warning.state, 'active')
        self.assertEqual(len(self.env['fulfilment.alert'].search([('rule_id', '=', self.warning.id)])), 5, "and what came since")
        self.assertFalse(self.warning.at_once, "agreed to once")

    def test_the_preview_says_which_rule_would_be_paused(self):
        self._day(self.today)
        self.company.fulfilment_alerts_at_once = 3
        switch = self._switch('warnings')
        switch.action_preview()
        self.assertIn("4 alerts at once, more than 3", switch.effect_ids.note)

    def test_falls_of_scores_are_kept_silently(self):
        scores = self.env['fulfilment.external.score']
        for day, score in ((self.today - timedelta(days=9), 90), (self.today, 40)):
            scores.create({
                'partner_id': self.customers[0].id, 'company_id': self.company.id, 'date': day, 'source': 'Agency', 'score': score,
            })
        self.assertFalse(self.env['mail.activity'].search([('res_id', '=', self.customers[0].id), ('res_model', '=', 'res.partner')]))
        self.company.fulfilment_grade_rounds = True
        self.run_cron('fulfilment.credit.assessment', '_cron_credit', as_of=self.today)
        self.assertFalse(self.env['mail.activity'].search([('res_id', '=', self.customers[0].id), ('res_model', '=', 'res.partner')]))
