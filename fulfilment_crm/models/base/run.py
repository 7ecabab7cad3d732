import logging
import random
import time
from typing import NamedTuple

import psycopg2

from odoo import api, fields, models
from odoo.exceptions import LockError
from odoo.tools import split_every

_logger = logging.getLogger(__name__)

TRIES = 5
CONCURRENCY_ERRORS = (
    psycopg2.errors.SerializationFailure,
    psycopg2.errors.DeadlockDetected,
    psycopg2.errors.LockNotAvailable,
    psycopg2.errors.UniqueViolation,  # a claim that another run took first
    LockError,
)



class Action(NamedTuple):
    """A scheduled action, and its place in the order of the day: facts first, then effects."""
    place: int
    key: str
    name: str
    model: str
    method: str


class FulfilmentRun(models.Model):
    """The log of the scheduled actions, and the one way they work: in slices, each in a transaction of its own."""
    _name = 'fulfilment.run'
    _description = 'Run of a scheduled action'
    _inherit = ['fulfilment.machine.mixin']
    _order = 'id desc'
    _rec_name = 'action'

    action = fields.Selection('_selection_action', string="Scheduled action", required=True, readonly=True)
    as_of = fields.Date(string="For the day", readonly=True, help="The date the run worked for; empty means each company's own today.")
    started_on = fields.Datetime(readonly=True, default=fields.Datetime.now)
    finished_on = fields.Datetime(readonly=True, help="Empty when the run is under way or was interrupted.")
    counts = fields.Json(readonly=True, help="How often each effect happened.")
    summary = fields.Text(compute='_compute_summary')
    problem_ids = fields.One2many('fulfilment.problem', 'run_id', string="Failed records")
    problem_count = fields.Integer(compute='_compute_problem_count')

    @api.model
    def _actions(self):
        """Return the scheduled actions: list of ``Action``. A room adds its own."""
        return []

    @api.model
    def _selection_action(self):
        return [(action.key, action.name) for action in sorted(self._actions())]

    @api.depends('counts')
    @api.depends_context('lang')
    def _compute_summary(self):
        labels = self._effect_labels()
        for run in self:
            run.summary = '\n'.join(f'{labels.get(effect, effect)}: {count}' for effect, count in sorted((run.counts or {}).items()))

    @api.model
    def _effect_labels(self):
        """Return what the effects counted by runs are called: ``{key: label}``. A room adds its own."""
        return {
            'set aside': self.env._("Failed records"), 'approvals escalated': self.env._("Approvals escalated"),
            'approvals asked of others': self.env._("Approvals asked of others"),
        }

    @api.depends('problem_ids')
    def _compute_problem_count(self):
        counts = dict(self.env['fulfilment.problem']._read_group([('run_id', 'in', self.ids)], ['run_id'], ['__count']))
        for run in self:
            run.problem_count = counts.get(run, 0)

    # === BUSINESS METHODS === #

    @api.model
    def _open(self, action, as_of=None):
        """Begin a run and make it visible to others at once.

        :param str action: key of the scheduled action
        :param date as_of: the day to work for, or None
        """
        # safe: the log is written by scheduled actions only; nobody has the right to
        run = self.sudo().create({'action': action, 'as_of': as_of})
        self.env['ir.cron']._commit_progress()
        return run

    def _close(self):
        self.ensure_one()
        self.finished_on = fields.Datetime.now()
        self.env['ir.cron']._commit_progress()

    def _count(self, effects):
        """Add ``{effect: n}`` to the counts of this run."""
        counts = dict(self.counts or {})
        for effect, number in effects.items():
            if number:
                counts[effect] = counts.get(effect, 0) + number
        if counts != (self.counts or {}):
            self.counts = counts

    def _slices(self, records, work, size=200):
        """Do ``work`` for all records, slice by slice, each slice in a transaction of its own.

        A slice that meets another run's rows is rolled back and done again in a fresh transaction. A slice that fails for any
        other reason is halved until the one bad record stands alone; that record is set aside and the others go on.

        :param records: the records to work on, of a model with ``company_id``; ids are kept, so a rollback does not lose the list
        :param work: function of a recordset that returns ``{effect: count}``; it must be safe to repeat after a rollback
        :param int size: records per slice
        :return: True when all slices were done, False when the scheduler's time was up
        """
        self.ensure_one()
        model, remaining = records._name, len(records)
        # What is written for good, such as reasons, is written in the language of the company it concerns.
        by_lang = records.grouped(lambda record: record.company_id.partner_id.lang or self.env.lang)
        pending = [(lang, list(chunk)) for lang, group in by_lang.items() for chunk in split_every(size, group.ids)][::-1]
        while pending:
            lang, piece = pending.pop()
            error = self.with_context(lang=lang)._attempt(model, piece, work)
            if error is not None and len(piece) > 1:
                middle = len(piece) // 2
                pending += [(lang, piece[middle:]), (lang, piece[:middle])]
                continue
            if error is not None:
                self._set_aside(model, piece[0], error)
            remaining -= len(piece)
            if not self.env['ir.cron']._commit_progress(len(piece), remaining=remaining) and pending:
                return False
        return True

    def _attempt(self, model, ids, work):
        """Run one slice and commit it; return the exception that stopped it, or None."""
        def work_and_solve():
            effects = work(self.env[model].browse(ids))
            # safe: the log of the run itself, as in _open
            self.env['fulfilment.problem'].sudo()._solve(self.action, model, ids)
            return effects

        error = self._transaction(work_and_solve)
        if error is not None and len(ids) == 1 and not isinstance(error, CONCURRENCY_ERRORS):
            _logger.warning("%s: record %s of %s was set aside", self.action, ids[0], model, exc_info=error)
        return error

    def _transaction(self, work):
        """Do ``work`` in a transaction of its own and commit it together with its counts; once more when it met another's.

        :param work: function without arguments that returns ``{effect: count}``; it must be safe to repeat after a rollback
        :return: the exception that stopped it, or None
        """
        self.ensure_one()
        for attempt in range(1, TRIES + 1):
            try:
                self._count(work())
                self.env['ir.cron']._commit_progress()
            except CONCURRENCY_ERRORS as error:
                self.env.cr.rollback()
                if attempt == TRIES:
                    return error
                time.sleep(random.uniform(0.0, 0.1 * 2 ** attempt))
            except Exception as error:  # noqa: BLE001 - whatever one piece of work raises, the others must go on; the caller tells of it
                self.env.cr.rollback()
                return error
            else:
                return None
        return None

    def _together(self, company, works):
        """Do what is done for all of a company in one go, each piece in a transaction of its own.

        The first piece that fails sets the company aside and stops those after it, so that none is left out for good.

        :param works: functions as in ``_transaction``
        :return: whether all was done
        """
        for work in works:
            error = self._transaction(work)
            if error is not None:
                self._set_aside('res.company', company.id, error)
                self.env['ir.cron']._commit_progress()
                return False
        if works:
            # safe: the log of the run itself, as in _open
            problems = self.env['fulfilment.problem'].sudo()
            self._transaction(lambda: problems._solve(self.action, 'res.company', company.ids) or {})
        return True

    def _set_aside(self, model, record_id, error):
        """Note that a record could not be handled, in a transaction of its own: another run may be noting the same."""
        def note():
            # safe: the log of the run itself, as in _open
            record = self.env[model].sudo().browse(record_id).exists()
            if not record:
                return {}
            self.env['fulfilment.problem'].sudo()._set_aside(self, record, str(error) or type(error).__name__)
            return {'set aside': 1}

        failed = self._transaction(note)
        if failed is not None:
            _logger.warning("%s: that %s of %s was set aside could not be noted", self.action, record_id, model, exc_info=failed)

    # === SCHEDULED ACTIONS === #

    @api.model
    def _day_actions(self):
        """Return the scheduled actions of one day, in the order facts → effects: list of ``(model, method)``."""
        return [(action.model, action.method) for action in sorted(self._actions())]

    @api.model
    def _day(self, as_of=None):
        """Run all scheduled actions once, as the scheduler does in the course of a day.

        :param date as_of: the day; today when None. Naming the day makes the hour of the reminders irrelevant.
        :return: one dict an effect: ``action``, ``effect``, ``count``, ``failed``, ``detail``
        """
        as_of = as_of or fields.Date.context_today(self)
        rows = []
        for model, method in self._day_actions():
            # safe: reads the log of the runs that this call has started
            newest = self.sudo().search([], order='id desc', limit=1).id or 0
            getattr(self.env[model], method)(as_of=as_of)
            for run in self.sudo().search([('id', '>', newest)], order='id'):
                rows += [
                    {'action': run.action, 'effect': effect, 'count': count, 'failed': False, 'detail': ''}
                    for effect, count in sorted((run.counts or {}).items())
                ]
                rows += [
                    {'action': run.action, 'effect': 'set aside', 'count': 1, 'failed': True,
                     'detail': f'{problem.record_name}: {problem.message}'}
                    for problem in run.problem_ids
                ]
                if not run.finished_on:
                    rows.append({'action': run.action, 'effect': 'not finished', 'count': 1, 'failed': True, 'detail': ''})
        return rows

    @api.autovacuum
    def _gc_runs(self):
        """Forget runs of more than 90 days ago."""
        limit = fields.Datetime.subtract(fields.Datetime.now(), days=90)
        self.search([('started_on', '<', limit)], limit=10000).unlink()
