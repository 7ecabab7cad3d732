# Grades and lines come before what rests on them; of what the gate does with orders, the last extends the ones before.
from . import payment_term, grade, credit_line, scorecard, assessment, credit_rule, decision, statement, external_score
from . import sale_order, gate_case, gate_change, gate_decision, gate_guard, gate_ceiling, gate_reader, order_authors
from . import explanation, judging, preview, profile, release, scoring
from . import contact, credit_activity, credit_cron, deposit, figures, gate_trial, payment_transaction, settings, switch
from . import approval, audience, release_step
from . import overview
