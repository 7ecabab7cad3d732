from odoo import api, fields, models

from ..base.opening import open_list


class FulfilmentContract(models.Model):
    _inherit = 'fulfilment.contract'

    review_count = fields.Integer(string="Number of reviews", compute='_compute_oversight_counts', for_colleagues=True)
    finding_open_count = fields.Integer(string="Findings not closed", compute='_compute_oversight_counts', for_colleagues=True)

    @api.depends_context('uid', 'allowed_company_ids')
    def _compute_oversight_counts(self):
        reviews = dict(self.env['fulfilment.review']._read_group([('contract_id', 'in', self.ids)], ['contract_id'], ['__count'])) \
            if self.env['fulfilment.review'].has_access('read') else {}
        findings = dict(self.env['fulfilment.finding']._read_group(
            [('contract_id', 'in', self.ids), ('state', 'in', ('open', 'in_work', 'done'))], ['contract_id'], ['__count'],
        )) if self.env['fulfilment.finding'].has_access('read') else {}
        for contract in self:
            contract.review_count = reviews.get(contract._origin, 0)
            contract.finding_open_count = findings.get(contract._origin, 0)

    def action_open_reviews(self):
        """Open the reviews of the contract."""
        self.ensure_one()
        return open_list(self, 'review_action', [('contract_id', '=', self.id)])

    def action_open_findings(self):
        """Open the findings about the contract."""
        self.ensure_one()
        return open_list(
            self, 'finding_action', [('contract_id', '=', self.id)], default_contract_id=self.id, default_company_id=self.company_id.id,
        )
