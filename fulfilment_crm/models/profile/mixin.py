from odoo import api, fields, models
from odoo.tools import SQL


class FulfilmentProfileMixin(models.AbstractModel):
    """Every figure about a customer, defined once: a field here or in a neighbouring file, and a column of that file's SELECT.

    A file of facts extends this model with its fields, each marked ``facts='<file>'``, and with one SELECT in ``_facts``.
    """
    _name = 'fulfilment.profile.mixin'
    _description = 'Figures about a customer'
    _inherit = ['fulfilment.machine.mixin']
    _rec_name = 'partner_id'

    partner_id = fields.Many2one('res.partner', string="Customer", required=True, readonly=True, index=True, ondelete='cascade')
    company_id = fields.Many2one('res.company', required=True, readonly=True, ondelete='cascade')
    currency_id = fields.Many2one(related='company_id.currency_id')
    user_id = fields.Many2one(
        'res.users', string="Responsible", readonly=True, index=True, ondelete='set null',
        help="The salesperson of the customer; without one, that of the order made last.",
    )
    refreshed_on = fields.Datetime(string="Figures changed on", readonly=True)

    @api.model
    def _facts(self):
        """Return the SELECTs that turn facts into figures.

        Each gives one row a customer, ``partner_id`` being the commercial partner, and a column for every figure marked with its
        name. A customer gets a profile when at least one of them has a row.

        :return: ``{name: method}``, each of which returns the SELECT for a ``Scope``: whose figures, of which company, as of which day
        """
        return {}

    @api.model
    def _derived(self, scope):
        """Figures that need the columns of several SELECTs, which are joined under their names: ``{figure: SQL}``."""
        return {}

    @api.model
    def _changed_sources(self, scope, since):
        """Return SELECTs of the partners of documents written after a moment. A file of facts adds those of its own documents.

        :param Scope scope: of which company
        :param datetime since: naive UTC
        :return: list of SQL
        """
        return []

    @api.model
    def _figures(self):
        """Return the fields that are figures: ``{name: field}``."""
        return {name: field for name, field in self._fields.items() if getattr(field, 'facts', None)}

    @api.model
    def _figures_of(self, facts):
        """Return the names of the figures that one SELECT writes."""
        return [name for name, field in self._figures().items() if field.facts == facts]

    @api.model
    def _quotient(self, part, whole, factor=100):
        """``factor`` × part ÷ whole with two decimals in SQL, NULL where there is nothing to divide by."""
        return SQL("round(%s::numeric * %s / NULLIF(%s, 0), 2)", factor, part, whole)
