from hashlib import sha256
from secrets import token_hex

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ...tools import markup
from ...tools.permutation import compare
from ..base.deletion import before_deletion

HORIZON = 60  # days after which an instalment that is still open counts as paid then
COLLECTED = 30  # days within which money counts as collected


class FulfilmentCollectionComparison(models.Model):
    """Two strategies shared out at random among the customers the first one serves, to see which works better."""
    _name = 'fulfilment.collection.comparison'
    _description = 'Comparison of strategies'
    _inherit = ['fulfilment.guard.mixin', 'mail.thread', 'fulfilment.flow.mixin']
    _order = 'id desc'

    name = fields.Char(required=True)
    company_id = fields.Many2one('res.company', required=True, index=True, default=lambda self: self.env.company, ondelete='cascade')
    strategy_id = fields.Many2one(
        'fulfilment.collection.strategy', string="As it is", required=True, index=True, ondelete='restrict', tracking=True,
    )
    rival_id = fields.Many2one(
        'fulfilment.collection.strategy', string="The other", required=True, index=True, ondelete='restrict', tracking=True,
        help="Half of the customers of the first, chosen at random, are asked by its steps meanwhile. Its own condition does not count.",
    )
    state = fields.Selection(
        [('draft', "Not begun yet"), ('running', "Running"), ('ended', "Ended"), ('adopted', "The other was adopted")],
        required=True, readonly=True, default='draft', tracking=True, guarded=True,
    )
    _moves = {'draft': {'running'}, 'running': {'ended', 'adopted'}, 'ended': {'adopted'}, 'adopted': set()}
    salt = fields.Char(readonly=True, copy=False, guarded=True, default=lambda self: token_hex(8))
    date_start = fields.Date(string="Since", readonly=True, copy=False, guarded=True)
    date_end = fields.Date(string="Until", readonly=True, copy=False, guarded=True)
    result = fields.Html(compute='_compute_result', sanitize=False)

    @api.constrains('strategy_id', 'rival_id')
    def _check_two(self):
        for one in self:
            if one.strategy_id == one.rival_id:
                raise ValidationError(self.env._("“%s” compares a strategy with itself: choose two.", one.name))
            for strategy in one.strategy_id | one.rival_id:
                if strategy.company_id and strategy.company_id not in one.company_id.parent_ids:
                    raise ValidationError(self.env._("“%s” is a strategy of another company.", strategy.name))

    @before_deletion
    def _unlink_except_draft(self):
        for one in self:
            if one.state != 'draft':
                raise UserError(self.env._("“%s” has begun and stays on record.", one.name))

    def write(self, vals):
        if not self.env.su and vals.keys() & {'strategy_id', 'rival_id', 'company_id'} and any(one.state != 'draft' for one in self):
            raise UserError(self.env._("A comparison that has begun is not changed. End it and begin another."))
        return super().write(vals)

    # === ACTIONS === #

    def action_start(self):
        """Begin: from now on half of the customers, chosen at random, are asked by the other strategy.

        :raise UserError: when one of the strategies is compared already
        """
        self.ensure_one()
        self.check_access('write')
        both = (self.strategy_id | self.rival_id).ids
        busy = self.search([
            ('state', '=', 'running'), ('company_id', '=', self.company_id.id), '|', ('strategy_id', 'in', both), ('rival_id', 'in', both),
        ], limit=1)
        if busy:
            raise UserError(self.env._("“%s” is running with one of these strategies: end it first.", busy.name))
        self._move_to('running', date_start=self.company_id._fulfilment_today()[self.company_id])
        return True

    def action_end(self):
        """End: everybody is asked by the first strategy again."""
        self.ensure_one()
        self.check_access('write')
        self._move_to('ended', date_end=self.company_id._fulfilment_today()[self.company_id])
        return True

    def action_adopt(self):
        """Put the other strategy in the place of the first, which is archived."""
        self.ensure_one()
        self.check_access('write')
        self.rival_id.write({'sequence': self.strategy_id.sequence, 'domain': self.strategy_id.domain, 'active': True})
        self.strategy_id.active = False
        today = self.company_id._fulfilment_today()[self.company_id]
        self._move_to('adopted', date_end=self.date_end or today)
        return True

    # === SHARING OUT === #

    @api.model
    def _running(self, company):
        """Return the comparisons that run in a company: ``{strategy: comparison}``."""
        return {one.strategy_id: one for one in self.search([('state', '=', 'running'), ('company_id', '=', company.id)])}

    def _drawn(self, profiles):
        """Return those of some customers whom chance gives the other strategy, always the same."""
        self.ensure_one()
        return profiles.filtered(lambda one: sha256(f'{self.salt}:{one.partner_id.id}'.encode()).digest()[0] % 2)

    # === WHAT CAME OF IT === #

    @api.depends('state', 'date_start')
    @api.depends_context('lang')
    def _compute_result(self):
        for one in self:
            one.result = one.state != 'draft' and one.id and one._result_told()

    def _outcomes(self):
        """Return what came of the instalments asked for the first time after the day of the beginning, customer by customer.

        An instalment counts for days once 60 days have passed since it was asked for, and for what was collected after 30: else those
        that are open would look as if they had been paid today. A credit note settles, but is no money collected.

        :return: ``{strategy: [(days to pay or None, share collected within 30 days or None)]}``, weighted by amount
        """
        self.ensure_one()
        outcomes = {self.strategy_id: [], self.rival_id: []}
        for (strategy, _customer), asked in self._asked().items():
            sums = {horizon: [0.0, 0.0] for horizon in (HORIZON, COLLECTED)}
            for weight, passed, days, collected in asked:
                for horizon, value in ((HORIZON, weight * days), (COLLECTED, collected)):
                    if passed >= horizon:
                        sums[horizon][0] += weight
                        sums[horizon][1] += value
            outcomes[strategy.with_env(self.env)].append(tuple(value / weight if weight else None for weight, value in sums.values()))
        return outcomes

    def _asked(self):
        """Return instalments as ``{(strategy, customer): [(amount, days passed, days to pay, collected in 30 days)]}``."""
        # safe: sums over the customers of the comparison; only credit control, managers and inspectors open it
        claims = self.sudo().env['fulfilment.collection.claim']
        own = [('company_id', '=', self.company_id.id), ('move_line_id', '!=', False)]
        found = claims.search([
            *own, ('reminder_id.strategy_id', 'in', (self.strategy_id | self.rival_id).ids), ('reminder_id.as_of', '>', self.date_start),
            *([('reminder_id.as_of', '<=', self.date_end)] if self.date_end else []),
        ], order='id')
        before = claims.search([*own, ('move_line_id', 'in', found.move_line_id.ids), ('reminder_id.as_of', '<=', self.date_start)])
        seen, by_customer = set(before.move_line_id), {}
        today = self.company_id._fulfilment_today()[self.company_id]
        for claim in found:
            line, letter = claim.move_line_id, claim.reminder_id
            if line not in seen:
                seen.add(line)
                by_customer.setdefault((letter.strategy_id, letter.customer_id), []).append(self._paid(claim, today))
        return by_customer

    @api.model
    def _paid(self, claim, today):
        line, asked = claim.move_line_id, claim.reminder_id.as_of
        parts = line.matched_credit_ids.filtered(lambda part: part.max_date >= asked)
        settled = max(parts.mapped('max_date'), default=today) if line.reconciled else today
        weight = claim.amount_open * (line.balance / line.amount_currency if line.amount_currency else 1.0)
        money = sum(
            part.amount for part in parts
            if (part.max_date - asked).days <= COLLECTED and part.credit_move_id.move_id.move_type != 'out_refund'
        )
        return weight, (today - asked).days, min(max((settled - asked).days, 0), HORIZON), min(money, weight)

    def _result_told(self):
        """Return the comparison as a table with its verdict in words."""
        self.ensure_one()
        env, outcomes = self.env, self._outcomes()
        ours, theirs = outcomes[self.strategy_id], outcomes[self.rival_id]
        seed = int(self.salt, 16)
        rows = []
        for name, place, factor, unit in ((env._("Days to pay"), 0, 1, ''), (env._("Collected within 30 days"), 1, 100, ' %')):
            found = compare(
                [one[place] * factor for one in ours if one[place] is not None],
                [one[place] * factor for one in theirs if one[place] is not None], seed,
            )
            rows.append((
                name, *(f'{mean:.1f}{unit} ({number})' if mean is not None else '–' for mean, number in (
                    (found.mean_a, found.number_a), (found.mean_b, found.number_b),
                )), self._verdict(found, unit),
            ))
        return markup.table(['', self.strategy_id.name, self.rival_id.name, env._("What it says")], rows, left=1)

    def _verdict(self, found, unit):
        env = self.env
        if found.p_value is None:
            return env._("Too few customers to tell")
        if found.is_found:
            return env._("They differ (p = %s)", f'{found.p_value:.3f}')
        return env._("No difference found; one of %s would have been", f'{found.smallest:.1f}{unit}')


class FulfilmentCollectionStrategy(models.Model):
    _inherit = 'fulfilment.collection.strategy'

    @api.model
    def _assigned(self, company, profiles, trial=None, without=None):
        running = self.env['fulfilment.collection.comparison']._running(company)
        if not running:
            return super()._assigned(company, profiles, trial=trial, without=without)
        rivals = self.browse().union(*(one.rival_id for one in running.values()))
        found = super()._assigned(company, profiles, trial=trial, without=rivals)
        shared = {}
        for strategy, mine in found.items():
            drawn = running[strategy]._drawn(mine) if strategy in running else mine.browse()
            for one, own in ((strategy, mine - drawn), (running[strategy].rival_id if strategy in running else strategy, drawn)):
                if own:
                    shared[one] = shared.get(one, own.browse()) | own
        return shared
