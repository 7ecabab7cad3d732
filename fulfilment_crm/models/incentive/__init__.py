# The rule and its budget come before what is granted, and that before its effects.
from . import settings, reward_rule, reward_budget, reward_grant, reward_preview  # isort: skip
from . import (
    compensation,
    loyalty,
    loyalty_order,
    partner,
    priority,
    profile,
    proposal,
    reward_chance,
    reward_cron,
    reward_ground,
    reward_mail,
    reward_switch,
    terms,
)
