// Node's fetch and JSON.parse.

import { createInterface } from "node:readline";

const { AICREDITS_BASE_URL, WIX_API_KEY, WIX_ACCOUNT_ID } = process.env;
const url = `${AICREDITS_BASE_URL}/appmarket/credittransactions/v1/credit-transactions/balance`;
const headers = { Authorization: WIX_API_KEY, "wix-account-id": WIX_ACCOUNT_ID, "Content-Type": "application/json" };

function require(condition, what) {
  if (!condition) {
    throw new Error(`failed: ${what}`);
  }
}

// Checks the eight figures and the date against the page's example.
function check({ periodicCredits, topUpCredits, creditBalanceBreakdown }) {
  const [monthly, bought] = creditBalanceBreakdown.map((source) => source.usageRules[0]);
  const figures = [periodicCredits, monthly, topUpCredits, bought].map(({ balance, cap }) => `${balance}/${cap}`);
  require(figures.join() === "850/1000,850/1000,200/200,200/200", figures);
  require(monthly.resetDate === "2026-07-01T00:00:00.000Z", "the reset date");
}

async function call() {
  const response = await fetch(url, { method: "POST", headers, body: "{}" });
  require(response.status === 200, response.status);
  check(await response.json());
}

for await (const line of createInterface({ input: process.stdin })) {
  const times = [];
  for (let left = Number(line); left > 0; left--) {
    const begun = process.hrtime.bigint();
    await call();
    times.push(process.hrtime.bigint() - begun);
    // Its connection is not free yet when the reply is read, and the next call would open another.
    await new Promise(setImmediate);
  }
  console.log(times.join(" "));
}
