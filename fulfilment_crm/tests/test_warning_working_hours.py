"""Working hours that change later move what is open: approvals, steps of responses, alerts. Tickets: see test_service_deadline."""
from datetime import timedelta

from odoo import fields
from odoo.fields import Command
from odoo.tests import tagged

from .common import FulfilmentCommon


@tagged('post_install', '-at_install')
class TestWorkingHoursChanged(FulfilmentCommon):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.calendar = cls.company_a.resource_calendar_id = cls.env['resource.calendar'].create({
            'name': 'Of A', 'tz': 'UTC', 'company_id': cls.company_a.id,
        })
        cls.company_a.fulfilment_escalation_days = 2
        cls.contract = cls._make_contract('active')

    def _close(self, first_day=1, days=5):
        """Holidays for everybody, from so many days from now on."""
        begin = fields.Datetime.now().replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=first_day)
        leave = self.env['resource.calendar.leaves'].create({
            'name': 'Closed', 'calendar_id': self.calendar.id, 'resource_id': False,
            'date_from': begin, 'date_to': begin + timedelta(days=days, seconds=-1),
        })
        self.settle()
        return leave

    def _check_moves(self, record, field):
        due = record[field]
        self.assertTrue(due)
        holidays = self._close()
        self.assertGreater(record[field], due)
        holidays.unlink()
        self.settle()
        self.assertEqual(record[field], due)
        # Worked after all, long ago: what is due in future is never over at once.
        long_ago = fields.Datetime.now() - timedelta(days=30)
        begun = {'deadline': 'asked_on' if record._name == 'fulfilment.approval' else 'started_on'}.get(field)
        if begun:
            record[begun] = long_ago
        else:
            self.env.cr.execute('UPDATE fulfilment_alert SET create_date = %s WHERE id = %s', [long_ago, record.id])
            record.invalidate_recordset()
        self._close(40)
        self.assertEqual(record[field], due)

    def test_approvals(self):
        contract = self._with_clauses(self._make_contract())
        contract.with_user(self.user_sales).action_submit()
        self._check_moves(contract.approval_ids.filtered(lambda one: one.state == 'pending')[:1].sudo(), 'deadline')

    def test_steps_of_responses(self):
        plan = self.env['fulfilment.response.plan'].create({'name': 'Fire', 'step_ids': [Command.create({
            'name': 'Call', 'role': 'owner', 'amount': 2, 'unit': 'working_day',
        })]})
        step = plan._start(self.contract).step_ids
        holidays = self._close()
        self.assertEqual(step.activity_id.date_deadline, step.deadline.date())
        holidays.unlink()
        self.settle()
        self.assertEqual(step.activity_id.date_deadline, step.deadline.date())
        self._check_moves(step.sudo(), 'deadline')

    def test_alerts(self):
        alert = self._make_alert(self.contract)
        alert.rule_id.escalation_days = 2
        alert.sudo().escalate_on = alert.rule_id._escalation(self.company_a, alert.create_date)
        alert._give_alert_to_dos(self.company_a._fulfilment_today())
        self._check_moves(alert.sudo(), 'escalate_on')

    def test_other_calendars_move_nothing(self):
        other = self.env['resource.calendar'].create({'name': 'Other', 'company_id': self.company_b.id})
        alert = self._make_alert(self.contract)
        alert.rule_id.escalation_days = 2
        alert.sudo().escalate_on = due = alert.rule_id._escalation(self.company_a, alert.create_date)
        self.env['resource.calendar.leaves'].create({
            'name': 'Closed', 'calendar_id': other.id, 'date_from': due - timedelta(days=9), 'date_to': due + timedelta(days=9),
        })
        other.attendance_ids.unlink()
        self.settle()
        self.assertEqual(alert.escalate_on, due)
