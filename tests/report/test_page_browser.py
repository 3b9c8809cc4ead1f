"""The review page in a real browser: it opens, filters, folds, and everybody can use it."""

from __future__ import annotations

import re
from functools import cache

import fetched
import pytest
from page_entries import SPELLS, entry, everything, hostile, judgements, result, standing

from patchkit.cli import sources
from patchkit.fixes import load_fix
from patchkit.report.html import Entry, review_page

CPU = 2.0  # seconds of the browser's main thread that 200 recipes may take


@cache
def whole() -> str:
    return review_page(*everything())


@cache
def one() -> str:
    return review_page([entry("bluesky-pds")])


def shown(page) -> list[str]:
    """The ids of the entries that can be seen."""
    return page.eval_on_selector_all(
        ".entry", "all => all.filter(e => e.checkVisibility()).map(e => e.id)"
    )


def opened(page) -> int:
    return page.locator(".entry > details[open]").count()


def color(page) -> str:
    return page.evaluate("getComputedStyle(document.body).backgroundColor")


def test_it_opens_and_shows_markup_of_strangers_as_text(visit):
    page = visit(whole())
    page.locator("#unfold").click()
    assert page.title() == "7 of 8 fixes on 6 recipes: patchkit review"
    assert opened(page) == 10
    text = page.locator("#hostile").text_content()
    for spell in SPELLS:
        assert spell in text


def test_escaping_holds_without_the_policy(visit):
    page = visit(review_page([hostile()]), bypass_csp=True)
    page.keyboard.press("Tab")
    page.wait_for_timeout(200)
    assert page.title() == "Say new <script>document.title='owned'</script>, evil: patchkit review"
    assert page.locator("#hostile :is(img, script, style, iframe, object)").count() == 0


def test_the_policy_holds_without_the_escaping(browser, tmp_path):
    """What would get through is neither run, nor loaded, nor styled, and it is noticed."""
    spell = "<img src='http://127.0.0.1:9/x' onerror='document.title=1' style='color:red'>"
    file = tmp_path / "broken.html"
    script = "<script>document.title='owned'</script>"
    file.write_text(one().replace("<main", f"{spell}{script}<main", 1))
    context = browser.new_context(offline=True)
    page = context.new_page()
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.goto(file.as_uri())
    page.wait_for_timeout(200)
    assert "owned" not in page.title()
    for directive in ("script-src", "style-src", "img-src"):
        assert any(directive in text for text in said)
    context.close()


def test_filters(visit):
    page = visit(whole())
    everyone = shown(page)
    count = page.locator("#count")
    assert (len(everyone), count.inner_text()) == (10, "10 shown")
    page.locator("#v-applies").uncheck()
    assert shown(page) == ["failed-1", "mattermost.mattermost-lts.2", "gitea.gitea.2"]
    assert count.inner_text() == "3 of 10 shown"
    page.locator("#v-applies").check()
    page.locator("#l-better").uncheck()
    page.locator("#l-no-worse").uncheck()
    assert shown(page) == ["failed-1", "keycloak", "worse"]
    page.locator("#l-better").check()
    page.locator("#l-no-worse").check()
    page.locator("#recipe").select_option("gitea")
    assert shown(page) == ["gitea.gitea", "gitea.gitea.2"]
    page.locator("#recipe").select_option("")
    assert shown(page) == everyone


def test_search(visit):
    page = visit(whole())
    find, count = page.locator("#find"), page.locator("#count")
    find.fill("PG_BACKUP restore")  # every word, in whatever case, in the diff too
    count.get_by_text("of 10").wait_for()
    assert {"mattermost.mattermost-lts", "discourse"} <= set(shown(page))
    assert not {"keycloak", "hostile", "failed-1"} & set(shown(page))
    found = "CSS.highlights.get('found').size"
    assert page.evaluate(found) == 0  # nothing that fits is open
    page.locator("#discourse summary").first.click()
    page.wait_for_function(f"{found} > 10")
    find.fill("no such words anywhere")
    page.locator("#nothing").wait_for()
    assert shown(page) == []
    find.press("Escape")
    assert (len(shown(page)), find.input_value()) == (10, "")


def test_folding(visit):
    page = visit(whole())
    assert opened(page) == 1  # what could not be rendered
    page.locator("#keycloak summary").first.click()
    assert opened(page) == 2
    page.locator("#unfold").click()
    assert opened(page) == 10
    page.locator("#fold").click()
    assert opened(page) == 0
    assert opened(visit(whole(), "#keycloak")) == 2  # a link to an entry opens it
    assert opened(visit(one())) == 1  # few are open from the start


def test_keys(visit):
    page = visit(whole())
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    for _ in range(3):
        page.keyboard.press("j")
    where = "document.activeElement.closest('.entry').id"
    assert page.evaluate(where) == "gitea.gitea"
    page.keyboard.press("Enter")
    assert page.locator("#gitea\\.gitea > details").evaluate("d => d.open")
    page.keyboard.press("k")
    assert page.evaluate(where) == "mattermost.mattermost-lts"
    page.keyboard.press("e")
    assert opened(page) == 10
    page.keyboard.press("f")
    assert opened(page) == 0
    page.keyboard.press("u")
    assert page.locator("#view-unified").is_checked()
    page.keyboard.press("t")
    assert page.locator("#theme-light").is_checked()
    page.keyboard.press("/")
    page.keyboard.type("tuef")  # letters in the field are text
    assert page.locator("#find").input_value() == "tuef"
    assert page.locator("#theme-light").is_checked()
    assert opened(page) == 0


def test_side_by_side_and_unified(visit):
    page = visit(one())
    gone, come = page.locator("del").first, page.locator("ins").first
    left, right = gone.bounding_box(), come.bounding_box()
    assert left["y"] == right["y"]
    assert left["x"] + left["width"] <= right["x"]
    page.locator("#view-unified").check()
    above, below = gone.bounding_box(), come.bounding_box()
    assert above["x"] == below["x"]
    assert above["y"] + above["height"] <= below["y"]
    assert page.locator(".y").first.is_hidden()
    page.set_viewport_size({"width": 375, "height": 800})
    assert page.locator("#view-split").is_hidden()  # there is no room for two sides
    page.reload()
    assert page.locator("#view-unified").is_checked()  # as it was left


def test_the_same_services_lie_side_by_side(visit):
    page = visit(one())
    old, new = (page.locator(".side").nth(n).locator(".svc") for n in (0, 1))
    assert old.count() == new.count() == 4
    for n in range(4):
        assert old.nth(n).bounding_box()["y"] == new.nth(n).bounding_box()["y"]


def test_themes(visit):
    light, dark = visit(one(), color_scheme="light"), visit(one(), color_scheme="dark")
    assert color(light) != color(dark)
    day = color(light)
    light.locator("#theme-dark").check()
    assert color(light) == color(dark)
    dark.locator("#theme-light").check()
    assert color(dark) == day


def test_without_scripts(visit):
    page = visit(whole(), java_script_enabled=False)
    assert page.locator("#find").is_hidden()
    assert page.locator("#unfold").is_hidden()
    assert page.locator("#keycloak .diff").first.is_hidden()
    page.locator("#keycloak summary").first.click()
    assert page.locator("#keycloak .diff").first.is_visible()
    page.locator("#v-applies").uncheck()
    assert page.locator("#keycloak").is_hidden()
    assert page.locator("#gitea\\.gitea\\.2").is_visible()


def test_a_recipe_of_another_kind_is_there_when_it_is_wanted(visit):
    fix, other = load_fix("classes/restart-any"), sources.sample("gitea").tree()
    page = visit(review_page([entry("keycloak"), Entry(result(fix.on("gitea"), other))]))
    assert shown(page) == ["keycloak"]
    page.locator("#v-other").check()
    assert shown(page) == ["keycloak", "restart-any"]
    assert page.locator("#restart-any :is(.diff, .sides)").count() == 0


def test_paper_shows_what_is_folded(visit):
    page = visit(whole())
    assert page.locator("#keycloak .diff").first.is_hidden()
    page.emulate_media(media="print", color_scheme="dark")
    assert page.locator("#keycloak .diff").first.is_visible()
    assert page.locator(".bar").is_hidden()
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(visit, scheme):
    try:
        axe = fetched.axe().read_text()
    except fetched.CannotFetchError as error:
        pytest.skip(str(error))
    entries, failures = everything()
    asked = Entry(entries[4].result, judgements(), standing())
    page = visit(review_page([asked, *entries[6:]], failures), color_scheme=scheme)
    page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
    page.evaluate(axe)
    found = page.evaluate("axe.run()")
    assert [(v["id"], v["nodes"][0]["html"]) for v in found["violations"]] == []
    contrast = next(rule for rule in found["passes"] if rule["id"] == "color-contrast")
    assert len(contrast["nodes"]) > 200  # it saw the diffs
    page.evaluate("document.querySelector('.sum').style.color = '#808080'")
    worse = page.evaluate("axe.run('.headline')")
    assert [violation["id"] for violation in worse["violations"]] == ["color-contrast"]


@pytest.mark.parametrize("width", [375, 1440])
def test_pictures(visit, shots, width):
    page = visit(whole(), width=width)
    cards = "[...document.querySelectorAll('.entry')].every(e => e.scrollWidth <= e.clientWidth)"
    assert page.evaluate(cards)  # no title leaves its card
    page.locator("#bluesky-pds summary").first.click()
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        page.evaluate("scrollTo(0, 0)")
        page.screenshot(path=shots / f"review-{width}-{scheme}.png")
        page.locator("#bluesky-pds").screenshot(path=shots / f"review-fix-{width}-{scheme}.png")
    page.locator("#unfold").click()
    assert page.evaluate("document.documentElement.scrollWidth") == width


def test_two_hundred_recipes(browser, tmp_path, shots):
    """Bounded by what the browser computes: the clock tells of the machine's other work too."""
    html = review_page(
        [entry(n) for n in ("mattermost", "gitea", "bluesky-pds", "discourse", "keycloak")]
    )
    head, *articles = re.split(r"(?=<article)", html)
    articles[-1], foot = articles[-1].split("</article>", 1)
    body = "".join(articles).replace("</details>\n<article", "</details>\n</article>\n<article")
    copies = (
        re.sub(r'(<article[^>]* id=")', rf"\g<1>n{n}-", body) + "</article>" for n in range(40)
    )
    file = tmp_path / "many.html"
    file.write_text(head + "\n".join(copies) + foot, encoding="utf-8")
    context = browser.new_context(offline=True)
    page = context.new_page()
    session = context.new_cdp_session(page)
    session.send("Performance.enable", {"timeDomain": "threadTicks"})
    page.goto(file.as_uri())
    metrics = {m["name"]: m["value"] for m in session.send("Performance.getMetrics")["metrics"]}
    took = page.evaluate("performance.getEntriesByType('navigation')[0].loadEventEnd") / 1000
    size = file.stat().st_size
    figures = (
        f"{size / 1e6:.1f} MB, {metrics['TaskDuration']:.2f} s computed, {took:.2f} s by the clock"
    )
    (shots / "two-hundred.txt").write_text(f"200 recipes: {figures}\n")
    assert page.locator(".entry").count() == 200
    assert size < 12_000_000
    assert metrics["TaskDuration"] < CPU, figures
    context.close()
