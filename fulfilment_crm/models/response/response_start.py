from collections import Counter
from datetime import datetime

from odoo import api, fields, models
from odoo.exceptions import UserError

from ...tools.local_time import at
from ..base.told import told_names


class FulfilmentResponsePlan(models.Model):
    """Starting plans: once for each occasion while it is under way."""
    _inherit = 'fulfilment.response.plan'

    @api.model
    def _response_facts(self, records):
        """Return what a response has to know of what it is started for. Any record will do that has some of ``company_id``,
        ``commercial_partner_id`` or ``partner_id``, ``contract_id`` and ``user_id``.

        :return: ``{record: values}``
        """
        # safe: copies whose matter it is; who may start a plan for a record is checked by whoever offers it
        records = records.sudo()
        known, facts = records._fields, {}
        contracts = self.env['fulfilment.contract'].sudo()
        for record in records:
            contract = record if record._name == 'fulfilment.contract' else record.contract_id if 'contract_id' in known else contracts
            if record._name == 'res.partner':
                partner = record
            else:
                name = next((name for name in ('commercial_partner_id', 'partner_id') if name in known), None)
                partner = record[name] if name else contract.commercial_partner_id
            company = record.company_id or contract.company_id if 'company_id' in known else contract.company_id
            user = record.user_id if 'user_id' in known else self.env['res.users'].sudo()
            facts[record.id] = {
                'res_model': record._name, 'res_id': record.id, 'commercial_partner_id': partner.commercial_partner_id.id,
                'occasion': record.display_name if record._name != self._name else False,
                'contract_id': contract.id, 'company_id': (company or self.env.company).id,
                'user_id': (user or contract.user_id or partner.commercial_partner_id.user_id).id,
            }
        return facts

    def _start(self, records, owner=None, drill=False, as_of=None):
        """Start the plan for each of the records for which it is not under way already.

        :param records: alerts, contracts, profiles, risks, tickets, contacts, or the plan itself where it is for nothing in particular
        :param owner: ``res.users`` whose matter it is; whoever is responsible for the record when None
        :param bool drill: an exercise
        :param as_of: a date or naive UTC datetime to start at; now when None
        :return: the responses that were started
        :raise UserError: when the plan has no steps
        """
        self.ensure_one()
        # safe: a response and its steps are made here only; who may ask for it is checked by the dialog, the rules are the managers'
        plan = self.sudo()
        if not plan.step_ids:
            raise UserError(self.env._("The plan “%s” has no steps: add some before it is started.", plan.name))
        Response = plan.env['fulfilment.response']
        facts = plan._response_facts(records)
        if plan.company_id:
            own = plan.env['res.company'].search([('id', 'child_of', plan.company_id.id)])
            if any(vals['company_id'] not in own.ids for vals in facts.values()):
                raise UserError(self.env._("The plan “%(plan)s” is for %(company)s only.", plan=plan.name, company=plan.company_id.name))
        keys = {key: f'{plan.id}: {records._name}: {key}{": drill" if drill else ""}' for key in facts}
        running = set(Response.search([('running_key', 'in', list(keys.values()))]).mapped('running_key'))
        companies = plan.env['res.company'].browse({vals['company_id'] for vals in facts.values()})
        moments = {company.id: plan._moment(company, as_of) for company in companies}
        (name,) = told_names(plan, 'name')
        responses = Response._create_quietly([{
            **vals, 'plan_id': plan.id, 'name': name, 'is_drill': drill,
            'running_key': keys[key], 'state': 'running', 'started_on': moments[vals['company_id']],
            'user_id': (plan._in_charge(owner, vals) or plan.env['res.users']).id,
        } for key, vals in facts.items() if keys[key] not in running])
        steps = plan._make_steps(responses)
        for moment, group in responses.grouped('started_on').items():
            steps.filtered(lambda step, group=group: step.response_id in group and not step.previous_id)._begin(moment)
        return responses.with_env(self.env)

    @api.model
    def _moment(self, company, as_of):
        """When a response begins: at nine of a day that was named."""
        if not as_of:
            return fields.Datetime.now()
        return as_of if isinstance(as_of, datetime) else at(as_of, 9, company._fulfilment_zone())

    @api.model
    def _in_charge(self, owner, vals):
        """Whose matter it is: the owner named, else whoever is responsible, else the fulfilment manager."""
        company = self.env['res.company'].browse(vals['company_id'])
        users = self.env['res.users'].browse([*(owner.ids if owner else []), *([vals['user_id']] if vals['user_id'] else [])])
        return next((one for one in (*users, company.fulfilment_manager_id) if one.active and company in one.company_ids), None)

    def _make_steps(self, responses):
        """Make the steps of responses with the terms of the plan and the user asked to do each."""
        asked = self._whom_to_ask(responses)
        plan_steps = self.step_ids.sorted(lambda step: (step.sequence, step.id))
        said = list(zip(plan_steps, told_names(plan_steps, 'name'), told_names(plan_steps, 'instructions'), strict=True))
        steps = self.env['fulfilment.response.step'].create([{
            'response_id': response.id, 'sequence': position, 'user_id': asked[response, step].id,
            'name': name, 'instructions': instructions, 'role': step.role, 'amount': step.amount, 'unit': step.unit, 'anchor': step.anchor,
            'group_id': step.group_id.id if step.role == 'group' else False,
        } for response in responses for position, (step, name, instructions) in enumerate(said, 1)])
        for step, before in zip(steps[1:], steps, strict=False):
            if step.anchor == 'step' and step.response_id == before.response_id:
                step.previous_id = before
        return steps

    def _whom_to_ask(self, responses):
        """Who does each step: ``{(response, step of the plan): user}``, empty where there is nobody.

        Of a group it is whoever has the fewest steps to do; where nobody of it is left, the fulfilment manager.
        """
        nobody = self.env['res.users']
        groups = self.step_ids.filtered(lambda step: step.role == 'group').group_id
        members = {group: group.all_user_ids.filtered('active').sorted('id') for group in groups}
        load = Counter()
        if groups:
            people = nobody.concat(*members.values())
            load.update(dict(self.env['fulfilment.response.step']._read_group(
                [('state', 'in', ('waiting', 'running')), ('user_id', 'in', people.ids)], ['user_id'], ['__count'],
            )))
        asked = {}
        for company, group in responses.grouped('company_id').items():
            managers = group.user_id._fulfilment_managers(company)
            for response in group:
                for step in self.step_ids:
                    if step.role == 'owner':
                        user = response.user_id
                    elif step.role == 'manager':
                        user = managers.get(response.user_id, nobody)
                    elif step.role == 'user':
                        user = step.user_id
                    else:
                        fitting = members[step.group_id].filtered(lambda one, company=company: company in one.company_ids)
                        user = min(fitting, key=lambda one: (load[one], one.id), default=nobody)
                    if not user.active or company not in user.company_ids:
                        user = company.fulfilment_manager_id
                    load[user] += 1
                    asked[response, step] = user
        return asked
