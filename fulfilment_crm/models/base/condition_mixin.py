from ast import literal_eval

from odoo import api, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain


class FulfilmentConditionMixin(models.AbstractModel):
    """A rule with a condition that people edit in Odoo's domain editor, in the field ``domain``: what cannot be searched is refused.

    It is searched for all records, whoever typed it, so it names only fields its author may read.
    """
    _name = 'fulfilment.condition.mixin'
    _description = 'Rule with a condition'

    # The model the condition is about; None where the rule says so itself, in a field ``model``.
    _condition_model = None

    @api.model_create_multi
    def create(self, vals_list):
        rules = super().create(vals_list)
        rules._check_author()
        return rules

    def write(self, vals):
        result = super().write(vals)
        if vals.keys() & {'domain', 'model'}:
            self._check_author()
        return result

    @api.constrains(lambda self: ['domain', *(['model'] if self._condition_model is None else [])])
    def _check_domain(self):
        for rule in self:
            try:
                # safe: asks the database to see whether the condition is valid; nothing is shown
                with self.env.cr.savepoint():
                    self.env[rule._condition_model or rule.model].sudo().search_count(rule._parsed_domain(), limit=1)
            except Exception as error:  # any fault of a typed condition is told to who typed it
                raise ValidationError(self.env._(
                    "The condition of “%(rule)s” cannot be used: %(error)s", rule=rule.display_name, error=error,
                )) from error

    def _check_author(self):
        """:raise AccessError: when a condition names a field its author may not read"""
        if not self.env.su:
            for rule in self:
                self.env[rule._condition_model or rule.model]._search(rule._parsed_domain())

    def _parsed_domain(self):
        """Return the condition as a domain.

        :raise Exception: whatever is wrong with it
        """
        self.ensure_one()
        return Domain(literal_eval((self.domain or '[]').strip()))
