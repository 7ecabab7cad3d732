from odoo import api, models
from odoo.exceptions import AccessError

from .deletion import before_deletion

# What a file says, what it is called and where it belongs.
FILE = frozenset({
    'datas', 'raw', 'db_datas', 'store_fname', 'name', 'mimetype', 'url', 'type', 'res_model', 'res_id', 'res_field', 'public',
    'access_token',
})


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
        if FILE & vals.keys():
            self._fulfilment_check_evidence()
        result = super().write(vals)
        if {'res_model', 'res_id', 'res_field'} & vals.keys():
            self._fulfilment_check_guarded()
        return result

    def _delete_and_notify(self, message=None):
        # Odoo's page for it deletes as superuser once it has seen that the caller may change the file, or has its link.
        theirs = self.sudo(False)
        theirs._fulfilment_check_guarded()
        theirs._fulfilment_check_evidence()
        return super()._delete_and_notify(message)

    @before_deletion
    def _unlink_except_fulfilment_guarded(self):
        self._fulfilment_check_guarded()
        self._fulfilment_check_evidence()

    def _fulfilment_check_evidence(self):
        """Prevent changing or deleting files on which something sent, said or proved with them rests.

        :raise AccessError: for files of messages on record that somebody else wrote, of what is done, and of amendments agreed
        """
        if self.env.su or not self:
            return
        # safe: asks what the files belong to, to refuse; nothing is shown
        files = self.sudo()
        messages = self.env['mail.message'].sudo().search([  # safe: as above
            ('attachment_ids', 'in', files.ids), ('model', '=like', 'fulfilment.%'),
        ])
        # What customers sent stays: a ticket rests on it.
        own = self.env.user.partner_id if self.env.user._is_internal() else self.env['res.partner']
        if files._fulfilment_is_proof() or any(message.author_id != own or message.message_type != 'comment' for message in messages):
            raise AccessError(self.env._("This file is on record: it is neither changed nor deleted. Add another one instead."))

    def _fulfilment_is_proof(self):
        """Tell whether something done or agreed rests on one of these files. A room adds what rests on files of its records."""
        return False

    def _fulfilment_check_guarded(self):
        if self.env.su:
            return
        # safe: which field a file belongs to, to refuse; nothing is shown
        for attachment in self.sudo().filtered('res_field'):
            model = self.env.get(attachment.res_model)
            if getattr(model, '_is_guarded', None) and model._is_guarded(model._fields[attachment.res_field]):
                model._check_field_access(model._fields[attachment.res_field], 'write')
