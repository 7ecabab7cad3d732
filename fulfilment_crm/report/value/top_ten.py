from odoo import fields, models
from odoo.tools import SQL


class FulfilmentTopCustomers(models.Model):
    """Per product the customers by turnover of the last 12 months, with rank and share; a filter keeps the top ten."""
    _name = 'fulfilment.top.customer'
    _description = 'Customers of a product'
    _auto = False
    _order = 'product_id, position'
    _rec_name = 'partner_id'

    company_id = fields.Many2one('res.company', readonly=True)
    product_id = fields.Many2one('product.product', readonly=True)
    categ_id = fields.Many2one('product.category', string="Product category", readonly=True)
    partner_id = fields.Many2one('res.partner', string="Customer", readonly=True)
    user_id = fields.Many2one('res.users', string="Responsible", readonly=True)
    currency_id = fields.Many2one('res.currency', readonly=True)
    revenue = fields.Monetary(string="Turnover", readonly=True)
    quantity = fields.Float(readonly=True)
    position = fields.Integer(string="Rank", readonly=True, aggregator=None)
    share = fields.Float(string="Share of the product (%)", readonly=True, digits=(16, 2), aggregator='sum')

    @property
    def _table_query(self):
        return SQL(
            """
            SELECT min(line_id) AS id, company_id, product_id, categ_id, sales.partner_id, profile.user_id, sales.currency_id,
                   sum(amount) AS revenue, sum(quantity) AS quantity,
                   rank() OVER (PARTITION BY company_id, product_id ORDER BY sum(amount) DESC)::int AS position,
                   round(100 * sum(amount) / NULLIF(sum(sum(amount)) OVER (PARTITION BY company_id, product_id), 0), 2) AS share
              FROM (
                   SELECT line.id AS line_id, split_part(company.parent_path, '/', 1)::int AS company_id, line.product_id,
                          template.categ_id, partner.commercial_partner_id AS partner_id, company.currency_id, -line.balance AS amount,
                          CASE WHEN move.move_type = 'out_refund' THEN -line.quantity ELSE line.quantity END AS quantity
                     FROM account_move_line line
                     JOIN account_move move ON move.id = line.move_id
                     JOIN res_company company ON company.id = line.company_id
                     JOIN res_partner partner ON partner.id = move.commercial_partner_id
                     JOIN product_product product ON product.id = line.product_id
                     JOIN product_template template ON template.id = product.product_tmpl_id
                    WHERE move.state = 'posted' AND move.move_type IN ('out_invoice', 'out_refund', 'out_receipt')
                      AND line.display_type = 'product'
                      AND move.invoice_date > %(today)s::date - interval '12 months' AND move.invoice_date <= %(today)s
                   ) sales
         LEFT JOIN fulfilment_profile profile USING (partner_id, company_id)
          GROUP BY company_id, product_id, categ_id, sales.partner_id, profile.user_id, sales.currency_id
            """, today=fields.Date.context_today(self),
        )
