"""What updates from earlier versions carry over."""
import importlib.util
from pathlib import Path

from odoo.tests import TransactionCase, tagged
from odoo.tools.misc import file_path


def script(version, name):
    path = Path(file_path('fulfilment_crm/__manifest__.py')).parent / 'migrations' / version / f'{name}.py'
    spec = importlib.util.spec_from_file_location('migration', path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@tagged('post_install', '-at_install')
class TestMigration(TransactionCase):

    def test_care_of_tiers(self):
        """Numbers a year that were edited become the plan of the tier; what fits already stays as it is."""
        module, env = script('19.0.1.2.0', 'post-care_plans'), self.env
        strategic, key, ordinary = (env.ref(f'fulfilment_crm.tier_{name}') for name in ('strategic', 'key', 'ordinary'))
        own = env['fulfilment.tier'].create({'name': 'Own', 'scale': 'importance'})
        before = key.care_plan_ids.line_ids
        env.cr.execute("""
            ALTER TABLE fulfilment_tier ADD COLUMN visits_per_year numeric, ADD COLUMN calls_per_year numeric,
                                        ADD COLUMN followups_per_year numeric
        """)
        for tier, numbers in ((strategic, (6, 24, 0)), (key, (2, 4, 0)), (ordinary, (0, 0, 1)), (own, (3, 0, 2.5))):
            env.cr.execute(
                "UPDATE fulfilment_tier SET visits_per_year = %s, calls_per_year = %s, followups_per_year = %s WHERE id = %s",
                [*numbers, tier.id],
            )
        module.migrate(env.cr, '19.0.1.1.0')
        env.invalidate_all()
        for tier, expected in (
            (strategic, {('visit', 3, 'half'), ('call', 2, 'month')}), (key, {('visit', 1, 'half'), ('call', 1, 'quarter')}),
            (ordinary, {('followup', 1, 'year')}), (own, {('visit', 3, 'year'), ('followup', 3, 'year')}),
        ):
            with self.subTest(tier=tier.name):
                self.assertEqual({(line.kind, line.number, line.period) for line in tier.care_plan_ids.line_ids}, expected)
        self.assertEqual(key.care_plan_ids.line_ids, before, "what fits already is not made again")

    def test_nothing_to_carry_over(self):
        script('19.0.1.2.0', 'post-care_plans').migrate(self.env.cr, '19.0.1.2.0')
        self.assertTrue(self.env.ref('fulfilment_crm.care_plan_strategic').line_ids)

    def test_what_acted_by_itself_goes_on(self):
        names = ('fulfilment_care', 'fulfilment_warnings', 'fulfilment_rewards', 'fulfilment_grade_rounds')
        company = self.env['res.company'].create({'name': 'Before the switches', **dict.fromkeys(names, False)})
        company.flush_recordset()
        script('19.0.1.6.0', 'post-switches').migrate(self.env.cr, '19.0.1.5.0')
        company.invalidate_recordset()
        self.assertEqual([company[name] for name in names], [True] * 4)

    def test_half_a_year_is_written_one_way(self):
        """Tasks keep their claims, so that none is planned again."""
        env = self.env
        tier = env.ref('fulfilment_crm.tier_key')
        line = tier.care_plan_ids.line_ids.filtered(lambda one: one.kind == 'visit')
        task = env['fulfilment.care.task'].create({
            'claim_key': 'care:1:visit:half:2026-01-01:0', 'partner_id': env['res.partner'].create({'name': 'A'}).id,
            'company_id': env.company.id, 'kind': 'visit', 'period': 'half', 'period_start': '2026-01-01', 'period_end': '2026-06-30',
            'date_planned': '2026-03-02',
            'user_id': env.uid,
        })
        env.flush_all()
        env.cr.execute("UPDATE fulfilment_care_plan_line SET period = 'half_year' WHERE id = %s", [line.id])
        env.cr.execute("""
            UPDATE fulfilment_care_task SET period = 'half_year', claim_key = replace(claim_key, 'half', 'half_year') WHERE id = %s
        """, [task.id])
        script('19.0.2.0.0', 'pre-periods').migrate(env.cr, '19.0.1.8.0')
        env.invalidate_all()
        self.assertEqual((line.period, task.period, task.claim_key), ('half', 'half', 'care:1:visit:half:2026-01-01:0'))

    def test_renamed_fields_keep_what_they_hold(self):
        module, env = script('19.0.2.0.0', 'pre-names'), self.env
        for table, model, old, new in module.RENAMED:
            with self.subTest(model=model, field=new):
                field = env['ir.model.fields']._get(model, new)
                env.cr.execute(f'SELECT id, {new} FROM {table} ORDER BY id')
                before = env.cr.fetchall()
                env.cr.execute(f'ALTER TABLE {table} RENAME COLUMN {new} TO {old}')
                env.cr.execute("UPDATE ir_model_fields SET name = %s WHERE id = %s", [old, field.id])
                for _go in range(2):  # once is once
                    module.migrate(env.cr, '19.0.1.8.0')
                env.invalidate_all()
                env.cr.execute(f'SELECT id, {new} FROM {table} ORDER BY id')
                self.assertEqual((env.cr.fetchall(), field.name), (before, new))

    def test_contracts_keep_whether_orders_are_placed_under_them(self):
        env = self.env
        kinds = [env.ref(f'fulfilment_crm.contract_type_{name}') for name in ('framework', 'service')]
        contracts = env['fulfilment.contract'].create([{
            'partner_id': env['res.partner'].create({'name': 'A'}).id, 'type_id': kind.id, 'amount_total': 1.0,
        } for kind in kinds])
        env.flush_all()
        env.cr.execute("UPDATE fulfilment_contract SET is_framework = NULL WHERE id IN %s", [tuple(contracts.ids)])
        script('19.0.2.0.0', 'pre-framework').migrate(env.cr, '19.0.1.8.0')
        env.invalidate_all()
        self.assertEqual(contracts.mapped('is_framework'), [True, False])

    def test_types_of_activities_stay_where_somebody_put_them(self):
        module, types = script('19.0.2.0.0', 'post-activity_types'), {}
        for name in module.MODELS:
            types[name] = self.env.ref(f'fulfilment_crm.{name}')
        self.env.cr.execute("UPDATE mail_activity_type SET res_model = NULL WHERE id IN %s", [tuple(one.id for one in types.values())])
        own = types['activity_type_care']
        self.env.cr.execute("UPDATE mail_activity_type SET res_model = 'crm.lead' WHERE id = %s", [own.id])
        module.migrate(self.env.cr, '19.0.1.8.0')
        self.env.invalidate_all()
        self.assertEqual(own.res_model, 'crm.lead')
        for name, kind in types.items():
            if kind != own:
                self.assertEqual(kind.res_model, module.MODELS[name])
