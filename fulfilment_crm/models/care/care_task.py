from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ..base.to_do_mixin import QUIET
from ..base.told import ToldChar
from ..profile.figure import FigureFloat
from .care_plan import CARE_KINDS, PERIODS


class FulfilmentCareTask(models.Model):
    """One contact that a care plan asks for in a period: planned, then kept or missed."""
    _name = 'fulfilment.care.task'
    _description = 'Care task'
    _inherit = ['fulfilment.customer.mixin', 'fulfilment.guard.mixin', 'fulfilment.once.mixin']
    _order = 'date_planned, id'
    _rec_name = 'partner_id'

    tier_id = fields.Many2one(
        'fulfilment.tier', string="Tier then", readonly=True, index='btree_not_null', ondelete='set null', guarded=True,
    )
    kind = fields.Selection(CARE_KINDS, required=True, readonly=True, guarded=True)
    period = fields.Selection(PERIODS, required=True, readonly=True, guarded=True)
    period_start = fields.Date(required=True, readonly=True, guarded=True)
    period_end = fields.Date(required=True, readonly=True, guarded=True)
    date_planned = fields.Date(string="Planned for", required=True, readonly=True, index=True, guarded=True)
    state = fields.Selection(
        [('planned', "Scheduled"), ('done', "Kept"), ('missed', "Missed"), ('cancelled', "Cancelled")], required=True, readonly=True,
        default='planned', index=True, guarded=True,
    )
    date_done = fields.Date(string="Kept on", readonly=True, guarded=True)
    reason = ToldChar(readonly=True, guarded=True)
    interaction_id = fields.Many2one('fulfilment.interaction', readonly=True, ondelete='set null', index='btree_not_null', guarded=True)
    event_id = fields.Many2one('calendar.event', string="Meeting", readonly=True, ondelete='set null', index='btree_not_null', guarded=True)
    start = fields.Datetime(
        string="Meeting as planned", readonly=True, help="A meeting that stands elsewhere was moved by somebody.", guarded=True,
    )
    activity_id = fields.Many2one('mail.activity', readonly=True, ondelete='set null', index='btree_not_null', guarded=True)
    kept_rate = FigureFloat(
        string="Kept (%)", compute='_compute_kept_rate', store=True,
        help="Of tasks that were kept or missed, the share that was kept; open and cancelled ones do not count.",
    )

    _interaction_once = models.UniqueIndex(
        '(interaction_id) WHERE interaction_id IS NOT NULL', "An interaction fulfils one care task.",
    )
    _open_idx = models.Index("(company_id, period_end) WHERE state = 'planned'")
    _period_idx = models.Index('(partner_id, company_id, kind, period_start)')

    @api.depends('state')
    def _compute_kept_rate(self):
        # Nothing rather than zero where it is not decided: the average over many then is the rate.
        for task in self:
            task.kept_rate = {'done': 100.0, 'missed': 0.0}.get(task.state)

    @api.depends('partner_id', 'kind')
    @api.depends_context('lang')
    def _compute_display_name(self):
        kinds = dict(self._fields['kind']._description_selection(self.env))
        for task in self:
            task.display_name = self.env._(
                "%(kind)s: %(customer)s", kind=kinds.get(task.kind, ''), customer=task.partner_id.display_name or '',
            )

    # === ACTIONS === #

    def action_log(self):
        """Log the interaction that fulfils the task.

        :raise UserError: when the task is kept or cancelled
        """
        self.ensure_one()
        self.check_access('read')
        if self.state not in ('planned', 'missed'):
            raise UserError(self.env._("“%s” is not open any more.", self.display_name))
        # safe: the meeting of a task one reads; logging from it links both
        event = self.sudo().event_id
        if event and event.stop <= fields.Datetime.now() and not event.fulfilment_interaction_ids:
            return event.with_env(self.env).action_log_fulfilment_interaction()
        return self.env['fulfilment.interaction']._log_action(
            partner_id=self.partner_id.id, kind=self.kind, channel='person' if self.kind == 'visit' else 'phone',
            topic=self.display_name, company_id=(self.company_id if self.company_id in self.env.companies else self.env.company).id,
        )

    def action_open_event(self):
        """Open the meeting or the customer the activity is on."""
        self.ensure_one()
        return (self.event_id or self.partner_id)._get_records_action()

    # === KEEPING === #

    @api.model
    def _fulfil(self, interactions):
        """Each interaction fulfils the earliest planned task of its kind that asks for a contact in the period it happened in.

        One that was missed counts as well: it was kept, and only logged late.

        :return: the tasks kept
        """
        interactions = interactions.filtered(lambda one: one.kind in dict(CARE_KINDS)).sorted(lambda one: (one.date, one.id))
        if not interactions:
            return self.browse()
        taken = set(self.search([('interaction_id', 'in', interactions.ids)]).interaction_id.ids)
        days = _local_days(interactions)
        waiting = self.search(
            Domain('partner_id', 'in', interactions.commercial_partner_id.ids)
            & Domain('company_id', 'in', interactions.company_id.root_id.ids)
            & Domain('state', 'in', ('planned', 'missed')) & Domain('period_start', '<=', max(days.values()))
            & Domain('period_end', '>=', min(days.values())), order='date_planned, id',
        ).grouped(lambda task: (task.partner_id, task.company_id, task.kind))
        kept, used = self.browse(), set(taken)
        for one in interactions:
            day = days[one]
            found = next((
                task for task in waiting.get((one.commercial_partner_id, one.company_id.root_id, one.kind), ())
                if task not in kept and task.period_start <= day <= task.period_end
            ), None)
            if found is not None and one.id not in used:
                kept |= found
                found.write({'state': 'done', 'date_done': day, 'interaction_id': one.id, 'reason': False})
        # Their to-dos are done, without a note each; the interaction says it.
        kept.activity_id.action_archive()
        return kept

    def _cancel(self, reason, day):
        """Cancel tasks that were not kept; their to-dos go, and the meetings still ahead that nobody has moved: what was agreed with a
        customer stays.

        :param date day: the company's date
        :return: how many
        """
        self.write({'state': 'cancelled', 'reason': reason})
        untouched = self.filtered(lambda task: task.event_id.start == task.start and task.date_planned >= day).event_id
        self.activity_id.unlink()
        _remove(untouched)
        return len(self)

    def _miss(self):
        """Note tasks as missed whose period is over.

        :return: how many
        """
        self.write({'state': 'missed'})
        self.activity_id.unlink()
        return len(self)

    def _assign(self, user):
        """Give open tasks to another responsible, with their meetings and to-dos, on the same day.

        Odoo changes meetings one by one, so each is made anew as it stands.
        """
        visits = self.filtered('event_id')
        meetings = visits.event_id
        made = self.env['calendar.event'].with_context(**QUIET, fulfilment_without_activity=True).create([{
            **{name: task.event_id[name] for name in ('name', 'start', 'stop', 'allday', 'location', 'description', 'notes', 'res_id')},
            'res_model_id': task.event_id.res_model_id.id, 'res_model': task.event_id.res_model, 'user_id': user.id,
            'partner_ids': [fields.Command.set((task.event_id.partner_ids - task.user_id.partner_id | user.partner_id).ids)],
        } for task in visits])
        for task, event in zip(visits, made, strict=True):
            task.event_id = task.activity_id.calendar_event_id = event
        _remove(meetings)
        self.activity_id.with_context(**QUIET).write({'user_id': user.id})
        self.write({'user_id': user.id})


class FulfilmentInteraction(models.Model):
    _inherit = 'fulfilment.interaction'

    care_task_ids = fields.One2many('fulfilment.care.task', 'interaction_id', string="Care fulfilled")

    def _on_logged(self):
        result = super()._on_logged()
        # safe: what the firm had planned follows what the user was allowed to log
        self.env['fulfilment.care.task'].sudo()._fulfil(self.sudo())
        return result

    def _on_withdrawn(self):
        result = super()._on_withdrawn()
        # safe: as above; the next round notes as missed what is
        tasks = self.sudo().care_task_ids
        tasks.write({'state': 'planned', 'date_done': False, 'interaction_id': False})
        tasks.with_context(active_test=False).activity_id.action_unarchive()
        return result


class CalendarEvent(models.Model):
    _inherit = 'calendar.event'

    def write(self, vals):
        result = super().write(vals)
        if 'start' in vals:
            # safe: the task a meeting was made for follows it
            for task in self.sudo().fulfilment_care_task_ids.filtered(lambda one: one.state == 'planned'):
                task.date_planned = task.company_id._fulfilment_today(task.event_id.start)[task.company_id]
        return result


class MailActivity(models.Model):
    _inherit = 'mail.activity'

    def write(self, vals):
        result = super().write(vals)
        if 'date_deadline' in vals:
            # safe: as above, of calls and follow-ups
            tasks = self.sudo().fulfilment_care_task_ids
            tasks.filtered(lambda one: one.state == 'planned' and not one.event_id).date_planned = vals['date_deadline']
        return result


def _remove(events):
    """Take meetings out of the calendar without a mail."""
    events.fetch(['alarm_ids'])  # Odoo asks for those of one after the other
    events.with_context(**QUIET).unlink()


def _local_days(interactions):
    """Return the day each interaction happened on in its company's time zone: ``{interaction: date}``."""
    companies = {one: one.company_id.root_id for one in interactions}
    return {one: company._fulfilment_today(one.date)[company] for one, company in companies.items()}
