from odoo import fields, models
from odoo.exceptions import AccessError, UserError

from ...tools.shown_date import shown_date
from ..base.to_do_mixin import ToDo

# Who verifies that something was set right: nobody verifies the own work.
VERIFIERS = ('inspector', 'manager')
ENDS = ('verified', 'closed')


class FulfilmentFinding(models.Model):
    """How a finding goes on until it is verified, or its check does not show it any more."""
    _inherit = 'fulfilment.finding'

    # === ACTIONS === #

    def action_begin(self):
        """Begin to set it right."""
        self.check_access('write')
        self._move_to('in_work')
        return True

    def action_done(self, action=None):
        """Say that it was set right.

        :param str action: what was done; asked for in a dialog when nothing is written down
        """
        self.check_access('write')
        self._check_move('done')
        said = (action or '').strip()
        if not said and any(not (one.action or '').strip() for one in self):
            return self._ask_reason('action_done', self.env._("What was done?"))
        today = self.company_id._fulfilment_today()
        # safe: guarded; the right to write was checked
        for finding in self.sudo():
            finding._move_to('done', done_on=today[finding.company_id], **(
                {'action': '\n'.join(filter(None, (finding.action, said)))} if said else {}
            ))
        self.sudo().activity_unlink([self._to_do_type])  # safe: as above
        self._ask_to_verify()
        return True

    def action_verify(self):
        """Verify that it was set right: for inspectors and managers, never of the own work.

        :raise UserError: while its check shows it
        """
        self.check_access('write')
        user = self.env.user
        if not self.env.su and not any(user.has_group(f'fulfilment_crm.group_{role}') for role in VERIFIERS):
            raise AccessError(self.env._("Findings are verified by inspectors and managers."))
        own = self.filtered(lambda one: one.user_id == user)
        if own and not self.env.su:
            raise UserError(self.env._("“%s” is yours to set right: somebody else verifies it.", own[0].name))
        self._end('verified')
        return True

    def action_reopen(self, reason=None):
        """Say that it was not set right after all.

        :param str reason: why; asked for in a dialog when missing
        """
        self.check_access('write')
        self._check_move('open')
        if not (reason or '').strip():
            return self._ask_reason('action_reopen', self.env._("Not set right"))
        # safe: guarded; the right to write was checked
        findings = self.sudo()
        findings._stand_again()
        findings._move_to('open', done_on=False, closed_on=False, closed_by_id=False, due_told=False, late_told=False)
        findings._message_log_batch({one.id: reason.strip() for one in findings})
        findings.filtered('user_id')._give_to_do(lambda env: env._("Not set right: %s", reason.strip()))
        return True

    def action_open_record(self):
        """Open what the finding is about."""
        self.ensure_one()
        self.check_access('read')
        record = self._about()
        if not record:
            raise UserError(self.env._("“%s”: what it was about is not there any more.", self.name))
        record.check_access('read')
        return {'type': 'ir.actions.act_window', 'res_model': record._name, 'res_id': record.id, 'view_mode': 'form'}

    # === BUSINESS METHODS === #

    def _about(self):
        """Return the record the finding is about, empty where there is none any more."""
        self.ensure_one()
        model = self.res_model if self.res_model in self.env else 'res.partner'
        return self.env[model].browse(self.res_id if self.res_model in self.env and self.res_id else []).exists()

    def _stand_again(self):
        """Let findings of checks stand for their record again, where no newer one does."""
        for finding in self.filtered(lambda one: one.check_id and not one.check_key):
            key = finding.check_id._key(finding.res_id)
            newer = self.search([('check_key', '=', key)], limit=1)
            if newer:
                raise UserError(self.env._(
                    "“%(finding)s” was found again on %(day)s: go on with that one.", finding=finding.name,
                    day=shown_date(self.env, newer.found_on),
                ))
            finding.check_key = key

    def _check_move(self, state):
        result = super()._check_move(state)
        if state in ENDS:
            for finding in self:
                if finding._is_still_shown():
                    raise UserError(self.env._(
                        "“%(finding)s” cannot be closed: %(check)s still shows %(record)s. Set it right first.",
                        finding=finding.name, check=finding.check_id.name, record=finding.record_name,
                    ))
        return result

    def _is_still_shown(self):
        """Tell whether the finding's check shows its record now."""
        self.ensure_one()
        # safe: asks the check, whoever asks
        finding = self.sudo()
        return bool(finding.check_id and finding._about() and finding.check_id._shown(finding._about()))

    def _end(self, state):
        today = self.company_id._fulfilment_today()
        # safe: guarded; the callers have checked the right to
        for finding in self.sudo().union():
            finding._move_to(state, closed_on=today[finding.company_id], check_key=False, **(
                {'closed_by_id': self.env.uid} if state == 'verified' else {}
            ))
        self.sudo().activity_unlink([self._to_do_type])  # safe: as above

    def _ask_to_verify(self):
        """Give whoever verifies a to-do: the reviewer, else the fulfilment manager."""
        to_dos = []
        for finding in self.sudo():  # safe: who is asked follows from the finding
            people = (finding.review_id.user_id, finding.check_id.user_id, finding.company_id.fulfilment_manager_id)
            one = next((user for user in people if user.active and user != finding.user_id), None)
            if one:
                to_dos.append(ToDo(finding, one, one._fulfilment_env()._("Verify that it was set right")))
        self.env['mail.activity']._fulfilment_give(self._to_do_type, to_dos)

    def _remind(self, days):
        """Remind those responsible of findings that are due, and tell above of those overdue, each once.

        :param dict days: ``{company: date}``
        :return: ``{effect: count}``
        """
        due, late = [], []
        for finding in self:
            day, user = days[finding.company_id], finding.user_id
            above = user._fulfilment_managers(finding.company_id).get(user) or finding.company_id.fulfilment_manager_id
            after = fields.Date.add(finding.date_due, days=finding.company_id.fulfilment_finding_escalation_days)
            if not finding.due_told and finding.date_due <= day:
                finding.due_told = True
                if user.active:
                    due.append(ToDo(finding, user, user._fulfilment_env()._("Due: set right what was found"), finding.date_due))
            if not finding.late_told and after < day:
                finding.late_told = True
                if above.active:
                    env = above._fulfilment_env()
                    late.append(ToDo(finding, above, env._("Not set right: %s", user.name or env._("nobody")), finding.date_due))
        self.env['mail.activity']._fulfilment_give(self._to_do_type, due + late)
        return {'findings due': len(due), 'findings overdue': len(late)}
