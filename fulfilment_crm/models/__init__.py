# The rooms in their order: each may use those before it only.
from . import base, clause, contract, profile, credit, value, reminder, ticket, interaction, care, satisfaction, warning, risk, response
from . import reward, collection, forecast, breach, oversight, start
