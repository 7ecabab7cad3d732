"""What is set by actions only, and what is frozen: refused on every road there is."""
import base64

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.service.model import get_public_method
from odoo.tests import Form, tagged

from .common import TODAY, FulfilmentCommon

PNG = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=='
GUARDED = {
    'state': 'active', 'approval_state': 'approved', 'approval_by_chain': False, 'date_signed': '2026-01-01', 'signed_by': 'Somebody',
    'signed_on': '2026-01-01 10:00:00', 'signed_ip': '10.0.0.1', 'signature': 'eA==', 'signed_document': 'eA==',
    'signed_document_name': 'x.pdf', 'signed_checksum': 'x', 'end_reason': 'x', 'access_token': 'x', 'approval_ids': [Command.clear()],
}
GUARDED_OF_MILESTONE = {
    'state': 'done', 'date_done': '2026-01-01', 'date_first_planned': '2020-01-01', 'end_reason': 'x', 'amount_done': 5.0,
    'amount_credited': 5.0, 'progress': 100.0, 'told_late_for': '2026-01-01', 'follows_orders': False,
}
# What follows from other fields and is stored.
DERIVED = {
    'fulfilment.contract': ('commercial_partner_id',),
    'fulfilment.contract.clause': ('text', 'company_id'),
    'fulfilment.contract.clause.parameter': ('contract_id', 'company_id'),
    'fulfilment.contract.line': ('company_id',),
    'fulfilment.milestone': ('company_id', 'partner_id', 'contract_state', 'amount_open', 'days_late_final', 'on_time'),
    'fulfilment.amendment.line': ('company_id', 'before_value'),
}
PRIVATE = (
    '_move_to', '_sign', '_activate', '_on_approved', '_complete', '_reopen', '_end', '_record_acceptance', '_refused', '_move_date',
    '_apply', '_apply_due', '_decide', '_ask', '_start_round', '_sync_facts', '_deliver', '_cron_milestones', '_cron_reminders', '_day',
    '_set_aside', '_claim', '_write_allocations', '_log_event', '_own_step', '_ask_delegates', '_escalate',
)


@tagged('post_install', '-at_install')
class TestGuards(FulfilmentCommon):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.draft, cls.draft_parts = cls._make_contract_with_parts('draft')
        cls.active, cls.active_parts = cls._make_contract_with_parts('active')
        cls.admin = cls.env.ref('base.user_admin')
        cls.admin.company_ids |= cls.company_a
        cls.vals = {'partner_id': cls.customer.id, 'type_id': cls.type_service.id}

    def _as(self, records, user):
        return records.with_user(user).with_context(allowed_company_ids=self.company_a.ids)

    # === GUARDED FIELDS === #

    def test_writing(self):
        for user in (self.user_sales, self.user_manager, self.admin):
            for name, value in GUARDED.items():
                with self.subTest(user=user.login, field=name), self.assertRaises(AccessError):
                    self._as(self.draft, user).write({name: value})
            for name, value in GUARDED_OF_MILESTONE.items():
                with self.subTest(user=user.login, field=name, of='milestone'), self.assertRaises(AccessError):
                    self._as(self.active_parts['fulfilment.milestone'][0], user).write({name: value})
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                self._as(self.active_parts['fulfilment.amendment'], user).write({'state': 'applied'})

    def test_derived_fields(self):
        amendment_line = self.active_parts['fulfilment.amendment.line']
        parts = {**self.draft_parts, 'fulfilment.contract': self.draft, 'fulfilment.amendment.line': amendment_line}
        for model, names in DERIVED.items():
            for name in names:
                record = self._as(parts[model], self.user_manager)[:1]
                value = record.read([name], load=None)[0][name]
                with self.subTest(model=model, field=name), self.assertRaises(AccessError):
                    record.write({name: self._other(record._fields[name], value)})

    def _other(self, field, value):
        """A value of the field that is not this one."""
        others = {
            'many2one': lambda: self.env[field.comodel_name].search([('id', '!=', value)], limit=1).id, 'text': lambda: 'x',
            'date': lambda: '2031-01-01', 'selection': lambda: next(key for key in field.get_values(self.env) if key != value),
            'json': lambda: {'x': 1},
        }
        return others.get(field.type, lambda: value + 1)()

    def test_creating(self):
        for user in (self.user_sales, self.user_manager, self.admin):
            Contract = self._as(self.env['fulfilment.contract'], user)
            for name, value in GUARDED.items():
                with self.subTest(user=user.login, field=name, road='values'), self.assertRaises(AccessError):
                    Contract.create({**self.vals, name: value})
                with self.subTest(user=user.login, field=name, road='context'), self.assertRaises(AccessError):
                    Contract.with_context(**{f'default_{name}': value}).create(dict(self.vals))
                with self.subTest(user=user.login, field=name, road='copy'), self.assertRaises(AccessError):
                    self._as(self.draft, user).copy({name: value})

    def test_own_default_values(self):
        """Every user may store default values for any field."""
        for name, value in {'state': 'active', 'approval_state': 'approved', 'signed_by': 'Somebody'}.items():
            self.env['ir.default'].with_user(self.user_sales).set('fulfilment.contract', name, value, user_id=self.user_sales.id)
        contract = self.env['fulfilment.contract'].with_user(self.user_sales).create(dict(self.vals))
        self.assertRecordValues(contract, [{'state': 'draft', 'approval_state': 'none', 'signed_by': False}])

    def test_import(self):
        Contract = self._as(self.env['fulfilment.contract'], self.user_manager)
        for rows in (
            (['.id', 'state'], [[str(self.draft.id), 'Active']]),
            (['.id', 'approval_state'], [[str(self.draft.id), 'approved']]),
            (['partner_id/.id', 'type_id/.id', 'state'], [[str(self.customer.id), str(self.type_service.id), 'active']]),
            (['.id', 'milestone_ids/.id', 'milestone_ids/state'], [
                [str(self.draft.id), str(self.draft_parts['fulfilment.milestone'][0].id), 'done'],
            ]),
        ):
            result = Contract.load(*rows)
            with self.subTest(columns=rows[0]):
                self.assertFalse(result['ids'])
                self.assertIn('error', [message['type'] for message in result['messages']])
        self.assertEqual((self.draft.state, self.draft.approval_state), ('draft', 'none'))

    def test_form(self):
        with Form(self._as(self.draft, self.user_sales)) as form:
            for name in ('state', 'approval_state', 'signed_by'):
                with self.subTest(field=name), self.assertRaises(AssertionError):
                    form[name] = GUARDED[name]
        description = self._as(self.draft, self.user_sales).fields_get(list(GUARDED))
        self.assertTrue(all(description[name]['readonly'] for name in GUARDED if name != 'access_token'))
        self.assertNotIn('access_token', description)

    def test_commands_of_a_parent(self):
        other = self._make_contract('draft')
        for records, commands in (
            (self.active, {'renewal_ids': [Command.link(other.id)]}),
            (self.active, {'amendment_ids': [Command.create({'reason': 'x', 'state': 'approved'})]}),
            (self.active, {'amendment_ids': [Command.update(self.active_parts['fulfilment.amendment'].id, {'state': 'applied'})]}),
            (self.draft, {'milestone_ids': [Command.update(self.draft_parts['fulfilment.milestone'][0].id, {'state': 'done'})]}),
            (self.draft, {'milestone_ids': [Command.create({'name': 'x', 'date_planned': TODAY, 'state': 'done'})]}),
            (self.draft, {'child_ids': [Command.create({**self.vals, 'state': 'active'})]}),
            (self.draft, {'approval_ids': [Command.create({'name': 'x'})]}),
            (self.active_parts['fulfilment.milestone'][0], {'event_ids': [Command.clear()]}),
            (self.active_parts['fulfilment.milestone'][0], {'event_ids': [Command.create({'kind': 'done'})]}),
            (self.active_parts['fulfilment.milestone'][1], {'acceptance_ids': [Command.create({'outcome': 'accepted'})]}),
            (self.active_parts['fulfilment.milestone'][2], {'allocation_ids': [Command.clear()]}),
            (self.active, {'finding_ids': [Command.clear()]}),
            (self.active, {'reminder_ids': [Command.clear()]}),
        ):
            with self.subTest(commands=commands), self.assertRaises(UserError):
                self._as(records, self.user_manager).write(commands)

    def test_signed_document_as_a_file(self):
        """The files behind guarded fields are guarded too, also from whoever administers the server."""
        self.active.sudo().write({'signed_document': base64.b64encode(b'as signed'), 'signature': base64.b64encode(b'drawn')})
        Attachment = self.env['ir.attachment']
        files = Attachment.sudo().search([
            ('res_model', '=', 'fulfilment.contract'), ('res_id', '=', self.active.id), ('res_field', '!=', False),
        ])
        self.assertEqual(set(files.mapped('res_field')), {'signed_document', 'signature'})
        vals = {'name': 'x', 'res_model': 'fulfilment.contract', 'res_id': self.active.id, 'raw': b'forged'}
        for user in (self.user_sales, self.user_manager, self.admin):
            free = self._as(Attachment, user).create({**vals, 'name': 'free'})
            with self.subTest(user=user.login):
                for change in ({'raw': b'forged'}, {'datas': base64.b64encode(b'forged')}, {'res_id': 0}, {'res_field': False}):
                    with self.assertRaises(AccessError):
                        self._as(files, user).write(change)
                with self.assertRaises(AccessError):
                    self._as(files, user).unlink()
                with self.assertRaises(AccessError):
                    self._as(Attachment, user).create({**vals, 'res_field': 'signed_document'})
                with self.assertRaises(AccessError):
                    free.res_field = 'signed_document'
                with self.assertRaises(AccessError):
                    files.filtered(lambda file: file.res_field == 'signature').with_user(user).copy()
        self.assertEqual(base64.b64decode(self.active.signed_document), b'as signed')

    def test_files_of_other_models_stay_free(self):
        partner = self.env['res.partner'].create({'name': 'Picture', 'image_1920': base64.b64encode(
            b'<svg xmlns="http://www.w3.org/2000/svg"/>',
        )})
        self._as(partner, self.user_manager).image_1920 = False
        self.assertFalse(partner.image_1920)

    # === FROZEN SUBSTANCE === #

    def test_frozen_contract(self):
        changes = {
            'name': 'C/1', 'title': 'x', 'partner_id': self.other_customer.id, 'type_id': self.type_sale.id,
            'template_id': self.template_sale.id,
            'date_start': '2020-01-01', 'date_end': '2030-01-01', 'currency_id': self.env.ref('base.EUR').id, 'amount_untaxed': 1.0,
            'amount_total': 1.0, 'payment_term_id': self.env.ref('account.account_payment_term_30days').id,
            'parent_id': self.active.id, 'lang': False, 'company_id': self.company_b.id,
            'line_ids': [Command.create({'name': 'x'})], 'clause_ids': [Command.clear()], 'paper_origin': 'customer',
        }
        for state in ('in_approval', 'approved', 'active', 'settlement', 'closed', 'terminated', 'cancelled'):
            contract = self._make_contract(state)
            for name, value in changes.items():
                with self.subTest(state=state, field=name), self.assertRaises(UserError):
                    self._as(contract, self.user_manager).write({name: value})
        self._as(self.draft, self.user_sales).write({'title': 'Free', 'name': 'C/OWN'})

    def test_frozen_parts(self):
        changes = {
            'fulfilment.contract.line': {'name': 'x', 'quantity': 2.0, 'price_unit': 1.0, 'discount': 5.0, 'amount_total': 1.0},
            'fulfilment.contract.clause': {'name': 'x', 'body': 'x', 'sequence': 1, 'parameter_ids': [Command.clear()], 'text': 'x'},
            'fulfilment.contract.clause.parameter': {'value_number': 1.0, 'value_text': 'x', 'key': 'x', 'role': 'text'},
            'fulfilment.milestone': {
                'name': 'x', 'kind': 'other', 'obligor': 'customer', 'anchor': 'start', 'offset_days': 5, 'date_planned': '2020-01-01',
                'amount': 1.0, 'percent': 5.0, 'evidence': 'x', 'is_down_payment': True, 'predecessor_id': False,
            },
        }
        creations = {
            'fulfilment.contract.line': {'name': 'x'},
            'fulfilment.contract.clause': {
                'name': 'x', 'body': 'x', 'category_id': self.env.ref('fulfilment_crm.clause_category_payment').id,
            },
            'fulfilment.milestone': {'name': 'x', 'date_planned': TODAY},
        }
        for state in ('in_approval', 'active', 'closed'):
            contract, parts = self._make_contract_with_parts('draft')
            changes['fulfilment.milestone']['clause_id'] = parts['fulfilment.contract.clause'].id
            self._bring_to(contract, state)
            for model, values in changes.items():
                records = self._as(parts[model], self.user_manager)
                for name, value in values.items():
                    with self.subTest(state=state, model=model, field=name), self.assertRaises(UserError):
                        records.write({name: value})
                with self.subTest(state=state, model=model, road='unlink'), self.assertRaises(UserError):
                    records.unlink()
            for model, values in creations.items():
                with self.subTest(state=state, model=model, road='create'), self.assertRaises(UserError):
                    self._as(self.env[model], self.user_manager).create({**values, 'contract_id': contract.id})
            with self.subTest(state=state, road='another parameter'), self.assertRaises(UserError):
                self._as(parts['fulfilment.contract.clause.parameter'], self.user_manager).create({
                    'contract_clause_id': parts['fulfilment.contract.clause'].id, 'key': 'x', 'name': 'x',
                })

    def test_no_part_moves_between_a_draft_and_a_frozen_contract(self):
        for model in ('fulfilment.contract.line', 'fulfilment.contract.clause', 'fulfilment.milestone'):
            for part, contract in (
                (self.draft_parts[model][0], self.active), (self.active_parts[model][0], self.draft),
            ):
                with self.subTest(model=model, to=contract.state), self.assertRaises(UserError):
                    self._as(part, self.user_manager).contract_id = contract
        for here, there in ((self.draft_parts, self.active_parts), (self.active_parts, self.draft_parts)):
            with self.assertRaises(UserError):
                parameter = self._as(here['fulfilment.contract.clause.parameter'], self.user_manager)
                parameter.contract_clause_id = there['fulfilment.contract.clause']

    def test_contract_past_its_draft_is_not_deleted(self):
        for state in ('in_approval', 'approved', 'active', 'settlement', 'closed', 'terminated'):
            with self.subTest(state=state), self.assertRaises(UserError):
                self._as(self._make_contract(state), self.user_manager).unlink()

    def test_frozen_amendment(self):
        amendment = self.active_parts['fulfilment.amendment']
        other = self.env['fulfilment.amendment'].create({
            'contract_id': self.active.id, 'reason': 'x', 'line_ids': [Command.create({'kind': 'contract_amount', 'value_amount': 1.0})],
        })
        amendment.sudo().state = 'approved'
        theirs = self._as(amendment, self.user_manager)
        for change in (
            {'reason': 'x'}, {'date_effective': '2020-01-01'}, {'contract_id': self.draft.id}, {'line_ids': [Command.clear()]},
            {'line_ids': [Command.create({'kind': 'contract_amount', 'value_amount': 1.0})]},
            {'line_ids': [Command.link(other.line_ids.id)]},
        ):
            with self.subTest(change=change), self.assertRaises(UserError):
                theirs.write(change)
        for records, method, arguments in (
            (theirs.line_ids, 'write', [{'value_date': '2030-01-01'}]), (theirs.line_ids, 'unlink', []), (theirs, 'unlink', []),
            (self._as(other.line_ids, self.user_manager), 'write', [{'amendment_id': amendment.id}]),
        ):
            with self.subTest(method=method), self.assertRaises(UserError):
                getattr(records, method)(*arguments)
        stranger = self._make_contract('active', user_id=self.user_sales_2.id, team_id=False)
        with self.assertRaises(UserError):
            self._as(other, self.user_sales).contract_id = stranger

    def test_signed_off_clause(self):
        clause = self.env['fulfilment.clause'].search([('parameter_ids', '!=', False)], limit=1)
        self.user_legal.company_ids = self.env['res.company'].search([])
        clause.with_user(self.user_legal).action_sign_off()
        theirs = clause.with_user(self.user_legal)
        parameter = theirs.parameter_ids[0]
        other = clause.copy().parameter_ids[0].with_user(self.user_legal)
        for call in (
            lambda: theirs.write({'body': 'x'}), lambda: theirs.update_field_translations('body', {'en_US': 'x'}), theirs.unlink,
            lambda: theirs.write({'parameter_ids': [Command.clear()]}), lambda: parameter.write({'value_number': 1.0}), parameter.unlink,
            lambda: parameter.create({'clause_id': clause.id, 'key': 'x', 'name': 'x'}), lambda: other.write({'clause_id': clause.id}),
            lambda: theirs.write({'legal_state': 'draft'}), lambda: theirs.write({'version': 9}),
        ):
            with self.assertRaises(UserError):
                call()
        with self.assertRaises(UserError):
            clause.with_user(self.user_sales).action_sign_off()

    # === METHODS === #

    def test_dialog_calls_what_asks_for_a_reason_only(self):
        dialog = self._as(self.env['fulfilment.reason'], self.user_manager)
        vals = {'res_model': 'fulfilment.contract', 'res_ids': str(self.active.id), 'method': 'action_terminate', 'reason': 'x'}
        for change in (
            {'method': '_move_to'}, {'method': 'action_approve'}, {'method': 'unlink'}, {'method': 'sudo'}, {'method': '__class__'},
            {'res_model': 'res.users'}, {'res_model': 'ir.cron'}, {'res_model': 'fulfilment.nothing'}, {'res_model': 'fulfilment.clause'},
        ):
            with self.subTest(change=change), self.assertRaises(UserError):
                dialog.create({**vals, **change}).action_confirm()
        self.assertEqual(self.active.state, 'active')
        with self.assertRaises(AccessError):
            self._as(self.env['fulfilment.reason'], self.user_sales_2).create(vals).action_confirm()

    def test_private_methods_stay_private(self):
        models = [
            self.env[name] for name in self.env.registry if name.startswith('fulfilment.') and not self.env[name]._abstract
        ]
        for method in PRIVATE:
            having = [model for model in models if hasattr(type(model), method)]
            self.assertTrue(having, method)
            for model in having:
                with self.subTest(model=model._name, method=method), self.assertRaises(AccessError):
                    get_public_method(model, method)

    def test_public_methods_are_actions(self):
        """Whatever the addon makes callable from outside is a button, which checks rights by itself."""
        inherited = {name for model in ('portal.mixin', 'mail.thread', 'mail.activity.mixin') for name in dir(type(self.env[model]))}
        known = inherited | {'create', 'write', 'unlink', 'copy_data', 'default_get', 'name_search', 'mail_allowed_qweb_expressions'}
        known |= {'get_matrix', 'get_story', 'get_page', 'get_past'}  # what screens read, as the user and without writing
        for name in self.env.registry:
            if not name.startswith('fulfilment.'):
                continue
            for cls in type(self.env[name]).mro():
                if not cls.__module__.startswith('odoo.addons.fulfilment_crm'):
                    continue
                for method, value in vars(cls).items():
                    if callable(value) and not isinstance(value, type) and not method.startswith('_'):
                        with self.subTest(model=name, method=method):
                            self.assertTrue(method in known or method.startswith('action_'))

    # === MESSAGES === #

    def test_reason_of_the_customer_is_text(self):
        milestone = self.active_parts['fulfilment.milestone'][1]
        milestone._record_acceptance('refused', reason='<img src="https://evil.example/x.png"><a href="https://evil.example">here</a>')
        note = self.active_parts['fulfilment.milestone'].activity_ids.filtered('note')[:1].note
        self.assertIn('&lt;img', note)
        self.assertNotIn('<img', note)
        body = self.active.message_ids.filtered(lambda message: 'evil' in (message.body or ''))[:1].body
        self.assertIn('&lt;img', body)
        self.assertNotIn('<a href="https://evil', body)

    def test_customers_name_is_text(self):
        self.customer.name = '<script>alert(1)</script>'
        contract = self._make_contract('approved', title='<b>bold</b>')
        contract._sign('<script>alert(2)</script>', signature=PNG)
        document = base64.b64decode(contract.signed_document).decode()
        for text in ('<script>alert', '<b>bold'):
            self.assertNotIn(text, document)
            self.assertFalse(contract.message_ids.filtered(lambda message, text=text: text in (message.body or '')))
        self.assertIn('&lt;script&gt;alert(2)', document)
