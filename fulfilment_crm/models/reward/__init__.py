# What others extend comes first.
from . import reward_rule, reward_budget, reward_grant, reward_preview
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
    settings,
    switch,
    terms,
)
