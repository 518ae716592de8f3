"""Submit, watch and pay for work at a computing-power hub.

hub = shugu.Hub()
job = hub.submit(["python3", "train.py"], devices=8, time_limit="2h").wait()
squares = hub.map(lambda number: number * number, range(10)).results()
"""

from ._async.array import AsyncArray, AsyncMap
from ._async.hub import AsyncHub
from ._async.job import AsyncJob
from ._sync.array import Array, Map
from ._sync.hub import Hub
from ._sync.job import Job
from .errors import (
    BudgetWarning,
    ElementFailed,
    HubError,
    JobFailed,
    NoHub,
    NotAllowed,
    NotFound,
    Refused,
    ShuguError,
    TooLarge,
    Unavailable,
    Unreachable,
    WrongInput,
)
from .events import Event
from .facts import Account, JobFacts, Line, PoolWhy, Smaller, Statement, Why
from .form import Alternative, JobOptions, Notice

__version__ = "0.1.0"

__all__ = [
    "Account",
    "Alternative",
    "Array",
    "AsyncArray",
    "AsyncHub",
    "AsyncJob",
    "AsyncMap",
    "BudgetWarning",
    "ElementFailed",
    "Event",
    "Hub",
    "HubError",
    "Job",
    "JobFacts",
    "JobFailed",
    "JobOptions",
    "Line",
    "Map",
    "NoHub",
    "NotAllowed",
    "NotFound",
    "Notice",
    "PoolWhy",
    "Refused",
    "ShuguError",
    "Smaller",
    "Statement",
    "TooLarge",
    "Unavailable",
    "Unreachable",
    "Why",
    "WrongInput",
]
