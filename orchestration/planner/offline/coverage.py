"""Which words of a message no rule has used: what was not read must not be lost silently."""

import re

from orchestration.planner.offline.spans import Taken

_WORD = re.compile(r"[a-z][a-z'\-]{3,}")

ORDINARY = frozenset(
    """
    what's allow allowed reach receive drop rest delete part lower higher number step scratch destroy cancel ditch neither
    about above account accounts actually after again ahead all already also although always another
    anymore around available azure back based because been before begin being below best better
    between bigger both bring budget build button call called came cannot change changed clean cloud
    cluster clusters come company configure cost costs could create creating current currently data
    deploy deployment different does doing done don't down during each either else engineers enough
    environment even every everything exactly except expect figure fine first folks forget from
    full further gets give given going good great group guys handle have having hello help here
    hold hours however i'd i'll i'm idea instead isn't it'll it's just keep kind know large largest
    last later least leave less let's life like likely limit list little live long longer look
    looking lots made make making many matter maximum maybe mean meant might mind minimum minutes
    money month monthly more most move much must name named need needed needs neither never newer
    next nice nodes none nothing okay once one only open option other ours over people perhaps
    place plan platform please plus point possible prefer preferably price probably project provide
    provision pretty purpose quick quite rather ready really region remove rename replace request
    require resource resources right roughly said same says second seems send service services
    setup several shall should show side similar since size skip small smaller some someone
    something somewhere sorry sort spend spin squad stand start starting still stop stuff such sure
    switch take team teams than thank thanks that that's their them then there these they thing
    things think this those though thought three through time today together tomorrow tonight took
    total turn type under unit until update use used users using usual value very want wanted wants
    we'd we'll we're week well were what where which while who whole will with within without won't
    work worker workers working workspace would wouldn't year years you'd your yours department
    """.split()
)
"""Words that change no reading by themselves."""


def unused(text: str, taken: Taken, most: int = 4) -> list[str]:
    """The words of substance that are left, when they are many enough to matter.

    One stray word is chatter; two or more, and at least as many as pieces were read, are a part
    of the request that nobody understood.
    """
    left = [
        match.group()
        for match in _WORD.finditer(text)
        if taken.free(*match.span()) and match.group() not in ORDINARY
    ]
    return left[:most] if len(left) >= 2 and len(left) >= taken.count else []
