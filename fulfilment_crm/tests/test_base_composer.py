"""Dialogs for messages fill themselves in as superuser: with texts and files of records their user reads, and no others."""
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .common import TODAY
from .common_access import AccessCommon


@tagged('post_install', '-at_install')
class TestComposer(AccessCommon):

    def _template(self, model, report=None, user=None, **vals):
        return self.env['mail.template'].with_user(user or self.user_manager).create({
            'name': 'Mine', 'model_id': self.env['ir.model']._get_id(model),
            **({'report_template_ids': [(6, 0, self.env.ref(report).ids)]} if report else {}), **vals,
        })

    def _compose(self, user, model, records, template, **vals):
        return self.env['mail.compose.message'].with_user(user).create({
            'model': model, 'res_ids': str(records.ids), 'template_id': template.id, 'composition_mode': 'comment', 'body': 'x',
            'subject': 'y', **vals,
        })

    def test_a_report_about_something_else_is_not_attached(self):
        """Every report of ours and of Odoo's: the number of a contact would be the number of somebody else's record."""
        reports = self.env['ir.actions.report'].search([('report_type', '=', 'qweb-pdf')])
        self.assertGreater(len(reports), 10)
        for report in reports:
            if report.model == 'res.partner' or report.model not in self.env:
                continue
            template = self._template('res.partner', report_template_ids=[(6, 0, report.ids)])
            with self.subTest(report=report.report_name), self.assertRaises(AccessError):
                self._compose(self.user_plain, 'res.partner', self.customer, template)
        with self.assertRaises(AccessError):
            template.with_user(self.user_plain).send_mail(self.customer.id)

    def test_only_about_what_is_read(self):
        """Every template about records of ours, for somebody who reads none of them."""
        templates = self.env['mail.template'].search([('model', '=like', 'fulfilment.%')])
        tried = 0
        for template in templates:
            record = {'fulfilment.contract': self.contract, **self.parts}.get(template.model)
            if not record:
                continue
            with self.subTest(template=template.name), self.assertRaises(AccessError):
                self._compose(self.user_plain, template.model, record[:1], template)
            with self.subTest(template=template.name, by='context'), self.assertRaises(AccessError):
                self.env['mail.compose.message'].with_user(self.user_plain).with_context(
                    active_model=template.model, active_ids=record[:1].ids, default_model=template.model,
                    default_res_ids=str(record[:1].ids),
                ).create({'template_id': template.id, 'composition_mode': 'comment'})
            tried += 1
        self.assertGreater(tried, 3)

    def test_a_dialog_does_not_change_what_it_is_about(self):
        dialog = self.env['mail.compose.message'].with_user(self.user_plain).create({
            'model': 'res.partner', 'res_ids': str(self.customer.ids), 'composition_mode': 'comment', 'body': 'x',
        })
        with self.assertRaises(AccessError):
            dialog.write({'model': 'fulfilment.contract', 'res_ids': str(self.contract.ids)})
        spec = {'body': {}, 'attachment_ids': {}, 'partner_ids': {}}
        with self.assertRaises(AccessError):
            dialog.browse().onchange(
                {'model': 'fulfilment.contract', 'res_ids': str(self.contract.ids), 'composition_mode': 'comment'}, ['model'], spec,
            )

    def test_whoever_reads_writes_as_before(self):
        template = self._template('fulfilment.contract', 'fulfilment_crm.action_report_contract')
        self.assertTrue(self._compose(self.user_sales, 'fulfilment.contract', self.contract, template))

    def test_text_messages(self):
        reminder = self.parts['fulfilment.reminder']
        template = self.env['sms.template'].search([('model', '=', 'fulfilment.reminder')], limit=1)
        with self.assertRaises(AccessError):
            self.env['sms.composer'].with_user(self.user_plain).create({
                'res_model': reminder._name, 'res_id': reminder.id, 'template_id': template.id, 'composition_mode': 'comment',
            })
        dialog = self.env['sms.composer'].with_user(self.user_inspector).create({
            'res_model': 'fulfilment.contract', 'res_ids': str(self.contract.ids), 'composition_mode': 'mass', 'body': 'x',
            'mass_keep_log': True,
        })
        with self.assertRaises(AccessError):
            dialog.action_send_sms()
        for vals in ({'message_type': 'sms', 'sms_numbers': ['+12025550123']}, {'sms_pid_to_number': {1: '+12025550123'}}):
            with self.assertRaises(AccessError):
                self.contract.with_user(self.user_inspector).message_post(body='x', **vals)

    def test_customers_write_to_us_and_not_through_us(self):
        other = self.other_customer
        for record in (self.contract, self.parts['fulfilment.milestone'][:1]):
            own = record.with_user(self.user_portal)
            message = own.message_post(
                body='Dear all', partner_ids=other.ids, message_type='sms', sms_numbers=['+12025550123'], is_internal=True,
                subtype_xmlid='mail.mt_note', parent_id=record.message_ids[:1].id, sms_pid_to_number={other.id: '+1'},
            ).sudo()
            with self.subTest(model=record._name):
                self.assertFalse(message.partner_ids)
                self.assertEqual((message.message_type, message.is_internal), ('comment', False))
                self.assertFalse(self.env['sms.sms'].search([('mail_message_id', '=', message.id)]))

    def test_followers_and_ratings_tell_nobody_who_does_not_read(self):
        for record in (self.contract, self.parts['fulfilment.ticket']):
            with self.subTest(model=record._name):
                with self.assertRaises(AccessError):
                    record.with_user(self.user_plain).message_get_followers()
                with self.assertRaises(AccessError):
                    self.env['rating.rating'].with_user(self.user_plain).create({
                        'res_model_id': self.env['ir.model']._get_id(record._name), 'res_id': record.id, 'rating': 1,
                    })
        self.assertTrue(self.contract.with_user(self.user_sales).message_get_followers() is not None)

    def test_the_link_of_a_survey_goes_out_only_with_its_mail(self):
        request = self.parts['fulfilment.survey.request']
        request.user_input_id = self.env['survey.user_input'].create({'survey_id': request.survey_id.id, 'partner_id': self.customer.id})
        for reader in (request.sudo(), request.with_user(self.user_sales), request.with_context(fulfilment_sending=True)):
            reader.invalidate_recordset()
            self.assertFalse(reader.link)
        template = self._template(request._name, subject='{{ object.link }}')
        dialog = self._compose(self.user_sales, request._name, request, template)
        self.assertNotIn('answer_token', str(dialog.read(['subject', 'body'])))

    def test_who_took_an_answer_is_not_entered_by_hand(self):
        surveyor = self._make_user('k_surveyor', None, 'survey.group_survey_manager')
        survey = self.env.ref('fulfilment_crm.survey_satisfaction')
        answer = self.env['survey.user_input'].with_user(surveyor).create({
            'survey_id': survey.id, 'partner_id': self.customer.id, 'fulfilment_entered_by_id': self.user_sales.id,
        })
        self.assertFalse(answer.sudo().fulfilment_entered_by_id)
        with self.assertRaises(AccessError):
            answer.fulfilment_entered_by_id = self.user_sales

    def test_the_to_do_of_an_objection_stays_with_who_is_asked(self):
        ticket = self.parts['fulfilment.ticket']
        given = self.env['mail.activity']._fulfilment_give(
            'fulfilment_crm.activity_type_objection', [self._to_do(ticket, self.user_leader)],
        )
        for act in (lambda one: one.action_feedback(), lambda one: one.unlink(), lambda one: one.write({'user_id': self.user_service.id})):
            with self.assertRaises(AccessError):
                act(given.with_user(self.user_service))
        given.with_user(self.user_leader).action_feedback()

    def _to_do(self, record, user):
        from ..models.base.to_do_mixin import ToDo
        return ToDo(record, user, 'Objection')

    def test_a_pause_stays_with_the_customer_it_was_made_for(self):
        contact = self.env['res.partner'].create({'name': 'Own', 'user_id': self.user_sales_2.id})
        pauses = self.env['fulfilment.reminder.pause'].with_user(self.user_sales_2)
        pause = pauses.create({'partner_id': contact.id, 'reason': 'x', 'date_from': TODAY, 'date_to': TODAY})
        contact.parent_id = self.customer
        found = self.env['fulfilment.reminder.pause']._pauses_of(self.contract, {self.contract.company_id: TODAY})
        self.assertNotEqual(found.get(self.contract), pause.sudo(False).with_env(self.env))
        with self.assertRaises(AccessError):
            pause.user_id = self.user_leader

    def test_next_steps_are_for_colleagues(self):
        from odoo.exceptions import ValidationError
        interaction = self.parts['fulfilment.interaction']
        with self.assertRaises(ValidationError):
            self.env['fulfilment.interaction.step'].with_user(self.user_sales).create({
                'interaction_id': interaction.id, 'summary': 'x', 'user_id': self.user_portal.id,
            })


@tagged('post_install', '-at_install')
class TestWhoApproves(AccessCommon):

    def _chain(self, **vals):
        return self.env['fulfilment.approval.chain'].create({
            'name': 'Small ones', 'model': 'fulfilment.contract', 'sequence': 1,
            'step_ids': [(0, 0, {'name': 'One', 'user_id': self.user_leader.id})], **vals,
        })

    def test_the_chain_of_a_template_asks_its_condition_too(self):
        chain = self._chain(domain="[('amount_total', '<', 1000)]")
        self.template_sale.chain_id = chain
        contract = self._make_contract(template_id=self.template_sale.id, type_id=self.type_sale.id, amount_total=5000000)
        self.assertFalse(contract._own_chain())
        contract.amount_total = 500
        self.assertEqual(contract._own_chain(), chain)

    def test_a_draft_keeps_the_template_it_was_made_from(self):
        """Else its author would choose by whom it is approved."""
        other = self.template_sale.copy({'name': 'Other', 'chain_id': self._chain().id})
        contract = self._make_contract(template_id=self.template_sale.id, type_id=self.type_sale.id).with_user(self.user_sales)
        self.assertTrue(contract.clause_ids or contract.milestone_ids)
        for template in (other.id, False):
            with self.subTest(template=template), self.assertRaises(UserError):
                contract.write({'template_id': template})
        contract.write({'template_id': self.template_sale.id, 'title': 'Same'})
        contract.clause_ids.unlink()
        contract.milestone_ids.unlink()
        contract.write({'template_id': other.id})

    def test_managers_choose_the_chain_of_a_template(self):
        chain = self._chain()
        self.user_legal.company_ids = self.env['res.company'].search([])  # whoever changes what holds for all works in all
        template = self.template_sale.with_user(self.user_legal)
        with self.assertRaises(AccessError):
            template.chain_id = chain
        with self.assertRaises(AccessError):
            template.create({'name': 'Mine', 'type_id': self.type_sale.id, 'chain_id': chain.id})
        with self.assertRaises(AccessError):
            template.with_context(default_chain_id=chain.id).create({'name': 'Mine', 'type_id': self.type_sale.id})
        self.env['ir.default'].with_user(self.user_legal).set(template._name, 'chain_id', chain.id, user_id=True)
        with self.assertRaises(AccessError):
            template.create({'name': 'Mine', 'type_id': self.type_sale.id})
        template.write({'chain_id': template.chain_id.id, 'name': 'Renamed'})

    def test_the_amount_is_what_the_lines_come_to(self):
        contract = self._make_contract(type_id=self.type_sale.id)
        self.env['fulfilment.contract.line'].create({'contract_id': contract.id, 'name': 'Pump', 'price_unit': 5000000.0})
        contract.write({'amount_total': 50000, 'amount_untaxed': 50000})
        self.assertGreaterEqual(contract._approval_amounts()[contract], 5000000)
        findings = contract._check_wording().filtered(lambda one: one.severity == '1_block')
        self.assertIn('come to', ' '.join(findings.mapped('message')))
        contract.line_ids.write({'amount_total': 50000, 'amount_untaxed': 50000})
        self.assertGreaterEqual(contract._approval_amounts()[contract], 5000000)
