from odoo import models

from ...tools import markup

# Terms of a contract that whoever approves it looks at.
TOLD_TERMS = ('advance_percent', 'deposit_percent', 'damages_rate', 'damages_cap')


class FulfilmentContract(models.Model):
    """What whoever approves a contract reads: the contract as the customer will, and how it is to be paid."""
    _inherit = 'fulfilment.contract'

    def _approval_effects(self):
        effects = super()._approval_effects()
        names = [
            self.env._("Advance payment (%)"), self.env._("Deposit (%)"), self.env._("Damages (% per day)"),
            self.env._("Damages, at most (%)"),
        ]
        for contract in self:
            usual = contract.partner_id.with_company(contract.company_id).property_payment_term_id
            if contract.payment_term_id and contract.payment_term_id != usual:
                effects[contract].append((self.env._("Payment terms"), usual.name or '–', contract.payment_term_id.name))
            for role, name in zip(TOLD_TERMS, names, strict=True):
                if contract._term(role):
                    effects[contract].append((name, '–', f'{contract._term(role):g}'))
        return effects

    def _approval_documents(self):
        """Return each contract as it reads, for who may read all of it: some read the contract for the sake of a milestone only."""
        return {
            contract: contract._text_as_read() if (contract.clause_ids.has_access('read') and contract.line_ids.has_access('read')) else ''
            for contract in self
        }

    def _text_as_read(self):
        """Return the contract as the customer reads it, in its own language, as HTML."""
        self.ensure_one()
        own = self.with_context(lang=self.lang or self.env.lang)
        return own.env['ir.qweb']._render('fulfilment_crm.contract_body', {'contract': own})


class FulfilmentAmendment(models.Model):
    _inherit = 'fulfilment.amendment'

    def _approval_customers(self):
        return {amendment: amendment.contract_id.commercial_partner_id for amendment in self}

    def _approval_effects(self):
        kinds = dict(self.env['fulfilment.amendment.line']._fields['kind']._description_selection(self.env))
        return {
            amendment: [(_what(kinds[line.kind], line), line.before, line.after) for line in amendment._lines_in_order()]
            for amendment in self
        }

    def _approval_documents(self):
        """Return the contract that is amended, as it stands."""
        documents = self.contract_id._approval_documents()
        return {amendment: documents[amendment.contract_id] for amendment in self}


def _what(kind, line):
    """Return what a change is about: its kind, and the milestone, clause or line it changes."""
    what = line.milestone_id.name or line.clause_id.name or line.line_id.name or line.parameter_id.name
    return markup.named(kind, what) if what else kind
