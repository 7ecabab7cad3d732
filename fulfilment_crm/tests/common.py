"""The world of the tests: two companies, a user for each role, and factories."""
from datetime import date, timedelta

from odoo import api
from odoo.fields import Command
from odoo.tests import new_test_user

from odoo.addons.base.tests.common import BaseCommon

TODAY = date(2026, 3, 2)  # a Monday


def switch_everything_on(env):
    """Let all mechanisms act in all companies, those still to be made included; but for the order gate, which tests switch on."""
    switches = env['fulfilment.switch']
    for one in switches._mechanisms():
        if one.key != 'gate':
            env['ir.default'].set('res.company', one.field, True)
    switches._switch_all(env['res.company'].search([]))


class FulfilmentCommon(BaseCommon):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        switch_everything_on(cls.env)
        cls.company_a = cls.env['res.company'].create({'name': 'Company A'})
        cls.company_b = cls.env['res.company'].create({'name': 'Company B'})
        for company in (cls.company_a, cls.company_b):
            company.fulfilment_bank_account = f'6222-{company.name}'
        cls.user_sales = cls._make_user('f_sales', 'group_user', 'sales_team.group_sale_salesman')
        cls.user_sales_2 = cls._make_user('f_sales_2', 'group_user', 'sales_team.group_sale_salesman')
        cls.user_leader = cls._make_user('f_leader', 'group_leader', 'sales_team.group_sale_salesman')
        cls.user_manager = cls._make_user('f_manager', 'group_manager', 'sales_team.group_sale_manager')
        cls.user_legal = cls._make_user('f_legal', 'group_legal')
        cls.user_credit = cls._make_user('f_credit', 'group_credit')
        cls.user_service = cls._make_user('f_service', 'group_service')
        cls.user_inspector = cls._make_user('f_inspector', 'group_inspector')
        cls.user_plain = cls._make_user('f_plain', None)
        cls.user_b = cls._make_user('f_sales_b', 'group_user', 'sales_team.group_sale_salesman', company=cls.company_b)
        cls.team = cls.env['crm.team'].create({
            'name': 'Team A', 'company_id': cls.company_a.id, 'user_id': cls.user_leader.id,
            'member_ids': [Command.set([cls.user_sales.id, cls.user_sales_2.id])],
        })
        cls.company_a.fulfilment_manager_id = cls.user_manager
        cls.customer = cls.env['res.partner'].create({
            'name': 'Hengtong Industries', 'is_company': True, 'email': 'office@hengtong.example', 'street': '1 Harbour Road',
            'city': 'Ningbo',
        })
        cls.contact = cls.env['res.partner'].create({'name': 'Lin Wei', 'parent_id': cls.customer.id, 'email': 'lin.wei@hengtong.example'})
        cls.other_customer = cls.env['res.partner'].create({'name': 'Other Ltd', 'is_company': True, 'email': 'office@other.example'})
        cls.type_sale = cls.env.ref('fulfilment_crm.contract_type_product_sale')
        cls.type_service = cls.env.ref('fulfilment_crm.contract_type_service')
        cls.type_framework = cls.env.ref('fulfilment_crm.contract_type_framework')
        cls.template_sale = cls.env.ref('fulfilment_crm.contract_template_product_sale')
        cls.product = cls.env['product.product'].create({'name': 'Pump', 'type': 'consu', 'list_price': 1000.0, 'taxes_id': False})

    @classmethod
    def _make_user(cls, login, group, *others, company=None):
        company = company or cls.company_a
        groups = ['base.group_user', *([f'fulfilment_crm.{group}'] if group else []), *others]
        return new_test_user(
            cls.env, login, groups=','.join(groups), company_id=company.id, company_ids=[Command.set(company.ids)],
            email=f'{login}@a.example',
        )

    @classmethod
    def _make_contract(cls, state='draft', **vals):
        """A contract without template, brought into ``state`` by the addon's own transitions (approval switched off)."""
        company = vals.pop('company', cls.company_a)
        contract = cls.env['fulfilment.contract'].create({
            'title': 'Pumps', 'company_id': company.id, 'partner_id': cls.customer.id, 'type_id': cls.type_service.id,
            'user_id': cls.user_sales.id, 'team_id': cls.team.id if company == cls.company_a else False,
            'amount_total': 1000.0, 'date_start': TODAY, **vals,
        })
        return cls._bring_to(contract, state)

    @classmethod
    def _bring_to(cls, contract, state):
        road = ('draft', 'in_approval', 'approved', 'active', 'settlement', 'closed')
        if state == 'cancelled':
            contract.action_cancel(reason='Test')
            return contract
        for step in road[1:road.index('active' if state == 'terminated' else state) + 1]:
            if step == 'active':
                contract.sudo().write({'date_signed': contract.date_start, 'signed_by': 'Lin Wei'})
                contract.sudo()._activate()
            elif step == 'in_approval' and state != 'in_approval':
                continue
            else:
                contract._move_to(step)
                if step == 'approved':
                    contract._note_address()
        if state == 'terminated':
            contract.action_terminate(reason='Test')
        return contract

    @classmethod
    def _with_clauses(cls, contract):
        """What the check of a contract asks for: a clause of each mandatory category."""
        cls.env['fulfilment.contract.clause'].create([{
            'contract_id': contract.id, 'name': category.name, 'category_id': category.id, 'body': 'Damages and termination.',
        } for category in contract.type_id.mandatory_category_ids])
        return contract

    @classmethod
    def _make_milestone(cls, contract, days=0, **vals):
        """A milestone planned ``days`` after TODAY."""
        planned = TODAY + timedelta(days=days)
        milestone = cls.env['fulfilment.milestone'].sudo().create({
            'contract_id': contract.id, 'name': 'Delivery', 'kind': 'delivery', 'obligor': 'us', 'date_planned': planned,
            'user_id': contract.user_id.id, **vals,
        })
        if contract.state in ('active', 'settlement'):
            milestone.date_first_planned = milestone.date_planned
        return milestone

    @classmethod
    def _make_alert(cls, record, **vals):
        """An alert about a record, of a rule of its own, that belongs to whoever is responsible for the record."""
        rule = cls.env['fulfilment.warning.rule'].create({
            'name': 'Any', 'model': record._name, 'domain': "[('id', '=', 1)]", 'company_id': record.company_id.root_id.id,
        })
        return cls.env['fulfilment.alert'].create({
            'claim_key': f'{rule.id}: {record._name} {record.id}: 1', 'open_key': f'{rule.id}: {record._name} {record.id}',
            'rule_id': rule.id, 'severity': '1', 'res_model': record._name, 'res_id': record.id, 'record_name': record.display_name,
            'company_id': record.company_id.id, 'user_id': record.user_id.id, 'raised_on': TODAY, 'figures': {},
            **({'contract_id': record.id, 'partner_id': record.commercial_partner_id.id} if record._name == 'fulfilment.contract' else {}),
            **vals,
        })

    @classmethod
    def _make_contract_with_parts(cls, state='draft', **vals):
        """A contract with at least one record of every model that hangs on contracts: ``(contract, {model: records})``."""
        contract = cls._make_contract('draft', **vals)
        line = cls.env['fulfilment.contract.line'].create({'contract_id': contract.id, 'name': 'Pump', 'price_unit': 1000.0})
        clause = cls.env['fulfilment.contract.clause'].create({
            'contract_id': contract.id, 'name': 'Payment', 'category_id': cls.env.ref('fulfilment_crm.clause_category_payment').id,
            'body': 'Paid within {payment_days} days.', 'parameter_ids': [Command.create({
                'key': 'payment_days', 'name': 'Days', 'role': 'payment_days', 'value_number': 30,
            })],
        })
        delivery = cls._make_milestone(contract)
        acceptance = cls._make_milestone(contract, 5, name='Acceptance', kind='acceptance', obligor='customer', predecessor_id=delivery.id)
        payment = cls._make_milestone(contract, 30, name='Payment', kind='payment', obligor='customer', amount=1000.0)
        cls._bring_to(contract, state)
        company = contract.company_id
        journal = cls.env['account.journal'].sudo().create({
            'name': 'Entries', 'type': 'general', 'code': f'E{contract.id % 10000}', 'company_id': company.id,
        })
        account = cls.env['account.account'].sudo().create({
            'name': 'Any', 'code': f'9{contract.id}', 'account_type': 'expense', 'company_ids': [Command.set(company.ids)],
        })
        entry = cls.env['account.move'].sudo().create({
            'journal_id': journal.id, 'line_ids': [Command.create({'name': 'Any', 'account_id': account.id})],
        })
        parts = {
            'fulfilment.contract.line': line, 'fulfilment.contract.clause': clause,
            'fulfilment.contract.clause.parameter': clause.parameter_ids, 'fulfilment.milestone': delivery | acceptance | payment,
            'fulfilment.milestone.event': delivery._log_event('moved', 'Harbour closed', {delivery: (TODAY, TODAY)}),
            'fulfilment.milestone.allocation': cls.env['fulfilment.milestone.allocation'].create({
                'milestone_id': payment.id, 'move_line_id': entry.line_ids[:1].id, 'amount': 1.0,
            }),
            'fulfilment.acceptance': cls.env['fulfilment.acceptance'].create({'milestone_id': acceptance.id, 'outcome': 'accepted'}),
            'fulfilment.contract.finding': cls.env['fulfilment.contract.finding'].create({
                'contract_id': contract.id, 'severity': '2_warn', 'kind': 'vague', 'message': 'Vague',
            }),
            'fulfilment.reminder': cls.env['fulfilment.reminder'].create({
                'claim_key': f'test:{contract.id}', 'rule_id': cls.env['fulfilment.reminder.rule'].search([], limit=1).id,
                'company_id': company.id, 'contract_id': contract.id, 'milestone_id': payment.id, 'due_date': TODAY,
                'channel': 'email', 'state': 'skipped', 'audience': 'customer',
            }),
            'fulfilment.reminder.pause': cls.env['fulfilment.reminder.pause'].create({
                'company_id': company.id, 'contract_id': contract.id, 'reason': 'Agreed', 'date_from': TODAY, 'date_to': TODAY,
            }),
        }
        parts['fulfilment.alert'] = cls._make_alert(contract)
        parts['fulfilment.ticket'] = cls.env['fulfilment.ticket'].create({
            'title': 'Leak', 'company_id': company.id, 'partner_id': contract.partner_id.id, 'contract_id': contract.id,
        })
        survey = cls.env.ref('fulfilment_crm.survey_satisfaction')
        asked = {
            'company_id': company.id, 'commercial_partner_id': contract.commercial_partner_id.id, 'contract_id': contract.id,
            'user_id': contract.user_id.id, 'date': TODAY,
        }
        request = cls.env['fulfilment.survey.request'].create({
            **asked, 'claim_key': f'test:{contract.id}', 'survey_id': survey.id, 'occasion': 'contract',
        })
        answer = cls.env['survey.user_input'].create({'survey_id': survey.id, 'partner_id': contract.partner_id.id})
        parts.update({
            'fulfilment.survey.request': request,
            'fulfilment.satisfaction': cls.env['fulfilment.satisfaction'].create({
                **asked, 'claim_key': f'test:{contract.id}', 'user_input_id': answer.id, 'partner_id': contract.partner_id.id,
                'quality': 4, 'average': 4, 'level': 'fairly', 'is_followed_up': True,
            }),
        })
        parts['fulfilment.interaction'] = cls.env['fulfilment.interaction'].create({
            'date': '2026-03-02 09:00:00', 'kind': 'meeting', 'topic': 'Kick-off', 'partner_id': contract.partner_id.id,
            'contract_id': contract.id, 'company_id': company.id, 'user_id': contract.user_id.id or cls.env.uid,
        })
        parts['fulfilment.communication.plan'] = cls.env['fulfilment.communication.plan'].create({
            'name': 'Weekly meeting', 'contract_id': contract.id,
        })
        about = {'company_id': company.id, 'contract_id': contract.id, 'user_id': contract.user_id.id or cls.env.uid}
        parts.update({
            'fulfilment.risk': cls.env['fulfilment.risk'].create({**about, 'name': 'Pays late', 'category': 'default'}),
            'fulfilment.response': cls.env['fulfilment.response'].create({
                **about, 'name': 'Pays late', 'plan_id': cls.env.ref('fulfilment_crm.response_plan_default').id,
                'commercial_partner_id': contract.commercial_partner_id.id,
            }),
        })
        damages = cls.env['fulfilment.damages'].create({'milestone_id': payment.id, 'debtor': 'customer', 'amount': 10.0})
        breach = cls.env['fulfilment.breach'].create({
            'contract_id': contract.id, 'user_id': contract.user_id.id, 'opened_on': TODAY, 'party': 'us',  # nobody is judged anew
            'cause_id': cls.env.ref('fulfilment_crm.breach_cause_payment_late').id,
        })
        document = cls.env['ir.attachment'].create({'name': 'Certificate.pdf', 'raw': b'Typhoon'})
        parts.update({
            'fulfilment.damages': damages, 'fulfilment.breach': breach,
            'fulfilment.damages.waiver': cls.env['fulfilment.damages.waiver'].create({
                'damages_id': damages.id, 'amount': 5.0, 'reason': 'Good customer', 'user_id': contract.user_id.id,
            }),
            'fulfilment.notice': cls.env['fulfilment.notice'].create({'breach_id': breach.id, 'date': TODAY}),
            'fulfilment.evidence': cls.env['fulfilment.evidence'].create({'contract_id': contract.id, 'file_name': 'C.zip'}),
            'fulfilment.legal.step': cls.env['fulfilment.legal.step'].create({'breach_id': breach.id, 'user_id': contract.user_id.id}),
            'fulfilment.suspension': cls.env['fulfilment.suspension'].create({
                'contract_id': contract.id, 'date_from': TODAY, 'date_to': TODAY, 'reason': 'Typhoon',
                'document_ids': [Command.link(document.id)],
            }),
        })
        review = cls.env['fulfilment.review'].create({
            'claim_key': f'test:{contract.id}', 'contract_id': contract.id, 'company_id': company.id, 'date': TODAY,
            'user_id': contract.user_id.id,
        })
        handover = cls.env['fulfilment.handover'].create({'contract_id': contract.id})
        kept = {'contract_id': contract.id, 'document': 'Contract', 'user_id': contract.user_id.id or cls.env.uid, 'date': TODAY}
        parts.update({
            'fulfilment.review': review, 'fulfilment.review.line': cls.env['fulfilment.review.line'].create({'review_id': review.id}),
            'fulfilment.finding': cls.env['fulfilment.finding'].create({
                'name': 'Late', 'review_id': review.id, 'user_id': contract.user_id.id, 'date_due': TODAY,
            }),
            'fulfilment.handover': handover, 'fulfilment.handover.line': cls.env['fulfilment.handover.line'].create({
                'handover_id': handover.id, 'text': 'Call them first',
            }),
            'fulfilment.seal.use': cls.env['fulfilment.seal.use'].create(kept),
            'fulfilment.original.loan': cls.env['fulfilment.original.loan'].create({**kept, 'date_due': TODAY}),
        })
        if state in ('approved', 'active', 'settlement'):
            amendment = cls.env['fulfilment.amendment'].create({
                'contract_id': contract.id, 'reason': 'Later delivery', 'user_id': contract.user_id.id, 'line_ids': [Command.create({
                    'kind': 'milestone_date', 'milestone_id': delivery.id, 'value_date': TODAY + timedelta(days=9),
                })],
            })
            parts.update({'fulfilment.amendment': amendment, 'fulfilment.amendment.line': amendment.line_ids})
        return contract, parts

    @classmethod
    def _make_customer_records(cls, user, company):
        """One record of each kind that profile, credit and tiers keep about a customer of somebody: ``{model: record}``."""
        env = cls.env(context={**cls.env.context, 'allowed_company_ids': company.ids})
        partner = env['res.partner'].create({'name': f'Customer of {user.name}', 'is_company': True, 'user_id': user.id})
        base = {'partner_id': partner.id, 'company_id': company.id}
        profile = env['fulfilment.profile'].create({**base, 'user_id': user.id, 'currency_id': company.currency_id.id, 'exposure': 12})
        order = env['sale.order'].create({'partner_id': partner.id, 'company_id': company.id, 'user_id': user.id})
        scorecard = env.ref('fulfilment_crm.scorecard_standard')
        records = {
            'fulfilment.profile': profile,
            'fulfilment.profile.history': env['fulfilment.profile.history'].create({**base, 'user_id': user.id, 'date': TODAY}),
            'fulfilment.credit.line': env['fulfilment.credit.line'].create({**base, 'limit': 10, 'limit_source': 'manual'}),
            'fulfilment.credit.assessment': env['fulfilment.credit.assessment'].create({
                **base, 'claim_key': f'test:{partner.id}', 'user_id': user.id, 'scorecard_id': scorecard.id, 'date': TODAY,
                'profile_id': profile.id,
            }),
            'fulfilment.credit.decision': env['fulfilment.credit.decision'].create({
                **base, 'order_id': order.id, 'outcome': 'hold', 'salesman_id': user.id, 'currency_id': company.currency_id.id,
            }),
            'fulfilment.tier.change': env['fulfilment.tier.change'].create({
                **base, 'claim_key': f'tier:{partner.id}', 'profile_id': profile.id, 'scale': 'importance', 'direction': 'first',
                'date': TODAY, 'tier_id': env.ref('fulfilment_crm.tier_key').id,
            }),
            'fulfilment.financial.statement': env['fulfilment.financial.statement'].create({**base, 'date': TODAY}),
            'fulfilment.external.score': env['fulfilment.external.score'].create({**base, 'date': TODAY, 'source': 'Agency', 'score': 50}),
        }
        base = {'commercial_partner_id': partner.id, 'company_id': company.id, 'user_id': user.id}
        records.update({
            'fulfilment.improvement': env['fulfilment.improvement'].create({
                **base, 'claim_key': f'test:{partner.id}', 'dimension': 'quality', 'date_due': TODAY, 'baseline': 2, 'target': 2.5,
            }),
            'fulfilment.loyalty.proposal': env['fulfilment.loyalty.proposal'].create({
                **base, 'claim_key': f'test:{partner.id}', 'kind': 'training', 'date': TODAY,
            }),
        })
        records.update(cls._make_care_records(env, profile, user))
        records['fulfilment.reward.grant'] = env['fulfilment.reward.grant'].create({
            'claim_key': f'reward:{partner.id}', 'partner_id': partner.id, 'company_id': company.id, 'user_id': user.id, 'date': TODAY,
            'profile_id': profile.id, 'effect': 'training', 'training': 'Pumps',
        })
        return {model: record.with_env(cls.env) for model, record in records.items()}

    @classmethod
    def _make_care_records(cls, env, profile, user):
        """One record of each kind that says how the customer of a profile is cared for."""
        base = {'partner_id': profile.partner_id.id, 'company_id': profile.company_id.id, 'user_id': user.id}
        return {
            'fulfilment.care.task': env['fulfilment.care.task'].create({
                **base, 'claim_key': f'care:{profile.id}', 'profile_id': profile.id, 'kind': 'call', 'period': 'month',
                'period_start': TODAY, 'period_end': TODAY, 'date_planned': TODAY,
            }),
            'fulfilment.care.occasion': env['fulfilment.care.occasion'].create({**base, 'name': 'Birthday', 'month': '3', 'day': 9}),
        }

    def run_cron(self, model, method, as_of=TODAY):
        """Run a scheduled action as the scheduler does, with commits, inside the transaction of the test."""
        self.env.invalidate_all(flush=True)
        with self.enter_registry_test_mode(), self.registry.cursor() as cr:
            env = api.Environment(cr, api.SUPERUSER_ID, {})
            getattr(env[model], method)(as_of=as_of)
        self.env.invalidate_all()
        return self.env['fulfilment.run'].search([], order='id desc', limit=1)

    def settle(self):
        """Do what happens before a transaction is committed."""
        self.env.cr.flush()
        self.env.invalidate_all()
