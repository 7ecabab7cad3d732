# What others extend comes first.
from . import care_plan, care_task, communication_plan, communication_meeting
from . import care_cron, care_letter, care_occasion, communication_cron, figures, partner, planned, switch, visit_planning
from . import audience
from . import next_contact
