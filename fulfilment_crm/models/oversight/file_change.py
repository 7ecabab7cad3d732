from odoo import api, fields, models
from odoo.exceptions import UserError

from ..base.deletion import before_deletion
from ..base.readers import READERS
from .days import count_days

# What of a customer is noted when it changes: contact, address and status.
NOTED = (
    'name', 'email', 'phone', 'street', 'street2', 'zip', 'city', 'state_id', 'country_id', 'vat', 'parent_id', 'function', 'active',
    'user_id', 'fulfilment_kind', 'category_id',
)


class FulfilmentFileChange(models.Model):
    """That something of a customer's file changed: what, when it was entered, and since when it was known."""
    _name = 'fulfilment.file.change'
    _description = 'Change of a customer file'
    _inherit = ['fulfilment.machine.mixin', 'fulfilment.guard.mixin']
    _order = 'id desc'
    _rec_name = 'what'

    partner_id = fields.Many2one('res.partner', string="Contact", required=True, readonly=True, index=True, ondelete='cascade',
        guarded=True)
    commercial_partner_id = fields.Many2one(
        related='partner_id.commercial_partner_id', string="Customer", store=True, index='btree_not_null',
    )
    company_id = fields.Many2one('res.company', required=True, readonly=True, index=True, ondelete='cascade', guarded=True)
    user_id = fields.Many2one('res.users', string="Entered by", readonly=True, index=True, ondelete='set null', guarded=True)
    names = fields.Json(readonly=True, guarded=True, help="Names of the fields.")
    what = fields.Char(string="Changed", compute='_compute_what')
    changed_on = fields.Datetime(string="Entered on", required=True, readonly=True, default=fields.Datetime.now, index=True, guarded=True)
    known_on = fields.Datetime(string="Known since", required=True,
        help="When the change became known; earlier than it was entered, or then.")
    hours = fields.Float(string="Hours to enter", compute='_compute_hours', store=True, aggregator='avg', digits=(8, 1))
    is_late = fields.Boolean(string="Entered late", compute='_compute_hours', store=True, help="Later than the hours of the settings.")
    days_ago = fields.Integer(string="Entered (days ago)", compute='_compute_days_ago', search='_search_days_ago', aggregator=None)

    @api.depends('names')
    @api.depends_context('lang')
    def _compute_what(self):
        partners = self.env['res.partner']
        for change in self:
            change.what = ', '.join(
                partners._fields[name]._description_string(self.env) for name in change.names or [] if name in partners._fields
            )

    @api.depends('changed_on', 'known_on', 'company_id.fulfilment_log_hours')
    def _compute_hours(self):
        for change in self:
            seconds = max((change.changed_on - change.known_on).total_seconds(), 0) if change.known_on and change.changed_on else 0
            change.hours = seconds / 3600
            # safe: a setting of the company the change belongs to
            change.is_late = seconds > round(change.company_id.sudo().fulfilment_log_hours * 3600)

    @api.depends('changed_on')
    @api.depends_context('as_of')
    def _compute_days_ago(self):
        count_days(self, 'days_ago', 'changed_on')

    def _search_days_ago(self, operator, value):
        return self.env['res.company']._fulfilment_days_domain('changed_on', operator, value, since=True)

    @api.constrains('known_on')
    def _check_known_on(self):
        for change in self:
            if change.known_on > change.changed_on:
                raise UserError(self.env._("%s was known when it was entered, or before.", change.what))

    def write(self, vals):
        if 'known_on' in vals and not self.env.su:
            later = fields.Datetime.to_datetime(vals['known_on'])
            if any(later and later > one.known_on for one in self):
                raise UserError(self.env._("When something became known is set to an earlier moment only."))
        return super().write(vals)

    @before_deletion
    def _unlink_except_never(self):
        raise UserError(self.env._("Changes of customer files stay on record."))


class ResPartner(models.Model):
    _inherit = 'res.partner'

    fulfilment_known_on = fields.Datetime(
        string="Change known since", compute='_compute_fulfilment_known_on', readonly=False, store=False, groups=READERS,
        help="When you heard of what you are changing, if not just now: what is entered late is found.",
    )

    def _compute_fulfilment_known_on(self):
        self.fulfilment_known_on = False

    def write(self, vals):
        vals = dict(vals)
        known = fields.Datetime.to_datetime(vals.pop('fulfilment_known_on', False) or False)
        company = self.env.company
        # safe: whether the company keeps changes of files
        if self.env.su or not company.sudo().fulfilment_checks or not (noted := [name for name in NOTED if name in vals]):
            return super().write(vals)
        before = {one: {name: one[name] for name in noted} for one in self}
        result = super().write(vals)
        changed = {one: [name for name in noted if one[name] != values[name]] for one, values in before.items()}
        self._fulfilment_note_changes({one: names for one, names in changed.items() if names}, known)
        return result

    def _fulfilment_note_changes(self, changed, known):
        """Keep what changed of customers who have a file.

        :param dict changed: ``{contact: [field]}``
        :param datetime known: since when it was known; now when empty
        """
        now = fields.Datetime.now()
        # safe: what follows from a change that the user was allowed to make
        profiles = self.env['fulfilment.profile'].sudo().search([
            ('partner_id', 'in', self.commercial_partner_id.ids), ('company_id', '=', self.env.company.root_id.id),
        ])
        customers = {one.partner_id: one for one in profiles}
        self.env['fulfilment.file.change'].sudo().create([{  # safe: as above
            'partner_id': one.id, 'company_id': self.env.company.root_id.id, 'user_id': self.env.uid, 'names': names, 'changed_on': now,
            'known_on': min(known or now, now),
        } for one, names in changed.items() if one.commercial_partner_id in customers])
        touched = profiles.filtered(lambda one: one.partner_id in {contact.commercial_partner_id for contact in changed})
        for day, some in touched.grouped(lambda one: one.company_id._fulfilment_today()[one.company_id]).items():
            some.file_confirmed_on = day
