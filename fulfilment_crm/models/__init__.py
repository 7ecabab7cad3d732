from . import base, contract, profile, credit, value, reminder  # isort: skip - facts, figures, judgements, effects
