from . import contract_result
