from functools import partial

from odoo import api, fields, models
from odoo.fields import Domain

from ...report.collection.positions import enter, look_again
from ..base.later import do_later
from .dunning import HORIZON


class FulfilmentCollectionPosition(models.Model):
    """The daily round over instalments: what comes in, what is due to be looked at, and what is done about it."""
    _inherit = 'fulfilment.collection.position'

    @api.model
    def _dun(self, run, as_of=None):
        """Do what strategies ask for, company by company.

        :param run: the run it belongs to
        :param date as_of: the day to work for; each company's own today when missing
        :return: True when all was done, False when the scheduler's time was up
        """
        for company in self.env['res.company'].search([('fulfilment_collection', '=', True)]):
            day = company._fulfilment_today(as_of)[company]
            if not run._together(company, [lambda company=company, day=day: self._enter(company, day) or {}]):
                continue
            due = self._read_group(
                Domain('company_id', '=', company.id) & Domain('next_on', '<=', day), ['partner_id'],
            )
            partners = self.env['res.partner'].concat(*(partner for [partner] in due))
            profiles = self.env['fulfilment.profile'].search([
                ('partner_id', 'in', partners.ids), ('company_id', '=', company.root_id.id),
            ])
            if not run._slices(profiles, partial(self._dun_slice, company.id, day, as_of), size=100):
                return False
        return True

    @api.model
    def _enter(self, company, day):
        """Take in what is due by the furthest step ahead of a due date, since the last time."""
        self.env.flush_all()
        accounts, journals = self.env['fulfilment.payment.promise']._ledger_scope()
        steps = self.env['fulfilment.collection.step'].search([], order='offset_days', limit=1)
        until = fields.Date.add(day, days=min(max(-(steps.offset_days or 0), 0), HORIZON))
        since = company.fulfilment_collection_until
        if not since or until > since:
            enter(self.env.cr, company.id, accounts, journals, until, since)
            company.fulfilment_collection_until = until

    @api.model
    def _dun_slice(self, company_id, day, as_of, profiles):
        """Do what is due for some customers of a company.

        :return: ``{effect: count}``
        """
        company, effects = self.env['res.company'].browse(company_id), {}
        again, planned = {}, []
        for strategy, mine in self.env['fulfilment.collection.strategy']._assigned(company, profiles).items():
            own, later = strategy._planned(company, mine, day, as_of)
            planned += own
            again.update(later)
        self._look_later(company, profiles, day, again, planned)
        rows = self.env['fulfilment.reminder']._claim_planned(planned, day)
        for effect, number in rows._deliver({company: day}).items():
            effects[effect] = effects.get(effect, 0) + number
        effects['letters and calls'] = len(rows)
        return effects

    def _look_later(self, company, profiles, day, again, planned):
        """Write when to look again; what no strategy serves, and what is settled, rests until the account changes."""
        own = self.search(Domain('company_id', '=', company.id) & Domain('partner_id', 'in', profiles.partner_id.ids))
        taken = {line.id: one.step.offset_days for one in planned for line in one.lines}
        by_values = {}
        for position in own:
            line_id = position.move_line_id.id
            values = (again.get(line_id) or False, taken.get(line_id))
            by_values.setdefault(values, []).append(position.id)
        for (next_on, offset), ids in by_values.items():
            self.browse(ids).write({
                'next_on': next_on, **({'taken': offset, 'taken_on': day} if offset is not None else {}),
            })


class FulfilmentContract(models.Model):
    _inherit = 'fulfilment.contract'

    @api.model
    def _accounts_changed(self, companies, customers):
        result = super()._accounts_changed(companies, customers)
        # safe: asks which companies collect
        if customers and companies.sudo().filtered('fulfilment_collection'):
            do_later(customers, '_fulfilment_look_again', 'collection')
        return result


class ResPartner(models.Model):
    _inherit = 'res.partner'

    def _fulfilment_look_again(self):
        """Have the next run of collection look at what these customers owe: their accounts have changed."""
        accounts, journals = self.env['fulfilment.payment.promise']._ledger_scope()
        self.env.flush_all()
        for company in self.env['res.company'].search([('fulfilment_collection', '=', True), ('fulfilment_collection_until', '!=', False)]):
            day = company._fulfilment_today()[company]
            enter(self.env.cr, company.id, accounts, journals, company.fulfilment_collection_until, partners=self.ids)
            look_again(self.env.cr, company.id, self.ids, day)
        self.env['fulfilment.collection.position'].invalidate_model()
