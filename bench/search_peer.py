"""tantivy over the same words and ranks as Heedful's own index: what full-text search was measured against.

Needs `pip install tantivy==0.27.0`; Heedful itself does not.
"""

from pathlib import Path

import pyarrow as pa
import tantivy

from heedful.store.search import rank
from heedful.store.search.wanted import Term, Wanted, read
from heedful.store.search.words import indexed

MUST, SHOULD, NOT = tantivy.Occur.Must, tantivy.Occur.Should, tantivy.Occur.MustNot


class Tantivy:
    """The same calls as `heedful.store.search.Search`, as far as they can be made with tantivy's Python package."""

    def __init__(self, path: Path) -> None:
        path.mkdir(parents=True, exist_ok=True)
        builder = tantivy.SchemaBuilder()
        builder.add_text_field("words", tokenizer_name="whitespace", index_option="position")
        builder.add_integer_field("rank", indexed=True, fast=True)
        builder.add_integer_field("n", indexed=True, fast=True)
        builder.add_text_field("mark", tokenizer_name="raw", index_option="basic")
        builder.add_integer_field("through", stored=True)
        self.schema = builder.build()
        self.index = tantivy.Index(self.schema, path=str(path))
        self.writer: tantivy.IndexWriter | None = None

    def close(self) -> None:
        if self.writer is not None:
            self.writer.wait_merging_threads()

    def _searcher(self) -> tantivy.Searcher:
        self.index.reload()
        return self.index.searcher()

    def through(self) -> int:
        searcher = self._searcher()
        hits = searcher.search(self._term("mark", "through"), 1).hits
        return searcher.doc(hits[0][1]).get_first("through") if hits else 0

    def add(self, messages: pa.Table, *, through: int) -> None:
        """The position is one more document, replaced in the same commit."""
        if self.writer is None:
            self.writer = self.index.writer(50_000_000, 1)
        n, titles, texts = (messages[name].to_pylist() for name in ("n", "title", "text"))
        ranks = rank.ranks(messages["occurred_at"].to_pylist(), n)
        for at, number, title, text in zip(ranks, n, titles, texts, strict=True):
            self.writer.add_document(tantivy.Document(words=indexed((title, text)), rank=at, n=number))
        self.writer.delete_documents_by_term("mark", "through")
        self.writer.add_document(tantivy.Document(mark="through", through=through))
        self.writer.commit()

    def find(self, words: str, *, limit: int) -> list[tuple[int, int]]:
        wanted = read(words)
        if not wanted.groups:
            return []
        searcher = self.index.searcher()
        hits = searcher.search(self._query(wanted), limit, count=False, order_by_field="rank").hits
        return list(
            zip([hit[0] for hit in hits], searcher.fast_field_values("n", [hit[1] for hit in hits]), strict=True)
        )

    def remove(self, numbers: list[int]) -> None:
        if self.writer is None:
            self.writer = self.index.writer(50_000_000, 1)
        for n in numbers:
            self.writer.delete_documents_by_term("n", n)
        self.writer.commit()

    def compact(self) -> None:
        """The package offers no merge: this waits for those that tantivy chooses itself."""
        assert self.writer is not None
        self.writer.garbage_collect_files()
        self.writer.wait_merging_threads()
        self.writer = None
        self.index.reload()

    def known(self, word: str) -> int:
        """How many messages the term dictionary still counts for a word."""
        return self._searcher().doc_freq("words", word)

    def _term(self, field: str, value: str) -> tantivy.Query:
        return tantivy.Query.term_query(self.schema, field, value)

    def _query(self, wanted: Wanted) -> tantivy.Query:
        groups = [self._group(group) for group in wanted.groups]
        return groups[0] if len(groups) == 1 else tantivy.Query.boolean_query([(SHOULD, group) for group in groups])

    def _group(self, group: tuple[Term, ...]) -> tantivy.Query:
        parts = [(MUST if term.wanted else NOT, self._one(term)) for term in group]
        if not any(term.wanted for term in group):
            parts.append((MUST, self._term("words", ".")))
        return tantivy.Query.boolean_query(parts)

    def _one(self, term: Term) -> tantivy.Query:
        if term.beginning:
            return tantivy.Query.fuzzy_term_query(self.schema, "words", term.words[-1], distance=0, prefix=True)
        if len(term.words) == 1:
            return self._term("words", term.words[0])
        return tantivy.Query.phrase_query(self.schema, "words", list(term.words))
