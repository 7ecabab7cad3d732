from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import plaintext2html

from ...tools.working_time import NoWorkingTimeError, WorkingTime, moved
from ..base.guard_mixin import without_unchanged
from ..base.readers import READERS
from ..base.to_do_mixin import check_colleagues
from ..base.told import ToldChar, ToldText
from .response_plan import ANCHORS, ROLES, UNITS

TO_DO = 'fulfilment_crm.activity_type_response'


class FulfilmentResponseStep(models.Model):
    """One step of a response, with the terms of its plan as they were: who was asked, by when, and what became of it."""
    _name = 'fulfilment.response.step'
    _description = 'Step of a response'
    _inherit = ['fulfilment.guard.mixin', 'fulfilment.machine.mixin']
    _order = 'response_id, sequence, id'

    response_id = fields.Many2one('fulfilment.response', required=True, readonly=True, index=True, ondelete='cascade', guarded=True)
    company_id = fields.Many2one(related='response_id.company_id', store=True, index=True)
    is_drill = fields.Boolean(related='response_id.is_drill', string="Drill", store=True)
    sequence = fields.Integer(readonly=True, guarded=True)
    name = ToldChar(string="What is done", required=True, readonly=True, guarded=True)
    instructions = ToldText(readonly=True, guarded=True)
    role = fields.Selection(ROLES, string="Who takes it", required=True, readonly=True, guarded=True)
    group_id = fields.Many2one('res.groups', readonly=True, ondelete='set null', guarded=True)
    user_id = fields.Many2one('res.users', string="Asked of", index='btree_not_null', ondelete='set null', domain="[('share', '=', False)]")
    amount = fields.Float(string="Within", required=True, readonly=True, aggregator=None, guarded=True)
    unit = fields.Selection(UNITS, required=True, readonly=True, guarded=True)
    anchor = fields.Selection(ANCHORS, string="Counted", required=True, readonly=True, guarded=True)
    previous_id = fields.Many2one('fulfilment.response.step', readonly=True, index='btree_not_null', ondelete='set null', guarded=True)
    state = fields.Selection(
        [('waiting', "Waiting"), ('running', "To do"), ('done', "Done"), ('skipped', "Left out")], required=True, readonly=True,
        default='waiting', index=True, guarded=True,
    )
    started_on = fields.Datetime(readonly=True, guarded=True)
    deadline = fields.Datetime(readonly=True, guarded=True)
    is_late = fields.Boolean(string="Late", readonly=True, help="The deadline passed before it was done. Stays so.", guarded=True)
    escalated_on = fields.Datetime(readonly=True, guarded=True)
    escalated_to_id = fields.Many2one('res.users', string="Escalated to", readonly=True, ondelete='set null', guarded=True)
    done_by_id = fields.Many2one('res.users', string="Done by", readonly=True, ondelete='set null', guarded=True)
    done_on = fields.Datetime(string="Done on", readonly=True, guarded=True)
    note = ToldChar(help="What came of it, or why it was left out.")
    activity_id = fields.Many2one('mail.activity', readonly=True, index='btree_not_null', ondelete='set null', guarded=True)
    escalation_id = fields.Many2one('mail.activity', string="To-do of the manager", readonly=True, ondelete='set null', guarded=True)

    _due_idx = models.Index("(deadline) WHERE state = 'running' AND escalated_on IS NULL")

    @api.constrains('user_id')
    def _check_asked(self):
        check_colleagues(self)

    def write(self, vals):
        if not self.env.su and without_unchanged(self, vals, ('note', 'user_id')).keys() & {'note', 'user_id'}:
            for step in self:
                if step.state not in ('waiting', 'running'):
                    raise UserError(self.env._("Step “%s” is over: what was noted on it stays.", step.name))
        result = super().write(vals)
        if 'user_id' in vals:
            # safe: the to-do goes to whoever is asked now; the user was allowed to say who
            self.sudo()._follow_asked()
        return result

    def _follow_asked(self):
        """Give the to-dos of steps that are under way to whoever is asked now."""
        running = self.filtered(lambda step: step.state == 'running')
        kept = running.filtered(lambda step: step.user_id and step.activity_id.active)
        for user, steps in kept.grouped('user_id').items():
            steps.activity_id.with_context(mail_activity_quick_update=True).user_id = user
        lost = (running - kept).filtered('activity_id')
        lost.activity_id.unlink()
        (running - kept)._give_activities()

    # === ACTIONS === #

    def action_done(self, note=None):
        """Complete the steps; those that wait for them begin.

        :param str note: what came of it
        :raise UserError: when one of them is not to be done now
        """
        self._check_running()
        # safe: the state is guarded; the right to write was checked
        self.sudo()._complete('done', fields.Datetime.now(), self.env.user, note)
        return True

    def action_skip(self, reason=None):
        """Leave the steps out; those that wait for them begin.

        :param str reason: why; asked for in a dialog when missing
        """
        self._check_running(('running', 'waiting'))
        if not (reason or '').strip():
            return self._ask_reason('action_skip', self.env._("Leave the step out"))
        # safe: as in action_done
        self.sudo()._complete('skipped', fields.Datetime.now(), self.env.user, reason.strip())
        return True

    def _check_running(self, states=('running',)):
        self.check_access('write')
        names = dict(self._fields['state']._description_selection(self.env))
        for step in self:
            if step.response_id.state != 'running':
                raise UserError(self.env._("“%s” is over: its steps do not change any more.", step.response_id.display_name))
            if step.state not in states:
                raise UserError(self.env._(
                    "Step “%(step)s” is %(state)s. Only steps that are to do now can be reported.", step=step.name, state=names[step.state],
                ) if step.state != 'waiting' else self.env._(
                    "Step “%(step)s” waits for “%(before)s”: report or leave out that one first.", step=step.name,
                    before=step.previous_id.name or '',
                ))

    # === BUSINESS METHODS === #

    def _complete(self, state, moment, user, note=None):
        """End steps that are open, begin those that waited for them, and finish the responses that have none left.

        :param str state: done or skipped
        :param datetime moment: naive UTC
        """
        steps = self.filtered(lambda step: step.state in ('running', 'waiting'))
        late = steps.filtered(lambda step: step.deadline and step.deadline < moment and not step.is_late)
        late.is_late = True
        vals = {'state': state, 'done_on': moment, 'done_by_id': user.id}
        steps.write({**vals, 'note': note} if note else vals)
        steps.activity_id.filtered('active').action_archive()
        steps.escalation_id.filtered('active').unlink()
        text = self.env._("%(step)s: done by %(user)s. %(note)s") if state == 'done' \
            else self.env._("%(step)s: left out by %(user)s. %(note)s")
        notes = {}
        for step in steps:
            notes.setdefault(step.response_id, []).append(text % {'step': step.name, 'user': user.name, 'note': step.note or ''})
        self.env['fulfilment.response'].concat(*notes)._message_log_batch({
            response.id: plaintext2html('\n'.join(lines)) for response, lines in notes.items()
        })
        steps._go_on(moment)

    def _go_on(self, moment):
        """Begin what waited for these steps, and finish responses without open steps."""
        responses = self.response_id.filtered(lambda response: response.state == 'running')
        responses.step_ids.filtered(lambda step: step.state == 'waiting' and step._is_next())._begin(moment)
        over = responses.filtered(lambda response: all(step.state in ('done', 'skipped') for step in response.step_ids))
        over._finish('done', moment)

    def _is_next(self):
        """Whether what the step waits for is done. Of steps left out, what counts is the one before."""
        self.ensure_one()
        before = self.previous_id
        while before.state == 'skipped':
            before = before.previous_id
        return not before or before.state == 'done'

    def _begin(self, moment):
        """Start the clock of the steps from now on, and give whoever is asked a to-do."""
        if not self:
            return
        deadlines = self._deadlines(moment)
        for deadline, steps in self.grouped(lambda step: deadlines[step]).items():
            steps.write({'state': 'running', 'started_on': moment, 'deadline': deadline})
        self._give_activities()

    def _deadlines(self, moment):
        """When each step has to be done that begins at a moment.

        Where a company has no working hours, working days are counted as days by the clock.

        :return: ``{step: naive UTC datetime}``
        """
        workday, times, found = self.env['fulfilment.workday'], {}, {}
        for step in self:
            calendar = step.company_id.resource_calendar_id
            company, key = step.company_id, (step.company_id, step.amount, step.unit)
            if key not in found:
                if company not in times:
                    times[company] = workday._working_time(calendar, company) if calendar else WorkingTime('UTC', lambda first, before: [])
                try:
                    found[key] = times[company].deadline(moment, step.amount, step.unit)
                except NoWorkingTimeError:
                    found[key] = moment + timedelta(days=step.amount)
        return {step: found[step.company_id, step.amount, step.unit] for step in self}

    def _recount_deadline(self):
        """Working hours changed: the steps have to be done when they say now, with their to-dos, and none is late by it."""
        now = fields.Datetime.now()
        for begun, steps in self.grouped('started_on').items():
            deadlines = steps._deadlines(begun)
            for step in steps:
                due = moved(step.deadline, deadlines[step], now)
                if due != step.deadline:
                    step.deadline = due
                    step.activity_id.date_deadline = step.company_id._fulfilment_today(due)[step.company_id]

    def _give_activities(self):
        """Give a to-do to whoever is asked, marked when it is a drill."""
        asked = self.filtered('user_id')
        said = {step: step.with_env(step.user_id._fulfilment_env()) for step in asked}
        days = {step: step.company_id._fulfilment_today(step.deadline)[step.company_id] for step in asked}
        activities = self.env['fulfilment.response']._give_to_dos(TO_DO, [
            (
                step.response_id, step.user_id, said[step].response_id._marked(said[step].name), days[step],
            ) for step in asked
        ])
        for step, activity in zip(asked, activities, strict=True):
            step.activity_id = activity
            activity.note = plaintext2html(said[step].instructions) if step.instructions else False

    def _leave_out(self, reason):
        """End steps without beginning those after them."""
        self.write({'state': 'skipped', 'note': reason})
        self.activity_id.unlink()
        self.escalation_id.unlink()


class MailActivity(models.Model):
    """A to-do of a response that is marked done, is the step done."""
    _inherit = 'mail.activity'

    fulfilment_response_step_ids = fields.One2many('fulfilment.response.step', 'activity_id', string="Steps of responses", groups=READERS)

    def _action_done(self, feedback=False, attachment_ids=None):
        # safe: finds the steps these to-dos stand for; who may report them is checked below
        steps = self.sudo().fulfilment_response_step_ids.filtered(lambda step: step.state == 'running')
        for step in steps.with_env(self.env):
            # Odoo lets whoever started the response end the to-dos of others.
            if step.sudo().user_id != self.env.user and not step.has_access('write'):
                raise AccessError(self.env._(
                    "Step “%(step)s” was asked of %(user)s: only they, or who may change the response, can report it done.",
                    step=step.sudo().name, user=step.sudo().user_id.name or self.env._("nobody"),
                ))
        result = super()._action_done(feedback=feedback, attachment_ids=attachment_ids)
        if steps:
            steps._complete('done', fields.Datetime.now(), self.env.user, feedback or None)
        return result
