from . import base, contract, profile, credit, value, reminder, service, risk, incentive, start  # isort: skip - facts, figures, judgements, effects
