from collections import defaultdict
from typing import NamedTuple

from odoo import api, fields, models
from odoo.fields import Domain

from ...report.collection.instalment import PLACES
from ...report.collection.positions import credits_of
from ...tools import dunning

HORIZON = 365  # days ahead of the due date that a step may lie


class Planned(NamedTuple):
    """A letter or call that a day asks for."""
    strategy: object
    step: object
    profile: object
    company: object
    lines: object  # journal items it is about
    amount: float  # in the currency of the company


class FulfilmentCollectionStrategy(models.Model):
    """What strategies do on a day, for the run and for the trial alike: both ask here."""
    _inherit = 'fulfilment.collection.strategy'

    @api.model
    def _assigned(self, company, profiles, trial=None, without=None):
        """Return which strategy serves which customers of a company: ``{strategy: profiles}``; the first in rank that fits.

        :param trial: a strategy that counts though it is archived
        :param without: strategies that serve nobody by their own condition
        """
        strategies, found, left = self.search([('company_id', 'in', (False, *company.parent_ids.ids))]), {}, profiles
        counting = (strategies | (trial or self.browse())) - (without or self.browse())
        for strategy in counting.sorted(lambda one: (one.sequence, one.id)):
            mine = left.search(strategy._parsed_domain() & Domain('id', 'in', left.ids)) if left else left
            if mine:
                found[strategy] = mine
                left -= mine
        return found

    def _planned(self, company, profiles, day, as_of=None):
        """Tell what this strategy does on a day about customers it serves.

        :param company: whose instalments are looked at
        :param date day: the company's day
        :param date as_of: asks for a past day, at whose end the ledger is read
        :return: list of ``Planned``, and ``{journal item id: when to look again, or None}``
        """
        self.ensure_one()
        instalments, by_partner = self._instalments_of(company, profiles, as_of), {one.partner_id: one for one in profiles}
        contacts, credits = self._last_contacts(profiles.partner_id), self._credits(company, profiles.partner_id)
        letters, again = dunning.plan(
            instalments, self._as_arithmetic(), day, contacts, credits, company.currency_id.rounding,
        )
        return [self._as_planned(letter, company, by_partner) for letter in letters], again

    def _as_planned(self, letter, company, by_partner):
        step = self.step_ids.browse(letter.step.key)
        lines = self.env['account.move.line'].browse(letter.keys)
        return Planned(self, step, by_partner[letter.customer], company, lines, letter.amount)

    @api.model
    def _instalments_of(self, company, profiles, as_of=None):
        """Return the open instalments of customers that have a position, or may have one, for the arithmetic of strategies."""
        rows = self.env['fulfilment.instalment'].with_context(as_of=as_of).search_fetch(
            Domain('partner_id', 'in', profiles.partner_id.ids) & Domain('company_id', '=', company.id) & Domain('is_open', '=', True),
            ['partner_id', 'date_due', 'company_amount_open', 'company_amount_disputed'],
        )
        found = {}
        for row in rows:
            line_id = row.id // PLACES
            one = found.setdefault(line_id, dunning.Instalment(line_id, row.partner_id, row.date_due, 0.0))
            one.amount += row.company_amount_open - row.company_amount_disputed
        self._know_positions(found)
        self._know_rests(found, company)
        stopped = self._stopped(profiles, company)
        for one in found.values():
            if one.customer in stopped:
                one.amount = 0.0
        self._leave_to_reminders(found, company)
        return list(found.values())

    @api.model
    def _know_positions(self, found):
        for position in self.env['fulfilment.collection.position'].search_fetch(
            [('move_line_id', 'in', list(found))], ['taken', 'taken_on'],
        ):
            if position.taken_on:
                one = found[position.move_line_id.id]
                one.taken, one.taken_on = position.taken, position.taken_on

    @api.model
    def _know_rests(self, found, company):
        """Promises rest until their date, in the currency of the company."""
        holds = self.env['fulfilment.instalment.hold'].search([
            ('move_line_id', 'in', list(found)), ('kind', '=', 'promised'), ('date_to', '!=', False),
        ])
        for hold in holds:
            line = hold.move_line_id
            rate = line.balance / line.amount_currency if line.amount_currency else 1.0
            one = found[line.id]
            one.rests = (*one.rests, (hold.date_to, company.currency_id.round(hold.amount * rate)))

    @api.model
    def _stopped(self, profiles, company):
        """Return the customers nobody is to write to for now. Rooms add theirs, such as those before court."""
        day = company._fulfilment_today()[company]
        pauses = self.env['fulfilment.reminder.pause'].search([
            ('customer_id', 'in', profiles.partner_id.ids), ('company_id', '=', company.id), ('date_from', '<=', day),
            ('date_to', '>=', day),
        ])
        return pauses.customer_id

    @api.model
    def _leave_to_reminders(self, found, company):
        """Begin where the reminders of milestones end: an instalment of a milestone is not told by both of the same day."""
        if not company.fulfilment_reminders:
            return
        rules = self.env['fulfilment.reminder.rule'].search([
            ('model', '=', 'fulfilment.milestone'), ('audience', 'in', ('customer', 'obligor')),
            ('company_id', 'in', (False, *company.parent_ids.ids)),
        ])
        if not rules:
            return
        last = max(rules.mapped('offset_days'))
        allocations = self.env['fulfilment.milestone.allocation'].search([
            ('move_line_id', 'in', list(found)), ('milestone_id.state', '=', 'pending'),
            ('milestone_id.contract_state', 'in', ('active', 'settlement')),
        ])
        for line in allocations.move_line_id:
            one = found[line.id]
            if one.taken is None or one.taken < last:
                one.taken, one.taken_on = last, fields.Date.add(one.due, days=last)

    @api.model
    def _last_contacts(self, partners):
        """Return when anything was last written to customers: reminders, letters, surveys: ``{customer: date}``."""
        found = defaultdict(list)
        for customer, moment in self.env['fulfilment.reminder']._read_group(
            [('customer_id', 'in', partners.ids), ('audience', '=', 'customer'), ('sent_on', '!=', False)], ['customer_id'],
            ['sent_on:max'],
        ):
            found[customer].append(moment.date())
        for customer, day in self.env['fulfilment.survey.request']._read_group(
            [('commercial_partner_id', 'in', partners.ids), ('sent_on', '!=', False)], ['commercial_partner_id'], ['sent_on:max'],
        ):
            found[customer].append(day)
        return {customer: max(days) for customer, days in found.items()}

    @api.model
    def _credits(self, company, partners):
        accounts, _journals = self.env['fulfilment.payment.promise']._ledger_scope()
        found = credits_of(self.env.cr, company.ids, partners.ids, accounts)
        return {partners.browse(partner): amount for (partner, _company), amount in found.items()}
