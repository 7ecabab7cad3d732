from . import controllers, models, report, tools, wizard
from . import demo  # the verbs the demo data is told with
from .hooks import uninstall_hook
