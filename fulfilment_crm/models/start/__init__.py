# What others extend comes first.
from . import start
from . import cards, charts, checklist
