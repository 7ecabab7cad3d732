"""A thousand milestones to be reminded of, and what the ledger must hold for a day, worked out here once more."""

from collections import Counter
from datetime import date, timedelta

from tests.runs import RunCase

DAY = date(2026, 5, 11)
# Days from DAY to the planned date: how many milestones.
PLAN = {7: 800, 3: 150, 1: 50}
DUE = sum(PLAN.values())
CATCH_UP = 14
# The shipped rules that can be due on the days used here; all of them send e-mail to whoever owes the milestone.
OFFSETS = (-7, -3, -1, 0, 1)
CONTRACTS = 200

WORLD = f"""
from datetime import date, timedelta
day = date.fromisoformat({str(DAY)!r})
days = [n for n, count in {PLAN}.items() for _number in range(count)]
env['fulfilment.switch']._switch_all(env['res.company'].search([]))
user = env.ref('base.user_admin')
user.partner_id.email = 'responsible@example.com'
env.company.fulfilment_catch_up_days = {CATCH_UP}
env = env(context=dict(env.context, tracking_disable=True))
partners = env['res.partner'].create([
    {{'name': f'Customer {{n}}', 'email': f'customer{{n}}@example.com', 'is_company': True}} for n in range({CONTRACTS})
])
contracts = env['fulfilment.contract'].create([{{
    'partner_id': partner.id, 'user_id': user.id, 'type_id': env.ref('fulfilment_crm.contract_type_service').id,
    'date_start': day - timedelta(days=30), 'amount_total': 1000.0,
}} for partner in partners])
contracts.write({{'state': 'active', 'date_signed': day - timedelta(days=30)}})
env['fulfilment.milestone'].create([{{
    'contract_id': contracts[n % len(contracts)].id, 'name': f'Milestone {{n}}', 'anchor': 'fixed', 'user_id': user.id,
    'kind': 'payment' if n % 2 else 'delivery', 'obligor': 'customer' if n % 2 else 'us', 'amount': 100.0 if n % 2 else 0.0,
    'date_planned': day + timedelta(days=ahead),
}} for n, ahead in enumerate(days)])
env.cr.commit()
result = True
"""


class ReminderCase(RunCase):
    """Every test begins with nobody reminded yet."""

    model, method, action, world = "fulfilment.reminder", "_cron_reminders", "reminders", WORLD

    def expected(self, *days):
        """Work out the ledger after runs on these days: `[(milestone, offset, due date, state)]`, sorted."""
        ledger = {}
        for day in days:
            for milestone, planned in self.query("SELECT id, date_planned FROM fulfilment_milestone"):
                due = [offset for offset in OFFSETS if 0 <= (day - planned).days - offset <= CATCH_UP and (milestone, offset) not in ledger]
                for offset in due:
                    ledger[milestone, offset] = (planned, "sent" if offset == max(due) else "skipped")
        return sorted((milestone, offset, planned, state) for (milestone, offset), (planned, state) in ledger.items())

    def reminded(self):
        return self.query("SELECT count(*) FROM fulfilment_reminder")[0][0]

    def assert_once(self, *days):
        """One row and one mail a claim, and the runs counted just these."""
        expected = self.expected(*days)
        rows = Counter(self.query("SELECT milestone_id, offset_days, due_date, state FROM fulfilment_reminder"))
        for what, wrong in (("too many", rows - Counter(expected)), ("missing", Counter(expected) - rows)):
            self.assertFalse(wrong, f"{sum(wrong.values())} {what}, as {wrong.most_common(3)}")
        sent = [row for row in expected if row[3] == "sent"]
        # Every row sent has a mail of its own, to one receiver, and there is no mail besides.
        linked = self.query("""
            SELECT count(*), count(DISTINCT mail.id), count(DISTINCT message.id)
              FROM fulfilment_reminder reminder
              JOIN mail_mail mail ON mail.id = reminder.mail_id
              JOIN mail_message message ON message.id = mail.mail_message_id
             WHERE reminder.state = 'sent' AND message.model = 'fulfilment.contract' AND message.res_id = reminder.contract_id
               AND (SELECT count(*) FROM mail_mail_res_partner_rel receiver WHERE receiver.mail_mail_id = mail.id) = 1
        """)
        self.assertEqual(linked, [(len(sent),) * 3])
        self.assertEqual(self.query("SELECT count(*) FROM mail_mail"), [(len(sent),)])
        notes = "SELECT count(*) FROM mail_message WHERE model = 'fulfilment.contract' AND message_type = 'auto_comment'"
        self.assertEqual(self.query(notes), [(len(sent),)])
        self.assertEqual(self.counts(*days), self.sums(sent, expected))

    def counts(self, *days):
        """Return what the runs for all these days say, together."""
        return dict(sum((Counter(self.counted(day)) for day in days), Counter()))

    def sums(self, sent, expected):
        """Return what the runs have to say."""
        counts = Counter(f"reminders by email, {offset:+d} days" for _milestone, offset, _due, _state in sent)
        counts["mails queued"] = len(sent)
        counts["reminders skipped"] = len(expected) - len(sent)
        return dict(+counts)


def later(days):
    return DAY + timedelta(days=days)
