from . import payments, stored
