"""What became of a contract sent for signature: to whom it went, and when it was opened."""
import contextlib
from datetime import timedelta

from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import tagged

from .common_portal import PortalCommon


@tagged('post_install', '-at_install', 'fulfilment_heavy')
class TestSignatureRequest(PortalCommon):

    def _send(self):
        action = self.to_sign.with_user(self.user_sales).action_send_for_signature()
        composer = self.env['mail.compose.message'].with_user(self.user_sales).with_context(**action['context']).create({})
        with self.mock_mail_gateway():
            composer._action_send_mail()
        return self.to_sign

    def _opened(self, contract, token=None):
        self.make_jsonrpc_request(self._url(contract, '/opened'), {'access_token': token})
        contract.invalidate_recordset()

    def test_sent_and_opened(self):
        """Sent to whom, opened when; looking by GET notes nothing, and neither do colleagues and strangers."""
        self.assertFalse(self.to_sign.request_sent_on)
        contract = self._send()
        self.assertTrue(contract.request_sent_on)
        self.assertEqual(contract.request_sent_to, self.user_portal.partner_id.name)
        self._login(self.user_portal)
        page = self._page(contract)
        self.assertIn('o_fulfilment_to_sign', page.text)
        contract.invalidate_recordset()
        self.assertFalse(contract.request_opened_on, "by GET")
        for user, token in ((self.user_stranger, None), (self.user_sales, None), (None, 'wrong')):
            self._login(user)
            self._opened(contract, token)
            self.assertFalse(contract.request_opened_on)
        self._login(None)
        self._opened(contract, contract.sudo().access_token)
        first = contract.request_opened_on
        self.assertTrue(first)
        contract.request_opened_on = first - timedelta(days=1)
        self._opened(contract, contract.sudo().access_token)
        self.assertEqual(contract.request_opened_on, first - timedelta(days=1), "the first time counts")
        with self.assertRaises(AccessError):
            contract.with_user(self.user_sales).request_opened_on = False
        contract.with_user(self.user_sales).action_reset_draft()
        self.assertFalse(contract.request_sent_on or contract.request_opened_on)

    def test_another_mail_is_no_request(self):
        composer = self.env['mail.compose.message'].with_user(self.user_sales).create({
            'model': self.to_sign._name, 'res_ids': str(self.to_sign.ids), 'composition_mode': 'comment', 'body': 'Hello',
            'subject': 'Hello', 'partner_ids': [Command.set(self.user_portal.partner_id.ids)],
        })
        with self.mock_mail_gateway():
            composer._action_send_mail()
        self.assertFalse(self.to_sign.request_sent_on)

    def test_noted_of_who_may_write_and_of_what_went_out(self):
        """A reader notes nothing by sending the template as a note, and nothing is sent where nobody is named."""
        template = self.env.ref('fulfilment_crm.mail_template_signature')
        for user, partners in ((self.user_inspector, self.user_portal.partner_id), (self.user_sales, self.env['res.partner'])):
            composer = self.env['mail.compose.message'].with_user(user).with_context(
                default_model='fulfilment.contract', default_res_ids=self.to_sign.ids, default_template_id=template.id,
                default_composition_mode='comment',
            ).create({'partner_ids': [Command.set(partners.ids)]})
            composer.partner_ids = partners
            with self.mock_mail_gateway(), contextlib.suppress(AccessError):  # or refused altogether
                composer._action_send_mail()
            self.to_sign.invalidate_recordset()
            self.assertFalse(self.to_sign.request_sent_on, user.login)
