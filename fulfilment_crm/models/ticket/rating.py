from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import NO_ACCESS, Domain

from ..base.deletion import before_deletion

TICKET = 'fulfilment.ticket'


class RatingRating(models.Model):
    """What customers say of tickets is theirs: given once, by them, and neither entered, changed nor deleted by hand."""
    _inherit = 'rating.rating'

    # Whoever has the token can answer in the customer's name.
    access_token = fields.Char(groups=NO_ACCESS)
    fulfilment_is_readable = fields.Boolean(
        compute='_compute_fulfilment_is_readable', search='_search_fulfilment_is_readable', export_string_translation=False,
        help="Whether the user may read the ticket this rates; other ratings are read as without the addon.",
    )

    @api.depends('res_model', 'res_id')
    @api.depends_context('uid')
    def _compute_fulfilment_is_readable(self):
        readable = self.search([('id', 'in', self.ids), ('fulfilment_is_readable', '=', True)])
        for rating in self:
            rating.fulfilment_is_readable = rating in readable

    def _search_fulfilment_is_readable(self, operator, value):
        if operator != 'in':
            return NotImplemented
        # The rules of access ask as superuser, about the user.
        tickets = self.env[TICKET].sudo(False).with_context(active_test=False)
        domain = Domain('res_model', '!=', TICKET)
        if tickets.has_access('read'):
            domain |= Domain('res_model', '=', TICKET) & Domain('res_id', 'in', tickets._search([]))
        return domain if True in value else ~domain

    @api.model_create_multi
    def create(self, vals_list):
        ratings = super().create(vals_list)
        ratings._fulfilment_check_by_hand()
        ratings._fulfilment_check_named()
        return ratings

    def write(self, vals):
        if vals.keys() & {'rating', 'feedback', 'consumed', 'partner_id', 'rated_partner_id', 'res_id', 'res_model_id', 'access_token'}:
            self._fulfilment_check_by_hand()
        result = super().write(vals)
        if vals.keys() & {'res_id', 'res_model_id'}:
            self._fulfilment_check_by_hand()
            self._fulfilment_check_named()
        return result

    def reset(self):
        self.check_access('write')
        self._fulfilment_check_by_hand()
        # safe: checked above; Odoo gives the rating a new token, which nobody may write
        return super(RatingRating, self.sudo()).reset()

    @before_deletion
    def _unlink_except_of_tickets(self):
        self._fulfilment_check_by_hand()

    def _fulfilment_check_named(self):
        """Check that the user reads the records of ours that ratings name: a rating tells what they are called."""
        # safe: asks what the ratings are about
        for model, ratings in self.sudo().grouped('res_model').items() if not self.env.su else ():
            if (model or '').startswith('fulfilment.') and model in self.env:
                self.env[model].browse(ratings.mapped('res_id')).exists().check_access('read')

    def _fulfilment_check_by_hand(self):
        # safe: asks what the ratings are about
        if not self.env.su and TICKET in self.sudo().mapped('res_model'):
            raise AccessError(self.env._("Ratings of tickets are given by customers; they are not entered, changed or deleted by hand."))


class FulfilmentTicket(models.Model):
    _inherit = 'fulfilment.ticket'

    def rating_apply(self, rate, token=None, rating=None, feedback=None, subtype_xmlid=None, notify_delay_send=False):
        """Keep what the customer says, once.

        :raise UserError: when it was said already
        """
        # safe: asks whether it was answered; who may answer is checked by whoever calls
        known = rating or self.env['rating.rating'].sudo().search([('access_token', '=', token)], limit=1)
        if known.consumed:
            raise UserError(self.env._("This rating has been given already. Thank you."))
        return super().rating_apply(
            rate, token=token, rating=rating, feedback=feedback, subtype_xmlid=subtype_xmlid, notify_delay_send=notify_delay_send,
        )
