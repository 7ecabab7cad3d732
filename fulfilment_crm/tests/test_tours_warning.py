"""Early warning in the browser: a rule written, tried on the past and activated; its alert handled (static/tests/tours/warnings.js)."""
from datetime import date

from dateutil.relativedelta import relativedelta

from odoo import api
from odoo.tests import HttpCase, tagged

from .common import FulfilmentCommon


@tagged('post_install', '-at_install', 'fulfilment_tour')
class TestTourWarning(HttpCase, FulfilmentCommon):

    def test_rule_tried_activated_and_alert_handled(self):
        self.env['fulfilment.warning.rule'].search([]).action_archive()
        last = date.today().replace(day=1) - relativedelta(days=1)
        months = [last - relativedelta(day=1, months=number) + relativedelta(day=31) for number in range(3, -1, -1)]
        self.env['fulfilment.profile.history'].sudo().create([
            {'partner_id': self.customer.id, 'company_id': self.company_a.id, 'date': day, 'payment_index': index,
             'receivable_overdue': late}
            for day, index, late in zip(months, (80, 50, 50, 50), (0, 0, 20000, 20000), strict=True)
        ])
        self.env['fulfilment.profile'].sudo().create({
            'partner_id': self.customer.id, 'company_id': self.company_a.id, 'user_id': self.user_sales.id, 'payment_index': 50,
        })
        self.start_tour('/odoo?debug=1', 'fulfilment_warning_rule', login='f_manager', timeout=60)
        rule = self.env['fulfilment.warning.rule'].search([('name', '=', 'Pays later and later')])
        self.assertEqual(rule.state, 'active')
        self.env.invalidate_all(flush=True)
        with self.registry.cursor() as cr:  # commits, inside the transaction of the test
            api.Environment(cr, api.SUPERUSER_ID, {})['fulfilment.alert']._cron_warnings()
        self.env.invalidate_all()
        alert = rule.alert_ids
        self.assertEqual((alert.user_id, alert.state), (self.user_sales, 'open'))
        self.start_tour('/odoo', 'fulfilment_alert', login='f_sales', timeout=60)
        self.env.invalidate_all()
        self.assertRecordValues(alert, [{'state': 'handled', 'note': 'Instalments agreed', 'handled_by_id': self.user_sales.id}])
