# What others extend comes first.
from . import tier
from . import churn, cross_sell, settings, tier_change
from . import audience
