"""The progress bar of a run."""

from collections.abc import Iterable, Iterator

from tqdm import tqdm

from spacy_deid.apply.source import Batch
from spacy_deid.apply.unit import Outcome

Results = Iterable[tuple[Batch, list[Outcome]]]


def counted(results: Results, quiet: bool) -> Iterator[tuple[Batch, list[Outcome]]]:
    """Yield the results, and show how many documents they were."""
    with tqdm(unit="document", desc="apply", disable=quiet) as bar:
        for batch, outcomes in results:
            yield batch, outcomes
            bar.update(sum(outcome.documents for outcome in outcomes))
