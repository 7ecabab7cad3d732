from odoo import models
from odoo.exceptions import AccessError


class MailRenderMixin(models.AbstractModel):
    """Templates about records of ours are filled in by scheduled actions, which may do anything: expressions in them may do so, too."""
    _inherit = 'mail.render.mixin'

    def _check_access_right_dynamic_template(self):
        """Check that only administrators write expressions into them that Odoo keeps from ordinary users."""
        super()._check_access_right_dynamic_template()
        if self.env.su or self.env.user.has_group('base.group_system') or not {'model', 'render_model'} & self._fields.keys():
            return
        ours = self.filtered(lambda one: str(one['model' if 'model' in one._fields else 'render_model'] or '').startswith('fulfilment.'))
        if ours and ours._has_unsafe_expression():
            raise AccessError(self.env._(
                "“%s” is sent by the system itself, and there are expressions in it: it is changed by an administrator.",
                ours[:1].display_name,
            ))
