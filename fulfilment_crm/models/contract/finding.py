from odoo import fields, models

from ..base.told import ToldText


class FulfilmentContractFinding(models.Model):
    """What the check of a draft found. Made anew at each check."""
    _name = 'fulfilment.contract.finding'
    _description = 'Finding on a contract'
    _inherit = ['fulfilment.machine.mixin']
    _order = 'severity, id'
    _rec_name = 'message'

    contract_id = fields.Many2one('fulfilment.contract', required=True, readonly=True, index=True, ondelete='cascade')
    company_id = fields.Many2one(related='contract_id.company_id', store=True, index=True)
    severity = fields.Selection(
        [('1_block', "Must be mended"), ('2_warn', "Worth a look")], required=True, readonly=True,
        help="A contract with a finding that must be mended cannot be submitted.",
    )
    kind = fields.Selection([
        ('missing', "Missing"), ('unfilled', "To be filled in"), ('contradiction', "Contradiction"), ('vague', "Vague wording"),
        ('legal', "Not reviewed by legal"), ('law', "Legal limit"),
    ], required=True, readonly=True)
    message = ToldText(required=True, readonly=True)
    clause_id = fields.Many2one('fulfilment.contract.clause', readonly=True, index='btree_not_null', ondelete='cascade')
    milestone_id = fields.Many2one('fulfilment.milestone', readonly=True, index='btree_not_null', ondelete='cascade')

    def action_open(self):
        """Open what the finding is about: the clause, the milestone, or the contract."""
        self.ensure_one()
        record = self.clause_id or self.milestone_id or self.contract_id
        return {
            'type': 'ir.actions.act_window', 'res_model': record._name, 'res_id': record.id, 'view_mode': 'form',
            'views': [(False, 'form')], 'target': 'current' if record == self.contract_id else 'new', 'name': record.display_name,
            'context': {'form_view_initial_mode': 'edit'},
        }
