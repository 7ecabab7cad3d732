"""The contract ledger (合同台账) as a sheet."""
from ...tools.sheet import Column, Sheet


def contract_ledger(contracts):
    """One row for each contract the reader may see.

    :param contracts: ``fulfilment.contract`` records
    :return: :class:`Sheet`
    """
    env = contracts.env
    states = dict(contracts._fields['state']._description_selection(contracts.env))
    sheet = Sheet(env._("Contract ledger"), [
        Column(env._("Number")), Column(env._("Subject"), width=30), Column(env._("Customer"), width=30), Column(env._("Type"), width=18),
        Column(env._("State")), Column(env._("Responsible"), width=20), Column(env._("Signed on"), 'date', 12),
        Column(env._("Start"), 'date', 12),
        Column(env._("End"), 'date', 12), Column(env._("Currency"), width=9), Column(env._("Contract amount"), 'money'),
        Column(env._("Paid"), 'money'),
        Column(env._("Ordered"), 'money'), Column(env._("Milestones"), 'number', 10), Column(env._("Late milestones"), 'number', 10),
        Column(env._("Next milestone"), width=28), Column(env._("Due"), 'date', 12), Column(env._("Orders"), width=24),
    ])
    for contract in contracts:
        following = contract.next_milestone_id
        sheet.rows.append([
            contract.name, contract.title, contract.partner_id.display_name, contract.type_id.name, states[contract.state],
            contract.user_id.name, contract.date_signed, contract.date_start, contract.date_end, contract.currency_id.name,
            contract.amount_total, contract.amount_paid, contract.amount_ordered, contract.milestone_count, contract.milestone_late_count,
            following.name, following.date_planned, ', '.join(contract.sale_order_ids.mapped('name')),
        ])
    return sheet
