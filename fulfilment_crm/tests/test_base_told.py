"""What the machine writes into records is read in each reader's language; what people type stays as they typed it."""
import json
import re
from datetime import date, timedelta

from odoo import fields
from odoo.tests import tagged

from ..models.base.told import MARK, ToldChar, ToldText, _lt, told
from .common import TODAY, FulfilmentCommon


@tagged('post_install', '-at_install')
class TestTold(FulfilmentCommon):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env['res.lang']._activate_lang('zh_CN')
        cls.env['ir.module.module'].search([('name', '=', 'fulfilment_crm')])._update_translations(['zh_CN'])
        cls.user_sales.lang = 'zh_CN'
        cls.user_leader.lang = 'en_US'

    def _read(self, record, name):
        """What a Chinese and an English reader see of a field."""
        self.env.flush_all()
        self.env.invalidate_all()
        return [
            record.with_user(user).with_context(lang=user.lang).read([name])[0][name] for user in (self.user_sales, self.user_leader)
        ]

    def test_history_of_a_milestone(self):
        contract = self._make_contract('active')
        delivery = self._make_milestone(contract)
        payment = self._make_milestone(
            contract, 30, name='Payment', kind='payment', obligor='customer', amount=10.0,
            anchor='predecessor', predecessor_id=delivery.id, offset_days=30,
        )
        delivery.with_user(self.user_sales).action_done(date=TODAY - timedelta(days=1))
        event = payment.event_ids.filtered(lambda one: one.kind == 'moved')
        chinese, english = self._read(event, 'reason')
        self.assertEqual(english, 'Follows “Delivery”, done on Mar 1, 2026')
        self.assertEqual(chinese, '随“Delivery”调整，该节点于2026年3月1日完成')

    def test_what_people_type(self):
        contract = self._make_contract('active')
        delivery = self._make_milestone(contract)
        delivery.with_user(self.user_sales).action_waive(reason='客户同意')
        self.assertEqual(self._read(delivery, 'end_reason'), ['客户同意', '客户同意'])

    def test_values_of_every_kind(self):
        env = self.env(context={'lang': 'zh_CN'})
        text = told(env, _lt(
            "Follows “%(name)s”, done on %(date)s", name=told(env, _lt("Done")), date=date(2024, 2, 29),
        ))
        english = self.env(context={'lang': 'en_US'})
        field = self.env['fulfilment.milestone.event']._fields['reason']
        record = self.env['fulfilment.milestone.event'].with_env(english)
        self.assertEqual(field.convert_to_record(text.kept, record), 'Follows “Done”, done on Feb 29, 2024')
        self.assertIn('2024', field.convert_to_record(text.kept, record.with_env(env)))
        self.assertNotIn('Done', field.convert_to_record(text.kept, record.with_env(env)))

    def test_told_again_and_written_again(self):
        contract = self._make_contract('active')
        first, second = self._make_milestone(contract), self._make_milestone(contract)
        first.sudo()._end('waived', told(self.env, _lt("Done")))
        second.sudo()._end('waived', first.end_reason)
        self.assertEqual(*[self._read(one, 'end_reason') for one in (first, second)])
        self.assertNotEqual(*self._read(second, 'end_reason'))

    def test_titles_of_tickets_the_machine_opens(self):
        contract = self._make_contract('active')
        self._make_milestone(contract).with_user(self.user_sales).action_done(date=TODAY)
        acceptance = self._make_milestone(contract, name='Acceptance', kind='acceptance', obligor='customer')
        acceptance.with_user(self.user_sales).action_refuse(reason='Seals leak')
        ticket = self.env['fulfilment.ticket'].search([('milestone_id', '=', acceptance.id)])
        self.assertEqual(self._read(ticket, 'title'), ['客户拒收：Acceptance', 'Acceptance refused: Acceptance'])
        chinese, english = self._read(ticket, 'display_name')
        self.assertIn('客户拒收：Acceptance', chinese)
        self.assertIn('Acceptance refused', english)
        self.assertEqual(self.env['fulfilment.ticket'].name_search('Acceptance refused: %s'), [(ticket.id, ticket.display_name)])
        alert = self._make_alert(ticket, record_name=ticket._told_name(), user_id=self.user_sales.id)
        self.assertEqual(self._read(alert, 'record_name'), [chinese, english])
        ticket.with_user(self.user_service).title = 'Seals of the pump'
        self.assertEqual(self._read(ticket, 'title'), ['Seals of the pump'] * 2)

    def test_start_page(self):
        """The page reads tables, not records: what was told is told there, too."""
        contract = self._make_contract('active')
        self._make_milestone(contract).with_user(self.user_sales).action_done(date=TODAY)
        acceptance = self._make_milestone(contract, name='Acceptance', kind='acceptance', obligor='customer')
        acceptance.with_user(self.user_sales).action_refuse(reason='Seals leak')
        self.env['fulfilment.ticket'].search([('milestone_id', '=', acceptance.id)]).user_id = self.user_service
        self.user_service.lang = 'zh_CN'
        page = json.dumps(self.env['fulfilment.start'].with_user(self.user_service).with_context(lang='zh_CN').get_page(), default=str)
        self.assertIn(json.dumps('客户拒收：Acceptance')[1:-1], page)
        self.assertNotIn(json.dumps(MARK)[1:-1], page)

    def test_steps_of_an_approval(self):
        chain = self.env['fulfilment.approval.chain'].create({
            'name': 'x', 'model': 'fulfilment.contract', 'company_id': self.company_a.id,
            'step_ids': [fields.Command.create({'name': 'Review', 'group_id': self.env.ref('fulfilment_crm.group_legal').id})],
        })
        chain.step_ids.with_context(lang='zh_CN').name = '审查'
        contract = self._make_contract('in_approval')
        contract.sudo()._start_round({contract: chain})
        step = contract.approval_ids.filtered(lambda one: one.step_id == chain.step_ids)
        self.assertEqual(self._read(step, 'name'), ['审查', 'Review'])
        chain.step_ids.name = 'Other'
        self.assertEqual(self._read(step, 'name'), ['审查', 'Review'])

    def test_responses_in_each_language_of_their_plan(self):
        """The terms of the plan as they were, in all its languages; a term without translation as it is."""
        plan = self.env['fulfilment.response.plan'].create({'name': 'Leak', 'step_ids': [
            fields.Command.create({'name': 'Call', 'instructions': 'At once', 'role': 'owner'}),
            fields.Command.create({'name': 'Visit', 'role': 'owner'}),
        ]})
        plan.with_context(lang='zh_CN').name = '泄漏'
        plan.step_ids[0].with_context(lang='zh_CN').write({'name': '致电', 'instructions': '立即'})
        response = plan._start(self._make_contract('active'), owner=self.user_sales)
        plan.name, plan.step_ids[0].name = 'Other', 'Other'
        self.assertEqual(self._read(response, 'name'), ['泄漏', 'Leak'])
        first, second = response.step_ids
        self.assertEqual(self._read(first, 'name'), ['致电', 'Call'])
        self.assertEqual(self._read(first, 'instructions'), ['立即', 'At once'])
        self.assertEqual(self._read(second, 'name'), ['Visit', 'Visit'])
        self.assertFalse(second.instructions)
        self.assertEqual(first.activity_id.summary, '致电')
        self.assertIn('立即', first.activity_id.note)

    def test_kept_where_it_can_be_told(self):
        """No list groups by what has no name in any language, and nothing that is told is written into an ordinary field."""
        for model in self.env.registry.values():
            for field in model._fields.values():
                if isinstance(field, ToldChar | ToldText):
                    self.assertFalse(self.env[model._name].fields_get([field.name], ['groupable'])[field.name]['groupable'])
                elif field.store and field.type in ('char', 'text') and model._name.startswith('fulfilment.') and model._auto:
                    found = self.env[model._name].sudo().with_context(active_test=False).search([(field.name, 'like', MARK)])
                    self.assertFalse(found, f'{model._name}.{field.name}')

    def test_no_filter_groups_by_what_is_told(self):
        for view in self.env['ir.ui.view'].search([('model', '=like', 'fulfilment.%'), ('type', '=', 'search')]):
            for grouped in re.findall(r"'group_by': '(\w+)'", view.arch_db):
                field = self.env[view.model]._fields[grouped]
                self.assertFalse(isinstance(field, ToldChar | ToldText), f'{view.xml_id}: {grouped}')

    def test_typed_marks_tell_nothing(self):
        """A mark that somebody types is taken out; a row that was made otherwise breaks no list."""
        delivery = self._make_milestone(self._make_contract('active'))
        typed = (
            MARK, MARK + '{', MARK + '{"text": "Done", "values": []}', MARK + '[1]', MARK + '{"text": 5, "values": {}}',
            MARK + '{"text": "%(x)s %d", "values": {"x": 1}}', MARK + '{"text":"%(a)c","values":{"a":99999999999}}', MARK + '[' * 5000,
            MARK + '{"in": 5}', MARK + '{"in": {"en_US": {"a": [1]}}}',
        )
        for text in typed:
            with self.subTest(text=text[:40]):
                delivery.sudo().end_reason = text
                self.assertEqual(self._read(delivery, 'end_reason'), [text.replace(MARK, '')] * 2)
                made = self.env['fulfilment.milestone.event'].sudo().create({
                    'milestone_id': delivery.id, 'kind': 'moved', 'reason': 'Because ' + text,
                })
                self.assertEqual(self._read(made, 'reason')[0], 'Because ' + text.replace(MARK, ''))
                self.env.flush_all()
                self.env.cr.execute('UPDATE fulfilment_milestone SET end_reason = %s WHERE id = %s', [text, delivery.id])
                self.env.invalidate_all()
                delivery.read(['end_reason'])
