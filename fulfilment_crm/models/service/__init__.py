from . import (
    canned_reply,
    category,
    cause,
    contract,
    deadline_escalation,
    deadline_policy,
    partner,
    settings,
    stage,
    team,
    team_member,
    ticket_sender,
)
from . import ticket  # isort: skip - what follows extends it
from . import (
    ticket_analysis,
    ticket_assign,
    ticket_compensation,
    ticket_cron,
    ticket_deadline,
    ticket_event,
    ticket_flow,
    ticket_mail,
    ticket_merge,
    ticket_refusal,
)
