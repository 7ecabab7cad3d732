from odoo import fields, models


class ResCompany(models.Model):
    _inherit = 'res.company'

    fulfilment_reviews = fields.Boolean(string="Make reviews")
    fulfilment_checks = fields.Boolean(string="Run process checks")
    fulfilment_mechanisms = fields.Boolean(string="Remind owners of mechanisms")
    fulfilment_finding_days = fields.Integer(
        string="Findings are set right within (days)", default=14, help="Proposed for new findings.",
    )
    fulfilment_finding_escalation_days = fields.Integer(
        string="Told above after (days)", default=7, help="So many days after a finding was due, whoever leads the responsible is told.",
    )
    fulfilment_seal_days = fields.Integer(
        string="Originals are brought back within (days)", default=7, help="Proposed for loans of originals.",
    )

    _fulfilment_finding_check = models.Constraint(
        'CHECK(fulfilment_finding_days BETWEEN 0 AND 3650 AND fulfilment_finding_escalation_days BETWEEN 0 AND 3650'
        ' AND fulfilment_seal_days BETWEEN 0 AND 3650)', "Days of findings and loans lie between none and ten years.",
    )


class ResConfigSettings(models.TransientModel):
    _inherit = 'res.config.settings'

    fulfilment_finding_days = fields.Integer(related='company_id.fulfilment_finding_days', readonly=False)
    fulfilment_finding_escalation_days = fields.Integer(related='company_id.fulfilment_finding_escalation_days', readonly=False)
    fulfilment_seal_days = fields.Integer(related='company_id.fulfilment_seal_days', readonly=False)
