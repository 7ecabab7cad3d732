# What others extend comes first.
from . import settings, survey_question, survey_plan, survey_request, survey_sending, survey_cron, switch, survey_answer
from . import satisfaction
from . import figures, improvement, links, loyalty_proposal, satisfaction_case
from . import audience
from . import story
from . import overview
