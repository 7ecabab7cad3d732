from odoo import api, fields, models
from odoo.exceptions import ValidationError


class FulfilmentFinancialStatement(models.Model):
    """A balance sheet and income statement of a customer, in its own currency: the figures are ratios."""
    _name = 'fulfilment.financial.statement'
    _description = 'Financial statement of a customer'
    _inherit = ['fulfilment.guard.mixin', 'mail.thread']
    _order = 'date desc, id desc'
    _check_company_auto = True

    partner_id = fields.Many2one('res.partner', string="Customer", required=True, index=True, ondelete='cascade', tracking=True)
    company_id = fields.Many2one(
        'res.company', required=True, index=True, ondelete='cascade', default=lambda self: self.env.company.root_id,
    )
    date = fields.Date(string="As of", required=True, tracking=True, help="End of the fiscal year.")
    currency_id = fields.Many2one('res.currency', required=True, ondelete='restrict', default=lambda self: self.env.company.currency_id)
    current_assets = fields.Monetary(tracking=True)
    assets = fields.Monetary(string="Total assets", tracking=True)
    current_liabilities = fields.Monetary(tracking=True)
    liabilities = fields.Monetary(string="Total liabilities", tracking=True)
    equity = fields.Monetary(tracking=True, help="Book value.")
    retained_earnings = fields.Monetary(tracking=True)
    sales = fields.Monetary(string="Revenue", tracking=True)
    ebit = fields.Monetary(string="EBIT", tracking=True, help="Earnings before interest and taxes.")
    operating_cash_flow = fields.Monetary(tracking=True)
    audited = fields.Boolean(tracking=True)
    note = fields.Text()

    _partner_date_idx = models.Index('(partner_id, date)')

    @api.constrains('assets', 'liabilities', 'current_assets', 'current_liabilities')
    def _check_amounts(self):
        for statement in self:
            if min(statement.assets, statement.liabilities, statement.current_assets, statement.current_liabilities) < 0:
                raise ValidationError(self.env._(
                    "%(customer)s, %(date)s: assets and liabilities are not negative.",
                    customer=statement.partner_id.display_name, date=statement.date,
                ))
            if statement.current_assets > statement.assets or statement.current_liabilities > statement.liabilities:
                raise ValidationError(self.env._(
                    "%(customer)s, %(date)s: the current part cannot exceed the total.",
                    customer=statement.partner_id.display_name, date=statement.date,
                ))

    @api.depends('partner_id', 'date')
    def _compute_display_name(self):
        for statement in self:
            statement.display_name = f'{statement.partner_id.display_name or ""}, {statement.date or ""}'

    @api.model
    def get_import_templates(self):
        return [{
            'label': self.env._("Import template for financial statements"),
            'template': '/fulfilment_crm/static/import/financial_statements.xlsx',
        }]
