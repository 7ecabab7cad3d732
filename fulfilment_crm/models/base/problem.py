from odoo import fields, models


class FulfilmentProblem(models.Model):
    """A record that a scheduled action could not handle: set aside and shown, so that the others go on."""
    _name = 'fulfilment.problem'
    _description = 'Failed record of a scheduled action'
    _inherit = ['fulfilment.once.mixin', 'fulfilment.machine.mixin']
    _order = 'state, last_on desc, id desc'
    _rec_name = 'record_name'

    run_id = fields.Many2one('fulfilment.run', ondelete='set null', index='btree_not_null', readonly=True)
    action = fields.Selection(
        lambda self: self.env['fulfilment.run']._selection_action(), string="Scheduled action", required=True, readonly=True,
    )
    res_model = fields.Char(string="Model", required=True, readonly=True)
    res_id = fields.Many2oneReference(string="Record ID", model_field='res_model', required=True, readonly=True)
    record_name = fields.Char(string="Record", readonly=True)
    company_id = fields.Many2one('res.company', readonly=True, index=True, ondelete='cascade')
    message = fields.Text(string="What went wrong", readonly=True)
    state = fields.Selection([('open', "Unsolved"), ('solved', "Solved")], default='open', required=True, readonly=True)
    first_on = fields.Datetime(readonly=True, default=fields.Datetime.now)
    last_on = fields.Datetime(readonly=True, default=fields.Datetime.now)
    times = fields.Integer(readonly=True, default=1, aggregator=None)

    def action_open_record(self):
        """Open the record that was set aside."""
        self.ensure_one()
        return {
            'type': 'ir.actions.act_window',
            'res_model': self.res_model,
            'res_id': self.res_id,
            'view_mode': 'form',
            'views': [(False, 'form')],
        }

    def _set_aside(self, run, record, message):
        """Note that ``record`` could not be handled; a problem known already is counted up.

        :param run: the ``fulfilment.run`` that met it
        :param record: one record
        :param str message: the reason, as a sentence
        """
        now = fields.Datetime.now()
        key = f'{run.action}:{record._name}:{record.id}'
        known = self.search([('claim_key', '=', key)])
        if known:
            known.write({'run_id': run.id, 'message': message, 'last_on': now, 'times': known.times + 1, 'state': 'open'})
            return known
        company = record.company_id if 'company_id' in record._fields else self.env['res.company']
        return self.create({
            'claim_key': key,
            'run_id': run.id,
            'action': run.action,
            'res_model': record._name,
            'res_id': record.id,
            'record_name': record.display_name,
            'company_id': company.id,
            'message': message,
        })

    def _solve(self, action, model, ids):
        """Close the open problems of records that an action has handled after all."""
        self.search([
            ('action', '=', action), ('res_model', '=', model), ('res_id', 'in', ids), ('state', '=', 'open'),
        ]).write({'state': 'solved'})
