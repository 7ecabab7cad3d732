from odoo import models


class FulfilmentDecidedMixin(models.AbstractModel):
    """The grade of a customer and the limit that counts, for whoever decides something about them."""
    _inherit = 'fulfilment.decided.mixin'

    def _approval_facts(self):
        facts, customers = super()._approval_facts(), self._approval_customers()
        lines = self.env['fulfilment.credit.line'].search([('partner_id', 'in', [one.id for one in customers.values()])])
        found = {(line.partner_id, line.company_id): line for line in lines}
        for record, customer in customers.items():
            if line := found.get((customer, record.company_id.root_id)):
                terms, limit = line._effective_terms(), line._effective_limit(line.profile_id.revenue_12m)
                facts[record] = [
                    (self.env._("Credit grade"), terms.code if terms else '–'),
                    (self.env._("Limit that counts"), self.env._("No limit") if limit is None else line.currency_id.format(limit)),
                    *facts[record],
                ]
        return facts


class FulfilmentCreditAssessment(models.Model):
    _inherit = 'fulfilment.credit.assessment'

    def _approval_effects(self):
        effects = super()._approval_effects()
        on_order = dict(self.env['fulfilment.credit.grade']._fields['on_order']._description_selection(self.env))
        for assessment in self:
            before, after = (
                assessment._told_terms(grade, on_order) for grade in (assessment.previous_grade_id, assessment.grade_id)
            )
            effects[assessment] += [
                (name, old, new) for (name, old), (_name, new) in zip(before, after, strict=True) if old != new
            ]
        return effects

    def _told_terms(self, grade, on_order):
        """Return what a grade means for the customer: ``[(name, text)]``, always the same names."""
        self.ensure_one()
        terms = self.env['fulfilment.credit.grade']._terms().get(grade.id)
        limit = terms.limit_for(self.turnover) if terms else None
        return [
            (self.env._("Credit grade"), terms.code if terms else '–'),
            (self.env._("Credit limit"), self.env._("No limit") if limit is None else self.currency_id.format(limit)),
            (self.env._("Longest payment terms"), grade.payment_term_id.name or '–'),
            (self.env._("Deposit (%)"), f'{terms.deposit_share:g}' if terms and terms.deposit_share else '–'),
            (self.env._("On a new order"), on_order[terms.on_order] if terms else '–'),
        ]

    def _approval_documents(self):
        return {assessment: assessment.explanation for assessment in self}
