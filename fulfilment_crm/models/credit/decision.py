from odoo import api, fields, models
from odoo.fields import NO_ACCESS

from ..base.told import tell

OUTCOMES = [
    ('pass', "Passed"), ('warn', "Passed with a warning"), ('hold', "Held"), ('released', "Released"), ('void', "Release used up"),
    ('refused', "Declined"),
]


class FulfilmentCreditDecision(models.Model):
    """What was decided about an order, on which figures. Never changed, but a release is used up when its order is cancelled."""
    _name = 'fulfilment.credit.decision'
    _description = 'Credit decision on an order'
    _inherit = ['fulfilment.machine.mixin']
    _order = 'id desc'
    _rec_name = 'order_id'

    order_id = fields.Many2one('sale.order', required=True, readonly=True, index=True, ondelete='cascade')
    partner_id = fields.Many2one('res.partner', string="Customer", required=True, readonly=True, index=True, ondelete='cascade')
    orderer_id = fields.Many2one(
        'res.partner', string="Ordered by", readonly=True, index='btree_not_null', ondelete='set null',
        help="Where the invoice goes elsewhere.",
    )
    company_id = fields.Many2one('res.company', required=True, readonly=True, index=True, ondelete='cascade')
    currency_id = fields.Many2one('res.currency', required=True, readonly=True, ondelete='restrict')
    salesman_id = fields.Many2one(
        'res.users', string="Salesperson", readonly=True, index=True, ondelete='set null', help="Of the order then.",
    )
    outcome = fields.Selection(OUTCOMES, required=True, readonly=True, index=True)
    source = fields.Selection(
        [
            ('confirm', "Confirmation"), ('portal', "Signed on the portal"), ('payment', "Paid online"),
            ('direct', "Direct change of state"), ('change', "Change of a confirmed order"),
        ],
        required=True, readonly=True, default='confirm', string="Way of confirmation",
    )
    sends_mail = fields.Boolean(readonly=True, help="Confirmed that way, the order would have been sent by e-mail.")
    amount = fields.Monetary(readonly=True, help="Of the order with taxes, in the company's currency; of a release, up to which it holds.")
    exposure = fields.Monetary(readonly=True, help="Before the order.")
    limit = fields.Monetary(readonly=True)
    has_limit = fields.Boolean(readonly=True)
    grade_id = fields.Many2one('fulfilment.credit.grade', readonly=True, ondelete='restrict')
    hits = fields.Json(string="Rules", readonly=True, groups=NO_ACCESS)
    hit_text = fields.Text(string="Reasons", compute='_compute_hit_text', compute_sudo=True)
    user_id = fields.Many2one('res.users', string="By", readonly=True, ondelete='restrict')
    date = fields.Datetime(readonly=True, default=fields.Datetime.now)
    term_days = fields.Integer(string="Payment terms (days)", readonly=True, aggregator=None)
    valid_until = fields.Date(readonly=True, help="A release holds up to and including this day.")
    reason = fields.Text(readonly=True)

    @api.depends('order_id')
    def _compute_display_name(self):
        for decision in self:
            # safe: the number of the order, for who may read the decision and not the order
            decision.display_name = decision.sudo().order_id.name or ''

    @api.depends('hits', 'reason')
    @api.depends_context('lang', 'uid')
    def _compute_hit_text(self):
        names, kept = self._rule_names(), {}
        for company, decisions in self.grouped('company_id').items():
            whose = {one for decision in decisions for hit in decision.hits or [] for one in decision._whose(hit)}
            kept[company] = self.env['fulfilment.credit.rule']._kept_from_reader(whose, company)
        for decision in self:
            told = []
            for hit in decision.hits or []:
                name = names.get((hit['rule'], hit['name']), hit['name'])
                hidden = decision._whose(hit) & kept[decision.company_id]
                told.append(name if hidden else f"{name}: {tell(self.env, hit.get('told')) or hit['text']}")
            decision.hit_text = '\n'.join(dict.fromkeys(told)) or decision.reason or ''

    def _whose(self, hit):
        """Return whose figures a broken rule tells: pairs of model and id."""
        if hit.get('whose'):
            return {tuple(hit['whose'])}
        # Kept before it was noted: one of the two.
        return {('res.partner', partner.id) for partner in self.partner_id | self.orderer_id}

    def _rule_names(self):
        """Return the names of the rules as the reader calls them, by the names they had then: ``{(rule, name): name}``."""
        # safe: the names of rules that the decisions name already
        rules = self.env['fulfilment.credit.rule'].sudo().with_context(active_test=False)
        rules = rules.browse({hit['rule'] for decision in self for hit in decision.hits or [] if isinstance(hit['rule'], int)}).exists()
        languages = [code for code, _name in self.env['res.lang'].get_installed()]
        return {(rule.id, rule.with_context(lang=lang).name): rule.name for lang in languages for rule in rules}
