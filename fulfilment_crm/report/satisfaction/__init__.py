from . import survey_rate
