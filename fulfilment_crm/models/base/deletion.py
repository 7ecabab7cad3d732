from functools import wraps

from odoo import api

from odoo.addons.base.models.ir_model import MODULE_UNINSTALL_FLAG


def before_deletion(check):
    """Decorate a method that keeps records from being deleted: it is called whatever the context of the call says.

    Odoo leaves the methods of ``api.ondelete`` out under a key of the context that is meant for removing modules, which it does as
    superuser; but any call from outside may bring a context.
    """
    @api.ondelete(at_uninstall=True)
    @wraps(check)
    def checked(self):
        if not (self.env.su and self.env.context.get(MODULE_UNINSTALL_FLAG)):
            check(self)
    return checked
