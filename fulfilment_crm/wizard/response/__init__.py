from . import response_start
