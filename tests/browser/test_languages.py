"""The page in Chinese: by the browser's language, by a choice, and back."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.axe import complaints
from tests.browser.conftest import CONTEXT
from tests.browser.test_musician import SLOW_MS

pytestmark = pytest.mark.browser

NAMES = {
    *(
        "MeloFormer",
        "MIDI",
        "MusicXML",
        "ZIP",
        "LoRA",
        "WAV",
        "MP3",
        "Muon",
        "AdamW",
        "Top",
        "Min",
        "GB",
        "MB",
    ),
    *("English", "Esc", "Enter", "Home", "End", "Shift", "untrained", "mid", "midi", "kar", "rmi"),
    *("tiny", "small", "base", "large", "xlarge", "fp32", "bf16", "fp16"),
    *(
        "band",
        "Lead",
        "Guitar",
        "Bass",
        "Drums",
        "Piano",
        "Strings",
        "Organ",
        "Pad",
        "Keys",
        "Sax",
        "Clean",
    ),
    *("Rhodes", "Fiddle", "Accordion"),
}
"""What has no other name in Chinese: programs, kinds of files, keys, sizes, names in the file."""
FIND_ENGLISH = """(names) => {
  const said = [];
  const walk = (node) => {
    if (node.nodeType === Node.TEXT_NODE) said.push(node.data);
    if (node.nodeType !== Node.ELEMENT_NODE || node.matches("script, style, kbd, audio")) return;
    const isSeen = { opacityProperty: true, visibilityProperty: true };
    if (!node.checkVisibility(isSeen) && getComputedStyle(node).display !== "contents") return;
    if (node.matches(".mr-piece b")) return;  // the name of a file
    for (const name of ["aria-label", "title", "placeholder", "aria-valuetext"]) {
      if (!node.closest(".mr-piece") && node.hasAttribute(name)) said.push(node.getAttribute(name));
    }
    for (const child of node.childNodes) walk(child);
  };
  walk(document.body);
  const known = new Set(names.map((name) => name.toLowerCase()));
  const isChord = (word) => /^[A-G]?(maj|min|dim|aug|sus|add)[0-9]*$/.test(word);
  const words = (text) =>
    (text.match(/[A-Za-z]{3,}[0-9]*/g) || []).filter((word) => !isChord(word));
  return said.filter((text) => words(text).some((word) => !known.has(word.toLowerCase())));
}"""


def roll(page: Page) -> Locator:
    return page.locator('[data-mf="root"]')


def open_example(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()
    expect(roll(page)).not_to_have_attribute("data-notes", "0")


def english_on(page: Page) -> list[str]:
    """Texts on a page with English words in them."""
    return page.evaluate(FIND_ENGLISH, sorted(NAMES))


@pytest.fixture
def chinese(browser: Browser, url: str) -> Iterator[Page]:
    """The page as a browser in Chinese shows it."""
    # So tall that nothing lies under Continue, which stays in view.
    size = {"viewport": {"width": 1400, "height": 2400}}
    context = browser.new_context(**{**CONTEXT, **size}, locale="zh-CN")
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(url)
    expect(page.get_by_role("button", name="旋律", exact=True)).to_be_enabled()
    yield page
    context.close()
    assert errors == []


def test_a_browser_in_chinese_finds_no_english_from_the_first_file_to_the_training(chinese):
    page = chinese
    expect(page.locator("html")).to_have_attribute("lang", "zh-CN")
    assert english_on(page) == []
    page.get_by_role("button", name="弹奏录入…").click()
    expect(page.get_by_role("dialog", name="弹奏录入")).to_contain_text("空格键")
    assert english_on(page) == []
    page.keyboard.press("Escape")
    open_example(page, "乐队")
    assert english_on(page) == []
    page.get_by_role("button", name="续写", exact=True).click()
    expect(roll(page)).to_have_attribute("data-state", "ready", timeout=SLOW_MS)
    expect(page.get_by_role("status").filter(has_text="已写")).to_be_visible(timeout=SLOW_MS)
    assert complaints(page) == []
    for fold in ("更多", "逐小节的文字音符"):
        page.get_by_text(fold, exact=True).click()
    expect(page.get_by_text("版本 2", exact=True)).to_be_visible()
    assert english_on(page) == []
    page.get_by_role("tab", name="训练").click()
    expect(page.get_by_role("button", name="选择文件", exact=True)).to_be_enabled()
    page.get_by_role("button", name="详细设置").click()
    expect(page.get_by_label("上下文")).to_be_visible()
    assert english_on(page) == []
    assert complaints(page) == []


def test_what_goes_wrong_is_said_in_chinese(chinese):
    page = chinese
    photograph = {
        "name": "cat.mid",
        "mimeType": "audio/midi",
        "buffer": b"\xff\xd8\xff" + bytes(99),
    }
    page.locator("#upload input[type=file]").set_input_files(photograph)
    hint = page.get_by_text("请在你的音乐软件中把作品导出为标准 MIDI 文件")
    expect(hint.first).to_be_visible()
    page.get_by_label("和弦").fill("Am H7x")
    expect(page.get_by_text("不是我能读的和弦")).to_be_visible()


def test_a_visitor_changes_the_language_and_keeps_the_piece(browser, url):
    page = browser.new_context(**CONTEXT, locale="en-US").new_page()
    page.goto(url)
    expect(page.get_by_role("button", name="Melody", exact=True)).to_be_enabled()
    open_example(page, "Jig in 6/8")
    expect(page.locator("html")).to_have_attribute("lang", "en")
    page.get_by_label("Language").select_option("简体中文")
    expect(page.locator("html")).to_have_attribute("lang", "zh-CN")
    expect(roll(page)).to_have_attribute("data-state", "ready")
    expect(page.get_by_role("button", name="续写", exact=True)).to_be_enabled()
    page.reload()
    expect(page.get_by_role("button", name="续写", exact=True)).to_be_enabled()
    page.get_by_label("语言").select_option("English")
    expect(page.get_by_role("button", name="Continue", exact=True)).to_be_enabled()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    page.context.close()
