from . import base, contract, profile, credit, value, reminder, service, risk, start  # isort: skip - facts, figures, judgements, effects
