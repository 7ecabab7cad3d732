from odoo.addons.portal.controllers.portal import CustomerPortal


class FulfilmentLinks(CustomerPortal):

    def _document_check_access(self, model_name, document_id, access_token=None):
        """Take a token that no link of ours or of Odoo's can have for a wrong one, instead of failing over it."""
        known = access_token if not access_token or str(access_token).isascii() else None
        return super()._document_check_access(model_name, document_id, access_token=known)
