"""The report of a corpus: one page to read, with pictures."""

from meloformer.data.report.page import CorpusSummary, write_report

__all__ = ["CorpusSummary", "write_report"]
