from . import accept, account_reassign, credit_release, export, move, phone_survey, reason, response_start, sign_paper, ticket_answer
