from .steps import Steps

# Exceptions of a check on the nights behind us, the newest last; the population stays about the same.
NIGHTS = {
    'milestone_without_owner': (18, [3, 3, 3, 2, 2, 2, 1, 1, 1, 0, 0, 0]),
    'contract_without_review': (9, [6, 6, 6, 6, 5, 5, 5, 4, 4, 4, 4, 4]),
    'file_incomplete': (8, [5, 5, 5, 5, 5, 4, 4, 4, 4, 3, 3, 3]),
    'ticket_unanswered': (7, [0, 1, 1, 2, 2, 1, 1, 0, 1, 1, 1, 1]),
    'promise_without_result': (4, [2, 2, 2, 2, 1, 1, 1, 1, 1, 1, 1, 1]),
    'interaction_logged_late': (14, [2, 2, 3, 3, 3, 2, 2, 2, 2, 1, 1, 1]),
}
# Owner, days to the next look, what was found last, what is improved.
MECHANISMS = {
    'contract': ('legal', 40, 'good', None), 'review': ('director', 12, 'improve',
        "Quarterly reviews begin this month; the first four are out."),
    'communication': ('leader', 25, 'good', None), 'law': ('legal', 33, 'good', None), 'credit': ('finance', 20, 'good', None),
    'service': ('service', -2, 'improve', "A second agent answers on Mondays."), 'complaint': ('service', 16, 'good', None),
    'supervision': ('inspector', 8, 'good', None), 'relation': ('leader', 18, 'bad', "Visits are planned by tier from now on."),
}


class Oversight(Steps):
    """Reviews done and to be done, checks over some nights, who looks at which mechanism, a handover, seals and an original that is out."""

    def _tell_oversight(self):
        company = self.env.company
        company.write({'fulfilment_reviews': True, 'fulfilment_checks': True, 'fulfilment_mechanisms': True})
        self._count_nights()
        self._review_contracts()
        self._look_at_mechanisms()
        self._hand_over()
        self._seal_and_lend()
        self.env['fulfilment.pattern']._look(company, self._day(0))

    def _count_nights(self):
        """Tell what the checks counted, night by night, and count today's."""
        results = self.env['fulfilment.process.check.result']
        for name, (population, nights) in NIGHTS.items():
            results.create([{
                'check_id': self._demo(f'check_{name}').id, 'company_id': self.env.company.id, 'date': self._day(offset - len(nights)),
                'population': population, 'exceptions': wrong, 'rate': 100 * wrong / population,
            } for offset, wrong in enumerate(nights)])
        checks = self.env['fulfilment.process.check'].search([])
        checks._count_slice(self._day(0), self.env.company, checks)

    def _review_contracts(self):
        """Make the reviews of the last period; two are reported, one with a finding that is late."""
        contracts = self.env['fulfilment.contract'].search(self.env.company._reviews_due({self.env.company: self._day(0)}), order='id')
        reviews = self.env['fulfilment.review']
        reviews._make_slice({self.env.company: self._day(0)}, contracts)
        made = reviews.search([('kind', '=', 'periodic')], order='id')
        for review, conclusion in zip(made[:2], (
            "On a good way. The second delivery needs a date that the site can keep.", "Nothing to worry about.",
        ), strict=False):
            review.answer_ids.filtered(lambda one: not one.mark).mark = '4'
            review.action_begin()
            review.conclusion = conclusion
            if review == made[:1]:
                self.env['fulfilment.finding'].create({
                    'name': "No delivery plan agreed with the site", 'review_id': review.id, 'user_id': review.contract_id.user_id.id,
                    'date_due': self._day(-3), 'cause': "The site manager changed.", 'action': "Meet the new one this week.",
                })
            # Nothing is sent from the demo company: the report is there to be sent.
            review._move_to('reported', reported_on=self._moment(0, 9), receiver_ids=[(6, 0, review._receivers().ids)])
            review.activity_unlink([review._to_do_type])
        made[2:3].action_begin()
        ended = self.env['fulfilment.contract'].search([('state', 'in', ('closed', 'terminated'))])
        ended._evaluate('settlement')
        for review in reviews.search([('kind', '=', 'stage')]):
            review.answer_ids.filtered(lambda one: not one.mark).mark = '4'
            review.action_begin()
            review.conclusion = "Fulfilled as agreed; payment took longer than it should."
            review._move_to('reported', reported_on=self._moment(0, 9))
            review.activity_unlink([review._to_do_type])

    def _look_at_mechanisms(self):
        values = self.env['fulfilment.mechanism.value']
        for name, told in MECHANISMS.items():
            user, days, result, improvement = told
            mechanism = self._demo(f'mechanism_{name}')
            mechanism.user_id = self._demo(f'user_{user}')
            self.env['fulfilment.mechanism.look'].create({
                'mechanism_id': mechanism.id, 'result': result, 'improvement': improvement, 'next_check_on': self._day(max(days, 1)),
            }).action_confirm()
            mechanism.entry_ids.write({'date': self._day(days - 90), 'user_id': mechanism.user_id.id})
            mechanism.write({'checked_on': self._day(days - 90), 'next_check_on': self._day(days)})
        for mechanism in self.env['fulfilment.mechanism'].search([]):
            number, _whole = mechanism._measure(self.env.company)
            values.create([{
                'mechanism_id': mechanism.id, 'company_id': self.env.company.id, 'date': self._day(offset),
                'value': None if number is None else number * (1 + (offset % 5) / 20),
            } for offset in range(-20, 1)])

    def _hand_over(self):
        """One handover is offered, with a promise that nobody wrote down before."""
        contract = self.env['fulfilment.contract'].search([
            ('state', '=', 'active'), ('user_id', '=', self._demo('user_sales').id),
        ], order='id', limit=1)
        handover = self.env['fulfilment.handover'].with_user(self._demo('user_sales')).create({
            'contract_id': contract.id, 'to_user_id': self._demo('user_wei').id,
            'note': "Call before ten; the site has no reception after that.",
            'line_ids': [(0, 0, {'kind': 'promise', 'text': "A day of training for the night shift", 'date_due': self._day(25)})],
        })
        handover.action_offer()

    def _seal_and_lend(self):
        signed = self.env['fulfilment.contract'].search([('state', 'in', ('active', 'settlement'))], order='id', limit=3)
        self.env['fulfilment.seal.use'].create([{
            'contract_id': contract.id, 'seal': 'contract', 'document': f'{contract.name}: {contract.title or ""}', 'copies': 2,
            'date': contract.date_signed or self._day(-20), 'user_id': self._demo('user_legal').id, 'asked_by_id': contract.user_id.id,
        } for contract in signed])
        self.env['fulfilment.original.loan'].create({
            'contract_id': signed[:1].id, 'document': "Signed contract, copy 1", 'user_id': self._demo('user_finance').id,
            'purpose': "Bank asks to see it", 'date': self._day(-6), 'date_due': self._day(1),
        })
