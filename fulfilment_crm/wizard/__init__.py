from . import export, move, reason, sign_paper
