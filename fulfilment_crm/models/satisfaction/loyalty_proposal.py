from odoo import api, fields, models
from odoo.exceptions import UserError

from .settings import LOYALTY_KINDS


class FulfilmentLoyaltyProposal(models.Model):
    """Something in return for a very satisfied customer, to be granted or declined. What is granted is given by hand."""
    _name = 'fulfilment.loyalty.proposal'
    _description = 'Proposal for a satisfied customer'
    _inherit = ['fulfilment.guard.mixin', 'fulfilment.once.mixin']
    _order = 'state desc, date desc, id desc'
    _rec_name = 'commercial_partner_id'

    commercial_partner_id = fields.Many2one(
        'res.partner', string="Customer", required=True, readonly=True, index=True, ondelete='cascade', guarded=True,
    )
    company_id = fields.Many2one('res.company', required=True, readonly=True, index=True, ondelete='cascade', guarded=True)
    satisfaction_id = fields.Many2one(
        'fulfilment.satisfaction', string="Because of", readonly=True, index='btree_not_null', ondelete='set null', guarded=True,
    )
    user_id = fields.Many2one('res.users', string="Responsible", readonly=True, index='btree_not_null', ondelete='set null', guarded=True)
    kind = fields.Selection(LOYALTY_KINDS, required=True, help="What is proposed; may be changed until it is decided.")
    date = fields.Date(string="Proposed on", required=True, readonly=True, guarded=True)
    state = fields.Selection(
        [('proposed', "Proposed"), ('granted', "Granted"), ('declined', "Declined")], required=True, readonly=True, default='proposed',
        index=True, guarded=True,
    )
    decided_by_id = fields.Many2one('res.users', readonly=True, ondelete='set null', guarded=True)
    decided_on = fields.Date(readonly=True, guarded=True)
    reason = fields.Char(readonly=True, guarded=True)

    def write(self, vals):
        if 'kind' in vals and not self.env.su:
            self._check_proposed()
        return super().write(vals)

    def action_grant(self):
        """Grant what is proposed."""
        self._decide('granted', False)
        return True

    def action_refuse(self, reason=None):
        """Decline what is proposed.

        :param str reason: why; asked for in a dialog when missing
        """
        self.check_access('write')
        self._check_proposed()
        if not (reason or '').strip():
            return self._ask_reason('action_refuse', self.env._("Decline"))
        self._decide('declined', reason.strip())
        return True

    def _check_proposed(self):
        for proposal in self:
            if proposal.state != 'proposed':
                raise UserError(self.env._("The proposal for %s is decided already.", proposal.commercial_partner_id.display_name))

    def _decide(self, state, reason):
        self.check_access('write')
        self._check_proposed()
        today = self.company_id._fulfilment_today()
        # safe: the state is guarded; the right to write was checked
        for day, group in self.sudo().grouped(lambda proposal: today[proposal.company_id]).items():
            group.write({'state': state, 'decided_by_id': self.env.uid, 'decided_on': day, 'reason': reason})

    @api.model
    def _propose(self, results):
        """Propose something for very satisfied customers: one open proposal a customer.

        :param results: of one company
        """
        waiting = self.search([
            ('commercial_partner_id', 'in', results.commercial_partner_id.ids), ('company_id', 'in', results.company_id.ids),
            ('state', '=', 'proposed'),
        ]).commercial_partner_id
        vals_of = {}
        for result in results:
            if result.company_id.fulfilment_loyalty_kind and result.commercial_partner_id not in waiting:
                vals_of[result.commercial_partner_id] = {
                    'claim_key': f'result {result.id}', 'commercial_partner_id': result.commercial_partner_id.id,
                    'company_id': result.company_id.id, 'satisfaction_id': result.id, 'user_id': result.user_id.id,
                    'kind': result.company_id.fulfilment_loyalty_kind, 'date': result.date,
                }
        return self._claim(list(vals_of.values()))
