"""What Today costs a phone: bytes the first time, time to paint when opened again, time from tap to paint.

python -m benchmarks.pwa --url http://localhost:8000      # a demo that runs, such as ./run.sh
"""

from __future__ import annotations

import argparse
import shutil
import statistics

from playwright.sync_api import Browser, BrowserContext, Page, Request, sync_playwright

SLOW_4G = {"offline": False, "latency": 150, "downloadThroughput": 200_000, "uploadThroughput": 93_750}
CPU_SLOWER_BY = 4
PATHS = ("/today", "/trends")
LCP = """() => new Promise((resolve) => new PerformanceObserver((seen) => {
  resolve(Math.round(seen.getEntries().at(-1).startTime));
}).observe({ type: "largest-contentful-paint", buffered: true }))"""
SHIFTS = """() => new Promise((resolve) => {
  let sum = 0;
  new PerformanceObserver((seen) => {
    for (const shift of seen.getEntries()) if (!shift.hadRecentInput) sum += shift.value;
  }).observe({ type: "layout-shift", buffered: true });
  setTimeout(() => resolve(sum), 1000);
})"""
TAP = """(answer) => new Promise((resolve) => {
  const began = performance.now();
  document.querySelector(`input[name=pain][value="${answer}"]`).click();
  requestAnimationFrame(() => setTimeout(() => resolve(performance.now() - began)));
})"""
INSTALLED = "navigator.serviceWorker.ready.then(() => new Promise((go) => setTimeout(go, 3000)))"


def cold_bytes(browser: Browser, url: str, path: str) -> dict[str, int]:
    """Bytes over the wire by kind, with nothing kept; what the worker fetches ahead is not in it."""
    context = signed_in(browser, url, service_workers="block")
    page, finished = context.new_page(), list[Request]()
    page.on("requestfinished", lambda one: finished.append(one))
    page.goto(url + path, wait_until="networkidle")
    page.wait_for_timeout(500)
    sizes: dict[str, int] = {}
    for one in finished:
        sizes[one.resource_type] = sizes.get(one.resource_type, 0) + one.sizes()["responseBodySize"]
    worker = context.request.get(url + "/service-worker.js", headers={"Accept-Encoding": "gzip"})
    sizes["worker"] = int(worker.headers.get("content-length", 0))
    context.close()
    return sizes


def opened_again(browser: Browser, url: str, rounds: int) -> tuple[list[int], list[float], list[float]]:
    """Largest paint, shifts and tap-to-paint of an installed Today on slow 4G with a slow processor."""
    context = signed_in(browser, url, service_workers="allow")
    page = context.new_page()
    page.goto(url + "/today")
    page.evaluate(INSTALLED)
    slow_down(context, page)
    paints, shifts, taps = [], [], []
    for turn in range(rounds):
        page.goto(url + "/today")
        paints.append(page.evaluate(LCP))
        shifts.append(page.evaluate(SHIFTS))
        taps.append(page.evaluate(TAP, turn % 11))
    context.close()
    return paints, shifts, taps


def slow_down(context: BrowserContext, page: Page) -> None:
    protocol = context.new_cdp_session(page)
    protocol.send("Network.emulateNetworkConditions", SLOW_4G)
    protocol.send("Emulation.setCPUThrottlingRate", {"rate": CPU_SLOWER_BY})


def signed_in(browser: Browser, url: str, service_workers: str) -> BrowserContext:
    phone = {"width": 390, "height": 844}
    context = browser.new_context(viewport=phone, has_touch=True, service_workers=service_workers)  # type: ignore[arg-type]
    person = {"email": "ana@demo.example", "password": "demo-aftercare"}
    context.request.post(url + "/api/sign-in", data=person, headers={"Sec-Fetch-Site": "same-origin"})
    return context


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--url", default="http://localhost:8000")
    asked.add_argument("--rounds", type=int, default=7)
    chosen = asked.parse_args()
    with sync_playwright() as playwright:
        path = shutil.which("chromium")
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-gpu"])
        for page in PATHS:
            sizes = cold_bytes(browser, chosen.url, page)
            print(f"{page} cold: {sum(sizes.values()):,} bytes compressed {sizes}")
        paints, shifts, taps = opened_again(browser, chosen.url, chosen.rounds)
        print(f"opened again: largest paint {statistics.median(paints)} ms (promise 300), {sorted(paints)}")
        print(f"layout shift {max(shifts):.3f} (promise 0)")
        print(f"tap to paint {statistics.median(taps):.0f} ms (promise 50), {[round(tap) for tap in taps]}")
        browser.close()


if __name__ == "__main__":
    main()
