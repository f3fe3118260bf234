/// <reference lib="dom" />
import assert from "node:assert/strict";
import { mkdirSync, readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import type { Browser, Page } from "playwright-core";
import { startChromium } from "../support/chromium.ts";
import { TOKEN } from "../support/operators/example-api.ts";
import { exampleDecisions } from "../support/operators/example-decisions.ts";
import { type ExampleServer, exampleServer } from "../support/operators/example-server.ts";
import { projectRoot } from "../support/project-root.ts";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const SHOTS = join(projectRoot, "build/screenshots");
const WIDTHS = { wide: { width: 1280, height: 900 }, phone: { width: 390, height: 844 } } as const;
const SCREENS = ["executive", "on-call", "debug"] as const;
const TITLES = { executive: "Executive", "on-call": "On-call", debug: "Debug" } as const;

describe("dashboard in a real Chromium", () => {
  let browser: Browser;
  let server: ExampleServer;

  before(async () => {
    mkdirSync(SHOTS, { recursive: true });
    [browser, server] = await Promise.all([startChromium(), exampleServer()]);
  });
  after(async () => {
    await browser.close();
    await server.stop();
  });

  interface Opened {
    readonly page: Page;
    /** What the page complained of, and every host it asked. */
    readonly complaints: string[];
    readonly hosts: Set<string>;
  }

  async function open(
    query: string,
    options: {
      url?: string;
      width?: keyof typeof WIDTHS;
      scheme?: "light" | "dark";
      language?: string;
    } = {},
  ): Promise<Opened> {
    const { url = server.url, width = "wide", scheme = "light", language } = options;
    const page = await browser.newPage({
      viewport: WIDTHS[width],
      colorScheme: scheme,
      locale: "en-GB",
    });
    if (language !== undefined) {
      await page.addInitScript((value) => {
        Object.defineProperty(navigator, "language", { value, configurable: true });
      }, language);
    }
    const complaints: string[] = [];
    const hosts = new Set<string>();
    page.on("console", (message) => {
      if (message.type() === "error" || message.type() === "warning")
        complaints.push(message.text());
    });
    page.on("pageerror", (error) => complaints.push(error.message));
    page.on("request", (request) => hosts.add(new URL(request.url()).host));
    await page.goto(`${url}/ui/${query}`);
    await page.getByText("Live", { exact: true }).waitFor();
    return { page, complaints, hosts };
  }

  async function axe(page: Page): Promise<string[]> {
    // As the debugger does it: the page's own policy would not let a script of ours in.
    const client = await page.context().newCDPSession(page);
    await client.send("Runtime.evaluate", { expression: AXE });
    return page.evaluate(async () => {
      const { axe } = window as unknown as {
        axe: { run(): Promise<{ violations: { id: string; nodes: { html: string }[] }[] }> };
      };
      const { violations } = await axe.run();
      return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" ")}`);
    });
  }

  /** What a thumb would have to push aside to read, and text that ends in dots. */
  function cutOrSideways(page: Page): Promise<string[]> {
    return page.evaluate(() =>
      [...document.querySelectorAll("main *")].flatMap((each) => {
        const { overflowX, textOverflow } = getComputedStyle(each);
        const isHidden = overflowX === "auto" || overflowX === "scroll" || textOverflow !== "clip";
        const isCut = isHidden && each.scrollWidth > each.clientWidth + 1;
        return isCut ? [`${each.className}: ${each.textContent?.slice(0, 60)}`] : [];
      }),
    );
  }

  it("loads at most 60 kB of compressed JavaScript, and names no other host in it", () => {
    const folder = join(projectRoot, "build/dashboard/assets");
    const scripts = readdirSync(folder).filter((name) => name.endsWith(".js"));
    const texts = scripts.map((name) => readFileSync(join(folder, name)));
    const bytes = texts.reduce((sum, text) => sum + gzipSync(text).length, 0);

    process.stdout.write(`      ${bytes} bytes\n`);
    assert.ok(bytes > 10_000 && bytes <= 60_000, `${bytes} bytes`);
    const addresses = texts.flatMap((text) => text.toString().match(/https?:\/\/[\w.]+/g) ?? []);
    // Namespaces of the document model are names, not places.
    assert.deepEqual(
      addresses.filter((address) => !address.startsWith("http://www.w3.org")),
      [],
    );
  });

  for (const screen of SCREENS) {
    for (const width of ["wide", "phone"] as const) {
      for (const scheme of ["light", "dark"] as const) {
        it(`shows ${screen}, ${width} and ${scheme}, with 0 complaints, 0 violations, 0 outside hosts`, async () => {
          const { page, complaints, hosts } = await open(`?screen=${screen}`, { width, scheme });
          if (screen === "debug") await page.locator(".u-over").first().waitFor();
          await page.screenshot({
            path: join(SHOTS, `${screen}-${width}-${scheme}.png`),
            fullPage: true,
          });

          const overflow = await page.evaluate(
            () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
          );
          assert.equal(overflow, 0, "the page itself scrolls sideways");
          if (width === "phone") assert.deepEqual(await cutOrSideways(page), []);
          assert.deepEqual(await axe(page), []);
          assert.deepEqual(complaints, []);
          assert.deepEqual([...hosts], [new URL(server.url).host]);
          await page.close();
        });
      }
    }
  }

  it("is no blank page to a browser whose language is en-US@posix", async () => {
    const { page, complaints } = await open("?screen=debug", { language: "en-US@posix" });

    await page.locator(".u-over").first().waitFor();
    assert.deepEqual(complaints, []);
    await page.close();
  });

  it("answers why in 1 click: the decision with its evidence, and its address opens the same", async () => {
    const { page, complaints } = await open("");
    await page.getByRole("button", { name: /Rollout checkout roll back/ }).click();
    await page.getByText("With 96 errors of the canary").waitFor();
    await page.locator("dialog .u-over").waitFor();
    await page.screenshot({ path: join(SHOTS, "why-wide-light.png") });
    assert.deepEqual(await axe(page), []);
    const address = page.url();
    await page.keyboard.press("Escape");
    await page.locator("dialog").waitFor({ state: "detached" });

    assert.match(address, /decision=t9k2-4be1d0/);
    assert.doesNotMatch(page.url(), /decision=/);
    await page.goto(address);
    await page.getByText("With 96 errors of the canary").waitFor();
    assert.deepEqual(complaints, []);
    await page.close();
  });

  it("shows every screen in at most 2 clicks from any other, and any of its Services, Envoys and Rollouts", async () => {
    const { page, complaints } = await open("");
    for (const from of SCREENS) {
      for (const to of SCREENS) {
        await page.goto(`${server.url}/ui/?screen=${from}`);
        await page.getByRole("navigation").getByRole("button", { name: TITLES[to] }).click();
        await page.getByRole("heading", { level: 1, name: TITLES[to] }).waitFor();
      }
    }
    for (const [screen, list, row, seen] of [
      ["on-call", "Indicators", "search-availability", "team-find"],
      ["on-call", "Clusters by errors", "checkout.v42", "checkout.v42"],
      ["executive", "Cost by service", "catalog", "team-find"],
      ["executive", "Error budget by objective", "search-availability", "team-find"],
    ] as const) {
      await page.goto(`${server.url}/ui/`);
      // 1: the screen; 2: the row, which opens Debug at it.
      await page.getByRole("navigation").getByRole("button", { name: TITLES[screen] }).click();
      await page.getByRole("region", { name: list }).getByRole("button", { name: row }).click();
      await page.getByRole("heading", { level: 1, name: "Debug" }).waitFor();
      await page.getByText(seen).first().waitFor();
    }
    assert.deepEqual(complaints, []);
    await page.close();
  });

  it("answers why in 1 click wherever an automated action stands: feed, in force, approval, alert, incident, timeline, log, chart", async () => {
    const { page, complaints } = await open("");
    const panel = (name: string) => page.getByRole("region", { name, exact: true });
    const why = [
      ["on-call", () => panel("Recent decisions").getByRole("button").first()],
      ["on-call", () => panel("In force now").getByRole("button", { name: "Why" }).first()],
      ["on-call", () => panel("Waits for you").getByRole("button", { name: "Why" }).first()],
      ["on-call", () => panel("Alerts").getByRole("button", { name: "Why" }).first()],
      ["on-call", () => panel("Open incidents").getByRole("button", { name: /^Why/ }).first()],
      ["executive", () => panel("Incidents").getByRole("button", { name: /roll back/ })],
      [
        "debug",
        () => panel("Decisions").locator("tr", { hasText: "roll back" }).getByRole("button"),
      ],
      ["debug", () => panel("Errors over time").getByRole("button", { name: /: why/ }).last()],
      ["debug", () => panel("Shedding").getByRole("button", { name: /: why/ }).last()],
    ] as const;
    for (const [screen, button] of why) {
      await page.goto(`${server.url}/ui/?screen=${screen}`);
      await button().click();
      await page.getByRole("dialog", { name: /^Why/ }).waitFor();
      await page.locator("dialog .why p").first().waitFor();
      assert.match(page.url(), /decision=/);
    }
    assert.deepEqual(complaints, []);
    await page.close();
  });

  it("marks 3 kinds of deeds on charts, and links an open incident to its runbook", async () => {
    const { page, complaints } = await open("?screen=debug");
    const errors = page.getByRole("region", { name: "Errors over time", exact: true });
    await errors.getByRole("button", { name: /^R: why .* Rollout checkout: roll back/ }).waitFor();
    const shed = page.getByRole("region", { name: "Shedding", exact: true });
    await shed
      .getByRole("button", { name: /: why .* on edge-\d: / })
      .first()
      .waitFor();
    await page.goto(`${server.url}/ui/?screen=debug&range=21600`);
    const override = errors.getByRole("button", { name: /Override rateLimit/ });
    assert.equal((await override.textContent())?.trim(), "O");

    for (const screen of ["on-call", "executive"]) {
      await page.goto(`${server.url}/ui/?screen=${screen}`);
      const runbook = page.getByRole("link", { name: "Runbook" }).first();
      await runbook.waitFor();
      assert.equal(await runbook.getAttribute("href"), "https://runbooks.example/checkout-burn");
    }
    assert.deepEqual(complaints, []);
    await page.close();
  });

  it("freezes with a token and a reason, shows it live, and unfreezes", async () => {
    const { page, complaints } = await open(`#token=${TOKEN}`);
    assert.ok(!page.url().includes(TOKEN));
    await page.getByRole("button", { name: "You: local" }).waitFor();

    await page.getByRole("button", { name: "Freeze" }).click();
    await page.getByLabel("Reason").fill("game day");
    await page.screenshot({ path: join(SHOTS, "freeze-wide-light.png") });
    await page.locator("dialog").getByRole("button", { name: "Freeze" }).click();
    await page.getByText("Automation is frozen").waitFor();
    await page.screenshot({ path: join(SHOTS, "frozen-wide-light.png") });
    await page.getByRole("button", { name: "Unfreeze" }).click();
    await page.getByLabel("Reason").fill("over");
    await page.locator("dialog").getByRole("button", { name: "Unfreeze" }).click();
    await page.getByText("Automation is frozen").waitFor({ state: "detached" });

    assert.deepEqual(
      server.mesh.orders.splice(0).map(({ what, by, reason }) => [what.kind, by, reason]),
      [
        ["freeze", "local", "game day"],
        ["unfreeze", "local", "over"],
      ],
    );
    assert.deepEqual(complaints, []);
    await page.close();
  });

  it("overrides with a TTL, approves and aborts: 3 orders as the engine takes them", async () => {
    const { page } = await open(`#token=${TOKEN}`);
    await page.getByRole("button", { name: "You: local" }).waitFor();

    await page.getByRole("button", { name: "Override…" }).first().click();
    await page.getByLabel("Value").fill("0");
    await page.getByLabel("Break the glass").check();
    await page.getByLabel("Reason").fill("hold it");
    await page.getByRole("button", { name: "Hold it" }).click();
    await page.locator("dialog").waitFor({ state: "detached" });
    await page.getByRole("button", { name: "Approve" }).click();
    await page.getByLabel("Reason").fill("seen");
    await page.locator("dialog").getByRole("button", { name: "Approve" }).click();
    await page.locator("dialog").waitFor({ state: "detached" });
    await page.keyboard.press("3");
    await page.getByRole("button", { name: "Abort" }).click();
    await page.getByLabel("Reason").fill("no");
    await page.locator("dialog").getByRole("button", { name: "Abort" }).click();
    await page.locator("dialog").waitFor({ state: "detached" });

    assert.deepEqual(
      server.mesh.orders.splice(0).map(({ what }) => what),
      [
        {
          ...{ kind: "override", knob: "canary.weight@checkout", value: 0 },
          ...{ ttlSeconds: 900, breakGlass: true },
        },
        { kind: "approve", decision: "t9k3-51d7ce" },
        { kind: "abort", rollout: "search" },
      ],
    );
    await page.close();
  });

  it("shows the times of 1 endpoint, a Policy's breaker, and the request of a trace that a decision rests on", async () => {
    const { page, complaints } = await open("?screen=debug&service=checkout");
    await page.getByRole("button", { name: "endpoint", exact: true }).first().click();
    await page.getByText("Times of the last minute, endpoint/10.0.0.1:8080").waitFor();
    await page.getByRole("img", { name: /up to 5 ms/ }).waitFor();
    assert.match(page.url(), /part=endpoint%2F10.0.0.1%3A8080/);
    const policies = page.getByRole("region", { name: "Policies and how each stands" });
    assert.match((await policies.textContent()) ?? "", /relief.*enforce.*fallen back.*closed/);

    await page.goto(`${server.url}/ui/?decision=t9k2-4be1d0`);
    await page.getByText("runner-up").waitFor();
    await page.getByRole("button", { name: "4bf92f3577b34da6a3ce929d0e0e4736" }).click();
    const failures = page.getByRole("region", { name: "Sampled failures" });
    await failures.getByText("10.0.0.1:8080").waitFor();
    assert.equal(await failures.locator("tbody tr").count(), 1);
    assert.deepEqual(complaints, []);
    await page.close();
  });

  it("shows tenant initech at 90 a second of its fair 130, in a row, and on a phone on a card", async () => {
    for (const width of ["wide", "phone"] as const) {
      const { page, complaints } = await open("?screen=debug&shedding=checkout", { width });
      const tenants = page.getByRole("region", { name: "Shedding by tenant" });
      await tenants.getByRole("img", { name: "initech got 69.2 % of its fair part" }).waitFor();
      const row = tenants.locator(width === "wide" ? "tbody tr" : "li", { hasText: "initech" });
      assert.match(
        (await row.textContent()) ?? "",
        width === "wide"
          ? /initech15001309082 %2/
          : /initechWeight1Asked\/s500Fair\/s130Let in\/s90.*Shed82 %In flight ≈2/,
      );
      await page.getByText("No tier and no tenant has a limit of its own").waitFor();
      await tenants.getByRole("button", { name: "initech" }).click();
      await page.getByText("Times of the last minute, tenant/initech").waitFor();
      assert.deepEqual(complaints, []);
      await page.close();
    }
  });

  it("shows 4 of 1,000 Envoys on a phone, and 20 more when asked", async () => {
    const large = await exampleServer({ nodes: 1000 });
    const { page } = await open("?screen=debug", { url: large.url, width: "phone" });
    const envoys = page.getByRole("region", { name: "Envoys and what each holds" });
    await envoys.getByText("edge-1", { exact: true }).waitFor();

    assert.equal(await envoys.locator("li").count(), 4);
    await envoys.getByRole("button", { name: "Show 20 more of 996" }).click();
    await envoys.getByRole("button", { name: "Show 20 more of 976" }).waitFor();
    assert.equal(await envoys.locator("li").count(), 24);
    await page.close();
    await large.stop();
  });

  it("shows all 450 decisions of an hour, though the live stream holds 200", async () => {
    const began = Date.now();
    const [first] = exampleDecisions(began);
    const all = Array.from({ length: 450 }, (_, at) => ({
      ...{ ...first!, id: `t9-${at}`, at: new Date(began - at * 7000).toISOString() },
      because: [`It is number ${at}.`],
    }));
    const busy = await exampleServer(
      {},
      {
        model: {
          decisions: ({ limit, fromMs = 0, toMs = began, before = "0" }) => {
            const found = all.filter(
              ({ at }) => Date.parse(at) >= fromMs && Date.parse(at) <= toMs,
            );
            const to = Number(before) + Math.min(limit, 100);
            const next = to < found.length ? { next: String(to) } : {};
            return { items: found.slice(Number(before), limit === 200 ? 200 : to), ...next };
          },
        },
      },
    );
    const { page, complaints } = await open("?screen=debug&range=3600", { url: busy.url });
    const log = page.getByRole("region", { name: "Log of decisions" });
    await page.getByLabel("Kind").selectOption("decision");
    await page.waitForFunction(
      () => document.querySelector("[aria-label='Log of decisions'] table")?.ariaRowCount === "451",
    );
    await log.evaluate((box) => {
      box.scrollTop = box.scrollHeight;
    });
    await log.getByText("It is number 449.").waitFor();

    await page.getByRole("button", { name: "5 min", exact: true }).click();
    await page.waitForFunction(
      () =>
        Number(
          document.querySelector("[aria-label='Log of decisions'] table")?.ariaRowCount ?? 999,
        ) < 50,
    );
    assert.deepEqual(complaints, []);
    await page.close();
    await busy.stop();
  });

  it("finds by any case, and says that lists show only what needs attention until it is ended", async () => {
    const { page } = await open("?screen=debug");
    await page.keyboard.press("a");
    const envoys = page.getByRole("region", { name: "Envoys and what each holds" });
    await envoys.getByText("edge-2", { exact: true }).waitFor();
    assert.equal(await envoys.locator("tbody tr").count(), 1);
    await page.getByRole("button", { name: "Show all" }).click();
    await envoys.getByText("edge-3", { exact: true }).waitFor();
    await page.getByLabel("Search every list").fill("EDGE-3");

    await envoys.getByText("edge-1", { exact: true }).waitFor({ state: "detached" });
    assert.equal(await envoys.locator("tbody tr").count(), 1);
    await page.close();
  });

  it("says what was tried about a page, and labels it a false alarm: 1 order", async () => {
    const { page } = await open(`#token=${TOKEN}`);
    await page.getByRole("button", { name: "You: local" }).waitFor();
    const alerts = page.locator("section.panel", { hasText: "Tried: rate limit batch halved" });
    assert.match(
      (await alerts.last().textContent()) ?? "",
      /page.*firing.*19 beside 4 over 10 min/,
    );

    await alerts.last().getByRole("button", { name: "False alarm" }).click();
    await page.getByLabel("Reason").fill("a test");
    await page.locator("dialog").getByRole("button", { name: "False alarm" }).click();
    await page.locator("dialog").waitFor({ state: "detached" });

    const [order] = server.mesh.orders.splice(0);
    assert.equal(order?.what.kind, "label");
    assert.equal(order.what.actionable, "no");
    await page.close();
  });

  it("asks an anonymous reader who they are, and says why a wrong token is refused", async () => {
    const { page } = await open("");
    await page.getByRole("button", { name: "Freeze" }).click();
    await page.getByText("To freeze, show who you are.").waitFor();
    await page.getByLabel("Token").fill("wrong");
    await page.getByRole("button", { name: "Use it" }).click();
    await page.getByText("The token is not known here.").waitFor();

    assert.deepEqual(server.mesh.orders, []);
    await page.close();
  });

  it("keeps the time range and the search in the address, and goes back with the browser", async () => {
    const { page } = await open("?screen=debug");
    await page.getByRole("button", { name: "5 min", exact: true }).click();
    await page.keyboard.press("/");
    await page.keyboard.type("edge-2");
    await page.getByText("Failed to load private key").waitFor();

    assert.match(page.url(), /range=300&search=edge-2/);
    await page.goBack();
    assert.equal(
      await page.getByRole("button", { name: "15 min" }).getAttribute("aria-pressed"),
      "true",
    );
    await page.close();
  });

  it("draws what comes live: a new second in the charts without a reload", async () => {
    const { page } = await open("?screen=debug&range=300");
    const chart = page.getByRole("img", { name: /^Limit and in flight/ });
    await chart.waitFor();
    // The newest second, in the legend: the numbers beside it may stay as they are.
    const newest = page.locator(".u-legend .u-value").first();
    const before = await newest.textContent();

    await page.waitForFunction(
      (text) => document.querySelector(".u-legend .u-value")?.textContent !== text,
      before,
      { timeout: 30_000 },
    );
    await page.close();
  });

  it("says by name what a control plane without automation lacks", async () => {
    const bare = await exampleServer({}, { model: {} });
    const { page, complaints } = await open("?screen=executive", { url: bare.url });
    await page.getByText("this control plane has no services.").first().waitFor();
    await page.screenshot({ path: join(SHOTS, "bare-executive-wide-light.png"), fullPage: true });
    await page.keyboard.press("2");
    await page.getByText("this control plane has no approvals.").waitFor();
    await page.screenshot({ path: join(SHOTS, "bare-on-call-wide-light.png"), fullPage: true });

    assert.equal(await page.getByRole("button", { name: "Freeze" }).count(), 0);
    assert.deepEqual(await axe(page), []);
    assert.deepEqual(complaints, []);
    await page.close();
    await bare.stop();
  });

  it("says that the control plane is gone, keeps what it said, and comes back by itself", async () => {
    const mortal = await exampleServer();
    const { page } = await open("", { url: mortal.url });
    await page.getByText("edge-2 refuses a resource").waitFor();

    await mortal.stop();
    await page.getByText("The control plane has not answered since").waitFor();
    await page.screenshot({ path: join(SHOTS, "lost-wide-light.png") });

    assert.equal(await page.getByText("edge-2 refuses a resource").count(), 1);
    const again = await exampleServer({}, { port: Number(new URL(mortal.url).port) });
    await page.getByText("Live", { exact: true }).waitFor();
    await page.close();
    await again.stop();
  });

  it("holds under 60 rows of 1,000 Envoys in the document, and shows the last in 1 scroll", async () => {
    const large = await exampleServer({ nodes: 1000, services: 1000 });
    const { page, complaints } = await open("?screen=debug", { url: large.url });
    const table = page.getByRole("region", { name: "Envoys and what each holds" });
    await table.getByText("edge-1", { exact: true }).waitFor();
    const rows = await table.locator("tbody tr").count();
    const frames = await table.evaluate(async (box) => {
      const times: number[] = [];
      let last = performance.now();
      for (let at = 0; at < 30; at++) {
        box.scrollTop = (box.scrollHeight * at) / 30;
        await new Promise((resolve) => requestAnimationFrame(resolve));
        times.push(performance.now() - last);
        last = performance.now();
      }
      box.scrollTop = box.scrollHeight;
      return times.sort((a, b) => a - b)[15];
    });
    await table.getByText("edge-999", { exact: true }).waitFor();

    process.stdout.write(`      a frame while scrolling: ${frames?.toFixed(0)} ms (median)\n`);
    assert.ok(rows < 60, `${rows} rows`);
    assert.deepEqual(complaints, []);
    await page.close();
    await large.stop();
  });
});
