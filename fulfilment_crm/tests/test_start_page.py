"""The start page: every number opens what it counts, as the user, in few queries."""
import json
from datetime import timedelta

from dateutil.relativedelta import relativedelta

from odoo import fields
from odoo.fields import Command
from odoo.tests import tagged

from ..models.profile.history import _month_end
from ..models.start.cards import LAYOUT, SECTIONS
from ..models.start.charts import CHARTS
from .common import FulfilmentCommon
from .common_profile import LedgerMixin

MOST_QUERIES = 12


@tagged('post_install', '-at_install', 'fulfilment_heavy')
class TestStartPage(LedgerMixin, FulfilmentCommon):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.today = cls.company_a._fulfilment_today()[cls.company_a]
        cls.users = {
            'manager': cls.user_manager, 'credit': cls.user_credit, 'service': cls.user_service, 'legal': cls.user_legal,
            'sales': cls.user_sales, 'inspector': cls.user_inspector,
        }
        cls._fill_world()

    @classmethod
    def _fill_world(cls):
        """Something for every card of everybody, in both companies."""
        cls.customer.user_id = cls.user_sales
        for company, user in ((cls.company_a, cls.user_sales), (cls.company_b, cls.user_b)):
            contract, parts = cls._make_contract_with_parts(
                'active', company=company, user_id=user.id, date_start=cls.today - timedelta(days=30),
                date_end=cls.today + timedelta(days=90),
            )
            parts['fulfilment.legal.step'].date_deadline = cls.today
            for days in (-3, -1, 0, 7, 8):
                cls._make_milestone(contract, date_planned=cls.today + timedelta(days=days), name=f'Day {days}')
            cls._make_milestone(
                contract, date_planned=cls.today - timedelta(days=2), name='Instalment', kind='payment', obligor='customer', amount=10,
            )
            cls._bring_to(cls._make_contract(company=company, user_id=user.id), 'in_approval')
            cls.env['fulfilment.care.task'].create([{
                'claim_key': f'start:{company.id}:{days}', 'partner_id': cls.customer.id, 'company_id': company.id, 'user_id': user.id,
                'kind': 'call', 'period': 'month', 'period_start': cls.today, 'period_end': cls.today,
                'date_planned': cls.today + timedelta(days=days),
            } for days in (-1, 7, 8)])
            cls.env['fulfilment.profile'].create({
                'partner_id': cls.customer.id, 'company_id': company.id, 'user_id': user.id, 'receivable_overdue': 120.0,
                'age_over_90': 20.0,
            })
            order = cls.env['sale.order'].create({'partner_id': cls.customer.id, 'company_id': company.id, 'user_id': user.id})
            order.sudo().fulfilment_credit_state = 'hold'
            risk = cls.env['fulfilment.risk'].create({
                'name': 'Fire', 'company_id': company.id, 'contract_id': contract.id, 'user_id': user.id, 'likelihood': 5, 'impact': 4,
                'next_review': cls.today,
            })
            plan = cls.env.ref('fulfilment_crm.response_plan_default')
            plan._start(risk)
            plan._start(risk, drill=True)
        cls.env['fulfilment.risk'].create([{
            'name': 'Mine', 'company_id': cls.company_a.id, 'user_id': user.id, 'next_review': cls.today,
        } for user in cls.users.values() if user != cls.user_inspector])
        tickets = cls.env['fulfilment.ticket'].create([{
            'title': f'Leak {position}', 'company_id': cls.company_a.id, 'partner_id': cls.customer.id,
        } for position in range(4)])
        tickets.user_id = False
        tickets[0].user_id, tickets[1].user_id = cls.user_service, cls.user_sales
        tickets[:2].deadline_ids.sudo().write({'missed': True})
        tickets[2].sudo().objection_state = 'open'
        tickets[3].deadline_ids.sudo().warned = True
        records = cls._make_customer_records(cls.user_sales_2, cls.company_a)
        records['fulfilment.credit.assessment'].sudo().state = 'in_approval'
        for user in cls.users.values():
            for days in (-1, 0, 1):
                cls.customer.activity_schedule(
                    'mail.mail_activity_data_todo', cls.today + timedelta(days=days), f'To do {days}', user_id=user.id,
                )
        cls.env['fulfilment.approval.chain'].create({
            'name': 'By all', 'model': 'fulfilment.contract', 'sequence': 0, 'company_id': cls.company_a.id,
            'step_ids': [Command.create({'name': 'Look', 'group_id': cls.env.ref('base.group_user').id})],
        })
        cls.waiting = cls._make_contract('draft')
        cls.type_service.mandatory_category_ids = False
        cls.waiting.with_user(cls.user_sales_2).sudo().action_submit()
        cls._fill_history()
        cls._owe()
        cls.env['fulfilment.problem'].create({
            'claim_key': 'start', 'action': 'care', 'res_model': 'res.partner', 'res_id': cls.customer.id, 'record_name': 'Hengtong',
            'message': 'No', 'company_id': cls.company_a.id,
        })

    @classmethod
    def _owe(cls):
        """A call to be made, a dispute to be decided, a promise that was not kept."""
        cls._equip(cls.company_a)
        line = cls._invoice(cls.customer, 100, cls.today, company=cls.company_a)
        cls.env['fulfilment.dispute'].create({
            'move_id': line.move_id.id, 'reason_id': cls.env.ref('fulfilment_crm.dispute_reason_price').id, 'amount': 10,
            'user_id': cls.user_sales.id,
        })
        promise = cls.env['fulfilment.payment.promise'].create({
            'partner_id': cls.customer.id, 'company_id': cls.company_a.id, 'currency_id': cls.company_a.currency_id.id, 'amount': 10,
            'date_promised': cls.today - timedelta(days=5), 'user_id': cls.user_sales.id,
        })
        promise._follow_ledger()
        cls.env['fulfilment.reminder'].create({
            'claim_key': 'call', 'step_id': cls.env.ref('fulfilment_crm.collection_step_call').id, 'company_id': cls.company_a.id,
            'customer_id': cls.customer.id, 'due_date': cls.today, 'user_id': cls.user_sales.id, 'audience': 'customer',
            'channel': 'call', 'state': 'to_call',
        })

    @classmethod
    def _fill_history(cls):
        last = cls.today.replace(day=1) - timedelta(days=1)
        cls.ends = [_month_end(last - relativedelta(months=back, day=1)) for back in range(15)]
        other = cls.env['res.partner'].create({'name': 'Third', 'is_company': True})
        cls.env['fulfilment.profile.history'].create([{
            'partner_id': partner.id, 'company_id': company.id, 'user_id': user.id if user else False, 'date': end,
            'receivable_overdue': 10.0 * position if position != 2 else None, 'revenue_12m': 100.0,
            'on_time_payment_rate': rate, 'payment_count': number, 'satisfaction_avg': mark, 'satisfaction_count': answers,
        } for position, end in enumerate(cls.ends) for company, partner, user, rate, number, mark, answers in (
            (cls.company_a, cls.customer, cls.user_sales, 50.0, 2, 3.0, 1),
            (cls.company_a, cls.other_customer, cls.user_sales_2, 100.0, 6, 5.0, 3),
            (cls.company_a, other, None, None, 0, None, 0), (cls.company_b, cls.customer, cls.user_b, 0.0, 9, 1.0, 9),
        )])
        months = cls.env['fulfilment.profile.month']
        for company in (cls.company_a, cls.company_b):
            months._add_up(company, cls.today)

    def _page(self, user, role=None, companies=None):
        start = self.env['fulfilment.start'].with_user(user).with_context(allowed_company_ids=(companies or user.company_id).ids)
        return start.get_page(role=role)

    def _cards(self, page):
        return {card['key']: card for section in page['sections'] for card in section['cards']}

    def _records(self, user, action, companies=None):
        """What the action opens, as the web client asks for it."""
        domain = json.loads(json.dumps(action['domain']))
        return self.env[action['res_model']].with_user(user).with_context(
            allowed_company_ids=(companies or user.company_id).ids, **action['context'],
        ).search(domain)

    # === EVERY NUMBER OPENS ITS RECORDS === #

    def test_every_card_of_every_role(self):
        seen = set()
        for role, user in self.users.items():
            page = self._page(user)
            self.assertEqual(page['role'], role)
            cards = self._cards(page)
            self.assertEqual([name for key in SECTIONS for name in LAYOUT[role][key] if name in cards], list(cards))
            for key, card in cards.items():
                with self.subTest(role=role, card=key):
                    found = self._records(user, card['action'])
                    self.assertEqual(len(found), card['count'])
                    self.assertTrue(card['title'] and card['empty'])
                    self.assertEqual(len(card['lines']), min(card['count'], 5))
                    self.assertTrue(all(line['text'] for line in card['lines']))
                    if card['count']:
                        seen.add(key)
                    for line in card['lines']:
                        self.assertTrue(self.env[line['model']].browse(line['id']).exists())
        every_card = {name for sections in LAYOUT.values() for names in sections.values() for name in names}
        absent = {'alerts'} if 'fulfilment.alert' not in self.env else set()
        self.assertEqual(every_card - seen, absent)

    def test_each_matter_stands_there_once(self):
        """What is asked of me in a card of its own is not counted among my to-dos as well."""
        page = self._cards(self._page(self.user_legal))
        self.assertTrue(page['approvals']['count'])
        asked = self.waiting.activity_ids.filtered(lambda one: one.user_id == self.user_legal)
        self.assertTrue(asked)
        shown = [self._records(self.user_legal, page[key]['action']) for key in ('activities_late', 'activities_today')]
        self.assertFalse(asked & shown[0].concat(*shown).sudo())

    def test_numbers_of_a_salesperson(self):
        cards = self._cards(self._page(self.user_sales))
        self.assertEqual(
            {key: cards[key]['count'] for key in (
                'activities_late', 'activities_today', 'milestones_week', 'care_week', 'overdue', 'orders_held', 'responses',
                'tickets_mine', 'breaches',
            )}, {
                'activities_late': 2, 'activities_today': 3, 'milestones_week': 3, 'care_week': 2, 'overdue': 1, 'orders_held': 1,
                'responses': 2, 'tickets_mine': 1, 'breaches': 1,
            },
        )
        self.assertEqual(cards['overdue']['value']['amount'], 120.0)
        late = self.env['fulfilment.milestone'].search([('contract_id.user_id', '=', self.user_sales.id), ('is_late', '=', True)])
        self.assertEqual(cards['milestones_late']['count'], len(late))
        self.assertGreaterEqual(len(late), 3)
        lines = cards['milestones_week']['lines']
        self.assertEqual([line['date'] for line in lines], sorted(line['date'] for line in lines))
        self.assertIn(('Day 0', 'Hengtong Industries', str(self.today)), [(line['text'], line['sub'], line['date']) for line in lines])

    def test_kinds_are_named(self):
        line = self._cards(self._page(self.user_sales))['care_week']['lines'][0]
        self.assertEqual((line['text'], line['sub']), ('Hengtong Industries', 'Call'))

    def test_approvals_name_their_record(self):
        card = self._cards(self._page(self.user_legal))['approvals']
        step = self.waiting.approval_ids.filtered(lambda one: one.state == 'pending')
        line = next(line for line in card['lines'] if line['id'] == step.id)
        self.assertEqual((line['model'], line['text'], line['sub']), ('fulfilment.approval', self.waiting.display_name, 'Look'))
        self.assertTrue(line['date'])

    def test_drills_are_not_counted(self):
        responses = self._records(self.user_manager, self._cards(self._page(self.user_manager))['responses']['action'])
        self.assertEqual(responses.mapped('is_drill'), [False, False])

    # === CHARTS === #

    def test_every_point_opens_its_records(self):
        for role, user in self.users.items():
            page = self._page(user)
            self.assertEqual([chart['key'] for chart in page['charts']], list(CHARTS[role]))
            # Weeks ahead are sums of likelihoods, not of records: see the tests of forecasts.
            for chart in (one for one in page['charts'] if one['key'] != 'cash'):
                self.assertEqual(len(chart['labels']), 12)
                for series in chart['series']:
                    self.assertEqual((len(series['values']), len(series['actions'])), (12, 12))
                    for value, action in zip(series['values'], series['actions'], strict=True):
                        with self.subTest(role=role, chart=chart['key'], point=action['name']):
                            records = self._records(user, action)
                            self.assertEqual(value, self._value_of(chart['key'], records))

    def _value_of(self, key, records):
        """The slow obvious way."""
        if key == 'tickets':
            return len(records)
        if key in ('overdue', 'turnover'):
            values = [one['receivable_overdue' if key == 'overdue' else 'revenue_12m'] for one in records]
            return sum(values) if values else None
        rate, number = ('on_time_payment_rate', 'payment_count') if key == 'on_time' else ('satisfaction_avg', 'satisfaction_count')
        total = sum(one[number] for one in records)
        return round(sum(one[rate] * one[number] for one in records) / total, 2) if total else None

    def test_known_answers(self):
        charts = {chart['key']: chart for chart in self._page(self.user_manager)['charts']}
        # Two of eight payments at 50 %, six at 100 %: 87.5; one answer of 3 and three of 5: 4.5.
        self.assertEqual(charts['on_time']['series'][0]['values'], [87.5] * 12)
        self.assertEqual(charts['satisfaction']['series'][0]['values'], [4.5] * 12)
        self.assertEqual(charts['turnover']['series'][0]['values'], [300.0] * 12)
        overdue = charts['overdue']['series'][0]['values']
        self.assertEqual((overdue[-1], overdue[-2], overdue[-3], overdue[0]), (0.0, 30.0, None, 330.0))
        mine = {chart['key']: chart for chart in self._page(self.user_sales)['charts']}
        self.assertEqual(mine['on_time']['series'][0]['values'], [50.0] * 12)

    def test_team(self):
        """A leader's trends are those of the team, and open the same."""
        page = self._page(self.user_leader)
        self.assertEqual([role['key'] for role in page['roles']], ['manager', 'sales'])
        turnover = next(chart for chart in page['charts'] if chart['key'] == 'turnover')['series'][0]
        self.assertEqual(turnover['values'], [200.0] * 12)
        self.assertEqual(sum(self._records(self.user_leader, turnover['actions'][0]).mapped('revenue_12m')), 200.0)

    def test_months_of_tickets_are_the_users(self):
        """A ticket of the first second of the month by the user's clock belongs to that month."""
        self.user_service.tz = 'Asia/Shanghai'
        first = fields.Date.context_today(self.user_service.with_context(tz='Asia/Shanghai')).replace(day=1)
        ticket = self.env['fulfilment.ticket'].create({'title': 'Night', 'company_id': self.company_a.id, 'partner_id': self.customer.id})
        ticket.sudo().received_on = fields.Datetime.to_datetime(first) - timedelta(hours=8)
        for seconds, month in ((0, -1), (-1, -2)):
            ticket.sudo().received_on = fields.Datetime.to_datetime(first) - timedelta(hours=8) + timedelta(seconds=seconds)
            chart = next(chart for chart in self._page(self.user_service)['charts'] if chart['key'] == 'tickets')
            received = chart['series'][0]
            with self.subTest(seconds=seconds):
                self.assertIn(ticket, self._records(self.user_service, received['actions'][month]))
                for value, action in zip(received['values'], received['actions'], strict=True):
                    self.assertEqual(value, len(self._records(self.user_service, action)))

    def test_months_are_added_up_once(self):
        months = self.env['fulfilment.profile.month']
        before = months.search_count([])
        months._add_up(self.company_a, self.today)
        self.assertEqual(months.search_count([]), before)
        self.assertFalse(months._missing(self.company_a, self.today))
        self.assertEqual(len(months._missing(self.company_a, self.today + relativedelta(months=2))), 0)
        months.search([('company_id', '=', self.company_a.id), ('date', '=', self.ends[3])]).unlink()
        self.assertEqual(months._missing(self.company_a, self.today), [self.ends[3]])

    def test_months_follow_merged_customers_and_deleted_users(self):
        months = self.env['fulfilment.profile.month']
        leaving = self._make_user('f_leaving', 'group_user')
        self.env['fulfilment.profile.history'].sudo().search([('company_id', '=', self.company_a.id)], limit=1).user_id = leaving
        months.search([('company_id', '=', self.company_a.id)]).unlink()
        months._add_up(self.company_a, self.today)
        self.assertTrue(months.search([('user_id', '=', leaving.id)]))
        leaving.unlink()
        self.assertFalse(months.search_count([('company_id', '=', self.company_a.id)]))
        self.assertEqual(set(months._missing(self.company_a, self.today)), set(self.ends))
        months._add_up(self.company_a, self.today)
        self.env['fulfilment.profile'].sudo()._clear_for_merge(self.other_customer, self.customer)
        self.assertFalse(months.search_count([('company_id', '=', self.company_a.id)]))

    def test_the_profile_round_adds_up(self):
        months = self.env['fulfilment.profile.month']
        months.search([]).unlink()
        self.run_cron('fulfilment.profile', '_cron_profile', as_of=self.today)
        self.assertEqual(set(months.search([('company_id', '=', self.company_a.id)]).mapped('date')), set(self.ends))

    # === ROLES AND RIGHTS === #

    def test_roles(self):
        self.assertEqual(self._page(self.user_plain)['role'], False)
        self.user_sales.group_ids |= self.env.ref('fulfilment_crm.group_service')
        page = self._page(self.user_sales)
        self.assertEqual((page['role'], [role['key'] for role in page['roles']]), ('service', ['service', 'sales']))
        self.assertEqual(self._page(self.user_sales, role='sales')['role'], 'sales')
        self.assertEqual(self._page(self.user_sales, role='manager')['role'], 'service')  # not theirs

    def test_two_companies(self):
        self.user_manager.company_ids |= self.company_b
        both = self.company_a | self.company_b
        for companies in (self.company_a, both, self.company_b | self.company_a):
            cards = self._cards(self._page(self.user_manager, companies=companies))
            for key, card in cards.items():
                with self.subTest(card=key, companies=companies.mapped('name')):
                    self.assertEqual(len(self._records(self.user_manager, card['action'], companies)), card['count'])
        cards = self._cards(self._page(self.user_manager, companies=both))
        self.assertEqual(cards['overdue']['count'], 1)

    def test_companies_on_two_days(self):
        """Where it is already tomorrow, what was due today is late."""
        self.company_b.resource_calendar_id.tz, self.company_a.resource_calendar_id.tz = 'Pacific/Kiritimati', 'Pacific/Pago_Pago'
        self.env.registry.clear_cache()
        self.user_manager.company_ids |= self.company_b
        both = self.company_a | self.company_b
        cards = self._cards(self._page(self.user_manager, companies=both))
        late = self.env['fulfilment.milestone'].with_user(self.user_manager).with_context(allowed_company_ids=both.ids).search([
            ('is_late', '=', True),
        ])
        self.assertEqual(self._records(self.user_manager, cards['milestones_late']['action'], both), late)

    def test_salesperson_without_accounting_rights(self):
        self.assertFalse(self.user_sales.has_group('account.group_account_readonly'))
        page = self._page(self.user_sales)
        self.assertEqual(self._cards(page)['overdue']['count'], 1)
        seller = self._make_user('f_no_orders', 'group_user')
        page = self._page(seller)
        self.assertNotIn('orders_held', self._cards(page))
        self.assertEqual(self._cards(page)['overdue']['count'], 0)

    def test_nobody_sees_more_than_they_may(self):
        stranger = self._make_user('f_stranger', 'group_leader')
        for key, card in self._cards(self._page(stranger)).items():
            with self.subTest(card=key):
                self.assertEqual(len(self._records(stranger, card['action'])), card['count'])
                # Whoever joins the leaders is asked for what waits for leaders.
                if key not in ('approvals', 'contracts_waiting', 'activities_today'):
                    self.assertEqual(card['count'], 0)

    def test_it_can_be_sent(self):
        for user in self.users.values():
            json.dumps(self._page(user))

    def test_in_chinese(self):
        """Dates and names follow the user's language."""
        self.env['res.lang']._activate_lang('zh_CN')
        start = self.env['fulfilment.start'].with_user(self.user_sales).with_context(lang='zh_CN', allowed_company_ids=self.company_a.ids)
        self.assertIn('月', start.get_page()['charts'][0]['labels'][0])

    def test_empty(self):
        """A company without anything: the first steps, and what will be where."""
        company = self.env['res.company'].create({'name': 'New'})
        user = self._make_user('f_new', 'group_manager', 'base.group_partner_manager', company=company)
        page = self._page(user)
        self.assertFalse(page['first_steps'])
        self.assertFalse(self._done(page, "Enter the bank account contracts quote"))
        self.assertFalse(any(step['action'] for step in page['checklist'] if 'settings' in str(step['action'])), "for administrators")
        for card in self._cards(page).values():
            self.assertEqual((card['count'], card['lines']), (0, []))
            self.assertTrue(card['empty'])
        self.assertFalse(self._page(self.user_sales)['first_steps'])

    def _done(self, page, title):
        return next(step['done'] for step in page['checklist'] if step['title'] == title)

    def test_the_checklist_ticks_itself(self):
        company = self.env['res.company'].create({'name': 'New'})
        user = self._make_user('f_new', 'group_manager', 'base.group_system', 'sales_team.group_sale_manager', company=company)
        self.env['fulfilment.service.team'].search([]).alias_name = False
        company.fulfilment_reminders = False
        before = self._page(user)['checklist']
        self.assertFalse([step['title'] for step in before if step['done'] and 'template' not in step['title']])
        for step in before:
            self.assertTrue(self.env.ref(step['action']))
        company.fulfilment_bank_account = '6222 0210'
        company.fulfilment_reminders = True
        self._make_user('f_new_2', 'group_legal', company=company)
        self.env['mail.alias.domain'].create({'name': 'new.example'})
        self.env['fulfilment.service.team'].create({'name': 'Desk', 'company_id': company.id, 'alias_name': 'desk-new'})
        self.env['fulfilment.contract.template'].with_user(user).search([])[:1].write({'name': 'Ours'})
        left = [step['title'] for step in self._page(user)['checklist'] if not step['done']]
        self.assertEqual(left, ["Draw up a contract from an order"])
        self._make_contract(company_id=company.id, user_id=user.id)
        self.assertFalse(self._page(user)['checklist'])
        self.assertFalse(self._page(self.user_sales)['checklist'])

    def test_writes_nothing(self):
        """A database that refuses writes answers."""
        self.assertTrue(type(self.env['fulfilment.start']).get_page._readonly)
        self.env.flush_all()
        self.env.cr.execute("SET TRANSACTION READ ONLY")
        for user in self.users.values():
            self.assertTrue(self._page(user)['sections'])
            self.env.flush_all()

    # === QUERIES === #

    def test_queries(self):
        for role, user in self.users.items():
            self._page(user)
            self.env.flush_all()
            self.env.invalidate_all()
            with self.subTest(role=role), self.assertQueryCount(MOST_QUERIES):
                self._page(user)

    def test_more_records_take_no_more_queries(self):
        def queries(user):
            self._page(user)
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self._page(user)
            return self.env.cr.sql_log_count - before
        for user in self.users.values():
            queries(user)
        before = {role: queries(user) for role, user in self.users.items()}
        for _time in range(5):
            contract = self._make_contract('active')
            for days in (-3, -2, 0, 3):
                self._make_milestone(contract, date_planned=self.today + timedelta(days=days))
            self._make_contract('draft').with_user(self.user_sales_2).sudo().action_submit()
        self.assertEqual({role: queries(user) for role, user in self.users.items()}, before)
