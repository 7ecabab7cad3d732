from functools import partial

from odoo import api, models
from odoo.exceptions import AccessError


class FulfilmentSharedMixin(models.AbstractModel):
    """A rule of one company or of all: read where the rules of access say so, changed by those whose company it is.

    What is for all companies is changed by who works in all of them, and by system administrators: it binds everybody.
    """
    _name = 'fulfilment.shared.mixin'
    _description = 'Rule of a company or of all'

    # The field that names the rule this is a part of, where it has no company of its own.
    _audit_field = None

    @api.model
    def default_get(self, fields):
        """Give a new rule to all companies where its maker works in all of them, and else to the one that is worked in."""
        values = super().default_get(fields)
        if (
            'company_id' in fields and not values.get('company_id') and not self._audit_field and not self.env.su
            and 'default_company_id' not in self.env.context and not self.env.user._fulfilment_works_everywhere()
        ):
            values['company_id'] = self.env.company.id
        return values

    def write(self, vals):
        result = super().write(vals)
        if 'company_id' in vals or self._audit_field in vals:
            self.check_access('write')  # Odoo checks before it writes: nobody moves a rule where it is not theirs to change
        return result

    def _check_access(self, operation):
        refused = super()._check_access(operation)
        if refused or operation == 'read' or self.env.su:
            return refused
        everywhere = self.env.user._fulfilment_works_everywhere()
        # safe: asks whose the rules are
        strange = self.sudo().filtered(lambda one: one.id and not (
            company <= self.env.companies if (company := one._shared_company()) else everywhere
        ))
        return (self.browse(strange.ids), partial(self._make_shared_error, strange)) if strange else None

    def _shared_company(self):
        """Return the company this rule is for, empty for all."""
        self.ensure_one()
        if 'company_id' in self._fields and not self._audit_field:
            return self.company_id
        return self[self._audit_field]._shared_company() if self._audit_field else self.env['res.company']

    def _make_shared_error(self, strange):
        first = strange[:1]
        if company := first._shared_company():
            return AccessError(self.env._(
                "“%(name)s” belongs to %(company)s: it is changed by those who work there.",
                name=first.display_name, company=company.name,
            ))
        return AccessError(self.env._(
            "“%(name)s” holds for all companies: it is changed by who works in all of them. Make one for your company instead.",
            name=first.display_name,
        ))
