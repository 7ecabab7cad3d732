from dataclasses import dataclass
from functools import partial

from odoo import api, models
from odoo.fields import Domain

NOBODY = -1  # the number of no record
ROLES = ('user', 'leader', 'manager', 'credit', 'legal', 'service', 'inspector')


@dataclass(frozen=True)
class Audience:
    """Who reaches the records of a kind."""
    own: Domain  # what an employee reads and changes
    team: Domain = Domain.FALSE  # what a team leader reaches beside it
    asked: Domain = Domain.FALSE  # what an employee only reads
    changed_by: tuple = ('manager',)  # the roles that reach everything
    read_by: tuple = ('credit', 'legal', 'service', 'inspector')  # the roles that read everything


class Reach:
    """Domains about whoever asks, for audiences. Paths lead from the record to a user."""

    def __init__(self, uid):
        self.uid = uid

    def mine(self, *paths):
        """Return the condition for records whose user is the one who asks."""
        return Domain.OR(Domain(path, '=', self.uid) for path in paths)

    def nobodys(self, path):
        """Return the condition for records without a user."""
        return Domain(path, '=', False)

    def led(self, *paths):
        """Return the condition for records whose user is in a sales team that the one who asks leads."""
        return Domain.OR(Domain(f'{path}.sale_team_id.user_id', '=', self.uid) for path in paths)

    def of_team(self, *paths):
        """Return the condition for records whose user is in a sales team that the one who asks leads or belongs to."""
        return self.led(*paths) | Domain.OR(Domain(f'{path}.sale_team_id.member_ids', 'in', [self.uid]) for path in paths)


class IrRule(models.Model):
    """Rules name an audience: ``reads('contract', 'contract_id.')`` is who reads the contract that ``contract_id`` leads to.

    A room says who that is in ``_audience_<name>(reach, at)``, where ``at`` is the path to the record. It becomes an ordinary domain, so a
    list is searched as by a rule that is written out.
    """
    _inherit = 'ir.rule'

    @api.model
    def _eval_context(self):
        return {
            **super()._eval_context(), 'reads': partial(self._audience, 'read'), 'changes': partial(self._audience, 'change'),
            'acting_for': lambda: self.env.user._fulfilment_customer().id or NOBODY,
        }

    @api.model
    def _audience(self, what, name, at=''):
        """Tell which records an audience lets the current user reach, as a list of conditions."""
        audience = getattr(self, f'_audience_{name}')(Reach(self.env.uid), at)
        roles = {role for role in ROLES if self.env.user.has_group(f'fulfilment_crm.group_{role}')}
        everything = audience.changed_by if what == 'change' else (*audience.changed_by, *audience.read_by)
        if roles & {*everything}:
            return list(Domain.TRUE)
        domain = Domain.FALSE
        if 'user' in roles:
            domain |= audience.own if what == 'change' else audience.own | audience.asked
        if 'leader' in roles:
            domain |= audience.team
        return list(domain)
