from . import accept, move, sign_paper
