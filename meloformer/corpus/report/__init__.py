"""The report of a corpus: one page to read, with pictures."""

from meloformer.corpus.report.page import CorpusSummary, write_report

__all__ = ["CorpusSummary", "write_report"]
