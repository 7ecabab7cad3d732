from .steps import Steps


class Warnings(Steps):
    """What was warned of before today, and a rule still on trial."""

    def _tell_warnings(self):
        """Late milestones and ends of contracts of the last ten days: one handled, one seen, one that holds no more."""
        for name, offset in (('milestone', -6), ('contract_end', -10)):
            self._warn(self._demo(f'warning_rule_{name}'), offset)
        alerts = self.env['fulfilment.alert'].search([], order='raised_on, id')
        for alert, reason in zip(alerts, ('Renewal discussed with Grace Hall; draft follows on the first.', None), strict=False):
            mine = self._on(alert, -3, 'sales') if alert.user_id == self._demo('user_sales') else self._on(alert, -3, 'director')
            mine.action_acknowledge()
            if reason:
                mine.action_handle(reason=reason)
        self._on(self.env['fulfilment.warning.rule'], -4, 'director').create({
            'name': 'Fewer payments on time', 'severity': '1', 'model': 'fulfilment.profile',
            'domain': "[('payment_count', '>=', 3), ('on_time_payment_change', '<=', -10)]",
            'explanation': 'A tenth fewer of the payments come on time than half a year ago, although nothing need be overdue yet.',
        })

    def _warn(self, rule, offset):
        """Run the round of a rule as it went on a day."""
        day, companies = self._day(offset), self.env['res.company'].search([])
        days = dict.fromkeys(companies, day)
        fresh, _gone = rule._compare(days, day)
        records = self.env[rule.model].with_context(as_of=day).browse(fresh)
        noons = {company: company._fulfilment_noon(day) for company in companies}
        alerts = self.env['fulfilment.alert']._raise_for(rule, records, days, noons)
        self._backdate(alerts, offset)
