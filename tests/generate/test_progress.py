"""The bar of `generate` moves by one with each note that ends."""

from tqdm import tqdm

from spacy_deid.generate.shard import NoteMeter


def test_the_bar_moves_with_every_note_and_tells_the_speed(tmp_path, monkeypatch):
    monkeypatch.setattr(NoteMeter, "_REFRESH", 0.0)
    with (tmp_path / "bar").open("w") as printed, tqdm(total=3, unit="note", file=printed, mininterval=0) as bar:
        meter = NoteMeter(bar)
        for tokens, notes in [(64, 0), (64, 1), (2, 2)]:
            meter(tokens, notes)
        assert bar.n == 3
    shown = (tmp_path / "bar").read_text()
    assert "1/3" in shown and "130 tokens, " in shown and "tokens/s" in shown
