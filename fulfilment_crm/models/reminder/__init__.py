# The models come first, then what extends them.
from . import reminder, rule  # isort: skip
from . import channels, mail_mail, milestone, pause, reminder_cron, switch, texts
