from odoo import api, models


class IrAttachment(models.Model):
    """A file that is the value of a field is guarded as the field is: else editing the file would go around it."""
    _inherit = 'ir.attachment'

    @api.model_create_multi
    def create(self, vals_list):
        attachments = super().create(vals_list)
        attachments._fulfilment_check_guarded()
        return attachments

    def write(self, vals):
        self._fulfilment_check_guarded()
        result = super().write(vals)
        if {'res_model', 'res_id', 'res_field'} & vals.keys():
            self._fulfilment_check_guarded()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_fulfilment_guarded(self):
        self._fulfilment_check_guarded()

    def _fulfilment_check_guarded(self):
        if self.env.su:
            return
        # safe: which field a file belongs to, to refuse; nothing is shown
        for attachment in self.sudo().filtered('res_field'):
            model = self.env.get(attachment.res_model)
            if attachment.res_field in getattr(model, '_guarded_fields', ()):
                model._check_field_access(model._fields[attachment.res_field], 'write')
