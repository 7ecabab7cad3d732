"""The monthly analysis of tickets as a sheet."""
from ...tools.sheet import Column, Sheet


def analysis_sheet(analysis):
    """One row for each type, cause and product.

    :param analysis: one ``fulfilment.ticket.analysis``
    :return: :class:`Sheet`
    """
    env = analysis.env
    sheet = Sheet(env._("Tickets"), [
        Column(env._("Type"), width=18), Column(env._("Cause"), width=28), Column(env._("Product"), width=32),
        Column(env._("Tickets"), 'number', 10), Column(env._("Of our making"), 'number', 14),
        Column(env._("Solved"), 'number', 10), Column(env._("Solved (%)"), 'percent', 12),
        Column(env._("Deadlines kept (%)"), 'percent', 18), Column(env._("Hours to solution"), 'percent', 18),
        Column(env._("Rating"), 'percent', 10),
    ])
    for line in analysis._lines():
        sheet.rows.append([
            line['type'], line['cause'], line['product'], line['count'], line.get('ours'), line['solved'], line['solved_rate'],
            line['in_time_rate'], line['hours'], line['rating'],
        ])
    return sheet
