"""What a message wants done, besides values: rules over cleaned, lower-case text."""

import re
from enum import StrEnum

from orchestration.planner.offline.normal import cleaned, lowered


class Intent(StrEnum):
    SUBMIT = "submit"
    DECIDE = "decide"
    COPY = "copy"
    CHEAPER = "cheaper"
    COST = "cost"
    BASIS = "basis"
    APPROVALS = "approvals"
    DESTROYS = "destroys"
    WHY = "why"
    STATUS = "status"
    HISTORY = "history"
    SHOW = "show"
    NAMES = "names"
    UNDO = "undo"
    RETRY = "retry"
    ROLL_BACK = "roll_back"
    DESTROY = "destroy"
    LATER = "later"
    CANCEL = "cancel"
    DISCARD = "discard"
    HOLD = "hold"
    HELP = "help"
    YES = "yes"
    NO = "no"
    HELLO = "hello"
    THANKS = "thanks"
    INJECTION = "injection"


_NOT = r"(?:don'?t|do not|not|never|without|before|can'?t|cannot|won'?t|shouldn'?t)"
_DAY = r"(?:mon|tues?|wednes|thurs?|fri|satur|sun)day"
_WHEN = rf"\b(?:on|by|at|next|this|until|till|after)\s+(?:{_DAY}|week|month|midnight|noon|\d)|tomorrow|tonight|in \d+ (?:minutes?|hours?|days?|weeks?)|\bat (?:end of|the end)"

_RULES: tuple[tuple[Intent, str], ...] = (
    (
        Intent.INJECTION,
        r"(?:ignore|disregard|forget|override)\s+(?:all\s+|any\s+|the\s+|your\s+|my\s+)*"
        r"(?:previous|prior|above|earlier|former|system)?\s*(?:instructions?|rules|prompts?|guidelines)"
        r"|system prompt|you are now|act as (?:an? )?(?:admin|root|dan)|developer mode|owner rights"
        r"|as (?:an )?admin(?:istrator)?,? (?:i )?(?:approve|order)|jailbreak",
    ),
    (
        Intent.APPROVALS,
        r"\bwho\b.{0,30}\b(?:approv|sign|reject|decid|blocked|agree)|"
        r"why.{0,25}(?:approv|sign[- ]?off|finance|security review|reviewers?)|"
        r"(?:which|what) (?:approvals?|gates?|approvers?|sign[- ]?offs?)|(?:needs?|whose|still) (?:approval|sign[- ]?off)\b.*\?|"
        r"waiting (?:for|on) (?:whom|who|approval)|\bapprovers?\?",
    ),
    (
        Intent.DECIDE,
        r"\b(?:i|we|i'?d|i'?ll|hereby|consider (?:it|this)|mark (?:it|this) (?:as )?)\s*(?:hereby |can |could |would |will |do |am |fully )*"
        r"(?:approve|approved|reject|rejected|sign (?:it |this )?off)\b|^(?:approve|reject)d?(?: it| this| that| all)?$"
        r"|\b(?:approve|reject) (?:it|this|that|the|all|step|everything|on behalf)|"
        r"\bapproved by\b|on behalf of \w+.{0,20}approv",
    ),
    (
        Intent.DESTROYS,
        r"what.{0,25}\b(?:would|will|does|gets?|is|be)\b.{0,25}(?:destroy|delet|remov|torn down|los[et])|"
        r"(?:would|will|does) (?:it|this|that).{0,15}(?:destroy|delete|remove)\b",
    ),
    (
        Intent.WHY,
        r"^(?:but )?why\b|\bhow come\b|\bwhat(?:'s| is) (?:the )?reason\b|"
        r"^explain\b|where does .{1,40} come from|who (?:said|chose|picked|set|decided)\b",
    ),
    (
        Intent.COPY,
        r"^(?!.*\bsame (?:region|environment|team|names?|sku|size|workers|location|price)).*(?:\bsame (?:as|again|setup|thing|config\w*|one|deployment|infra\w*|stack)|"
        r"\b(?:like|as) (?:last time|before\b|(?:the |our )?(?:last|previous|earlier) (?:one|time|deployment|request|setup))|"
        r"(?:previous|last|earlier) (?:deployment|setup|config\w*|request) again|repeat (?:the |our |what)|"
        r"\bclone\b|\bcopy (?:of |from |what|the|our|mia|ana|\w+'s)|\b(?:reuse|replicate) (?:what|the|our)|"
        r"what we (?:had|deployed|used|did) (?:last|before|previously)|same settings)",
    ),
    (
        Intent.CHEAPER,
        r"\bcheap|less expensive|too (?:expensive|costly|pricey)|\b(?:reduce|lower|cut|bring|get|keep|trim|lessen)\b.{0,12}\b(?:costs?|price|bill|spend\w*)\b|"
        r"save (?:some )?money|cost[- ]?(?:down|less|saving)|anything smaller|(?:something|go|a bit|an?y?) (?:smaller|cheaper)|"
        r"\bsmaller (?:vm|size|node|sku|instance|option|variant|one)|\bmake (?:that|it|this) smaller|\bdownsize|affordable|over (?:our |the |my )?budget|"
        r"budget[- ]friendly|economical|too much money|can'?t afford|won'?t fit (?:the |our )?budget",
    ),
    (
        Intent.COST,
        r"how much|what(?:'s| is| would| will|'ll| does).{0,30}(?:cost|price|pay|the damage|the bill|total)|"
        r"\bmonthly (?:cost|price|bill)\b|cost estimate|\bestimate\b|\bprice (?:it|this|that)\b|\bquote\b|"
        r"^(?:and )?(?:the )?(?:costs?|price|pricing|total)\s*\??$|price tag|show (?:me )?(?:the )?(?:costs?|price)|what would it be\b",
    ),
    (
        Intent.BASIS,
        r"\b(?:what|which).{0,20}\bassum\w+|\bassumptions?\b|\bbreak ?down\b|"
        r"\bhow (?:did|do|was|is|were|are).{0,25}\b(?:comput|calculat|work(?:ed)? out|estimat|arriv|come up|came up|get to|got to|get that|know)\w*.{0,25}(?:costs?|prices?|number|figure|estimate|amount|that|it)\b|"
        r"where (?:does|do|did) (?:the|that|this) (?:costs?|price|number|figure|amount|estimate)\b.{0,15}come|(?:costs?|prices?) (?:per|by|for each) (?:line|step|item)|"
        r"why (?:is it|does it|is that|does that|so).{0,15}(?:much|expensive|pricey|costly)|what.{0,15}(?:cost|price|estimate) based on|explain (?:the |that |this )?(?:costs?|price|estimate)",
    ),
    (
        Intent.HISTORY,
        r"^(?:show (?:me )?)?(?:the |our |my )?history\b|(?:list|show|what are|which were) .{0,20}(?:past|previous|earlier|old|recent|last) (?:deployments?|requests?)|"
        r"what (?:did|have) we (?:deploy|ask|request)|(?:past|previous|earlier|recent) (?:deployments|requests)\??$",
    ),
    (
        Intent.STATUS,
        r"\bstatus\b|\bis (?:it|that|this|everything|(?:my|the|our) \w+) (?:done|ready|deployed|finished|running|up|live|through)|"
        r"how(?:'s| is| are) .{0,25}(?:going|doing|coming|progress)|\bprogress\b|(?:deployed|finished|done|ready|running) yet|"
        r"what are (?:you|we) waiting|where (?:are|do) we (?:stand|are)?|what(?:'s| is) (?:happening|it waiting|going on|taking)|any (?:news|update)|how far",
    ),
    (
        Intent.LATER,
        rf"\b(?:tear|destroy|delete|remove|shut|take)\b.*(?:{_WHEN})|\b(?:schedule|deploy|submit|apply)\b.*(?:{_WHEN})",
    ),
    (
        Intent.DESTROY,
        r"\btear\b.{0,25}\bdown\b|\bdestroy\b|\bdecommission|\b(?:delete|remove|take down|shut down|get rid of) "
        r"(?:it all|everything|all of it|the (?:whole|entire|deployment|infrastructure|environment|stack|resources))\b|\bwipe\b|\bteardown\b",
    ),
    (
        Intent.ROLL_BACK,
        r"\broll(?:ing)?\b.{0,15}\bback\b|\brollback\b|\b(?:go )?back to the (?:previous|last|old|former) (?:version|state)|\brevert (?:the )?(?:deployment|to the previous|to before)",
    ),
    (
        Intent.RETRY,
        r"\bretry\b|\bredo\b|\btry (?:it |that |the \w+(?: \w+)? )?again\b|\bre-?run\b|\brun (?:it|that|the failed\b.*) again|\bhave another go\b",
    ),
    (
        Intent.UNDO,
        r"\bundo\b|\btake (?:that|it|this) back\b|\brevert (?:that|this|it|my|the last (?:change|edit))|"
        r"\bput (?:it|that) back\b|\bgo back (?:to what it was|one)|(?:leave|keep|have) it (?:as|how|like) it was|\bback to (?:what|how) it was",
    ),
    (
        Intent.DISCARD,
        r"\bdiscard\b|\bstart (?:all )?over\b|\bstart (?:from scratch|afresh|again from)|^reset(?: it| everything| the draft)?$|"
        r"\bscrap (?:it|that|everything|the (?:draft|request|whole))|^(?:please )?(?:forget|drop) (?:it|everything|the (?:whole|draft|request))|"
        r"\bnever ?mind\b|\bthrow (?:it|the draft|that|everything)(?: all)? away|\bclear (?:the draft|everything)|\bnew request\b",
    ),
    (
        Intent.HOLD,
        rf"\bhold (?:on|off|it)\b|\b{_NOT}\b.{{0,15}}\b(?:deploy|submit|proceed|apply|go ahead|start|ship)\b|\bnot yet\b|^wait\b|\blet me (?:think|check)",
    ),
    (
        Intent.CANCEL,
        r"\bcancel(?:led)?\b|\babort\b|\bcall (?:it|this|the whole thing) off\b|^(?:please )?stop(?:[!. ]| it| that| this| everything| the deployment| now)*$|"
        r"\b(?:stop|halt|kill) (?:it|the (?:deployment|apply|run|job|rollout))\b|^withdraw\b|👎|❌",
    ),
    (
        Intent.SHOW,
        r"(?:show|see|display|recap|summari[sz]e|review)\b.{0,25}\b(?:plan|summary|draft|request|card|so far|details|it|everything)\b|"
        r"\b(?:plan|summary|draft|card) again\b|what (?:are|will|would) you (?:going to )?(?:create|deploy|build|set up)|"
        r"what(?:'s| is) (?:in )?the (?:plan|draft|request)|what will be (?:created|deployed)|what (?:do we|have we|do you) (?:have|got)(?: so far)?|"
        r"what(?:'s| is) (?:still )?missing|what else (?:do you need|is needed)|^(?:recap|summary|draft)\b",
    ),
    (Intent.NAMES, r"(?:suggest|propose|what|which|show)\b.{0,25}\bnames?\b|\bnaming\b"),
    (
        Intent.HELP,
        r"^help\b|what (?:can|do|else can) (?:you|i|we) (?:do|deploy|offer|set up|provision|create|support|ask|get|have)|"
        r"(?:which|what) (?:services|capabilities|options|resources|things)\b|what(?:'s| is) (?:available|possible|supported)|"
        r"how (?:does this|do(?:es)? (?:it|you|i|this)|can i use) |who are you|what are you\b(?! waiting)|^(?:catalogue|catalog|capabilities)\??$|what (?:do|can) you",
    ),
)

_SUBMIT = re.compile(
    r"(?:(?:yes|yep|yeah|ok|okay|sure|right|all|lgtm|confirm(?:ed)?|do it|make it so|make it happen|go(?: ahead| for it)?|"
    r"ship it|ship|proceed|(?:it |this |that |all |everything )?looks? (?:good|great|fine|ok|okay|right|perfect|correct)(?: to (?:me|us))?|sounds (?:good|great|fine)|"
    r"perfect|great|good|excellent|nice|wonderful|deploy(?: it| this| that| now| everything)*|submit(?: it| this| that| the (?:draft|request|plan))?|please do|"
    r"that'?s (?:fine|right|correct|it|all|good|perfect)|all good|good to go|we'?re good|i'?m (?:happy|good)(?: with (?:it|that|this))?|let'?s (?:go|do (?:it|this)|deploy(?: it)?|ship it|proceed)|create (?:it|them|the plan)|"
    r"plan it|apply(?: it)?|send it|roll it out|build it|provision it|then|now|please|and|just|with (?:it|that|this)|👍|✅|🚀|👌)(?:[\s,!.;]+|$))+"
)
_YES = re.compile(
    r"(?:(?:yes|yep|yeah|yup|ok|okay|sure|please|right|correct|exactly|fine|do|that one|indeed|of course|all good|👍)(?:[\s,!.]+|$))+"
)
_NO = re.compile(r"(?:(?:no|nope|nah|neither|none|thanks|thank you|not now|please)(?:[\s,!.]+|$))+")
_HELLO = re.compile(
    r"(?:hi|hello|hey|howdy|good (?:morning|afternoon|evening)|greetings)\b[\w\s,]{0,20}"
)
_THANKS = re.compile(
    r"(?:(?:many |ok |great |perfect |cool |awesome |super )*(?:thanks|thank you|thx|ty|cheers|appreciated|much appreciated)\b.{0,30}|(?:nice|cool|awesome|great) (?:work|job|one).{0,20})"
)
_COMPILED = tuple((intent, re.compile(pattern)) for intent, pattern in _RULES)
_EXCLUDES = {
    Intent.LATER: {Intent.DESTROY, Intent.CANCEL, Intent.DISCARD},
    Intent.DESTROYS: {Intent.DESTROY, Intent.SHOW},
    Intent.APPROVALS: {Intent.WHY, Intent.DECIDE, Intent.STATUS},
    Intent.HOLD: {Intent.SUBMIT, Intent.CANCEL},
    Intent.INJECTION: set(Intent) - {Intent.INJECTION},
    Intent.CHEAPER: {Intent.COST},
    Intent.BASIS: {Intent.COST, Intent.WHY, Intent.CHEAPER},
    Intent.ROLL_BACK: {Intent.UNDO},
}
_NEGATED = re.compile(
    rf"\b(?:(?:{_NOT}|no need to|rather than)\s+(?:\w+\s+){{0,2}}|(?:undo|revert)\s+(?:(?:the|my)\s+)?)$"
)
_UNDOABLE = {
    Intent.DESTROY,
    Intent.CANCEL,
    Intent.RETRY,
    Intent.ROLL_BACK,
    Intent.DISCARD,
    Intent.UNDO,
    Intent.COPY,
    Intent.CHEAPER,
}


def intents_in(text: str) -> list[Intent]:
    """Every intent the rules find, without those that another one rules out."""
    lower = lowered(cleaned(text))
    found = [intent for intent, rule in _COMPILED if _holds(intent, rule, lower)]
    found += _short(lower.strip(" .!?"))
    excluded = set().union(*(_EXCLUDES.get(intent, set()) for intent in found))
    return [intent for intent in found if intent not in excluded]


def _holds(intent: Intent, rule: re.Pattern[str], text: str) -> bool:
    match = rule.search(text)
    if match is None:
        return False
    return not (intent in _UNDOABLE and _NEGATED.search(text[: match.start()]))


def _short(text: str) -> list[Intent]:
    """Intents that only a whole message can have; a yes is also a wish to submit."""
    found = []
    if _YES.fullmatch(text):
        found.append(Intent.YES)
    if _SUBMIT.fullmatch(text) or _AHEAD.search(text):
        found.append(Intent.SUBMIT)
    if _NO.fullmatch(text):
        found.append(Intent.NO)
    if _HELLO.fullmatch(text):
        found.append(Intent.HELLO)
    if _THANKS.fullmatch(text):
        found.append(Intent.THANKS)
    return found


_AHEAD = re.compile(
    r"(?<!don't )(?<!not )(?<!to )\b(?:go ahead|ship it|submit (?:it|this|that|the (?:draft|request))|deploy it|make it so|please proceed|(?:and|then) (?:please )?(?:submit|deploy)(?: it)?(?=[.! ]*$))\b(?!.*\b(?:if|when|once|unless|after|until)\b)"
)
