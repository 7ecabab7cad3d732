"""Alerts: raised once, closed by themselves, escalated, told once a day."""
import random
from datetime import timedelta

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged, users

from ..models.warning.alert import HOLDING
from .common import TODAY
from .common_warning import WarningCommon


@tagged('post_install', '-at_install', 'fulfilment_heavy')
class TestWarnings(WarningCommon):

    # === ONCE, WHILE IT HOLDS === #

    def test_edge_of_the_threshold(self):
        self.profile.overdue_days_open = 30
        self.go()
        self.assertFalse(self.alerts())
        self.profile.overdue_days_open = 31
        run = self.go()
        alert = self.alerts()
        self.assertRecordValues(alert, [{
            'state': 'open', 'severity': '1', 'partner_id': self.customer.id, 'company_id': self.company_a.id,
            'user_id': self.user_sales.id, 'raised_on': TODAY, 'record_name': self.customer.display_name,
        }])
        self.assertEqual(alert.figures, {'overdue_days_open': 31})
        self.assertEqual(run.counts['alerts raised'], 1)

    def test_no_data_is_not_zero(self):
        rule = self._make_rule(domain="[('overdue_days_open', '<', 5)]")
        self.go()
        self.assertFalse(self.alerts(rule), "nothing is known about the customer")

    def test_repeated_runs_raise_and_write_nothing(self):
        self.profile.overdue_days_open = 40
        self.go()
        alert = self.alerts()
        before = (alert.write_date, alert.message_ids, self.env['mail.activity'].search([('res_model', '=', 'fulfilment.alert')]))
        run = self.go()
        self.assertEqual(self.alerts(), alert)
        self.assertEqual(
            (alert.write_date, alert.message_ids, self.env['mail.activity'].search([('res_model', '=', 'fulfilment.alert')])), before,
        )
        self.assertFalse(run.counts)

    def test_closes_by_itself_and_comes_back_as_another(self):
        self.profile.overdue_days_open = 40
        self.go()
        first = self.alerts()
        first.with_user(self.user_sales).action_acknowledge()
        first.with_user(self.user_sales).action_handle(reason='Promised for Friday')
        self.go(1)
        self.assertEqual(first.state, 'handled', "it still holds, so nothing new is raised")
        self.assertEqual(self.alerts(), first)
        self.profile.overdue_days_open = 0
        self.go(2)
        self.assertRecordValues(first, [{'state': 'closed', 'closed_on': TODAY + timedelta(days=2), 'open_key': False}])
        self.assertFalse(first.activity_ids)
        self.profile.overdue_days_open = 35
        self.go(3)
        self.assertEqual(len(self.alerts()), 2)
        self.assertEqual(self.alerts()[1].state, 'open')
        self.assertEqual(self.alerts()[1].figures, {'overdue_days_open': 35})
        self.assertEqual(first.state, 'closed', "what was closed stays so")

    def test_quiet_days(self):
        self.rule.quiet_days = 7
        self.profile.overdue_days_open = 40
        self.go()
        self.profile.overdue_days_open = 0
        self.go(1)
        self.profile.overdue_days_open = 40
        self.go(7)
        self.assertEqual(len(self.alerts()), 1, "closed on day 1, quiet until day 8")
        self.go(8)
        self.assertEqual(len(self.alerts()), 2)

    def test_shows_what_has_changed(self):
        self.profile.write({'overdue_days_open': 40, 'receivable_overdue': 1000.0})
        self.rule.domain = "[('overdue_days_open', '>', 30), ('receivable_overdue', '>', 0), ('user_id', '!=', False)]"
        self.go()
        self.profile.overdue_days_open = 55
        alert = self.alerts().with_user(self.user_sales)
        table = alert.figures_table
        self.assertIn('40', table)
        self.assertIn('55', table)
        self.assertIn(self.user_sales.name, table)
        self.profile.unlink()
        alert.invalidate_recordset()
        self.assertIn('40', alert.figures_table)
        self.assertNotIn('55', alert.figures_table)

    def test_figures_are_no_markup(self):
        self.customer.name = '<img src=x onerror=alert(1)>'
        rule = self._make_rule(domain="[('partner_id.name', 'like', 'onerror')]", model='fulfilment.profile')
        self.go()
        alert = self.alerts(rule)
        self.assertEqual(len(alert), 1)
        self.assertNotIn('<img', alert.figures_table)

    def test_record_gone(self):
        self.profile.overdue_days_open = 40
        self.go()
        self.profile.unlink()
        self.go(1)
        self.assertEqual(self.alerts().state, 'closed')

    def test_customers_merged(self):
        other = self._make_profile(self.other_customer, overdue_days_open=50)
        self.profile.overdue_days_open = 40
        self.go()
        self.assertEqual(len(self.alerts()), 2)
        self.env['base.partner.merge.automatic.wizard'].create({})._merge(
            (self.customer | self.other_customer).ids, self.customer, extra_checks=False,
        )
        self.assertFalse(other.exists())
        self.assertEqual(self.alerts().partner_id, self.customer)
        self.env['fulfilment.profile'].search([('partner_id', '=', self.customer.id)]).sudo().overdue_days_open = 50
        self.go(1)
        self.assertEqual(self.alerts().mapped('state').count('open'), 1)
        self.assertEqual(self.alerts().filtered(lambda one: one.state == 'open').res_id, self.profile.id)

    # === WHAT IS WATCHED === #

    def test_contract_milestone_and_ticket(self):
        contract = self._make_contract('active', date_end=TODAY + timedelta(days=60))
        late = self._make_milestone(contract, -7)
        self._make_milestone(contract, -6, name='Not yet')
        rules = {
            'fulfilment.contract': "[('state', '=', 'active'), ('date_end', '!=', False), ('days_to_end', '<=', 60)]",
            'fulfilment.milestone': "[('is_late', '=', True), ('days_late', '>=', 7)]",
            'fulfilment.ticket': "[('ticket_type', '=', 'complaint'), ('kind', 'in', ['new', 'progress']), ('days_open', '>=', 7)]",
        }
        rules = {model: self._make_rule(name=model, model=model, domain=domain) for model, domain in rules.items()}
        ticket = self.env['fulfilment.ticket'].create({
            'title': 'Leak', 'ticket_type': 'complaint', 'company_id': self.company_a.id, 'partner_id': self.contact.id,
            'contract_id': contract.id, 'user_id': self.user_service.id,
        })
        ticket.sudo().received_on = f'{TODAY - timedelta(days=6)} 08:00:00'
        self.go(-1)
        for model, rule in rules.items():
            self.assertFalse(self.alerts(rule), model)
        self.go()
        self.assertEqual(self.alerts(rules['fulfilment.contract']).contract_id, contract)
        self.assertEqual(self.alerts(rules['fulfilment.milestone']).res_id, late.id)
        self.assertFalse(self.alerts(rules['fulfilment.ticket']))
        self.go(1)
        alert = self.alerts(rules['fulfilment.ticket'])
        self.assertEqual((alert.partner_id, alert.contract_id, alert.user_id), (self.customer, contract, self.user_service))
        self.assertEqual(len(self.alerts(rules['fulfilment.milestone'])), 2)
        ticket.with_user(self.user_service).action_cancel(reason='Twice')
        self.go(2)
        self.assertEqual(alert.state, 'closed')

    def test_two_companies(self):
        self.profile.overdue_days_open = 40
        of_b = self._make_profile(self.customer, self.company_b, overdue_days_open=40, user_id=self.user_b.id)
        everywhere = self._make_rule(company_id=False)
        self.go()
        self.assertEqual(self.alerts().res_id, self.profile.id)
        self.assertEqual(set(self.alerts(everywhere).mapped('res_id')), {self.profile.id, of_b.id})
        seen = self.env['fulfilment.alert'].with_user(self.user_b).search([])
        self.assertEqual(seen.res_id, of_b.id)

    def test_days_are_searched_as_they_are_read(self):
        """Milestones, contracts and tickets: what a condition on days finds is what the field says, on any day."""
        contracts = self.env['fulfilment.contract'].browse()
        for days in (-5, 0, 3, 60, None):
            end = days is not None and TODAY + timedelta(days=days)
            contracts |= self._make_contract('active', date_start=TODAY - timedelta(days=90), date_end=end)
        milestones = self.env['fulfilment.milestone'].browse()
        for days in (-40, -7, -1, 0, 5):
            milestones |= self._make_milestone(contracts[-1], days)
        milestones[0].sudo().write({'state': 'done', 'date_done': TODAY - timedelta(days=30)})
        tickets = self.env['fulfilment.ticket'].create([{'title': str(days), 'company_id': self.company_a.id} for days in range(4)])
        for days, ticket in enumerate(tickets):
            ticket.sudo().received_on = f'{TODAY - timedelta(days=days)} 12:00:00'
        for shift in (-3, 0, 8):
            for records, name in ((contracts[:-1], 'days_to_end'), (milestones, 'days_late'), (tickets, 'days_open')):
                own = records.with_context(as_of=TODAY + timedelta(days=shift))
                values = {record: record[name] for record in own}
                for operator in ('<', '<=', '>', '>=', '=', '!='):
                    for number in (-2, 0, 3, 7, 10):
                        wanted = own.filtered_domain([(name, operator, number)])
                        found = own.search([('id', 'in', own.ids), (name, operator, number)])
                        self.assertEqual(found.sorted('id'), wanted.sorted('id'), (name, operator, number, shift, list(values.values())))

    # === WHO IS TOLD === #

    def test_owners(self):
        self.profile.overdue_days_open = 40
        credit_2 = self._make_user('f_credit_2', 'group_credit')
        by_person = self._make_rule(owner_kind='user', user_id=self.user_credit.id)
        by_role = self._make_rule(owner_kind='group', group_id=self.env.ref('fulfilment_crm.group_credit').id)
        nobody = self._make_rule(owner_kind='user', user_id=self.user_plain.id)
        self.go()
        self.assertEqual(self.alerts(by_person).user_id, self.user_credit)
        self.assertEqual(self.alerts(by_role).user_id, credit_2, "who has fewer alerts")
        self.assertEqual(self.alerts(nobody).user_id, self.user_manager, "who has no role cannot open it")

    def test_owner_has_left(self):
        self.profile.overdue_days_open = 40
        self.user_sales.active = False
        self.go()
        self.assertEqual(self.alerts().user_id, self.user_manager)
        self.company_a.fulfilment_manager_id = False
        other = self._make_profile(self.other_customer, overdue_days_open=40)
        self.go()
        self.assertFalse(self.alerts().filtered(lambda one: one.res_id == other.id).user_id)

    def test_to_do_and_one_mail_a_day(self):
        self._many_profiles(3, overdue_days_open=40)
        for _index in range(25):  # so that the rule does not fit most customers
            self._many_profiles(1)
        self.go()
        alerts = self.alerts()
        self.assertEqual(alerts.activity_ids.user_id, self.user_sales)
        self.assertEqual(len(alerts.activity_ids), 3)
        digest = alerts.digest_id
        self.assertEqual((len(digest), digest.state, digest.user_id), (1, 'sent', self.user_sales))
        mails = self.env['mail.mail'].sudo().search([('model', '=', 'fulfilment.alert.digest'), ('res_id', '=', digest.id)])
        self.assertEqual(len(mails), 1)
        for alert in alerts:
            self.assertIn(alert.record_name, mails.body_html)
        later = self._make_profile(self.other_customer, overdue_days_open=40)
        self.go()
        late = self.alerts().filtered(lambda one: one.res_id == later.id)
        self.assertTrue(late.activity_ids)
        self.assertFalse(late.digest_id, "one mail a day")
        self.go(1)
        self.assertTrue(late.digest_id)
        self.assertNotEqual(late.digest_id, digest)

    def test_mail_off_and_no_address(self):
        self.profile.overdue_days_open = 40
        self.company_a.fulfilment_alert_digest = False
        self.go()
        self.assertFalse(self.alerts().digest_id)
        self.company_a.fulfilment_alert_digest = True
        self.user_sales.email = False
        self.go()
        self.assertEqual(self.alerts().digest_id.state, 'no_address')
        self.assertFalse(self.env['mail.mail'].sudo().search([('model', '=', 'fulfilment.alert.digest')]))

    def test_escalates_once_unless_somebody_looks(self):
        seen = self._make_profile(self.other_customer, overdue_days_open=40)
        self.profile.overdue_days_open = 40
        self.rule.escalation_days = 2
        self.go()
        alert, looked_at = self.alerts().sorted(lambda one: one.res_id == seen.id)
        looked_at.with_user(self.user_sales).action_acknowledge()
        self.go(2)
        self.assertFalse(alert.escalated_on, "the second working day is not over")
        self.go(3)
        self.assertEqual(alert.escalated_to_id, self.user_leader)
        to_do = alert.activity_ids.filtered(lambda one: one.user_id == self.user_leader)
        self.assertEqual(len(to_do), 1)
        self.assertFalse(looked_at.escalated_on)
        self.go(4)
        self.assertEqual(alert.activity_ids.filtered(lambda one: one.user_id == self.user_leader), to_do)
        self.assertTrue(alert.with_user(self.user_leader).has_access('write'))

    def test_handed_over(self):
        self.profile.overdue_days_open = 40
        self.go()
        alert = self.alerts()
        alert.with_user(self.user_leader).user_id = self.user_sales_2
        self.assertEqual(alert.activity_ids.user_id, self.user_sales_2)
        self.assertFalse(alert.digest_id)
        self.go(1)
        self.assertEqual(alert.digest_id.user_id, self.user_sales_2)

    # === MOVES === #

    def test_moves(self):
        self.profile.overdue_days_open = 40
        self.go()
        alert = self.alerts().with_user(self.user_sales)
        self.assertEqual(alert.action_handle()['res_model'], 'fulfilment.reason')
        self.assertEqual(alert.state, 'open')
        alert.action_acknowledge()
        with self.assertRaisesRegex(UserError, 'seen'):
            alert.action_acknowledge()
        alert.action_handle(reason='Called')
        self.assertRecordValues(alert, [{'state': 'handled', 'note': 'Called', 'handled_by_id': self.user_sales.id}])
        self.assertFalse(alert.activity_ids)
        for move in (alert.action_acknowledge, lambda: alert.action_handle(reason='Again')):
            with self.assertRaises(UserError):
                move()
        alert.sudo()._close('Test', {self.company_a: TODAY})
        with self.assertRaisesRegex(UserError, 'no longer holds'):
            alert.action_acknowledge()

    def test_others_neither_see_nor_handle(self):
        self.profile.overdue_days_open = 40
        self.go()
        for user in (self.user_sales_2, self.user_b):
            with self.assertRaises(AccessError):
                self.alerts().with_user(user).action_acknowledge()
        for user in (self.user_inspector, self.user_legal):
            self.assertTrue(self.alerts().with_user(user).record_name)
            with self.assertRaises(AccessError):
                self.alerts().with_user(user).action_acknowledge()

    @users('f_sales', 'f_manager')
    def test_state_is_set_by_actions_only(self):
        alert = self._make_alert(self._make_contract('active')).with_user(self.env.user)
        for vals in ({'state': 'closed'}, {'figures': {'x': 1}}, {'severity': '3'}, {'note': 'x'}, {'escalate_on': '2031-01-01 10:00:00'}):
            with self.assertRaises(AccessError):
                alert.write(vals)

    # === SET-BASED === #

    def test_as_many_queries_for_fifty_as_for_one(self):
        def raise_for(profiles):
            days = dict.fromkeys(self.companies, TODAY)
            moments = dict.fromkeys(self.companies, self.env.cr.now())
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            alerts = self.env['fulfilment.alert']._raise_for(self.rule, profiles, days, moments)
            self.env.flush_all()
            self.assertEqual(len(alerts), len(profiles))
            return self.env.cr.sql_log_count - before

        raise_for(self._many_profiles(1, overdue_days_open=40))
        one, fifty = raise_for(self._many_profiles(1, overdue_days_open=40)), raise_for(self._many_profiles(50, overdue_days_open=40))
        self.assertLessEqual(fifty, one + 4)  # rows are inserted a hundred at a time, recipients looked up in one go

    def test_a_round_without_news_asks_once_a_rule(self):
        self._many_profiles(10, overdue_days_open=40)
        self._many_profiles(30)
        days = dict.fromkeys(self.companies, TODAY)
        self.rule.company_id = False
        self.go()
        self.assertEqual(self.rule._compare(days, TODAY), ([], []))
        with self.assertQueryCount(1):
            self.rule._compare(days, TODAY)

    def test_one_alert_while_it_holds_in_random_lives(self):
        """Customers whose figure goes up and down for sixty days, against what a ledger of holding days says."""
        chance = random.Random(7)
        profiles = self._many_profiles(12)
        self._many_profiles(30)
        held = dict.fromkeys(profiles, False)
        raised = dict.fromkeys(profiles, 0)
        self.company_a.fulfilment_alert_digest = False
        for day in range(20):
            for profile in profiles:
                value = chance.choice([None, 0, 30, 31, 90])
                profile.overdue_days_open = value
                holds = value is not None and value > 30
                raised[profile] += holds and not held[profile]
                held[profile] = holds
            for _again in range(chance.choice([1, 2])):
                self.go(day)
            holding = self.alerts().filtered(lambda one: one.state in HOLDING)
            self.assertEqual(set(holding.mapped('res_id')), {profile.id for profile in profiles if held[profile]})
            self.assertEqual(len(holding), len(set(holding.mapped('res_id'))))
        for profile in profiles:
            self.assertEqual(len(self.alerts().filtered(lambda one, profile=profile: one.res_id == profile.id)), raised[profile])
