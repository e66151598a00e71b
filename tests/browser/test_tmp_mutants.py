import pytest
from tests.browser.test_pages import *
from tests.browser.test_pages import harm, PHONE, DESK, WIDTH
for n in [k for k in globals() if k.startswith("test_")]: del globals()[n]
def test_wide(visitors):
    page = empty_chat(visitors, **PHONE)
    print("before", page.evaluate(WIDTH), page.evaluate("innerWidth"))
    page.evaluate("() => { const d = document.createElement('div'); d.textContent='x'; d.style.width='700px'; document.querySelector('main').append(d) }")
    print("after", page.evaluate(WIDTH), page.evaluate("innerWidth"))
    print(page.evaluate("getComputedStyle(document.body).backgroundColor"))
    page.emulate_media(color_scheme="dark")
    print(page.evaluate("getComputedStyle(document.body).backgroundColor"))
    page.evaluate("() => { document.querySelector('.welcome p').style.color = '#555' }")
    print(harm(page))
    page.evaluate("fetch('https://example.com/').catch(() => 0)")
    page.evaluate("() => { const s = document.createElement('script'); s.textContent='window.x=1'; document.body.append(s) }")
    page.evaluate("() => { setTimeout(() => { throw Error('boo') }) }")
    page.wait_for_timeout(300)
    print(*visitors.complaints, sep="\n")
    page = console_list(visitors, **DESK)
    print(page.evaluate("getComputedStyle(document.body).backgroundColor"))
    page.emulate_media(color_scheme="dark")
    print(page.evaluate("getComputedStyle(document.body).backgroundColor"), page.evaluate("document.documentElement.className"))
    page.screenshot(path="/tmp/adm-dark.png")
    assert 0
