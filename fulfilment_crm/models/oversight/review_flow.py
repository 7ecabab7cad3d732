import base64

from odoo import fields, models
from odoo.exceptions import UserError

from ...report.oversight.review_sheet import review_sheet
from ...tools.sheet import render
from ..base.queued_mail_mixin import LAYOUT
from ..base.to_do_mixin import ToDo


class FulfilmentReview(models.Model):
    """How a review goes on: begun, reported to those responsible once, closed when its findings are."""
    _inherit = 'fulfilment.review'

    # === ACTIONS === #

    def action_begin(self):
        """Begin reviews."""
        self.check_access('write')
        self._move_to('in_review')
        return True

    def action_report(self):
        """Report reviews: the report goes to those responsible, each in their language, and the review stays as it is.

        :raise UserError: where nothing was concluded yet
        """
        self = self.union()
        self.check_access('write')
        self._check_move('reported')
        for review in self:
            if not (review.conclusion or '').strip():
                raise UserError(self.env._("%s: write down what was concluded before you report it.", review.display_name))
        # safe: guarded; the right to write was checked
        for review in self.sudo():
            receivers = review._receivers()
            review._move_to('reported', reported_on=fields.Datetime.now(), receiver_ids=[fields.Command.set(receivers.ids)])
            review._send_report()
        self.sudo().activity_unlink([self._to_do_type])  # safe: as above
        return True

    def action_close(self):
        """Close reviews whose findings are closed.

        :raise UserError: naming the findings that are not
        """
        self.check_access('write')
        self._check_move('closed')
        for review in self:
            # safe: findings of the own review, whoever sees to them
            left = review.sudo().finding_ids.filtered(lambda one: one.state not in ('verified', 'closed'))
            if left:
                raise UserError(self.env._(
                    "%(review)s: %(number)s findings are open, such as “%(finding)s”. Have them closed first.",
                    review=review.display_name, number=len(left), finding=left[0].name,
                ))
        self.sudo()._move_to('closed')  # safe: as above
        return True

    def action_excel(self):
        """Download the review as an Excel file."""
        self.ensure_one()
        self.check_access('read')
        return self.env['fulfilment.export'].create({
            'name': f'{self.display_name}.xlsx', 'file': base64.b64encode(render(review_sheet(self))),
        })._download()

    def action_meet(self):
        """Hold one meeting about these reviews: a calendar event with their reviewers, which each of them names."""
        self = self.union()
        self.check_access('write')
        ended = self.filtered(lambda one: one.state in ('reported', 'closed'))
        if ended:
            raise UserError(self.env._("%s is reported: there is nothing to meet about.", ended[0].display_name))
        day = fields.Date.add(fields.Date.context_today(self), days=1)
        event = self.env['calendar.event'].create({
            'name': self.env._("Reviews: %s contracts", len(self)), 'allday': True, 'start': day, 'stop': day,
            'partner_ids': [fields.Command.set((self.user_id | self.env.user).partner_id.ids)],
            'description': '', 'user_id': self.env.uid,
        })
        event.description = self.env['ir.qweb']._render('fulfilment_crm.review_agenda', {'reviews': self})
        # safe: guarded; the right to write was checked
        self.sudo().meeting_id = event
        return {'type': 'ir.actions.act_window', 'res_model': 'calendar.event', 'res_id': event.id, 'view_mode': 'form'}

    def action_add_finding(self):
        """Open the form of a new finding of the review."""
        self.ensure_one()
        return {
            'type': 'ir.actions.act_window', 'name': self.env._("New finding"), 'res_model': 'fulfilment.finding', 'view_mode': 'form',
            'context': {'default_review_id': self.id},
        }

    # === BUSINESS METHODS === #

    def _receivers(self):
        """Return who gets the report: responsible for the contract, the leader of the team, the reviewer, whoever has a corrective
        action, and whom the plan names.
        """
        self.ensure_one()
        responsible = self.contract_id.user_id
        leaders = responsible._fulfilment_managers(self.company_id).get(responsible, self.env['res.users']) if responsible else \
            self.company_id.fulfilment_manager_id
        people = responsible | leaders | self.user_id | self.finding_ids.user_id | self.plan_id.receiver_ids
        return people.filtered(lambda one: one.active and not one.share and self.company_id in one.company_ids)

    def _send_report(self):
        """Send the report with PDF and Excel to its receivers, each in their language."""
        report = self.env['ir.actions.report']
        with_pdf = report.get_wkhtmltopdf_state() != 'install'
        template = self.env.ref('fulfilment_crm.mail_template_review')
        template._fulfilment_check_vouched(self._name)
        for review in self:
            for lang, users in review.receiver_ids.filtered('email').grouped('lang').items():
                own = review.with_context(lang=lang)
                files = [(f'{own.display_name}.xlsx', render(review_sheet(own)))]
                if with_pdf:
                    pdf, _kind = report.with_context(lang=lang)._render_qweb_pdf('fulfilment_crm.action_report_review', own.ids)
                    files.append((f'{own.display_name}.pdf', pdf))
                attachments = self.env['ir.attachment'].create([{
                    'name': name.replace('/', '-'), 'raw': content, 'res_model': self._name, 'res_id': review.id,
                } for name, content in files])
                template.with_context(lang=lang).send_mail(review.id, email_layout_xmlid=LAYOUT, email_values={
                    **review.company_id._fulfilment_letterhead(),
                    'recipient_ids': [fields.Command.set(users.partner_id.ids)],
                    'attachment_ids': [fields.Command.set(attachments.ids)],
                })
            if not with_pdf:
                review._message_log(body=self.env._("Sent without PDF: the server has no wkhtmltopdf."))

    def _tell_late(self):
        """Tell whoever leads the reviewer of reviews that are overdue, once; returns ``{effect: count}``."""
        to_dos = []
        for review in self:
            managers = review.user_id._fulfilment_managers(review.company_id)
            above = managers.get(review.user_id) or review.company_id.fulfilment_manager_id
            if above.active:
                env = above._fulfilment_env()
                to_dos.append(ToDo(review, above, env._("Review overdue: %s", review.user_id.name or env._("nobody"))))
            review.late_told = True
        self.env['mail.activity']._fulfilment_give(self._to_do_type, to_dos)
        return {'reviews overdue': len(to_dos)}
