# What others extend comes first.
from . import dispute_reason, instalment_hold, dispute, promise, payment_plan, statement
from . import collection_cron, dispute_credit, dispute_flow, promise_ledger, settings, statement_cron, statement_mail
from . import audience, links
