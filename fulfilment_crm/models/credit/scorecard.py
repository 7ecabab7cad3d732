from odoo import api, fields, models
from odoo.exceptions import UserError

from ...tools.profile_domain import parse
from ..base.deletion import before_deletion
from ..base.guard_mixin import without_unchanged


class FulfilmentScorecard(models.Model):
    """Which figures make the score of which customers. A version that is in use does not change: it is followed by the next one."""
    _name = 'fulfilment.scorecard'
    _description = 'Scorecard'
    _inherit = ['fulfilment.lookup.mixin', 'fulfilment.audit.mixin', 'mail.thread', 'fulfilment.guard.mixin', 'fulfilment.condition.mixin']
    _order = 'sequence, name, version desc'
    _condition_model = 'fulfilment.profile'

    sequence = fields.Integer(
        default=10, tracking=True, help="The first scorecard in order whose condition fits serves a customer.",
    )
    version = fields.Integer(default=1, readonly=True, copy=False, aggregator=None, guarded=True)
    state = fields.Selection(
        [('draft', "Draft"), ('active', "In use"), ('retired', "Retired")], default='draft', required=True, readonly=True, copy=False,
        tracking=True, index=True, guarded=True,
    )
    previous_id = fields.Many2one(
        'fulfilment.scorecard', string="Follows", readonly=True, copy=False, ondelete='set null', index='btree_not_null', guarded=True,
    )
    domain = fields.Char(
        string="Serves", default='[]', required=True, tracking=True, help="Which customers, by the figures of their profile.",
    )
    criterion_ids = fields.One2many('fulfilment.scorecard.criterion', 'scorecard_id', copy=True)
    weight_total = fields.Float(compute='_compute_weight_total', digits=(16, 2))
    overdue_days = fields.Integer(
        string="Overdue class C after (days)", default=30, required=True, tracking=True,
        help="The longest delay makes the overdue class: none is A, up to this many days B, more C.",
    )
    cap_b_grade_id = fields.Many2one(
        'fulfilment.credit.grade', string="At most, class B", ondelete='restrict', tracking=True,
        help="The best grade a customer of overdue class B gets.",
    )
    cap_c_grade_id = fields.Many2one(
        'fulfilment.credit.grade', string="At most, class C", ondelete='restrict', tracking=True,
        help="The best grade a customer of overdue class C gets.",
    )
    data_share = fields.Float(
        string="Data needed (%)", default=50.0, required=True, digits=(16, 2), tracking=True,
        help="Share of the weight that must rest on figures of the customer. With less, the customer is not graded.",
    )
    activated_on = fields.Datetime(readonly=True, copy=False, guarded=True)

    _data_share_check = models.Constraint('CHECK(data_share BETWEEN 0 AND 100)', "The share of data needed lies between 0 and 100 %.")

    @api.depends('criterion_ids.weight')
    def _compute_weight_total(self):
        for scorecard in self:
            scorecard.weight_total = sum(scorecard.criterion_ids.mapped('weight'))

    @api.depends('name', 'version')
    def _compute_display_name(self):
        for scorecard in self:
            scorecard.display_name = self.env._("%(name)s, version %(version)s", name=scorecard.name or '', version=scorecard.version)

    # === CRUD METHODS === #

    def write(self, vals):
        if not self.env.su and without_unchanged(self, vals, list(vals)).keys() - {'sequence', 'active', 'name'}:
            self._check_draft()
        if vals.get('active') is False:
            for scorecard in self.filtered(lambda one: one.state == 'active'):
                raise UserError(self.env._("%s is in use: retire it before archiving it.", scorecard.display_name))
        return super().write(vals)

    def _check_draft(self):
        for scorecard in self:
            if scorecard.state != 'draft':
                raise UserError(self.env._(
                    "%(scorecard)s is or was in use and does not change: grades rest on it. Make a new version instead.",
                    scorecard=scorecard.display_name,
                ))

    @before_deletion
    def _unlink_except_used(self):
        self._check_draft()

    # === ACTIONS === #

    def action_new_version(self):
        """Draft the next version of a scorecard, to be changed, tried and put into use.

        :return: action that opens it
        """
        self.ensure_one()
        newest = max(self.search([('name', '=', self.name), ('company_id', '=', self.company_id.id)]).mapped('version'))
        draft = self.copy({'name': self.name})
        # safe: version and predecessor are set here only; copying needed the right to create
        draft.sudo().write({'version': newest + 1, 'previous_id': self.id})
        return draft._get_records_action(name=self.env._("Scorecard"))

    def action_activate(self):
        """Put drafts into use; each retires the other versions of itself. Grades change with the next assessment, through approval.

        :raise UserError: naming what is missing
        """
        self.check_access('write')
        for scorecard in self:
            if scorecard.state != 'draft':
                raise UserError(self.env._("%(scorecard)s is not a draft.", scorecard=scorecard.display_name))
            if not scorecard.criterion_ids or scorecard.weight_total <= 0:
                raise UserError(self.env._(
                    "%(scorecard)s has no criteria with a weight: add some first.", scorecard=scorecard.display_name,
                ))
            for criterion in scorecard.criterion_ids:
                if not criterion.band_ids:
                    raise UserError(self.env._(
                        "Criterion “%(criterion)s” of %(scorecard)s has no bands: add some first.",
                        criterion=criterion.name, scorecard=scorecard.display_name,
                    ))
        # safe: the state is set by the actions only; the right to write was checked above
        for draft in self.sudo().sorted('version'):
            draft._versions().filtered(lambda one: one.state == 'active').state = 'retired'
            draft.write({'state': 'active', 'activated_on': fields.Datetime.now()})
        return True

    def action_retire(self):
        """Take scorecards out of use."""
        self.check_access('write')
        for scorecard in self:
            if scorecard.state != 'active':
                raise UserError(self.env._("%(scorecard)s is not in use.", scorecard=scorecard.display_name))
        # safe: as in action_activate
        self.sudo().state = 'retired'
        return True

    # === BUSINESS === #

    def _versions(self):
        """Return all versions of this scorecard, this one among them."""
        self.ensure_one()
        known, found = self.browse(), self
        while found:
            known |= found
            found = (found.previous_id | self.with_context(active_test=False).search([('previous_id', 'in', found.ids)])) - known
        return known

    def _parsed_domain(self):
        self.ensure_one()
        return parse(self.domain, self.env['fulfilment.profile'])

    def _criteria(self):
        """Return the criteria as ``tools.scoring`` takes them."""
        self.ensure_one()
        return [{
            'figure': criterion.figure, 'weight': criterion.weight, 'no_data': criterion.no_data, 'id': criterion.id,
            'bands': [
                (None if position == 0 else band.lower, band.points, band.force_grade_id.code or None)
                for position, band in enumerate(criterion.band_ids.sorted('lower'))
            ],
        } for criterion in self.criterion_ids if criterion.band_ids]

    def _caps(self):
        self.ensure_one()
        return {'B': self.cap_b_grade_id.code or None, 'C': self.cap_c_grade_id.code or None}


class FulfilmentScorecardCriterion(models.Model):
    _name = 'fulfilment.scorecard.criterion'
    _description = 'Criterion of a scorecard'
    _inherit = ['fulfilment.audit.part.mixin']
    _order = 'sequence, id'

    scorecard_id = fields.Many2one('fulfilment.scorecard', required=True, index=True, ondelete='cascade')
    sequence = fields.Integer(default=10)
    name = fields.Char(required=True, translate=True, tracking=True)
    figure = fields.Selection(
        selection='_selection_figure', required=True, tracking=True, help="The figure of the customer's profile that is judged.",
    )
    figure_help = fields.Char(compute='_compute_figure_help')
    weight = fields.Float(required=True, default=10.0, digits=(16, 2), tracking=True)
    no_data = fields.Selection(
        [('skip', "Leave out and weigh the others more"), ('neutral', "Neutral: 50 points"), ('worst', "As the worst band")],
        string="Without data", required=True, default='skip', tracking=True,
    )
    band_ids = fields.One2many('fulfilment.scorecard.band', 'criterion_id', copy=True)

    _audit_field = 'scorecard_id'
    _weight_check = models.Constraint('CHECK(weight >= 0)', "A weight is not negative.")

    @api.model
    def _selection_figure(self):
        numbers = ('integer', 'float', 'monetary')
        return sorted((
            (name, field._description_string(self.env))
            for name, field in self.env['fulfilment.profile']._figures().items() if field.type in numbers
        ), key=lambda pair: pair[1])

    @api.depends('figure')
    def _compute_figure_help(self):
        figures = self.env['fulfilment.profile']._figures()
        for criterion in self:
            criterion.figure_help = criterion.figure and figures[criterion.figure]._description_help(self.env)

    @api.onchange('figure')
    def _onchange_figure(self):
        if self.figure and not self.name:
            self.name = dict(self._selection_figure())[self.figure]

    @api.model_create_multi
    def create(self, vals_list):
        criteria = super().create(vals_list)
        if not self.env.su:
            criteria.scorecard_id._check_draft()
        return criteria

    def write(self, vals):
        before = self.scorecard_id
        if not self.env.su and without_unchanged(self, vals, list(vals)):
            before._check_draft()
        result = super().write(vals)
        if not self.env.su and self.scorecard_id != before:
            self.scorecard_id._check_draft()
        return result

    @before_deletion
    def _unlink_except_used(self):
        self.scorecard_id._check_draft()


class FulfilmentScorecardBand(models.Model):
    """A band reaches from its lower bound, included, up to the next one; the first takes everything below it as well."""
    _name = 'fulfilment.scorecard.band'
    _description = 'Band of a criterion'
    _inherit = ['fulfilment.audit.part.mixin']
    _order = 'lower, id'
    _rec_name = 'lower'

    criterion_id = fields.Many2one('fulfilment.scorecard.criterion', required=True, index=True, ondelete='cascade')
    lower = fields.Float(
        string="Value from", digits=(16, 2), tracking=True, help="Included. The lowest band also takes everything below.",
    )
    points = fields.Float(required=True, digits=(16, 2), tracking=True, help="0 to 100.")
    force_grade_id = fields.Many2one(
        'fulfilment.credit.grade', string="Best grade allowed", ondelete='restrict', tracking=True,
        help="Veto: whoever falls into this band gets no better grade.",
    )

    _audit_field = 'criterion_id'
    _points_check = models.Constraint('CHECK(points BETWEEN 0 AND 100)', "Points lie between 0 and 100.")
    _lower_unique = models.UniqueIndex('(criterion_id, lower)', "Two bands of a criterion cannot begin at the same value.")

    def _audit_thread(self):
        return self.criterion_id.scorecard_id

    @api.model_create_multi
    def create(self, vals_list):
        bands = super().create(vals_list)
        if not self.env.su:
            bands.criterion_id.scorecard_id._check_draft()
        return bands

    def write(self, vals):
        before = self.criterion_id
        if not self.env.su and without_unchanged(self, vals, list(vals)):
            before.scorecard_id._check_draft()
        result = super().write(vals)
        if not self.env.su and self.criterion_id != before:
            self.criterion_id.scorecard_id._check_draft()
        return result

    @before_deletion
    def _unlink_except_used(self):
        self.criterion_id.scorecard_id._check_draft()
