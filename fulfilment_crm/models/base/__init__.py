# The mixins others inherit come first.
from . import audit_mixin, cached_mixin, chatter_mixin, condition_mixin, guard_mixin, once_mixin  # isort: skip
from . import approval_mixin  # isort: skip
from . import (
    approval,
    approval_chain,
    attachment,
    company,
    delegation,
    deletion,
    mail_gateway,
    problem,
    run,
    settings,
    users,
    workday,
)
