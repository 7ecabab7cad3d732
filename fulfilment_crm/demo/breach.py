from .steps import Steps


class Breaches(Steps):
    """What was not kept: a case of theirs that was put right, one of ours with a counterclaim, one before court; damages both ways."""

    def _tell_breaches(self):
        self._oldmill_did_not_take_over()
        self._riverside_waits_for_pumps()
        self._riverside_is_asked_for_damages()
        self._kestrel_is_taken_to_court()
        self._yuanhang_pays_late()

    def _contract_named(self, title):
        return self.env['fulfilment.contract'].search([('title', '=', title)], limit=1)

    def _case(self, title, cause, opened, user='sales', **vals):
        case = self._on(self.env['fulfilment.breach'], opened, user).create({
            'contract_id': self._contract_named(title).id, 'cause_id': self._demo(f'breach_cause_{cause}').id,
            'opened_on': self._day(opened), **vals,
        }).sudo().with_env(self.env)
        self._backdate(case, opened)
        return case

    def _notice(self, case, written, delivered, **vals):
        """Write a notice on a day, and have it arrive on another."""
        notice = self.env['fulfilment.notice'].create({'breach_id': case.id, 'date': self._day(written), **vals})
        notice._keep_document(self._page(notice.subject, notice.body))
        notice.proof_ids = self._file_of_proof('Receipt of the courier.pdf', 'Delivered', notice.tracking_number or notice.name)
        notice.action_delivered(date=self._day(delivered), proof=vals.get('tracking_number') or "Signed receipt")
        self._backdate(notice, delivered)
        return notice

    def _file_of_proof(self, name, title, text):
        return self.env['ir.attachment'].create({'name': name, 'raw': self._page(title, text)})

    def _yuanhang_pays_late(self):
        contract = self.env['fulfilment.contract'].search([
            ('commercial_partner_id', '=', self._demo('partner_yuanhang').id), ('state', 'in', ('active', 'settlement')),
        ], limit=1)
        payment = contract.milestone_ids.filtered(lambda one: one.kind == 'payment' and one.obligor == 'customer')[:1]
        case = self._case(
            contract.title, 'payment_late', -6, 'wei', milestone_id=payment.id, amount_claimed=payment.amount, is_shared=True,
            description="首期款未按约定日期到账，已两次电话催告。", cure_unit='working_day',
        )
        self._notice(case, -5, -3, kind='demand', sent_by='courier', tracking_number='SF 1402 7731 9026')

    def _oldmill_did_not_take_over(self):
        case = self._case(
            'Steam valves', 'cooperation_goods', -22, description="The valves stood at the gate for nine days: nobody took them over.",
            amount_claimed=900, cure_unit='calendar_day',
        )
        self._notice(case, -21, -20, sent_by='courier', tracking_number='1Z 999 AA1 01 2345 6784')
        case.action_cured(date=self._day(-14))
        case.write({'amount_recovered': 900})
        case.action_close(reason="Taken over and accepted; storage paid.")

    def _riverside_waits_for_pumps(self):
        contract = self._contract_named('Pump station south')
        delivery = contract.milestone_ids.filtered(lambda one: one.kind == 'delivery')
        case = self._case(
            'Pump station south', 'quality_refused', -13, party='us', milestone_id=delivery.id, amount_claimed=2400, is_shared=True,
            description="Two of four pumps leak. The seals are changed at the works; Riverside claims a crane and a day of its crew.",
        )
        self._case(
            'Pump station south', 'cooperation_documents', -12, party='customer', counter_of_id=case.id, amount_claimed=650,
            description="The power supply agreed for the test run was not there: our fitters came twice.",
        )

    def _riverside_is_asked_for_damages(self):
        contract = self._contract_named('Pump station north')
        payment = contract.milestone_ids.filtered(lambda one: one.kind == 'payment' and one.state == 'pending')[:1]
        case = self._case(
            'Pump station north', 'payment_late', -9, milestone_id=payment.id, amount_claimed=round(payment.amount_open, 2),
            description="60 % of the price is open after two reminders and a promise that was not kept.",
        )
        self._notice(case, -8, -6, kind='demand', sent_by='courier', tracking_number='1Z 999 AA1 01 2345 7002')
        contracts = self.env['fulfilment.contract'].search([('state', 'in', ('active', 'settlement'))])
        self.env['fulfilment.damages']._accrue(contracts)
        damages = payment.damages_ids
        if damages:
            damages.sudo()._object("Your delivery was late as well; we will not pay damages on top.", "Robert Quinn")

    def _kestrel_is_taken_to_court(self):
        order = self.env['sale.order'].search([
            ('partner_id', '=', self._demo('partner_kestrel').id), ('state', '=', 'sale'),
        ], order='date_order desc', limit=1)
        contract = self._agree(order, -298, 'Dana Cole')
        contract.title = 'Handheld terminals, 40 shops'
        contract._sync_facts()
        for milestone in contract.milestone_ids.filtered(lambda one: one.kind != 'payment' and one.state == 'pending'):
            milestone._complete({milestone: self._day(-290)})
        payment = contract.milestone_ids.filtered(lambda one: one.kind == 'payment')[:1]
        case = self._case(
            contract.title, 'payment_insolvent', -200, 'finance', milestone_id=payment.id, amount_claimed=payment.amount,
            legal_template_id=self._demo('legal_template_payment').id,
            description="Nothing was paid, calls are not answered; the register shows two enforcement cases of others.",
        )
        self._notice(case, -190, -187, kind='demand', sent_by='courier', tracking_number='1Z 999 AA1 01 2345 6001')
        case.action_claim()
        case.action_plan_steps()
        demand, mediation, suit, _enforcement = case.step_ids.sorted('sequence')
        demand.write({'date_start': self._day(-190), 'date_end': self._day(-187), 'date_deadline': self._day(-183)})
        demand.action_done(reason="No answer")
        mediation.write({'date_start': self._day(-170), 'date_end': self._day(-140), 'date_deadline': self._day(-140), 'cost': 300})
        mediation.action_done(reason="Nobody came")
        suit.write({
            'date_start': self._day(-120), 'date_deadline': self._day(12), 'court': "County court, Philadelphia", 'docket': "2026-CV-04417",
            'cost': suit.fee_expected, 'name': "Hearing",
        })
        suit.document_ids = self._file_of_proof('Statement of claim.pdf', 'Statement of claim', suit.docket)
        suit.action_begin()
        self.env['fulfilment.counsel.note'].with_user(self._demo('user_legal')).create({
            'step_id': suit.id, 'date': self._day(-60), 'text': "Judgment is likely; whether there is anything to enforce is not.",
        })
        self.env['fulfilment.breach']._follow_limitation(case, {self.env.company: self._day(0)})

