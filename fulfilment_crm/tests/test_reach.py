"""What people learn by asking: contracts of others by a field, notes by searching, settings by reading, other companies by a branch."""
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import Form, new_test_user, tagged

from .common import FulfilmentCommon


@tagged('post_install', '-at_install')
class TestReach(FulfilmentCommon):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.portal = new_test_user(
            cls.env, 'reach_portal', groups='base.group_portal', company_id=cls.company_a.id, company_ids=[Command.set(cls.company_a.ids)],
        )
        cls.portal.partner_id.parent_id = cls.customer

    # === BY A FIELD === #

    def test_contracts_of_another_company(self):
        foreign, parts = self._make_contract_with_parts(
            'active', company=self.company_b, user_id=self.user_b.id, partner_id=self.other_customer.id,
        )
        milestone = parts['fulfilment.milestone'][:1]
        order = self.env['sale.order'].create({
            'partner_id': self.customer.id, 'company_id': self.company_a.id, 'user_id': self.user_sales.id,
        })
        env = self.env(user=self.user_sales)
        spec = {'partner_id': {'fields': {'display_name': {}}}, 'contract_state': {}, 'contract_user_id': {'fields': {'display_name': {}}}}
        calls = {
            'onchange': lambda: env['fulfilment.milestone'].onchange({'contract_id': foreign.id}, ['contract_id'], spec),
            'ticket': lambda: env['fulfilment.ticket'].create({'title': 'x', 'contract_id': foreign.id}),
            'ticket, milestone': lambda: env['fulfilment.ticket'].create({'title': 'x', 'milestone_id': milestone.id}),
            'order': lambda: order.with_user(self.user_sales).write({'fulfilment_contract_id': foreign.id}),
            'parent': lambda: env['fulfilment.contract'].create({
                'partner_id': self.customer.id, 'type_id': self.type_service.id, 'parent_id': foreign.id,
            }),
            'risk': lambda: env['fulfilment.risk'].create({'name': 'x', 'contract_id': foreign.id}),
            'interaction': lambda: env['fulfilment.interaction'].create({
                'topic': 'x', 'kind': 'call', 'partner_id': self.customer.id, 'contract_id': foreign.id,
            }),
        }
        for name, call in calls.items():
            with self.subTest(road=name), self.assertRaises(UserError) as caught, self.env.cr.savepoint():
                call()
            for word in (foreign.name, foreign.title, self.other_customer.name):
                with self.subTest(road=name, word=word):
                    self.assertNotIn(word, str(caught.exception).replace(f'id: {foreign.id}', ''))

    def test_a_draft_opens_no_profile(self):
        stranger = self.env['res.partner'].create({'name': 'Of a colleague', 'is_company': True, 'user_id': self.user_sales_2.id})
        profile = self.env['fulfilment.profile'].create({
            'partner_id': stranger.id, 'company_id': self.company_a.id, 'user_id': self.user_sales_2.id, 'currency_id': 1,
        })
        self.env['fulfilment.contract'].with_user(self.user_sales).create({
            'partner_id': stranger.id, 'type_id': self.type_service.id, 'user_id': self.user_sales.id, 'company_id': self.company_a.id,
        })
        self.assertFalse(profile.with_user(self.user_sales).has_access('read'))

    def test_nobody_takes_a_customer_of_a_colleague(self):
        stranger = self.env['res.partner'].create({'name': 'Of a colleague', 'is_company': True, 'user_id': self.user_sales_2.id})
        self.env['fulfilment.profile'].create({'partner_id': stranger.id, 'company_id': self.company_a.id, 'user_id': self.user_sales_2.id})
        self.user_sales.group_ids |= self.env.ref('base.group_partner_manager')
        with self.assertRaisesRegex(AccessError, 'hands customers over'):
            stranger.with_user(self.user_sales).user_id = self.user_sales
        free = self.env['res.partner'].create({'name': 'Nobody yet', 'is_company': True})
        free.with_user(self.user_sales).user_id = self.user_sales
        self.user_plain.group_ids |= self.env.ref('base.group_partner_manager')
        with self.assertRaises(AccessError):
            stranger.with_user(self.user_plain).user_id = self.user_plain
        free.with_user(self.user_plain).user_id = self.user_plain  # as without the addon

    def test_pauses_for_customers_of_colleagues(self):
        stranger = self.env['res.partner'].create({'name': 'Of a colleague', 'is_company': True, 'user_id': self.user_sales_2.id})
        vals = {'reason': 'x', 'date_from': '2026-01-01', 'date_to': '2026-03-01', 'company_id': self.company_a.id}
        Pause = self.env['fulfilment.reminder.pause'].with_user(self.user_sales)
        with self.assertRaises(AccessError):
            Pause.create({**vals, 'partner_id': stranger.id})
        own = self.env['res.partner'].create({'name': 'Mine', 'is_company': True, 'user_id': self.user_sales.id})
        Pause.create({**vals, 'partner_id': own.id})
        self.env['fulfilment.profile'].create({'partner_id': stranger.id, 'company_id': self.company_a.id, 'user_id': self.user_sales_2.id})
        self.env['fulfilment.reminder.pause'].with_user(self.user_leader).create({**vals, 'partner_id': stranger.id})

    def test_conditions_of_rules_name_what_their_author_may_read(self):
        self.user_manager.company_ids = self.env['res.company'].search([])
        cases = (
            ('fulfilment.approval.chain', {'model': 'fulfilment.contract', 'step_ids': [
                Command.create({'name': 'x', 'group_id': self.env.ref('base.group_user').id}),
            ]}, "[('milestone_ids.allocation_ids.move_line_id.name', '=like', 'INV%')]"),
            ('fulfilment.reminder.rule', {'model': 'fulfilment.milestone', 'offset_days': -3, 'channel': 'letter', 'audience': 'customer'},
             "[('allocation_ids.move_line_id.name', '=like', 'INV%')]"),
        )
        for model, vals, oracle in cases:
            Model = self.env[model].with_user(self.user_manager)
            with self.subTest(model=model), self.assertRaises(UserError):
                Model.create({**vals, 'name': 'x', 'domain': oracle, 'company_id': self.company_a.id})
            for code in ("[('id', '=', len([1 for x in range(9)]))]", '__import__'):
                with self.subTest(model=model, code=code), self.assertRaises(ValidationError):
                    Model.create({**vals, 'name': 'x', 'domain': code, 'company_id': self.company_a.id})

    # === CUSTOMERS === #

    def test_customers_search_by_nothing_internal(self):
        contract, parts = self._make_contract_with_parts('active')
        contract.message_post(body='They will go bankrupt', message_type='comment', subtype_xmlid='mail.mt_note')
        milestone = parts['fulfilment.milestone'][:1]
        milestone.evidence_ids = self.env['ir.attachment'].create({'name': 'secret.txt', 'raw': b'secret'})
        env = self.env(user=self.portal)
        self.assertTrue(env['fulfilment.contract'].search([('id', '=', contract.id)]), "their own contract")
        for model, leaf in (
            ('fulfilment.contract', ('message_ids.body', 'ilike', 'bankrupt')),
            ('fulfilment.contract', ('approval_ids.reason', 'ilike', 'x')),
            ('fulfilment.contract', ('website_message_ids.body', 'ilike', 'bankrupt')),
            ('fulfilment.contract', ('approval_ids.decided_by_id', '=', 1)),
            ('fulfilment.contract', ('finding_ids.message', 'ilike', 'x')), ('fulfilment.contract', ('approval_state', '=', 'approved')),
            ('fulfilment.contract', ('signed_ip', '!=', False)), ('fulfilment.contract', ('access_token', '=like', 'a%')),
            ('fulfilment.milestone', ('evidence_ids.name', 'ilike', 'secret')),
            ('fulfilment.milestone', ('message_ids.body', 'ilike', 'x')),
            ('fulfilment.milestone', ('evidence_ids.index_content', 'ilike', 'secret')),
            ('fulfilment.milestone', ('event_ids.reason', '!=', '')),
            ('fulfilment.milestone', ('allocation_ids.amount', '>', 0)),
            ('fulfilment.milestone', ('contract_id.approval_ids.reason', '!=', '')),
        ):
            with self.subTest(model=model, leaf=leaf), self.assertRaises(AccessError):
                env[model].search_count([leaf])

    def test_every_relation_that_goes_round_rights(self):
        """On models customers may read, no relation that skips the rights of what it leads to is open to them."""
        env = self.env(user=self.portal)
        for name in self.env.registry:
            if not name.startswith('fulfilment.') or self.env[name]._abstract or not env[name].has_access('read'):
                continue
            for field in self.env[name]._fields.values():
                if getattr(field, 'bypass_search_access', False) and env[name]._has_field_access(field, 'read'):
                    with self.subTest(model=name, field=field.name):
                        self.assertTrue(env[field.comodel_name].has_access('read'))

    def test_settings_are_no_business_of_customers(self):
        company = self.company_a.with_user(self.portal)
        self.assertFalse([name for name in company.fields_get() if name.startswith('fulfilment_')])
        for name in ('fulfilment_point_cost', 'fulfilment_credit_gate', 'fulfilment_ticket_flood', 'fulfilment_service_supervisor_id'):
            with self.subTest(name=name), self.assertRaises(AccessError):
                company.read([name])

    def test_ratings(self):
        ticket = self.env['fulfilment.ticket'].create({'title': 'x', 'partner_id': self.customer.id, 'company_id': self.company_a.id})
        token = ticket._rating_get_access_token()
        rating = self.env['rating.rating'].sudo().search([('access_token', '=', token)])
        for user in (self.user_plain, self.user_inspector, self.user_service, self.user_manager):
            theirs = rating.with_user(user)
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                theirs.read(['access_token'])
            for call in (
                lambda theirs=theirs: theirs.write({'rating': 5}), lambda theirs=theirs: theirs.unlink(),
                lambda theirs=theirs: theirs.reset(),
                lambda theirs=theirs: theirs.create({
                    'res_model_id': self.env['ir.model']._get_id('fulfilment.ticket'), 'res_id': ticket.id, 'rating': 1, 'consumed': True,
                }),
            ):
                with self.subTest(user=user.login), self.assertRaises(UserError):
                    call()
        self.assertFalse(self.env['rating.rating'].with_user(self.user_plain).search([('id', '=', rating.id)]))
        self.assertTrue(self.env['rating.rating'].with_user(self.user_service).search([('id', '=', rating.id)]))
        ticket.sudo().rating_apply(3, token=token)
        with self.assertRaisesRegex(UserError, 'already'):
            ticket.sudo().rating_apply(5, token=token)
        partner = self.env['rating.rating'].with_user(self.user_plain).create({
            'res_model_id': self.env['ir.model']._get_id('res.partner'), 'res_id': self.customer.id, 'rating': 4,
        })
        partner.write({'rating': 3})  # what is not ours, is as without the addon

    # === BRANCHES === #

    def test_a_branch_reads_what_is_its_own(self):
        branch = self.env['res.company'].create({'name': 'Branch', 'parent_id': self.company_a.id})
        roles = ('credit', 'service', 'manager', 'inspector')
        users = [self._make_user(f'reach_{role}', f'group_{role}', company=branch) for role in roles]
        contract, parts = self._make_contract_with_parts('active')
        records = self._make_customer_records(self.user_sales, self.company_a)
        hidden = [
            parts['fulfilment.alert'], parts['fulfilment.satisfaction'], parts['fulfilment.survey.request'], parts['fulfilment.response'],
            records['fulfilment.care.task'], records['fulfilment.improvement'], records['fulfilment.loyalty.proposal'],
        ]
        for user in users:
            for record in hidden:
                with self.subTest(user=user.login, model=record._name):
                    self.assertFalse(record.with_user(user).has_access('read'))
            profile = records['fulfilment.profile'].with_user(user)
            with self.subTest(user=user.login, model='profile'):
                self.assertTrue(profile.has_access('read'))
        self.assertFalse(parts['fulfilment.alert'].with_user(users[0]).has_access('write'))

    def test_new_rules_are_of_the_company_worked_in(self):
        mixin = type(self.env['fulfilment.shared.mixin'])
        seen = 0
        for name in self.env.registry:
            model = self.env[name].with_user(self.user_manager)
            if model._abstract or not isinstance(model, mixin) or 'company_id' not in model._fields or model._audit_field:
                continue
            seen += 1
            with self.subTest(model=name):
                self.assertEqual(model.default_get(['company_id'])['company_id'], self.company_a.id)
                self.assertFalse(model.with_context(default_company_id=False).default_get(['company_id']).get('company_id'))
        self.assertGreater(seen, 8)

    # === LETTERS === #

    def test_printed_letters_fetch_nothing(self):
        letter = self.env['fulfilment.care.letter'].create({
            'partner_ids': [Command.set(self.customer.ids)], 'subject': 'x', 'company_id': self.company_a.id, 'body': (
                '<p>Hello <b>you</b></p><img src="http://127.0.0.1:9/x"><img src="/web/image/1"><img src="data:image/png;base64,xx">'
                '<p style="background-image:url(http://127.0.0.1:9/y)">Text</p><a href="http://127.0.0.1:9/z">link</a>'
            ),
        })
        text = str(letter._printable_body())
        for part in ('http://127', 'url('):
            self.assertNotIn(part, text)
        for part in ('<b>you</b>', '/web/image/1', 'data:image/png', 'Text', 'link'):
            self.assertIn(part, text)

    def test_another_day_that_is_none(self):
        with self.assertRaisesRegex(UserError, 'no date'):
            self.company_a.with_context(as_of='x')._fulfilment_today(reading=True)

    def test_stages_are_edited_and_deleted(self):
        self.user_manager.company_ids = self.env['res.company'].search([])
        stage = self.env['fulfilment.ticket.stage'].with_user(self.user_manager).create({'name': 'Parked', 'kind': 'waiting'})
        with Form(stage) as form:
            form.name = 'Parked outside'
        stage.unlink()
        self.assertFalse(stage.exists())
