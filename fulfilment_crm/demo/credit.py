from odoo import fields

from .steps import Steps
from .story import CUSTOMERS


class Credit(Steps):
    """Grades, limits and orders of the demo company, as credit control saw them."""

    def _tell_credit(self):
        """Three quarters of assessments, what others say about the customers, and from then on orders held against the rules."""
        self._tell_outside()
        quarters = self._quarters()
        for offset in quarters:
            self._agree_on_grades(self._assess(CUSTOMERS, offset), min(offset + 1, 0))
            if offset != quarters[-1]:
                self._place_in_tiers(offset)
        self._riverside_falls(max(quarters[-1], -4))
        self._limits_by_hand()
        self._next_scorecard()
        self.env.company.write({
            'fulfilment_credit_gate': True, 'fulfilment_credit_user_id': self._demo('user_finance').id, 'fulfilment_tier_automatic': False,
        })
        self._orders_at_the_gate()

    def _quarters(self):
        """Return the days of the last three quarterly rounds, as offsets. The last one took place in the last 30 days."""
        _name, first = self.env['fulfilment.credit.assessment']._quarter(self.env.company, self._day(0))
        firsts = [fields.Date.subtract(first, months=months) for months in (6, 3, 0)]
        return [max((day - self._day(0)).days, earliest) for day, earliest in zip(firsts, (-212, -121, -30), strict=True)]

    def _tell_outside(self):
        """Statements and ratings from outside."""
        good = {'current_assets': 2600000, 'assets': 5200000, 'current_liabilities': 1100000, 'liabilities': 2300000, 'audited': True}
        self._state('harbour', 2, **good, equity=2900000, retained_earnings=1500000, sales=7900000, ebit=610000, operating_cash_flow=560000)
        self._state('harbour', 1, **good, equity=2900000, retained_earnings=1800000, sales=9100000, ebit=820000, operating_cash_flow=730000)
        weak = {'current_assets': 900000, 'assets': 3100000, 'current_liabilities': 980000}
        self._state('riverside', 2, **weak, liabilities=2100000, equity=1000000, retained_earnings=400000, sales=4100000, ebit=190000,
                    operating_cash_flow=150000)
        self._state('riverside', 1, **weak, liabilities=2500000, equity=600000, retained_earnings=160000, sales=3400000, ebit=20000,
                    operating_cash_flow=-40000)
        self._rate('harbour', 'Lakeside Ratings', '2 (very good)', 86, -370)
        self._rate('harbour', 'Lakeside Ratings', '1 (excellent)', 92, -130)
        self._rate('riverside', 'Lakeside Ratings', '3 (fair)', 68, -370)
        self._rate('northgate', 'Public register', 'no entries', 95, -240)
        self._rate('yuanhang', '信用中国', 'A', 84, -150)

    def _place_in_tiers(self, offset):
        """Let the rules give customers their tiers."""
        company, day = self.env.company, self._day(offset)
        for scale in ('importance', 'value'):
            for tier, profiles in self.env['fulfilment.tier']._misplaced(company, scale, day).items():
                self.env['fulfilment.tier.change']._propose(profiles, tier, scale, day, automatic=True)

    def _riverside_falls(self, offset):
        """Let an external score fall, and with late payments the grade: at once for orders, and in approval with finance."""
        self._rate('riverside', 'Lakeside Ratings', '4 (watch)', 51, offset)
        fallen = self.env['fulfilment.credit.assessment'].search([
            ('partner_id', '=', self._demo('partner_riverside').id), ('state', '=', 'in_approval'),
        ])
        self._backdate(fallen, offset)
        self._agree_on_grades(fallen, min(offset + 1, 0), until='leader')

    def _limits_by_hand(self):
        """Credit control sets limits of its own, and stops a customer."""
        everybody = self.env['res.partner'].concat(*(self._demo(f'partner_{name}') for name in CUSTOMERS))
        lines = self.env['fulfilment.credit.line']._of(everybody, self.env.company)
        for name, offset, vals in (
            ('yuanhang', -20, {'limit': 150000, 'valid_until': self._day(120)}),
            ('bluebird', -12, {'limit': 240000, 'valid_until': self._day(60)}),
            ('ashford', -15, {'limit': 25000}),
            ('kestrel', -150, {'hold': True, 'hold_reason': 'Insolvency proceedings opened'}),
        ):
            line = lines[self._demo(f'partner_{name}')]
            self._on(line, offset, 'finance').write(vals)
            self._backdate(line, offset)

    def _next_scorecard(self):
        """Credit control drafts the next version of the scorecard, in which payment behaviour weighs more."""
        scorecard = self._on(self._demo('scorecard_standard'), -1, 'finance')
        draft = scorecard.browse(scorecard.action_new_version()['res_id'])
        draft.criterion_ids.filtered(lambda one: one.figure == 'payment_index').weight = 40
        self._backdate(draft, -1)

    def _orders_at_the_gate(self):
        """One order passes, one with a warning, one was released, two are held: one confirmed by us, one signed on the portal."""
        self._sell('northgate', 'Ward terminals', [('terminal', 6, 620)], -8)
        self._sell('ashford', 'Spare parts for the pumping station', [('spares', 5, 260)], -4)
        released = self._sell('oldmill', 'Spare pumps', [('pump', 2, 3900)], -6)
        self._release(released, -5, 'Instalments agreed with the plant manager; bank guarantee of 40,000 received', valid=25)
        self._sell('riverside', 'Pump station west', [('pump', 6, 3900)], -2)
        signed = self._offer('harbour', 'Sorting line, hall 4', [('sorter', 8, 12500)], -3, require_payment=False)
        signed.state = 'sent'
        self._sign_order_on_portal(signed, -1, 'Grace Hall')
