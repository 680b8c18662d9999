"""Colours and type of the app, in light and in dark. No font is fetched from anywhere."""

import gradio as gr

from ui.components import STATIC

_CHINESE = ("PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", "Noto Sans SC")
_SANS = (
    *("ui-sans-serif", "system-ui", "-apple-system", "Segoe UI", "Roboto"),
    *(*_CHINESE, "sans-serif"),
)
_MONO = ("ui-monospace", "SFMono-Regular", "Menlo", "Consolas", "monospace")


def theme() -> gr.themes.Base:
    """Return quiet greys with one blue; every grey is dark enough to read (WCAG AA)."""
    return gr.themes.Base(
        primary_hue=gr.themes.colors.blue,
        neutral_hue=gr.themes.colors.zinc,
        font=_SANS,
        font_mono=_MONO,
        radius_size=gr.themes.sizes.radius_md,
    ).set(
        body_background_fill="#f6f6f4",
        body_background_fill_dark="#131417",
        body_text_color="#1d1e21",
        body_text_color_dark="#ececef",
        body_text_color_subdued="#55575e",
        body_text_color_subdued_dark="#b3b5bd",
        block_background_fill="#ffffff",
        block_background_fill_dark="#1b1c20",
        block_border_width="0px",
        block_label_text_color="#3b3d43",
        block_label_text_color_dark="#d3d4d9",
        block_title_text_color="#3b3d43",
        block_title_text_color_dark="#d3d4d9",
        block_title_text_weight="600",
        block_info_text_color="#55575e",
        block_info_text_color_dark="#b3b5bd",
        block_shadow="none",
        input_border_width="1px",
        input_background_fill="#ffffff",
        input_background_fill_dark="#24262b",
        input_border_color="#c9cad0",
        input_border_color_dark="#4a4c54",
        input_placeholder_color="#6b6d75",
        input_placeholder_color_dark="#a3a5ad",
        button_primary_background_fill="#0b5f9e",
        button_primary_background_fill_hover="#094e82",
        button_primary_background_fill_dark="#2272b0",
        button_primary_background_fill_hover_dark="#2678b8",
        button_primary_text_color="#ffffff",
        button_primary_text_color_dark="#ffffff",
        button_secondary_background_fill="#ececea",
        button_secondary_background_fill_hover="#e0e0dd",
        button_secondary_background_fill_dark="#2a2c32",
        button_secondary_background_fill_hover_dark="#363840",
        button_secondary_text_color="#1d1e21",
        button_secondary_text_color_dark="#ececef",
        slider_color="#0b5f9e",
        slider_color_dark="#4aa3e0",
    )


def css() -> str:
    """Return the style of the page around the components."""
    files = ("page.css", "compose/page.css", "training/page.css")
    return "".join((STATIC / file).read_text(encoding="utf-8") for file in files)
