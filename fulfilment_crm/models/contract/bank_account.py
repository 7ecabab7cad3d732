from odoo import api, fields, models


class ResCompany(models.Model):
    """The account that customers are asked to pay to. Accounts of contacts are entered by many; this one stands in the settings."""
    _inherit = 'res.company'

    fulfilment_bank_account = fields.Char(
        string="Bank account", help="Number and bank as customers read them in contracts, reminders and letters. A branch without one "
                                    "of its own has that of the company above it.",
    )

    def _fulfilment_bank_account(self):
        """Return number and bank of the account of this company or of the nearest one above it; empty where none is set."""
        self.ensure_one()
        # safe: printed on what customers read
        above = reversed(self.sudo().parent_ids)
        return next((company.fulfilment_bank_account for company in above if company.fulfilment_bank_account), '')

    @api.model
    def _fulfilment_note_bank_accounts(self):
        """Set the account of companies that have none: that of their first bank journal, else the first that accounting trusts.

        For installation and update, when an administrator is there; later changes of accounts are noticed by nobody.
        """
        for company in self.search([('fulfilment_bank_account', '=', False)]):
            journals = self.env['account.journal'].search([('type', '=', 'bank'), ('company_id', '=', company.id)], order='sequence, id')
            account = journals.bank_account_id[:1] or company.partner_id.bank_ids.filtered('allow_out_payment')[:1]
            company.fulfilment_bank_account = ' '.join(filter(None, [account.acc_number, account.bank_id.name]))


class ResConfigSettings(models.TransientModel):
    _inherit = 'res.config.settings'

    fulfilment_bank_account = fields.Char(related='company_id.fulfilment_bank_account', readonly=False)
