# What others extend comes first.
from . import warning_rule, alert
from . import alert_digest, alert_figures, links, switch, warning_cron, warning_replay, watching, working_hours
from . import story
