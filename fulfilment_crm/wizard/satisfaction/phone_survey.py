from uuid import uuid4

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from ...models.contract.contract import HIDDEN_STATES
from ...tools.satisfaction import DIMENSIONS

MARKS = [(str(mark), str(mark)) for mark in range(1, 6)]


class FulfilmentPhoneSurvey(models.TransientModel):
    """Takes a customer's answers by phone. They are kept as answers of that customer, and who entered them is shown."""
    _name = 'fulfilment.phone.survey'
    _description = 'Phone survey'
    _inherit = ['fulfilment.guard.mixin']

    request_id = fields.Many2one('fulfilment.survey.request', readonly=True, ondelete='cascade')
    company_id = fields.Many2one('res.company', required=True, readonly=True, default=lambda self: self.env.company)
    partner_id = fields.Many2one(
        'res.partner', string="Who answers", required=True, ondelete='cascade', help="The person on the phone, or the customer.",
    )
    customer_id = fields.Many2one(related='partner_id.commercial_partner_id')
    contract_id = fields.Many2one(
        'fulfilment.contract', string="About contract", ondelete='cascade',
        domain="[('commercial_partner_id', '=', customer_id), ('state', 'in', ('active', 'settlement', 'closed', 'terminated'))]",
    )
    plan_id = fields.Many2one(
        'fulfilment.survey.plan', string="Survey", compute='_compute_plan_id', store=True, readonly=False,
        domain="['|', ('company_id', '=', False), ('company_id', 'parent_of', company_id)]", ondelete='cascade',
    )
    quality = fields.Selection(MARKS, string="Product quality")
    response = fields.Selection(MARKS, string="Service response")
    cooperation = fields.Selection(MARKS, string="Cooperation experience")
    value = fields.Selection(MARKS, string="Value for money")
    comment = fields.Text()

    @api.depends('request_id', 'company_id')
    def _compute_plan_id(self):
        for form in self:
            form.plan_id = form.request_id.plan_id or self.env['fulfilment.survey.plan'].search(
                ['|', ('company_id', '=', False), ('company_id', 'parent_of', form.company_id.id)], limit=1,
            )

    @api.model
    def _open(self, defaults):
        return {
            'type': 'ir.actions.act_window', 'name': self.env._("Phone survey"), 'res_model': self._name, 'view_mode': 'form',
            'target': 'new', 'context': defaults,
        }

    def action_save(self):
        """Keep the answers as those of the customer.

        :return: action that opens the result
        """
        self.ensure_one()
        result = self._save()
        return {
            'type': 'ir.actions.act_window', 'res_model': result._name, 'res_id': result.id, 'views': [(False, 'form')],
            'name': self.env._("Satisfaction"),
        }

    def _save(self):
        Request = self.env['fulfilment.survey.request']
        self.partner_id.check_access('read')
        self.contract_id.check_access('read')
        if self.company_id not in self.env.companies:
            raise UserError(self.env._("%s is not among the companies you work in.", self.company_id.name))
        (self.request_id or Request)._check_role()
        self.request_id._check_answerable()
        marks = {dimension: int(self[dimension]) for dimension in DIMENSIONS if self[dimension]}
        if not marks:
            raise UserError(self.env._("Enter at least one mark: an answer without any counts nowhere."))
        customer = self.request_id.commercial_partner_id or self.partner_id.commercial_partner_id
        for record in (self.partner_id, self.contract_id):
            if record and record.commercial_partner_id != customer:
                raise UserError(self.env._(
                    "%(record)s does not belong to %(customer)s.", record=record.display_name, customer=customer.display_name,
                ))
        # safe: asks whether the customer has a file, for whoever may read it
        files = self.env['fulfilment.profile'].sudo().search([
            ('partner_id', '=', customer.id), ('company_id', '=', self.company_id.root_id.id),
        ])
        agreed = self.contract_id.filtered(lambda contract: contract.state not in HIDDEN_STATES)
        if files and not (self.request_id or agreed or files.sudo(False)._filtered_access('read')):
            raise AccessError(self.env._(
                "%s is looked after by somebody else, who enters what the customer says.", customer.display_name,
            ))
        # safe: what was said on the phone is kept as the customer's answer; the rights on customer, contract and request were checked
        return self.sudo()._keep(customer, marks).with_env(self.env)

    def _keep(self, customer, marks):
        survey = (self.request_id.survey_id or self.plan_id.survey_id)
        questions = survey.question_ids.filtered(lambda question: question.fulfilment_dimension in marks)
        if not questions:
            raise UserError(self.env._("There is no survey with dimensions of satisfaction: add a survey plan first."))
        request = self.request_id or self._claim_request(customer, survey)
        answer = request.user_input_id or self.env['survey.user_input'].create({'survey_id': survey.id, 'partner_id': self.partner_id.id})
        request.user_input_id = answer
        answer.user_input_line_ids.unlink()
        answer.write({
            'fulfilment_entered_by_id': self.env.uid, 'partner_id': self.partner_id.id, 'start_datetime': fields.Datetime.now(),
        })
        lines = [
            {'question_id': question.id, 'answer_type': 'scale', 'value_scale': marks[question.fulfilment_dimension]}
            for question in questions
        ]
        comments = survey.question_ids.filtered(lambda question: question.question_type == 'text_box')[:1]
        if comments and (self.comment or '').strip():
            lines.append({'question_id': comments.id, 'answer_type': 'text_box', 'value_text_box': self.comment.strip()})
        self.env['survey.user_input.line'].create([{'user_input_id': answer.id, 'skipped': False, **line} for line in lines])
        answer._mark_done()
        result = answer.fulfilment_satisfaction_ids
        if not result:
            raise UserError(self.env._("The answer of %s could not be kept. Try again.", customer.display_name))
        return result

    def _claim_request(self, customer, survey):
        """Make a request also for an answer by phone that nobody asked for by mail: it says whose it is and what about."""
        company = self.contract_id.company_id or self.company_id
        return self.env['fulfilment.survey.request']._claim([{
            'claim_key': f'phone {uuid4()}', 'plan_id': self.plan_id.id, 'survey_id': survey.id, 'occasion': 'phone',
            'company_id': company.id, 'commercial_partner_id': customer.id, 'partner_id': self.partner_id.id,
            'contract_id': self.contract_id.id, 'date': company._fulfilment_today()[company],
            'user_id': (self.contract_id.user_id or customer.user_id).id,
        }])
