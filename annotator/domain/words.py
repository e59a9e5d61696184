"""Numbers in words."""


def counted(number: int, one: str) -> str:
    """`1 frame`, `2,000 frames`; `one` is the singular."""
    return f"{number:,} {one}{'' if number == 1 else 's'}"


def minutes_text(minutes: float) -> str:
    """Minutes of work, rounded; less than one is said as such."""
    return counted(round(minutes), "minute") if minutes >= 0.5 else "less than a minute"
