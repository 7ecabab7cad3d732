from calendar import monthrange

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ...tools.care import month_days
from ..base.to_do_mixin import QUIET

MONTHS = [
    ('1', "January"), ('2', "February"), ('3', "March"), ('4', "April"), ('5', "May"), ('6', "June"), ('7', "July"), ('8', "August"),
    ('9', "September"), ('10', "October"), ('11', "November"), ('12', "December"),
]


class FulfilmentCareOccasion(models.Model):
    """A day of the year on which a customer is thought of."""
    _name = 'fulfilment.care.occasion'
    _description = 'Yearly occasion'
    _inherit = ['fulfilment.guard.mixin']
    _order = 'month_day, id'
    _check_company_auto = True

    name = fields.Char(string="Yearly occasion", required=True)
    active = fields.Boolean(default=True)
    kind = fields.Selection(
        [('birthday', "Birthday"), ('anniversary', "Anniversary"), ('holiday', "Holiday"), ('other', "Other")], required=True,
        default='birthday',
    )
    partner_id = fields.Many2one('res.partner', string="Contact", required=True, index=True, ondelete='cascade', check_company=True)
    company_id = fields.Many2one('res.company', required=True, index=True, default=lambda self: self.env.company, ondelete='cascade')
    user_id = fields.Many2one(
        'res.users', string="Who", ondelete='set null', check_company=True, help="Empty: whoever cares for the customer.",
    )
    month = fields.Selection(MONTHS, required=True)
    day = fields.Integer(required=True, help="29 February is kept on the 28th in years without it.")
    month_day = fields.Integer(compute='_compute_month_day', store=True, index=True, string="Day of the year")
    told_for = fields.Date(readonly=True, copy=False, string="Last told for", guarded=True)

    @api.depends('month', 'day')
    def _compute_month_day(self):
        for occasion in self:
            occasion.month_day = int(occasion.month or 0) * 100 + occasion.day

    @api.constrains('month', 'day')
    def _check_day(self):
        for occasion in self:
            if not 1 <= occasion.day <= monthrange(2024, int(occasion.month))[1]:
                raise ValidationError(self.env._("“%s” falls on a day its month does not have: correct the day.", occasion.name))

    @api.model
    def _near(self, today):
        """Find the occasions of the next days that were not told of.

        :param dict today: ``{company: date}``
        """
        found = self.browse()
        for (day, ahead), companies in _groups(today).items():
            days = month_days(day, fields.Date.add(day, days=ahead))
            near = self.search([
                ('month_day', 'in', list(days)), ('company_id', 'in', companies), ('partner_id.active', '=', True),
            ], order='id')
            found |= near.filtered(lambda one, days=days: not one.told_for or one.told_for < days[one.month_day])
        return found

    @api.model
    def _tell(self, occasions, today):
        """Give whoever cares for the customer an activity on the day; once a year.

        :return: ``{effect: count}``
        """
        told = occasions._near({company: today[company] for company in occasions.company_id}) & occasions
        model_id, activity_type = self.env['ir.model']._get_id('res.partner'), self.env.ref('fulfilment_crm.activity_type_care')
        carers = told._carers(today)
        vals_list, done = [], self.browse()
        for occasion in told:
            day = today[occasion.company_id]
            on = month_days(day, fields.Date.add(day, days=occasion.company_id.fulfilment_occasion_days))[occasion.month_day]
            user = carers.get(occasion)
            if user:
                done |= occasion
                occasion.told_for = on
                vals_list.append({
                    'res_model_id': model_id, 'res_id': occasion.partner_id.id, 'activity_type_id': activity_type.id, 'user_id': user.id,
                    'summary': f'{occasion.name}: {occasion.partner_id.name or ""}', 'date_deadline': on, 'automated': True,
                })
        self.env['mail.activity'].with_context(**QUIET).create(vals_list)
        return {'occasions told': len(done), 'customers without responsible': len(told - done)}

    def _carers(self, today):
        """Who is told: ``{occasion: user}`` where there is somebody."""
        carers = {}
        for root, occasions in self.grouped(lambda one: one.company_id.root_id).items():
            customers = occasions.partner_id.commercial_partner_id
            team = self.env['fulfilment.account.member']._responsible_for(customers, root, today[occasions[0].company_id])
            profiles = self.env['fulfilment.profile'].search([('partner_id', 'in', customers.ids), ('company_id', '=', root.id)])
            of_profile = {profile.partner_id: profile.user_id for profile in profiles}
            for occasion in occasions:
                customer = occasion.partner_id.commercial_partner_id
                candidates = (occasion.user_id, team.get(customer), of_profile.get(customer), customer.user_id)
                carers[occasion] = next((user for user in candidates if user and user.active), None)
        return {occasion: user for occasion, user in carers.items() if user}


def _groups(today):
    """Companies by their day and how far ahead they look: ``{(date, days): [ids]}``."""
    groups = {}
    for company, day in today.items():
        groups.setdefault((day, company.fulfilment_occasion_days), []).append(company.id)
    return groups
