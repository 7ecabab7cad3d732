from odoo import api, models
from odoo.tools import plaintext2html

from ..base.run import Action


class FulfilmentResponseStep(models.Model):
    """What happens when a deadline passes."""
    _inherit = 'fulfilment.response.step'

    @api.model
    def _look(self, steps, moment):
        """Note steps as late, for good, and tell the manager of whoever was asked, once.

        :param datetime moment: naive UTC
        :return: ``{effect: count}``
        """
        steps = steps.filtered(lambda step: step.state == 'running' and step.deadline and step.deadline < moment and not step.escalated_on)
        late = steps.filtered(lambda step: not step.is_late)
        counts = {'response steps late': len(late), 'response steps escalated': 0}
        late.is_late = True
        told, notes = [], {}
        for company, group in steps.grouped('company_id').items():
            managers, day = group.user_id._fulfilment_managers(company), company._fulfilment_today(moment)[company]
            for step in group:
                manager = managers.get(step.user_id, company.fulfilment_manager_id)
                if manager and manager.active and manager != step.user_id:
                    told.append((step, manager, day))
        for step in late:
            notes.setdefault(step.response_id, []).append(step._late_in_words())
        activities = self.env['fulfilment.response']._give_to_dos('fulfilment_crm.activity_type_response', [
            (step.response_id, manager, step.response_id.with_env(manager._fulfilment_env())._marked(
                step.with_env(manager._fulfilment_env())._late_in_words(),
            ), day) for step, manager, day in told
        ])
        # Where there is nobody to tell, the next round looks again.
        for (step, manager, _day), activity in zip(told, activities, strict=True):
            step.write({'escalated_on': moment, 'escalated_to_id': manager.id, 'escalation_id': activity.id})
        self.env['fulfilment.response'].concat(*notes)._message_log_batch({
            response.id: plaintext2html('\n'.join(lines)) for response, lines in notes.items()
        })
        counts['response steps escalated'] = len(told)
        return counts

    def _late_in_words(self):
        return self.env._("Late: %(step)s, asked of %(user)s", step=self.name, user=self.user_id.name or self.env._("nobody"))


class FulfilmentResponse(models.Model):
    _inherit = 'fulfilment.response'

    @api.model
    def _cron_responses(self, as_of=None):
        """See to the steps whose deadline has passed.

        :param as_of: date to work for, at its noon in each company's time zone; now when None or today
        """
        # safe: a scheduled action works for all companies
        self = self.sudo()
        run = self.env['fulfilment.run']._open('responses', as_of)
        moment = max(self.env['res.company'].with_context(active_test=False).search([])._fulfilment_moments(as_of).values())
        if self._round(run, moment):
            run._close()

    @api.model
    def _round(self, run, moment):
        """See to the steps whose deadline has passed at a moment (naive UTC).

        :param run: the ``fulfilment.run`` under way
        :return: False when the scheduler's time was up
        """
        steps = self.env['fulfilment.response.step']
        due = steps.search([('state', '=', 'running'), ('escalated_on', '=', False), ('deadline', '<', moment)], order='id')
        return run._slices(due, lambda some: some._look(some, moment))


class FulfilmentRun(models.Model):
    _inherit = 'fulfilment.run'

    @api.model
    def _actions(self):
        return [*super()._actions(), Action(84, 'responses', self.env._("Steps of responses"), 'fulfilment.response', '_cron_responses')]

    @api.model
    def _effect_labels(self):
        return {
            **super()._effect_labels(), 'response steps late': self.env._("Steps of responses late"),
            'response steps escalated': self.env._("Steps of responses escalated"),
        }
