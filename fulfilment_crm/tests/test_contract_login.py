"""Who acts for the customer: logins and addresses that colleagues could get at prove nothing, and are not everybody's to change."""

from odoo import SUPERUSER_ID
from odoo.exceptions import AccessDenied, AccessError, UserError
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from odoo.addons.mail.tests.common import MailCommon

from .common import FulfilmentCommon
from .common_gate import GateCommon


@tagged('post_install', '-at_install')
class TestCustomerLogin(FulfilmentCommon, MailCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.login = cls._make_login(cls.contact, 'lin')
        cls.plain = cls._make_user('plain', None, 'sales_team.group_sale_salesman', 'base.group_partner_manager')
        for user in (cls.user_sales, cls.user_leader):
            user.group_ids |= cls.env.ref('base.group_partner_manager')

    @classmethod
    def _make_login(cls, partner, login, env=None):
        partner.email = partner.email or f'{login}@hengtong.example'
        return new_test_user(env or cls.env, login, groups='base.group_portal', partner_id=partner.id, email=partner.email)

    def test_the_address_of_a_login_is_not_a_colleagues_to_change(self):
        for user in (self.user_sales, self.plain):
            with self.subTest(user=user.login), self.assertRaisesRegex(AccessError, 'logs in on the portal'):
                self.contact.with_user(user).email = 'mine@evil.example'
        self.contact.with_user(self.user_sales).write({'email': self.contact.email, 'phone': '1'})
        self.contact.with_user(self.user_leader).email = 'lin.wei@hengtong.example'
        self.login.with_user(self.login).email = 'lin@hengtong.example'

    def test_an_invitation_that_does_not_get_out_lets_nobody_in(self):
        """Without a mail server the message stays: whoever invited reads it, and would log in as the contact."""
        newcomer = self.env['res.partner'].create({'name': 'Zhao Min', 'parent_id': self.other_customer.id, 'email': 'zhao@other.example'})
        wizard = self.env['portal.wizard'].with_user(self.user_sales).with_context(active_ids=newcomer.ids).create({})
        with self.mock_mail_gateway(mail_unlink_sent=False):
            wizard.user_ids.filtered(lambda one: one.partner_id == newcomer).action_grant_access()
        mail = self.env['mail.mail'].search([('recipient_ids', 'in', newcomer.ids)], order='id desc', limit=1) \
            or self.env['mail.mail'].search([('email_to', 'ilike', 'zhao@other.example')], order='id desc', limit=1)
        self.assertIn('token=', mail.body_html)
        self.assertNotIn('token=', mail.mail_message_id.body)
        self.assertIn(mail.subject, mail.mail_message_id.body)
        sent = self._mails[-1]
        self.assertIn('token=', sent['body'], "the contact gets it")

    def test_logins_known_at_the_approval_only(self):
        contract = self._make_contract('approved', user_id=self.user_sales.id, partner_id=self.contact.id)
        self.assertTrue(contract._knows_login(self.login))
        later = self._make_login(self.contact.copy({'parent_id': self.customer.id}), 'later')
        self.assertFalse(contract._knows_login(later))
        address = self.contact.email
        for name, change in {
            'address': {'email': 'mine@evil.example'}, 'customer': {'parent_id': self.other_customer.id},
            'two': {'email': f'{address}, b@x.example'},
        }.items():
            with self.subTest(change=name), self.env.cr.savepoint() as savepoint:
                self.contact.write(change)
                self.assertFalse(contract._knows_login(self.login))
                savepoint.rollback()
                self.env.invalidate_all()
        self.assertTrue(contract._knows_login(self.login))
        contract.sudo().approved_logins = False
        self.assertFalse(contract._knows_login(self.login))

    def test_whoever_else_logs_in_for_the_customer_needs_the_code(self):
        """Anybody of ours may have let them in."""
        mine = self.env['res.partner'].with_user(self.plain).create({
            'name': 'Assistant', 'parent_id': self.customer.id, 'email': 'assistant@private.example',
        }).sudo()
        login = self._make_login(mine, 'assistant')
        for partner, known in ((self.customer, False), (self.contact, False), (mine, True)):
            contract = self._make_contract('approved', user_id=self.user_sales.id, partner_id=partner.id)
            with self.subTest(contact=partner.name):
                self.assertEqual(contract._knows_login(login), known)

    def test_noted_at_submission(self):
        contract = self._make_contract('draft', user_id=self.user_sales.id, partner_id=self.contact.id)
        contract._on_submitted()
        self.login.sudo().active = False
        self.contact.email = 'mine@evil.example'  # while others approve
        contract._on_approved()
        with self.assertRaisesRegex(UserError, 'approved again'):
            contract._send_link_code()

    def test_a_login_given_back_is_guarded_meanwhile(self):
        self.login.sudo().active = False
        for vals in ({'email': 'mine@evil.example'},):
            with self.assertRaisesRegex(AccessError, 'logs in on the portal'), self.env.cr.savepoint():
                self.contact.with_user(self.user_sales).write(vals)
        self._make_contract('approved', user_id=self.user_sales_2.id, partner_id=self.other_customer.id)
        with self.assertRaisesRegex(AccessError, 'logs in on the portal'), self.env.cr.savepoint():
            self.contact.with_user(self.plain).parent_id = self.other_customer
        self.contact.with_user(self.user_sales).email = self.contact.email.upper()

    def test_who_lets_people_in(self):
        self._make_contract('approved', user_id=self.user_sales.id)
        for user, allowed in ((self.plain, False), (self.user_sales_2, False), (self.user_sales, True), (self.user_leader, True)):
            user.group_ids |= self.env.ref('base.group_partner_manager')
            guest = self.env['res.partner'].create({
                'name': f'Guest of {user.login}', 'parent_id': self.customer.id, 'email': f'{user.login}@guest.example',
            })
            wizard = self.env['portal.wizard'].with_user(user).create({'partner_ids': [(6, 0, guest.ids)]})
            with self.subTest(user=user.login), self.mock_mail_gateway():
                if allowed:
                    wizard.user_ids.action_grant_access()
                    self.assertTrue(guest.sudo().user_ids)
                else:
                    with self.assertRaisesRegex(AccessError, 'may not read'), self.env.cr.savepoint():
                        wizard.user_ids.action_grant_access()

    def test_a_lead_keeps_an_address_of_its_own(self):
        lead = self.env['crm.lead'].create({'name': 'More pumps', 'partner_id': self.contact.id, 'user_id': self.plain.id})
        lead.with_user(self.plain).email_from = 'private@hengtong.example'
        self.assertEqual((lead.email_from, self.contact.email), ('private@hengtong.example', self.login.email))

    def test_a_login_does_not_open_another_customers_contracts(self):
        contract = self._make_contract('approved', user_id=self.user_sales.id)
        theirs = self._make_login(self.env['res.partner'].create({'name': 'Spy', 'parent_id': self.other_customer.id}), 'spy')
        self.assertFalse(contract.with_user(theirs).has_access('read'))
        spy = theirs.partner_id.with_user(self.plain)
        # Contacts written as lines are written as the one whose call it is.
        self.patch(self.env.transaction, 'default_env', self.env(user=self.plain))
        for name, road in {
            'parent': lambda: spy.write({'parent_id': self.customer.id}),
            'child': lambda: self.customer.with_user(self.plain).write({'child_ids': [(4, spy.id)]}),
            'company': lambda: self.other_customer.with_user(self.plain).write({'parent_id': self.customer.id, 'is_company': False}),
        }.items():
            with self.subTest(road=name), self.assertRaisesRegex(AccessError, 'logs in on the portal'), self.env.cr.savepoint():
                road()
            self.env.invalidate_all()
        theirs.partner_id.with_user(self.user_leader).parent_id = self.customer
        self.assertFalse(contract._knows_login(theirs))
        theirs.partner_id.with_user(self.user_leader).parent_id = self.other_customer
        self.assertFalse(contract.with_user(theirs).has_access('read'), "the rules are asked anew")

    def test_the_code_goes_to_the_one_address_of_the_approval(self):
        contract = self._make_contract('approved', user_id=self.user_sales.id, partner_id=self.customer.id)
        address = contract.sudo().approved_email
        self.customer.email = f'{address}, mine@evil.example'
        with self.assertRaisesRegex(UserError, 'approved again'):
            contract._send_link_code()
        contract._note_address()
        with self.assertRaisesRegex(UserError, 'no e-mail address'):
            contract._send_link_code()
        self.customer.email = address
        contract._note_address()
        with self.mock_mail_gateway():
            contract._send_link_code()
        self.assertEqual([mail['email_to'] for mail in self._mails], [[f'"{self.customer.name}" <{address}>']])

    def test_merging_contacts_of_two_customers(self):
        ours = self.env['res.partner'].create({'name': 'Twin', 'parent_id': self.other_customer.id})
        contract = self._make_contract('approved', user_id=self.user_sales.id, partner_id=self.contact.id)
        self.login.sudo().active = False
        self.contact.sudo().user_id = self.customer.sudo().user_id = self.user_sales
        with self.assertRaisesRegex(AccessError, 'leader merges'), self.env.cr.savepoint():
            merge(self.user_sales, ours, self.contact)
        self.assertEqual(contract.commercial_partner_id, self.customer)
        token = contract._portal_ensure_token()
        merge(self.user_leader, ours, self.contact)
        self.assertEqual(contract.commercial_partner_id, self.other_customer)
        self.assertNotEqual(contract.sudo().access_token, token)

    def test_merging_takes_no_login_to_another_customer(self):
        self._make_contract('approved', user_id=self.user_sales.id, partner_id=self.customer.id)
        theirs = self._make_login(self.env['res.partner'].create({'name': 'Spy', 'parent_id': self.other_customer.id}), 'spy')
        twin = self.env['res.partner'].create({'name': 'Twin', 'parent_id': self.customer.id})
        self.customer.sudo().user_id = self.other_customer.sudo().user_id = self.user_sales
        with self.assertRaisesRegex(AccessError, 'logs in on the portal'), self.env.cr.savepoint():
            merge(self.user_sales, twin, theirs.partner_id)

    def test_mails_made_as_superuser_let_nobody_in(self):
        """Odoo makes the links of notifications and shared pages as superuser: who asked for them is asked all the same."""
        self.env['ir.config_parameter'].sudo().set_param('auth_signup.invitation_scope', 'b2c')
        self._make_contract('approved', user_id=self.user_sales.id)
        self.plain.email = 'plain@a.example'
        for user, let_in in ((self.plain, False), (self.user_sales, True)):
            guest = self.env['res.partner'].with_user(user).create({
                'name': f'Guest {user.login}', 'parent_id': self.customer.id, 'email': f'{user.login}@private.example',
            })
            order = self.env['sale.order'].with_user(user).create({'partner_id': guest.id, 'user_id': user.id})
            lead = self.env['crm.lead'].with_user(user).create({'name': 'More', 'partner_id': guest.id, 'user_id': user.id})
            for name, road in {
                'message': lambda order=order, guest=guest: order.message_post(
                    body='Look', partner_ids=guest.ids, message_type='comment', subtype_xmlid='mail.mt_comment',
                ),
                'share': lambda user=user, lead=lead, guest=guest: self.env['portal.share'].with_user(user).create({
                    'res_model': 'crm.lead', 'res_id': lead.id, 'partner_ids': [(6, 0, guest.ids)],
                })._send_signup_link(guest),
            }.items():
                with self.subTest(user=user.login, road=name), self.mock_mail_gateway(mail_unlink_sent=False):
                    road()
                    self.env.cr.precommit.run()
                    bodies = ''.join(mail['body'] for mail in self._mails if f'{user.login}@private.example' in str(mail['email_to']))
                    self.assertTrue(bodies)
                    self.assertEqual('token=' in bodies.replace('access_token=', ''), let_in)
        guest = self.env['res.partner'].create({'name': 'Guest', 'parent_id': self.customer.id, 'email': 'guest@private.example'})
        machine = guest.with_user(SUPERUSER_ID)
        self.assertNotIn('auth_signup_token', machine.signup_get_auth_param()[guest.id], "the machine lets nobody in by itself")
        self.assertNotIn('token=', machine._get_signup_url_for_action()[guest.id])
        free = self.env['res.partner'].create({'name': 'Free', 'email': 'free@private.example'}).with_user(SUPERUSER_ID)
        self.assertIn('auth_signup_token', free.signup_get_auth_param()[free.id])
        url = self.contact.sudo()._get_signup_url()
        self.assertIn('token=', url, "who has a login sets the password by a mail to its own address")


@tagged('post_install', '-at_install')
class TestMergedOrders(GateCommon):
    def test_merging_contacts_asks_the_gate(self):
        other = self.env['res.partner'].create({'name': 'Lakeside', 'is_company': True})
        here, there = self.env['res.partner'].create([
            {'name': 'Twin', 'parent_id': partner.id} for partner in (self.customer, other)
        ])
        order = self._quote(5000.0, partner=here)
        order.action_confirm()
        self.assertEqual(order.state, 'sale')
        self._limit(other, 1000.0)
        plain = new_test_user(self.env, 'plain', groups='base.group_user,sales_team.group_sale_salesman,base.group_partner_manager')
        with self.assertRaisesRegex(UserError, 'cannot become a contact'), self.env.cr.savepoint():
            merge(plain, there, here)


@tagged('post_install', '-at_install')
class TestTokensOfContacts(FulfilmentCommon):
    def test_whoever_lets_a_contact_in_does_not_know_the_password(self):
        self.user_sales.group_ids += self.env.ref('base.group_partner_manager')
        self._make_contract('active')
        known = 'Known!12345'
        self.env['ir.default'].with_user(self.user_sales).set('res.users', 'password', known, user_id=True)
        for context in ({}, {'default_password': known}):
            guest = self.env['res.partner'].create({
                'name': 'Guest', 'parent_id': self.customer.id, 'email': f'guest{len(context)}@hengtong.example',
            })
            wizard = self.env['portal.wizard'].with_user(self.user_sales).with_context(**context).create({
                'partner_ids': [(6, 0, guest.ids)],
            })
            wizard.user_ids.action_grant_access()
            login = guest.user_ids
            self.assertTrue(login)
            with self.subTest(context=context), self.assertRaises(AccessDenied), mute_logger('odoo.addons.base.models.res_users'):
                login.with_user(login)._check_credentials({'type': 'password', 'password': known}, {'interactive': True})

    def test_the_token_of_a_contact_is_given_to_who_may_let_it_in(self):
        self.env['ir.config_parameter'].sudo().set_param('auth_signup.invitation_scope', 'b2c')
        self._make_contract('active')
        for user, given in ((self.user_sales, True), (self.user_sales_2, False), (self.user_plain, False), (self.user_leader, True)):
            with self.subTest(user=user.login):
                found = self.contact.with_user(user).signup_get_auth_param()
                self.assertEqual('auth_signup_token' in found[self.contact.id], given)
        self.assertIn('auth_signup_token', self.other_customer.with_user(self.user_plain).signup_get_auth_param()[self.other_customer.id])

    def test_whose_mails_are_whose_follows_from_the_address(self):
        self.user_sales_2.group_ids += self.env.ref('base.group_partner_manager')
        with self.assertRaises(AccessError):
            self.contact.with_user(self.user_sales_2).email_normalized = 'evil@evil.example'
        self.contact.with_user(self.user_sales_2).write({'email_normalized': self.contact.email_normalized, 'phone': '1'})


def merge(user, dst, *others):
    wizard = dst.env['base.partner.merge.automatic.wizard'].with_user(user).create({})
    partners = dst.concat(*others)
    partners.sudo().email = 'same@hengtong.example'
    wizard._merge(partners.ids, dst.with_user(user))
