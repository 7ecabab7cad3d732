from . import base, contract, credit, ticket, interaction, satisfaction, response, collection
