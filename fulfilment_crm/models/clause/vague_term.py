import re

from odoo import fields, models


class FulfilmentVagueTerm(models.Model):
    """Wording that promises nothing, such as 尽快 or "as soon as possible": pointed out before a contract is approved."""
    _name = 'fulfilment.vague.term'
    _description = 'Vague wording'
    _inherit = ['fulfilment.audit.part.mixin']
    _order = 'name'

    name = fields.Char(string="Wording", required=True, tracking=True)
    hint = fields.Char(translate=True, help="What to write instead.", tracking=True)
    not_in = fields.Char(
        string="But not in", tracking=True, help="Words that contain it and mean something else, with commas between them.",
    )
    active = fields.Boolean(default=True, tracking=True)

    def _found_in(self, text):
        """Tell whether a text, in small letters, says this."""
        self.ensure_one()
        for word in re.split('[,，、]', (self.not_in or '').lower()):
            text = text.replace(word.strip(), ' ') if word.strip() else text
        return self.name.lower() in text

    _name_unique = models.UniqueIndex('(name)', "This wording is in the list already.")
