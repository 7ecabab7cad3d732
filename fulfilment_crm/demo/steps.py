


# Who takes a step of approval, in the order of the chains.
APPROVERS = ('leader', 'legal', 'finance', 'director')
GRADERS = ('sales', 'wei', 'leader', 'finance', 'director')
FONT = 'STSong-Light'  # known to every PDF reader, Latin and Chinese


class Steps:
    """What people did in the demo company, each a verb with the day it was done on. Days are counted from the installation."""

    def __init__(self, env):
        self.env = env
