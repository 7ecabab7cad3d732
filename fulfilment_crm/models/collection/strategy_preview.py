from collections import Counter
from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Command, Domain
from odoo.tools import split_every

from ...tools import dunning
from .strategy import CHANNELS

SHOWN = 500  # letters and calls listed; all are counted
AT_ONCE = 500  # customers read at once


class FulfilmentCollectionPreview(models.TransientModel):
    """What a strategy would do today and on the days after, letter by letter and call by call, if nobody paid meanwhile."""
    _name = 'fulfilment.collection.preview'
    _description = 'Trial of a strategy'
    _inherit = ['fulfilment.guard.mixin']

    strategy_id = fields.Many2one('fulfilment.collection.strategy', required=True, readonly=True, ondelete='cascade')
    company_id = fields.Many2one('res.company', required=True, default=lambda self: self.env.company, readonly=True)
    currency_id = fields.Many2one(related='company_id.currency_id')
    days = fields.Integer(string="Days ahead", default=30, required=True)
    line_ids = fields.One2many('fulfilment.collection.preview.line', 'preview_id', string="Letters and calls", readonly=True)
    summary = fields.Text(string="All in all", readonly=True)

    _days_check = models.Constraint('CHECK(days BETWEEN 0 AND 120)', "Look at 0 to 120 days ahead.")

    def action_count(self):
        """Count what the strategy would do."""
        self.ensure_one()
        planned = self.strategy_id._simulated(self.company_id, self.days)
        totals = Counter(one['step'] for one in planned)
        self.line_ids = [Command.clear()] + [Command.create({
            'day': one['day'], 'partner_id': one['customer'].id, 'step_id': one['step'].id, 'channel': one['step'].channel,
            'number': len(one['keys']), 'amount': one['amount'],
        }) for one in planned[:SHOWN]]
        said = [f'{step.name}: {number}' for step, number in sorted(totals.items(), key=lambda item: item[0].offset_days)]
        if len(planned) > SHOWN:
            said.append(self.env._("The first %(shown)s of %(all)s are listed.", shown=SHOWN, all=len(planned)))
        self.summary = '\n'.join(said) or self.env._("Nobody would be written to or called.")
        return {
            'type': 'ir.actions.act_window', 'name': self.env._("What it would do"), 'res_model': self._name, 'res_id': self.id,
            'view_mode': 'form', 'target': 'new',
        }


class FulfilmentCollectionPreviewLine(models.TransientModel):
    _name = 'fulfilment.collection.preview.line'
    _description = 'Letter or call of a trial'
    _order = 'day, id'

    preview_id = fields.Many2one('fulfilment.collection.preview', required=True, ondelete='cascade', index=True)
    currency_id = fields.Many2one(related='preview_id.currency_id')
    day = fields.Date()
    partner_id = fields.Many2one('res.partner', string="Customer", ondelete='cascade')
    step_id = fields.Many2one('fulfilment.collection.step', ondelete='cascade')
    channel = fields.Selection(CHANNELS)
    number = fields.Integer(string="Instalments in it")
    amount = fields.Monetary(string="Amount asked for")


class FulfilmentCollectionStrategy(models.Model):
    _inherit = 'fulfilment.collection.strategy'

    @api.model
    def _of_company(self, company):
        """Return the domain of the customers of a company who owe something."""
        return Domain('company_id', '=', company.root_id.id) & Domain('receivable_open', '>', 0)

    def _simulated(self, company, days):
        """Tell what this strategy would do in a company from today on, if nobody paid: the run of today does what is said of today.

        It counts in its rank, archived or not.

        :param int days: how many days after today
        :return: list of dicts ``day``, ``customer``, ``step``, ``keys`` (journal items) and ``amount``, in the order of the days
        """
        self.ensure_one()
        # safe: counts what would be done, whoever's customers they are; only credit control and managers open the trial
        strategy, today = self.sudo(), company._fulfilment_today()[company]
        found = []
        ids = strategy.env['fulfilment.profile'].search(strategy._of_company(company)).ids
        for piece in split_every(AT_ONCE, ids):
            profiles = strategy.env['fulfilment.profile'].browse(piece)
            mine = strategy._assigned(company, profiles, trial=strategy).get(strategy)
            if mine:
                found += strategy._simulated_for(company, mine, today, days)
            strategy.env.invalidate_all()
        return sorted(found, key=lambda one: (one['day'], one['customer'].id, one['step'].offset_days))

    def _simulated_for(self, company, profiles, today, days):
        instalments = self._instalments_of(company, profiles)
        contacts, credits = self._last_contacts(profiles.partner_id), self._credits(company, profiles.partner_id)
        positions = self.env['fulfilment.collection.position'].search_fetch(
            [('move_line_id', 'in', [one.key for one in instalments])], ['next_on'],
        )
        looked_at = {one.key: today for one in instalments} | {one.move_line_id.id: one.next_on or None for one in positions}
        steps, found = self._as_arithmetic(), []
        for number in range(days + 1):
            day = today + timedelta(days=number)
            due = {one.customer for one in instalments if looked_at[one.key] is not None and looked_at[one.key] <= day}
            if not due:
                continue
            letters, again = dunning.plan(
                [one for one in instalments if one.customer in due], steps, day, contacts, credits, company.currency_id.rounding,
            )
            looked_at.update(again)
            found += [{
                'day': day, 'customer': letter.customer, 'step': self.step_ids.browse(letter.step.key), 'keys': letter.keys,
                'amount': letter.amount,
            } for letter in letters]
        return found
