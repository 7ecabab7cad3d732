# The mixin comes before the files that extend it, in the order their figures are listed.
from . import mixin  # isort: skip
from . import receivables, payments, collection, invoices, orders, exposure, contracts, finance, relation, tickets  # isort: skip
from . import satisfaction, changes, standing  # isort: skip
from . import profile, history  # isort: skip
from . import drill_down, engine, partner, places, profile_cron, settings
from . import care  # isort: skip - after the engine, whose list of sources it extends
from . import month  # isort: skip - adds up what the round has kept
