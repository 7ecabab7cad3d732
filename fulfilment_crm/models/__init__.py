from . import base, contract, profile, credit, value, reminder, service, incentive  # isort: skip - facts, figures, judgements, effects
