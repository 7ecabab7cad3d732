"""Scorecards that have been used judged on whatever data there was; a version does not change."""


def migrate(cr, version):
    if version:
        cr.execute("UPDATE fulfilment_scorecard SET data_share = 0 WHERE state != 'draft'")
