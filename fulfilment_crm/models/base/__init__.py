# What others extend comes first.
from . import guard_mixin, ir_default, portal_mixin, record_mixin, shared_mixin, audit_mixin, cached_mixin, chatter_mixin, condition_mixin
from . import mail_composer
from . import lookup_mixin, flow_mixin, once_mixin, queued_mail_mixin, to_do_mixin, worktime
from . import decided_mixin, approval_mixin
from . import (
    approval,
    approval_activity,
    approval_chain,
    approval_page,
    approval_people,
    attachment,
    audience,
    binding,
    born_as,
    company,
    currency,
    delegation,
    demo,
    deletion,
    event,
    later,
    mail_gateway,
    mail_mail,
    mail_message,
    mail_render,
    mail_vouched,
    mail_posting,
    mail_template,
    problem,
    readers,
    run,
    settings,
    switch,
    told,
    users,
    workday,
)
