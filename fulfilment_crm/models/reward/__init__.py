# What others extend comes first.
from . import reward_rule, reward_budget, reward_grant, reward_preview, reward_mail, timed, loyalty
# The effects, in the order in which people choose among them.
from . import effect_points, effect_coupon, effect_payment_term, effect_limit, effect_priority, effect_training
from . import (
    approval,
    audience,
    compensation,
    loyalty_order,
    partner,
    profile,
    proposal,
    reward_chance,
    reward_cron,
    reward_basis,
    settings,
    switch,
)
from . import story
