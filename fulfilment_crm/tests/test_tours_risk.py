"""Risks and responses in the browser (static/tests/tours/risk.js)."""
from odoo.fields import Command
from odoo.tests import Form, tagged

from .test_tours import TourCase


@tagged('post_install', '-at_install', 'fulfilment_tour')
class TestTourRisk(TourCase):

    def test_a_risk_on_the_matrix(self):
        self._run_tour('/odoo', 'fulfilment_risk', self.user_sales)
        risk = self.env['fulfilment.risk'].search([('user_id', '=', self.user_sales.id)])
        self.assertEqual((risk.name, risk.score, risk.level), ('The customer may not pay', 20, 'critical'))

    def test_a_drill(self):
        plan = self.env['fulfilment.response.plan'].create({'name': 'Rehearsal', 'step_ids': [
            Command.create({'name': name, 'sequence': sequence, 'amount': 4}) for sequence, name in enumerate(('Call', 'Write'))
        ]})
        contract = self._make_contract('active')
        self._run_tour(self._form_url(contract), 'fulfilment_drill', self.user_sales)
        self.assertEqual((plan.drill_ids.state, plan.drill_ids.is_drill, plan.drill_ids.contract_id), ('done', True, contract))

    def test_forms_open_for_everybody_who_reads(self):
        contract = self._make_contract('active')
        about = {'company_id': self.company_a.id, 'contract_id': contract.id, 'user_id': self.user_sales.id}
        risk = self.env['fulfilment.risk'].create({**about, 'name': 'Pays late'})
        plan = self.env.ref('fulfilment_crm.response_plan_default')
        response = plan._start(risk)
        profile = self.env['fulfilment.profile'].create({
            'partner_id': self.customer.id, 'company_id': self.company_a.id, 'user_id': self.user_sales.id,
        })
        for user in (
            self.user_sales, self.user_leader, self.user_manager, self.user_credit, self.user_legal, self.user_service, self.user_inspector,
        ):
            for record in (risk, response, plan, contract, profile, self.customer):
                with self.subTest(user=user.login, record=record):
                    self.env.invalidate_all()
                    Form(record.with_user(user).with_context(allowed_company_ids=self.company_a.ids))
