from collections import defaultdict

from odoo import api, fields, models
from odoo.fields import Domain

from ...report.collection.receipts import receipts_of
from ...tools import promise as arithmetic
from ..base.later import do_later
from ..profile.scope import MONEY_JOURNALS


class FulfilmentPaymentPromise(models.Model):
    """What the ledger says of promises: what came since each was made, and so whether it was kept."""
    _inherit = 'fulfilment.payment.promise'

    def _follow_ledger(self, as_of=None):
        """Bring these promises, and all others of the same customers, in line with the ledger.

        :param date as_of: the day at whose end they stand; each company's own today when missing
        :return: ``{effect: count}``
        """
        self.env.flush_all()
        promises = self._of_same_accounts()
        days = promises.company_id._fulfilment_today(as_of)
        receipts, credited = promises._receipts(days), promises._credited(days)
        effects = defaultdict(int)
        for key, group in promises.grouped(lambda one: (one.partner_id, one.company_id, one.currency_id)).items():
            unit = key[2].rounding
            filled = [one._as_arithmetic() for one in group.sorted(lambda one: (one.made_on, one.date_promised, one.id))]
            arithmetic.fill(filled, receipts.get((key[0].id, key[1].id, key[2].id), []), unit)
            for one in filled:
                promise = promises.browse(one.key)
                for effect in promise._stand(one, days[promise.company_id], credited.get(promise.id, 0.0)):
                    effects[effect] += 1
        return dict(effects)

    def _of_same_accounts(self):
        """Return all promises, but for those cancelled, of the customers of these, each in the company and currency of one."""
        wanted = {(one.partner_id, one.company_id, one.currency_id) for one in self}
        found = self.search(Domain('partner_id', 'in', self.partner_id.ids) & Domain('state', '!=', 'cancelled'))
        return found.filtered(lambda one: (one.partner_id, one.company_id, one.currency_id) in wanted)

    def _as_arithmetic(self):
        self.ensure_one()
        until = fields.Date.add(self.date_promised, days=self.grace_days)
        return arithmetic.Promise(
            key=self.id, made_on=self.made_on, until=until, cured_until=fields.Date.add(until, days=self.plan_id.cure_days or 0),
            amount=self.amount, instalments=frozenset(self.move_line_ids.ids) or None,
        )

    def _stand(self, filled, day, credited):
        """Write where the promise stands, and move it there.

        :return: the effects, as a list
        """
        self.ensure_one()
        unit = self.currency_id.rounding
        state = arithmetic.state(filled, day, self.threshold, credited, unit)
        values = {
            'amount_received': self.currency_id.round(filled.in_time),
            'amount_late': self.currency_id.round(filled.received - filled.in_time),
        }
        changed = {name: value for name, value in values.items() if self.currency_id.compare_amounts(self[name], value)}
        if state == self.state:
            if changed:
                self.write(changed)
            return []
        self._move_to(state, **changed)
        if state == 'broken' or state == 'partly':
            self._give_to_do(lambda env: env._("The promise was not kept"))
        else:
            self.activity_unlink(['fulfilment_crm.activity_type_promise'])
        return [f'promises {state}']

    # === WHAT CAME === #

    @api.model
    def _ledger_scope(self):
        """Return the receivable accounts and the journals money comes by, as lists of ids."""
        # safe: which accounts and journals there are
        known = self.env['account.account'].sudo().with_context(active_test=False)
        return (
            known.search([('account_type', '=', 'asset_receivable')]).ids,
            known.env['account.journal'].with_context(active_test=False).search([('type', 'in', MONEY_JOURNALS)]).ids,
        )

    def _receipts(self, days):
        """Return the money of the customers of these promises since the first was made.

        :param dict days: ``{company: date}``, the last day that counts
        :return: ``{(partner id, company id, currency id): [Receipt]}``
        """
        if not self:
            return {}
        accounts, journals = self._ledger_scope()
        since = min(self.mapped('made_on'))
        made = defaultdict(list)
        for promise in self:
            made[promise.partner_id.id, promise.company_id.id].append(promise)
        found, by_id = defaultdict(list), {company.id: day for company, day in days.items()}
        rows = receipts_of(self.env.cr, self.partner_id.ids, self.company_id.ids, accounts, journals, since)
        for partner_id, company_id, currency_id, day, created, line_id, amount in rows:
            if day > by_id[company_id]:
                continue
            # On the day itself what was in the books before it was promised was known to both.
            after = frozenset(
                one.id for one in made[partner_id, company_id] if one.made_on < day or one.made_on == day and one.made_at <= created
            )
            found[partner_id, company_id, currency_id].append(arithmetic.Receipt(day, float(amount), line_id, after))
        return found

    def _credited(self, days):
        """Return what of promises about named instalments was settled by something else than money since they were made: ``{id: amount}``.

        :param dict days: ``{company: date}``, the last day that counts
        """
        named = self.filtered('move_line_ids')
        if not named:
            return {}
        _accounts, journals = self._ledger_scope()
        partials = self.env['account.partial.reconcile'].search([('debit_move_id', 'in', named.move_line_ids.ids)])
        by_line = partials.grouped('debit_move_id')
        return {
            promise.id: sum(
                part.debit_amount_currency for line in promise.move_line_ids for part in by_line.get(line, ())
                if part.credit_move_id.journal_id.id not in journals and promise.made_on <= part.max_date <= days[promise.company_id]
                and part.create_date >= promise.made_at
            ) for promise in named
        }


class FulfilmentContract(models.Model):
    _inherit = 'fulfilment.contract'

    @api.model
    def _accounts_changed(self, companies, customers):
        result = super()._accounts_changed(companies, customers)
        if customers:
            # safe: promises follow the ledger, whoever changed it
            promises = self.env['fulfilment.payment.promise'].sudo().search([
                ('partner_id', 'in', customers.ids), ('company_id', 'in', companies.ids), ('state', '!=', 'cancelled'),
            ])
            do_later(promises, '_follow_ledger', 'collection')
        return result
