from . import (
    canned_reply,
    category,
    cause,
    contract,
    deadline_escalation,
    deadline_policy,
    partner,
    rating,
    settings,
    stage,
    team,
    team_member,
    ticket_sender,
    ticket_turned,
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
# What is asked comes first, then what was answered, then what follows from it.
from . import satisfaction_settings, survey_question, survey_plan, survey_request  # isort: skip
from . import survey_sending, survey_cron, survey_switch, survey_answer, satisfaction, satisfaction_case, improvement  # isort: skip
from . import loyalty_proposal, satisfaction_links  # isort: skip
# Interactions and care: the models come before the files that extend them.
from . import account_role, account_team, interaction, interaction_step  # isort: skip
from . import care_plan, care_task, communication_plan, communication_meeting  # isort: skip
from . import (
    calendar_event,
    care_cron,
    care_letter,
    care_occasion,
    care_partner,
    care_switch,
    communication_cron,
    interaction_places,
    interaction_settings,
    mail_activity,
    visit_planning,
)
