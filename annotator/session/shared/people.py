"""Who works on what in the open project, and who approves: each change is an undo step."""

from collections.abc import Sequence

from annotator.domain.assignment import Assignment, Share
from annotator.services.project.people.approval import Approval, approval_of, set_approval
from annotator.services.project.people.assign import this_person
from annotator.session.shared.project_steps import ProjectSteps
from annotator.store.project_store import ProjectStore


class People(ProjectSteps):
    """Assigns, and says who is known."""

    @property
    def me(self) -> str:
        """Whose name the ledger takes for what is done here."""
        return this_person()

    def known(self) -> list[str]:
        """Everybody who is known to the project, and who sits here."""
        store = self._store
        return sorted({self.me, *(store.assignments.people() if store is not None else ())}, key=str.casefold)

    @property
    def approval(self) -> Approval:
        """Who may approve frames; anybody without a project."""
        store = self._store
        return Approval.ANYBODY if store is None else approval_of(store)

    def set_approval(self, rule: Approval) -> None:
        """Say who may approve frames."""
        before = self.approval
        if rule is not before:
            self._push(
                "Change who approves",
                lambda own: set_approval(own, rule),
                lambda own: set_approval(own, before),
            )

    def assign(self, shares: Sequence[Share], people: Sequence[str]) -> None:
        """Say who works on shares (no people: nobody does), as one step; names are those of `services.project.people.assign`."""
        store = self._store
        if store is None or not shares:
            return
        held = {each.share: each for each in store.assignments.all(with_removed=True)}
        before = [held.get(share, Assignment(share, ())) for share in shares]
        if all(each.people == tuple(people) for each in before):
            return
        # taken back it is a later assignment, too: a copy that has the first one learns of it
        self._push(
            f"Assign to {' and '.join(people)}" if people else "Assign to nobody",
            lambda own: own.assignments.assign(shares, people),
            lambda own: _assign_each(own, before),
        )


def _assign_each(store: ProjectStore, assignments: Sequence[Assignment]) -> None:
    for each in assignments:
        store.assignments.assign([each.share], each.people)
