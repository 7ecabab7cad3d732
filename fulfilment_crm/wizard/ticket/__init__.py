from . import ticket_answer
