from . import tier  # isort: skip
from . import churn, cross_sell, settings, tier_change
