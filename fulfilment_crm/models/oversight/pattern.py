from datetime import date

from odoo import api, fields, models
from odoo.fields import Domain

from ...report.oversight.pattern_counts import counts
from ...tools.months import month_name
from ...tools.patterns import more_often, share, told, total
from ..base.run import Action
from ..profile.figure import FigureFloat

DIMENSIONS = [
    ('duty', "Duty"), ('month', "Month"), ('product', "Product"), ('team', "Sales team"), ('template', "Template of the contract"),
    ('customer', "Customer"),
]
LEAST = 10  # milestones, below which nothing is said of a group
MOST = 20  # groups of a dimension that are kept, those furthest from chance first
MONTHS = 24


class FulfilmentPattern(models.Model):
    """What runs late more than the rest: in a sentence, with its counts, and whether it could be chance."""
    _name = 'fulfilment.pattern'
    _description = 'Pattern of fulfilment'
    _inherit = ['fulfilment.machine.mixin']
    _order = 'is_told desc, chance, id'
    _rec_name = 'sentence'

    company_id = fields.Many2one('res.company', required=True, readonly=True, index=True, ondelete='cascade')
    date = fields.Date(string="As of", required=True, readonly=True)
    since = fields.Date(string="From", required=True, readonly=True)
    dimension = fields.Selection(DIMENSIONS, string="By", required=True, readonly=True, index=True)
    key = fields.Char(string="Compared group", required=True, readonly=True)
    number = fields.Integer(string="Milestones", readonly=True)
    late = fields.Integer(readonly=True)
    rest_number = fields.Integer(string="Others", readonly=True)
    rest_late = fields.Integer(string="Others late", readonly=True)
    share = FigureFloat(string="Late (%)", readonly=True, aggregator='avg', digits=(5, 1))
    rest_share = FigureFloat(string="Others late (%)", readonly=True, aggregator='avg', digits=(5, 1))
    chance = fields.Float(
        string="By chance", readonly=True, digits=(6, 5), aggregator='min',
        help="How likely it would be late so much more often by chance alone: Fisher's exact test.",
    )
    is_told = fields.Boolean(
        string="Hardly chance", readonly=True,
        help="Of all groups that were looked at together, in one of a hundred cases at most one would be told of wrongly (Holm).",
    )
    name = fields.Char(string="What", compute='_compute_texts')
    sentence = fields.Char(compute='_compute_texts')

    @api.depends('dimension', 'key', 'number', 'late', 'rest_number', 'rest_late', 'is_told')
    @api.depends_context('lang')
    def _compute_texts(self):
        for one in self:
            one.name = one._name_of_group()
            one.sentence = self.env._(
                "%(what)s: %(share)s %% of %(number)s were late, of all others %(rest)s %% of %(others)s. %(chance)s", what=one.name,
                share=f'{one.share or 0:.0f}', number=one.number, rest='–' if one.rest_share is None else f'{one.rest_share:.0f}',
                others=one.rest_number,
                chance=self.env._("This is hardly chance.") if one.is_told else self.env._("This may be chance."),
            )

    def _name_of_group(self):
        """Return what the group is called in the language of the reader."""
        self.ensure_one()
        if self.dimension == 'duty':
            milestones = self.env['fulfilment.milestone']._fields
            who, kind = self.key.split('/')
            return '{}, {}'.format(
                dict(milestones['kind']._description_selection(self.env)).get(kind, kind),
                dict(milestones['obligor']._description_selection(self.env)).get(who, who),
            )
        if self.dimension == 'month':
            return month_name(self.env, date(2000, int(self.key), 1), wide=True).replace('2000', '').strip(' 年')
        model = {
            'product': 'product.product', 'team': 'crm.team', 'template': 'fulfilment.contract.template', 'customer': 'res.partner',
        }[self.dimension]
        # safe: the name of what was counted over all records, for who reads patterns
        return self.env[model].sudo().browse(int(self.key)).exists().display_name or self.env._("no longer there")

    def action_open_milestones(self):
        """Open the milestones of the group that were late."""
        self.ensure_one()
        self.check_access('read')
        return {
            'type': 'ir.actions.act_window', 'name': self.name, 'res_model': 'fulfilment.milestone', 'view_mode': 'list,form',
            'domain': list(self._milestones_domain()), 'context': {'create': False},
        }

    def _milestones_domain(self):
        """Return the condition for the late milestones of the group."""
        key = self.key
        group = {
            'duty': lambda: Domain('obligor', '=', key.split('/')[0]) & Domain('kind', '=', key.split('/')[1]),
            'month': lambda: Domain('obligor', '=', 'us') & Domain.OR(
                Domain('date_planned', '>=', first) & Domain('date_planned', '<=', last) for first,
                last in _months(self.since, self.date, key)
            ),
            'product': lambda: Domain('obligor', '=', 'us') & Domain('sale_line_ids.product_id', '=', int(key)),
            'team': lambda: Domain('obligor', '=', 'us') & Domain('contract_id.team_id', '=', int(key)),
            'template': lambda: Domain('obligor', '=', 'us') & Domain('contract_id.template_id', '=', int(key)),
            'customer': lambda: Domain('obligor', '=', 'customer') & Domain('contract_id.commercial_partner_id', '=', int(key)),
        }[self.dimension]()
        return group & Domain('company_id', 'child_of', self.company_id.id) & Domain('date_planned', '>', self.since) & Domain(
            'date_planned', '<=', self.date,
        ) & (Domain('on_time', '=', 'no') | Domain('is_late', '=', True))

    @api.model
    def _cron_patterns(self, as_of=None):
        """Look for patterns anew, company by company.

        :param as_of: the day to work for (date, or naive UTC datetime); with None each company's own today
        """
        self = self.sudo()  # safe: a scheduled action works for all companies
        run = self.env['fulfilment.run']._open('patterns', as_of)
        days = self.env['res.company'].search([('parent_id', '=', False)])._fulfilment_today(as_of)
        on = self.env['fulfilment.switch']._switched_on('checks', self.env['res.company'].concat(*days))
        for company in on:
            error = run._transaction(lambda company=company: self._look(company, days[company]))
            if error is not None:
                run._set_aside('res.company', company.id, error)
        run._close()

    @api.model
    def _look(self, company, day):
        """Replace the patterns of a company with its branches; returns ``{effect: count}``."""
        since = fields.Date.subtract(day, months=MONTHS)
        self.env.flush_all()
        self.env['fulfilment.profile']._prepare_connection()
        branches = self.env['res.company'].search([('id', 'child_of', company.id)])
        rows = _patterns(counts(self.env.cr, branches.ids, since, day))
        self.search([('company_id', '=', company.id)]).unlink()
        self.create([{'company_id': company.id, 'date': day, 'since': since, **row} for row in rows])
        return {'patterns told': sum(row['is_told'] for row in rows)}


class FulfilmentRun(models.Model):
    _inherit = 'fulfilment.run'

    @api.model
    def _actions(self):
        return [*super()._actions(), Action(97, 'patterns', self.env._("Patterns of fulfilment"), 'fulfilment.pattern', '_cron_patterns')]

    @api.model
    def _effect_labels(self):
        return {**super()._effect_labels(), 'patterns told': self.env._("Patterns found")}


def _patterns(rows):
    """Judge groups: those that are late more often than the others, furthest from chance first.

    :param rows: of ``pattern_counts.counts``
    :return: list of values, without company and day
    """
    by_base, judged = {}, []
    for dimension, key, late, number in rows:
        # Products overlap: what is delivered in one milestone counts for each of them.
        by_base.setdefault(dimension, []).append((key, late, number))
    for dimension, groups in by_base.items():
        all_late, all_number = total((late, number) for _key, late, number in groups)
        for key, late, number in groups:
            if number >= LEAST and all_number > number:
                judged.append({
                    'dimension': dimension, 'key': key, 'late': late, 'number': number, 'rest_late': all_late - late,
                    'rest_number': all_number - number, 'share': share(late, number),
                    'rest_share': share(all_late - late, all_number - number),
                    'chance': more_often(late, number, all_late, all_number),
                })
    for row, is_told in zip(judged, told([row['chance'] for row in judged]), strict=True):
        row['is_told'] = is_told
    kept = []
    for dimension in by_base:
        own = sorted((row for row in judged if row['dimension'] == dimension and row['chance'] < 1),
            key=lambda row: (row['chance'], row['key']))
        kept += [row for position, row in enumerate(own) if position < MOST or row['is_told']]
    return kept


def _months(since, until, month):
    """Return the days of a month of each year between two days: ``[(first, last)]``."""
    spans = []
    for year in range(since.year, until.year + 1):
        first = date(year, int(month), 1)
        spans.append((first, fields.Date.end_of(first, 'month')))
    return spans
