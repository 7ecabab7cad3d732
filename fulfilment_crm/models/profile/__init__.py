# The mixin comes before the files that extend it, in the order their figures are listed; then what inherits it.
from . import customer_mixin, mixin, receivables, payments, collection, invoices, orders, exposure, contracts, relation, changes, ranking
from . import profile, history, drill_down, asked, overview, story, engine, links, partner, profile_cron, settings
from . import month  # extends the round
from . import approval, audience
