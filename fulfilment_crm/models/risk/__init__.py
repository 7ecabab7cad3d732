# What is watched and warned of.
from . import warning_rule  # isort: skip
from . import alert  # isort: skip
from . import alert_digest, alert_figures, alert_places, warning_cron, warning_replay, warning_switch, watching

# The register of risks, and the plans for when one of them comes true.
from . import risk_settings, to_dos  # isort: skip
from . import risk, risk_flow, risk_matrix, risk_round  # isort: skip
from . import response_plan, response, response_step, response_start, response_round  # isort: skip
from . import response_occasion  # isort: skip
from . import alert_response, risk_places, working_hours
