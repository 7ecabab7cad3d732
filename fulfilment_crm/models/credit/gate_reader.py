from odoo import api, models

DECIDING = ('credit', 'legal', 'inspector', 'manager')  # roles that read what is known of any customer


class FulfilmentCreditRule(models.Model):
    """Reasons as their reader may know them: figures of a customer, or of a contract, are told to who may read these."""
    _inherit = 'fulfilment.credit.rule'

    @api.model
    def _told_to_reader(self, hits, company, kept=None):
        """Say why, without repeating: figures where the reader may know them, else the name of the rule.

        :param list hits: ``Hit``
        :param company: the root company that decides
        :param set kept: from ``_kept_from_reader``, where it was asked for many; asked here when missing
        :return: list of sentences
        """
        kept = self._kept_from_reader({hit.whose for hit in hits}, company) if kept is None else kept
        return list(dict.fromkeys(hit.name if hit.whose in kept else hit.text for hit in hits))

    @api.model
    def _kept_from_reader(self, whose, company):
        """Find out whose figures the reader may not know.

        :param set whose: pairs of model and id, of customers and contracts
        :param company: the root company that decides
        :return: those of them that are kept from the reader
        """
        user = self.env.user
        if user._is_superuser():
            return set()
        decides = any(user.has_group(f'fulfilment_crm.group_{name}') for name in DECIDING)
        customers = [] if decides else [record_id for model, record_id in whose if model == 'res.partner']
        contracts = self.env['fulfilment.contract'].sudo(False).browse(sorted(
            record_id for model, record_id in whose if model == 'fulfilment.contract'
        ))
        profiles = self.env['fulfilment.profile'].sudo(False)
        # safe: asks whose figures there are to keep from the reader
        hidden = profiles.sudo()
        if customers:
            hidden = hidden.search([('partner_id', 'in', customers), ('company_id', '=', company.id)])
        if hidden and profiles.has_access('read'):
            hidden -= profiles.search([('id', 'in', hidden.ids)]).sudo()
        return {
            *(('res.partner', partner.id) for partner in hidden.partner_id),
            *(('fulfilment.contract', contract_id) for contract_id in set(contracts.ids) - set(contracts._filtered_access('read').ids)),
        }
