from dataclasses import replace

from odoo import api, models
from odoo.fields import Domain

from ..base.audience import Audience

PROFILES = 'fulfilment_profile_ids'


class IrRule(models.Model):
    """What is owed: by one's own customers, by nobody's, and under one's own contracts; who collects and who leads reach everything."""
    _inherit = 'ir.rule'

    @api.model
    def _audience_instalment(self, reach, at):
        return Audience(
            own=reach.mine('user_id', 'partner_id.user_id', 'contract_id.user_id') | reach.nobodys('user_id'),
            team=reach.of_team('user_id'), changed_by=('manager', 'credit'), read_by=('legal', 'service', 'inspector'),
        )

    @api.model
    def _audience_work(self, reach, at):
        return Audience(
            own=reach.mine('user_id', 'partner_id.user_id') | reach.nobodys('user_id'), team=reach.of_team('user_id'),
            changed_by=('manager', 'credit'), read_by=('legal', 'service', 'inspector'),
        )

    @api.model
    def _audience_owed(self, reach, at):
        """Reach what is agreed with a customer about what is owed as one reaches the customer's instalments."""
        # Whoever is named responsible reads it; naming oneself gives no right to change what is a colleague's.
        whole = self._owed_by(reach, f'{at}partner_id.')
        return replace(whole, asked=reach.mine(f'{at}user_id'))

    @api.model
    def _owed_by(self, reach, customer):
        """Return the audience of a customer's account; ``customer`` is the path to the customer."""
        customer = f'{customer}commercial_partner_id.'  # whoever of it is named
        profiles = f'{customer}{PROFILES}'
        looked_after = Domain(f'{customer}user_id', '!=', False) | Domain(profiles, 'any', [('user_id', '!=', False)])
        return Audience(
            own=reach.mine(f'{customer}user_id') | Domain(profiles, 'any', [('user_id', '=', reach.uid)]) | ~looked_after,
            team=reach.of_team(f'{customer}user_id') | Domain(profiles, 'any', reach.of_team('user_id')),
            changed_by=('manager', 'credit'), read_by=('legal', 'service', 'inspector'),
        )

    @api.model
    def _audience_hold(self, reach, at):
        """Reach what is held of an instalment by the dispute or the promise it is held for."""
        dispute, promise = self._audience_dispute(reach, f'{at}dispute_id.'), self._audience_owed(reach, f'{at}promise_id.')
        of_dispute, of_promise = Domain(f'{at}dispute_id', '!=', False), Domain(f'{at}promise_id', '!=', False)
        return Audience(
            own=of_dispute & dispute.own | of_promise & promise.own, team=of_dispute & dispute.team | of_promise & promise.team,
            asked=of_dispute & dispute.asked | of_promise & promise.asked, changed_by=('manager', 'credit'),
            read_by=('legal', 'service', 'inspector'),
        )

    @api.model
    def _audience_reminder(self, reach, at):
        """Reach letters and calls of strategies by the customer, reminders of contracts by the contract."""
        contract, owed = self._audience_contract(reach, f'{at}contract_id.'), self._owed_by(reach, f'{at}customer_id.')
        of_strategy, own = Domain(f'{at}step_id', '!=', False), reach.mine(f'{at}user_id')
        return Audience(
            own=own | of_strategy & owed.own | ~of_strategy & contract.own, team=of_strategy & owed.team | ~of_strategy & contract.team,
        )

    @api.model
    def _audience_dispute(self, reach, at):
        """Reach disputes, which service answers as well; whoever is asked to approve reads."""
        whole = self._audience_owed(reach, at)
        return Audience(
            own=whole.own, team=whole.team, asked=whole.asked | Domain(f'{at}approval_ids.candidate_ids', 'in', [reach.uid]),
            changed_by=('manager', 'credit', 'service'), read_by=('legal', 'inspector'),
        )
