"""The review page lets nothing out, keeps nothing, and can be read and worked by everybody."""

import re

import pytest

pytestmark = pytest.mark.browser


def test_the_browser_keeps_nothing_and_warns_of_what_is_not_saved(review, notes):
    page = review(notes)
    page.press("n", "a")
    stored = page.page.evaluate("[document.cookie, ...(location.protocol === 'file:' ? [localStorage.length] : [])]")
    assert stored == ["", 0]
    dialogs = []
    page.page.on("dialog", lambda dialog: (dialogs.append(dialog.type), dialog.accept()))
    page.page.close(run_before_unload=True)
    page.page.wait_for_event("close") if not page.page.is_closed() else None
    assert dialogs == ["beforeunload"]


def test_the_policy_lets_nothing_out_even_if_a_script_ran(review, notes):
    page = review(notes)
    blocked = page.page.evaluate(
        "() => fetch('https://example.org/').then(() => 'sent', (error) => error.constructor.name)"
    )
    policy = page.page.locator("meta[http-equiv=Content-Security-Policy]").get_attribute("content")
    assert blocked == "TypeError"
    assert all("violates the following Content Security Policy" in problem for problem in page.problems[:1])
    page.problems.clear()
    assert policy.startswith("default-src 'none'")
    assert not re.search("unsafe|http|\\*", policy)


def test_every_control_has_a_name_and_help_lists_the_shortcuts(review, notes):
    page = review(notes)
    unnamed = page.page.evaluate(
        """() => [...document.querySelectorAll("button, input, select, [role=listbox], [role=document]")]
          .filter((each) => !(each.textContent.trim() || each.ariaLabel || each.labels?.length
            || each.getAttribute("aria-labelledby"))).map((each) => each.id)"""
    )
    assert unnamed == []
    page.press("?")
    assert page.page.locator("#help").is_visible()
    assert page.page.evaluate("document.activeElement.id") == "close-help"
    assert "every equal string" in page.page.locator("#help").text_content()
    page.press("Escape")
    assert not page.page.locator("#help").is_visible()


def test_no_control_takes_the_focus_when_the_page_opens(review, notes):
    """A browser heeds `autofocus` some time after loading: it would take the focus from what is typed, or warn."""
    assert review(notes).page.locator("[autofocus]").count() == 0


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_and_labels_are_readable_in_either_scheme(review, notes, scheme):
    """WCAG 2 contrast of at least 4.5."""
    page = review(notes).page
    page.emulate_media(color_scheme=scheme)
    ratios = page.evaluate(
        """() => {
          const channel = (v) => (v /= 255) <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
          const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
          const luminance = (colour) => {
            canvas.clearRect(0, 0, 1, 1);
            canvas.fillStyle = colour;
            canvas.fillRect(0, 0, 1, 1);
            const [r, g, b, a] = canvas.getImageData(0, 0, 1, 1).data;
            return a ? 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b) : null;
          };
          const ground = (node) => luminance(getComputedStyle(node).backgroundColor) ?? ground(node.parentElement);
          const ratio = (node, pseudo) => {
            const [low, high] = [luminance(getComputedStyle(node, pseudo).color), ground(node)].sort((a, b) => a - b);
            return (high + 0.05) / (low + 0.05);
          };
          const plain = [...document.querySelectorAll("h1, h2, button:enabled, label, .about, .label, .state")];
          const labels = [...document.querySelectorAll(".span")];
          return [...plain.map((node) => ratio(node)), ...labels.flatMap((n) => [ratio(n), ratio(n, "::after")])];
        }"""
    )
    assert len(ratios) > 20
    assert min(ratios) >= 4.5
