from collections import defaultdict

from odoo import models

from ..base.later import do_later


class FulfilmentContract(models.Model):
    """Facts move milestones: what was delivered and paid is read again, never told."""
    _inherit = 'fulfilment.contract'

    def _sync_later(self):
        """Bring these contracts in line with their facts before the transaction ends, once however often it is asked for."""
        do_later(self, '_sync_facts', 'milestones')

    def _sync_facts(self):
        """Bring the milestones in line with deliveries and payments, as far as Odoo knows of them.

        :return: ``{effect: count}``
        """
        # safe: facts are read to move milestones; what the user may see of them stays with the access rules
        contracts = self.sudo().filtered(lambda contract: contract.state in ('active', 'settlement', 'closed', 'terminated', 'approved'))
        effects = defaultdict(int)
        for part in (contracts._sync_deliveries(), contracts._sync_payments()):
            for effect, count in part.items():
                effects[effect] += count
        return dict(effects)
