from odoo import models


class FulfilmentProfile(models.Model):
    """From what is owed to the instalments it is made of, which whoever reads the profile may read, too."""
    _inherit = 'fulfilment.profile'

    def _records_behind(self):
        own = [('partner_id', '=', self.partner_id.id), ('company_id', 'child_of', self.company_id.id), ('is_open', '=', True)]
        return {
            **super()._records_behind(),
            'instalments': (self.env._("Open instalments"), 'fulfilment.instalment', own),
        }


class FulfilmentContract(models.Model):
    _inherit = 'fulfilment.contract'

    def action_open_instalments(self):
        """Open what is owed, and what was paid, under these contracts."""
        self.check_access('read')
        return {
            'type': 'ir.actions.act_window', 'name': self.env._("Instalments"), 'res_model': 'fulfilment.instalment',
            'views': [(False, 'list'), (False, 'form')], 'domain': [('contract_id', 'in', self.ids)],
        }
