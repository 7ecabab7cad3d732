"""Breach cases as a sheet."""
from ...tools.sheet import Column, Sheet


def breach_sheet(breaches):
    """One row for each case the reader may see.

    :param breaches: ``fulfilment.breach`` records
    :return: :class:`Sheet`
    """
    env = breaches.env
    states, parties = (dict(breaches._fields[name]._description_selection(env)) for name in ('state', 'party'))
    sheet = Sheet(env._("Breach cases"), [
        Column(env._("Number")), Column(env._("Customer"), width=30), Column(env._("Contract")), Column(env._("Milestone"), width=24),
        Column(env._("Who broke it")), Column(env._("Cause"), width=28), Column(env._("Clause"), width=24),
        Column(env._("Template"), width=24), Column(env._("Product"), width=24), Column(env._("Case opened on"), 'date', 12),
        Column(env._("Cured on"), 'date', 12), Column(env._("Days to cure"), 'number', 10), Column(env._("State")),
        Column(env._("Currency"), width=9), Column(env._("Claimed"), 'money'), Column(env._("Recovered"), 'money'),
        Column(env._("Recovered (%)"), 'percent', 12), Column(env._("Cost"), 'money'), Column(env._("Outcome"), width=40),
    ])
    for one in breaches:
        sheet.rows.append([
            one.name, one.partner_id.display_name, one.contract_id.name, one.milestone_id.name, parties[one.party],
            one.cause_id.display_name, one.clause_id.name, one.template_id.name, one.product_id.display_name, one.opened_on, one.cured_on,
            one.days_to_cure if one.cured_on else None, states[one.state], one.currency_id.name, one.amount_claimed, one.amount_recovered,
            one.recovery_rate if one.amount_claimed else None, one.cost, one.outcome,
        ])
    return sheet
