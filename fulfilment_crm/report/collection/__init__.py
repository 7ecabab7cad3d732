from . import instalment
