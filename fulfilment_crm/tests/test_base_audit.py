"""Who changed what of the rules that money, deadlines and approvals follow: from what to what, for inspectors to read."""
from odoo.fields import Command
from odoo.models import MAGIC_COLUMNS
from odoo.tests import tagged

from .common import TODAY, FulfilmentCommon

# Fields of rules that decide nothing.
UNTRACKED = {
    'fulfilment.contract.type': {'sequence', 'description'}, 'fulfilment.contract.template': {'sequence', 'description'},
    'fulfilment.clause': {'sequence', 'version', 'previous_id'}, 'fulfilment.clause.parameter': {'clause_id'},
    'fulfilment.approval.step': {'chain_id'}, 'fulfilment.contract.template.clause': {'template_id'},
    'fulfilment.milestone.template': {'template_id'},
    'fulfilment.ticket.reply': {'sequence'}, 'fulfilment.ticket.category': {'sequence'}, 'fulfilment.ticket.cause': {'sequence'},
    'fulfilment.ticket.stage': {'sequence'}, 'fulfilment.deadline.escalation': {'policy_id'},
    'fulfilment.service.team': {'sequence', 'alias_id'},
    'fulfilment.service.member': {'team_id'}, 'fulfilment.survey.plan': {'sequence'},
    'fulfilment.care.plan.line': {'plan_id', 'company_id'}, 'fulfilment.account.role': {'sequence'},
    'fulfilment.response.plan': {'sequence', 'when_to_use', 'prevention'},
    'fulfilment.response.plan.step': {'plan_id', 'instructions'},
    'fulfilment.breach.cause': {'sequence', 'parent_path'}, 'fulfilment.breach.rule': {'sequence'},
    'fulfilment.review.plan': {'sequence'}, 'fulfilment.review.question': {'plan_id'}, 'fulfilment.process.check': {'sequence'},
    'fulfilment.mechanism': {'sequence', 'told_for', 'checked_on', 'result'},
    'fulfilment.legal.tariff': {'sequence'}, 'fulfilment.legal.tariff.band': {'tariff_id'},
    'fulfilment.legal.template': {'sequence'}, 'fulfilment.legal.template.line': {'template_id'},
    'fulfilment.warning.rule': {'sequence', 'paused_reason'}, 'fulfilment.reward.rule': {'sequence', 'cost'},
    'fulfilment.collection.step': {'strategy_id'}, 'fulfilment.dispute.reason': {'sequence'},
    'fulfilment.delegation': {'reason', 'arranger_ids'}, 'fulfilment.clause.category': {'sequence', 'description'},
    'fulfilment.credit.grade': {'color'}, 'fulfilment.credit.rule': {'sequence'}, 'fulfilment.tier': {'color'},
    'fulfilment.scorecard': {'previous_id', 'version', 'activated_on'},
    'fulfilment.scorecard.criterion': {'sequence', 'scorecard_id'}, 'fulfilment.scorecard.band': {'criterion_id'},
}


@tagged('post_install', '-at_install')
class TestAudit(FulfilmentCommon):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env = cls.env(context={})  # with the chatter, as in real life
        cls.group = cls.env.ref('fulfilment_crm.group_legal')
        cls.contact = cls.company_a.partner_id.with_env(cls.env)
        cls.user_manager.company_ids = cls.env['res.company'].search([])
        cls.manager = cls.env(user=cls.user_manager)
        cls.rule = cls.env['fulfilment.reminder.rule'].create({
            'name': 'Payment', 'offset_days': -3, 'channel': 'letter', 'audience': 'customer', 'company_id': cls.company_a.id,
        })
        cls.chain = cls.env['fulfilment.approval.chain'].create({
            'name': 'Large', 'model': 'fulfilment.contract', 'company_id': cls.company_a.id,
            'step_ids': [Command.create({'name': 'Law', 'group_id': cls.group.id, 'minimum_amount': 100.0})],
        })
        cls.type_plain = cls.env['fulfilment.contract.type'].create({'name': 'Plain', 'code': 'PLAIN', 'deemed_acceptance_days': 5})
        cls.clause = cls.env['fulfilment.clause'].create({
            'name': 'Price', 'category_id': cls.env.ref('fulfilment_crm.clause_category_payment').id, 'body': 'Within {days} days.',
            'parameter_ids': [Command.create({'key': 'days', 'name': 'Days', 'role': 'payment_days', 'value_number': 30})],
        })
        cls.template = cls.env['fulfilment.contract.template'].create({
            'name': 'Plain', 'type_id': cls.type_plain.id, 'duration_months': 12,
            'clause_line_ids': [Command.create({'clause_id': cls.clause.id})],
            'milestone_line_ids': [Command.create({'name': 'Payment', 'kind': 'payment', 'percent': 40.0})],
        })

    def changes(self, thread, work):
        """What ``work`` leaves in the chatter of a record, noted by the manager and readable to an inspector."""
        self.settle()
        before = thread.message_ids
        work()
        self.settle()
        messages = thread.message_ids - before
        self.assertEqual(messages.author_id, self.user_manager.partner_id if messages else messages.author_id)
        seen = messages.with_user(self.user_inspector)
        self.assertEqual(len(seen.search([('id', 'in', messages.ids)])), len(messages))
        values = messages.tracking_value_ids
        self.assertEqual(values._filter_has_field_access(seen.env), values)
        return {
            (one['fieldInfo']['changedField'], *(False if one[key] == '' else one[key] for key in ('oldValue', 'newValue')))
            for one in values._tracking_value_format()
        }

    def test_reminder_rule(self):
        rule = self.rule.with_env(self.manager)
        only = "[('kind', '=', 'payment')]"
        self.assertEqual(
            self.changes(self.rule, lambda: rule.write({'offset_days': -5, 'audience': 'responsible', 'domain': only})),
            {('Days', -3, -5), ('Audience', 'Customer', 'Responsible'), ('Only for', '[]', only)},
        )
        self.assertEqual(self.changes(self.rule, lambda: rule.action_archive()), {('Active', True, False)})

    def test_approval_chain(self):
        chain = self.chain.with_env(self.manager)
        step = chain.step_ids
        self.assertEqual(self.changes(self.chain, lambda: chain.write({'domain': "[('amount_total', '>', 9)]"})), {
            ('Domain', '[]', "[('amount_total', '>', 9)]"),
        })
        self.assertEqual(
            self.changes(self.chain, lambda: chain.write({'step_ids': [Command.update(step.id, {'minimum_amount': 500.0})]})),
            {('From amount', 100.0, 500.0)},
        )
        boss = Command.create({'name': 'Boss', 'user_id': self.user_leader.id})
        added = self.changes(self.chain, lambda: chain.write({'step_ids': [boss]}))
        self.assertLessEqual({('Name', False, 'Boss'), ('Person', False, self.user_leader.name)}, added)
        self.assertIn('Boss', self.chain.message_ids[0].body)
        removed = self.changes(self.chain, lambda: chain.write({'step_ids': [Command.delete(step.id)]}))
        self.assertLessEqual({('Name', 'Law', False), ('From amount', 500.0, 0.0), ('Group', self.group.display_name, False)}, removed)
        self.assertIn('Law', self.chain.message_ids[0].body)
        self.assertEqual(self.changes(self.chain, lambda: chain.step_ids.write({'minimum_amount': 0.0})), set())

    def test_contract_type_and_template(self):
        category = self.env.ref('fulfilment_crm.clause_category_payment')
        kind = self.type_plain.with_env(self.manager)
        self.assertEqual(
            self.changes(self.type_plain, lambda: kind.write({'deemed_acceptance_days': 9, 'mandatory_category_ids': category.ids})),
            {('Deemed Acceptance Days', 5, 9), ('Mandatory clauses', False, category.name)},
        )
        template = self.template.with_env(self.manager)
        self.assertEqual(self.changes(self.template, lambda: template.write({'duration_months': 24})), {('Duration Months', 12, 24)})
        line = template.milestone_line_ids
        self.assertEqual(self.changes(self.template, lambda: line.write({'percent': 60.0})), {('% of contract', 40.0, 60.0)})
        self.assertIn(
            ('Clause', self.clause.display_name, False), self.changes(self.template, lambda: template.clause_line_ids.unlink()),
        )

    def test_clause(self):
        clause = self.clause.with_env(self.manager)
        self.assertEqual(
            self.changes(self.clause, lambda: clause.write({'body': 'After {days} days.'})),
            {('Wording', 'Within {days} days.', 'After {days} days.')},
        )
        self.assertEqual(
            self.changes(self.clause, lambda: clause.parameter_ids.write({'value_number': 60})), {('Numeric value', 30.0, 60.0)},
        )

    def test_extra_working_day(self):
        """It is entered in a list, so its trace lies with the company."""
        Workday = self.manager['fulfilment.workday']
        added = self.changes(self.contact, lambda: Workday.create({'name': 'Make-up', 'date': TODAY, 'dayofweek': '0'}))
        self.assertLessEqual({('Name', False, 'Make-up'), ('Date', False, str(TODAY)), ('Hours of', False, 'Monday')}, added)
        day = Workday.search([('name', '=', 'Make-up')])
        self.assertEqual(self.changes(self.contact, lambda: day.write({'dayofweek': '4'})), {('Hours of', 'Monday', 'Friday')})
        self.assertIn(('Date', str(TODAY), False), self.changes(self.contact, lambda: day.unlink()))

    def test_whatever_the_call_asks(self):
        rule = self.rule.with_env(self.manager).with_context(tracking_disable=True, mail_notrack=True, install_mode=True)
        self.assertEqual(self.changes(self.rule, lambda: rule.write({'offset_days': -9})), {('Days', -3, -9)})
        name = rule.display_name
        self.assertIn(('Days', -9, 0), self.changes(self.contact, rule.unlink))
        self.assertIn(name, self.contact.message_ids[0].body)

    def test_deleted_rules(self):
        for record, change in (
            (self.rule, ('Days', -3, 0)), (self.chain, ('Name', 'Large', False)), (self.template, ('Duration Months', 12, 0)),
        ):
            with self.subTest(model=record._name):
                name = record.display_name
                self.assertIn(change, self.changes(self.contact, lambda record=record: record.with_env(self.manager).unlink()))
                self.assertIn(name, self.contact.message_ids[0].body)

    def test_settings(self):
        Settings = self.manager['res.config.settings'].sudo()
        self.assertEqual(self.changes(self.contact, lambda: Settings.create({
            'fulfilment_approval': False, 'fulfilment_escalation_days': 7, 'fulfilment_manager_id': self.user_leader.id,
        }).execute()), {
            ('Contracts need approval', True, False), ('Escalate approvals after (working days)', 3, 7),
            ('Fulfilment manager', self.user_manager.name, self.user_leader.name),
        })
        company = self.company_a.with_env(self.manager).sudo()
        self.assertEqual(
            self.changes(self.contact, lambda: company.write({'fulfilment_escalation_days': 7, 'fulfilment_sms_fallback': 'none'})),
            {('Without an SMS account', 'E-mail instead', 'Only list it')},
        )

    def test_contract_after_the_draft(self):
        contract = self._make_contract('active', auto_renew=True).with_context(tracking_disable=False)
        self.assertEqual(
            self.changes(contract, lambda: contract.with_env(self.manager).write({'auto_renew': False, 'renew_months': 6})),
            {('Renew automatically', True, False), ('Renew for (months)', 12, 6)},
        )

    def test_every_term_of_a_rule_is_audited(self):
        audited = [
            self.env[name] for name in self.env.registry
            if name.startswith('fulfilment.') and isinstance(self.env[name], type(self.env['fulfilment.audit.mixin']))
            and not self.env[name]._abstract
        ]
        self.assertEqual(len(audited), 49)
        for model in audited:
            untracked = {
                name for name, field in model._fields.items()
                if field.store and name not in MAGIC_COLUMNS and not getattr(field, 'tracking', None) and field.type != 'one2many'
                and field.name != 'message_main_attachment_id'
            }
            with self.subTest(model=model._name):
                self.assertEqual(untracked, UNTRACKED.get(model._name, set()))
