"""How long ago something was, as fields that conditions of checks can name."""
from datetime import datetime

from odoo import api, fields, models


def count_days(records, name, date_field):
    """Set a field to the days from a date of the records to today where their company is; empty where there is no date."""
    today = records.company_id._fulfilment_today(reading=True)
    for record in records:
        day = record[date_field]
        day = day.date() if isinstance(day, datetime) else day
        record[name] = (today[record.company_id] - day).days if day and record.company_id else False


class FulfilmentContract(models.Model):
    _inherit = 'fulfilment.contract'

    review_ids = fields.One2many('fulfilment.review', 'contract_id', string="Reviews", for_colleagues=True)
    reviewed_on = fields.Date(
        string="Reviewed last", compute='_compute_reviewed_on', store=True, for_colleagues=True,
        help="As of the last review that was reported; before the first, the day the contract began.",
    )
    days_without_review = fields.Integer(
        compute='_compute_days_without_review', search='_search_days_without_review', aggregator=None, for_colleagues=True,
    )

    @api.depends('review_ids.state', 'review_ids.date', 'review_ids.kind', 'date_start', 'date_signed')
    def _compute_reviewed_on(self):
        for contract in self:
            # safe: the day of the last review, for who may read the contract
            done = contract.sudo().review_ids.filtered(lambda one: one.kind == 'periodic' and one.state in ('reported', 'closed'))
            contract.reviewed_on = max(done.mapped('date'), default=contract.date_signed or contract.date_start)

    @api.depends('reviewed_on')
    @api.depends_context('as_of')
    def _compute_days_without_review(self):
        count_days(self, 'days_without_review', 'reviewed_on')

    def _search_days_without_review(self, operator, value):
        return self.env['res.company']._fulfilment_days_domain('reviewed_on', operator, value, since=True)


class FulfilmentInteraction(models.Model):
    _inherit = 'fulfilment.interaction'

    days_ago = fields.Integer(string="Logged (days ago)", compute='_compute_days_ago', search='_search_days_ago', aggregator=None)

    @api.depends('logged_on')
    @api.depends_context('as_of')
    def _compute_days_ago(self):
        count_days(self, 'days_ago', 'logged_on')

    def _search_days_ago(self, operator, value):
        return self.env['res.company']._fulfilment_days_domain('logged_on', operator, value, since=True)


class FulfilmentPaymentPromise(models.Model):
    _inherit = 'fulfilment.payment.promise'

    days_past = fields.Integer(
        string="Days past its date", compute='_compute_days_past', search='_search_days_past', aggregator=None,
        help="Negative: still to come.",
    )

    @api.depends('date_promised')
    @api.depends_context('as_of')
    def _compute_days_past(self):
        count_days(self, 'days_past', 'date_promised')

    def _search_days_past(self, operator, value):
        return self.env['res.company']._fulfilment_days_domain('date_promised', operator, value, since=True)


class FulfilmentProfile(models.Model):
    _inherit = 'fulfilment.profile'

    file_confirmed_on = fields.Date(
        string="File up to date on", readonly=True, guarded=True, index='btree_not_null',
        help="When somebody last changed it, or said that it is as it should be. At first, when checks were switched on.",
    )
    days_since_file = fields.Integer(
        string="File untouched for (days)", compute='_compute_days_since_file', search='_search_days_since_file', aggregator=None,
    )

    can_confirm_file = fields.Boolean(compute='_compute_can_confirm_file', help="Whether the user may change the customer.")

    @api.depends_context('uid')
    def _compute_can_confirm_file(self):
        changeable = self.partner_id._filtered_access('write') if self.env['res.partner'].has_access('write') else self.env['res.partner']
        for profile in self:
            profile.can_confirm_file = profile.partner_id in changeable

    @api.depends('file_confirmed_on')
    @api.depends_context('as_of')
    def _compute_days_since_file(self):
        count_days(self, 'days_since_file', 'file_confirmed_on')

    def _search_days_since_file(self, operator, value):
        return self.env['res.company']._fulfilment_days_domain('file_confirmed_on', operator, value, since=True)

    def action_confirm_file(self):
        """Say that the files of these customers are up to date."""
        self.check_access('read')
        self.partner_id.check_access('write')
        # safe: guarded; whoever may change the customer says so
        profiles = self.sudo()
        for day, some in profiles.grouped(lambda one: one.company_id._fulfilment_today()[one.company_id]).items():
            some.file_confirmed_on = day
        return True
