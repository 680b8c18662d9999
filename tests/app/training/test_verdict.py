import pytest

from meloformer.app.training.verdict import Mood, verdict_on


def evaluations(*bits, first=0):
    """Lines of metrics: the first of the model before training, then one every ten steps."""
    return [
        {"step": first + 10 * index, "seconds": 5.0 * index, "bits_per_note": one}
        for index, one in enumerate(bits)
    ]


def verdict(*bits, first=0, **known):
    usual = {"is_fine_tuned": True, "is_measured": True, "is_over": True}
    return verdict_on(evaluations(*bits, first=first), **(usual | known))


def test_a_gain_is_told_in_percent_with_its_figures():
    said = verdict(4.09, 3.9, 3.76)
    assert said.words == (
        "It knows your music 8 % better than before training (4.09 → 3.76 bits a note on music it "
        "never trains on)."
    )
    assert said.mood == Mood.GOOD


def test_what_hardly_changed_asks_for_time():
    assert verdict(4.0, 3.99, 3.98).words.startswith("Hardly changed so far (4.00 → 3.98")
    assert "train longer" in verdict(4.0, 3.98).words
    assert "give it more time" in verdict(4.0, 3.98, is_over=False).words
    assert verdict(4.0, 3.98).mood == Mood.PLAIN


def test_what_has_become_worse_names_the_earlier_checkpoint():
    said = verdict(4.0, 3.98, 4.4)
    assert "It knows your music 10 % worse than before training" in said.words
    assert "use the earlier checkpoint of step 10" in said.words
    assert said.mood == Mood.BAD
    after_a_gain = verdict(4.0, 3.6, 4.4)
    assert after_a_gain.words.startswith("By now it is worse than before training: use the earlier")
    assert "step 10, which knows your music 10 % better" in after_a_gain.words
    assert after_a_gain.mood == Mood.BAD
    never_better = verdict(4.0, 4.2, 4.4)
    assert "no checkpoint is better: use the model before training" in never_better.words


def test_learning_by_heart_is_told_while_there_is_still_a_gain():
    said = verdict(4.0, 3.2, 3.6, is_over=False)
    assert "20 % better" in said.words
    assert "at step 10; since then it learns your pieces by heart" in said.words
    assert "it may be stopped now" in said.words
    assert "Compose takes that checkpoint" in verdict(4.0, 3.2, 3.6).words
    assert said.mood == Mood.GOOD


@pytest.mark.parametrize("bits", [(), (4.0,)])
def test_before_the_first_measurement_nothing_is_said(bits):
    assert verdict(*bits).words == ""


def test_without_a_model_before_there_is_no_comparison():
    assert verdict(8.0, 4.0, is_fine_tuned=False).words == ""
    assert "was not measured" in verdict(4.0, 3.0, first=10).words


def test_without_held_back_music_nobody_can_say():
    said = verdict(is_measured=False)
    assert said.words.startswith("Nothing of this music is held back")
