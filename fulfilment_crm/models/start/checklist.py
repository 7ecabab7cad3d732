from odoo import SUPERUSER_ID, api, models

from ..base.counting import Card, count


class FulfilmentStart(models.AbstractModel):
    """The first hour: what makes the addon of use to a company, ticked as soon as it is there."""
    _inherit = 'fulfilment.start'

    @api.model
    def _checklist(self):
        """Return what a company sets up, for its managers: ``[{'title', 'text', 'done', 'action'}]``, an action by its XML
        id; empty when everything is there.

        What only an administrator may open has no action for others.
        """
        company, settings = self.env.company, self.env.user.has_group('base.group_system')
        # safe: asks whether people, an address, a template of one's own and a contract are there
        own = self.sudo().env
        roles = own['res.groups'].browse([
            self.env['ir.model.data']._xmlid_to_res_id(f'fulfilment_crm.group_{name}')
            for name in ('user', 'leader', 'legal', 'credit', 'service', 'inspector', 'manager')
        ])
        there = count(own, [
            Card('people', '', own['res.users'], [
                ('group_ids', 'in', roles.ids), ('share', '=', False), ('company_ids', 'in', company.ids), ('id', '!=', self.env.uid),
            ]),
            Card('alias', '', own['fulfilment.service.team'], [
                ('alias_name', '!=', False), ('alias_domain_id', '!=', False), ('company_id', 'in', [False, company.id]),
            ]),
            Card('template', '', own['fulfilment.contract.template'], [('write_uid', '!=', SUPERUSER_ID)]),
            Card('contract', '', own['fulfilment.contract'], [('company_id', 'child_of', company.id), ('state', '!=', 'cancelled')]),
        ])
        found = {key: number > 0 for key, (number, _total, _lines) in there.items()}

        def opens(name, allowed=True):
            return name if allowed else False

        steps = [
            (self.env._("Enter the bank account contracts quote"), self.env._("Contracts, reminders and letters say where to pay."),
             bool(company._fulfilment_bank_account()), opens('fulfilment_crm.settings_action', settings)),
            (self.env._("Give colleagues their roles"), self.env._("Sales, leader, legal, credit, service: in the settings of each user."),
             found['people'], opens('base.action_res_users', settings)),
            (self.env._("Decide what happens where nobody may approve"), self.env._("In a small firm one person is often all there is."),
             company.fulfilment_approval_exception != 'small' or found['people'], opens('fulfilment_crm.settings_action', settings)),
            (self.env._("See what starts by itself, and switch reminders on"), self.env._("Nothing is sent before; the hour is a setting."),
             company.fulfilment_reminders, opens('fulfilment_crm.switch_action_open')),
            (self.env._("Give the service team an e-mail address"), self.env._("What customers write there becomes a ticket."),
             found['alias'], opens('fulfilment_crm.service_team_action')),
            (self.env._("Make a contract template yours"), self.env._("Clauses, milestones and terms as you agree them."),
             found['template'], opens('fulfilment_crm.contract_template_action')),
            (self.env._("Draw up a contract from an order"), self.env._("Confirm an order, then press Create contract."),
             found['contract'], opens('sale.action_orders', self.env['sale.order'].has_access('read'))),
        ]
        if all(done for _title, _text, done, _action in steps):
            return []
        return [{'title': title, 'text': text, 'done': done, 'action': action} for title, text, done, action in steps]
