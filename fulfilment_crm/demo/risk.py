from datetime import timedelta

from .steps import Steps

# Customer, what may happen, category, likelihood, impact, after the mitigation, days to the next review, mitigation.
RISKS = [
    ('riverside', "Riverside may not pay its last instalments", 'default', 4, 4, None, -2,
     "Robert speaks with his bank; open orders are held until the older instalments are paid."),
    ('harbour', "The conveyor of hall 3 arrives late", 'delivery', 3, 3, (2, 2), 20,
     "A second carrier is reserved; assembly begins with the parts that are there."),
    ('yuanhang', "钢材涨价影响二期报价", 'market', 2, 2, (1, 2), 60, "报价有效期缩短为 30 天。"),
]


class Risks(Steps):
    """Three risks of the register, a response that is under way, and a drill of last month."""

    def _tell_risks(self):
        risks = {customer: self._enter_risk(customer, *rest) for customer, *rest in RISKS}
        risks['harbour'].action_mitigate()
        self._respond(risks['riverside'])
        self._drill()

    def _enter_risk(self, customer, name, category, likelihood, impact, after, review, mitigation):
        user = self._demo('user_wei' if customer == 'yuanhang' else 'user_sales')
        return self.env['fulfilment.risk'].create({
            'name': name, 'category': category, 'commercial_partner_id': self._demo(f'partner_{customer}').id, 'user_id': user.id,
            'company_id': self.env.company.id, 'likelihood': likelihood, 'impact': impact, 'next_review': self._day(review),
            'mitigation': mitigation, 'date_mitigation': self._day(5), 'residual_likelihood': after and after[0],
            'residual_impact': after and after[1],
        })

    def _respond(self, risk):
        """Start a response to a customer who does not pay: the first step is done, finance has yet to look at the open orders."""
        plan, sales = self._demo('response_plan_default'), self._demo('user_sales')
        response = plan._start(risk, as_of=self._moment(-1, 9))
        first = response.step_ids[:1].sudo()
        first._complete('done', self._moment(-1, 15), sales, "Robert waits for his bank; no dispute.")
        self._backdate(response, -1)

    def _drill(self):
        """Run the fire drill of last month: everything done within two days, one step late."""
        plan = self._demo('response_plan_complaint')
        drill = plan._start(self._demo('partner_harbour'), drill=True, as_of=self._moment(-35, 9))
        moment = self._moment(-35, 9)
        while drill.state == 'running':
            for step in drill.step_ids.sudo().filtered(lambda one: one.state == 'running'):
                moment += timedelta(hours=5)
                step._complete('done', moment, step.user_id)
        self._backdate(drill, -33)
