"""A dissatisfied customer is a case of the service supervisor, with a proposal due in 48 hours."""
from datetime import timedelta

from odoo.exceptions import AccessError
from odoo.tests import tagged

from .common_survey import SurveyCommon


@tagged('post_install', '-at_install')
class TestSatisfactionCase(SurveyCommon):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.supervisor = cls._make_user('f_supervisor', 'group_service')
        cls.company_a.fulfilment_service_supervisor_id = cls.supervisor

    def test_dissatisfied_only(self):
        for marks in ((4, 4, 3, 3), (5, 5, 5, 5)):
            self.assertFalse(self._result(*marks).ticket_id)
        ticket = self._result(4, 3, 3, 3).ticket_id
        self.assertRecordValues(ticket, [{
            'ticket_type': 'complaint', 'urgency': 'important', 'origin': 'survey', 'partner_id': self.contact.id, 'kind': 'new',
            'company_id': self.company_a.id, 'user_id': self.supervisor.id, 'title': 'Dissatisfied: Hengtong Industries',
        }])

    def test_what_it_says(self):
        contract = self._make_contract('active')
        answer = self._asked_answer(contract=contract)
        result = self._answer(answer, 1, None, 2, 3, comment='<b>Leaks</b>\nagain')
        text = str(result.ticket_id.description)
        self.assertEqual(result.ticket_id.contract_id, contract)
        self.assertIn('&lt;b&gt;Leaks', text)
        self.assertIn('Product quality: 1.00', text)
        self.assertNotIn('Service response', text)

    def test_proposal_due_in_48_hours_by_the_clock(self):
        ticket = self._result(1, 1, 1, 1).ticket_id
        deadline = ticket.deadline_ids.filtered(lambda one: one.goal == 'fed_back')
        self.assertEqual(deadline.due_on, ticket.received_on + timedelta(hours=48))
        ticket.with_user(self.supervisor).action_feed_back(text='We send a new one')
        self.assertTrue(deadline.met_on)

    def test_who_opens_the_case(self):
        result = self._result(1, 1, 1, 1)
        self.assertFalse(result.with_user(self.user_sales).is_case_readable)  # responsible by the profile only
        self.assertTrue(result.with_user(self.supervisor).is_case_readable)
        self.customer.user_id = self.user_sales
        self.env.invalidate_all()
        self.assertTrue(result.with_user(self.user_sales).is_case_readable)
        self.assertEqual(result.with_user(self.user_sales).action_open_case()['res_id'], result.ticket_id.id)

    def test_once(self):
        result = self._result(1, 1, 1, 1)
        ticket = result.ticket_id
        result.user_input_id._mark_done()
        result.is_followed_up = False
        self._run()
        self.assertEqual(result.ticket_id, ticket)
        self.assertEqual(self.env['fulfilment.ticket'].search([('partner_id', '=', self.contact.id)]), ticket)

    def test_followed_to_the_end(self):
        result = self._result(1, 1, 1, 1)
        ticket = result.ticket_id.with_user(self.supervisor)
        ticket.action_take()
        ticket.write({'solution': 'New seals', 'cause_id': self.env['fulfilment.ticket.cause'].search([], limit=1).id})
        ticket.action_solve()
        ticket.action_close()
        self.assertEqual(result.ticket_id.kind, 'closed')

    def test_without_supervisor(self):
        self.company_a.fulfilment_service_supervisor_id = self.user_b  # of another company: cannot even read it
        self.assertEqual(self._result(1, 1, 1, 1).ticket_id.user_id, self.user_manager)
        self.company_a.write({'fulfilment_service_supervisor_id': False, 'fulfilment_manager_id': False})
        self.assertTrue(self._result(1, 1, 1, 1).ticket_id)

    def test_in_the_language_of_who_takes_it(self):
        self.env['res.lang']._activate_lang('fr_FR')
        self.supervisor.lang = 'fr_FR'
        self.contact.lang = 'en_US'
        self.patch(type(self.Result), '_case_text', lambda result: result.env.lang)
        self.assertIn('fr_FR', str(self._result(1, 1, 1, 1).ticket_id.description))

    def test_by_phone(self):
        form = self.env['fulfilment.phone.survey'].with_user(self.user_sales).create({
            'partner_id': self.contact.id, 'company_id': self.company_a.id, 'quality': '1',
        })
        result = self.Result.browse(form.action_save()['res_id'])
        self.assertEqual(result.ticket_id.user_id, self.supervisor)
        self.assertIn(self.user_sales.name, str(result.ticket_id.description))
        with self.assertRaises(AccessError):
            result.with_user(self.user_manager).ticket_id = False

    def test_by_phone_for_somebody_elses_customer(self):
        self.customer.sudo().user_id = self.user_sales
        files = self.env['fulfilment.profile'].sudo().search([('partner_id', '=', self.customer.id)])
        self.assertTrue(files)
        files.user_id = self.user_sales
        vals = {'partner_id': self.contact.id, 'company_id': self.company_a.id, 'quality': '1'}
        with self.assertRaisesRegex(AccessError, 'looked after by somebody else'):
            self.env['fulfilment.phone.survey'].with_user(self.user_sales_2).create(vals).action_save()
        for user in (self.user_sales, self.user_service):
            self.assertTrue(self.env['fulfilment.phone.survey'].with_user(user).create(vals).action_save()['res_id'])

    def test_corrected_to_dissatisfied(self):
        result = self._result(5, 5, 5, 5)
        result.user_input_id.user_input_line_ids.write({'value_scale': 1})
        self.assertEqual((result.level, bool(result.ticket_id)), ('dissatisfied', True))
        ticket = result.ticket_id
        result.user_input_id.user_input_line_ids.write({'value_scale': 2})
        self.assertEqual(result.ticket_id, ticket)
