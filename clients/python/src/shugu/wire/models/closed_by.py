from enum import StrEnum


class ClosedBy(StrEnum):
    OPERATOR = "operator"
    PROVIDER = "provider"

    def __str__(self) -> str:
        return str(self.value)
