from collections import defaultdict

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command

from .locking import lock
from .to_do_mixin import ToDo

FEW = 3  # people with a role from which on a company is not a small firm any more


class FulfilmentApproval(models.Model):
    """Who may take a step of approval: as people come and go, and where nobody may."""
    _inherit = 'fulfilment.approval'

    can_take_later = fields.Boolean(string="May be taken afterwards", compute='_compute_can_take_later')

    @api.depends('state')
    @api.depends_context('uid')
    def _compute_can_take_later(self):
        left_out = self.filtered(lambda one: one.state == 'left_out')
        (self - left_out).can_take_later = False
        # safe: tells users whether they may take a step themselves
        bound = left_out.sudo()
        barred = bound._barred()
        entitled = bound._entitled(barred)
        for step in left_out:
            step.can_take_later = self.env.user in entitled[step] - barred[step]

    def action_take_later(self):
        """Approve steps afterwards that were left out since nobody could take them: somebody who has joined since confirms them.

        :raise UserError: when a step was not left out
        :raise AccessError: when the user may not take it
        """
        self.check_access('read')
        # safe: of two who ask at the same instant, the second one starts again
        lock(self.sudo().search([('res_model', 'in', self.mapped('res_model')), ('res_id', 'in', self.mapped('res_id'))]))
        for step in self:
            step.invalidate_recordset(['can_take_later'])  # whoever has just taken one takes no other of its round
            if step.state != 'left_out':
                raise UserError(self.env._("Step “%(step)s” was not left out.", step=step.name))
            if not step.can_take_later:
                raise AccessError(self.env._("You may not take step “%(step)s” of %(record)s.", step=step.name, record=step.record_name))
            # safe: checked above that the user is among those who may take it
            step.sudo()._decide('approved', False)
        return True

    def _barred(self):
        """Return who may not take these steps.

        These are people who have submitted the record since it was approved last, in whatever round, who made it or changed its substance,
        or who have taken another step of the round.

        :return: ``{approval: users}``
        """
        steps = defaultdict(self.browse)
        for step in self.search([('res_model', 'in', self.mapped('res_model')), ('res_id', 'in', self.mapped('res_id'))], order='id'):
            steps[step.res_model, step.res_id] |= step
        authors = {}
        for model, approvals in self.grouped('res_model').items():
            records = self.env[model].browse(approvals.mapped('res_id'))
            authors.update({(model, record.id): users for record, users in records._approval_authors().items()})
        barred = {}
        for approval in self:
            known = steps[approval.res_model, approval.res_id]
            rounds = known.grouped('round')
            closed = max((
                number for number, some in rounds.items()
                if number < approval.round and all(one.state in ('approved', 'left_out') for one in some)
            ), default=0)
            barred[approval] = known.filtered(lambda one, closed=closed: one.round > closed).submitted_by_id \
                | known.filtered(lambda one, approval=approval: one.round == approval.round and one.state == 'approved').decided_by_id \
                | authors.get((approval.res_model, approval.res_id), self.env['res.users'])
        return barred

    def _candidates(self, entitled, barred):
        """Return who may decide this step: those entitled to it, without those barred; nobody where the step may be left out then.

        :param entitled: the person or group of the step and whoever stands in, from ``_entitled``
        :param barred: users who may not, from ``_barred``
        :raise UserError: when nobody is left, and no step may be left out in the company
        """
        self.ensure_one()
        candidates = entitled - barred or _fitting(self.company_id.fulfilment_manager_id, self.company_id) - barred
        if not candidates and not self.company_id._fulfilment_leaves_steps_out():
            raise UserError(self.env._(
                "Nobody is left to take step “%(step)s” of %(record)s: who made, changed or submitted it, or approved an earlier step, "
                "may not. "
                "Put another person into %(group)s, add a delegation, set a fulfilment manager for %(company)s, or allow in its "
                "settings that steps nobody may take are left out.",
                step=self.name, record=self._records()[self].display_name,
                group=self.group_id.full_name or self.approver_id.name or '', company=self.company_id.name or '',
            ))
        return candidates

    def _entitled(self, barred):
        """Return who may take these steps on the day it is in their companies: the person or the group each names, and their stand-ins.

        Nobody stands in for whom the step is barred to, or by their arrangement: they would choose who approves.

        :param barred: who may not take them, from ``_barred``
        :return: ``{approval: users}``
        """
        entitled, today = {}, self._today()
        delegations = self.env['fulfilment.delegation']
        for (approver, group, company, out), approvals in self.grouped(
            lambda one: (one.approver_id, one.group_id, one.company_id, barred[one]),
        ).items():
            asked = _fitting(approver or group.all_user_ids, company)
            stand_ins = asked.browse().concat(*delegations._delegates(asked - out, today[company], out))
            entitled.update(dict.fromkeys(approvals, asked | _fitting(stand_ins, company)._with_acting_role()))
        narrowed = self.filtered('of_responsible')
        for approval, record in narrowed._records().items():
            owner = record.user_id & entitled[approval]
            if owner:
                out, day = barred[approval], today[approval.company_id]
                stand_ins = owner.browse().concat(*delegations._delegates(owner - out, day, out))
                entitled[approval] = owner | _fitting(stand_ins, approval.company_id)._with_acting_role()
        return entitled

    def _today(self):
        """Return the date in each company: ``{company: date}``; approvals of what belongs to no company count by the user's day."""
        return defaultdict(lambda: fields.Date.context_today(self), self.company_id._fulfilment_today())

    def _ask_delegates(self, delegations):
        """Add stand-ins to the steps that wait for the person they stand in for.

        :param delegations: delegations that have just been made
        """
        waiting = self.search([('state', '=', 'pending'), ('candidate_ids', 'in', delegations.user_id.ids)])
        barred = waiting._barred()
        entitled = waiting._entitled(barred)
        for approval in waiting:
            added = approval._candidates(entitled[approval], barred[approval]) - approval.candidate_ids
            if added:
                approval.candidate_ids |= added
                approval._remind(added)

    def _leave_out(self):
        """Note that nobody may take these steps, on their records as well.

        :return: the steps that are to be asked now instead
        """
        self.write({'state': 'left_out'})
        records = self._records()
        for model, steps in self.grouped('res_model').items():
            self.env[model].browse(steps.mapped('res_id'))._message_log_batch({
                step.res_id: self.env._("%(step)s: left out, since nobody may take it in %(company)s.", step=step.name,
                                        company=step.company_id.name) for step in steps
            })
        following = (step._waiting_after(records[step].approval_ids)[:1] for step in self)
        return self.browse().concat(*following)

    def _follow_people(self):
        """Ask whom these pending steps may be taken by now: people leave, and others join.

        :return: ``{effect: count}``
        :raise UserError: when nobody is left to take one
        """
        pending, changed = self.filtered(lambda one: one.state == 'pending'), 0
        barred = pending._barred()
        entitled = pending._entitled(barred)
        lost = self.browse()
        for step in pending:
            people = step._candidates(entitled[step], barred[step])
            asked = step.with_context(active_test=False).candidate_ids  # whoever left is archived, as a rule
            gone, added = asked - people, people - asked
            if not people:
                lost |= step
            if not gone and not added:
                continue
            changed += 1
            step.candidate_ids = [Command.set(people.ids)]
            record = step.with_context(active_test=False)._records()[step]
            asking = self.env.ref('fulfilment_crm.activity_type_approval')
            to_dos = record.activity_ids.filtered(lambda one, gone=gone: one.user_id in gone)
            to_dos.filtered(lambda one, asking=asking: one.activity_type_id == asking).unlink()
            step._remind(added)
        if lost:
            moved_on = lost._leave_out()
            moved_on._ask()
            for model, steps in lost.grouped('res_model').items():
                self.env[model].browse(steps.mapped('res_id'))._finish_approval()._notify_outcome()
        return {'approvals asked of others': changed}

    def _remind(self, users):
        """Give more people the to-do of this step."""
        self.ensure_one()
        record = self.with_context(active_test=False)._records()[self]
        self.env['mail.activity']._fulfilment_give('fulfilment_crm.activity_type_approval', [
            ToDo(record, user, self._titles(user)[self]) for user in users
        ], tell=True)


def _fitting(users, company):
    """Return those of the users who can take a step in a company: colleagues of it who are still there."""
    return users.filtered(lambda user: user.active and not user.share and (not company or company in user.company_ids))


class ResCompany(models.Model):
    _inherit = 'res.company'

    fulfilment_approval_exception = fields.Selection(
        [('small', "While fewer than three people have a role"), ('always', "Always"), ('never', "Never")], default='small', required=False,
        string="Leave out steps nobody may take",
        help="Nobody approves what they have made or submitted themselves. Where nobody else may take a step, it is left out and recorded "
             "as such, or submitting fails. Whoever joins later may still take it.",
    )

    def _fulfilment_leaves_steps_out(self):
        """Tell whether a step of approval that nobody may take is left out in this company."""
        self.ensure_one()
        rule = self.fulfilment_approval_exception
        if rule != 'small':
            return rule == 'always'
        # safe: counts colleagues
        people = self.env['res.users'].sudo().search([('company_ids', 'in', self.ids), ('share', '=', False)])
        return len(people._with_acting_role()) < FEW


class ResConfigSettings(models.TransientModel):
    _inherit = 'res.config.settings'

    fulfilment_approval_exception = fields.Selection(related='company_id.fulfilment_approval_exception', readonly=False)


class ResUsers(models.Model):
    _inherit = 'res.users'

    @api.model_create_multi
    def create(self, vals_list):
        users = super().create(vals_list)
        users._fulfilment_follow_in_approvals()
        return users

    def write(self, vals):
        result = super().write(vals)
        if vals.keys() & {'active', 'group_ids', 'company_ids'}:
            self._fulfilment_follow_in_approvals()
        return result

    def _fulfilment_follow_in_approvals(self):
        """Ask others at once for the steps that wait for people who have gone; where nobody is left, the daily round says so."""
        # safe: who may take a step follows from groups; the steps are the mixin's own
        pending = self.env['fulfilment.approval'].sudo().search([('state', '=', 'pending')])
        if not pending:
            return  # a savepoint would write Odoo's notes about other records ahead of their time
        for steps in (pending, *pending):  # together; one by one where one of them has nobody left
            try:
                with self.env.cr.savepoint():
                    steps._follow_people()
            except UserError:
                continue
            if steps == pending:
                break
