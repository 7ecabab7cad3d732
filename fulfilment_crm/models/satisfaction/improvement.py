from odoo import api, fields, models
from odoo.exceptions import UserError

from ...tools.satisfaction import exact, reaches
from ..base.to_do_mixin import ToDo
from ..base.told import ToldChar, _lt, told
from .survey_question import DIMENSIONS


class FulfilmentImprovement(models.Model):
    """What is done about a weak dimension of one customer. Whether it helped, the customer's next marks say."""
    _name = 'fulfilment.improvement'
    _description = 'Improvement action'
    _inherit = ['fulfilment.guard.mixin', 'fulfilment.once.mixin', 'fulfilment.chatter.mixin', 'mail.activity.mixin']
    _order = 'state desc, date_due, id'

    commercial_partner_id = fields.Many2one(
        'res.partner', string="Customer", required=True, readonly=True, index=True, ondelete='cascade', guarded=True,
    )
    company_id = fields.Many2one('res.company', required=True, readonly=True, index=True, ondelete='cascade', guarded=True)
    dimension = fields.Selection(DIMENSIONS, required=True, readonly=True, guarded=True)
    satisfaction_id = fields.Many2one(
        'fulfilment.satisfaction', string="Because of", readonly=True, index='btree_not_null', ondelete='set null', guarded=True,
    )
    user_id = fields.Many2one('res.users', string="Owner", index='btree_not_null', tracking=True, ondelete='set null')
    date_due = fields.Date(string="Due", required=True, tracking=True)
    measures = fields.Html(help="What is to be done so that the customer marks this higher next time.")
    baseline = fields.Float(string="Mark then", readonly=True, aggregator='avg', guarded=True)
    rise = fields.Float(string="Rise wanted", readonly=True, aggregator='avg', guarded=True)
    target = fields.Float(
        string="Target mark", readonly=True, aggregator='avg', help="A later mark of at least this closes the action.", guarded=True,
    )
    mark_last = fields.Float(
        string="Latest mark", readonly=True, aggregator='avg', help="0 as long as the customer has not answered again.", guarded=True,
    )
    state = fields.Selection(
        [('open', "Open"), ('done', "Done"), ('cancelled', "Cancelled")], required=True, readonly=True, default='open', index=True,
        tracking=True, guarded=True,
    )
    closed_on = fields.Date(readonly=True, guarded=True)
    closed_by_result_id = fields.Many2one(
        'fulfilment.satisfaction', string="Closed by", readonly=True, index='btree_not_null', ondelete='set null', guarded=True,
    )
    reason = ToldChar(readonly=True, guarded=True)
    open_key = fields.Char(readonly=True, copy=False, guarded=True)

    # Text on purpose: merging partners can neither delete nor collide with it.
    _one_open = models.UniqueIndex('(open_key) WHERE open_key IS NOT NULL', "An improvement action for this is open already.")

    @api.depends('commercial_partner_id', 'dimension')
    def _compute_display_name(self):
        names = dict(self._fields['dimension']._description_selection(self.env))
        for action in self:
            action.display_name = f'{action.commercial_partner_id.display_name or ""}: {names.get(action.dimension, "")}'

    def action_cancel(self, reason=None):
        """Give open actions up.

        :param str reason: why; asked for in a dialog when missing
        """
        self.check_access('write')
        for action in self:
            if action.state != 'open':
                raise UserError(self.env._("%s is closed already.", action.display_name))
        if not (reason or '').strip():
            return self._ask_reason('action_cancel', self.env._("Give up the improvement"))
        # safe: the state is guarded; the right to write was checked
        today = self.company_id._fulfilment_today()
        for day, group in self.sudo().grouped(lambda action: today[action.company_id]).items():
            group._close('cancelled', day, reason.strip())
            group.activity_unlink(['fulfilment_crm.activity_type_milestone'])
        return True

    def action_open_result(self):
        """Open the result that called for the action."""
        return self.satisfaction_id._get_records_action(name=self.env._("Satisfaction"))

    # === BY RESULTS === #

    @api.model
    def _follow(self, results):
        """Close what later results bear out, and open actions for what is weak: one a customer and dimension.

        A dimension is weak when its mark in a single answer lies below the company's limit. That is the rule because a customer rarely
        answers more than twice a year: a mean over a quarter would be that same answer, or hide it behind a colleague's.

        :param results: of one company, in the order they came
        """
        marks = [
            (result, dimension, result[dimension]) for result in results for dimension, _name in DIMENSIONS if result[dimension] is not None
        ]
        actions = self.search([
            ('commercial_partner_id', 'in', results.commercial_partner_id.ids), ('company_id', 'in', results.company_id.ids),
            ('state', '=', 'open'),
        ])
        # Merged customers may bring one each.
        open_ones = actions.grouped(lambda action: (action.commercial_partner_id, action.dimension))
        vals_of, closed = {}, {}
        for result, dimension, mark in marks:
            key, company = (result.commercial_partner_id, dimension), result.company_id
            if waiting := open_ones.get(key):
                judged = waiting.filtered(lambda one, result=result: one.satisfaction_id != result and (
                    not one.satisfaction_id or one.satisfaction_id.date <= result.date
                ))
                judged.mark_last = mark
                risen = judged.filtered(lambda one, mark=mark: reaches(mark, one.target))
                closed.update(dict.fromkeys(risen, result))
                open_ones[key] = waiting - risen
                if open_ones[key]:
                    continue
            # Of several results of one round that are weak, the last one not borne out counts.
            known = vals_of.get(key)
            if known and reaches(mark, known['target']):
                del vals_of[key]
            if not reaches(mark, company.fulfilment_weak_mark) and key not in vals_of:
                vals_of[key] = self._prepare_vals(result, dimension, mark)
        for action, result in closed.items():
            action._close('done', result.date, told(self.env, _lt(
                "Marked %(mark)s on %(date)s", mark=f'{result[action.dimension]:.2f}', date=result.date,
            )), result)
        self.concat(*closed).activity_unlink(['fulfilment_crm.activity_type_milestone'])
        self.flush_model(['open_key'])  # what is closed makes room for what is opened
        # Who is responsible gets the to-do, and no message beside it.
        actions = self.with_context(tracking_disable=True)._claim(list(vals_of.values())).with_env(self.env)
        actions._follow_quietly()
        actions._start()

    @api.model
    def _prepare_vals(self, result, dimension, mark):
        company = result.company_id
        rise = company.fulfilment_improvement_rise
        owner = result.user_id if result.user_id.active else company.fulfilment_manager_id
        return {
            'claim_key': f'result {result.id}: {dimension}', 'commercial_partner_id': result.commercial_partner_id.id,
            'company_id': company.id, 'dimension': dimension, 'satisfaction_id': result.id, 'user_id': owner.id,
            'date_due': fields.Date.add(result.date, days=company.fulfilment_improvement_days), 'baseline': mark, 'rise': rise,
            'target': min(float(exact(mark) + exact(rise)), 5.0), 'state': 'open',
            'open_key': f'{company.id}: {result.commercial_partner_id.id}: {dimension}',
        }

    def _start(self):
        """Tell the owners of what they are to improve."""
        self.env['mail.activity']._fulfilment_give('fulfilment_crm.activity_type_milestone', [
            ToDo(action, action.user_id, action.user_id._fulfilment_env()._("Improve what the customer marked low"), action.date_due)
            for action in self if action.user_id
        ])

    def _close(self, state, day, reason, result=None):
        self.write({
            'state': state, 'closed_on': day, 'reason': reason, 'open_key': False,
            'closed_by_result_id': result.id if result else False,
        })
