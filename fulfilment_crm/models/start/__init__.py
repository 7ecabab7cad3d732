# What others extend comes first.
from . import counting, start
from . import cards, charts
