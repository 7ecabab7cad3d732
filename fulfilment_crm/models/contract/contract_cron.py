from functools import partial

from odoo import api, fields, models
from odoo.fields import Domain

from ...tools.as_of import AsOf
from ..base.run import Action
from .milestone import OUTSTANDING


class FulfilmentContract(models.Model):
    """The daily round over contracts and milestones. Everything in it can be repeated, killed or doubled."""
    _inherit = 'fulfilment.contract'

    @api.model
    def _cron_milestones(self, as_of=None):
        """Start what has begun, follow the facts, accept by silence, apply amendments, renew, tell of what ends or waits.

        :param as_of: the day to work for (date, or naive UTC datetime); each company's own today when None
        """
        self = self.sudo()  # safe: a scheduled action works for all companies; it follows facts and dates only
        today = self.env['res.company'].search([])._fulfilment_today(as_of)
        run = self.env['fulfilment.run']._open('milestones', as_of)
        steps = [
            (self._domain_to_start(today), self, partial(_start, today)),
            ([('state', 'in', ('active', 'settlement'))], self, _follow),
            (self._domain_deemed(today), self.env['fulfilment.milestone'], partial(_deem, today)),
            (self._domain_amendments(today), self.env['fulfilment.amendment'], partial(_amend, as_of)),
            (self._domain_to_renew(today), self, _renew),
            (self._domain_ended(today), self, partial(_settle, as_of)),
            (self._domain_newly_late(today), self.env['fulfilment.milestone'], _tell_late),
            ([('state', '=', 'pending')], self.env['fulfilment.approval'], _follow_people),
            ([('state', '=', 'pending'), ('escalated_on', '=', False), ('deadline', '<', _moment(as_of))],
             self.env['fulfilment.approval'], _escalate),
        ]
        for domain, model, work in steps:
            if not run._slices(model.search(domain, order='id'), partial(_still, Domain(domain), work)):
                return
        run._close()

    @api.model
    def _by_day(self, today, field, operator, days=0, path=''):
        """Build a domain on a date field, each company by its own day.

        :param dict today: ``{company: date}``
        :param int days: added to the day
        """
        companies_of = {}
        for company, day in today.items():
            companies_of.setdefault(day, []).append(company.id)
        return Domain.OR(
            Domain(f'{path}company_id', 'in', ids) & Domain(field, operator, fields.Date.add(day, days=days))
            for day, ids in companies_of.items()
        )

    @api.model
    def _domain_to_start(self, today):
        return Domain([('state', '=', 'approved'), ('date_signed', '!=', False)]) & self._by_day(today, 'date_start', '<=')

    @api.model
    def _domain_deemed(self, today):
        waiting = Domain([
            ('kind', '=', 'acceptance'), ('state', '=', 'pending'), ('contract_state', 'in', ('active', 'settlement')),
            ('contract_id.deemed_acceptance_days', '>', 0), ('date_planned', '!=', False),
        ])
        return waiting & (
            Domain('predecessor_id', '=', False) & self._by_day(today, 'date_planned', '<')
            | Domain('predecessor_id.state', '=', 'done') & self._by_day(today, 'predecessor_id.date_done', '<')
        )

    @api.model
    def _domain_amendments(self, today):
        return Domain('state', '=', 'approved') & self._by_day(today, 'date_effective', '<=')

    @api.model
    def _domain_to_renew(self, today):
        ahead = {}
        for company, day in today.items():
            ahead[company] = fields.Date.add(day, days=company.fulfilment_renewal_days)
        return Domain([('state', '=', 'active'), ('auto_renew', '=', True), ('renewal_ids', '=', False)]) \
            & self._by_day(ahead, 'date_end', '<=')

    @api.model
    def _domain_ended(self, today):
        return Domain('state', '=', 'active') & self._by_day(today, 'date_end', '<')

    @api.model
    def _domain_newly_late(self, today):
        return Domain(OUTSTANDING) & Domain('told_late_for', '=', False) \
            & self._by_day(today, 'date_planned', '<')


def _still(domain, work, records):
    """Work on those records of a slice that the domain still finds: another round may have done the others meanwhile."""
    found = records.search(domain & Domain('id', 'in', records.ids), order='id')
    return work(found) if found else {}


def _moment(as_of):
    """Return the moment up to which deadlines count as missed."""
    return fields.Datetime.to_datetime(as_of) if as_of else fields.Datetime.now()


def _start(today, contracts):
    contracts._after_signature(today)
    return {'contracts started': len(contracts)}


def _follow(contracts):
    return contracts._sync_facts()


def _deem(today, milestones):
    days = {
        milestone: fields.Date.add(
            milestone.predecessor_id.date_done or milestone.date_planned, days=milestone.contract_id.deemed_acceptance_days,
        ) for milestone in milestones
    }
    over = milestones.filtered(lambda milestone: days[milestone] < today[milestone.company_id])
    over._record_acceptance('deemed', day=days)
    return {'acceptances deemed given': len(over)}


def _amend(as_of, amendments):
    return amendments._apply_due(as_of)


def _renew(contracts):
    successors = contracts._renew()
    successors._give_to_do(lambda env: env._("Renewal to submit"))
    return {'renewals drafted': len(successors)}


def _settle(as_of, contracts):
    """Move contracts past their end to settlement, unless something of them is still to be delivered or accepted."""
    if as_of:
        contracts = contracts.with_context(as_of=AsOf(as_of))
    running = contracts.filtered(
        lambda contract: any(one.state == 'pending' and one.kind in ('delivery', 'acceptance') for one in contract.milestone_ids),
    )
    (contracts - running)._move_to('settlement')
    return {'contracts to settlement': len(contracts - running)}


def _tell_late(milestones):
    for milestone in milestones:
        milestone.told_late_for = milestone.date_planned
    return {'milestones late': len(milestones)}


def _follow_people(approvals):
    return approvals._follow_people()


def _escalate(approvals):
    return approvals._escalate()


class FulfilmentRun(models.Model):
    _inherit = 'fulfilment.run'

    @api.model
    def _actions(self):
        return [
            *super()._actions(),
            Action(10, 'milestones', self.env._("Milestones and contracts"), 'fulfilment.contract', '_cron_milestones'),
        ]

    @api.model
    def _effect_labels(self):
        return {
            **super()._effect_labels(),
            'contracts started': self.env._("Contracts started"), 'milestones done': self.env._("Milestones done"),
            'milestones reopened': self.env._("Milestones reopened"),
            'acceptances deemed given': self.env._("Acceptances deemed given"),
            'amendments in force': self.env._("Amendments put into force"),
            'renewals drafted': self.env._("Renewals drafted"), 'contracts to settlement': self.env._("Contracts passed to settlement"),
            'milestones late': self.env._("Milestones newly late"),
        }
