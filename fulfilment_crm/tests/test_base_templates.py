"""Templates that scheduled actions fill in: what is written into them acts with every right."""
from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged

from .common import TODAY, FulfilmentCommon

DANGEROUS = '<p t-out="object.env[\'res.groups\'].search_count([])"/>'


@tagged('post_install', '-at_install')
class TestTemplates(FulfilmentCommon):

    def test_only_administrators_write_expressions(self):
        """Odoo's group of template editors may write any code; of templates about our records administrators alone."""
        editor = new_test_user(
            self.env, 't_editor', groups='base.group_user,fulfilment_crm.group_manager,mail.group_mail_template_editor',
        )
        admin = new_test_user(
            self.env, 't_admin',
            groups='base.group_user,fulfilment_crm.group_manager,base.group_system,mail.group_mail_template_editor',
        )
        shipped = self.env['ir.model.data'].search([('module', '=', 'fulfilment_crm'), ('model', '=', 'mail.template')])
        templates = self.env['mail.template'].browse(shipped.mapped('res_id'))
        ours = templates.filtered(lambda one: one.model.startswith('fulfilment.'))
        self.assertGreater(len(ours), 10)
        for template in ours:
            with self.subTest(template=template.name), self.assertRaises(AccessError):
                template.with_user(editor).body_html = DANGEROUS
        with self.assertRaises(AccessError):
            self.env['mail.template'].with_user(editor).create({
                'name': 'Mine', 'model_id': self.env['ir.model']._get_id('fulfilment.reminder'), 'body_html': DANGEROUS,
            })
        foreign = self.env['mail.template'].with_user(editor).create({
            'name': 'Theirs', 'model_id': self.env['ir.model']._get_id('res.partner'), 'body_html': DANGEROUS,
        })
        with self.assertRaises(AccessError):
            foreign.model_id = self.env['ir.model']._get_id('fulfilment.reminder')
        ours[0].with_user(admin).body_html = DANGEROUS

    def test_what_the_machine_sends_as_text_message_as_well(self):
        editor = new_test_user(
            self.env, 't_editor', groups='base.group_user,fulfilment_crm.group_manager,mail.group_mail_template_editor,base.group_system',
        )
        editor.group_ids -= self.env.ref('base.group_system')
        template = self.env['sms.template'].search([('model', '=like', 'fulfilment.%')], limit=1)
        self.assertTrue(template)
        with self.assertRaises(AccessError):
            template.with_user(editor).body = "{{ object.env['res.groups'].search_count([]) }}"

    def test_the_system_sends_what_an_administrator_wrote(self):
        """Whatever a template says: text of somebody else, of another model, or with a report about other records goes to nobody."""
        manager = new_test_user(self.env, 't_manager', groups='base.group_user,fulfilment_crm.group_manager')
        template = self.env.ref('fulfilment_crm.mail_template_overdue')
        template._fulfilment_check_vouched('fulfilment.reminder')
        foreign = self.env['mail.template'].create({'name': 'Other', 'model_id': self.env['ir.model']._get_id('res.partner')})
        with self.assertRaises(UserError):
            foreign._fulfilment_check_vouched('fulfilment.reminder')
        own = self.env['mail.template'].with_user(manager).create({
            'name': 'Pay to EVIL', 'model_id': self.env['ir.model']._get_id('fulfilment.reminder'), 'body_html': '<p>Pay to EVIL</p>',
        })
        rule = self.env['fulfilment.reminder.rule'].search([], limit=1)
        rule.template_id = own
        contract, _parts = self._make_contract_with_parts('active')
        reminder = self.env['fulfilment.reminder'].create({
            'claim_key': 'vouched', 'rule_id': rule.id, 'contract_id': contract.id, 'company_id': contract.company_id.id,
            'milestone_id': contract.milestone_ids[0].id, 'due_date': TODAY, 'as_of': TODAY, 'audience': 'customer', 'channel': 'email',
            'partner_id': contract.partner_id.id, 'state': 'open',
        })
        with self.assertRaisesRegex(UserError, 'administrator'):
            reminder._queue_mails(own.sudo())
        report = self.env['ir.actions.report'].search([('model', '=', 'sale.order')], limit=1)
        template.report_template_ids = report
        with self.assertRaisesRegex(UserError, 'other records'):
            reminder._queue_mails(template)
        template.report_template_ids = False
        self.assertTrue(reminder._queue_mails(template))
