from odoo import api, fields, models
from odoo.exceptions import UserError

from ..base.opening import open_list
from .breach import UNSIGNED


class FulfilmentContract(models.Model):
    _inherit = 'fulfilment.contract'

    breach_ids = fields.One2many('fulfilment.breach', 'contract_id', string="Breach cases", for_colleagues=True)
    breach_count = fields.Integer(string="Cases", compute='_compute_breach_count', for_colleagues=True)

    @api.depends_context('uid', 'allowed_company_ids')
    def _compute_breach_count(self):
        counts = dict(self.env['fulfilment.breach']._read_group(
            [('contract_id', 'in', self.ids), ('state', '!=', 'withdrawn')], ['contract_id'], ['__count'],
        )) if self.env['fulfilment.breach'].has_access('read') else {}
        for contract in self:
            contract.breach_count = counts.get(contract, 0)

    def _check_was_signed(self):
        """Refuse what only a contract that was signed can bring: cases, and evidence for a court.

        :raise UserError: naming the first that was not
        """
        # safe: what state a contract is in that somebody names, to refuse
        for contract in self.sudo():
            if contract.state in UNSIGNED and not self.env.su:
                raise UserError(self.env._("%s was never signed: nothing in it can be broken.", contract.display_name))

    def action_open_breaches(self):
        """Open the breach cases of the contract."""
        self.ensure_one()
        return open_list(self, 'breach_action', [('contract_id', '=', self.id)], default_contract_id=self.id)

    def action_new_breach(self):
        """Open the form of a new case of the contract."""
        return self.env['fulfilment.breach']._new_about(self)

    def _shared_breaches(self):
        """Return the cases the page of the contract shows to the customer, as superuser."""
        # safe: called for the customer of the contract, with their access checked
        return self.sudo().breach_ids.filtered(lambda one: one.is_shared and one.state != 'withdrawn')


class FulfilmentMilestone(models.Model):
    _inherit = 'fulfilment.milestone'

    def action_new_breach(self):
        """Open the form of a new case about the milestone."""
        self.ensure_one()
        return self.env['fulfilment.breach']._new_about(self.contract_id, milestone=self)


class FulfilmentAlert(models.Model):
    _inherit = 'fulfilment.alert'

    def action_new_breach(self):
        """Open the form of a new case about what the alert is about."""
        self.ensure_one()
        milestone = self.env['fulfilment.milestone'].browse(self.res_id) if self.res_model == 'fulfilment.milestone' else None
        return self.env['fulfilment.breach']._new_about(self.contract_id, milestone=milestone, description=self.display_name)


class FulfilmentDispute(models.Model):
    _inherit = 'fulfilment.dispute'

    def action_new_breach(self):
        """Open the form of a new case of the contract the invoice is of."""
        self.ensure_one()
        # safe: which contract the invoice of a dispute is of; the contract itself is opened by its own rules
        move = self.sudo().move_id
        contract = move.fulfilment_contract_id or move.invoice_line_ids.sale_line_ids.order_id.fulfilment_contract_id[:1]
        return self.env['fulfilment.breach']._new_about(contract.sudo(False), description=self.description)


class FulfilmentBreach(models.Model):
    _inherit = 'fulfilment.breach'

    @api.model
    def _new_about(self, contract, milestone=None, description=None):
        """Return the action that opens the form of a new case.

        :raise UserError: without a contract
        """
        if not contract:
            raise UserError(self.env._("Only contracts are broken: this is about none."))
        contract.check_access('read')
        told = self._of_milestone(milestone.sudo()) if milestone else {}  # safe: what a readable milestone says
        return {
            'type': 'ir.actions.act_window', 'name': self.env._("Breach case"), 'res_model': self._name, 'view_mode': 'form',
            'context': {
                'default_contract_id': contract.id, 'default_description': description or False,
                **({'default_milestone_id': milestone.id} if milestone else {}),
                **{f'default_{name}': value for name, value in told.items()},
            },
        }


class FulfilmentProfile(models.Model):
    _inherit = 'fulfilment.profile'

    def _records_behind(self):
        of_customer = [('partner_id', '=', self.partner_id.id), ('company_id', 'child_of', self.company_id.id)]
        return {**super()._records_behind(), 'breaches': (self.env._("Breach cases"), 'fulfilment.breach', of_customer)}
