from . import ticket_analysis
