"""The page of `courtside review`: Gradio's tabs around a canvas and a few keys."""

from __future__ import annotations

import os
from html import escape
from importlib import resources
from typing import TYPE_CHECKING, Any

from courtside.apps.review_session import BOXES, DOUBTED_BOXES, DOUBTED_FRAMES, SORT, Session
from courtside.errors import UserError
from courtside.formats.sorted_frames import DROPPED

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gradio import Blocks

HOST = "127.0.0.1"
_FONTS = ["system-ui", "Segoe UI", "Roboto", "Liberation Sans", "sans-serif"]
_MONOSPACE = ["ui-monospace", "Liberation Mono", "monospace"]


class Page:
    """A page that is served on this machine alone until :meth:`close`.

    Args:
        session: what it shows.
        title: of the page, beside its name.
        classes: of the classifier.
        labels: of the boxes.
        port: to listen on; None takes the first free one from 7860.

    Raises:
        UserError: when Gradio is not installed, or the port is taken.
    """

    def __init__(
        self, session: Session, title: str, classes: Sequence[str], labels: Sequence[str], port: int | None
    ) -> None:
        gradio = _import_gradio()
        self._blocks = build(session, title, classes, labels)
        try:
            self._blocks.launch(
                server_name=HOST,
                server_port=port,
                share=False,
                inbrowser=False,
                prevent_thread_lock=True,
                quiet=True,
                show_error=False,
                ssr_mode=False,
                pwa=False,
                enable_monitoring=False,
                footer_links=[],
                css=_text("review.css"),
                theme=gradio.themes.Base(font=_FONTS, font_mono=_MONOSPACE),  # no fonts from elsewhere
            )
        except OSError as error:
            where = f"port {port} is" if port is not None else "all ports Gradio tries are"
            raise UserError(f"{where} taken ({error}); name a free one with --port") from None
        self.address = str(self._blocks.local_url)

    def close(self) -> None:
        """Stop serving."""
        self._blocks.close(verbose=False)


def build(session: Session, title: str, classes: Sequence[str], labels: Sequence[str]) -> Blocks:
    """Return the page; arguments as for :class:`Page`.

    Raises:
        UserError: when Gradio is not installed.
    """
    gradio = _import_gradio()

    # Gradio marks the functions it may call, which it cannot do with methods.
    def act(asked: dict[str, Any]) -> dict[str, Any]:
        return session.act(asked)

    def picture(asked: dict[str, Any]) -> dict[str, Any]:
        return session.picture(asked)

    def stage(mode: str, names: Sequence[str]) -> None:
        gradio.HTML(
            html_template=_text("review.html"),
            js_on_load=_text("review.js"),
            server_functions=[act, picture],
            apply_default_css=False,
            setup={"mode": mode, "labels": list(names), "dropped": DROPPED},
        )

    with gradio.Blocks(title="Courtside review", analytics_enabled=False, fill_width=True) as blocks:
        gradio.HTML(f"<h1 class='review-title'>Courtside review <span>{escape(title)}</span></h1>")
        with gradio.Tabs():
            with gradio.Tab("Sort"):
                stage(SORT, classes)
            with gradio.Tab("Boxes"):
                stage(BOXES, labels)
            with gradio.Tab("Clean"), gradio.Tabs():
                with gradio.Tab("Doubted frames"):
                    stage(DOUBTED_FRAMES, classes)
                with gradio.Tab("Low scores"):
                    stage(DOUBTED_BOXES, labels)
    return blocks  # type: ignore[no-any-return]


def _import_gradio() -> Any:
    # Read when imported: Gradio asks nobody for its latest version and tells nobody that it runs.
    os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
    try:
        import gradio
    except ImportError:
        raise UserError("`courtside review` needs Gradio, which is not installed; install courtside[review]") from None
    return gradio


def _text(name: str) -> str:
    return resources.files("courtside.apps").joinpath(name).read_text(encoding="utf-8")
