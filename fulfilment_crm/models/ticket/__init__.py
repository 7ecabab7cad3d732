# What others extend comes first.
from . import ticket
from . import (
    audience,
    canned_reply,
    category,
    cause,
    deadline_escalation,
    deadline_policy,
    figures,
    links,
    mail_activity,
    mail_mail,
    partner,
    rating,
    settings,
    stage,
    team,
    team_member,
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
    ticket_sender,
    ticket_turned,
)
from . import story, ticket_context
from . import overview
