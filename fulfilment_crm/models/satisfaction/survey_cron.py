from functools import partial

from odoo import api, models
from odoo.fields import Domain

from ...tools.as_of import AsOf
from ..base.run import Action
from ..base.told import _lt, told
from .survey_request import ASKED, OPEN, WAITING


class FulfilmentSurveyRequest(models.Model):
    """The daily round: who is to be asked, who is to be reminded, whose time is over. All of it can be repeated, killed or doubled."""
    _inherit = 'fulfilment.survey.request'

    @api.model
    def _cron_surveys(self, as_of=None):
        """Follow answers up, ask who is due, send, remind and expire.

        Only the current period is asked for and only what has waited since the last mail is reminded of: after a pause of the server
        nobody gets more than one mail.

        :param as_of: the day to work for (date, or naive UTC datetime); each company's own today when None
        """
        self = self.sudo()  # safe: a scheduled action works for all companies; it asks whom the plans of administrators name
        if as_of:
            self = self.with_context(as_of=AsOf(as_of))
        run = self.env['fulfilment.run']._open('surveys', as_of)
        every = self.env['res.company'].search([])
        today = every._fulfilment_today(as_of)
        asking = every.filtered('fulfilment_surveys')
        results = self.env['fulfilment.satisfaction']
        late = self.env['fulfilment.contract']._by_day(today, 'deadline', '<')
        works = [
            (self.search(self._domain_unfollowed(), order='id'), _follow_answers),
            (results.search([('is_followed_up', '=', False)], order='id'), _follow_results),
            (self.search(Domain('state', 'in', OPEN) & Domain('commercial_partner_id.active', '=', False), order='id'), _drop),
            (self.search(Domain('state', 'in', OPEN) & late, order='id'), _expire),
        ]
        for records, work in works:
            if not run._slices(records, work):
                return
        for plan in self.env['fulfilment.survey.plan'].search([('survey_id.active', '=', True)]):
            for company in asking:
                day = today[company]
                works = [(plan._due_contracts(company, day), partial(_ask_contracts, plan.id, day))]
                if company == company.root_id:
                    works.append((plan._due_profiles(company, day), partial(_ask_customers, plan.id, day)))
                for records, work in works:
                    if not run._slices(records, work, size=100):
                        return
        waiting, due = self._domain_waiting(today, asking), self._domain_reminded(today, asking)
        if run._slices(self.search(waiting, order='id'), partial(_send, today, waiting), size=100) \
                and run._slices(self.search(due, order='id'), partial(_remind, today, due), size=100):
            run._close()

    @api.model
    def _domain_waiting(self, today, companies):
        """Return the domain of requests of these companies that were made on an earlier day and have not gone out yet."""
        return Domain('state', 'in', WAITING) & Domain('company_id', 'in', companies.ids) \
            & Domain('occasion', '!=', 'phone') & self.env['fulfilment.contract']._by_day(today, 'date', '<')

    @api.model
    def _domain_reminded(self, today, companies):
        """Return the domain of requests of these companies whose answer is to be reminded of."""
        return Domain('state', 'in', ASKED) & Domain('company_id', 'in', companies.ids) \
            & self.env['fulfilment.contract']._by_day(today, 'next_reminder_on', '<=')

    @api.model
    def _domain_unfollowed(self):
        """Return the domain of requests whose answer is finished without their knowing: its follow-up had failed."""
        return Domain('state', 'in', (*OPEN, 'expired')) & Domain('user_input_id.state', '=', 'done')

    def _unpaused(self, today):
        """Those of the requests whose customer or contract is not in a pause of reminders."""
        paused = self.env['fulfilment.reminder.pause']._paused(self.commercial_partner_id, self.contract_id, today)
        return self.filtered(
            lambda one: (one.company_id, one.commercial_partner_id) not in paused and (one.company_id, one.contract_id) not in paused,
        )


class FulfilmentReminderPause(models.Model):
    _inherit = 'fulfilment.reminder.pause'

    @api.model
    def _paused(self, customers, contracts, today):
        """Which customers and contracts are in a pause on their company's day.

        A pause counts for the company it was entered in and for its main company, whose surveys ask about all of it.

        :param customers: commercial partners
        :param dict today: ``{company: date}``
        :return: set of ``(company, customer)`` and ``(company, contract)``
        """
        found = set()
        for pause in self.search([
            ('company_id', 'in', [company.id for company in today]),
            '|', ('contract_id', 'in', contracts.ids), ('partner_id.commercial_partner_id', 'in', customers.ids),
        ]):
            if pause.date_from <= today[pause.company_id] <= pause.date_to:
                subject = pause.contract_id or pause.partner_id.commercial_partner_id
                found |= {(pause.company_id, subject), (pause.company_id.root_id, subject)}
        return found


def _follow_answers(requests):
    # safe: finished answers of our own requests
    requests.user_input_id.sudo()._fulfilment_follow()
    return {'answers followed up': len(requests)}


def _follow_results(results):
    open_ones = results.filtered(lambda result: not result.is_followed_up)
    open_ones._follow_up()
    return {'answers followed up': len(open_ones)}


def _drop(requests):
    requests._end('cancelled', told(requests.env, _lt("The customer is archived")))
    return {'surveys cancelled': len(requests)}


def _expire(requests):
    over = requests.filtered(lambda request: request.state in OPEN)
    over.filtered(lambda request: request.state in ASKED)._end('expired', told(requests.env, _lt("Not answered in time")))
    over.filtered(lambda request: request.state in OPEN)._end('expired', told(requests.env, _lt("No address was found in time")))
    return {'surveys expired': len(over)}


def _ask_customers(plan_id, day, profiles):
    """Ask a slice of customers, but for those in a pause of reminders: they wait until it is over, within the period."""
    env = profiles.env
    plan = env['fulfilment.survey.plan'].browse(plan_id)
    still = plan._due_profiles(profiles.company_id[:1], day, profiles)
    still = unpaused_profiles(still, day)
    return env['fulfilment.survey.request']._claim_for_profiles(plan, still, day)._send(day) if still else {}


def _ask_contracts(plan_id, day, contracts):
    env = contracts.env
    plan = env['fulfilment.survey.plan'].browse(plan_id)
    still = plan._due_contracts(contracts.company_id[:1], day, contracts)
    still = unpaused_contracts(still, day)
    return env['fulfilment.survey.request']._claim_for_contracts(plan, still, day)._send(day) if still else {}


def unpaused_profiles(profiles, day):
    """Those of the customers that are not in a pause of reminders on a day."""
    days = dict.fromkeys(_family(profiles.company_id), day)
    paused = profiles.env['fulfilment.reminder.pause']._paused(profiles.partner_id, profiles.env['fulfilment.contract'], days)
    return profiles.filtered(lambda one: (one.company_id, one.partner_id) not in paused)


def unpaused_contracts(contracts, day):
    """Those of the contracts that are not in a pause of reminders on a day, nor their customer."""
    days = dict.fromkeys(_family(contracts.company_id), day)
    paused = contracts.env['fulfilment.reminder.pause']._paused(contracts.commercial_partner_id, contracts, days)
    return contracts.filtered(
        lambda one: (one.company_id, one.commercial_partner_id) not in paused and (one.company_id, one) not in paused,
    )


def _send(today, domain, requests):
    waiting = requests.search(domain & Domain('id', 'in', requests.ids), order='id')._unpaused(today)
    return _sum(group._send(day) for day, group in waiting.grouped(lambda one: today[one.company_id]).items())


def _remind(today, domain, requests):
    due = requests.search(domain & Domain('id', 'in', requests.ids), order='id')._unpaused(today)
    return _sum(group._remind(day) for day, group in due.grouped(lambda one: today[one.company_id]).items())


def _family(companies):
    """Companies with their branches: pauses entered in a branch hold for what the main company asks."""
    return companies | companies.search([('id', 'child_of', companies.ids)])


def _sum(counts):
    total = {}
    for effects in counts:
        for effect, number in effects.items():
            total[effect] = total.get(effect, 0) + number
    return total


class FulfilmentRun(models.Model):
    _inherit = 'fulfilment.run'

    @api.model
    def _actions(self):
        return [*super()._actions(), Action(60, 'surveys', self.env._("Satisfaction"), 'fulfilment.survey.request', '_cron_surveys')]

    @api.model
    def _effect_labels(self):
        return {
            **super()._effect_labels(),
            'surveys sent': self.env._("Surveys sent"), 'surveys without an address': self.env._("Surveys without an address"),
            'survey reminders': self.env._("Reminders of surveys"), 'surveys expired': self.env._("Surveys expired"),
            'surveys cancelled': self.env._("Surveys cancelled"), 'answers followed up': self.env._("Answers followed up"),
        }
