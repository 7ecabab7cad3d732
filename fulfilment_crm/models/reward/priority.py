from odoo import api, fields, models


class FulfilmentTicket(models.Model):
    """Tickets of customers with priority come first: in lists, and when they are given to agents."""
    _inherit = 'fulfilment.ticket'
    _order = 'is_late desc, is_priority desc, next_due_on, id desc'

    is_priority = fields.Boolean(
        string="Priority", readonly=True, copy=False, index=True, help="The customer had priority when the ticket came in.",
    )

    def _is_guarded(self, field):
        return super()._is_guarded(field) or field.name in ('is_priority', 'reward_grant_id')

    def _received(self):
        self._mark_priority()
        return super()._received()

    def _change_customer(self, customer):
        self._mark_priority()
        return super()._change_customer(customer)

    def _mark_priority(self):
        """Note on tickets whether their customer has priority today."""
        today = self.company_id._fulfilment_today()
        for company, tickets in self.grouped('company_id').items():
            preferred = tickets.partner_id._fulfilment_has_priority(company, today[company])
            marked = tickets.filtered(lambda one, preferred=preferred: one.partner_id in preferred)
            # safe: follows from the customer; nobody sets it
            for value, some in ((True, marked.sudo()), (False, (tickets - marked).sudo())):
                some.filtered(lambda one, value=value: one.is_priority != value).is_priority = value

    def _assign(self):
        return super(FulfilmentTicket, self.sorted('is_priority', reverse=True))._assign()


class FulfilmentReminder(models.Model):
    """Customers with priority are reminded of dates that have passed some days later."""
    _inherit = 'fulfilment.reminder'

    @api.model
    def _due_pairs(self, model, today, records=None):
        pairs = super()._due_pairs(model, today, records)
        if not pairs:
            return pairs
        everything = next(iter(pairs)).browse().concat(*pairs)
        contracts = everything if model == 'fulfilment.contract' else everything.contract_id
        preferred = {}
        for company, group in contracts.grouped('company_id').items():
            preferred[company] = group.partner_id._fulfilment_has_priority(company, today[company])
        for record in list(pairs):
            customer = record.partner_id if model == 'fulfilment.contract' else record.contract_id.partner_id
            if customer in preferred[record.company_id]:
                rules = pairs[record].filtered(lambda rule, record=record: not rule._waits_for(record, today[record.company_id]))
                if rules:
                    pairs[record] = rules
                else:
                    del pairs[record]
        return pairs


class FulfilmentReminderRule(models.Model):
    _inherit = 'fulfilment.reminder.rule'

    def _waits_for(self, record, day):
        """Whether this reminder to a customer with priority still waits on a day."""
        self.ensure_one()
        if self.offset_days <= 0 or self._audience_of(record) != 'customer':
            return False
        company = record.company_id
        # Two days are left to send it, should one round be missed.
        longer = min(company.fulfilment_priority_days, max(company.fulfilment_catch_up_days - 1, 0))
        due = record.date_end if record._name == 'fulfilment.contract' else record.date_planned
        return fields.Date.add(due, days=self.offset_days + longer) > day
