# Interactions and care: the models come before the files that extend them.
from . import account_role, account_team, interaction, interaction_step  # isort: skip
from . import care_plan, care_task, communication_plan, communication_meeting  # isort: skip
from . import (
    calendar_event,
    care_cron,
    care_letter,
    care_occasion,
    care_partner,
    communication_cron,
    interaction_places,
    interaction_settings,
    mail_activity,
)
