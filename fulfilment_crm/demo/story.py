from odoo import fields

from .steps import Steps

OUR_BANK_ACCOUNT = '4000 1234 5678 9012'
CHINESE_NAMES = {
    'product_terminal': '手持终端 HT-40',
    'product_conveyor': '输送模块 CM-2',
    'product_sensor': '月台传感器 DS-1',
    'product_pump': '泵组 PU-7',
    'product_spares': '备件包 SP-10',
    'product_sorter': '分拣单元 SU-5',
    'product_maintenance': '年度维护',
    'product_inspection': '检修（天）',
    'payment_term_30_days': '验收后 30 天',
    'payment_term_advance': '预付 30 %，余款 30 天',
    'team_key_accounts': '重点客户组',
}
CHINESE_SPEAKERS = ('partner_yuanhang', 'partner_yuanhang_li')
CUSTOMERS = ('harbour', 'riverside', 'oldmill', 'bluebird', 'yuanhang', 'northgate', 'ashford', 'kestrel')
# What was sold before there were contracts in the system: customer, days ago, days late (early is negative, None is unpaid), items.
HISTORY = [
    # Grows; the last late payment is fourteen months old, since then all came early.
    ('harbour', 760, 4, [('conveyor', 8), ('sorter', 4)]),
    ('harbour', 640, 0, [('sensor', 60), ('terminal', 20)]),
    ('harbour', 560, 12, [('sorter', 8)]),
    ('harbour', 480, 11, [('conveyor', 12), ('sensor', 80)]),
    ('harbour', 330, -6, [('conveyor', 14), ('sensor', 40)]),
    ('harbour', 240, -4, [('sorter', 14), ('spares', 60)]),
    ('harbour', 150, -6, [('conveyor', 20), ('terminal', 30)]),
    ('harbour', 75, -3, [('sorter', 8), ('sensor', 60)]),
    ('harbour', 17, None, [('spares', 10)]),
    # Buys less and pays later and later.
    ('riverside', 700, 0, [('pump', 20)]),
    ('riverside', 610, 0, [('pump', 15), ('spares', 60)]),
    ('riverside', 520, -1, [('pump', 25)]),
    ('riverside', 430, 0, [('pump', 12), ('sensor', 80)]),
    ('riverside', 340, 0, [('pump', 28)]),
    ('riverside', 250, 0, [('pump', 10), ('spares', 40)]),
    ('riverside', 170, 20, [('pump', 12)]),
    ('riverside', 120, 24, [('pump', 6), ('inspection', 10)]),
    # Was always late, is so no more, and buys more.
    ('oldmill', 650, 25, [('pump', 6)]),
    ('oldmill', 470, 28, [('spares', 50)]),
    ('oldmill', 300, 22, [('pump', 8)]),
    ('oldmill', 180, 0, [('inspection', 12)]),
    ('oldmill', 110, 0, [('pump', 9), ('spares', 20)]),
    ('bluebird', 140, -5, [('terminal', 6), ('sensor', 20)]),
    ('yuanhang', 600, 0, [('sorter', 2)]),
    ('yuanhang', 420, -2, [('conveyor', 4)]),
    ('yuanhang', 320, 0, [('sorter', 4), ('terminal', 20)]),
    ('yuanhang', 230, -2, [('conveyor', 8), ('sensor', 60)]),
    ('yuanhang', 140, -1, [('sorter', 10)]),
    # A hospital with a steady rhythm, but for one long silence after which it came back.
    *(('northgate', ago, 0, [('terminal', 8), ('sensor', 15)]) for ago in (715, 671, 626, 582, 537, 492)),
    ('northgate', 330, -3, [('terminal', 18), ('spares', 20), ('inspection', 2)]),
    *(('northgate', ago, -3, [('terminal', 16), ('sensor', 20)]) for ago in (286, 241, 197)),
    *(('northgate', ago, -3, [('terminal', 18), ('sensor', 30), ('spares', 10)]) for ago in (152, 108, 63)),
    ('northgate', 19, None, [('sensor', 10)]),
    # A town hall: slow, and one bill of last week is still open.
    ('ashford', 690, 10, [('inspection', 6)]),
    ('ashford', 540, 41, [('pump', 3)]),
    ('ashford', 390, 0, [('inspection', 8), ('spares', 10)]),
    ('ashford', 240, 2, [('pump', 4)]),
    ('ashford', 90, 0, [('sensor', 50), ('terminal', 10)]),
    ('ashford', 50, None, [('inspection', 4)]),
    # A shop chain that ordered every seven weeks and then no more; the last bill was never paid.
    *(('kestrel', ago, 6, [('terminal', 15), ('sensor', 30)]) for ago in (700, 652, 603, 551)),
    *(('kestrel', ago, 15, [('terminal', 15), ('sensor', 30)]) for ago in (502, 451, 403, 352)),
    ('kestrel', 300, None, [('terminal', 12)]),
]
LOST = [
    ('harbour', 200, 'cancel', [('sorter', 2)]),
    ('riverside', 220, 'cancel', [('pump', 10)]),
    ('riverside', 95, 'cancel', [('sorter', 1)]),
    ('oldmill', 140, 'cancel', [('conveyor', 1)]),
    ('bluebird', 20, 'sent', [('terminal', 2)]),
    ('northgate', 9, 'sent', [('conveyor', 2)]),
    ('kestrel', 260, 'cancel', [('terminal', 15)]),
    ('kestrel', 225, 'cancel', [('sensor', 40)]),
    ('ashford', 130, 'cancel', [('pump', 6)]),
]
# Days of reminders already behind us; today's are left to the scheduled action.
REMINDED_DAYS = range(-14, 0)


class Story(Steps):
    """The story of the demo company: one method a customer, told in the order things happened."""

    def _prepare_company(self):
        """Give the company what contracts need and it may lack: accounts, an address, a bank account, the second currency."""
        company = self.env.company
        self.env['fulfilment.switch']._switch_all(company)
        company.fulfilment_reviews = False  # what was signed before today is reviewed by its period, not stage by stage
        if not company.chart_template:
            self.env['account.chart.template'].try_loading('generic_coa', company, install_demo=False)
        if not company.street:
            company.write({
                'name': 'Meridian Automation', 'street': '1 Foundry Square', 'city': 'Chicago', 'zip': '60607',
                'country_id': self.env.ref('base.us').id, 'email': 'office@meridian.example.com', 'phone': '+1 312-555-0100',
            })
        if not company.fulfilment_bank_account:
            company.fulfilment_bank_account = OUR_BANK_ACCOUNT
        yuan = self.env.ref('base.CNY')
        yuan.active = True
        if not yuan.rate_ids:
            yuan.rate_ids = [fields.Command.create({'name': '2020-01-01', 'rate': 7.2, 'company_id': company.id})]

    def _speak_chinese(self):
        """Chinese for who speaks it, where the language is installed."""
        if 'zh_CN' not in dict(self.env['res.lang'].get_installed()):
            return
        # Drafts copy the clauses in the customer's language, so the translations are wanted before the first is made.
        self.env.ref('base.module_fulfilment_crm')._update_translations('zh_CN')
        for name in CHINESE_SPEAKERS:
            self._demo(name).lang = 'zh_CN'
        self._demo('user_wei').lang = 'zh_CN'
        for name, text in CHINESE_NAMES.items():
            self._demo(name).with_context(lang='zh_CN').name = text

    def _review_clauses(self):
        """Legal has read the library but for one clause."""
        clauses = self.env['fulfilment.clause'].search([('id', '!=', self._demo('clause_force_majeure').id)])
        self._on(clauses, -430, 'legal').action_sign_off()

    # === THE YEARS BEFORE === #

    def _tell_history(self):
        """Two years of orders, invoices and payments, so that there are figures, trends and rhythms."""
        self._trade(HISTORY)
        self._lose(LOST)

    # === HARBOUR LOGISTICS, GOOD === #

    def _tell_harbour(self):
        self._terminals_of_last_year()
        self._spare_parts_framework()
        self._maintenance_year()
        self._conveyor_line()
        self._dock_doors()
        self._cold_store_to_sign()

    def _terminals_of_last_year(self):
        """On time and paid early, from order to archive."""
        order = self._sell('harbour', 'Handheld terminals', [('terminal', 24, 620)], -421)
        contract = self._agree(order, -420, 'Grace Hall')
        self._deliver(contract, -392)
        self._accept(contract, -386, 'Grace Hall', 'Baltimore, hall 1')
        self._pay(contract, self._invoice(contract, -385), -360)
        self._do(contract.milestone_ids.filtered(lambda one: one.state == 'pending'), -22)
        self._on(contract, -20, 'sales').action_settle()
        self._on(contract, -18, 'sales').action_close()
        self._backdate(contract, -18)

    def _spare_parts_framework(self):
        """Make a framework with orders under it: its ceiling was raised once, a longer term is in approval. It ends in 90 days."""
        framework = self._draft_by_hand('harbour', 'Spare parts framework', 'framework', 60000, -275, 90, -280)
        self._submit(framework, -279)
        self._approve(framework, -277)
        self._sign_on_portal(framework, -275, 'Grace Hall')
        self._do(framework.milestone_ids.filtered(lambda one: one.anchor == 'signature'), -268)
        for quantity, offset in ((80, -200), (60, -60)):
            order = self._sell('harbour', 'Spare parts', [('spares', quantity, 260)], offset)
            order.fulfilment_contract_id = framework
        raised = self._amend(framework, 'Second hall opened: more spare parts needed', -110, -100, [
            {'kind': 'contract_amount', 'value_amount': 90000},
        ])
        self._approve(raised, -105)
        self._on(raised, -100)._apply_due()
        raised.applied_on = self._day(-100)
        self._backdate(raised, -100)
        self._backdate(framework, -100)
        self._amend(framework, 'Twelve more months at the same prices', -2, 5, [{'kind': 'date_end', 'value_date': self._day(455)}])

    def _maintenance_year(self):
        """Make a service contract by hand; it ends in 30 days and renews itself."""
        contract = self._draft_by_hand(
            'harbour', 'Maintenance year', 'service', 18000, -335, 30, -338, auto_renew=True,
            line_ids=[self._item('maintenance', 'Maintenance of all terminals, one year', 1, 18000)],
        )
        self._submit(contract, -337)
        self._approve(contract, -336)
        self._sign(contract, -335, 'Grace Hall')
        kickoff, report = (contract.milestone_ids.filtered(lambda one, kind=kind: one.kind == kind)[:1] for kind in ('other', 'document'))
        self._do(kickoff, -330)
        self._do(report, -288)
        self._pay(contract, self._invoice_by_hand(contract, 'Advance 30 %', 5400, -334, -320), -322)

    def _conveyor_line(self):
        """Delivered on time; the customer has the acceptance before them, the advance is paid. An amendment counts from today."""
        order = self._sell('harbour', 'Conveyor line, hall 3', [('conveyor', 6, 8400)], -35, term='advance')
        contract = self._agree(order, -32, 'Grace Hall', portal=True)
        self._pay(contract, self._invoice_down_payment(contract, -31, 30), -31)
        self._deliver(contract, -3)
        training = self._amend(contract, 'Training of the operators added', -4, 0, [{
            'kind': 'milestone_add', 'value_name': 'Training of the operators', 'value_kind': 'other', 'value_obligor': 'us',
            'value_date': self._day(25),
        }])
        self._approve(training, -3)

    def _dock_doors(self):
        """Make a contract whose delivery was accepted; the payment is due in three days."""
        order = self._sell('harbour', 'Dock sensors, east gate', [('sensor', 40, 145)], -60)
        contract = self._agree(order, -58, 'Grace Hall')
        self._deliver(contract, -30)
        self._accept(contract, -27, 'Grace Hall', 'Baltimore, east gate')
        self._invoice(contract, -27)

    def _cold_store_to_sign(self):
        """Approved; the customer signs next."""
        order = self._sell('harbour', 'Cold store sensors', [('sensor', 120, 145), ('inspection', 2, 950)], -6)
        contract = self._draft(order, -6)
        self._submit(contract, -5)
        self._approve(contract, -2)

    # === RIVERSIDE CONSTRUCTION, LATE === #

    def _tell_riverside(self):
        self._temporary_fencing()
        self._pump_station_north()
        self._site_lighting()
        self._pump_station_south()
        self._access_gates()

    def _temporary_fencing(self):
        """Terminated: the advance never came."""
        order = self._sell('riverside', 'Temporary fencing', [('spares', 60, 260)], -150, term='advance')
        contract = self._agree(order, -148, 'Robert Quinn')
        self._on(contract, -100, 'sales').action_terminate(reason='The advance was not paid within 45 days after the second demand')
        self._backdate(contract, -100)
        order._action_cancel()

    def _pump_station_north(self):
        """Delivered late by us, paid in part, the rest 15 days overdue."""
        order = self._sell('riverside', 'Pump station north', [('pump', 5, 3900)], -92)
        contract = self._agree(order, -90, 'Robert Quinn')
        self._deliver(contract, -52)
        self._accept(contract, -45, 'Robert Quinn', 'Pittsburgh, north bank')
        self._pay(contract, self._invoice(contract, -45), -12, share=0.4)

    def _site_lighting(self):
        """Payment overdue since yesterday."""
        order = self._sell('riverside', 'Site lighting', [('sensor', 60, 145)], -66)
        contract = self._agree(order, -64, 'Robert Quinn')
        self._deliver(contract, -38)
        self._accept(contract, -31, 'Robert Quinn', 'Pittsburgh, site office', method='Inspection')
        self._invoice(contract, -31)

    def _pump_station_south(self):
        """Make a dispute: the customer refused, so the delivery is open again and a week late."""
        order = self._sell('riverside', 'Pump station south', [('pump', 4, 3900)], -39)
        contract = self._agree(order, -37, 'Robert Quinn')
        self._deliver(contract, -17)
        self._refuse(contract, -15, 'Robert Quinn', 'Two of the four pumps leak at the shaft seal under operating pressure')

    def _access_gates(self):
        """Delivered; the customer has said nothing and the time to answer is over."""
        order = self._sell('riverside', 'Access gates', [('sensor', 30, 145)], -42)
        contract = self._agree(order, -40, 'Robert Quinn')
        self._deliver(contract, -11)

    # === OLD MILL PAPER, PAUSED === #

    def _tell_oldmill(self):
        self._annual_inspection()
        self._steam_valves()
        self._dryer_rebuild()

    def _annual_inspection(self):
        """Its term ended yesterday; only the last payment is open."""
        contract = self._draft_by_hand(
            'oldmill', 'Annual inspection', 'service', 9500, -366, -1, -370,
            line_ids=[self._item('inspection', 'Inspection of the paper machine', 10, 950)],
        )
        self._submit(contract, -369)
        self._approve(contract, -367)
        self._sign(contract, -366, 'Nora Lindqvist')
        self._pay(contract, self._invoice_by_hand(contract, 'Advance 30 %', 2850, -365, -351), -352)
        for kind, offset in (('other', -362), ('document', -318), ('delivery', -20)):
            self._do(contract.milestone_ids.filtered(lambda one, kind=kind: one.kind == kind and one.state == 'pending')[:1], offset)
        self._accept(contract, -12, 'Nora Lindqvist', 'Albany, machine hall', method='Report reviewed')
        self._invoice_by_hand(contract, 'Final payment', 6650, -12, 18)

    def _steam_valves(self):
        """In settlement: everything is delivered, the money is on its way."""
        order = self._sell('oldmill', 'Steam valves', [('spares', 35, 260)], -62)
        contract = self._agree(order, -60, 'Nora Lindqvist')
        self._deliver(contract, -30)
        self._accept(contract, -15, 'Nora Lindqvist', 'Albany, boiler house')
        self._pay(contract, self._invoice(contract, -15), -4, share=0.5)
        self._on(contract, -3, 'sales').action_settle()
        self._backdate(contract, -3)

    def _dryer_rebuild(self):
        """Make a payment due today, though reminders to this customer are paused."""
        order = self._sell('oldmill', 'Dryer rebuild', [('pump', 2, 3900), ('inspection', 4, 950)], -70)
        contract = self._agree(order, -68, 'Nora Lindqvist')
        self._deliver(contract, -40)
        self._accept(contract, -30, 'Nora Lindqvist', 'Albany, dryer section')
        self._invoice(contract, -30)

    # === BLUEBIRD LABS, NEW === #

    def _tell_bluebird(self):
        self._trial_unit()
        self._bench_sensors()
        self._barcode_readers()
        self._label_printers()
        self._sample_store()
        self._lab_automation()

    def _trial_unit(self):
        """Drop a contract before it comes into force."""
        order = self._sell('bluebird', 'Trial unit', [('sorter', 1, 12500)], -80)
        contract = self._draft(order, -80)
        self._on(contract, -75, 'sales').action_cancel(reason='The customer bought the bench sensors instead')
        self._backdate(contract, -75)

    def _bench_sensors(self):
        """Make the first payment of a new customer due today."""
        order = self._sell('bluebird', 'Bench sensors', [('sensor', 25, 145)], -74)
        contract = self._agree(order, -70, 'Amira Khan')
        self._deliver(contract, -37)
        self._accept(contract, -30, 'Amira Khan', 'Boston, laboratory 2')
        self._invoice(contract, -30)

    def _barcode_readers(self):
        """Make a payment due in two days: the day of the SMS."""
        order = self._sell('bluebird', 'Barcode readers', [('terminal', 3, 620)], -71)
        contract = self._agree(order, -68, 'Amira Khan')
        self._deliver(contract, -40)
        self._accept(contract, -28, 'Amira Khan', 'Boston, sample desk', method='Inspection')
        self._invoice(contract, -28)

    def _label_printers(self):
        """Signed before its start: it comes into force today."""
        order = self._sell('bluebird', 'Label printers', [('terminal', 4, 620)], -8)
        contract = self._draft(order, -8)
        self._on(contract, -8, 'sales').date_start = self._day(0)
        self._submit(contract, -8)
        self._approve(contract, -6)
        self._sign(contract, -5, 'Amira Khan')

    def _sample_store(self):
        """In approval: finance has let it lie past the deadline."""
        order = self._sell('bluebird', 'Sample store', [('sorter', 12, 12500)], -13)
        contract = self._draft(order, -12)
        self._submit(contract, -12)
        self._approve(contract, -11, steps=2)

    def _lab_automation(self):
        """Draft a contract this week, with the blanks still to be filled in."""
        order = self._sell('bluebird', 'Lab automation', [('conveyor', 2, 8400), ('sensor', 10, 145)], -1)
        contract = self._draft(order, -1)
        contract.clause_ids.parameter_ids.filtered(lambda one: one.key == 'delivery_place').value_text = False
        contract._check_wording()

    # === 上海远航科技有限公司, CHINESE === #

    def _tell_yuanhang(self):
        self._sorting_line()
        self._scanners()
        self._dock_gates()

    def _sell_in_china(self, title, lines, offset):
        return self._sell('yuanhang', title, lines, offset, user='wei', pricelist_id=self._demo('pricelist_cny').id)

    def _sorting_line(self):
        """Make a contract whose delivery was accepted; the payment is due tomorrow."""
        order = self._sell_in_china('Sorting line 自动分拣线一期', [('sorter', 4, 88000), ('conveyor', 8, 60000)], -75)
        contract = self._agree(order, -72, '李娜', user='wei')
        self._deliver(contract, -44, user='wei')
        self._accept(contract, -29, '李娜', '上海张江一号库', method='试运行', user='wei')
        self._invoice(contract, -29)

    def _scanners(self):
        """Make a contract whose delivery was accepted; the payment is due in a week."""
        order = self._sell_in_china('Scanners 扫码设备', [('terminal', 30, 4300)], -62)
        contract = self._agree(order, -60, '李娜', user='wei')
        self._deliver(contract, -33, user='wei')
        self._accept(contract, -23, '李娜', '上海张江二号库', method='抽检', user='wei')
        self._invoice(contract, -23)

    def _dock_gates(self):
        """Our delivery is due in three days."""
        order = self._sell_in_china('Dock gates 月台门', [('sensor', 50, 1000)], -29)
        self._agree(order, -27, '李娜', user='wei')

    # === REMINDERS === #

    def _tell_reminders(self):
        """Send the reminders of the last two weeks by the rules themselves, and mark the delays told before today."""
        late = self.env['fulfilment.milestone'].search([
            ('state', '=', 'pending'), ('contract_state', 'in', ('active', 'settlement')), ('date_planned', '<', self._day(-1)),
        ])
        for milestone in late:
            milestone.told_late_for = milestone.date_planned
        reminders = self.env['fulfilment.reminder'].sudo()
        companies = self.env.company
        for offset in REMINDED_DAYS:
            today = dict.fromkeys(companies, self._day(offset))
            for model in ('fulfilment.milestone', 'fulfilment.contract'):
                due = self.env[model].browse(sorted({record.id for record in reminders._due_pairs(model, today)}))
                if due:
                    reminders._remind(today, due)
            self._date_reminders(offset)

    def _note_as_sent(self):
        """Note the e-mails of the story as sent: nobody is to receive them, and where nothing sends mail they would all show as failed."""
        self.env['mail.mail'].sudo().search([('state', 'in', ('outgoing', 'exception'))]).state = 'sent'

    def _date_reminders(self, offset):
        """Date what was written just now as sent on that day."""
        moment = fields.Datetime.add(fields.Datetime.to_datetime(self._day(offset)), hours=13)
        rows = self.env['fulfilment.reminder'].sudo().search([('as_of', '=', self._day(offset))])
        rows.filtered('sent_on').sent_on = moment
        rows.message_id.date = moment
        rows.mail_id.state = 'sent'
