from odoo import api, fields, models

from ..base.switch import Effect, Mechanism

TRIED_MONTHS = 3  # of orders, before the gate is switched on


class ResCompany(models.Model):
    _inherit = 'res.company'

    fulfilment_credit_gate = fields.Boolean(
        string="Hold orders against credit rules",
        help="Off: orders are confirmed as without the addon. Of a branch, its main company counts.",
    )
    fulfilment_grade_rounds = fields.Boolean(
        string="Reassess credit every quarter",
        help="Off: customers without a grade get their first one, which asks nobody; no grade changes by itself.",
    )


class FulfilmentSwitch(models.TransientModel):
    _inherit = 'fulfilment.switch'

    @api.model
    def _mechanisms(self):
        return [
            *super()._mechanisms(),
            Mechanism('grades', 'fulfilment_grade_rounds', self.env._("Credit grades"), self.env._(
                "Customers are assessed every quarter and after falls of external scores; changes of grade pass their approval.",
            ), 'fa-star-half-o'),
            Mechanism('gate', 'fulfilment_credit_gate', self.env._("Order gate"), self.env._(
                "Orders are held against limit, delays and grade before they are confirmed; what breaks a rule waits for a release.",
            ), 'fa-hand-paper-o'),
        ]

    @api.model
    def _preview_grades(self, companies):
        """Find customers whose grade would change and ask for approval: the assessments are made and undone again."""
        assessments, found = self.env['fulfilment.credit.assessment'], {}
        with self.env.cr.savepoint() as savepoint:
            for company, day in companies.root_id._fulfilment_today().items():
                assessments._judge(company, day, [('company_id', '=', company.id)], 'quarter', None)
                for row in assessments.search([('company_id', '=', company.id), ('state', '=', 'draft')]):
                    found.setdefault(row.change, []).append(row.profile_id.id)
            savepoint.rollback()
        self.env.invalidate_all(flush=False)
        return [
            Effect(name, len(found.get(change, ())), 'fulfilment.profile', found.get(change, []), self.env._("Each asks for its approval."))
            for change, name in (('up', self.env._("Grades raised")), ('down', self.env._("Grades lowered")))
        ]

    @api.model
    def _preview_gate(self, companies):
        """Tell which of the quotations that are open now would be held, or pass with a warning, if they were confirmed today."""
        found = {'hold': [], 'warn': []}
        orders = self.env['sale.order'].search([('company_id', 'in', companies.ids), ('state', 'in', ('draft', 'sent'))])
        for company, group in orders.grouped(lambda order: order.company_id.root_id).items():
            for order, outcome in group._fulfilment_outlook(company).items():
                if outcome in found:
                    found[outcome].append(order.id)
        return [
            *self._tried_gate(companies),
            Effect(self.env._("Open quotations held when confirmed"), len(found['hold']), 'sale.order', found['hold']),
            Effect(self.env._("Open quotations confirmed with a warning"), len(found['warn']), 'sale.order', found['warn']),
        ]

    @api.model
    def _tried_gate(self, companies):
        """Tell what the rules would have done with the orders of the last months."""
        found = {}
        for company in companies.root_id:
            for one in self.env['fulfilment.gate.trial']._tried(company, TRIED_MONTHS):
                found.setdefault(one.kind, []).append(one.order.id)
        return [
            Effect(name, len(found.get(kind, ())), 'sale.order', found.get(kind, []), self.env._("Of the last %s months.", TRIED_MONTHS))
            for kind, name in self.env['fulfilment.gate.trial.line']._fields['kind']._description_selection(self.env)
        ]
