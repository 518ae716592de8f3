from enum import StrEnum


class StudyFormType0Kind(StrEnum):
    REPLAY = "replay"

    def __str__(self) -> str:
        return str(self.value)
