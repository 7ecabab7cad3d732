from odoo import SUPERUSER_ID, api, models
from odoo.fields import Domain
from odoo.tools import float_compare

from ..base.run import Action
from ..base.to_do_mixin import ToDo
from ..base.told import _lt, told

SLICE = 5000  # customers judged in one transaction


class FulfilmentCreditAssessment(models.Model):
    """The daily round of judgements: who has not been assessed this quarter, what fell, and who belongs to which tier."""
    _inherit = 'fulfilment.credit.assessment'

    @api.model
    def _cron_credit(self, as_of=None):
        """Assess whom this quarter has not seen yet, act on falls of external scores, and let the tiers follow.

        :param date as_of: the day to work for; each company's own today when None
        """
        # safe: a scheduled action works for all companies
        self = self.sudo()
        run = self.env['fulfilment.run']._open('credit', as_of)
        for company, day in self.env['res.company'].search([]).root_id._fulfilment_today(as_of).items():
            self._round_quarter(run, company, day)
            if company.fulfilment_grade_rounds and not self._round_changes(run, company):
                return
            self._round_credit_facts(run, company, day)
            run._transaction(lambda company=company, day=day: {
                'credit figures updated': self.env['fulfilment.credit.line']._show_all(company, day=day),
            })
            self._round_tiers(run, company, day)
        run._close()

    @api.model
    def _round_quarter(self, run, company, day):
        """Make one assessment a customer and quarter, for new customers as soon as they have figures; switched off, only their first."""
        last = 0
        whom = Domain('company_id', '=', company.id)
        if not company.fulfilment_grade_rounds:
            whom &= Domain('credit_grade_id', '=', False)
        while True:
            # safe: ids of profiles, whoever is responsible for them; whom the quarter has seen already is left out by the claim
            found = self.env['fulfilment.profile'].sudo().search(
                whom & Domain('id', '>', last), order='id', limit=SLICE,
            )
            if not found:
                break
            low, last = found[0].id, found[-1].id
            only = whom & Domain('id', '>=', low) & Domain('id', '<=', last)
            error = run._transaction(lambda only=only: {'customers assessed': len(self._judge(company, day, only, 'quarter', None))})
            if error is not None:
                self._assess_one_by_one(run, company, day, found)

    @api.model
    def _assess_one_by_one(self, run, company, day, profiles):
        def work(some):
            return {'customers assessed': len(self._judge(company, day, [('id', 'in', some.ids)], 'quarter', None))}
        run._slices(profiles, work)

    @api.model
    def _round_changes(self, run, company):
        """Send changed grades into approval. Also those a round before left behind."""
        changed = self.search([('company_id', '=', company.id), ('state', '=', 'draft'), ('change', 'in', ('up', 'down'))], order='id')

        def work(assessments):
            waiting = assessments.filtered(lambda one: one.state == 'draft')
            waiting._submit_changes()
            return {'grade changes submitted': len(waiting)}
        return run._slices(changed, work)

    @api.model
    def _round_tiers(self, run, company, day):
        """Let the tiers follow figures and grades; the value room says how."""

    @api.model
    def _round_credit_facts(self, run, company, day):
        """Handle what happened outside the quarter's rhythm; other rooms add to it."""
        falls = self.env['fulfilment.external.score'].search([
            ('told', '=', False), ('company_id', 'child_of', company.id), ('date', '<=', day),
        ])
        run._slices(falls, lambda scores: {'falls of outside scores': scores._handle_falls(day)})


class FulfilmentExternalScore(models.Model):
    _inherit = 'fulfilment.external.score'

    @api.model_create_multi
    def create(self, vals_list):
        scores = super().create(vals_list)
        scores._handle_falls()
        return scores

    def write(self, vals):
        result = super().write(vals)
        if vals.keys() & {'score', 'date', 'partner_id', 'source', 'company_id'}:
            # safe: a corrected score is looked at again
            self.sudo().told = False
            self._handle_falls()
        return result

    def _handle_falls(self, as_of=None):
        """Warn the responsible of falls beyond the company's threshold and assess the customers anew, once a score.

        :return: how many fell
        """
        # safe: the judgement and the warning are the firm's own business, whoever entered the score
        scores = self.sudo().filtered(lambda one: not one.told)
        today = scores.company_id.root_id._fulfilment_today(as_of)
        scores = scores.filtered(lambda one: one.date <= today[one.company_id.root_id])
        fallen = scores.filtered(
            lambda one: one.fall and float_compare(one.fall, one.company_id.root_id.fulfilment_score_fall, precision_digits=2) >= 0,
        )
        scores.told = True
        # While grades do not follow by themselves, scores are kept and nobody is asked.
        fallen = fallen.filtered('company_id.root_id.fulfilment_grade_rounds')
        for company, group in fallen.grouped(lambda one: one.company_id.root_id).items():
            customers = group.partner_id.commercial_partner_id
            # Nobody's request: who entered the score may take a step of its approval.
            self.env['fulfilment.credit.assessment'].with_user(SUPERUSER_ID)._assess(
                customers, as_of=as_of, companies=company, occasion='event', note=told(self.env, _lt("Outside score fell")),
            )
            # safe: finds whom to warn
            profiles = self.env['fulfilment.profile'].sudo().search([('partner_id', 'in', customers.ids), ('company_id', '=', company.id)])
            owner = {profile.partner_id: profile.user_id for profile in profiles}
            to_dos = []
            for score in group:
                partner = score.partner_id.commercial_partner_id
                user = owner.get(partner) or company._fulfilment_credit_controller() or self.env.user
                to_dos.append(ToDo(score.partner_id, user, user._fulfilment_env()._(
                    "External score fell from %(before)s to %(now)s", before=score.previous_score, now=score.score,
                )))
            group.env['mail.activity']._fulfilment_give('fulfilment_crm.activity_type_credit', to_dos, tell=True)
        return len(fallen)


class FulfilmentRun(models.Model):
    _inherit = 'fulfilment.run'

    @api.model
    def _actions(self):
        return [*super()._actions(), Action(30, 'credit', self.env._("Credit and tiers"), 'fulfilment.credit.assessment', '_cron_credit')]

    @api.model
    def _effect_labels(self):
        return {
            **super()._effect_labels(),
            'customers assessed': self.env._("Customers assessed"), 'grade changes submitted': self.env._("Changes of grade submitted"),
            'falls of outside scores': self.env._("Falls of external scores"),
            'credit figures updated': self.env._("Limits and grades shown on profiles"),
        }
