from datetime import timedelta
from functools import partial

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ...tools.period import period_of
from ..base.run import Action
from .review_plan import PERIODS

IN_FORCE = ('active', 'settlement')
# After which state of a contract a stage is over.
STAGE_OVER = {'active': 'signing', 'settlement': 'performance', 'closed': 'settlement', 'terminated': 'settlement'}


class FulfilmentReview(models.Model):
    """The daily round: reviews whose period has ended are made, inspections of their areas, and late ones are told of above."""
    _inherit = 'fulfilment.review'

    @api.model
    def _cron_reviews(self, as_of=None):
        """Make the reviews that are due, each once, and tell of those overdue.

        :param as_of: the day to work for (date, or naive UTC datetime); with None each company's own today
        """
        self = self.sudo()  # safe: a scheduled action works for all companies
        run = self.env['fulfilment.run']._open('reviews', as_of)
        days = self.env['res.company'].search([])._fulfilment_today(as_of)
        on = self.env['fulfilment.switch']._switched_on('reviews', self.env['res.company'].concat(*days))
        due = self.env['fulfilment.contract'].search(on._reviews_due(days), order='id')
        if not run._slices(due, partial(self._make_slice, days)):
            return
        for company in on:
            error = run._transaction(lambda company=company: {'inspections made': len(self._inspect(company, days[company]))})
            if error is not None:
                run._set_aside('res.company', company.id, error)
        late = self.search([('state', 'in', ('planned', 'in_review')), ('late_told', '=', False), ('date_due', '<', max(days.values()))])
        if run._slices(late.filtered(lambda one: one.date_due < days[one.company_id]), lambda some: some._tell_late()):
            run._close()

    @api.model
    def _make_slice(self, days, contracts):
        """Make the reviews that contracts are without, and say when the next is due; returns ``{effect: count}``."""
        periods, following = contracts._periods_due(days)
        for day, some in contracts.grouped(following.get).items():
            some.review_next = day
        due = {contract: plan for contract, (plan, _start, _end) in periods.items()}
        reviews = self._make(
            due, days, lambda one: f'review:{one.id}:{periods[one][1]}:{periods[one][2]}',
            period_start=lambda one: periods[one][1], period_end=lambda one: periods[one][2],
        )
        return {'reviews made': len(reviews)}

    @api.model
    def _inspect(self, company, day):
        """Make the inspections of a company whose period has ended, with the checks of their areas as they stand."""
        made = self.browse()
        for plan in self.env['fulfilment.review.plan'].search([
            ('kind', '=', 'inspection'), ('company_id', 'in', (False, *company.parent_ids.ids)),
        ]):
            start, end = period_of(period_of(day, plan.period)[0] - timedelta(days=1), plan.period)
            inspector = plan.user_id if plan.user_id.active and company in plan.user_id.company_ids else company.fulfilment_manager_id
            review = self.with_context(tracking_disable=True)._claim([{
                'claim_key': f'inspection:{plan.id}:{company.id}:{start}', 'plan_id': plan.id, 'kind': 'inspection', 'area': plan.area,
                'company_id': company.id, 'currency_id': company.currency_id.id, 'date': day, 'period_start': start, 'period_end': end,
                'user_id': inspector.id, 'date_due': fields.Date.add(day, days=plan.due_days),
            }]).with_env(self.env)
            review._take_checks()
            review._ask_questions()
            review._follow_quietly()
            review.filtered('user_id')._give_to_do(lambda env: env._("An inspection to be done"))
            made |= review
        return made

    def _take_checks(self):
        """Copy how the checks of the area stand, and stood when the period began."""
        for review in self:
            checks = self.env['fulfilment.process.check'].search([
                ('area', '=', review.area), ('company_id', 'in', (False, *review.company_id.parent_ids.ids)),
            ])
            results = self.env['fulfilment.process.check.result']
            for check in checks:
                own = [('check_id', '=', check.id), ('company_id', '=', review.company_id.id)]
                now = results.search([*own, ('date', '<=', review.date)], order='date desc', limit=1)
                before = results.search([*own, ('date', '<=', review.period_start)], order='date desc', limit=1)
                if now:
                    self.env['fulfilment.review.check'].create({
                        'review_id': review.id, 'name': check.name, 'population': now.population, 'exceptions': now.exceptions,
                        'rate': now.rate, 'before': before.exceptions if before else None,
                    })


class FulfilmentContract(models.Model):
    _inherit = 'fulfilment.contract'

    review_period = fields.Selection(
        PERIODS, string="How often reviewed", compute='_compute_review_period', store=True, readonly=False, precompute=True, agreed=True,
        help="As it was agreed, or the template proposes. Empty: as the plan of reviews says that fits.",
    )
    review_next = fields.Date(
        string="Review due on", readonly=True, copy=False, index='btree_not_null', guarded=True, for_colleagues=True,
        help="The day after the period under way. Empty: not planned yet.",
    )

    @api.depends('template_id')
    def _compute_review_period(self):
        for contract in self:
            contract.review_period = contract.template_id.review_period or contract.review_period

    def _periods_due(self, days):
        """Tell which periods of contracts have ended last, and when to look again.

        The rhythm that was signed goes before that of the plan. A contract that came into force later has none yet.

        :return: ``({contract: (plan, first day, last day)}, {contract: day of the next review})``
        """
        found, following = {}, {one: period_of(days[one.company_id], 'month')[1] + timedelta(days=1) for one in self}
        for contract, plan in self.env['fulfilment.review.plan']._plans_of(self, 'periodic').items():
            period = contract.review_period or plan.period
            first, last = period_of(days[contract.company_id], period)
            start, end = period_of(first - timedelta(days=1), period)
            following[contract] = last + timedelta(days=1)
            if contract.date_start <= end and (not contract.date_signed or contract.date_signed <= end):
                found[contract] = plan, start, end
        return found, following

    def _move_to(self, state, **values):
        """Have the stage evaluated that ends with the move, where reviews are switched on."""
        moved = super()._move_to(state, **values)
        if state in STAGE_OVER:
            # safe: reviews follow from the move, whoever made it
            contracts = self.sudo().union()
            on = contracts.env['fulfilment.switch']._switched_on('reviews', contracts.company_id)
            contracts.filtered(lambda one: one.company_id in on)._evaluate(STAGE_OVER[state])
        return moved

    def _evaluate(self, stage):
        """Make the evaluations of a stage, each once; what was settled and opened again has one already."""
        plans = self.env['fulfilment.review.plan']._plans_of(self, 'stage', stage)
        self.env['fulfilment.review']._make(plans, self.company_id._fulfilment_today(), lambda one: f'stage:{one.id}:{stage}')

    def action_review(self):
        """Review contracts now, by the plan that fits.

        :raise UserError: for a contract that is not in force, or that no plan fits
        """
        self.check_access('write')
        for contract in self:
            if contract.state not in (*IN_FORCE, 'closed', 'terminated'):
                raise UserError(self.env._("%s is not in force: there is nothing to review.", contract.display_name))
        contracts = self.sudo()  # safe: follows from the right to change the contract
        plans = contracts.env['fulfilment.review.plan']._plans_of(contracts, 'periodic')
        for contract in contracts - contracts.concat(*plans):
            raise UserError(self.env._("No plan of reviews fits %s: add one under Configuration / Plans of reviews.",
                contract.display_name))
        number = {one: len(one.review_ids) for one in contracts}
        reviews = contracts.env['fulfilment.review']._make(
            plans, contracts.company_id._fulfilment_today(), lambda one: f'review by hand:{one.id}:{number[one] + 1}',
        )
        one = len(reviews) == 1
        return {
            'type': 'ir.actions.act_window', 'res_model': 'fulfilment.review', 'view_mode': 'form' if one else 'list,form',
            'res_id': reviews.id if one else False, 'domain': [('id', 'in', reviews.ids)], 'name': self.env._("Review"),
        }


class FulfilmentContractTemplate(models.Model):
    _inherit = 'fulfilment.contract.template'

    review_period = fields.Selection(PERIODS, string="How often reviewed", tracking=True,
        help="Proposed to contracts. Empty: by the plans of reviews.")


class ResCompany(models.Model):
    _inherit = 'res.company'

    def _reviews_due(self, days):
        """Return the condition for contracts of these companies whose reviews are due on their days, or not planned yet."""
        return Domain('state', 'in', IN_FORCE) & Domain.OR(
            Domain('company_id', '=', company.id) & (Domain('review_next', '=', False) | Domain('review_next', '<=', days[company]))
            for company in self
        )


class FulfilmentRun(models.Model):
    _inherit = 'fulfilment.run'

    @api.model
    def _actions(self):
        return [*super()._actions(), Action(90, 'reviews', self.env._("Reviews"), 'fulfilment.review', '_cron_reviews')]

    @api.model
    def _effect_labels(self):
        return {
            **super()._effect_labels(), 'reviews made': self.env._("Reviews made"),
            'inspections made': self.env._("Inspections made"), 'reviews overdue': self.env._("Reviews overdue"),
        }
