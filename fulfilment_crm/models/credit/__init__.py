# Grades and lines come before what rests on them.
from . import payment_term, grade, credit_line, scorecard, assessment, credit_rule, decision  # isort: skip
from . import statement, external_score  # isort: skip
from . import explanation, gate, gate_change, gate_decision, gate_guard, gate_ceiling, judging, preview, profile, release, scoring  # isort: skip
from . import contact, credit_activity, credit_cron, deposit, switch
