"""Who should act: a proposal of lead, assists and informed, with the item or rule that it rests on. Pure.

`propose(view, matter, now)` asks, in this order, the responsibility lists (that of a regime first), the three roles of
a public asset, the candidates of the filing condition, the dedicated and then the territorial grids. What none of them
answers goes to the centre, and says so.
"""

from streams.core.routing.matter import Matter, Proposal
from streams.core.routing.proposing import propose, proposed

__all__ = ["Matter", "Proposal", "propose", "proposed"]
