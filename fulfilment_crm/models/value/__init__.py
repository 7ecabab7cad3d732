from . import tier  # isort: skip
from . import churn, cross_sell, tier_change
