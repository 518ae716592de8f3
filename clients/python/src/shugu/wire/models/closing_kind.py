from enum import StrEnum


class ClosingKind(StrEnum):
    CORDON = "cordon"
    DRAIN = "drain"
    WINDOW = "window"

    def __str__(self) -> str:
        return str(self.value)
