"""Tickets on the portal over HTTP: what customers can do, what they never see, and limits for what they send."""
from odoo.fields import Command
from odoo.tests import HttpCase, new_test_user, tagged

from .common_ticket import ServiceCommon


@tagged('post_install', '-at_install')
class TestTicketPortal(ServiceCommon, HttpCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.portal = cls._portal_user('f_ticket_portal', cls.customer)
        cls.other_portal = cls._portal_user('f_ticket_other', cls.other_customer)

    @classmethod
    def _portal_user(cls, login, customer):
        user = new_test_user(
            cls.env, login, groups='base.group_portal', company_id=cls.company_a.id, company_ids=[Command.set(cls.company_a.ids)],
            email=f'{login}@portal.example',
        )
        user.partner_id.parent_id = customer
        return user

    def send(self, files=None, **values):
        page = self.url_open('/my/fulfilment/tickets/new')
        data = {
            'csrf_token': page.text.split('name="csrf_token" value="')[1].split('"')[0], 'title': 'The pump leaks',
            'description': 'Water\n<script>alert(1)</script>', **values,
        }
        return self.url_open('/my/fulfilment/tickets/new', data=data, files=files, allow_redirects=True)

    def post(self, ticket, answer, token=None, **values):
        page = self.url_open('/web/login' if not self.session.uid else '/my')
        token_field = 'csrf_token: "' if 'csrf_token: "' in page.text else 'name="csrf_token" value="'
        csrf = page.text.split(token_field)[1].split('"')[0]
        return self.url_open(
            f'/my/fulfilment/tickets/{ticket.id}/{answer}', data={'csrf_token': csrf, 'access_token': token or '', **values},
            allow_redirects=True,
        )

    def mine(self):
        return self.env['fulfilment.ticket'].search([('partner_id', '=', self.portal.partner_id.id)], order='id desc', limit=1)

    def test_send_follow_confirm_and_rate(self):
        self.authenticate('f_ticket_portal', 'f_ticket_portal')
        response = self.send(type='complaint', urgency='urgent', category_id=str(self.category.id))
        ticket = self.mine()
        self.assertIn(ticket.name, response.text)
        self.assertEqual(
            (ticket.ticket_type, ticket.urgency, ticket.category_id, ticket.origin, ticket.company_id, ticket.create_uid),
            ('complaint', 'urgent', self.category, 'portal', self.company_a, self.portal),
        )
        self.assertNotIn('<script>', ticket.description)
        self.assertIn(ticket.title, self.url_open('/my/fulfilment/tickets').text)
        self.solve(ticket)
        self.assertIn('Seal replaced', self.url_open(ticket.access_url).text)
        self.post(ticket, 'confirm', rating='5', text='Well done')
        self.assertEqual((ticket.kind, ticket.rating_last_value), ('closed', 5.0))
        self.assertEqual(ticket.event_ids.filtered(lambda one: one.event == 'confirmed').by_customer, True)

    def test_a_rating_does_not_reopen_and_lies_between_one_and_five(self):
        self.authenticate('f_ticket_portal', 'f_ticket_portal')
        ticket = self.make_ticket(partner_id=self.portal.partner_id.id)
        self.post(ticket, 'rate', rating='4')
        self.assertFalse(ticket.rating_last_value, "not before it is solved")
        self.solve(ticket)
        for wrong in ('0', '6', '-1', 'x', ''):
            self.post(ticket, 'rate', rating=wrong)
            self.assertFalse(ticket.rating_last_value, wrong)
        self.post(ticket, 'rate', rating='2', text='Slow')
        self.assertEqual((ticket.kind, ticket.rating_last_value), ('solved', 2.0))

    def test_reopen_and_object_need_a_word(self):
        self.authenticate('f_ticket_portal', 'f_ticket_portal')
        ticket = self.make_ticket(partner_id=self.portal.partner_id.id)
        self.solve(ticket)
        self.post(ticket, 'reopen', text=' ')
        self.assertEqual(ticket.kind, 'solved')
        self.post(ticket, 'reopen', text='Still leaks')
        self.assertEqual(ticket.kind, 'progress')
        self.solve(ticket)
        self.post(ticket, 'object', text='Not what was agreed')
        self.assertEqual((ticket.objection_state, ticket.objection), ('open', 'Not what was agreed'))

    def test_anothers_ticket_does_not_exist(self):
        ticket = self.make_ticket(partner_id=self.portal.partner_id.id)
        self.solve(ticket)
        for login in ('f_ticket_other', None):
            self.authenticate(login, login)
            with self.subTest(login=login):
                self.assertEqual(self.url_open(ticket.access_url).status_code, 404)
                self.assertEqual(self.url_open(f'{ticket.access_url}?access_token=wrong').status_code, 404)
                for answer in ('confirm', 'rate', 'reopen', 'object'):
                    self.assertEqual(self.post(ticket, answer, rating='1', text='x').status_code, 404)
                self.assertEqual(self.url_open('/my/fulfilment/tickets/99999999').status_code, 404)
        self.assertEqual((ticket.kind, ticket.rating_last_value, ticket.objection_state), ('solved', 0.0, False))
        self.authenticate('f_ticket_other', 'f_ticket_other')
        self.assertNotIn(ticket.title, self.url_open('/my/fulfilment/tickets?filterby=all').text)
        other = self.make_ticket(partner_id=self.other_portal.partner_id.id)
        self.assertEqual(
            self.url_open(f'/my/fulfilment/tickets/{other.id}?access_token={ticket._portal_ensure_token()}').status_code, 200,
            "one's own, whatever token comes along",
        )
        self.assertEqual(self.url_open(f'{ticket.access_url}?access_token={other._portal_ensure_token()}').status_code, 404)

    def test_what_is_about_a_customer_is_not_shown_to_them(self):
        """The case of a dissatisfied customer is told personally."""
        ticket = self.make_ticket(partner_id=self.portal.partner_id.id, origin='survey', title='Dissatisfied', user=self.env.user)
        self.solve(ticket)
        self.authenticate('f_ticket_portal', 'f_ticket_portal')
        self.assertNotIn('Dissatisfied', self.url_open('/my/fulfilment/tickets?filterby=all').text)
        for token in ('', f'?access_token={ticket._portal_ensure_token()}'):
            self.assertEqual(self.url_open(f'{ticket.access_url}{token}').status_code, 404)
        mails = self.env['mail.mail'].search([('model', '=', ticket._name), ('res_id', '=', ticket.id)])
        self.assertNotIn('solved', ''.join(mails.mapped('subject')))

    def test_the_link_of_the_mail_works_without_login(self):
        ticket = self.make_ticket(partner_id=self.portal.partner_id.id)
        self.solve(ticket)
        token = ticket._portal_ensure_token()
        self.authenticate(None, None)
        self.assertIn('Seal replaced', self.url_open(f'{ticket.access_url}?access_token={token}').text)
        self.post(ticket, 'confirm', token=token, rating='3')
        self.assertEqual((ticket.kind, ticket.rating_last_value), ('closed', 3.0))

    def test_rights_by_rpc_are_none(self):
        ticket = self.make_ticket(partner_id=self.portal.partner_id.id)
        for model in ('fulfilment.ticket', 'fulfilment.ticket.event', 'fulfilment.ticket.deadline', 'fulfilment.service.team'):
            self.assertFalse(self.env[model].with_user(self.portal).has_access('read'), model)
        note = ticket.message_post(body='Secret note')
        with self.assertRaises(Exception):  # noqa: B017 - whatever refuses it
            note.with_user(self.portal).read(['body'])

    def test_internal_notes_stay_inside(self):
        self.authenticate('f_ticket_portal', 'f_ticket_portal')
        ticket = self.make_ticket(partner_id=self.portal.partner_id.id)
        ticket.with_user(self.user_service).message_post(body='Secret note')
        self.answer(ticket)
        token = ticket._portal_ensure_token()
        response = self.make_jsonrpc_request('/mail/chatter_fetch', {
            'thread_model': 'fulfilment.ticket', 'thread_id': ticket.id, 'token': token,
        })
        text = str(response)
        self.assertIn('We are on it', text)
        self.assertNotIn('Secret note', text)
        page = self.url_open(ticket.access_url).text
        self.assertNotIn('Secret note', page)

    def test_limits_for_files(self):
        self.authenticate('f_ticket_portal', 'f_ticket_portal')
        self.company_a.write({'fulfilment_ticket_file_size': 1, 'fulfilment_ticket_files': 2})
        count = self.env['fulfilment.ticket'].search_count([])
        too_large = [('files', ('photo.png', b'x' * (1024 * 1024 + 1), 'image/png'))]
        for files, word in (
            (too_large, 'larger'), ([('files', ('virus.exe', b'x', 'application/x'))], 'kind'),
            ([('files', (f'{n}.png', b'x', 'image/png')) for n in range(3)], 'At most'),
        ):
            response = self.send(files=files)
            self.assertEqual(response.status_code, 400)
            self.assertIn(word, response.text)
            self.assertIn('Water', response.text, "what was written is not lost")
        self.assertEqual(self.env['fulfilment.ticket'].search_count([]), count)
        self.send(files=[('files', ('photo.png', b'x', 'image/png'))])
        self.assertEqual(self.mine().message_ids.attachment_ids.mapped('name'), ['photo.png'])

    def test_limits_for_files_of_messages(self):
        self.company_a.fulfilment_ticket_file_size = 1
        ticket = self.make_ticket(partner_id=self.portal.partner_id.id)
        self.authenticate('f_ticket_portal', 'f_ticket_portal')
        csrf = self.url_open(ticket.access_url).text.split('csrf_token: "')[1].split('"')[0]

        def upload(name, content):
            return self.url_open('/mail/attachment/upload', data={
                'csrf_token': csrf, 'thread_model': ticket._name, 'thread_id': ticket.id, 'is_pending': 'true',
                'token': ticket._portal_ensure_token(),
            }, files=[('ufile', (name, content, 'application/octet-stream'))]).json()
        self.assertIn('kind', upload('virus.exe', b'MZ')['error'])
        self.assertIn('larger', upload('photo.png', b'x' * (1024 * 1024 + 1))['error'])
        self.assertTrue(upload('photo.png', b'x')['data']['attachment_id'])

    def test_a_flood_is_held_back_by_sender(self):
        self.company_a.fulfilment_ticket_flood = 3
        self.authenticate('f_ticket_portal', 'f_ticket_portal')
        codes = [self.send().status_code for _go in range(5)]
        self.assertEqual(codes, [200, 200, 200, 429, 429])
        self.authenticate('f_ticket_other', 'f_ticket_other')
        self.assertEqual(self.send().status_code, 200)

    def test_what_is_not_offered_is_not_taken(self):
        self.authenticate('f_ticket_portal', 'f_ticket_portal')
        theirs = self._make_contract('active', partner_id=self.other_customer.id)
        hidden = self.env['fulfilment.ticket.category'].create({'name': 'Hidden', 'on_portal': False})
        self.send(contract_id=str(theirs.id), category_id=str(hidden.id), type='bribe', urgency='now', user_id='1', company_id='1')
        ticket = self.mine()
        self.assertEqual(
            (ticket.contract_id.id, ticket.category_id.id, ticket.ticket_type, ticket.urgency, ticket.company_id),
            (False, False, 'request', 'normal', self.company_a),
        )
        self.assertEqual(self.send(title=' ').status_code, 400)

    def test_merged_leads_to_the_other(self):
        self.authenticate('f_ticket_portal', 'f_ticket_portal')
        first, second = (self.make_ticket(partner_id=self.portal.partner_id.id) for _go in range(2))
        (first | second).action_merge()
        self.assertIn(first.name, self.url_open(second.access_url).text)

    def test_portal_home_counts(self):
        self.authenticate('f_ticket_portal', 'f_ticket_portal')
        self.assertIn('/my/fulfilment/tickets', self.url_open('/my').text)
