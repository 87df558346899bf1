// The emulator's page, in a real browser.

import assert from "node:assert/strict";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";

import puppeteer from "puppeteer-core";

import { PATH, startEmulator } from "./emulator.mjs";

let browser;

before(async () => {
  // A process in a container may have no sandbox, and little shared memory.
  const args = ["--no-sandbox", "--disable-dev-shm-usage"];
  browser = await puppeteer.launch({ executablePath: process.env.CHROMIUM, args });
});

after(() => browser?.close());

/** The page of the emulator, loaded, and what the browser complained of. */
async function open(emulator) {
  const page = await browser.newPage();
  const complaints = [];
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("console", (message) => complaints.push(message.text()));
  page.on("request", (request) => {
    if (!request.url().startsWith(emulator.url)) complaints.push(`it asked ${request.url()}`);
  });
  await page.setViewport({ width: 1200, height: 900 });
  await page.goto(`${emulator.url}/`);
  await page.waitForSelector("body[data-loaded]");
  return { page, complaints };
}

/** The share of its track that each bar fills, as laid out, by allocation and rule. */
function bars(page) {
  return page.$$eval(".rule", (rules) =>
    Object.fromEntries(
      rules.map((rule) => {
        const width = (selector) => rule.querySelector(selector).getBoundingClientRect().width;
        const share = Math.round((100 * width(".bar")) / width(".track"));
        return [`${rule.dataset.allocation}/${rule.dataset.rule}`, share];
      }),
    ),
  );
}

const call = (emulator, key = emulator.apiKey) =>
  fetch(emulator.url + PATH, {
    method: "POST",
    headers: { Authorization: key, "wix-account-id": emulator.accountId, "Content-Type": "application/json" },
    body: "{}",
  });

test("the page shows the example, and follows what changes", async (t) => {
  const emulator = await startEmulator(t);
  const { page, complaints } = await open(emulator);
  assert.deepEqual(await bars(page), { "monthly/0": 85, "top-up/0": 100 });
  assert.match(await page.$eval("#clock", (clock) => clock.textContent), /2026-06-24 00:00:00 UTC \(frozen\)/);
  assert.equal(await page.$eval("#verdict", (verdict) => verdict.textContent), "good");

  await emulator.control("spend", { cost: 750 });
  await emulator.control("clock", { mode: "running" });
  assert.equal((await call(emulator)).status, 200);
  await page.waitForSelector('[data-request="1"]');
  await page.waitForFunction(() => document.getElementById("clock").textContent.includes("running"));
  await page.waitForFunction(() => document.querySelector('[data-allocation="monthly"] .count').textContent === "100 of 1,000");
  assert.equal((await bars(page))["monthly/0"], 10);
  const cells = await page.$$eval('[data-request="1"] td', (found) => found.map((cell) => cell.textContent));
  assert.deepEqual(cells.slice(0, 5), ["1", `POST ${PATH}`, "example", emulator.accountId, "200"]);

  const folder = process.env.PICTURES;
  await mkdir(folder, { recursive: true });
  await page.screenshot({ path: `${folder}/emulator.png` });
  assert.deepEqual(complaints, []);
});

test("a finding of the verdict is on the page", async (t) => {
  const emulator = await startEmulator(t);
  assert.equal((await call(emulator, "IST.wrong")).status, 401);
  assert.equal((await call(emulator, "IST.wrong")).status, 401);
  const { page } = await open(emulator);
  assert.equal(await page.$eval("#verdict", (verdict) => verdict.textContent), "1 rule broken");
  assert.match(await page.$eval("#findings", (findings) => findings.textContent), /retried_final/);
});

test("the page runs no code of a request or a scenario, and shows no key", async (t) => {
  const emulator = await startEmulator(t);
  const code = "<img src=x onerror=\"document.title='run'\"><script>document.title='run'</script>";
  await emulator.control("account", { account: code, label: code, sites: [{ site: `${code}2`, label: code }] });
  const rules = [{ period: code, cap: 5, balance: 1, reset_date: "2030-01-01T00:00:00Z" }];
  await emulator.control("grant", { account: code, site: `${code}2`, subscription: code, allocation: code, rules });
  const target = `${emulator.url}${PATH}?${encodeURIComponent(code)}&<b>`;
  await fetch(target, { method: "POST", headers: { "wix-account-id": code.slice(0, 20) }, body: "{}" });
  const { page, complaints } = await open(emulator);
  await page.waitForSelector('[data-request="1"]');
  assert.equal(await page.title(), "aicredits emulator");
  assert.equal(await page.$$eval("main img, main script", (found) => found.length), 0);
  const text = await page.evaluate(() => document.documentElement.outerHTML);
  assert.equal(text.includes(emulator.apiKey), false);
  assert.ok((await page.$eval("#accounts", (found) => found.textContent)).includes(code));
  assert.deepEqual(complaints, []);
});

test("a thousand sites are shown in part, and the page says so", async (t) => {
  const emulator = await startEmulator(t, "--scenario", "agency-1000");
  const { page, complaints } = await open(emulator);
  assert.match(await page.$eval("#accounts", (found) => found.textContent), /and [\d,]+ more allocations/);
  assert.deepEqual(complaints, []);
});

test("the page says when the emulator has ended", async (t) => {
  const emulator = await startEmulator(t);
  const { page } = await open(emulator);
  await emulator.stop();
  await page.waitForFunction(() => document.getElementById("lost").textContent.includes("does not answer"));
});

test("with a control token the page takes it from the fragment of its address", async (t) => {
  const folder = await mkdtemp(join(tmpdir(), "aicredits-"));
  t.after(() => rm(folder, { recursive: true }));
  const token = "open sesame+%";
  await writeFile(join(folder, "token"), token);
  const emulator = await startEmulator(t, "--control-token-file", join(folder, "token"));
  const page = await browser.newPage();
  const asked = [];
  page.on("request", (request) => asked.push(request));
  await page.goto(`${emulator.url}/`);
  await page.waitForFunction(() => document.getElementById("lost").textContent.includes("#token=TOKEN"));
  await page.goto(`${emulator.url}/#token=${encodeURIComponent(token)}`);
  await page.waitForSelector("body[data-loaded]");
  assert.deepEqual(await bars(page), { "monthly/0": 85, "top-up/0": 100 });
  // It is neither in the address nor in any request except in the header.
  assert.equal(page.url(), `${emulator.url}/`);
  for (const request of asked) {
    assert.ok(!request.url().includes("sesame") || request.isNavigationRequest(), request.url());
    assert.ok(!request.headers().referer);
  }
});
