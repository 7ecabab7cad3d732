from odoo import models

FACTS = ('exposure', 'receivable_overdue', 'on_time_payment_rate', 'payment_count')


class FulfilmentDecidedMixin(models.AbstractModel):
    """What the profile says of a customer, for whoever decides something about them."""
    _inherit = 'fulfilment.decided.mixin'

    def _approval_facts(self):
        facts, customers = super()._approval_facts(), self._approval_customers()
        profiles = self.env['fulfilment.profile'].search([('partner_id', 'in', [one.id for one in customers.values()])])
        found = {(profile.partner_id, profile.company_id): profile for profile in profiles}
        for record, customer in customers.items():
            if profile := found.get((customer, record.company_id.root_id)):
                facts[record] += [(name, text) for name, text in profile._told(FACTS)]
        return facts


class FulfilmentApproval(models.Model):
    _inherit = 'fulfilment.approval'

    def _known_to_reader(self):
        profiles = self.env['fulfilment.profile']
        if profiles.has_access('read'):
            profiles = profiles.search([('partner_id', 'in', self.partner_id.ids)])
        read = {(profile.partner_id, profile.company_id) for profile in profiles}
        return super()._known_to_reader() | self.filtered(lambda one: (one.partner_id, one.company_id.root_id) in read)


class FulfilmentProfile(models.Model):
    _inherit = 'fulfilment.profile'

    def _told(self, names):
        """Return figures as people read them, with their names: ``[(name, text)]``."""
        self.ensure_one()
        told = []
        for name in names:
            field, value = self._fields[name], self[name]
            if value is None or value is False:
                text = '–'
            elif field.type == 'monetary':
                text = self.currency_id.format(value)
            else:
                text = f'{value:.0f}' if field.type == 'integer' or value == round(value) else f'{value:.1f}'
            told.append((field._description_string(self.env), text))
        return told


class FulfilmentContract(models.Model):
    _inherit = 'fulfilment.contract'

    def _approval_effects(self):
        effects = super()._approval_effects()
        profiles = self.env['fulfilment.profile'].search([('partner_id', 'in', self.commercial_partner_id.ids)])
        found = {(profile.partner_id, profile.company_id): profile for profile in profiles}
        for contract in self.filtered(lambda one: not one.is_framework):
            profile = found.get((contract.commercial_partner_id, contract.company_id.root_id))
            before, currency = (profile.contract_amount or 0.0) if profile else 0.0, contract.company_id.currency_id
            effects[contract].append((
                self.env._("Contracts in force"), currency.format(before),
                currency.format(before + contract._worth_to_company(contract.amount_total)),
            ))
        return effects
