"""Links that open pages of customers, authors of parts, forged messages, readers who speak, files on record."""
import base64
import json

from markupsafe import Markup

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import HttpCase, new_test_user, tagged

from .test_base_mail_doors import DoorsCommon


@tagged('post_install', '-at_install')
class TestLinks(DoorsCommon):
    """The token that opens a customer's page goes to the customer, on our own page, in mails of those who may hand it out."""

    def _body(self, message, partner, body):
        mail = self.env['mail.mail'].create({'mail_message_id': message.id, 'body_html': body, 'auto_delete': False})
        return mail._personalize_outgoing_body(mail.body_html, partner=partner)

    def test_where_the_token_goes(self):
        contract = self._make_contract('active')
        spy = self.env['res.partner'].create({'name': 'Spy', 'parent_id': self.customer.id, 'email': 'spy@evil.example'})
        path = f'/my/fulfilment/contracts/{contract.id}'
        own, evil = f'<a href="{contract.get_base_url()}{path}">x</a>', f'<a href="http://evil.example{path}">x</a>'
        said = contract.with_user(self.user_sales).message_post(
            body='x', message_type='comment', subtype_xmlid='mail.mt_comment', partner_ids=self.contact.ids,
        )
        self.assertIn('access_token=', self._body(said, self.contact, own))
        about_spy = spy.with_user(self.user_sales).message_post(body='x', message_type='comment', subtype_xmlid='mail.mt_comment')
        incoming = contract.message_post(body='x', message_type='email', subtype_xmlid='mail.mt_comment', author_id=self.contact.id)
        by_customer = contract.message_post(body='x', message_type='comment', subtype_xmlid='mail.mt_comment', author_id=self.contact.id)
        by_reader = contract.message_post(
            body='x', message_type='comment', subtype_xmlid='mail.mt_comment', author_id=self.user_inspector.partner_id.id,
        )
        for name, message, partner, body in (
            ('another host', said, self.contact, evil), ('a picture', said, self.contact, f'<img src="{contract.get_base_url()}{path}"/>'),
            ('a host like ours', said, self.contact, own.replace('://', '://x@')), ('about another record', about_spy, spy, own),
            ('came in by e-mail', incoming, self.contact, own), ('the customer wrote it', by_customer, spy, own),
            ('a reader wrote it', by_reader, self.contact, own),
            ('a stranger reads it', said, self.env['res.partner'].create({'name': 'Other', 'email': 'o@other.example'}), own),
        ):
            with self.subTest(name):
                self.assertNotIn('access_token', self._body(message, partner, body))

    def test_defaults_of_the_sender_bring_nobody_a_copy(self):
        contract = self._make_contract('active')
        defaults = self.env['ir.default'].with_user(self.user_sales)
        for name, value in (
            ('email_to', 'evil@evil.example'), ('email_cc', 'evil@evil.example'), ('headers', "{'Bcc': 'evil@evil.example'}"),
        ):
            defaults.set('mail.mail', name, value, user_id=True)
        with self.mock_mail_gateway():
            contract.with_user(self.user_sales).message_post(
                body='Hello', message_type='comment', subtype_xmlid='mail.mt_comment', partner_ids=self.contact.ids,
            )
        self.assertTrue(self._mails)
        self.assertNotIn('evil', str(self._mails))

    def test_whole_mails_come_from_whoever_sends_them(self):
        contract, ceo = self._make_contract('active').with_user(self.user_sales), 'ceo@a.example'
        own = self.user_sales.email_formatted
        dialog = self.env['mail.compose.message'].with_user(self.user_sales).create({
            'model': contract._name, 'res_ids': str(contract.ids), 'composition_mode': 'mass_mail', 'email_from': ceo, 'subject': 's',
            'body': 'b', 'partner_ids': [Command.set(self.contact.ids)], 'force_send': False,
        })
        dialog.action_send_mail()
        mail = self.env['mail.mail'].search([], order='id desc', limit=1)
        self.assertEqual((mail.email_from, mail.author_id), (own, self.user_sales.partner_id))
        source = 'fulfilment_crm.contract_link_code'
        sent = contract.message_mail_with_source(
            source, render_values={'contract': contract, 'code': '1'}, partner_ids=self.contact.ids, email_from=ceo,
        )
        self.assertEqual((sent.email_from, sent.author_id), (own, self.user_sales.partner_id))
        with self.assertRaises(AccessError):
            contract.message_mail_with_source(
                source, render_values={'contract': contract, 'code': '1'}, partner_ids=self.contact.ids,
                author_id=self.user_manager.partner_id.id,
            )
        with self.assertRaises(AccessError):
            contract.with_user(self.user_inspector).message_mail_with_source(
                source, render_values={'contract': contract, 'code': '1'}, partner_ids=self.contact.ids,
            )

    def test_templates_carry_nobody_elses_mail(self):
        contract = self._make_contract('active')
        page = f'<a href="/my/fulfilment/contracts/{contract.id}">l</a>'
        forged = {
            'model': contract._name, 'res_id': contract.id, 'author_id': self.company_a.partner_id.id, 'message_type': 'comment',
            'subtype_id': self.env.ref('mail.mt_comment').id, 'headers': "{'Bcc': 'me@evil.example'}", 'body_html': page,
            'recipient_ids': [Command.set(self.contact.ids)], 'email_from': 'ceo@a.example',
        }
        template = self.env['mail.template'].sudo().create({
            'name': 'Own', 'model_id': self.env['ir.model']._get_id('res.users'), 'subject': 's', 'body_html': 'b',
        })
        before = contract.message_ids
        mail_id = template.with_user(self.user_plain).send_mail(self.user_plain.id, email_values=forged)
        mail = self.env['mail.mail'].browse(mail_id)
        self.assertNotEqual((mail.model, mail.author_id), (contract._name, self.company_a.partner_id))
        self.assertNotIn('access_token', str(mail._prepare_outgoing_list()))
        self.assertEqual(contract.message_ids, before)
        ours = self.env.ref('fulfilment_crm.mail_template_reminder')
        ours = ours.sudo().copy({'model_id': self.env['ir.model']._get_id('fulfilment.contract'), 'body_html': page, 'subject': 's'})
        with self.assertRaises(AccessError):
            ours.with_user(self.user_inspector).send_mail(contract.id, email_values=forged)
        own = self.env['mail.mail'].browse(ours.with_user(self.user_sales).send_mail(contract.id, email_values=forged))
        self.assertEqual((own.author_id, own.email_from), (self.user_sales.partner_id, self.user_sales.email_formatted))
        self.assertFalse(own.headers and 'evil' in own.headers)

    def test_mails_write_no_records_on_the_way(self):
        """Odoo makes the mail as superuser: of what hangs on it, its values may name people and files, which the sender reads."""
        contract = self._make_contract('active')
        note = contract._message_log(body='Business: approved')
        file = self.env['ir.attachment'].create({
            'name': 'signed.pdf', 'raw': b'signed', 'res_model': contract._name, 'res_id': contract.id,
        })
        template = self.env['mail.template'].sudo().create({
            'name': 'Own', 'model_id': self.env['ir.model']._get_id('res.users'), 'subject': 's', 'body_html': 'b',
        })
        victims = {'mail.message': note.id, 'ir.attachment': file.id}
        template, mails = template.with_user(self.user_plain), self.env['mail.mail']
        for name, field in mails._fields.items():
            if field.type not in ('one2many', 'many2many'):
                continue
            victim = victims.get(field.comodel_name, 1)
            for command in ([0, 0, {}], [1, victim, {}], [2, victim]):
                with self.subTest(field=name, command=command), self.assertRaises(AccessError), self.env.cr.savepoint():
                    template.send_mail(self.user_plain.id, email_values={name: [command]})
            if field.type == 'one2many' or field.comodel_name == 'ir.attachment':
                for value in ([[4, victim]], [[6, 0, [victim]]], [victim]):
                    with self.subTest(field=name, value=value), self.assertRaises(AccessError), self.env.cr.savepoint():
                        template.send_mail(self.user_plain.id, email_values={name: value})
        own = self.env['ir.attachment'].with_user(self.user_plain).create({'name': 'own.txt', 'raw': b'own'})
        mail = mails.browse(template.send_mail(self.user_plain.id, email_values={
            'attachment_ids': [(4, own.id)], 'recipient_ids': [Command.set(self.contact.ids)], 'email_to': False, 'auto_delete': False,
        }))
        self.assertEqual((mail.attachment_ids, mail.recipient_ids), (own, self.contact))
        self.assertEqual((file.raw, note.exists().res_id), (b'signed', contract.id))

    def test_what_a_message_takes_along_is_written_by_whoever_asked(self):
        contract = self._make_contract('active')
        note = contract._message_log(body='Business: approved')
        self.env.transaction.default_env = self.env(user=self.user_plain)
        parent = self.env['mail.message'].sudo().create({'body': 'x', 'model': 'res.users', 'res_id': self.user_plain.id})
        for command in (Command.update(note.id, {'body': 'Finance: rejected'}), Command.delete(note.id), Command.link(note.id)):
            with self.subTest(command=command), self.assertRaises(AccessError), self.env.cr.savepoint():
                parent.write({'child_ids': [command]})
                self.env.flush_all()

    def test_a_page_is_shared_by_who_may_change_its_record(self):
        contract = self._make_contract('active')
        (self.user_sales | self.user_inspector).group_ids = [Command.link(self.env.ref('base.group_partner_manager').id)]
        wizard = self.env['portal.share'].with_context(active_model=contract._name, active_id=contract.id)
        share = wizard.with_user(self.user_sales).create({'partner_ids': [Command.set(self.contact.ids)]})
        self.assertIn(contract.sudo()._portal_ensure_token(), share.share_link)
        reader = wizard.with_user(self.user_inspector).create({'partner_ids': [Command.set(self.contact.ids)]})
        self.assertNotIn('access_token', reader.share_link)

    def test_a_copy_to_others_opens_nothing(self):
        contract = self._make_contract('active')
        said = contract.with_user(self.user_sales).message_post(
            body='x', message_type='comment', subtype_xmlid='mail.mt_comment', partner_ids=self.contact.ids,
        )
        page = f'<a href="{contract.get_base_url()}/my/fulfilment/contracts/{contract.id}">x</a>'
        for headers, maker, opens in ((False, self.user_sales, True), ("{'Bcc': 'x@x.example'}", self.user_sales, False),
                                      (False, self.user_inspector, False)):
            with self.subTest(headers=headers, maker=maker.login):
                mail = self.env['mail.mail'].with_user(maker).sudo().create({
                    'mail_message_id': said.id, 'body_html': page, 'auto_delete': False, 'headers': headers,
                })
                self.assertEqual('access_token' in mail._personalize_outgoing_body(mail.body_html, partner=self.contact), opens)

    def test_a_mail_of_a_plain_employee(self):
        contract = self._make_contract('active')
        with self.mock_mail_gateway():
            self.user_plain.partner_id.with_user(self.user_plain).message_notify(
                partner_ids=self.contact.ids, subject='x',
                body=Markup('<a href="/my/fulfilment/contracts/%d">x</a>') % contract.id,
            )
        self.assertNotIn('access_token', ' '.join(mail['body'] for mail in self._mails))

    def test_messages_made_past_the_post(self):
        contract, ticket = self._make_contract('active'), self.make_ticket()
        field = self.env['ir.model.fields']._get('fulfilment.contract', 'title')
        for record, user in ((contract, self.user_inspector), (contract, self.user_legal), (ticket, self.user_inspector)):
            with self.subTest(model=record._name, user=user.login), self.assertRaises(AccessError):
                self.env['mail.message'].with_user(user).create({
                    'model': record._name, 'res_id': record.id, 'author_id': self.contact.id, 'body': 'I withdraw', 'message_type': 'email',
                })
        message = self.env['mail.message'].with_user(self.user_sales).create({
            'model': contract._name, 'res_id': contract.id, 'author_id': self.user_leader.partner_id.id, 'body': 'Business: approved',
            'message_type': 'notification', 'date': '2020-01-05 09:00:00', 'email_from': 'x@y.example',
            'tracking_value_ids': [Command.create({'field_id': field.id, 'old_value_char': 'a', 'new_value_char': 'b'})],
        })
        self.assertEqual((message.author_id, message.message_type), (self.user_sales.partner_id, 'comment'))
        self.assertNotEqual(message.date.year, 2020)
        self.assertFalse(message.sudo().tracking_value_ids)
        posted = contract.with_user(self.user_sales).message_post(
            body='x', date='2020-01-05 09:00:00', author_id=False, message_type='comment', tracking_value_ids=[],
        )
        self.assertEqual(posted.author_id, self.user_sales.partner_id)
        self.assertNotEqual(posted.date.year, 2020)

    def test_readers_speak_to_nobody(self):
        ticket, contract = self.make_ticket(), self._make_contract('active')
        note = self.env.ref('mail.mt_note').id
        for record in (ticket, contract):
            own = record.with_user(self.user_inspector)
            for name, road in {
                'another subtype': lambda own=own: own.message_post(
                    body='EVIL', subtype_id=note, subtype_xmlid='mail.mt_comment', message_type='comment',
                ),
                'an address': lambda own=own: own.message_post(body='x', subtype_xmlid='mail.mt_note', outgoing_email_to='v@x.example'),
                'notified': lambda own=own: own.message_notify(partner_ids=self.contact.ids, body='EVIL'),
                'notified in a name': lambda own=own: own.message_notify(
                    partner_ids=self.contact.ids, body='EVIL', author_id=self.user_manager.partner_id.id,
                ),
                'through another': lambda record=record: self.user_inspector.partner_id.with_user(self.user_inspector).message_notify(
                    model=record._name, res_id=record.id, partner_ids=self.contact.ids, body='EVIL',
                ),
                'many': lambda record=record: self.env['mail.compose.message'].with_user(self.user_inspector).with_context(
                    default_model=record._name, default_res_ids=record.ids,
                ).create({'composition_mode': 'mass_mail', 'body': 'EVIL', 'subject': 'x'})._action_send_mail(),
            }.items():
                with self.subTest(road=name, model=record._name), self.assertRaises(AccessError), self.env.cr.savepoint():
                    road()
            own.message_post(body='looked at', subtype_xmlid='mail.mt_note')
        with self.assertRaises(AccessError):
            contract.with_user(self.user_sales).message_notify(
                partner_ids=self.contact.ids, body='x', author_id=self.user_manager.partner_id.id,
            )

    def test_files_on_record(self):
        contract, ticket = self._make_contract('active'), self.make_ticket()
        contract.message_post(body='Signed', attachments=[('signed.pdf', b'as signed')])
        ticket.message_post(body='Photo', attachments=[('photo.png', b'photo')], author_id=self.contact.id, message_type='email')
        proof = self.env['ir.attachment'].create({'name': 'proof.pdf', 'raw': b'proof'})
        milestone = self._make_milestone(contract)
        milestone.evidence_ids = proof
        proof.write({'res_model': milestone._name, 'res_id': milestone.id})
        proof.with_user(self.user_sales).write({'raw': b'better'})
        milestone.with_user(self.user_sales).action_done()
        for file, user in (
            (contract.message_ids.attachment_ids, self.user_sales), (ticket.message_ids.attachment_ids, self.user_service),
            (proof, self.user_sales),
        ):
            theirs = file.with_user(user)
            for change in ({'raw': b'forged'}, {'datas': base64.b64encode(b'forged')}, {'name': 'other'}, {'res_id': 1}):
                with self.subTest(file=file.name, change=list(change)), self.assertRaises(AccessError), self.env.cr.savepoint():
                    theirs.write(change)
            with self.subTest(file=file.name), self.assertRaises(AccessError), self.env.cr.savepoint():
                theirs.unlink()
        for command in (Command.clear(), Command.unlink(proof.id), Command.set([])):
            with self.subTest(command=command), self.assertRaises(AccessError), self.env.cr.savepoint():
                milestone.with_user(self.user_sales).evidence_ids = [command]
        more = self.env['ir.attachment'].with_user(self.user_sales).create({'name': 'more.pdf', 'raw': b'more'})
        milestone.with_user(self.user_sales).evidence_ids = [Command.link(more.id)]
        self.assertEqual(milestone.evidence_ids, proof | more.sudo())
        said = contract.with_user(self.user_sales).message_post(
            body='My own', message_type='comment', attachments=[('own.txt', b'own')],
        )
        said.attachment_ids.with_user(self.user_sales).unlink()

    def test_foreign_records_by_defaults_and_dialogs(self):
        foreign = self._make_contract('active', company=self.company_b, title='Secret pumps', user_id=self.user_b.id)
        ticket = self.env['fulfilment.ticket'].create({
            'title': 'Leak', 'company_id': self.company_b.id, 'partner_id': self.contact.id, 'solution': 'TOP SECRET',
        })
        amendment = self.env['fulfilment.amendment'].create({'contract_id': foreign.id, 'reason': 'x'})
        spec = {'display_name': {}, 'company_id': {'fields': {'display_name': {}}}, 'contract_id': {'fields': {'display_name': {}}}}
        for name, road in {
            'default': lambda env: env['fulfilment.milestone'].with_context(default_contract_id=foreign.id).onchange({}, [], spec),
            'dict': lambda env: env['fulfilment.milestone'].onchange({'contract_id': {'id': foreign.id}}, ['contract_id'], spec),
            'pair': lambda env: env['fulfilment.milestone'].onchange({'contract_id': [foreign.id, 'x']}, ['contract_id'], spec),
            'amendment': lambda env: env['fulfilment.amendment.line'].onchange(
                {'amendment_id': amendment.id}, ['amendment_id'], {'contract_id': {'fields': {'display_name': {}}}},
            ),
            'risk': lambda env: env['fulfilment.risk'].with_context(default_contract_id=foreign.id).onchange(
                {}, [], {'contract_id': {'fields': {'display_name': {}}}},
            ),
            'ticket': lambda env: env['fulfilment.ticket'].with_context(default_contract_id=foreign.id).create({'title': 'x'}),
            'dialog': lambda env: env['fulfilment.ticket.solve'].onchange({'ticket_id': ticket.id}, ['ticket_id'], {'solution': {}}),
            'dialog saved': lambda env: env['fulfilment.ticket.solve'].create({'ticket_id': ticket.id, 'solution': 'x'}),
            'dialog by default': lambda env: env['fulfilment.ticket.solve'].with_context(default_ticket_id=ticket.id).onchange(
                {}, [], {'ticket_id': {}, 'solution': {}},
            ),
            'many': lambda env: env['fulfilment.ticket.feedback'].create({'ticket_ids': [Command.set(ticket.ids)], 'text': 'x'}),
        }.items():
            with self.subTest(road=name), self.assertRaises(UserError) as caught, self.env.cr.savepoint():
                road(self.env(user=self.user_sales))
            with self.subTest(road=name, told=True):
                self.assertNotIn('Secret pumps', str(caught.exception))

    def test_an_inspector_moves_no_visit(self):
        task = self.env['fulfilment.care.task'].create({
            'claim_key': 'visit', 'partner_id': self.customer.id, 'company_id': self.company_a.id, 'kind': 'visit', 'period': 'month',
            'period_start': '2026-03-01', 'period_end': '2026-03-31', 'date_planned': '2026-03-10', 'user_id': self.user_sales.id,
        })
        for user in (self.user_inspector, self.user_legal):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                task.with_user(user).action_move()
        self.assertFalse(task.event_id)

    def test_who_changed_any_part_does_not_approve(self):
        self.type_service.mandatory_category_ids = False
        clause = {'name': 'Payment', 'category_id': self.env.ref('fulfilment_crm.clause_category_payment').id, 'body': 'x'}
        changes = {
            'clause': lambda contract: contract.clause_ids.write({'body': 'The customer never pays.'}),
            'parameter': lambda contract: contract.clause_ids.parameter_ids.write({'value_number': 999}),
            'new clause': lambda contract: contract.write({'clause_ids': [Command.create(clause)]}),
            'line': lambda contract: contract.line_ids.write({'price_unit': 1.0}),
            'milestone': lambda contract: contract.milestone_ids.filtered(lambda one: one.kind == 'payment').write({'amount': 1.0}),
            'terms': lambda contract: contract.write({'payment_term_id': self.env.ref('account.account_payment_term_30days').id}),
            'title': lambda contract: contract.write({'title': 'Other'}), 'deleted': lambda contract: contract.line_ids.unlink(),
        }
        for name, change in changes.items():
            contract = self._make_contract_with_parts('draft', user_id=self.user_sales.id)[0]
            change(contract.with_user(self.user_leader).with_context(tracking_disable=True))
            contract.with_user(self.user_sales).action_submit()
            with self.subTest(change=name):
                self.assertNotIn(self.user_leader, contract.approval_ids.filtered(lambda one: one.state == 'pending').candidate_ids)
                with self.assertRaises(AccessError):
                    contract.with_user(self.user_leader).action_approve()
        contract, parts = self._make_contract_with_parts('active', user_id=self.user_sales.id)
        amendment = self.env['fulfilment.amendment'].with_user(self.user_sales).create({
            'contract_id': contract.id, 'reason': 'x', 'line_ids': [Command.create({
                'kind': 'milestone_date', 'milestone_id': parts['fulfilment.milestone'][:1].id, 'value_date': '2026-09-01',
            })],
        })
        amendment.line_ids.with_user(self.user_leader).value_date = '2026-10-01'
        amendment.action_submit()
        with self.assertRaises(AccessError):
            amendment.with_user(self.user_leader).action_approve()


@tagged('post_install', '-at_install')
class TestOverTheWeb(HttpCase, DoorsCommon):

    def enter_registry_test_mode(self):
        from contextlib import nullcontext
        return nullcontext()

    def _post(self, record, values, **more):
        return self.url_open('/mail/message/post', data=json.dumps({'params': {
            'thread_model': record._name, 'thread_id': record.id, 'post_data': values, **more,
        }}), headers={'Content-Type': 'application/json'}).json()

    def test_an_inspector_posts_notes_only(self):
        contract, ticket = self._make_contract('active'), self.make_ticket()
        self.authenticate(self.user_inspector.login, self.user_inspector.login)
        for record in (contract, ticket):
            before = record.message_ids
            answer = self._post(record, {'body': 'EVIL', 'message_type': 'comment', 'subtype_xmlid': 'mail.mt_comment'})
            self.assertIn('error', answer)
            self.env.invalidate_all()
            self.assertEqual(record.message_ids, before)
            self.assertIn('result', self._post(record, {'body': 'Seen', 'message_type': 'comment', 'subtype_xmlid': 'mail.mt_note'}))
        self.authenticate(self.user_sales.login, self.user_sales.login)
        self.assertIn('result', self._post(contract, {'body': 'Hi', 'message_type': 'comment', 'subtype_xmlid': 'mail.mt_comment'}))

    def test_a_hidden_contract_by_link(self):
        contract = self._make_contract('draft', title='Draft secret')
        token = contract.sudo()._portal_ensure_token()
        portal = new_test_user(
            self.env, 'again_portal', groups='base.group_portal', partner_id=self.contact.id, company_id=self.company_a.id,
            company_ids=[Command.set(self.company_a.ids)],
        )
        for login in (None, portal.login):
            self.authenticate(login, login)
            answer = self._post(contract, {'body': 'x', 'message_type': 'comment', 'subtype_xmlid': 'mail.mt_comment'}, token=token)
            self.assertIn('error', answer)
            self.assertNotIn('Draft secret', json.dumps(answer))
        active = self._make_contract('active', partner_id=self.contact.id)
        token = active.sudo()._portal_ensure_token()
        self.authenticate(portal.login, portal.login)
        answer = self.url_open('/mail/chatter_fetch', data=json.dumps({'params': {
            'thread_model': active._name, 'thread_id': active.id, 'token': token,
        }}), headers={'Content-Type': 'application/json'}).json()
        self.assertIn('result', answer)
