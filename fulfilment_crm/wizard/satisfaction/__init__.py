from . import phone_survey
