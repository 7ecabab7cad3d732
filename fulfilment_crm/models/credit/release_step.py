from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command

from ..base.approval_people import _fitting
from ..base.told import _lt, told

# What becomes of the step when the order is not held any more; else it is cancelled.
ENDED = {'released': 'approved', 'refused': 'rejected'}
ASKED = 'approvals asked of others'


class SaleOrder(models.Model):
    """Held orders stand among the decisions that wait, for whoever may release them, and say what they are about."""
    _name = 'sale.order'
    _inherit = ['sale.order', 'fulfilment.decided.mixin']

    def _fulfilment_release_steps(self):
        """Return the steps of these orders that wait for a decision."""
        # safe: steps are kept by the machine; the callers decide about orders as superuser
        return self.env['fulfilment.approval'].sudo().search([
            ('res_model', '=', 'sale.order'), ('res_id', 'in', self.ids), ('state', '=', 'pending'),
        ])

    def _fulfilment_ask_release(self):
        """Ask whoever may release these held orders, each once while it is held."""
        steps = self._fulfilment_release_steps()
        steps._follow_people()
        new, now = self - self.browse(steps.mapped('res_id')), fields.Datetime.now()
        deadlines = {company: company._fulfilment_escalation_deadline(now) for company in new.company_id}
        asked = steps.create([{
            'res_model': 'sale.order', 'res_id': order.id, 'company_id': order.company_id.id, 'name': told(self.env, _lt("Release")),
            # A request is what has been held; each time it is a round of its own.
            'round': len(order.fulfilment_credit_decision_ids), 'submitted_by_id': self.env.uid, 'state': 'pending', 'asked_on': now,
            'deadline': deadlines[order.company_id],
        } for order in new])
        asked._follow_people()

    def _fulfilment_end_release(self):
        """Close the steps of orders that are not held any more, with the decision that ended it."""
        steps = self._fulfilment_release_steps()
        for step, order in steps._records().items():
            state = ENDED.get(order.fulfilment_credit_state, 'cancelled')
            decision = order.fulfilment_credit_decision_ids._latest(order.fulfilment_credit_state) if state != 'cancelled' else None
            step.write({
                # The reason stands in the decision, for those who may read it.
                'state': state, 'decided_by_id': decision and decision.user_id.id, 'decided_on': decision and decision.date,
            })
        if steps:
            self.activity_unlink(['fulfilment_crm.activity_type_escalation'])

    # === WHAT IS SAID OF THEM === #

    def _approval_authors(self):
        # safe: compared with who decides
        authors, worked = {}, {order.id: order.fulfilment_author_ids for order in self.sudo()}
        for order in self:
            holds = order.fulfilment_credit_decision_ids.filtered(lambda one: one.outcome == 'hold')
            # Whoever has filled the order, or ran it when it was held, does not release it.
            filled = order.order_line.filtered(lambda line: not line.is_downpayment)
            authors[order] = order.user_id | order.create_uid | holds.user_id | holds.salesman_id | filled.create_uid \
                | filled.write_uid | worked[order.id].with_env(self.env)
        return authors

    def _approval_amounts(self):
        return {order: order._fulfilment_company_amount() for order in self}

    def _approval_customers(self):
        return {order: order.partner_invoice_id.commercial_partner_id for order in self}

    def _approval_effects(self):
        """Return what the customer would owe with the order, beside what they owe now."""
        effects, amounts, customers = super()._approval_effects(), self._approval_amounts(), self._approval_customers()
        lines = self.env['fulfilment.credit.line'].search([('partner_id', 'in', [one.id for one in customers.values()])])
        found = {(line.partner_id, line.company_id): line for line in lines}
        for order, customer in customers.items():
            line = found.get((customer, order.company_id.root_id))
            exposure, currency = (line.profile_id.exposure or 0.0) if line else 0.0, order.company_id.currency_id
            after, limit = exposure + amounts[order], line._effective_limit(line.profile_id.revenue_12m) if line else None
            effects[order].append((self.env._("Exposure"), currency.format(exposure), currency.format(after)))
            if limit:
                effects[order].append((
                    self.env._("Limit used (%)"), f'{100 * exposure / limit:.0f}', f'{100 * after / limit:.0f}',
                ))
        return effects

    def _approval_documents(self):
        return {
            order: self.env['ir.qweb']._render('fulfilment_crm.held_order_as_read', {'order': order})
            if order.order_line.has_access('read') else '' for order in self
        }


class FulfilmentApproval(models.Model):
    """Releases are asked of whoever may release all that holds an order, and taken with the dialog of a release."""
    _inherit = 'fulfilment.approval'

    @api.model
    def _decided_models(self):
        return [*super()._decided_models(), 'sale.order']

    def _releases(self):
        return self.filtered(lambda one: one.res_model == 'sale.order')

    def _entitled(self, barred):
        releases = self._releases()
        entitled = super(FulfilmentApproval, self - releases)._entitled(barred)
        managers = self.env.ref('fulfilment_crm.group_manager').all_user_ids if releases else None
        needed = self.env['sale.order'].browse(releases.mapped('res_id'))._fulfilment_release_groups()
        for step, order in releases._records().items():
            groups, people = needed[order], managers.browse()
            if groups:
                people = groups[0].all_user_ids.filtered(lambda user, groups=groups: groups <= user.all_group_ids)
            entitled[step] = _fitting(managers | people, step.company_id)
        return entitled

    def _follow_people(self):
        """Ask whoever may release by now; an order that nobody may release stays held, and nothing is left out."""
        releases, changed = self._releases(), 0
        barred = releases._barred()
        entitled = releases._entitled(barred)
        # People who left are archived, as a rule.
        for people, steps in releases.with_context(active_test=False).grouped(lambda step: entitled[step] - barred[step]).items():
            others = steps.filtered(lambda step, people=people: step.candidate_ids != people)
            changed += len(others)
            others.candidate_ids = [Command.set(people.ids)]
        effects = super(FulfilmentApproval, self - releases)._follow_people()
        return {**effects, ASKED: effects[ASKED] + changed}

    def _candidates(self, entitled, barred):
        return entitled - barred if self._releases() else super()._candidates(entitled, barred)

    def _remind(self, users):
        # The to-do about a held order is given when it is held.
        return None if self._releases() else super()._remind(users)

    def action_approve(self):
        """Take these steps; of a held order, ask for reason, amount and end of its release."""
        if releases := self._releases():
            releases.check_access('read')
            if len(self) > 1:
                raise UserError(self.env._(
                    "Orders are released one by one, each with its reason: %s.", ', '.join(releases.mapped('record_name')),
                ))
            releases._check_pending()
            return self.env['sale.order'].browse(self.res_id).action_fulfilment_release()
        return super().action_approve()

    def action_reject(self):
        """Ask why, and refuse the step; a held order is declined."""
        if self._releases():
            self.ensure_one()
            self.check_access('read')
            self._check_pending()
            return self.env['sale.order'].browse(self.res_id).action_fulfilment_refuse()
        return super().action_reject()
