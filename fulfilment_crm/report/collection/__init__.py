from . import instalment, work
