from ast import literal_eval

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain

from ...tools import markup
from ..base.deletion import before_deletion
from ..profile.figure import FigureFloat
from .process_check import MODELS

RESULTS = [('good', "Works"), ('improve', "To be improved"), ('bad', "Does not work")]
NIGHTS = 60  # of the trend


class FulfilmentMechanism(models.Model):
    """One of the firm's own mechanisms: who owns it, its key figure as it is now, when it was looked at and what was improved."""
    _name = 'fulfilment.mechanism'
    _description = 'Mechanism of the firm'
    _inherit = ['fulfilment.lookup.mixin', 'fulfilment.audit.mixin', 'mail.thread', 'mail.activity.mixin', 'fulfilment.guard.mixin']

    description = fields.Text(translate=True, tracking=True, help="What it is to bring about.")
    group_id = fields.Many2one('res.groups', string="Owner's role", ondelete='set null', tracking=True)
    user_id = fields.Many2one(
        'res.users', string="Owner", ondelete='set null', tracking=True, domain="[('share', '=', False)]",
        help="Looks at it regularly. Empty: the fulfilment manager is reminded.",
    )
    months = fields.Integer(string="Looked at every (months)", default=3, required=True, tracking=True)

    # Key figure
    figure_kind = fields.Selection(
        [('check', "A process check"), ('count', "A number of records"), ('rate', "A share of records"),
            ('figure', "A figure of customers")],
        string="Key figure", required=True, default='count', tracking=True,
    )
    check_id = fields.Many2one('fulfilment.process.check', string="Process check", ondelete='set null', tracking=True)
    model = fields.Selection(MODELS, string="Counts", tracking=True)
    population = fields.Char(string="Of which records", default='[]', tracking=True, help="All when empty.")
    domain = fields.Char(string="Those that count", default='[]', tracking=True)
    figure = fields.Selection('_selection_figure', string="Figure of customers", tracking=True, help="Its mean over customers.")
    figure_name = fields.Char(string="What the figure says", translate=True, tracking=True)
    value = FigureFloat(string="Now", compute='_compute_value', digits=(12, 2))
    value_text = fields.Char(string="Figure now", compute='_compute_value')
    trend = fields.Html(compute='_compute_trend', sanitize=False)

    # Looked at
    checked_on = fields.Date(string="Last looked at", readonly=True, copy=False, guarded=True)
    next_check_on = fields.Date(string="Next look", tracking=True, copy=False, index='btree_not_null')
    result = fields.Selection(RESULTS, readonly=True, copy=False, guarded=True)
    entry_ids = fields.One2many('fulfilment.mechanism.entry', 'mechanism_id', string="Log of improvements")
    is_due = fields.Boolean(string="To be looked at", compute='_compute_is_due')
    told_for = fields.Date(readonly=True, copy=False, guarded=True, help="The day for which the owner was reminded.")

    _months_check = models.Constraint('CHECK(months BETWEEN 1 AND 120)', "Looked at every month at most, and every ten years at least.")

    @api.model
    def _selection_figure(self):
        profile = self.env['fulfilment.profile']
        return [(name, profile._fields[name]._description_string(self.env)) for name in profile._figures()]

    @api.constrains('figure_kind', 'model', 'population', 'domain', 'check_id', 'figure')
    def _check_figure(self):
        needed = {'check': 'check_id', 'count': 'model', 'rate': 'model', 'figure': 'figure'}
        for one in self:
            if not one[needed[one.figure_kind]]:
                raise ValidationError(self.env._("“%s”: say what its key figure is taken from.", one.name))
            try:
                # safe: asks the database to see whether the conditions are valid; nothing is shown
                with self.env.cr.savepoint():
                    one.sudo()._measure(self.env.company)
            except Exception as error:  # any fault of a typed condition is told to who typed it
                raise ValidationError(self.env._(
                    "The key figure of “%(name)s” cannot be counted: %(error)s", name=one.name, error=error,
                )) from error

    @api.depends('figure_kind', 'check_id', 'model', 'population', 'domain', 'figure')
    @api.depends_context('allowed_company_ids')
    def _compute_value(self):
        for one in self:
            # safe: a number over all records of the user's companies, which says nothing of a single one
            number, whole = one.sudo()._measure(self.env.companies) if one.id else (None, None)
            one.value = number
            one.value_text = '–' if number is None else f'{number:.1f} %' if one._is_share() and whole is not None \
                else f'{number:,.1f}' if one.figure_kind == 'figure' else f'{number:,.0f}'

    def _is_share(self):
        return self.figure_kind in ('check', 'rate')

    def _compute_trend(self):
        rows = self.env['fulfilment.mechanism.value']._read_group(
            [('mechanism_id', 'in', self.ids), ('company_id', 'in', self.env.companies.ids), ('value', '!=', False)],
            ['mechanism_id', 'date:day'], ['value:avg'], order='date:day desc',
        )
        found = {}
        for one, day, value in rows:
            found.setdefault(one, []).append((day, value))
        for one in self:
            nights = found.get(one, [])[:NIGHTS][::-1]
            highest = max((value for _day, value in nights), default=0)
            one.trend = markup.bars([
                (position * 4, 3, round(28 * value / highest), '#714B67', f'{day:%Y-%m-%d}: {value:g}')
                for position, (day, value) in enumerate(nights)
            ], len(nights) * 4, 30, self.env._("Key figure night by night")) if highest else False

    @api.depends('next_check_on')
    def _compute_is_due(self):
        today = fields.Date.context_today(self)
        for one in self:
            one.is_due = bool(one.next_check_on and one.next_check_on <= today)

    # === ACTIONS === #

    def action_check(self):
        """Open the dialog that takes down how the mechanism was found."""
        self.ensure_one()
        self.check_access('write')
        return {
            'type': 'ir.actions.act_window', 'name': self.env._("Looked at: %s", self.name), 'res_model': 'fulfilment.mechanism.look',
            'view_mode': 'form', 'target': 'new', 'context': {'default_mechanism_id': self.id},
        }

    def action_open_records(self):
        """Open the records the key figure counts, of those the user may read."""
        self.ensure_one()
        self.check_access('read')
        if self.figure_kind == 'check':
            return self.check_id.action_open_exceptions()
        model = 'fulfilment.profile' if self.figure_kind == 'figure' else self.model
        domain = Domain(self.figure, '!=',
            False) if self.figure_kind == 'figure' else self._condition('population') & self._condition('domain')
        return {
            'type': 'ir.actions.act_window', 'name': self.name, 'res_model': model, 'view_mode': 'list,form',
            'domain': list(domain & Domain('company_id', 'in', self.env.companies.ids)), 'context': {'create': False},
        }

    # === BUSINESS METHODS === #

    def _condition(self, name):
        return Domain(literal_eval((self[name] or '[]').strip()))

    def _measure(self, companies):
        """Return the key figure over companies, as superuser: ``(number, whole it is of)``; None where there is nothing to count."""
        self.ensure_one()
        at = Domain('company_id', 'in', companies.ids)
        if self.figure_kind == 'check':
            if not self.check_id:
                return None, None
            model, population, part = self.check_id.model, self.check_id._population(), self.check_id._exceptions()
        elif self.figure_kind == 'figure':
            [[mean]] = self.env['fulfilment.profile']._read_group(at & Domain(self.figure, '!=', False), [], [f'{self.figure}:avg']) \
                if self.figure else [[None]]
            return mean, None
        else:
            model, population = self.model, self._condition('population')
            part = population & self._condition('domain')
        counted = self.env[model].with_context(active_test=True).search_count(part & at)
        if self.figure_kind == 'count':
            return counted, None
        whole = self.env[model].with_context(active_test=True).search_count(population & at)
        return (100 * counted / whole if whole else None), whole


class FulfilmentMechanismEntry(models.Model):
    """That a mechanism was looked at: what was found, and what is improved."""
    _name = 'fulfilment.mechanism.entry'
    _description = 'Look at a mechanism'
    _inherit = ['fulfilment.machine.mixin']
    _order = 'date desc, id desc'
    _rec_name = 'date'

    mechanism_id = fields.Many2one('fulfilment.mechanism', required=True, readonly=True, index=True, ondelete='cascade')
    company_id = fields.Many2one(related='mechanism_id.company_id', store=True, index=True)
    date = fields.Date(required=True, readonly=True)
    user_id = fields.Many2one('res.users', string="By", readonly=True, ondelete='set null')
    result = fields.Selection(RESULTS, required=True, readonly=True)
    value_text = fields.Char(string="Figure then", readonly=True)
    improvement = fields.Text(string="What is improved", readonly=True)
    note = fields.Text(readonly=True)

    @before_deletion
    def _unlink_except_never(self):
        raise UserError(self.env._("What was found stays on record."))


class FulfilmentMechanismValue(models.Model):
    """The key figure of a mechanism in a company on a day."""
    _name = 'fulfilment.mechanism.value'
    _description = 'Key figure of a mechanism'
    _inherit = ['fulfilment.machine.mixin']
    _order = 'date desc, mechanism_id'
    _rec_name = 'mechanism_id'

    mechanism_id = fields.Many2one('fulfilment.mechanism', required=True, readonly=True, index=True, ondelete='cascade')
    company_id = fields.Many2one('res.company', required=True, readonly=True, index=True, ondelete='cascade')
    date = fields.Date(required=True, readonly=True)
    value = FigureFloat(readonly=True, aggregator='avg', digits=(12, 2))

    _once = models.UniqueIndex('(mechanism_id, company_id, date)', "This was kept already.")


class FulfilmentMechanismLook(models.TransientModel):
    _name = 'fulfilment.mechanism.look'
    _description = 'Look at a mechanism: dialog'
    _inherit = ['fulfilment.guard.mixin']

    mechanism_id = fields.Many2one('fulfilment.mechanism', required=True, ondelete='cascade')
    value_text = fields.Char(related='mechanism_id.value_text')
    result = fields.Selection(RESULTS, required=True, default='good')
    improvement = fields.Text(string="What is improved", help="Who does what until when.")
    next_check_on = fields.Date(string="Next look", compute='_compute_next_check_on', store=True, readonly=False, required=True,
        precompute=True)
    note = fields.Text()

    @api.depends('mechanism_id')
    def _compute_next_check_on(self):
        for look in self:
            look.next_check_on = fields.Date.add(fields.Date.context_today(look), months=look.mechanism_id.months or 3)

    def action_confirm(self):
        """Take down how the mechanism was found.

        :raise UserError: where it is to be improved and nobody says how
        """
        self.ensure_one()
        mechanism, today = self.mechanism_id, fields.Date.context_today(self)
        mechanism.check_access('write')
        if self.result != 'good' and not (self.improvement or '').strip():
            raise UserError(self.env._("“%s”: say what is improved.", mechanism.name))
        if self.next_check_on <= today:
            raise UserError(self.env._("“%s”: the next look lies ahead.", mechanism.name))
        # safe: guarded; the right to write was checked
        mechanism = mechanism.sudo()
        mechanism.env['fulfilment.mechanism.entry'].create({
            'mechanism_id': mechanism.id, 'date': today, 'user_id': self.env.uid, 'result': self.result,
            'value_text': self.value_text, 'improvement': self.improvement, 'note': self.note,
        })
        mechanism.write({'checked_on': today, 'result': self.result, 'next_check_on': self.next_check_on, 'told_for': False})
        mechanism.activity_unlink(['fulfilment_crm.activity_type_mechanism'])
        return {'type': 'ir.actions.act_window_close'}
