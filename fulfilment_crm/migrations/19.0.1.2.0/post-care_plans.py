"""What tiers owed in care by numbers a year becomes their care plans."""
from odoo import SUPERUSER_ID, api
from odoo.fields import Command
from odoo.tools import SQL
from odoo.tools.sql import column_exists

COLUMNS = {'visit': 'visits_per_year', 'call': 'calls_per_year', 'followup': 'followups_per_year'}
PERIODS = (('month', 12), ('quarter', 4), ('half', 2), ('year', 1))


def migrate(cr, version):
    if not version or not all(column_exists(cr, 'fulfilment_tier', column) for column in COLUMNS.values()):
        return
    env = api.Environment(cr, SUPERUSER_ID, {'tracking_disable': True})
    rows = env.execute_query(SQL(
        "SELECT id, %s FROM fulfilment_tier WHERE scale = 'importance'", SQL(", ").join(map(SQL.identifier, COLUMNS.values())),
    ))
    plans = env['fulfilment.care.plan'].with_context(active_test=False).search([]).grouped('tier_id')
    for tier_id, *numbers in rows:
        tier = env['fulfilment.tier'].browse(tier_id)
        lines = [{'kind': kind, **rhythm(number)} for kind, number in zip(COLUMNS, numbers, strict=True) if number]
        plan = plans.get(tier) or (env['fulfilment.care.plan'].create({'tier_id': tier_id}) if lines else None)
        known = [{'kind': line.kind, 'number': line.number, 'period': line.period} for line in plan.line_ids] if plan else []
        if plan and sorted(known, key=str) != sorted(lines, key=str):
            plan.line_ids = [Command.clear(), *map(Command.create, lines)]


def rhythm(number):
    """So many contacts a year as a number in each of the shortest periods that divides them evenly; rounded up in a year otherwise."""
    for period, times in PERIODS:
        if number >= times and number % times == 0:
            return {'number': int(min(number // times, 31)), 'period': period}
    return {'number': int(min(-(-number // 1), 31)), 'period': 'year'}
