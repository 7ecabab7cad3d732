from . import account_reassign, credit_release, export, move, phone_survey, reason, sign_paper
