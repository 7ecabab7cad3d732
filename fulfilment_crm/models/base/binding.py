from odoo import models


class Base(models.AbstractModel):
    _inherit = 'base'

    def _fulfilment_binding(self):
        """This model for looking up what binds whoever asks: as superuser, whatever the context of the call says.

        Callers from outside bring contexts; archived rules, other defaults or another day must not come in with them. What is kept in
        memory (``ormcache``) is filled through this only.
        """
        # safe: looks up rules, stages and stand-ins that count for everybody
        return self.with_env(self.env(su=True, context={'lang': self.env.lang} if self.env.lang else {}))
