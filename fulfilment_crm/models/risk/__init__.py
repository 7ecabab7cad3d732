# What others extend comes first.
from . import risk
from . import links, risk_cron, risk_flow, risk_matrix, settings
from . import audience
