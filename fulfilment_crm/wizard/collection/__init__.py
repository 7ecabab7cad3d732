from . import collection_call, dispute_decide, dispute_open, promise_renegotiate, statement_batch
