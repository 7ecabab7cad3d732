from . import move, reason, sign_paper
