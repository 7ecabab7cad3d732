from odoo import models

from odoo.addons.base.models.ir_model import MODULE_UNINSTALL_FLAG

# Keys of the context by which Odoo, or we while modules come and go, leave changes unnoted.
UNTRACKED = ('tracking_disable', 'mail_notrack', 'install_mode', MODULE_UNINSTALL_FLAG)


class FulfilmentRecordMixin(models.AbstractModel):
    """What users change is noted in the chatter, whatever the context of the call asks for."""
    _name = 'fulfilment.record.mixin'
    _description = 'Changes on record, whatever the call asks'

    def write(self, vals):
        return super(FulfilmentRecordMixin, self._on_record()).write(vals)

    def unlink(self):
        return super(FulfilmentRecordMixin, self._on_record()).unlink()

    def _on_record(self):
        """These records, so that what a user does to them is noted."""
        if self.env.su or not any(self.env.context.get(key) for key in UNTRACKED):
            return self
        return self.with_context(**dict.fromkeys(UNTRACKED, False))
