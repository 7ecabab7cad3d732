from odoo import fields, models


class FulfilmentExport(models.TransientModel):
    """A file made for one user, kept until Odoo's clean-up of transient records."""
    _name = 'fulfilment.export'
    _description = 'Export'

    name = fields.Char(string="File name", required=True, readonly=True)
    file = fields.Binary(readonly=True, attachment=False)

    def _download(self):
        """Return the action that downloads the file."""
        self.ensure_one()
        return {
            'type': 'ir.actions.act_url', 'target': 'download',
            'url': f'/web/content/{self._name}/{self.id}/file/{self.name}?download=true',
        }
