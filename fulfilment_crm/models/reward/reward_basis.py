from odoo import api, models
from odoo.tools import formatLang

from ...tools.profile_domain import parse
from ...tools.shown_date import shown_date


class FulfilmentRewardGrant(models.Model):
    """What a reward rests on, and whether it still holds when the facts have changed since."""
    _inherit = 'fulfilment.reward.grant'

    @api.model
    def _basis_vals(self, rule, profile):
        """Condition and figures of a profile as they are, for create."""
        names = profile._named_by(rule._parsed_domain())
        figures = {name: profile._fields[name].convert_to_read(profile[name], profile, use_display_name=False) for name in names}
        return {
            'condition': rule.domain, 'reason': profile._figures_in_words(figures, profile.currency_id),
            'figures': {name: str(value) if hasattr(value, 'isoformat') else value for name, value in figures.items()},
        }

    @api.depends('reason', 'figures')
    @api.depends_context('lang')
    def _compute_reason_told(self):
        for grant in self:
            grant.reason_told = self.env['fulfilment.profile']._figures_in_words(grant.figures or {}, grant.currency_id) or grant.reason

    @api.model
    def _without_basis(self, company, day, grants):
        """Those of these grants whose condition does not hold any more on the figures of the day they were found deserved.

        What documents tell is told again from them; what only the present can tell stays as it was. Grade, score and tier count as they
        are while the period lasts, and as they were after it.

        :param company: root company
        :param date day: the company's day
        """
        lost = grants.browse()
        alike = grants.filtered(lambda one: one.condition and one.profile_id).grouped(
            lambda one: (one.date, one.condition, bool(one.period_end and one.period_end < day)),
        )
        for (date, condition, is_over), group in alike.items():
            founded = group.profile_id._fitting_then(condition, company, date, group, is_over)
            lost |= group.filtered(lambda one, founded=founded: one.profile_id not in founded)
        return lost


class FulfilmentProfile(models.Model):
    _inherit = 'fulfilment.profile'

    @api.model
    def _named_by(self, domain):
        """Return the stored fields a condition rests on, in its order."""
        names = {}
        for condition in domain.iter_conditions():
            name = condition.field_expr.partition('.')[0]
            field = self._fields[name]
            if not field.store and not field.related:
                # What is worked out from figures, such as a long-term relation.
                names.update(dict.fromkeys(one for one in self.pool.field_depends.get(field, ()) if one in self._fields))
            else:
                names[name] = None
        return list(names)

    @api.model
    def _figures_in_words(self, figures, currency):
        """Figures by the names of their fields, in the language of the context, one a line.

        :param dict figures: ``{field: value as read}``
        """
        return '\n'.join(
            f'{self._fields[name]._description_string(self.env)}: {self._value_in_words(name, value, currency)}'
            for name, value in figures.items() if name in self._fields
        )

    @api.model
    def _value_in_words(self, name, value, currency):
        field = self._fields[name]
        if value is None or value is False and field.type != 'boolean':
            return '–'
        if field.relational:
            # safe: what a reward rests on is told to whoever reads the reward
            found = self.env[field.comodel_name].sudo().browse(value if isinstance(value, list) else value or []).exists()
            return ', '.join(found.mapped('display_name')) or '–'
        if field.type == 'monetary':
            return currency.format(value)
        if field.type == 'float':
            return formatLang(self.env, value, digits=2)
        if field.type == 'date':
            return shown_date(self.env, value)
        if field.type == 'selection':
            return dict(field._description_selection(self.env)).get(value, value)
        return str(value)

    def _fitting_then(self, condition, company, day, grants, is_over=False):
        """Those of these profiles that fit a condition on the figures of a day, told from the documents as they are now.

        :param str condition: as in a rule
        :param date day: the day
        :param grants: whose stored figures stand for what documents cannot tell
        :param bool is_over: whether what was judged counts as the grants have stored it, too
        """
        profiles = self.exists()
        domain = parse(condition, profiles)
        names = [name for name in profiles._named_by(domain) if profiles._fields[name].store]
        facts = {*profiles._facts(), 'derived'}
        told_names = [name for name in names if getattr(self._fields[name], 'facts', None) in facts and self._fields[name].past]
        told = profiles._live(profiles.partner_id, company, told_names, day) if told_names else {}
        kept = {
            name for name in names if name not in told_names and (is_over or getattr(self._fields[name], 'facts', None))
        }
        stored = {grant.profile_id: grant.figures or {} for grant in grants}
        self.env['fulfilment.profile'].invalidate_model()  # nothing is left to be written, and what is computed is computed anew
        for profile in profiles:
            values = {name: value for name, value in stored.get(profile, {}).items() if name in kept}
            values.update(told.get(profile.partner_id, {}))
            for name, value in values.items():
                field = self._fields[name]
                field._update_cache(profile, field.convert_to_cache(value, profile))
        fitting = profiles.filtered_domain(domain)
        self.env['fulfilment.profile'].invalidate_model(flush=False)
        return fitting
