# What others extend comes first.
from . import account_role, account_team, interaction, interaction_step
from . import calendar_event, figures, links, mail_activity, settings
from . import audience
from . import story
