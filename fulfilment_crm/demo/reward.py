from .steps import Steps


class Rewards(Steps):
    """What the demo company gives its good customers."""

    def _tell_rewards(self):
        """Who paid on time has points, which were taken back from one; the day's run finds who deserves a training, to be approved."""
        offset = -3
        for name in ('on_time', 'satisfied'):
            self._on(self._demo(f'reward_rule_{name}'), offset, 'director').action_activate()
        self._reward(self._demo('reward_rule_on_time'), offset)
        double = self.env['fulfilment.reward.grant'].search([
            ('rule_id', '=', self._demo('reward_rule_on_time').id), ('partner_id', '=', self._demo('partner_northgate').id),
            ('state', '=', 'granted'),
        ])
        if double:
            self._on(double, -1, 'leader').action_take_back(reason='Had these points as a discount on the order of last week')
            self._backdate(double, -1)

    def _reward(self, rule, offset):
        """Reward whom a rule fits, as the daily round did on a day."""
        company, grants = self.env.company, self.env['fulfilment.reward.grant'].sudo()
        grants._grant(rule, company, self._day(offset), rule._candidates(company, self._day(offset)))
        for grant in grants.search([('rule_id', '=', rule.id)]):
            self._backdate(grant, offset)
