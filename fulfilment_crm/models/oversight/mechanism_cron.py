from functools import partial

from odoo import api, models

from ..base.run import Action
from ..base.to_do_mixin import ToDo


class FulfilmentMechanism(models.Model):
    """The daily round: key figures are kept, and owners reminded of a look that is due, once."""
    _inherit = 'fulfilment.mechanism'

    @api.model
    def _cron_mechanisms(self, as_of=None):
        """Keep the key figures of the day, and remind owners.

        :param as_of: the day to work for (date, or naive UTC datetime); with None each company's own today
        """
        self = self.sudo()  # safe: a scheduled action works for all companies
        run = self.env['fulfilment.run']._open('mechanisms', as_of)
        days = self.env['res.company'].search([])._fulfilment_today(as_of)
        on = self.env['fulfilment.switch']._switched_on('mechanisms', self.env['res.company'].concat(*days))
        # One whose figure cannot be counted is set aside, and the others go on.
        if on and not run._slices(self.search([]), partial(self._keep_slice, on, days), size=1):
            return
        run._close()

    @api.model
    def _keep_slice(self, companies, days, mechanisms):
        """Keep figures and remind owners; returns ``{effect: count}``."""
        values, kept, to_dos = self.env['fulfilment.mechanism.value'], [], []
        for one in mechanisms:
            own = companies.filtered(lambda company, one=one: not one.company_id or one.company_id in company.parent_ids)
            known = {row.company_id: row for row in values.search([
                ('mechanism_id', '=', one.id), ('company_id', 'in', own.ids), ('date', 'in', [days[company] for company in own]),
            ]) if row.date == days[row.company_id]}
            for company in own:
                number, _whole = one._measure(company)
                if company in known:
                    known[company].value = number
                else:
                    kept.append({'mechanism_id': one.id, 'company_id': company.id, 'date': days[company], 'value': number})
            due = [company for company in own if one.next_check_on and one.next_check_on <= days[company]]
            if due and one.told_for != one.next_check_on:
                owner = one.user_id if one.user_id.active else due[0].fulfilment_manager_id
                one.told_for = one.next_check_on
                if owner.active:
                    to_dos.append(ToDo(one, owner, owner._fulfilment_env()._("Look at the mechanism"), one.next_check_on))
        values.create(kept)
        self.env['mail.activity']._fulfilment_give('fulfilment_crm.activity_type_mechanism', to_dos)
        return {'key figures kept': len(kept), 'mechanisms due': len(to_dos)}


class FulfilmentRun(models.Model):
    _inherit = 'fulfilment.run'

    @api.model
    def _actions(self):
        return [
            *super()._actions(), Action(94, 'mechanisms', self.env._("Register of mechanisms"), 'fulfilment.mechanism', '_cron_mechanisms'),
        ]

    @api.model
    def _effect_labels(self):
        return {
            **super()._effect_labels(), 'key figures kept': self.env._("Key figures kept"),
            'mechanisms due': self.env._("Mechanisms to be looked at"),
        }
