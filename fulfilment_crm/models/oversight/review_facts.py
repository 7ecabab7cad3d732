from odoo import fields, models

from ...tools.evaluation import mark_of_cost, mark_of_count, mark_of_share


class FulfilmentReview(models.Model):
    """What the facts suggest as marks. Each measure of ``MEASURES`` has its method, for many reviews at once."""
    _inherit = 'fulfilment.review'

    def _facts_of(self):
        """Return the marks suggested: ``{(review, measure): (mark or None, what it follows from)}``."""
        reviews, facts = self.filtered('contract_id'), {}
        for measure in {one.measure for one in self.plan_id.question_ids if one.measure}:
            for review, fact in getattr(reviews, f'_measure_{measure}')().items():
                facts[review, measure] = fact
        return facts

    def _shares(self, name):
        return {one: (
            mark_of_share(one[name]),
            None if one[name] is None else self.env._("%(share)s %% of what was due was on time", share=f'{one[name]:.0f}'),
        ) for one in self}

    def _counts(self, numbers, say):
        return {one: (mark_of_count(numbers.get(one.contract_id, 0)), say(numbers.get(one.contract_id, 0))) for one in self}

    def _measure_on_time_us(self):
        return self._shares('rate_us')

    def _measure_on_time_customer(self):
        return self._shares('rate_customer')

    def _measure_amendments(self):
        numbers = dict(self.env['fulfilment.amendment']._read_group(
            [('contract_id', 'in', self.contract_id.ids), ('state', '=', 'applied')], ['contract_id'], ['__count'],
        ))
        return self._counts(numbers, lambda number: self.env._("%s amendments", number))

    def _measure_disputes(self):
        return {one: (mark_of_count(one.dispute_count), self.env._("%s open disputes", one.dispute_count)) for one in self}

    def _measure_damages(self):
        facts = {}
        for one in self:
            percent = 100 * one.damages_us / one.amount_total if one.amount_total else None
            facts[one] = mark_of_cost(percent), None if percent is None else self.env._(
                "%(damages)s, %(share)s %% of the contract", damages=one.currency_id.format(one.damages_us), share=f'{percent:.2f}',
            )
        return facts

    def _measure_complaints(self):
        numbers = dict(self.env['fulfilment.ticket']._read_group(
            [('contract_id', 'in', self.contract_id.ids), ('ticket_type', '=', 'complaint'), ('kind', '!=', 'cancelled')],
            ['contract_id'], ['__count'],
        ))
        return self._counts(numbers, lambda number: self.env._("%s complaints", number))

    def _measure_satisfaction(self):
        """Suggest the mean of the marks that the customer gave in the year before."""
        found = {}
        for company, reviews in self.grouped('company_id').items():
            since = fields.Date.subtract(min(reviews.mapped('date')), years=1)
            for customer, mean, number in self.env['fulfilment.satisfaction']._read_group(
                [('commercial_partner_id', 'in', reviews.partner_id.ids), ('company_id', '=', company.id), ('date', '>', since)],
                ['commercial_partner_id'], ['average:avg', '__count'],
            ):
                found[company, customer] = mean, number
        facts = {}
        for one in self:
            mean, number = found.get((one.company_id, one.partner_id), (None, 0))
            facts[one] = (round(mean), self.env._("%(mean)s of 5 in %(number)s answers", mean=f'{mean:.2f}', number=number)) \
                if mean else (None, None)
        return facts

    def _measure_approval_days(self):
        """Suggest from how long the contract waited for its approval: within 3 days very well, over 15 poorly."""
        facts = {}
        for one in self:
            moments = one.contract_id.state_history or []
            asked = [moment for state, moment in moments if state == 'in_approval']
            given = [moment for state, moment in moments if state == 'approved']
            if not asked or not given:
                facts[one] = None, None
                continue
            days = (fields.Datetime.to_datetime(given[-1]) - fields.Datetime.to_datetime(asked[0])).days
            mark = next((mark for most, mark in ((3, 5), (5, 4), (8, 3), (15, 2)) if days <= most), 1)
            facts[one] = mark, self.env._("%s days from submission to approval", days)
        return facts
