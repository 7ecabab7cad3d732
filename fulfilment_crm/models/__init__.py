from . import base, contract, reminder
