from odoo import models


class FulfilmentDecidedMixin(models.AbstractModel):
    """What a model says of its records where they are decided. It brings no field: models of Odoo's own take it as well."""
    _name = 'fulfilment.decided.mixin'
    _description = 'What is decided'

    def _approval_authors(self):
        """Return who made these records or changed their substance, and so does not approve them: ``{record: users}``."""
        return dict.fromkeys(self, self.env['res.users'])

    def _approval_amounts(self):
        """Return the amount of each record in its company's currency, for the steps' minimum amounts: ``{record: float}``."""
        return dict.fromkeys(self, 0.0)

    def _approval_customers(self):
        """Return whom these records are about: ``{record: commercial partner}``."""
        nobody = self.env['res.partner']
        return {record: record.partner_id.commercial_partner_id if 'partner_id' in record._fields else nobody for record in self}

    def _approval_facts(self):
        """Return what is known of the customer, for whoever decides: ``{record: [(name, text)]}``."""
        return {record: [] for record in self}

    def _approval_effects(self):
        """Return what the approval changes: ``{record: [(name, text before, text after)]}``."""
        return {record: [] for record in self}

    def _approval_documents(self):
        """Return what is approved as it will be read, as HTML: ``{record: text}``; empty where there is nothing to read."""
        return dict.fromkeys(self, '')
