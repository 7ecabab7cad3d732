def binding(records):
    """Return records, or a model, for looking up what binds whoever asks: as superuser, whatever the context of the call says.

    Callers from outside bring contexts; archived rules, other defaults or another day must not come in with them. What is kept in
    memory (``ormcache``) is filled through this only.
    """
    env = records.env
    # safe: looks up rules, stages and stand-ins that count for everybody
    return records.with_env(env(su=True, context={'lang': env.lang} if env.lang else {}))
