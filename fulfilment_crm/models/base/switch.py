from typing import NamedTuple

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import NO_ACCESS


class Mechanism(NamedTuple):
    """Something that acts by itself once it is switched on."""
    key: str
    field: str  # the switch, a field of the company
    name: str
    explanation: str  # what it does, in a sentence
    icon: str


class Effect(NamedTuple):
    """One thing a mechanism would do today."""
    name: str
    count: int
    model: str  # of the records it is about
    ids: list
    note: str = ''


class FulfilmentSwitch(models.TransientModel):
    """Nothing starts unasked: each mechanism of a company, what it would do today, and its switch.

    A room adds its mechanisms (``_mechanisms``), each with a method ``_preview_<key>`` that says what would happen, by the same code as
    the scheduled action.
    """
    _name = 'fulfilment.switch'
    _description = 'Mechanism and its switch'
    _order = 'id'
    _rec_name = 'name'

    mechanism = fields.Selection(selection='_selection_mechanism', required=True, readonly=True)
    company_id = fields.Many2one('res.company', required=True, readonly=True, ondelete='cascade')
    name = fields.Char(compute='_compute_name')
    explanation = fields.Char(compute='_compute_name')
    icon = fields.Char(compute='_compute_name')
    is_on = fields.Boolean(string="On", compute='_compute_is_on')
    previewed_on = fields.Datetime(readonly=True, groups=NO_ACCESS)
    effect_ids = fields.One2many('fulfilment.switch.effect', 'switch_id', string="Today it would", readonly=True)
    effect_count = fields.Integer(string="Effects", compute='_compute_effect_count')

    @api.model
    def _mechanisms(self):
        """Return what acts by itself, in the order it is shown: list of ``Mechanism``."""
        return []

    @api.model
    def _selection_mechanism(self):
        return [(one.key, one.name) for one in self._mechanisms()]

    @api.depends('mechanism')
    @api.depends_context('lang')
    def _compute_name(self):
        known = {one.key: one for one in self._mechanisms()}
        for switch in self:
            one = known[switch.mechanism]
            switch.name, switch.explanation, switch.icon = one.name, one.explanation, one.icon

    @api.depends('mechanism', 'company_id')
    def _compute_is_on(self):
        known = {one.key: one.field for one in self._mechanisms()}
        for switch in self:
            # safe: settings of a company the user works in
            switch.is_on = switch.company_id.sudo()[known[switch.mechanism]]

    @api.depends('effect_ids')
    def _compute_effect_count(self):
        for switch in self:
            switch.effect_count = sum(switch.effect_ids.mapped('count'))

    # === ACTIONS === #

    @api.model
    def action_open_page(self):
        """Open the page of switches of the user's company.

        :return: action
        """
        self._check_manager()
        company = self.env.company.root_id
        switches = self.create([{'mechanism': one.key, 'company_id': company.id} for one in self._mechanisms()])
        return {
            **self.env['ir.actions.actions']._for_xml_id('fulfilment_crm.switch_action'), 'domain': [('id', 'in', switches.ids)],
            'name': self.env._("Switches of %s", company.name),
        }

    def action_preview(self):
        """Work out what the mechanism would do today, without doing it, and show it.

        :return: action that opens the preview
        """
        self.ensure_one()
        self._check_manager()
        self._fill()
        return {
            'type': 'ir.actions.act_window', 'res_model': self._name, 'res_id': self.id, 'views': [(False, 'form')], 'target': 'new',
            'name': self.name,
        }

    def action_switch_on(self):
        """Let the mechanism act from its next round on, in the company and its branches.

        :raise UserError: when nobody has looked at what it would do
        """
        self._check_manager()
        for switch in self:
            # safe: asks whether its user has looked; nobody may say so by hand
            if not switch.sudo().previewed_on:
                raise UserError(self.env._("Look first at what “%s” would do today.", switch.name))
        return self._switch(True)

    def action_switch_off(self):
        """Stop the mechanism. What it has made stays."""
        self._check_manager()
        return self._switch(False)

    # === BUSINESS === #

    def _check_manager(self):
        if not self.env.su and not self.env.user.has_group('fulfilment_crm.group_manager'):
            raise AccessError(self.env._("Only fulfilment managers switch mechanisms on and off."))
        foreign = self.company_id - self.env.user.company_ids
        if foreign and not self.env.su:
            raise AccessError(self.env._("You do not work in %s.", foreign.sudo()[:1].name))  # safe: the name of a company

    def _switch(self, is_on):
        known = {one.key: one.field for one in self._mechanisms()}
        for switch in self:
            # safe: the switches of a company are its fulfilment manager's, who was asked for above; nothing else of it is written
            switch._family().write({known[switch.mechanism]: is_on})
        self.invalidate_recordset(['is_on'])
        return {'type': 'ir.actions.client', 'tag': 'soft_reload'}

    def _family(self):
        """Return the company with its branches, as superuser."""
        # safe: ids of companies
        return self.env['res.company'].sudo().search([('id', 'child_of', self.company_id.ids)])

    def _fill(self):
        # safe: the effect on all records is what is asked for, by whoever may switch it on
        switch = self.sudo()
        effects = getattr(switch, f'_preview_{self.mechanism}')(switch._family())
        switch.effect_ids.unlink()
        self.env['fulfilment.switch.effect'].sudo().create([{
            'switch_id': self.id, 'name': one.name, 'count': one.count, 'res_model': one.model, 'record_ids': one.ids, 'note': one.note,
        } for one in effects if one.count])
        switch.previewed_on = fields.Datetime.now()

    @api.model
    def _switch_all(self, companies, but=('gate',)):
        """Switch everything on in companies, as an administrator who has gone through the page does.

        :param but: keys of mechanisms that stay as they are
        """
        companies.write({one.field: True for one in self._mechanisms() if one.key not in but})

    @api.model
    def _switched_on(self, key, companies):
        """Return those of the companies in which a mechanism is on."""
        field = next(one.field for one in self._mechanisms() if one.key == key)
        return companies.filtered(field)


class FulfilmentSwitchEffect(models.TransientModel):
    _name = 'fulfilment.switch.effect'
    _description = 'What a mechanism would do today'
    _order = 'count DESC, id'

    switch_id = fields.Many2one('fulfilment.switch', required=True, readonly=True, index=True, ondelete='cascade')
    name = fields.Char(string="What", required=True, readonly=True)
    count = fields.Integer(string="How many", readonly=True, aggregator='sum')
    note = fields.Char(readonly=True)
    res_model = fields.Char(required=True, readonly=True)
    record_ids = fields.Json(readonly=True)

    def action_open_records(self):
        """Open the records it is about, as far as the user may see them."""
        self.ensure_one()
        return {
            'type': 'ir.actions.act_window', 'name': self.name, 'res_model': self.res_model, 'views': [(False, 'list'), (False, 'form')],
            'domain': [('id', 'in', self.record_ids or [])], 'context': {'create': False, 'active_test': False},
        }


class ResCompany(models.Model):
    _inherit = 'res.company'

    @api.model_create_multi
    def create(self, vals_list):
        """Give a new branch the switches of its main company."""
        names = [one.field for one in self.env['fulfilment.switch']._mechanisms()]
        for vals in vals_list:
            # safe: settings that are copied from a company to its branch
            parent = self.browse(vals.get('parent_id')).sudo()
            for name in names if parent else ():
                vals.setdefault(name, parent[name])
        return super().create(vals_list)
