from . import warning_rule  # isort: skip
from . import alert  # isort: skip
from . import alert_digest, alert_figures, alert_places, warning_cron, warning_replay, watching
