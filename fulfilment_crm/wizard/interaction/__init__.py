from . import account_reassign
