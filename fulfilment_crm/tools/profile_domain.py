"""Conditions over the profile: which fields they may name.

They are searched for all customers, whoever typed them, so a path into other tables would answer questions that their author may not
ask of these tables.
"""
import ast
from typing import Any

from odoo.fields import Domain

# Relations of the profile, and what of them a condition may name.
RELATIONS = {
    'partner_id', 'user_id', 'team_id', 'company_id', 'currency_id', 'tier_id', 'value_tier_id', 'credit_grade_id', 'country_id',
    'industry_id', 'partner_tag_ids',
}
PARTS = {
    'id', 'name', 'code', 'active', 'is_company', 'country_id', 'industry_id', 'category_id', 'fulfilment_kind', 'state_id', 'sequence',
}


def parse(text: str, model: Any) -> Domain:
    """Read a condition as a domain.

    :param str text: a domain as Odoo writes it
    :param model: the profile
    :raise ValueError: when it is no domain, or names what is not of the profile
    """
    domain = Domain(ast.literal_eval((text or '[]').strip()))
    for condition in domain.iter_conditions():
        first, _dot, rest = condition.field_expr.partition('.')
        if first not in model._fields:
            raise ValueError(f'{condition.field_expr} is no field of the profile')
        if condition.operator in ('any', 'not any', 'any!', 'not any!') or rest and (first not in RELATIONS or rest not in PARTS):
            raise ValueError(f'{condition.field_expr} leads beyond the profile')
        if model._fields[first].relational and first not in RELATIONS:
            raise ValueError(f'{first} leads beyond the profile')
    return domain
