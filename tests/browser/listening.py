"""Listening to the page: the level of what its synthesizer puts out, and where the playhead is."""

from playwright.sync_api import Page

LISTEN = """() => {
    const root = document.querySelector("[data-mf=root]");
    const { live } = root.player;
    window.level = () => {
        if (!live.engine) return 0;
        if (!live.analyser) {
            live.analyser = live.engine.context.createAnalyser();
            live.engine.output.connect(live.analyser);
        }
        const samples = new Float32Array(live.analyser.fftSize);
        live.analyser.getFloatTimeDomainData(samples);
        return Math.sqrt(samples.reduce((sum, x) => sum + x * x, 0) / samples.length);
    };
}"""
LOUD = 0.003
SILENT = 0.0003


def listen(page: Page) -> None:
    """Make `level()` known to the page."""
    page.evaluate(LISTEN)


def hear(page: Page) -> None:
    """Wait until something sounds."""
    page.wait_for_function(f"window.level() > {LOUD}")


def hear_nothing(page: Page) -> None:
    """Wait until nothing does, echoes included."""
    page.wait_for_function(f"window.level() < {SILENT}")


def playhead(page: Page) -> float:
    """Return the quarter that is heard."""
    return float(page.evaluate("document.querySelector('[data-mf=root]').quarter()"))
