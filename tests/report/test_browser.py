"""The page in a real browser."""

from dataclasses import replace

import pytest

from chromium import CHROMIUM, MISSING
from courtside.report.collect import collect
from courtside.report.page import render, write

WIDTHS = (1280, 390)
SCHEMES = ("light", "dark")

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM.is_file(), reason=MISSING),
]


@pytest.fixture
def address(root, settings):
    target = root / "reports/index.html"
    write(target, render(collect(root, settings)))
    return target.as_uri()


@pytest.fixture
def visit(browser, address):
    """Open the page; afterwards nothing may have been complained about or asked for."""
    contexts, problems, requests = [], [], []

    def go(width=1280, scheme="light"):
        context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: problems.append(message.text))
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.on("request", lambda request: requests.append(request.url))
        page.goto(address)
        return page

    yield go
    assert problems == []
    assert [url for url in requests if not url.startswith(("data:", "blob:"))] == [address] * len(contexts)
    for context in contexts:
        context.close()


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("width", WIDTHS)
def test_nothing_is_wider_than_the_window(visit, width, scheme):
    page = visit(width, scheme)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    # Whatever is wider scrolls inside its own container.
    spilling = page.evaluate(
        """() => [...document.querySelectorAll("main *")].filter((element) =>
            element.getBoundingClientRect().right > innerWidth + 1 &&
            !element.closest(".scroll, .matrices figure, svg")).map((element) => element.outerHTML.slice(0, 80))"""
    )
    assert spilling == []


@pytest.mark.parametrize("width", WIDTHS)
def test_long_names_and_many_rounds_fit(browser, root, settings, width):
    content = collect(root, settings)
    names = [f"a_rather_long_name_of_round_{number}" for number in range(7)]
    rounds = tuple(replace(content.rounds[number % 3], name=name) for number, name in enumerate(names))
    videos = tuple(replace(video, video="x" * 60) for video in content.cleaning.videos)
    content = replace(
        content,
        rounds=rounds,
        final_round=names[-1],
        cleaning=replace(content.cleaning, videos=videos),
        commit="f" * 80,
    )
    page = browser.new_page(viewport={"width": width, "height": 900})
    page.set_content(render(content))
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.close()


@pytest.mark.parametrize("width", WIDTHS)
def test_no_text_of_a_chart_covers_another(visit, width):
    page = visit(width)
    page.evaluate("document.querySelectorAll('details').forEach((each) => { each.open = true; })")
    covered = page.evaluate(
        """() => [...document.querySelectorAll("svg[role=img]")].flatMap((svg) => {
            const texts = [...svg.querySelectorAll("text")];
            const boxes = texts.map((text) => [text.textContent, text.getBoundingClientRect()]);
            return boxes.flatMap(([name, one], number) => boxes.slice(number + 1).filter(([, other]) =>
                one.left < other.right - 1 && other.left < one.right - 1 &&
                one.top < other.bottom - 3 && other.top < one.bottom - 3).map(([other]) =>
                `${svg.getAttribute("aria-label")}: ${name} and ${other}`));
        })"""
    )
    assert covered == []


@pytest.mark.parametrize("scheme", SCHEMES)
def test_text_can_be_told_from_the_paper(visit, scheme):
    ratio = """(selector) => {
        const light = (colour) => {
            const [r, g, b] = colour.match(/[\\d.]+/g).map((part) => part / 255)
                .map((part) => part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);
            return 0.2126 * r + 0.7152 * g + 0.0722 * b;
        };
        const paper = light(getComputedStyle(document.body).backgroundColor);
        const ink = light(getComputedStyle(document.querySelector(selector)).color);
        return (Math.max(paper, ink) + 0.05) / (Math.min(paper, ink) + 0.05);
    }"""
    page = visit(scheme=scheme)
    # WCAG 2.2, 1.4.3: 4.5 for text.
    for selector in (
        ".conclusion",
        "section > p",
        "td.best",
        "td small",
        "td.zero",
        ".note",
        "nav a",
        "figcaption",
        ".closing dd",
    ):
        assert page.evaluate(ratio, selector) >= 4.5, selector


def test_the_schemes_differ(visit):
    colour = "getComputedStyle(document.body).backgroundColor"
    assert visit(scheme="light").evaluate(colour) != visit(scheme="dark").evaluate(colour)


def test_the_video_plays(visit):
    page = visit()
    page.wait_for_function("document.querySelector('video').readyState >= 2", timeout=10_000)
    assert page.evaluate("document.querySelector('video').duration") == pytest.approx(0.8, abs=0.05)
    page.evaluate("document.querySelector('video').play()")
    page.wait_for_function("document.querySelector('video').currentTime > 0.1", timeout=10_000)


def test_a_browser_that_plays_no_data_uri_gets_a_blob(visit):
    page = visit()
    page.evaluate("document.querySelector('video').dispatchEvent(new Event('error'))")
    page.wait_for_function(
        """() => { const video = document.querySelector("video");
                   return video.src.startsWith("blob:") && video.readyState >= 2; }""",
        timeout=10_000,
    )


def test_a_term_leads_to_its_explanation(visit):
    page = visit(390)
    page.click("#rounds a.term[href='#about-map50'] >> nth=0")
    page.wait_for_function(
        """() => { const box = document.querySelector("#about-map50").getBoundingClientRect();
                   return box.top >= 0 && box.bottom <= innerHeight; }""",
        timeout=10_000,
    )


def test_all_charts_are_drawn_and_have_a_name(visit):
    page = visit()
    charts = page.evaluate(
        """[...document.querySelectorAll("svg[role=img]")]
            .filter((svg) => svg.checkVisibility())
            .map((svg) => [svg.getAttribute("aria-label"), svg.getBoundingClientRect().height])"""
    )
    # Verdicts, 4 histograms, labels, where and how large the ball is in 3 rounds, 2 of scores, 4 curves of all labels
    # and of the ball, loss and mAP of 3 rounds, 2 of conditions, overlap against looks.
    assert len(charts) == 1 + 4 + 1 + 6 + 2 + 8 + 6 + 2 + 1
    assert all(name and height > 80 for name, height in charts)


def test_paper_is_white_whatever_the_scheme(visit):
    page = visit(scheme="dark")
    page.emulate_media(media="print", color_scheme="dark")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    cell = "getComputedStyle(document.documentElement).getPropertyValue('--panel')"
    assert page.evaluate(cell) == visit(scheme="light").evaluate(cell)


def test_what_is_folded_away_is_printed(visit):
    page = visit()
    assert page.evaluate("document.querySelectorAll('details[open]').length") == 0
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert page.evaluate("document.querySelectorAll('details:not([open])').length") == 0
