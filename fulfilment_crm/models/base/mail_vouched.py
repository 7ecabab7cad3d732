from odoo import models
from odoo.exceptions import UserError


class MailRenderMixin(models.AbstractModel):
    """What the system fills in by itself, with every right, is what an administrator has written last, whatever it says."""
    _inherit = 'mail.render.mixin'

    def _fulfilment_check_vouched(self, model):
        """Check that these templates are about records of a model, as their reports are, and as an administrator left them.

        :param str model: of the records they are filled in for
        :raise UserError: naming the template, and what to do
        """
        # safe: asks who wrote the templates last
        for template in self.sudo():
            writer = template.write_uid
            if not writer._is_superuser() and not writer.has_group('base.group_system'):
                raise UserError(self.env._(
                    "“%(template)s” was changed by %(user)s, who is no administrator, so the system does not send it: have an "
                    "administrator look at it and save it.", template=template.display_name, user=writer.name,
                ))
            reports = template.report_template_ids if 'report_template_ids' in template._fields else template.env['ir.actions.report']
            if {template.model, *reports.mapped('model')} != {model}:
                raise UserError(self.env._(
                    "“%(template)s” is about other records, or one of its reports is: choose a template about “%(model)s”.",
                    template=template.display_name, model=self.env['ir.model']._get(model).name,
                ))
