"""Pages of Odoo that act as superuser for a visitor: files on record, and links on pages."""
import base64

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import HttpCase, new_test_user, tagged
from odoo.tools import mute_logger

from .common import TODAY
from .common_ticket import ServiceCommon


class PagesCommon(ServiceCommon, HttpCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.portal = new_test_user(
            cls.env, 'f_third_portal', groups='base.group_portal', company_id=cls.company_a.id,
            company_ids=[Command.set(cls.company_a.ids)], email='p@third.example',
        )
        cls.portal.partner_id.parent_id = cls.customer
        cls.contract = cls._make_contract('active', user_id=cls.user_sales.id)

    def setUp(self):
        super().setUp()
        self.ticket = self.make_ticket()

    def _call(self, route, **params):
        with mute_logger('odoo.http'):
            return self.make_jsonrpc_request(route, params)

    def _refused(self, route, **params):
        with mute_logger('odoo.http'):
            try:
                self.make_jsonrpc_request(route, params)
            except Exception:  # noqa: BLE001 - however the page refuses it
                return True
        return False


@tagged('post_install', '-at_install')
class TestFilesByPage(PagesCommon):
    """Odoo's page for deleting a file acts as superuser once it has seen that the caller may change the file, or has its link."""

    def _kinds(self):
        """A file of each kind that is on record, with who tries to delete it."""
        contract, ticket = self.contract, self.ticket
        contract.sudo().write({'signed_document': base64.b64encode(b'%PDF signed'), 'signature': base64.b64encode(b'drawn')})
        stored = self.env['ir.attachment'].sudo().search([
            ('res_model', '=', contract._name), ('res_id', '=', contract.id), ('res_field', 'in', ('signed_document', 'signature')),
        ])
        said = contract.message_post(
            body='Signed by Lin Wei', attachments=[('signed.pdf', b'as signed')], author_id=self.portal.partner_id.id,
            message_type='comment', subtype_xmlid='mail.mt_comment',
        )
        photo = ticket.message_post(
            body='Photo', attachments=[('photo.png', b'photo')], author_id=self.portal.partner_id.id, message_type='comment',
            subtype_xmlid='mail.mt_comment',
        )
        milestone = self._make_milestone(contract)
        proofs = self.env['ir.attachment'].create([
            {'name': 'proof.pdf', 'raw': b'x', 'res_model': milestone._name, 'res_id': milestone.id},
            {'name': 'elsewhere.pdf', 'raw': b'x', 'res_model': 'res.partner', 'res_id': self.customer.id},
        ])
        milestone.evidence_ids = proofs
        milestone.with_user(self.user_sales).action_done(date=TODAY)
        amendment = self.env['fulfilment.amendment'].create({'contract_id': contract.id, 'reason': 'x', 'user_id': self.user_sales.id})
        paper = self.env['ir.attachment'].create({
            'name': 'paper.pdf', 'raw': b'x', 'res_model': amendment._name, 'res_id': amendment.id,
        })
        amendment.document_ids = paper
        amendment.sudo().state = 'applied'
        return [(file, 'f_sales') for file in (*stored, *said.attachment_ids, *proofs, *paper)] + [
            (photo.attachment_ids, 'f_service'), (photo.attachment_ids, 'f_third_portal'), (said.attachment_ids, 'f_third_portal'),
            (said.attachment_ids, None),
        ]

    def test_every_kind_of_file(self):
        kinds = self._kinds()
        self.env.flush_all()
        for file, login in kinds:
            self.authenticate(login, login)
            with self.subTest(file=file.name, field=file.res_field, user=login):
                self.assertTrue(self._refused(
                    '/mail/attachment/delete', attachment_id=file.id, access_token=file._get_ownership_token(),
                ))
                self.assertTrue(file.exists())
        for file in {file for file, _login in kinds}:
            for change in ({'res_field': 'zz'}, {'public': True}, {'name': 'other'}):
                with self.subTest(file=file.name, change=change), self.assertRaises(AccessError), self.env.cr.savepoint():
                    file.with_user(self.user_sales).with_context(allowed_company_ids=self.company_a.ids).write(change)

    def test_own_files_that_are_not_on_record(self):
        file = self.env['ir.attachment'].with_user(self.user_sales).create({'name': 'draft.txt', 'raw': b'x'})
        self.authenticate('f_sales', 'f_sales')
        self.assertFalse(self._refused('/mail/attachment/delete', attachment_id=file.id))
        self.assertFalse(file.exists())

    def test_signed_papers_of_amendments_are_added_to(self):
        amendment = self.env['fulfilment.amendment'].create({'contract_id': self.contract.id, 'reason': 'x', 'user_id': self.user_sales.id})
        one, two = self.env['ir.attachment'].with_user(self.user_sales).create([{'name': 'a', 'raw': b'x'}, {'name': 'b', 'raw': b'x'}])
        amendment.document_ids = one
        amendment.sudo().state = 'applied'
        own = amendment.with_user(self.user_sales)
        own.document_ids = [Command.link(two.id)]
        with self.assertRaises(UserError):
            own.document_ids = [Command.unlink(one.id)]

    def test_administrators_edit_their_own_words_only(self):
        said = self.ticket.message_post(
            body='I complain', message_type='comment', subtype_xmlid='mail.mt_comment', author_id=self.portal.partner_id.id,
        )
        self.env.ref('base.user_admin').company_ids |= self.company_a
        self.authenticate('admin', 'admin')
        self._refused('/mail/message/update_content', message_id=said.id, update_data={'body': 'All is well', 'attachment_ids': []})
        self.assertIn('I complain', said.body)


@tagged('post_install', '-at_install')
class TestLinksOnPages(PagesCommon):
    """The token that opens a customer's page is on the pages of those only who may hand it out."""

    def test_pages_of_readers(self):
        self.contract.sudo()._portal_ensure_token()
        self.ticket.sudo()._portal_ensure_token()
        approved = self._make_contract('approved', user_id=self.user_sales.id)
        approved.sudo()._portal_ensure_token()
        for login in ('f_inspector', 'f_legal', 'f_credit', 'f_service', 'f_leader', 'f_sales_2'):
            user = self.env['res.users'].search([('login', '=', login)])
            self.authenticate(login, login)
            for record in (self.contract, self.ticket, approved):
                own = record.with_user(user).with_context(allowed_company_ids=user.company_ids.ids)
                if not own.has_access('read') or own.has_access('write'):
                    continue
                with self.subTest(user=login, model=record._name):
                    page = self.url_open(record.access_url)
                    self.assertIn(record.name, page.text)
                    self.assertNotIn(record.sudo().access_token, page.text)
        self.authenticate('f_third_portal', 'f_third_portal')
        self.assertIn(self.contract.name, self.url_open('/my/fulfilment/contracts').text)

    def _data(self, record, requests, **access):
        return self._call('/mail/data', fetch_params=[['mail.thread', {
            'thread_model': record._name, 'thread_id': record.id, 'request_list': requests, 'access_params': access,
        }]])

    def test_what_hangs_on_a_record(self):
        """Neither internal files nor to-dos nor who follows: by link, by login, by login with a wrong link."""
        for record in (self.contract, self.ticket):
            record.message_post(body='Margin', attachments=[('margin.txt', b'12 %')], subtype_xmlid='mail.mt_note')
            record.activity_schedule('mail.mail_activity_data_todo', user_id=self.user_sales.id, summary='Deadline missed')
            record.message_subscribe(self.user_leader.partner_id.ids)
            token = record.sudo()._portal_ensure_token()
            for login, access in ((None, {'token': token}), ('f_third_portal', {'token': 'bogus'}), ('f_third_portal', {})):
                self.authenticate(login, login)
                with self.subTest(model=record._name, user=login, access=access):
                    try:
                        told = str(self._data(record, ['activities', 'attachments', 'followers', 'suggestedRecipients'], **access))
                    except Exception:  # noqa: BLE001 - the page is refused altogether
                        continue
                    for secret in ('margin.txt', 'Deadline missed', 'Margin', self.user_leader.name):
                        self.assertNotIn(secret, told)
        self.authenticate('f_sales', 'f_sales')
        self.assertIn('margin.txt', str(self._data(self.contract, ['attachments'])))

    def test_a_wrong_link_makes_nobody_more(self):
        thread = self.env['fulfilment.contract'].with_user(self.portal)._get_thread_with_access(self.contract.id, token='bogus')
        self.assertFalse(thread.env.su)
        token = self.contract.sudo()._portal_ensure_token()
        thread = self.env['fulfilment.contract'].with_user(self.portal)._get_thread_with_access(self.contract.id, token=token)
        self.assertTrue(thread.env.su)
