from enum import StrEnum


class StudyFormType1Kind(StrEnum):
    PLAN = "plan"

    def __str__(self) -> str:
        return str(self.value)
