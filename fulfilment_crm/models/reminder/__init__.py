# What others extend comes first.
from . import reminder, rule
from . import channels, mail_mail, milestone, pause, reminder_cron, settings, switch, texts
from . import audience
