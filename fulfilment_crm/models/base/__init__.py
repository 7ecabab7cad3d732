# What others extend comes first.
from . import guard_mixin, ir_default, portal_mixin, record_mixin, shared_mixin, audit_mixin, cached_mixin, chatter_mixin, condition_mixin
from . import lookup_mixin, flow_mixin, once_mixin, queued_mail_mixin, to_do_mixin, worktime, approval_mixin
from . import (
    approval,
    approval_activity,
    approval_chain,
    approval_people,
    attachment,
    binding,
    company,
    delegation,
    demo,
    deletion,
    event,
    later,
    mail_gateway,
    mail_mail,
    mail_message,
    mail_posting,
    problem,
    readers,
    run,
    settings,
    switch,
    told,
    users,
    workday,
)
