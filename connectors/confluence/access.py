"""Who may see a document: view restrictions of a page and of those above it, and the space's permissions.

Normalised to one JSON object. What cannot be resolved (a group known by its id alone, a user whom the
export does not have, a page above that is missing) makes the document ``restricted`` to nobody that is known:
whoever filters by it must not let anybody in by mistake.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from functools import lru_cache
from typing import Any, Final

from connectors.confluence.staged import Staged
from connectors.confluence.tables import ContentObject, Grant, Space

UNTOLD: Final = json.dumps(
    {"restricted": True, "unresolved": ["the export does not say who may see what"]}, sort_keys=True
)
"""Of exports without permissions."""


class Access:
    """Works out who may see what in one export.

    The object: ``restricted`` (whether less than everybody who may see the space may see it, or that is not known),
    ``space`` (who may see the space: ``users``, ``groups``, ``everyone`` as ``anonymous`` or ``licensed``), ``pages``
    (for each restriction that applies, outermost page first: ``page``, ``users``, ``groups``; one must be
    allowed by all of them), ``unresolved`` (what could not be found out, if anything). Users are named as
    the export names them, by the account id where it has one.
    """

    def __init__(self, staged: Staged, *, known: bool) -> None:
        """`known`: whether the export says anything about permissions."""
        self._staged = staged
        self._known = known
        self._space = lru_cache(1000)(self._who_sees)

    def of(self, page: ContentObject | None, space: Space) -> str:
        """JSON of who may see a page and everything that hangs on it; None: something that hangs on the space itself."""
        if not self._known:
            return UNTOLD
        unresolved: list[str] = []
        above, whole = ([], True) if page is None else self._staged.ancestors(page)
        if not whole:
            unresolved.append("a page above it is not in the export")
        if self._staged.restricts_unknown:
            unresolved.append("the export has a restriction, and does not say of which page")
        pages = []
        for found in (*above, *(() if page is None else (page,))):
            for _, grants in self._staged.view_restrictions(found.id) if self._staged.restricts else ():
                pages.append({"page": found.id, **self._subjects(grants, unresolved, f"page {found.id}")})
        viewers, of_space = self._space(space.id)
        unresolved.extend(of_space)
        access: dict[str, Any] = {"restricted": bool(pages or unresolved), "space": viewers}
        if pages:
            access["pages"] = pages
        if unresolved:
            access["unresolved"] = sorted(set(unresolved))
        return json.dumps(access, ensure_ascii=False, sort_keys=True)

    def _who_sees(self, space_id: str) -> tuple[dict[str, Any], tuple[str, ...]]:
        unresolved: list[str] = []
        grants = self._staged.viewers(space_id)
        if not grants:
            unresolved.append("the export does not say who may see the space")
        return self._subjects(grants, unresolved, "the space"), tuple(unresolved)

    def _subjects(self, grants: Iterable[Grant], unresolved: list[str], where: str) -> dict[str, Any]:
        users, groups, everyone = set(), set(), set()
        count = 0
        for grant in grants:
            count += 1
            if grant.everyone:
                everyone.add(grant.everyone)
            elif grant.group:
                groups.add(grant.group)
            elif grant.group_id:
                unresolved.append(
                    f"{where} names the group {grant.group_id}, and the export does not say which that is"
                )
            elif grant.user:
                user = self._staged.user(grant.user)
                if user is None and not self._staged.has_users:
                    users.add(grant.user)  # of before 5.x: people were known by their names alone
                elif user is None:
                    unresolved.append(f"{where} names the user {grant.user}, whom the export does not have")
                else:
                    users.add(user.account or user.username or user.key)
            else:
                unresolved.append(f"{where} names somebody, and the export does not say whom")
        if not count:
            unresolved.append(f"{where} is limited to people of whom the export names none")
        subjects: dict[str, Any] = {"users": sorted(users), "groups": sorted(groups)}
        if everyone:
            subjects["everyone"] = "anonymous" if "anonymous" in everyone else min(everyone)
        return subjects
