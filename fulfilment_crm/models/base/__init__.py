# The mixins others inherit come first.
from . import portal_mixin, record_mixin, shared_mixin  # isort: skip
from . import audit_mixin, cached_mixin, chatter_mixin, condition_mixin, guard_mixin, once_mixin, worktime  # isort: skip
from . import approval_mixin  # isort: skip
from . import (
    approval,
    approval_activity,
    approval_chain,
    approval_people,
    attachment,
    company,
    delegation,
    mail_gateway,
    mail_mail,
    mail_message,
    mail_posting,
    problem,
    run,
    settings,
    switch,
    users,
    workday,
)
