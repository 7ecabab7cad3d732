"""A review as sheets of a workbook."""
from ...tools.sheet import Column, Sheet


def review_sheet(review):
    """One row for each milestone, or check, as the review saw it; marks and findings below each other beneath.

    :param review: one ``fulfilment.review``
    :return: :class:`Sheet`
    """
    env = review.env
    fields = review.line_ids._fields
    kinds, owed, states, fault = (
        dict(fields[name]._description_selection(env)) for name in ('kind', 'obligor', 'state', 'fault')
    )
    sheet = Sheet(env._("Review"), [
        Column(env._("What"), width=38), Column(env._("Kind"), width=18), Column(env._("Owed by"), width=14),
        Column(env._("Responsible"), width=20), Column(env._("First planned"), 'date', 14), Column(env._("Planned"), 'date', 14),
        Column(env._("Done on"), 'date', 14), Column(env._("State"), width=16), Column(env._("Days of delay"), 'number', 10),
        Column(env._("Whose fault"), width=16), Column(env._("Amount"), 'money', 16), Column(env._("Paid"), 'money', 16),
    ])
    for line in review.line_ids:
        sheet.rows.append([
            line.name, kinds.get(line.kind, ''), owed.get(line.obligor, ''), line.owner or '', line.date_first_planned or None,
            line.date_planned or None, line.date_done or None, states.get(line.state, ''), line.days_late, fault.get(line.fault, ''),
            line.amount, line.amount_done,
        ])
    blank = [None] * 10
    for check in review.check_ids:
        sheet.rows.append([check.name, env._("Check"), env._("%(wrong)s of %(all)s", wrong=check.exceptions, all=check.population),
            *blank[1:]])
    marks = dict(review.answer_ids._fields['mark']._description_selection(env))
    for answer in review.answer_ids:
        sheet.rows.append([answer.question, env._("Mark"), marks.get(answer.mark, '–'), answer.note or '', *blank[2:]])
    states = dict(review.finding_ids._fields['state']._description_selection(env))
    for finding in review.finding_ids:
        row = [finding.name, env._("Finding"), '', finding.user_id.name or '', None, finding.date_due or None, finding.closed_on or None]
        sheet.rows.append([*row, states.get(finding.state, ''), None, '', None, None])
    return sheet
