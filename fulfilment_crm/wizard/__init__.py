from . import account_reassign, credit_release, export, move, reason, sign_paper
