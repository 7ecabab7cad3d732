from . import base, contract, profile, credit, value, reminder, service, risk  # isort: skip - facts, figures, judgements, effects
