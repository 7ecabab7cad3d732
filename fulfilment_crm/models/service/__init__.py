# What is asked comes first, then what was answered, then what follows from it.
from . import satisfaction_settings, survey_question, survey_plan, survey_request  # isort: skip
from . import survey_sending, survey_cron, survey_answer, satisfaction, improvement, loyalty_proposal, satisfaction_links  # isort: skip
