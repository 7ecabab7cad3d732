"""What a third attack found: pages of Odoo that act as superuser for a visitor, links on pages, lines within lines, taken customers."""
import base64
from email.message import EmailMessage

from markupsafe import Markup

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import HttpCase, new_test_user, tagged
from odoo.tools import mute_logger

from ..models.ticket.ticket_mail import _is_vouched_for
from .common import TODAY, FulfilmentCommon
from .common_gate import GateCommon
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


@tagged('post_install', '-at_install')
class TestGateThird(GateCommon):

    def test_an_order_decided_on_is_watched_while_others_are_created(self):
        """Confirmed in one line of a call, made larger in the next, under an order that is just being created."""
        self._limit(self.customer, 100)
        contact = self.env['res.partner'].create({'name': 'Buyer', 'parent_id': self.customer.id, 'user_id': self.sales.id})
        self.env.flush_all()
        self.env.cr.execute('SELECT COALESCE(max(id), 0) FROM sale_order_line')
        later = self.env.cr.fetchone()[0]
        self.env.cr.execute("SELECT last_value FROM sale_order_line_id_seq")
        later = max(later, self.env.cr.fetchone()[0]) + 1
        product = self.env['product.product'].create({'name': 'P', 'list_price': 10, 'taxes_id': False})
        small = {'partner_id': self.customer.id, 'state': 'sale', 'order_line': [Command.create({
            'product_id': product.id, 'product_uom_qty': 1, 'price_unit': 10,
        })]}
        large = {'partner_id': contact.id, 'order_line': [Command.update(later, {'price_unit': 900000})]}
        with self.assertRaises(UserError), self.env.cr.savepoint():
            self.customer.with_user(self.sales).write({
                'sale_order_ids': [Command.create(small)],
                'child_ids': [Command.update(contact.id, {'sale_order_ids': [Command.create(large)]})],
            })
            self.env.flush_all()
        self.assertFalse(self.env['sale.order'].search([
            ('partner_id', 'child_of', self.customer.id), ('state', '=', 'sale'), ('amount_total', '>', 100),
        ]))

    def test_confirming_asks_for_the_right_first(self):
        """Who may not change an order neither holds it nor reads the customer's figures by trying."""
        self._limit(self.customer, 10)
        order = self._quote(1000)
        stranger = self._make_sales_user('g_stranger')
        plain = new_test_user(self.env, 'g_plain', groups='base.group_user', company_id=self.company.id,
                              company_ids=[Command.set(self.company.ids)])
        for user in (stranger, plain, self.credit):
            with self.subTest(user=user.login), self.assertRaises(AccessError) as caught:
                order.with_user(user).action_confirm()
            self.assertNotIn('limit', str(caught.exception))
        self.assertFalse(order.fulfilment_credit_state)
        self.assertFalse(order.activity_ids)

    def test_no_figures_in_the_to_do(self):
        self._limit(self.customer, 10)
        order = self._quote(1000)
        order.action_confirm()
        self.assertHeld(order)
        asked = order.sudo().activity_ids
        self.assertTrue(asked)
        self.assertFalse(any(text for text in asked.mapped('note') if text and '1,000' in text))
        self.assertNotIn('limit', ' '.join(str(text) for text in asked.mapped('note')))


@tagged('post_install', '-at_install')
class TestVouched(FulfilmentCommon):

    def _message(self, *headers, sender='Serena Cole <serena@a.example>'):
        message = EmailMessage()
        message['From'] = sender
        for header in headers:
            message['Authentication-Results'] = header
        return message

    def test_who_vouches(self):
        self.company_a.fulfilment_mail_hosts = 'mx.a.example'
        ok = 'mx.a.example; spf=pass smtp.mailfrom=a.example; dmarc=pass (p=NONE) header.from=a.example'
        for expected, headers in (
            (True, [ok]), (True, ['mx.a.example 1; DMARC=pass header.from=A.example']), (False, []),
            (False, ['mx.a.example; spf=pass smtp.mailfrom=dmarc=pass@evil.example; dmarc=fail header.from=a.example']),
            (False, ['mx.a.example; dmarc=fail header.from=a.example', ok]),
            (False, ['mx.a.example; dmarc=pass header.from=evil.example; dmarc=fail header.from=a.example']),
            (False, ['mx.a.example; dmarc=pass header.from=evil.example']), (False, ['mx.a.example; dmarc=pass']),
            (False, ['mx.a.example; spf=fail smtp.mailfrom="x; dmarc=pass header.from=a.example"@evil.example']),
            (False, ['mx.a.example; spf=fail (; dmarc=pass header.from=a.example)']),
            (False, ['mx.a.example; spf=fail (a (b) ; dmarc=pass header.from=a.example )']),
            (False, ['mx.evil.example; dmarc=pass header.from=a.example']), (False, ['mx.evil.example; dmarc=pass', ok]),
            (False, ['mx.a.example; x-dmarc=pass header.from=a.example']), (False, ['']), (False, ['"mx.a.example"; dmarc=pass']),
        ):
            with self.subTest(headers=headers):
                self.assertEqual(_is_vouched_for(self._message(*headers), self.company_a), expected)


@tagged('post_install', '-at_install')
class TestTakenCustomers(FulfilmentCommon):
    """A customer with a file goes from one to the next by a leader only, in one step or in several."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.records = cls._make_customer_records(cls.user_sales, cls.company_a)
        cls.customer_of_sales = cls.records['fulfilment.profile'].partner_id
        cls.seller = cls._make_user('f_plain_seller', None, 'sales_team.group_sale_salesman', 'base.group_partner_manager')
        for user in (cls.user_sales_2, cls.user_leader, cls.user_sales):
            user.group_ids |= cls.env.ref('base.group_partner_manager')

    def test_in_any_number_of_steps(self):
        for user in (self.user_sales_2, self.seller):
            own = self.customer_of_sales.with_user(user)
            for owner in (False, user.id, self.user_sales_2.id, self.user_leader.id):
                with self.subTest(user=user.login, owner=owner), self.assertRaises(AccessError), self.env.cr.savepoint():
                    own.user_id = owner
        self.customer_of_sales.with_user(self.user_sales).user_id = self.user_sales_2  # the own customer may be given away
        self.customer_of_sales.with_user(self.user_leader).user_id = self.user_sales

    def test_an_owner_who_was_taken_off_is_still_known(self):
        self.customer_of_sales.sudo().user_id = False
        with self.assertRaises(AccessError):
            self.customer_of_sales.with_user(self.user_sales_2).user_id = self.user_sales_2

    def test_merging(self):
        shell = self.env['res.partner'].create({
            'name': 'Shell', 'is_company': True, 'user_id': self.user_sales_2.id, 'email': 'x@x.example',
        })
        self.customer_of_sales.email = 'x@x.example'
        def merge(user, partners, kept):
            self.env['base.partner.merge.automatic.wizard'].with_user(user).create({
                'partner_ids': [Command.set(partners.ids)], 'dst_partner_id': kept.id,
            }).action_merge()

        for user in (self.user_sales_2, self.seller):
            with self.subTest(user=user.login), self.assertRaisesRegex(AccessError, 'team leader'), self.env.cr.savepoint():
                merge(user, shell | self.customer_of_sales, shell)
        with mute_logger('odoo.addons.base.partner.merge'):
            merge(self.user_leader, shell | self.customer_of_sales, self.customer_of_sales)
        self.assertFalse(shell.exists())
        twins = self.env['res.partner'].create([{'name': 'Twin', 'email': 't@x.example'} for _number in range(2)])
        with mute_logger('odoo.addons.base.partner.merge'):
            merge(self.seller, twins, twins[0])
        self.assertEqual(len(twins.exists()), 1)


@tagged('post_install', '-at_install')
class TestOthersThird(ServiceCommon):

    def test_the_chain_goes_by_what_the_payments_come_to(self):
        self.type_service.mandatory_category_ids = False
        contract = self._make_contract('draft', amount_total=100.0, user_id=self.user_sales.id)
        for _number in range(2):
            self._make_milestone(contract, kind='payment', obligor='customer', amount=1e7)
        contract.with_user(self.user_sales).action_submit()
        self.assertIn('Managing director', contract.sudo().approval_ids.mapped('name'))

    def test_order_lines_of_others_move_no_milestone(self):
        contract = self._make_contract('active', user_id=self.user_sales.id)
        delivery = self._make_milestone(contract, evidence='Delivery note')
        reader = self._make_user('f_reader_seller', 'group_inspector', 'sales_team.group_sale_salesman')
        foreign, own = (self.env['sale.order'].create({
            'partner_id': partner.id, 'company_id': self.company_a.id, 'user_id': user.id,
            'order_line': [Command.create({'product_id': self.product.id, 'product_uom_qty': 1})],
        }) for partner, user in ((self.other_customer, reader), (self.customer, self.user_sales)))
        with self.assertRaises(AccessError):
            foreign.order_line.with_user(reader).write({'fulfilment_milestone_ids': [Command.link(delivery.id)], 'qty_delivered': 1})
        with self.assertRaises(AccessError):
            foreign.order_line.with_user(reader).create({
                'order_id': foreign.id, 'product_id': self.product.id, 'fulfilment_milestone_ids': [Command.link(delivery.id)],
            })
        with self.assertRaisesRegex(ValidationError, 'another customer'):
            delivery.with_user(self.user_manager).sale_line_ids = foreign.order_line
        delivery.with_user(self.user_sales).sale_line_ids = own.order_line
        own.fulfilment_contract_id = self._make_contract('active', user_id=self.user_sales.id)
        with self.assertRaisesRegex(ValidationError, 'another contract'):
            self._make_milestone(contract).with_user(self.user_sales).sale_line_ids = own.order_line

    def test_invoices_under_contracts(self):
        contract = self._make_contract('active', user_id=self.user_sales.id)
        clerk = self._make_user('f_clerk', None, 'account.group_account_invoice')
        moves = self.env['account.move'].with_company(self.company_a)
        journal = self.env['account.journal'].create({
            'name': 'Sales', 'type': 'sale', 'code': 'TSAL', 'company_id': self.company_a.id,
        })
        vals = {'move_type': 'out_invoice', 'journal_id': journal.id, 'company_id': self.company_a.id}
        invoice = moves.create({**vals, 'partner_id': self.customer.id})
        own = invoice.with_user(clerk).with_context(allowed_company_ids=self.company_a.ids)
        for name, road in {
            'write': lambda: own.write({'fulfilment_contract_id': contract.id}),
            'create': lambda: own.create({**vals, 'partner_id': self.customer.id, 'fulfilment_contract_id': contract.id}),
            'default': lambda: own.with_context(default_fulfilment_contract_id=contract.id).create([
                {**vals, 'partner_id': self.customer.id},
            ]),
            'onchange': lambda: own.browse().with_context(default_fulfilment_contract_id=contract.id).onchange(
                {}, [], {'fulfilment_contract_id': {'fields': {'display_name': {}}}}),
            'onchange of an order': lambda: self.env['sale.order'].with_user(self.user_sales_2).with_context(
                default_fulfilment_contract_id=contract.id, allowed_company_ids=self.company_a.ids,
            ).onchange({}, [], {'fulfilment_contract_id': {'fields': {'display_name': {}}}}),
        }.items():
            with self.subTest(road=name), self.assertRaises(AccessError), self.env.cr.savepoint():
                road()
        with self.assertRaisesRegex(ValidationError, 'somebody else'):
            moves.create({**vals, 'partner_id': self.other_customer.id, 'fulfilment_contract_id': contract.id})
        invoice.fulfilment_contract_id = contract

    def test_a_customer_made_by_the_salesperson(self):
        """An address that came after the approval does not sign."""
        contract = self._make_contract('draft', user_id=self.user_sales.id, partner_id=self.contact.id)
        contract._move_to('approved')
        contract._note_address()
        contract._send_link_code()
        contract.sudo().link_code_on = False
        self.contact.with_user(self.user_leader).sudo().email = 'sally.private@evil.example'
        with self.assertRaisesRegex(UserError, 'approved again'):
            contract._send_link_code()
        contract._note_address()
        contract._send_link_code()

    def test_lines_within_lines(self):
        contract = self._make_contract('active', user_id=self.user_sales.id)
        own = self.env['fulfilment.milestone'].with_user(self.user_sales_2).with_context(allowed_company_ids=self.company_a.ids)
        spec = {'successor_ids': {'fields': {'contract_id': {'fields': {'display_name': {}}}, 'partner_id': {'fields': {}}}}}
        nested = [[0, 'v', {'successor_ids': [[0, 'w', {'contract_id': contract.id}]]}]]
        for name, road in {
            'onchange': lambda: own.onchange({'successor_ids': [[0, 'v', {'contract_id': contract.id}]]}, [], spec),
            'deeper': lambda: own.onchange({'successor_ids': nested}, [], spec),
            'by default': lambda: own.with_context(default_successor_ids=nested).onchange({}, [], spec),
        }.items():
            with self.subTest(road=name), self.assertRaises(AccessError):
                road()

    def test_cancelled_contracts_that_were_submitted_stay(self):
        self.type_service.mandatory_category_ids = False
        contract = self._make_contract('draft', user_id=self.user_sales.id).with_user(self.user_sales)
        contract.action_submit()
        contract.action_cancel(reason='x')
        with self.assertRaises(UserError):
            contract.unlink()
        other = self._make_contract('draft', user_id=self.user_sales.id).with_user(self.user_sales)
        other.action_cancel(reason='x')
        other.unlink()

    def test_no_key_of_the_context_keeps_deadlines_from_following(self):
        ticket = self.make_ticket(urgency='urgent')
        before = ticket.deadline_ids.mapped('due_on')
        own = ticket.with_user(self.user_service).with_context(fulfilment_receiving=True)
        own.urgency = 'normal'
        self.assertNotEqual(ticket.deadline_ids.mapped('due_on'), before)

    def test_recipients_on_record(self):
        contract = self._make_contract('active', user_id=self.user_sales.id)
        note = contract.sudo().message_post(
            body=Markup('<b>Note</b>'), subtype_xmlid='mail.mt_note', author_id=self.user_leader.partner_id.id,
        )
        own = note.with_user(self.user_sales)
        for vals in (
            {'partner_ids': [Command.link(self.customer.id)]}, {'incoming_email_to': 'x@x.example'},
            {'notification_ids': [Command.create({'res_partner_id': self.customer.id, 'notification_type': 'inbox'})]},
        ):
            with self.subTest(vals=list(vals)), self.assertRaises(AccessError), self.env.cr.savepoint():
                own.write(vals)
