"""Whether a number is an age, by what stands around it."""

from __future__ import annotations

from app.engine.language.numbers import OLDEST, Number, NumberReader


class ContextReader(NumberReader):
    """Tells ages from heights, times, prices and counts."""

    def _is_age(
        self,
        start: int,
        last: Number,
        context: bool,
        second: Number | None = None,
        first: Number | None = None,
    ) -> bool:
        """Whether a number is an age and no height, time, price or count."""
        first = first or last
        if last.decade or first.decade:
            return True
        if not min(first.value, last.value) >= 3 or max(first.value, last.value) > OLDEST:
            return False
        after = self._years(last.end)
        said_years = after > last.end
        if self._group("not_after", last.end) is not None and not said_years:
            return False
        if self._glued_sign(last.end) or self._forbidden_before(start):
            return False
        if said_years:
            weak = self._group("years_weak", last.end) == after
            return not weak or self._group("not_after_years", after) is None
        if min(first.value, last.value) < 10:
            return context and self._is_child_context(start)
        if any(
            self._group(g, last.end)
            for g in ("after_about", "decade_after", "after_over", "after_under")
        ):
            return True
        if self._plus(last.end) is not None or self._is_vague(last.end - 1):
            return True
        alone = self._closed(last.end) and self._opened(start)
        subject = self._has_subject(start)
        return (
            subject
            or (context and self._ends_phrase(last.end))
            or alone
            or (second is not None and self._opened(start) and self._ends_phrase(last.end))
        )

    def _is_child_context(self, start: int) -> bool:
        return self._token(start) is not None and self._group("before", start) is not None

    def _glued_sign(self, at: int) -> bool:
        token = self._token(at)
        if token is None or not token.glued:
            return False
        return token.norm in "'’\"”%:°" or (token.norm in "./" and self._number_at(at + 1))

    def _number_at(self, at: int) -> bool:
        token = self._token(at)
        return token is not None and token.kind == "number" and token.glued

    def _forbidden_before(self, start: int) -> bool:
        if start == 0:
            return False
        before = self.tokens[start - 1]
        if before.norm in "£$€#:" and before.kind == "mark" and self.tokens[start].glued:
            return True
        if before.norm in ("'", "’", ".") and self.tokens[start].glued and start > 1:
            return self.tokens[start - 2].kind == "number"
        for length in (1, 2):
            key = tuple(t.norm for t in self.tokens[max(0, start - length) : start])
            if key in self.words.groups["not_before"]:
                return not self._subject_ends(start)
        return False

    def _subject_ends(self, start: int) -> bool:
        return any(
            tuple(t.norm for t in self.tokens[max(0, start - n) : start])
            in self.words.groups["subject"]
            for n in (3, 2)
        )

    def _has_subject(self, start: int) -> bool:
        position = start
        for _ in range(6):
            for length in (3, 2, 1):
                if length > position:
                    continue
                key = tuple(t.norm for t in self.tokens[position - length : position])
                if key in self.words.groups["subject"]:
                    return True
            before = self.tokens[position - 1] if position else None
            if before is None:
                return False
            skip = before.norm == "," or (before.norm,) in self.words.groups["fillers"]
            if not skip and (before.norm,) not in self.words.groups["maybe"]:
                return False
            position -= 1
        return False

    def _hedged(self, start: int) -> bool:
        position = start
        while position and (self.tokens[position - 1].norm,) in self.words.groups["fillers"]:
            position -= 1
        return any(
            tuple(t.norm for t in self.tokens[max(0, at - n) : at]) in self.words.groups["maybe"]
            for n in (1, 2, 3)
            for at in {start, position}
        )

    def _opened(self, start: int) -> bool:
        if start == 0:
            return True
        before = self.tokens[start - 1]
        hedge = (before.norm,) in self.words.groups["maybe"]
        return hedge or before.norm in {",", ".", ";", "(", "/", "\n", "\n\n", "!", "?", "-", ":"}

    def _closed(self, at: int) -> bool:
        token = self._token(at)
        return token is None or token.norm in {",", ".", ";", ")", "/", "\n", "\n\n", "!", "?", "-"}

    def _ends_phrase(self, at: int) -> bool:
        """No noun follows that would be what is counted."""
        return self._group("not_after", at) is None

    def _is_vague(self, at: int) -> bool:
        """ "thirtyish", "thirty-ish"."""
        suffixes = self.words.groups["vague"]
        return any(self.tokens[at].norm.endswith(suffix) for (suffix,) in suffixes)
