from odoo import fields, models
from odoo.exceptions import UserError

REVIEW, MITIGATION = 'fulfilment_crm.activity_type_risk_review', 'fulfilment_crm.activity_type_risk_mitigation'
TO_DOS = {'review_told': REVIEW, 'mitigation_told': MITIGATION}


class FulfilmentRisk(models.Model):
    """What becomes of a risk: every legal move."""
    _inherit = 'fulfilment.risk'

    def action_mitigate(self):
        """Mark the mitigation as done: what is left of the risk has been judged.

        :raise UserError: when it has not, or the state does not allow it
        """
        self._check_move('mitigated')
        for risk in self:
            if risk.residual_score is None:
                raise UserError(self.env._(
                    "Say first how likely and how grave “%s” is after the mitigation; then it counts as mitigated.", risk.name,
                ))
        self._move_to('mitigated')
        return True

    def action_accept_risk(self, reason=None):
        """Live with the risk as it is.

        :param str reason: why; asked for in a dialog when missing
        """
        return self._move_with_reason('accepted', reason, 'action_accept_risk', self.env._("Accept the risk"))

    def action_occur(self):
        """Record that the risk has happened."""
        self._check_move('occurred')
        today = self.company_id._fulfilment_today()
        for day, risks in self.grouped(lambda risk: today[risk.company_id]).items():
            risks._move_to('occurred', occurred_on=day)
        return True

    def action_close_risk(self, reason=None):
        """Nothing is to be feared any more.

        :param str reason: why; asked for in a dialog when missing
        """
        return self._move_with_reason('closed', reason, 'action_close_risk', self.env._("Close the risk"))

    def action_reopen(self, reason=None):
        """Open the risk again: it has to be seen to.

        :param str reason: why; asked for in a dialog when missing
        """
        return self._move_with_reason('open', reason, 'action_reopen', self.env._("Open the risk again"))

    def action_review(self):
        """Note that the risks were looked at today; the next review falls after the days set for the company.

        :raise UserError: when one of them is closed
        """
        self.check_access('write')
        for risk in self:
            if risk.state == 'closed':
                raise UserError(self.env._("“%s” is closed and is not reviewed any more. Open it again first.", risk.name))
        today = self.company_id._fulfilment_today()
        for company, risks in self.grouped('company_id').items():
            # safe: the right to write was checked; the day of the review is guarded
            risks.sudo().write({
                'reviewed_on': today[company],
                'next_review': fields.Date.add(today[company], days=company.fulfilment_risk_review_days), 'review_told': False,
            })
            # safe: as above; the to-do is done
            risks.sudo()._forget_to_dos('review_told')
        self._message_log_batch(dict.fromkeys(self.ids, self.env._("Reviewed")))
        return True

    # === BUSINESS METHODS === #

    def _check_move(self, state):
        self.check_access('write')
        return super()._check_move(state)

    def _move_with_reason(self, state, reason, method, title):
        self._check_move(state)
        if not (reason or '').strip():
            return self._ask_reason(method, title)
        today = self.company_id._fulfilment_today()
        for day, risks in self.grouped(lambda risk: today[risk.company_id]).items():
            risks._move_to(state, state_reason=reason.strip(), closed_on=day if state == 'closed' else False)
        return True

    def _move_to(self, state, **values):
        moved = super()._move_to(state, **values)
        # safe: as in the mixin
        risks = self.sudo()
        if values.get('state_reason'):
            risks._message_log_batch(dict.fromkeys(risks.ids, values['state_reason']))
        if state != 'open':
            risks._forget_to_dos('mitigation_told')
        if state == 'closed':
            risks._forget_to_dos('review_told')
        return moved

    def _tell_again(self):
        """Where the to-do of somebody who has left went with them, open or done, the owner has yet to be told."""
        kinds = {told: self.env.ref(kind) for told, kind in TO_DOS.items()}
        given = {(res_id, kind, day) for res_id, kind, day in self.env['mail.activity'].with_context(active_test=False)._read_group([
            ('res_model', '=', self._name), ('res_id', 'in', self.ids), ('activity_type_id', 'in', [kind.id for kind in kinds.values()]),
        ], ['res_id', 'activity_type_id', 'date_deadline:day'])}
        for told, date in (('review_told', 'next_review'), ('mitigation_told', 'date_mitigation')):
            lost = self.filtered(lambda risk, told=told, date=date: risk[told] and (risk.id, kinds[told], risk[date]) not in given)
            lost[told] = False

    def _forget_to_dos(self, told):
        """Take the to-dos of one kind away; the next date is told of anew.

        :param str told: the field that says the owner was told
        """
        self.activity_unlink([TO_DOS[told]], only_automated=True)
        self.filtered(told)[told] = False
