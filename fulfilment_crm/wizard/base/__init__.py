from . import export, reason
