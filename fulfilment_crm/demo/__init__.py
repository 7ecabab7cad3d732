# The verbs come first, then the story that is told with them.
from . import steps  # isort: skip
from . import alerts, credit, rewards, risks, satisfaction, service_care, story, tickets
