"""The world of the reminders: a contract of a contact, payments, and runs by day."""
from datetime import timedelta

from .common import TODAY, FulfilmentCommon


def day(number):
    return TODAY + timedelta(days=number)


class ReminderCommon(FulfilmentCommon):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.contract = cls._make_contract('active', partner_id=cls.contact.id)
        cls.Reminder = cls.env['fulfilment.reminder']

    def _payment(self, days=0, contract=None, **vals):
        return self._make_milestone(
            contract or self.contract, days, name='Final payment', kind='payment', obligor='customer', amount=500.0, **vals
        )

    def _run(self, number):
        return self.run_cron('fulfilment.reminder', '_cron_reminders', as_of=day(number))

    def _rows(self, milestone, due=None):
        """``{(offset, audience): state}`` of the ledger."""
        return {
            (row.offset_days, row.audience): row.state
            for row in self.Reminder.search([('milestone_id', '=', milestone.id)]) if not due or row.due_date == due
        }

    def _rule(self, **vals):
        return self.env['fulfilment.reminder.rule'].create({
            'name': 'Rule', 'model': 'fulfilment.milestone', 'offset_days': -5, 'audience': 'customer', 'channel': 'email',
            'template_id': self.env.ref('fulfilment_crm.mail_template_reminder').id, **vals,
        })
