"""The reminder run against plain mails of one template, and the run repeated."""

from datetime import timedelta

from odoo import fields
from odoo.tools import split_every

from .generator import World
from .measure import measured

TITLE = "Reminders: {size:,} open milestones due on one day (ratio: of the reminder run to it; of the repetition to the first run)"
LAYOUT = "mail.mail_notification_light"
SLICE = 100  # records a transaction, as in the reminder run
# What the shipped template of reminders says, said on milestones.
BODY = """
<div style="margin: 0px; padding: 0px; font-size: 13px;">
    <p>Dear <t t-out="object.partner_id.name"/>,</p>
    <p>this is to remind you of a date of contract <t t-out="object.contract_id.display_name"/>:</p>
    <p><strong><t t-out="object.name"/></strong>, due on <t t-out="format_date(object.date_planned)"/>.
       <t t-if="object.obligor == 'customer'">You owe this to us.</t></p>
    <p><strong><t t-out="format_amount(object.amount_open, object.currency_id)"/></strong></p>
    <p><a t-att-href="object.contract_id.get_base_url() + object.contract_id.access_url">Open the contract</a></p>
    <p><t t-out="object.user_id.name"/><br/><t t-out="object.company_id.name"/></p>
</div>
"""


def run(env, options):
    world, today = World(env), fields.Date.today()
    due = fields.Date.to_string(today + timedelta(days=7))
    warm_up(env, world, f"'{due}'::date", today)
    milestone_ids = world.milestones(options.size, options.size, f"'{due}'::date")
    reminders, number = env["fulfilment.reminder"], options.size
    first = measured(env, "reminder run", lambda: reminders._cron_reminders(as_of=today), number)
    sent = reminders.search([("milestone_id", "in", list(milestone_ids)), ("state", "=", "sent"), ("mail_id", "!=", False)])
    if len(sent) != number:
        raise AssertionError(f"{len(sent)} reminders were sent instead of {number}")
    again = measured(env, "the run repeated, nothing to send", lambda: reminders._cron_reminders(as_of=today), number)
    if reminders.search_count([]) != number + WARM:
        raise AssertionError("the repeated run wrote reminders")
    milestones = env["fulfilment.milestone"].browse(milestone_ids)
    same = measured(env, "send_mail_batch, same template, layout, records", lambda: plain(sent, own_template(env)), number)
    other = measured(env, "send_mail_batch, milestones and like template", lambda: plain(milestones, milestone_template(env)), number)
    again.ratio, same.ratio, other.ratio = again.to(first), first.to(same), first.to(other)
    return [first, again, same, other]


WARM = 50


def warm_up(env, world, due, today):
    """Run a small part first, so that what is compiled and cached once is so before the clock runs."""
    milestone_ids = world.milestones(WARM, WARM, due)
    env["fulfilment.reminder"]._cron_reminders(as_of=today)
    plain(env["fulfilment.reminder"].search([("milestone_id", "in", list(milestone_ids))]), own_template(env))
    plain(env["fulfilment.milestone"].browse(milestone_ids), milestone_template(env))


def own_template(env):
    return env.ref("fulfilment_crm.mail_template_reminder")


def milestone_template(env):
    name = "Benchmark: milestones"
    return env["mail.template"].search([("name", "=", name)]) or env["mail.template"].create({
        "name": name, "model_id": env["ir.model"]._get_id("fulfilment.milestone"), "body_html": BODY, "use_default_to": True,
        "subject": "{{ object.contract_id.display_name }}: {{ object.name }}", "lang": "{{ object.partner_id.lang }}",
    })


def plain(records, template):
    """Odoo's own way: rendered and queued in batches, committed as often as the reminder run does."""
    for ids in split_every(SLICE, records.ids):
        template.send_mail_batch(list(ids), email_layout_xmlid=LAYOUT)
        records.env.cr.commit()
