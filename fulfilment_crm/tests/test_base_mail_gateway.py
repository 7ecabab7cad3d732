"""The method that takes in e-mails works as superuser: it is the mail gateway's alone, and makes nothing of ours but tickets."""
from odoo.exceptions import AccessError
from odoo.tests import tagged

from .common import FulfilmentCommon

MAIL = """From: Grace Hall <grace@example.com>
To: whoever@nowhere.example
Subject: Please sign
Message-Id: <%s@nowhere.example>
Content-Type: text/plain

Text
"""


@tagged('post_install', '-at_install')
class TestMailGateway(FulfilmentCommon):

    def _ours(self):
        return [
            name for name in self.env.registry
            if name.startswith('fulfilment.') and not self.env[name]._abstract and 'message_ids' in self.env[name]._fields
        ]

    def test_nobody_but_the_gateway_hands_over_mails(self):
        self.assertGreater(len(self._ours()), 25)
        contract = self._make_contract('active')
        for user in (self.user_plain, self.user_sales, self.user_manager, self.user_inspector):
            thread = self.env['mail.thread'].with_user(user)
            for model in [*self._ours(), 'res.partner', 'ir.actions.server']:
                with self.subTest(user=user.login, model=model), self.assertRaises(AccessError):
                    thread.message_process(model, MAIL % model, custom_values={'name': 'x'})
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                thread.message_process('fulfilment.contract', MAIL % 'thread', thread_id=contract.id)

    def test_the_gateway_makes_tickets_only(self):
        admin = self.env.ref('base.user_admin')
        values = {
            'name': 'x', 'partner_id': self.customer.id, 'type_id': self.type_service.id, 'state': 'active',
            'company_id': self.company_a.id,
            'title': 'x', 'reason': 'x', 'topic': 'x', 'contract_id': self._make_contract('active').id,
        }
        for env in (self.env, self.env(user=admin)):
            for model in self._ours():
                if model == 'fulfilment.ticket':
                    continue
                records = self.env[model].with_context(active_test=False)
                before = records.search_count([])
                with self.subTest(model=model, user=env.user.login):
                    env['mail.thread'].message_process(model, MAIL % f'{model}-{env.uid}', custom_values=values)
                    self.assertEqual(records.search_count([]), before)
                with self.subTest(model=model, user=env.user.login), self.assertRaises(AccessError):
                    env[model].sudo().message_new({'subject': 'x'}, dict(values))

    def test_an_alias_stands_for_its_team(self):
        """Whatever its defaults say."""
        team = self.env['fulfilment.service.team'].create({'name': 'Help', 'company_id': self.company_a.id})
        defaults = {'company_id': self.company_b.id, 'team_id': False, 'compensation_points': 1000, 'kind': 'closed'}
        team.alias_id.sudo().write({'alias_defaults': repr(defaults)})
        values = self.env['fulfilment.ticket']._accept_from_gateway(defaults, team.alias_id)
        self.assertEqual(values, {'company_id': self.company_a.id, 'team_id': team.id})

    def test_values_of_a_ticket_come_from_its_alias(self):
        before = self.env['fulfilment.ticket'].search([])
        self.env['mail.thread'].message_process('fulfilment.ticket', MAIL % 'ticket', custom_values={
            'company_id': self.company_a.id, 'ticket_type': 'complaint', 'urgency': 'urgent', 'user_id': self.user_manager.id,
            'partner_id': self.customer.id, 'objection_state': 'accepted',
        })
        ticket = self.env['fulfilment.ticket'].search([]) - before
        self.assertRecordValues(ticket, [{
            'company_id': self.company_a.id, 'ticket_type': 'complaint', 'urgency': 'normal', 'objection_state': False,
            'commercial_partner_id': False,
        }])
