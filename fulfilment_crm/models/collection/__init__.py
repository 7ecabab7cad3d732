# What others extend comes first.
from . import customer_mixin
from . import dispute_reason, instalment_hold, dispute, promise, payment_plan, statement, strategy, position
from . import (
    collection_cron,
    dispute_credit,
    dispute_flow,
    dunning,
    dunning_letter,
    dunning_run,
    figures,
    promise_ledger,
    settings,
    statement_cron,
    statement_mail,
    story,
    strategy_preview,
    switch,
)
from . import answers, comparison, vouched_address
from . import audience, links
