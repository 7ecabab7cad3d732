"""The whole story, to be told chapter by chapter by the demo data."""
from .breach import Breaches
from .care import Care
from .collection import Owed
from .credit import Credit
from .forecast import Forecasts
from .oversight import Oversight
from .reward import Rewards
from .risk import Risks
from .satisfaction import Satisfaction
from .story import Story
from .ticket import Tickets
from .warning import Warnings


class Telling(Story, Credit, Tickets, Satisfaction, Care, Warnings, Risks, Rewards, Owed, Forecasts, Breaches, Oversight):
    """Everything that has happened in the demo company before today."""
