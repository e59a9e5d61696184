"""What merging side files did, for people."""

from dataclasses import dataclass, field

from annotator.domain.words import counted
from annotator.services.rigs.agreement_summary import AgreementSummary


@dataclass
class MergeShardsSummary:
    """What was merged: proposals, pairs of compared pictures (evidence), previews and patches.

    Attributes:
        known: that the project had. unseen: of frames whose picture is not here, so that their file could not be checked.
        refused: files and frames (name: why). agreement: what the cameras say together, where they were asked.
    """

    merged: int = 0
    evidence: int = 0
    previews: int = 0
    patches: int = 0
    known: int = 0
    unseen: int = 0
    refused: dict[str, str] = field(default_factory=dict)
    stopped: bool = False
    agreement: AgreementSummary | None = None

    @property
    def anything(self) -> bool:
        """Whether something new was merged."""
        return bool(self.merged or self.evidence or self.previews or self.patches)

    @property
    def text(self) -> str:
        """For people: one line, and what the cameras say where they were asked."""
        parts = (
            [f"{counted(self.merged, 'proposal')} merged"]
            if self.merged or not (self.evidence or self.previews)
            else []
        )
        if self.evidence:
            parts.append(f"{counted(self.evidence, 'pair')} of compared pictures merged")
        if self.previews:
            parts.append(f"{counted(self.previews, 'preview')} merged")
        if self.patches:
            parts.append(f"{self.patches:,} patches merged")
        parts.append(f"{self.known} already there")
        if self.unseen:
            parts.append(f"{self.unseen} of pictures that are not here")
        if self.refused:
            parts.append(f"{len(self.refused)} refused")
        lines = [", ".join(parts) + (" (stopped)" if self.stopped else "")]
        return "\n".join(lines + ([self.agreement.text()] if self.agreement is not None else []))
