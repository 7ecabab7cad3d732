from odoo import api, fields, models


class FulfilmentExternalScore(models.Model):
    """A rating of a customer by somebody else, on a scale from 0 to 100."""
    _name = 'fulfilment.external.score'
    _description = 'External score of a customer'
    _inherit = ['fulfilment.guard.mixin', 'mail.thread']
    _order = 'date desc, id desc'

    partner_id = fields.Many2one('res.partner', string="Customer", required=True, index=True, ondelete='cascade', tracking=True)
    company_id = fields.Many2one(
        'res.company', required=True, index=True, ondelete='cascade', default=lambda self: self.env.company.root_id,
    )
    source = fields.Char(required=True, tracking=True, help="Who rates: an agency, a bank, a public register.")
    rating = fields.Char(string="Rating as given", tracking=True)
    score = fields.Float(required=True, digits=(16, 2), tracking=True, help="Converted to 0–100, 100 being best.")
    date = fields.Date(required=True, default=fields.Date.context_today, tracking=True)
    previous_score = fields.Float(string="Score before", compute='_compute_fall', digits=(16, 2))
    fall = fields.Float(compute='_compute_fall', digits=(16, 2), help="Points lost against the score before from the same source.")
    told = fields.Boolean(string="Fall handled", readonly=True, copy=False, guarded=True)
    note = fields.Text()

    _score_check = models.Constraint('CHECK(score BETWEEN 0 AND 100)', "An external score lies between 0 and 100.")
    _partner_date_idx = models.Index('(partner_id, date)')

    @api.depends('partner_id', 'date')
    def _compute_display_name(self):
        for score in self:
            score.display_name = f'{score.partner_id.display_name or ""}, {score.source or ""}, {score.date or ""}'

    @api.depends('partner_id', 'company_id', 'source', 'date', 'score')
    def _compute_fall(self):
        series = self.search([('partner_id', 'in', self.partner_id.ids), ('source', 'in', self.mapped('source'))], order='date, id')
        before, last = {}, {}
        for score in series:
            key = (score.partner_id, score.company_id, score.source)
            before[score], last[key] = last.get(key), score.score
        for score in self:
            earlier = before.get(score._origin)
            score.previous_score = earlier or 0.0
            score.fall = max(earlier - score.score, 0.0) if earlier is not None else 0.0

    @api.model
    def get_import_templates(self):
        return [{
            'label': self.env._("Import template for external scores"),
            'template': '/fulfilment_crm/static/import/external_scores.xlsx',
        }]
