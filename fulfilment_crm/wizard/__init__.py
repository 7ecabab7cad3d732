from . import credit_release, export, move, reason, sign_paper
