from odoo import api, fields, models


class FulfilmentRewardTerms(models.AbstractModel):
    _inherit = 'fulfilment.reward.terms'

    effect = fields.Selection(selection_add=[('priority', "Priority")], ondelete={'priority': 'cascade'})

    @api.model
    def _timed_effects(self):
        return [*super()._timed_effects(), 'priority']

    def _missing_priority(self):
        return None if self.days else self.env._("Say for how many days “%s” gives priority.", self.name)


class FulfilmentRewardGrant(models.Model):
    """Priority for a time: told again from all rewards in force whenever one begins or ends."""
    _inherit = 'fulfilment.reward.grant'

    def _effect_priority(self):
        """Priority until the latest of what is given."""
        others = self._others_in_force()
        for company, grants in self.grouped('company_id').items():
            self._show_priority(company, grants, others)

    def _take_back_priority(self, day):
        """Priority until the latest of what is left."""
        others = self._others_in_force()
        for company, grants in self.grouped('company_id').items():
            self._show_priority(company, grants.browse(), others, grants.partner_id)

    def _show_priority(self, company, grants, others, partners=None):
        """Write until when customers have priority with a company and its branches: the last day of any reward in force."""
        until = {}
        for partner in (grants.partner_id if partners is None else partners):
            mine = grants.filtered(lambda one, partner=partner: one.partner_id == partner)
            days = (mine | others.get((partner, company), grants.browse())).mapped('ends_on')
            until.setdefault(max(days, default=False), partner.browse())
            until[max(days, default=False)] |= partner
        for day, group in until.items():
            for place in self._places_of(company):
                # safe: priority is what the reward consists of
                group.sudo().with_company(place).with_context(tracking_disable=True).fulfilment_priority_until = day

    def _move_priority(self):
        self._effect_priority()

    def _words_priority(self, until):
        return self.env._("Priority until %s", until) if until else self.env._("Priority for %s days", self.days)


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
