from . import counting, start
from . import cards, charts  # isort: skip - extend it
