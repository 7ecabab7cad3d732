"""What `./dev demo --once` prints is what the database holds."""

import contextlib
import io
import re
from collections import Counter

from devtools import demo, templates
from devtools.odoo_log import Reader
from devtools.paths import ADDON_NAME
from tests.harness import OutsideCase

TODAY = "(SELECT max(as_of) FROM fulfilment_run)"
SENT = f"SELECT count(*) FROM fulfilment_reminder reminder WHERE as_of = {TODAY} AND state IN ('sent', 'to_print')"
CHANNELS = ("email", "sms", "letter", "call")
DUNNED = f"SELECT count(*) FROM fulfilment_reminder WHERE as_of = {TODAY} AND step_id IS NOT NULL"
# How much of each there is; the day adds what it prints.
FIGURES = {
    "breaches opened": "SELECT count(*) FROM fulfilment_breach",
    "damages begun": "SELECT count(*) FROM fulfilment_damages",
    "milestones reopened": "SELECT count(*) FROM fulfilment_milestone_event WHERE kind = 'reopened'",
    "acceptances deemed given": "SELECT count(*) FROM fulfilment_acceptance WHERE outcome = 'deemed'",
    "amendments in force": "SELECT count(*) FROM fulfilment_amendment WHERE state = 'applied'",
    "approvals escalated": "SELECT count(*) FROM fulfilment_approval WHERE escalated_on IS NOT NULL",
    "contracts started": "SELECT count(*) FROM fulfilment_contract WHERE state IN ('active', 'settlement')",
    "contracts to settlement": "SELECT count(*) FROM fulfilment_contract WHERE state = 'settlement'",
    "milestones late": "SELECT count(*) FROM fulfilment_milestone WHERE told_late_for IS NOT NULL",
    # One that was reopened the same day is done no more.
    "milestones done": """
        SELECT (SELECT count(*) FROM fulfilment_milestone WHERE state = 'done' AND kind <> 'acceptance')
             + (SELECT count(*) FROM fulfilment_milestone_event WHERE kind = 'reopened')
    """,
    "renewals drafted": "SELECT count(*) FROM fulfilment_contract WHERE renewed_from_id IS NOT NULL",
    "changes of tier": "SELECT count(*) FROM fulfilment_tier_change",
    "customers assessed": "SELECT count(*) FROM fulfilment_credit_assessment WHERE occasion = 'quarter'",
    "grade changes submitted": "SELECT count(*) FROM fulfilment_credit_assessment WHERE approval_state <> 'none'",
    "month ends kept": "SELECT count(*) FROM fulfilment_profile_history",
    "pairs of products": "SELECT count(*) FROM fulfilment_cross_sell",
    "care tasks planned": "SELECT count(*) FROM fulfilment_care_task WHERE state <> 'done'",
    "care tasks missed": "SELECT count(*) FROM fulfilment_care_task WHERE state = 'missed'",
    "care tasks cancelled": "SELECT count(*) FROM fulfilment_care_task WHERE state = 'cancelled'",
    "meetings made": "SELECT count(*) FROM fulfilment_communication_meeting",
    "deadlines warned": "SELECT count(*) FROM fulfilment_ticket_deadline WHERE warned",
    "deadlines missed": "SELECT count(*) FROM fulfilment_ticket_deadline WHERE missed",
    "deadlines escalated": "SELECT count(*) FROM fulfilment_ticket_deadline WHERE level > 0",
    "tickets closed": "SELECT count(*) FROM fulfilment_ticket WHERE kind = 'closed'",
    "analyses sent": "SELECT count(*) FROM fulfilment_ticket_analysis",
    "surveys sent": "SELECT count(*) FROM fulfilment_survey_request WHERE sent_on IS NOT NULL",
    "survey reminders": "SELECT COALESCE(sum(reminder_count), 0) FROM fulfilment_survey_request",
    "occasions told": "SELECT count(*) FROM fulfilment_care_occasion WHERE told_for IS NOT NULL",
    "rewards granted": "SELECT count(*) FROM fulfilment_reward_grant WHERE granted_on IS NOT NULL",
    "rewards to approve": "SELECT count(*) FROM fulfilment_reward_grant WHERE approval_state <> 'none'",
    "rewards taken back": "SELECT count(*) FROM fulfilment_reward_grant WHERE taken_back_on IS NOT NULL",
    "rewards ended": "SELECT count(*) FROM fulfilment_reward_grant WHERE state = 'ended'",
    "rewards beyond the budget": "SELECT COALESCE(sum(waiting_count), 0) FROM fulfilment_reward_budget",
    "alerts raised": "SELECT count(*) FROM fulfilment_alert",
    "alerts closed": "SELECT count(*) FROM fulfilment_alert WHERE state = 'closed'",
    "alerts escalated": "SELECT count(*) FROM fulfilment_alert WHERE escalated_on IS NOT NULL",
    "mails about alerts": "SELECT count(*) FROM fulfilment_alert_digest",
    "risk reviews told": "SELECT count(*) FROM fulfilment_risk WHERE review_told",
    "risk mitigations told": "SELECT count(*) FROM fulfilment_risk WHERE mitigation_told",
    "response steps late": "SELECT count(*) FROM fulfilment_response_step WHERE is_late",
    "response steps escalated": "SELECT count(*) FROM fulfilment_response_step WHERE escalated_to_id IS NOT NULL",
    "reviews made": "SELECT count(*) FROM fulfilment_review WHERE kind = 'periodic'",
    "inspections made": "SELECT count(*) FROM fulfilment_review WHERE kind = 'inspection'",
    "reviews overdue": "SELECT count(*) FROM fulfilment_review WHERE late_told",
    "findings opened": "SELECT count(*) FROM fulfilment_finding WHERE origin = 'check'",
    "findings closed": "SELECT count(*) FROM fulfilment_finding WHERE state = 'closed'",
    "findings due": "SELECT count(*) FROM fulfilment_finding WHERE due_told",
    "findings overdue": "SELECT count(*) FROM fulfilment_finding WHERE late_told",
    "key figures kept": "SELECT count(*) FROM fulfilment_mechanism_value",
    "mechanisms due": "SELECT count(*) FROM fulfilment_mechanism WHERE told_for IS NOT NULL",
    "loans due": "SELECT count(*) FROM fulfilment_original_loan WHERE told_for IS NOT NULL",
    "instalments forecast": "SELECT count(*) FROM fulfilment_payment_forecast",
    "forecasts compared": "SELECT count(*) FROM fulfilment_forecast_score",
    "events sealed": "SELECT count(*) FROM fulfilment_event WHERE hash IS NOT NULL",
    "mails queued": "SELECT count(*) FROM mail_message WHERE model = 'fulfilment.contract' AND message_type = 'auto_comment'",
}
CARED_FOR = """
    tier_id IN (SELECT tier_id FROM fulfilment_care_plan WHERE active)
    AND profile.company_id IN (SELECT id FROM res_company WHERE fulfilment_care)
"""
# Who cares has a role of the addon, by itself or implied by another group.
IN_ROLES = """
    WITH RECURSIVE role(id) AS (
        SELECT res_id FROM ir_model_data WHERE module = 'fulfilment_crm' AND model = 'res.groups'
        UNION SELECT gid FROM res_groups_implied_rel JOIN role ON hid = role.id
    ) SELECT uid FROM res_groups_users_rel JOIN role ON gid = role.id
"""
# Of reminders the ledger itself says for which day they were.
LEDGER = {
    "escalations": f"{SENT} AND audience = 'manager'",
    "letters and calls": DUNNED,
    "weeks forecast": "SELECT count(*) FROM fulfilment_cash_forecast",
    "checks counted": "SELECT count(*) FROM fulfilment_process_check WHERE active",
    "patterns told": "SELECT count(*) FROM fulfilment_pattern WHERE is_told",
    **{f"dunning by {channel}": f"{DUNNED} AND channel = '{channel}' AND state <> 'failed'" for channel in CHANNELS},
    **{f"dunning by {channel} failed": f"{DUNNED} AND channel = '{channel}' AND state = 'failed'" for channel in CHANNELS},
    "reminders skipped": f"SELECT count(*) FROM fulfilment_reminder WHERE as_of = {TODAY} AND state = 'skipped'",
    "customers without responsible": f"""
        SELECT count(*) FROM fulfilment_profile profile JOIN res_partner partner ON partner.id = profile.partner_id AND partner.active
         WHERE {CARED_FOR} AND NOT EXISTS (
            SELECT FROM res_users WHERE res_users.id = profile.user_id AND res_users.active AND res_users.id IN ({IN_ROLES})
         )
    """,
}
# Profiles are written over: what a round has touched shows against the rows before.
PROFILES = "SELECT id, to_jsonb(fulfilment_profile) FROM fulfilment_profile"
JUDGED = f"SELECT profile_id FROM fulfilment_credit_assessment WHERE date = {TODAY} AND occasion IN ('quarter', 'event')"
# A case has its customer looked at anew the same day, before the round over all.
BROKEN = f"""
    SELECT profile.id FROM fulfilment_profile profile
      JOIN fulfilment_breach breach ON breach.partner_id = profile.partner_id AND breach.company_id = profile.company_id
     WHERE breach.rule_id IS NOT NULL AND breach.party = 'customer' AND breach.opened_on = {TODAY}
"""
CREDIT = {"credit_grade_id", "credit_limit", "credit_used", "credit_grade_fall", "credit_grade_rise"}
RANKING = {
    "revenue_rank", "revenue_share", "revenue_share_sum", "pareto_class", "margin_rank", "margin_share", "recency_score",
    "frequency_score", "money_score", "segment", "value_quadrant",
}
OTHER = {"write_date", "write_uid", "create_date", "create_uid", "credit_score", "overdue_class", "tier_id", "value_tier_id"}
BY_CHANNEL = f"""
    SELECT channel, offset_days, count(*) FROM fulfilment_reminder
     WHERE as_of = {TODAY} AND state IN ('sent', 'to_print') AND step_id IS NULL GROUP BY channel, offset_days
"""


class TestDemoOnce(OutsideCase):
    maxDiff = None  # the whole list, or it cannot be told what is missing

    @classmethod
    def new_database(cls, purpose, template=None):
        return super().new_database(purpose, template=template or templates.dependencies(cls.runtime, demo=True))

    def test_printed_counts_are_those_of_the_database(self):
        reader = Reader()
        code, lines = self.odoo("-i", ADDON_NAME, "--with-demo", "--stop-after-init", "--no-http")
        for line in lines:
            reader.feed(line)
        self.assertEqual((code, reader.errors, reader.warnings), (0, [], []))

        before = self.figures(FIGURES)
        rows_before = dict(self.query(PROFILES))
        told = io.StringIO()
        with contextlib.redirect_stdout(told):
            failed = demo.day(self.runtime, self.database)
        self.assertEqual(failed, 0, told.getvalue())
        printed = {effect: int(count) for effect, count in re.findall(r"^(\w.*): (\d+)$", told.getvalue(), re.M)}

        found = Counter(self.figures(FIGURES))
        found.subtract(before)
        found.update(self.figures(LEDGER))
        found.update(self.touched(rows_before, dict(self.query(PROFILES))))
        for channel, offset, count in self.query(BY_CHANNEL):
            found[f"reminders by {channel}, {offset:+d} days"] += count
        self.assertEqual(printed, {effect: count for effect, count in found.items() if count})
        # A demo that shows nothing proves nothing.
        self.assertGreater(found["mails queued"], 0)
        self.assertGreater(found["milestones late"], 0)
        self.assertGreater(found["month ends kept"], 0)
        self.assertGreater(before["customers assessed"], 0, "the story has graded who can be graded")
        self.assertGreater(found["pairs of products"], 0)
        self.assertGreater(found["alerts raised"], 0)

    def touched(self, before, after):
        """How many profiles differ from before, by what wrote them; who was judged has the new limit from that already."""
        judged, broken = ({profile for [profile] in self.query(statement)} for statement in (JUDGED, BROKEN))

        def differ(columns):
            return {
                key for key, row in after.items() if any(row[name] != before.get(key, {}).get(name) for name in columns)
            }
        figures = set(next(iter(after.values()))) - CREDIT - RANKING - OTHER
        return {
            "profiles updated": len(differ(figures) - broken), "standings updated": len(differ(RANKING)),
            "credit figures updated": len(differ(CREDIT) - judged),
        }

    def figures(self, statements):
        return {effect: self.query(statement)[0][0] for effect, statement in statements.items()}
