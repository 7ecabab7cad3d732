from . import contract, value, ticket, satisfaction, collection, forecast, breach, oversight
