from odoo import api, fields, models

from ..base.run import Action
from ..base.to_do_mixin import ToDo


class FulfilmentContract(models.Model):
    _inherit = 'fulfilment.contract'

    broken_event = fields.Integer(
        string="Event that is not as it was sealed", readonly=True, copy=False, guarded=True, aggregator=None, for_colleagues=True,
    )


class FulfilmentEvent(models.Model):
    """The nightly check of the chains of events."""
    _inherit = 'fulfilment.event'

    @api.model
    def _cron_verify(self, as_of=None):
        """Check whether everything that was sealed is as it was, and tell the fulfilment managers where it is not.

        :param as_of: kept in the log; what is checked does not depend on the day
        """
        events = self.sudo()  # safe: a scheduled action works for all companies
        run = events.env['fulfilment.run']._open('verify', as_of)
        sealed = events.env['fulfilment.event.seal'].search([]).contract_id
        if run._slices(sealed, lambda some: some.env['fulfilment.event']._check_chains(some)):
            run._close()

    @api.model
    def _check_chains(self, contracts):
        """Mark contracts whose chain does not hold, and tell of each once; returns ``{effect: count}``."""
        to_dos = []
        for contract, number in self._verify(contracts).items():
            if (number or 0) == contract.broken_event:
                continue
            contract.broken_event = number or 0
            manager = contract.company_id.fulfilment_manager_id
            if number and manager.active:
                to_dos.append(ToDo(contract, manager, manager._fulfilment_env()._(
                    "Event %(number)s of %(contract)s is not as it was sealed: somebody has changed the database", number=number,
                    contract=contract.name,
                )))
        self.env['mail.activity']._fulfilment_give('fulfilment_crm.activity_type_breach', to_dos)
        return {'broken chains': len(to_dos)}


class FulfilmentRun(models.Model):
    _inherit = 'fulfilment.run'

    @api.model
    def _actions(self):
        return [*super()._actions(), Action(195, 'verify', self.env._("Check of seals"), 'fulfilment.event', '_cron_verify')]

    @api.model
    def _effect_labels(self):
        return {**super()._effect_labels(), 'broken chains': self.env._("Chains of events that do not hold")}
