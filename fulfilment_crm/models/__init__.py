from . import base, contract, profile, credit, value, reminder, service  # isort: skip - facts, figures, judgements, effects
