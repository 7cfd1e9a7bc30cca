"""Every threshold of "nothing", once, with its unit: below it a number is rounding, or too small to name.

Thresholds that happen to have one value and mean different things have names of their own.
"""

from __future__ import annotations

# the arithmetic and the solver
SMALLEST = 1e-300  # keeps a quotient from 0 / 0 and changes no number
VANISHING = 1e-12  # share of the terms: what is left where terms cancel; also keeps a quotient from 0 / 0
MOVES = 1e-6  # share of the largest entry of a vector: what moves less along it is not moved
NEARLY_SINGULAR = (
    1e-9  # a basis takes a vector with a largest entry of 1 to less: its columns depend on each other
)
TINY_PRICE = 1e-10  # share of the largest cost: what a search for a price no longer follows
ROUNDING = 1e-9  # MW, MWh, days or share: what sums and quotients of the arithmetic leave
BOTH_WAYS = 1e-3  # share of a price by which handing over less costs more, and handing over more than planned earns less
ROOM = 1e-6  # share of a limit by which a row that waits for a loss is wider, so that it has no price before
NO_PRICE = 1e-7  # currency/MWh: the solver's own tolerance of a price; a limit with less costs nothing
SAME_COST = 1e-7  # share of a cost: two solves of one question may differ by so much
BOOKED_FIRST = 1e-5  # currency/MWh: of flows of one cost those go under a booking that can; a hundred times the solver's tolerance
NO_FLOW = 1e-6  # MW: what the solver leaves of a flow or a bound; less does not flow, misses or moves nothing
NO_TRANSIT = (
    1e-3  # MW: what rooms of the arithmetic, added up over all that stays as planned, leave of a firm volume
)
KEPT_ROOMS = (
    1e-6,
    1e-4,
    1e-2,
)  # MW to either side of a decision that was made; the first that leaves an answer
NO_CUT = 1e-5  # MW of a group of customers: ten times what the solver leaves of each; less is no cut

# divisions of a game, as shares of its largest worth
GAME_SOLVED = 1e-10  # to which a linear problem of a division is solved
SAME_WORTH = 1e-8  # two worths, shares or excesses that differ by less are one; also of weights that sum to 1
UNBALANCED = 1e-6  # what a change of shares of at most 1 gives to groups: less is nothing

# choices before it is known what comes
MASTER_SOLVED = 1e-9  # to which the first stage with its cuts is solved, costs brought to about a thousand
BOUNDS_MEET = 1e-6  # share of the cost: bounds that lie no further apart have met
SAME_CUT = 1e-9  # share of an entry by which two cuts may differ and be one
SAME_CHOICE = 1e-9  # of a unit of a choice: two that differ by less are one
WHOLE_STATUS = 0.5  # a plant with a status above it runs
WHOLE_GAP = 1e-9  # share of the cost by which a choice of whole numbers may be dearer than the least
WHOLE_SECONDS = 600.0  # after which the best choice of whole numbers that is found stands, and how far it may lie off is said

# what a table calls something
NO_POWER = 1e-4  # MW of a flow or of unserved demand in a step beside the plan
DAY_OFF = 1e-6  # days of work in a day off: keeps a calendar that rests invertible
NO_FLOAT = 0.5  # days: a task that may be late by less decides when its project ends
NO_USE = 1e-3  # MW of a measure: less is not taken
NO_LOSS = 1e-2  # MW unserved in a sampled state: less is no loss of supply
NO_ENERGY = 1e-3  # MWh over a period
NO_COST = 1e-3  # currency of a loss beside the plan
NOT_FULL = 1e-6  # share of a capacity or a period that may be missing where it counts as full
UNPRICED = 1e-6  # currency/MWh of a limit: less, and the limit is not scarce
TRACED_SHARE = 1e-4  # share of a use that an origin must have to get a row
NO_TRACE = 1e-3  # MW of a use from one origin: less gets no row

DUST = 1e-7  # share of all demand, spread over its rows: what the solver may leave unserved of each
SERVED = 1e-6  # share of a demand: less unserved, and all of it is served

# what a person is told
NAMED_PRICE = 5e-4  # currency/MWh: less is shown as 0
SMALL_ENERGY = 1.0  # MWh: less is not spoken of
SMALL_MONEY = 1.0  # currency: less is not spoken of, and no score is given of it
NO_SHARE = 1e-3  # share of a loss: less unserved, and all of it is replaced
DRAWN_SHARE = 1e-4  # share of a demand or of a figure's height: less is not drawn
RARE = 1e-6  # share: a smaller chance is told as hardly any
SMALL_SHARE = 0.01  # share of a use or a loss: less is not spoken of
LATE_SHARE = 0.25  # share of what a measure could give: more lost before it is in force, and its lead time is what stops it
FULL_SHARE = 0.95  # share of what a measure may give: from it on its size, or its stock, is what stops it
SMALL_AVOIDED = 0.30  # share of a loss that measures avoid: less, and what stops each of them is told
SMALL_CHANGE = 0.02  # share of the largest change or flow: less is not marked
NO_MOVE = 1e-3  # share of a value: a price that moves it by less does not move it
STRAIGHT = 1e-9  # share of the largest cost by which three points of one piece of a line of cost may miss it
STRAIGHT_SOLVED = 1e-8  # the same of a line of solves of a large problem, which miss so much themselves
STRAIGHT_SHOWN = 1e-3  # the same of a line that a page shows
FIGURE_CHANGE = 0.005  # share of a figure: less is its rounding

KEPT_SUM = 1e-9  # share of a sum that is known: samples miss it by no more

# what a table of a case may miss by, its numbers having been rounded by hand
INPUT_ROUNDING = 1e-6  # share of a number that another must not exceed
INPUT_SHARES = 1e-3  # by which shares that add up to 1 may miss it
MOST_OF_ALL = (
    1e12  # MWh, MW, currency/MWh or a plain number of a table: beyond it the solver's answers are no answers
)
