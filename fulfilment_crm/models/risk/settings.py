from odoo import fields, models


class ResCompany(models.Model):
    _inherit = 'res.company'

    fulfilment_risk_medium = fields.Integer(
        string="Medium from", default=5, help="Likelihood × impact from which a risk counts as medium; below it is low.",
    )
    fulfilment_risk_high = fields.Integer(string="High from", default=10, help="Likelihood × impact from which a risk counts as high.")
    fulfilment_risk_critical = fields.Integer(
        string="Critical from", default=15, help="Likelihood × impact from which a risk counts as critical.",
    )
    fulfilment_risk_review_days = fields.Integer(
        string="Reviewed every (days)", default=90, help="When a risk is entered or reviewed, its next review falls so many days later.",
    )

    _fulfilment_risk_levels_check = models.Constraint(
        'CHECK(fulfilment_risk_medium > 1 AND fulfilment_risk_high > fulfilment_risk_medium'
        ' AND fulfilment_risk_critical > fulfilment_risk_high AND fulfilment_risk_critical <= 25)',
        "The levels of risk begin one above the other, between 2 and 25.",
    )
    _fulfilment_risk_review_check = models.Constraint(
        'CHECK(fulfilment_risk_review_days BETWEEN 1 AND 3660)', "Risks are reviewed at least every ten years, and at most daily.",
    )

    def _fulfilment_risk_level(self, score):
        """Return the level of a score.

        :param int score: likelihood × impact
        :return: low, medium, high or critical
        """
        self.ensure_one()
        # safe: thresholds of the company a risk belongs to
        company = self.sudo()
        levels = (
            ('critical', company.fulfilment_risk_critical), ('high', company.fulfilment_risk_high),
            ('medium', company.fulfilment_risk_medium),
        )
        return next((level for level, least in levels if score >= least), 'low')


class ResConfigSettings(models.TransientModel):
    _inherit = 'res.config.settings'

    fulfilment_risk_medium = fields.Integer(related='company_id.fulfilment_risk_medium', readonly=False)
    fulfilment_risk_high = fields.Integer(related='company_id.fulfilment_risk_high', readonly=False)
    fulfilment_risk_critical = fields.Integer(related='company_id.fulfilment_risk_critical', readonly=False)
    fulfilment_risk_review_days = fields.Integer(related='company_id.fulfilment_risk_review_days', readonly=False)
