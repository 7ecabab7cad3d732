from . import clause, clause_category, contract_template, contract_type, vague_term
