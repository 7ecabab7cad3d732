from functools import partial

from odoo import api, fields, models
from odoo.fields import Domain

from ...tools.as_of import AsOf
from ..base.run import Action
from .finding import OPEN


class FulfilmentProcessCheck(models.Model):
    """The nightly round: every check over everything, a row by company and day, findings opened and closed."""
    _inherit = 'fulfilment.process.check'

    @api.model
    def _cron_checks(self, as_of=None):
        """Count what checks look at and what they find, and follow their findings.

        :param as_of: the day to work for (date, or naive UTC datetime); with None each company's own today
        """
        self = self.sudo()  # safe: a scheduled action works for all companies
        run = self.env['fulfilment.run']._open('checks', as_of)
        days = self.env['res.company'].search([])._fulfilment_today(as_of)
        on = self.env['fulfilment.switch']._switched_on('checks', self.env['res.company'].concat(*days))
        fresh = self.env['fulfilment.profile'].search([('company_id', 'in', on.ids), ('file_confirmed_on', '=', False)])
        if not run._slices(fresh, lambda some: some._begin_files(days), size=1000):
            return
        # One check that cannot be searched is set aside, and the others go on.
        for day, companies in on.grouped(lambda one: days[one]).items():
            if not run._slices(self.search([]), partial(self._count_slice, day, companies), size=1):
                return
        if run._slices(self.env['fulfilment.finding'].search([('state', 'in', ('open', 'in_work'))]).filtered(
            lambda one: one.company_id in on and (not one.due_told or not one.late_told) and one.date_due <= days[one.company_id],
        ), lambda some: some._remind(days)):
            run._close()

    @api.model
    def _count_slice(self, day, companies, checks):
        """Count checks for companies that have the same date; returns ``{effect: count}``."""
        effects = {'checks counted': 0, 'findings opened': 0, 'findings closed': 0}
        for check in checks:
            own = companies.filtered(lambda one, check=check: not check.company_id or check.company_id in one.parent_ids)
            if own:
                check._count(day, own)
                effects['checks counted'] += 1
                effects['findings closed'] += check._close_findings(day, own)
                effects['findings opened'] += check._open_findings(day, own)
        return effects

    def _over(self, day):
        """Return the model of the check in an environment in which days are counted to a date."""
        self.ensure_one()
        return self.env[self.model].with_context(active_test=True, as_of=AsOf(day))

    def _count(self, day, companies):
        """Keep what the check counts in companies on a day; a second run on the day puts the newer numbers in place."""
        self.ensure_one()
        records, at = self._over(day), Domain('company_id', 'in', companies.ids)
        population = dict(records._read_group(self._population() & at, ['company_id'], ['__count']))
        exceptions = dict(records._read_group(self._exceptions() & at, ['company_id'], ['__count']))
        results = self.env['fulfilment.process.check.result']
        known = {one.company_id: one for one in results.search([
            ('check_id', '=', self.id), ('date', '=', day), ('company_id', 'in', companies.ids),
        ])}
        fresh = []
        for company in companies:
            whole, wrong = population.get(company, 0), exceptions.get(company, 0)
            values = {'population': whole, 'exceptions': wrong, 'rate': 100 * wrong / whole if whole else None}
            if company not in known:
                fresh.append({'check_id': self.id, 'company_id': company.id, 'date': day, **values})
            elif (known[company].population, known[company].exceptions) != (whole, wrong):
                known[company].write(values)
        results.create(fresh)

    def _open_findings(self, day, companies):
        """Open findings of records that have none, the oldest first, up to the limit; returns how many."""
        self.ensure_one()
        findings, vals_list = self.env['fulfilment.finding'], []
        for company in companies if self.finding_limit else ():
            own = findings.search([('check_id', '=', self.id), ('company_id', '=', company.id), ('check_key', '!=', False)])
            room = self.finding_limit - len(own)
            if room <= 0:
                continue
            records = self._over(day).search(
                self._exceptions() & Domain('company_id', '=', company.id) & Domain('id', 'not in', own.mapped('res_id')),
                order='id', limit=room,
            )
            before = {}
            for one in findings.search([
                ('check_id', '=', self.id), ('res_model', '=', self.model), ('res_id', 'in', records.ids),
            ], order='id'):
                before[one.res_id] = one
            vals_list += [{
                'name': self.with_context(lang=company.partner_id.lang or self.env.lang).name, 'company_id': company.id,
                'origin': 'check', 'check_id': self.id, 'res_model': self.model,
                'res_id': record.id, 'record_name': record.display_name, 'check_key': self._key(record.id), 'found_on': day, 'seen_on': day,
                'user_id': self._responsible(record, company).id, 'contract_id': _contract_of(record).id,
                'date_due': fields.Date.add(day, days=company.fulfilment_finding_days),
                **({'repeated_of_id': before[record.id].id, 'repetition': before[record.id].repetition + 1} if record.id in before else {}),
            } for record in records]
        findings.with_context(tracking_disable=True).create(vals_list)
        return len(vals_list)

    def _close_findings(self, day, companies):
        """Close findings that the check does not show any more, and note of the others that it does; returns how many were closed."""
        self.ensure_one()
        findings = self.env['fulfilment.finding'].search([
            ('check_id', '=', self.id), ('company_id', 'in', companies.ids), ('state', 'in', OPEN),
        ])
        if not findings:
            return 0
        shown = set(self._over(day).search(self._exceptions() & Domain('id', 'in', findings.mapped('res_id')))._ids)
        still = findings.filtered(lambda one: one.res_id in shown)
        still.filtered(lambda one: one.seen_on != day).seen_on = day
        (findings - still).with_context(as_of=AsOf(day))._end('closed')
        return len(findings - still)

    def _responsible(self, record, company):
        """Return who sets a record right: its own responsible, that of its contract, the owner of the check, the fulfilment manager."""
        own = record['user_id'] if 'user_id' in record._fields and record._fields['user_id'].comodel_name == 'res.users' else None
        people = (own, _contract_of(record).user_id, self.user_id, company.fulfilment_manager_id)
        return next((
            one for one in people if one and one.active and not one.share and company in one.company_ids
        ), self.env['res.users'])


class FulfilmentProfile(models.Model):
    _inherit = 'fulfilment.profile'

    def _begin_files(self, days):
        """Count the age of files from the day somebody begins to look; returns ``{effect: count}``."""
        for company, some in self.grouped('company_id').items():
            some.file_confirmed_on = days[company]
        return {}


class FulfilmentRun(models.Model):
    _inherit = 'fulfilment.run'

    @api.model
    def _actions(self):
        return [*super()._actions(), Action(92, 'checks', self.env._("Process checks"), 'fulfilment.process.check', '_cron_checks')]

    @api.model
    def _effect_labels(self):
        return {
            **super()._effect_labels(), 'checks counted': self.env._("Checks counted"), 'findings opened': self.env._("Findings opened"),
            'findings closed': self.env._("Findings closed"), 'findings due': self.env._("Findings due"),
            'findings overdue': self.env._("Findings overdue"),
        }


def _contract_of(record):
    """Return the contract a record is, or belongs to."""
    if record._name == 'fulfilment.contract':
        return record
    field = record._fields.get('contract_id')
    return record['contract_id'] if field is not None and field.comodel_name == 'fulfilment.contract' else \
        record.env['fulfilment.contract']
