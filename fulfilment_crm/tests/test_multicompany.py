"""What belongs to one company stays there: reading, searching, exporting, grouping, writing, linking."""
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import tagged

from .common import TODAY, FulfilmentCommon
from .common_profile import LedgerMixin


@tagged('post_install', '-at_install', 'fulfilment_heavy')
class TestMulticompany(LedgerMixin, FulfilmentCommon):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.of_a, cls.parts_a = cls._make_contract_with_parts('active', title='Of A')
        cls.of_b, cls.parts_b = cls._make_contract_with_parts('active', title='Of B', company=cls.company_b, user_id=cls.user_b.id)
        cls.chain_b = cls.env['fulfilment.approval.chain'].create({
            'name': 'Of B', 'model': 'fulfilment.contract', 'company_id': cls.company_b.id,
            'step_ids': [Command.create({'name': 'One', 'user_id': cls.user_b.id})],
        })
        cls.type_b = cls.env['fulfilment.contract.type'].create({'name': 'Of B', 'code': 'of_b', 'company_id': cls.company_b.id})
        cls.template_b = cls.env['fulfilment.contract.template'].create({
            'name': 'Of B', 'type_id': cls.type_b.id, 'company_id': cls.company_b.id,
            'milestone_line_ids': [Command.create({'name': 'Of B'})],
        })
        cls.clause_b = cls.env['fulfilment.clause'].create({
            'name': 'Of B', 'category_id': cls.env.ref('fulfilment_crm.clause_category_payment').id, 'body': 'B {days}',
            'company_id': cls.company_b.id, 'parameter_ids': [Command.create({'key': 'days', 'name': 'Days'})],
        })
        cls.template_b.clause_line_ids = [Command.create({'clause_id': cls.clause_b.id})]
        cls.approval_b = cls.env['fulfilment.approval'].create({
            'res_model': 'fulfilment.contract', 'res_id': cls.of_b.id, 'company_id': cls.company_b.id, 'round': 1, 'name': 'One',
        })

    def _of_b(self):
        """Records of company B, of every model with a company of its own or of its contract."""
        return {
            'fulfilment.contract': self.of_b, **self.parts_b,
            'fulfilment.approval': self.approval_b, 'fulfilment.approval.chain': self.chain_b,
            'fulfilment.approval.step': self.chain_b.step_ids,
            'fulfilment.contract.type': self.type_b, 'fulfilment.contract.template': self.template_b,
            'fulfilment.contract.template.clause': self.template_b.clause_line_ids,
            'fulfilment.milestone.template': self.template_b.milestone_line_ids,
            'fulfilment.clause': self.clause_b, 'fulfilment.clause.parameter': self.clause_b.parameter_ids,
            'fulfilment.workday': self.env['fulfilment.workday'].create({
                'name': 'Of B', 'date': '2031-01-04', 'company_id': self.company_b.id,
            }),
            'fulfilment.reminder.rule': self.env['fulfilment.reminder.rule'].create({
                'name': 'Of B', 'offset_days': 0, 'channel': 'activity', 'company_id': self.company_b.id,
            }),
            'fulfilment.problem': self.env['fulfilment.problem'].create({
                'claim_key': 'b', 'action': 'milestones', 'res_model': 'fulfilment.contract', 'res_id': self.of_b.id,
                'company_id': self.company_b.id,
            }),
            **self._make_customer_records(self.user_b, self.company_b), **self._rules_of_b(), **self._service_of_b(),
            **self._care_of_b(), **self._responses_of_b(), **self._rewards_of_b(), **self._owed_of_b(),
            **self._law_of_b(), **self._oversight_of_b(),
            'fulfilment.warning.rule': self._make_alert(self.of_b).rule_id, **self._events_of_b(),
        }

    def _events_of_b(self):
        self.of_b._seal_events()
        about = [('contract_id', '=', self.of_b.id)]
        return {name: self.env[name].search(about) for name in ('fulfilment.event', 'fulfilment.event.seal')}

    def _service_of_b(self):
        """What the service room keeps for company B, beside its tickets."""
        ticket, of_b = self.parts_b['fulfilment.ticket'], {'name': 'Of B', 'company_id': self.company_b.id}
        team = self.env['fulfilment.service.team'].create({**of_b, 'member_ids': [Command.create({'user_id': self.user_b.id})]})
        return {
            'fulfilment.ticket.event': ticket.event_ids, 'fulfilment.ticket.deadline': ticket.deadline_ids,
            'fulfilment.service.team': team, 'fulfilment.service.member': team.member_ids,
            'fulfilment.ticket.category': self.env['fulfilment.ticket.category'].create(of_b),
            'fulfilment.ticket.cause': self.env['fulfilment.ticket.cause'].create(of_b),
            'fulfilment.ticket.reply': self.env['fulfilment.ticket.reply'].create({**of_b, 'solution': 'B'}),
            'fulfilment.deadline.policy': self.env['fulfilment.deadline.policy'].create(of_b),
            'fulfilment.ticket.sender': self.env['fulfilment.ticket.sender'].create({
                'sender': 'b@b.example', 'company_id': self.company_b.id, 'since': '2026-03-02',
            }),
            'fulfilment.ticket.turned': self.env['fulfilment.ticket.turned'].create({
                'sender': 'b@b.example', 'company_id': self.company_b.id, 'reason': 'machine',
            }),
            'fulfilment.ticket.analysis': self.env['fulfilment.ticket.analysis'].create({
                'claim_key': 'b', 'company_id': self.company_b.id, 'date_from': '2026-03-01', 'date_to': '2026-03-31',
            }),
        }

    def _rules_of_b(self):
        """Rules of company B on credit and tiers, and what it sells together."""
        scorecard = self.env['fulfilment.scorecard'].create({
            'name': 'Of B', 'company_id': self.company_b.id,
            'criterion_ids': [Command.create({'name': 'Owed', 'figure': 'exposure', 'band_ids': [Command.create({'points': 50})]})],
        })
        return {
            'fulfilment.scorecard': scorecard, 'fulfilment.scorecard.criterion': scorecard.criterion_ids,
            'fulfilment.scorecard.band': scorecard.criterion_ids.band_ids,
            'fulfilment.credit.rule': self.env['fulfilment.credit.rule'].create({
                'name': 'Of B', 'kind': 'order_amount', 'company_id': self.company_b.id,
            }),
            'fulfilment.tier': self.env['fulfilment.tier'].create({'name': 'Of B', 'company_id': self.company_b.id}),
            'fulfilment.survey.plan': self.env['fulfilment.survey.plan'].create({
                'name': 'Of B', 'company_id': self.company_b.id, 'survey_id': self.env.ref('fulfilment_crm.survey_satisfaction').id,
            }),
            'fulfilment.cross.sell': self.env['fulfilment.cross.sell'].create({
                'company_id': self.company_b.id, 'product_id': self.product.id,
                'other_product_id': self.env['product.product'].create({'name': 'Valve'}).id,
            }),
        }

    def test_rules_of_the_main_company_are_changed_there(self):
        """Whoever manages a branch reads the rules of warnings, responses and rewards above it, and changes its own."""
        branch = self.env['res.company'].create({'name': 'Branch', 'parent_id': self.company_a.id})
        manager = self._make_user('f_branch_manager', 'group_manager', company=branch)
        plan = {'name': 'Fire', 'step_ids': [Command.create({'name': 'Call', 'amount': 1})]}
        above = [
            self.env['fulfilment.warning.rule'].create({
                'name': 'Above', 'model': 'fulfilment.contract', 'domain': "[('id', '=', 1)]", 'company_id': self.company_a.id,
            }),
            self.env['fulfilment.response.plan'].create({**plan, 'company_id': self.company_a.id}),
            self.env['fulfilment.reward.rule'].create({'name': 'Above', 'company_id': self.company_a.id}),
        ]
        for record in (*above, above[1].step_ids):
            with self.subTest(model=record._name):
                own = record.with_user(manager)
                self.assertTrue(own.name)
                with self.assertRaises(AccessError):
                    own.name = 'Changed below'
        own = self.env['fulfilment.response.plan'].with_user(manager).create({**plan, 'company_id': branch.id})
        own.step_ids.name = 'Call at once'

    def _rewards_of_b(self):
        rule = self.env['fulfilment.reward.rule'].create({'name': 'Of B', 'company_id': self.company_b.id})
        return {
            'fulfilment.reward.rule': rule,
            'fulfilment.reward.budget': self.env['fulfilment.reward.budget'].create({
                'rule_id': rule.id, 'company_id': self.company_b.id, 'period': '2026', 'period_start': '2026-01-01',
                'period_end': '2026-12-31',
            }),
        }

    def _owed_of_b(self):
        """What is owed to company B, and what was agreed about it."""
        self._equip(self.company_b)
        line = self._invoice(self.customer, 100, TODAY, company=self.company_b)
        reason = self.env['fulfilment.dispute.reason'].create({'name': 'Of B', 'company_id': self.company_b.id})
        agreed = {'partner_id': self.customer.id, 'company_id': self.company_b.id, 'amount': 50, 'user_id': self.user_b.id}
        dispute = self.env['fulfilment.dispute'].create({'move_id': line.move_id.id, 'reason_id': reason.id, 'amount': 5})
        strategy = self.env['fulfilment.collection.strategy'].create({'name': 'Of B', 'company_id': self.company_b.id, 'step_ids': [
            Command.create({'name': 'Call', 'offset_days': 1, 'channel': 'call'}),
        ]})
        self.company_b.fulfilment_collection = True
        self.env['fulfilment.collection.position']._enter(self.company_b, TODAY)
        position = self.env['fulfilment.collection.position'].search([('move_line_id', '=', line.id)])
        row = self.env['fulfilment.reminder'].create({
            'claim_key': 'of b', 'step_id': strategy.step_ids.id, 'company_id': self.company_b.id, 'customer_id': self.customer.id,
            'due_date': TODAY, 'user_id': self.user_b.id, 'audience': 'customer', 'channel': 'call', 'state': 'to_call',
        })
        rival = strategy.copy({'company_id': self.company_b.id})
        comparison = self.env['fulfilment.collection.comparison'].create({
            'name': 'Of B', 'company_id': self.company_b.id, 'strategy_id': strategy.id, 'rival_id': rival.id,
        })
        told = {'company_id': self.company_b.id, 'rule': 'due', 'as_of': TODAY}
        return {
            'fulfilment.payment.forecast': self.env['fulfilment.payment.forecast'].create({
                'move_line_id': line.id, 'partner_id': self.customer.id, **told,
            }),
            'fulfilment.cash.forecast': self.env['fulfilment.cash.forecast'].create({'week': TODAY, **told}),
            'fulfilment.forecast.score': self.env['fulfilment.forecast.score'].create({
                'company_id': self.company_b.id, 'month': '2026-02-28', 'scored_on': TODAY,
            }),
            'fulfilment.collection.comparison': comparison,
            'fulfilment.collection.strategy': strategy, 'fulfilment.collection.step': strategy.step_ids,
            'fulfilment.collection.position': position,
            'fulfilment.collection.claim': self.env['fulfilment.collection.claim'].create({
                'claim_key': 'of b', 'reminder_id': row.id, 'step_id': strategy.step_ids.id, 'move_line_id': line.id,
            }),
            'fulfilment.dispute.reason': reason, 'fulfilment.dispute': dispute, 'fulfilment.instalment.hold': dispute.hold_ids,
            'fulfilment.payment.promise': self.env['fulfilment.payment.promise'].create({**agreed, 'date_promised': '2026-04-01'}),
            'fulfilment.payment.plan': self.env['fulfilment.payment.plan'].create(agreed),
            'fulfilment.statement': self.env['fulfilment.statement'].create({
                'partner_id': self.customer.id, 'company_id': self.company_b.id, 'as_of': '2026-03-02',
            }),
        }

    def _law_of_b(self):
        """The rules of company B on breaches, what the law costs it, and what its papers are known by."""
        of_b = {'name': 'Of B', 'company_id': self.company_b.id}
        tariff = self.env['fulfilment.legal.tariff'].create({**of_b, 'band_ids': [Command.create({'percent': 1})]})
        template = self.env['fulfilment.legal.template'].create({**of_b, 'line_ids': [Command.create({'kind': 'demand'})]})
        cause = self.env['fulfilment.breach.cause'].create(of_b)
        self.env['fulfilment.document']._code_of(self.of_b)
        return {
            'fulfilment.legal.tariff': tariff, 'fulfilment.legal.tariff.band': tariff.band_ids,
            'fulfilment.legal.template': template, 'fulfilment.legal.template.line': template.line_ids,
            'fulfilment.breach.cause': cause,
            'fulfilment.breach.rule': self.env['fulfilment.breach.rule'].create({**of_b, 'cause_id': cause.id}),
            'fulfilment.reference.rate': self.env['fulfilment.reference.rate'].create({
                'date_from': '2026-01-01', 'percent': 3.1, 'company_id': self.company_b.id,
            }),
            'fulfilment.counsel.note': self.env['fulfilment.counsel.note'].create({
                'step_id': self.parts_b['fulfilment.legal.step'].id, 'text': 'We may lose.',
            }),
            'fulfilment.document': self.env['fulfilment.document'].search([('company_id', '=', self.company_b.id)]),
        }

    def _oversight_of_b(self):
        """What company B reviews and checks, and what that has shown."""
        of_b = {'name': 'Of B', 'company_id': self.company_b.id}
        plan = self.env['fulfilment.review.plan'].create({**of_b, 'question_ids': [Command.create({'name': 'Of B'})]})
        check = self.env['fulfilment.process.check'].create(of_b)
        mechanism = self.env['fulfilment.mechanism'].create({**of_b, 'figure_kind': 'check', 'check_id': check.id})
        review, day = {'review_id': self.parts_b['fulfilment.review'].id}, {'company_id': self.company_b.id, 'date': '2026-03-02'}
        return {
            'fulfilment.review.plan': plan, 'fulfilment.review.question': plan.question_ids, 'fulfilment.process.check': check,
            'fulfilment.mechanism': mechanism,
            'fulfilment.review.check': self.env['fulfilment.review.check'].create({**review, 'name': 'Of B'}),
            'fulfilment.review.answer': self.env['fulfilment.review.answer'].create({**review, 'question': 'Of B'}),
            'fulfilment.process.check.result': self.env['fulfilment.process.check.result'].create({**day, 'check_id': check.id}),
            'fulfilment.mechanism.value': self.env['fulfilment.mechanism.value'].create({**day, 'mechanism_id': mechanism.id}),
            'fulfilment.mechanism.entry': self.env['fulfilment.mechanism.entry'].create({
                'mechanism_id': mechanism.id, 'date': '2026-03-02', 'result': 'good',
            }),
            'fulfilment.pattern': self.env['fulfilment.pattern'].create({
                **day, 'since': '2024-03-02', 'dimension': 'month', 'key': '3',
            }),
            'fulfilment.file.change': self.env['fulfilment.file.change'].create({
                'partner_id': self.customer.id, 'company_id': self.company_b.id, 'names': ['city'], 'known_on': '2026-03-02 09:00:00',
            }),
        }

    def _responses_of_b(self):
        """How company B responds to what goes wrong, and what its month ends add up to."""
        plan = self.env['fulfilment.response.plan'].create({
            'name': 'Of B', 'company_id': self.company_b.id, 'step_ids': [Command.create({'name': 'Call'})],
        })
        return {
            'fulfilment.response.plan': plan, 'fulfilment.response.plan.step': plan.step_ids,
            'fulfilment.response.step': plan._start(self.of_b).step_ids,
            'fulfilment.profile.month': self.env['fulfilment.profile.month'].create({
                'company_id': self.company_b.id, 'date': '2026-02-28', 'user_id': self.user_b.id,
            }),
        }

    def _care_of_b(self):
        """What company B plans with its customers, and who plays which part."""
        plan = self.env['fulfilment.care.plan'].create({
            'tier_id': self.env['fulfilment.tier'].create({'name': 'Cared for by B', 'company_id': self.company_b.id}).id,
            'line_ids': [Command.create({'kind': 'visit', 'number': 1, 'period': 'year'})],
        })
        return {
            'fulfilment.care.plan': plan, 'fulfilment.care.plan.line': plan.line_ids,
            'fulfilment.interaction.step': self.env['fulfilment.interaction.step'].create({
                'interaction_id': self.parts_b['fulfilment.interaction'].id, 'summary': 'Call back', 'user_id': self.user_b.id,
            }),
            'fulfilment.account.member': self.env['fulfilment.account.member'].create({
                'partner_id': self.customer.id, 'company_id': self.company_b.id, 'user_id': self.user_b.id,
                'role_id': self.env.ref('fulfilment_crm.account_role_sales').id,
            }),
            'fulfilment.communication.meeting': self.env['fulfilment.communication.meeting'].create({
                'claim_key': f'test:{plan.id}', 'plan_id': self.parts_b['fulfilment.communication.plan'].id, 'date': '2026-03-02',
                'start': '2026-03-02 09:00:00', 'stop': '2026-03-02 10:00:00',
            }),
        }

    def test_every_model_with_a_company_is_here(self):
        models = {
            name for name in self.env.registry
            if name.startswith('fulfilment.') and 'company_id' in self.env[name]._fields
            and not self.env[name]._abstract and not self.env[name]._transient and self.env[name]._auto
        }
        self.assertEqual(models - self._of_b().keys(), set())

    def test_all_of_company_a_are_blind_to_company_b(self):
        users = self.user_manager | self.user_sales | self.user_legal | self.user_inspector
        users.group_ids |= self.env.ref('base.group_allow_export')
        for model, records in self._of_b().items():
            for user in users:
                if not self.env[model].with_user(user).has_access('read'):
                    continue
                theirs = records.with_user(user)
                with self.subTest(model=model, user=user.login):
                    self.assertFalse(theirs.search([('id', 'in', records.ids)]))
                    self.assertFalse(theirs.search_count([('id', 'in', records.ids)]))
                    self.assertFalse(theirs.name_search('', [('id', 'in', records.ids)]))
                    self.assertFalse(theirs.formatted_read_group([('id', 'in', records.ids)], [], ['__count'])[0]['__count'])
                    with self.assertRaises(AccessError):
                        theirs.read(['display_name'])
                    with self.assertRaises(AccessError):
                        theirs.export_data(['id', 'display_name'])

    def test_manager_of_a_changes_nothing_of_b(self):
        for model, records in self._of_b().items():
            theirs = records.with_user(self.user_manager)
            name = next((name for name in ('name', 'reason', 'note', 'person') if name in records._fields), None)
            with self.subTest(model=model):
                if name:
                    with self.assertRaises(AccessError):
                        theirs.write({name: 'Taken over'})
                with self.assertRaises(AccessError):
                    theirs.unlink()

    def test_actions_on_a_contract_of_b(self):
        contract = self.of_b.with_user(self.user_manager)
        milestone = self.parts_b['fulfilment.milestone'][0].with_user(self.user_manager)
        for records, method, arguments in (
            (contract, 'action_terminate', {'reason': 'x'}), (contract, 'action_settle', {}), (contract, 'action_check', {}),
            (contract, 'action_renew', {}), (contract, 'action_approve', {}), (milestone, 'action_done', {}),
            (milestone, 'action_move', {'date': '2027-01-01', 'reason': 'x'}),
            (self.parts_b['fulfilment.amendment'].with_user(self.user_manager), 'action_submit', {}),
            (self.parts_b['fulfilment.reminder'].with_user(self.user_manager), 'action_retry', {}),
        ):
            with self.subTest(method=method), self.assertRaises(AccessError):
                getattr(records, method)(**arguments)

    def test_user_of_both_sees_the_companies_chosen(self):
        self.user_manager.company_ids |= self.company_b
        Contract = self.env['fulfilment.contract'].with_user(self.user_manager)
        both = self.of_a | self.of_b
        for companies, found in ((self.company_a, self.of_a), (self.company_b, self.of_b), (self.company_a | self.company_b, both)):
            with self.subTest(companies=companies.mapped('name')):
                seen = Contract.with_context(allowed_company_ids=companies.ids)
                self.assertEqual(seen.search([('id', 'in', both.ids)]).sorted('id'), found.sorted('id'))
                milestones = seen.env['fulfilment.milestone'].search([('contract_id', 'in', both.ids)])
                self.assertEqual(milestones.company_id, companies)
        with self.assertRaises(AccessError):
            self.of_b.with_user(self.user_manager).with_context(allowed_company_ids=self.company_a.ids).read(['name'])

    def test_asking_for_a_company_one_does_not_have(self):
        Contract = self.env['fulfilment.contract'].with_user(self.user_sales)
        with self.assertRaises(AccessError):
            Contract.with_context(allowed_company_ids=(self.company_a | self.company_b).ids).search([])

    # === WRITING AND LINKING === #

    def test_nothing_is_made_in_or_pushed_into_company_b(self):
        draft, parts = self._make_contract_with_parts('draft')
        vals = {'partner_id': self.customer.id, 'type_id': self.type_service.id, 'company_id': self.company_b.id, 'user_id': False}
        with self.assertRaises(AccessError):
            self.env['fulfilment.contract'].with_user(self.user_sales).create(vals)
        with self.assertRaises(AccessError):
            draft.with_user(self.user_sales).write({'company_id': self.company_b.id, 'user_id': False, 'team_id': False})
        for model in ('fulfilment.contract.line', 'fulfilment.contract.clause', 'fulfilment.milestone'):
            with self.subTest(model=model), self.assertRaises(AccessError):
                parts[model].with_user(self.user_sales).write({'company_id': self.company_b.id})
            with self.subTest(model=model, to='contract'), self.assertRaises(AccessError):
                parts[model].with_user(self.user_sales).write({'contract_id': self.of_b.id})
        with self.assertRaises(AccessError):
            self.clause_b.copy({'company_id': self.company_a.id}).with_user(self.user_legal).company_id = self.company_b

    def test_parts_of_the_other_company_are_refused(self):
        vals = {'partner_id': self.customer.id, 'type_id': self.type_service.id, 'company_id': self.company_a.id}
        partner_b = self.env['res.partner'].create({'name': 'Of B', 'company_id': self.company_b.id})
        term_b = self.env['account.payment.term'].create({'name': 'Of B', 'company_id': self.company_b.id})
        for change in (
            {'partner_id': partner_b.id}, {'type_id': self.type_b.id}, {'template_id': self.template_b.id},
            {'payment_term_id': term_b.id}, {'user_id': self.user_b.id}, {'parent_id': self.of_b.id},
        ):
            self.env.invalidate_all()
            with self.subTest(change=change), self.assertRaises(UserError):
                self.env['fulfilment.contract'].with_user(self.user_manager).create({**vals, **change})

    def test_orders_and_invoices_of_the_other_company_are_refused(self):
        order_a = self.env['sale.order'].create({'partner_id': self.customer.id, 'company_id': self.company_a.id})
        with self.assertRaises(UserError):
            order_a.fulfilment_contract_id = self.of_b
        order_b = self.env['sale.order'].create({
            'partner_id': self.customer.id, 'company_id': self.company_b.id,
            'order_line': [Command.create({'product_id': self.product.id})],
        })
        with self.assertRaises(UserError):
            self.of_a.sale_order_ids = [Command.link(order_b.id)]
        with self.assertRaises(UserError):
            self.parts_a['fulfilment.milestone'][0].sale_line_ids = order_b.order_line
        entry_b = self.parts_b['fulfilment.milestone.allocation'].sudo().move_line_id.move_id
        with self.assertRaises(UserError):
            entry_b.fulfilment_contract_id = self.of_a

    def test_milestones_refer_to_their_own_contract_only(self):
        """Else the name of the other record would show through the link, whoever may read it."""
        draft, parts = self._make_contract_with_parts('draft')
        milestone = parts['fulfilment.milestone'][0].with_user(self.user_sales)
        for name, other in (
            ('predecessor_id', self.parts_b['fulfilment.milestone'][0]), ('clause_id', self.parts_b['fulfilment.contract.clause']),
            ('predecessor_id', self.parts_a['fulfilment.milestone'][0]), ('clause_id', self.parts_a['fulfilment.contract.clause']),
        ):
            with self.subTest(field=name, of=other.company_id.name), self.assertRaises(UserError):
                milestone.write({name: other.id})

    def test_pause_for_a_contract_of_the_other_company(self):
        with self.assertRaises(UserError):
            self.env['fulfilment.reminder.pause'].create({
                'company_id': self.company_a.id, 'contract_id': self.of_b.id, 'reason': 'x', 'date_to': '2030-01-01',
            })

    # === WHO IS ASKED === #

    def test_approvers_belong_to_the_company(self):
        self.type_service.mandatory_category_ids = False
        contract = self._make_contract('draft', company=self.company_b, user_id=self.user_b.id)
        self.chain_b.action_archive()
        legal_b = self._make_user('f_legal_b', 'group_legal', company=self.company_b)
        leader_b = self._make_user('f_leader_b', 'group_leader', company=self.company_b)
        self._make_user('f_credit_b', 'group_credit', company=self.company_b)
        contract.with_user(self.user_b).action_submit()
        self.assertEqual(contract.approval_ids.candidate_ids, leader_b)
        self.env['fulfilment.delegation'].create({
            'user_id': leader_b.id, 'delegate_id': self.user_leader.id, 'date_from': '2020-01-01', 'date_to': '2040-01-01',
        })
        self.assertEqual(contract.approval_ids.candidate_ids, leader_b, "a stand-in from another company")
        contract.with_user(leader_b).action_approve()
        self.assertEqual(contract.approval_ids.filtered(lambda step: step.state == 'pending').candidate_ids, legal_b)

    def test_escalation_stays_in_the_company(self):
        self.user_b.sale_team_id = self.team
        self.company_b.fulfilment_manager_id = self.user_b
        self.assertEqual(self.user_b._fulfilment_managers(self.company_b), {self.user_b: self.user_b})

    # === BRANCHES === #

    def test_branches(self):
        branch = self.env['res.company'].create({'name': 'Branch of A', 'parent_id': self.company_a.id})
        user = self._make_user('f_branch', 'group_manager', company=branch)
        contract = self._make_contract('active', company=branch, user_id=user.id)
        self.assertEqual(contract.with_user(user).search([('id', 'in', (contract | self.of_a).ids)]), contract)
        with self.assertRaises(AccessError):
            self.of_a.with_user(user).read(['name'])
        with self.assertRaises(AccessError):
            contract.with_user(self.user_manager).read(['name'])
        self.user_manager.company_ids |= branch
        seen = contract.with_user(self.user_manager).with_context(allowed_company_ids=(self.company_a | branch).ids)
        self.assertEqual(seen.search([('id', 'in', (contract | self.of_a).ids)]).company_id, self.company_a | branch)

    def test_contracts_are_found_by_number_title_and_customer_in_the_own_company(self):
        Contract = self.env['fulfilment.contract'].with_user(self.user_sales)
        for text in (self.of_a.name, 'Of A', 'Hengtong'):
            with self.subTest(text=text):
                self.assertIn(self.of_a.id, [record_id for record_id, _name in Contract.name_search(text)])
        self.assertFalse(Contract.name_search('Of B'))
        self.assertNotIn(self.of_a, Contract.search([('display_name', 'not ilike', 'Of A')]))
