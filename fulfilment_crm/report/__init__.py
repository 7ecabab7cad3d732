from . import top_ten, survey_rate
