// Wix's own client reads from the emulator as from Wix.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { test } from "node:test";
import { promisify } from "node:util";

import { ApiKeyStrategy, createClient } from "@wix/sdk";

import { PATH, startEmulator } from "./emulator.mjs";

const EXAMPLE = {
  periodicCredits: { balance: 850, cap: 1000 },
  topUpCredits: { balance: 200, cap: 200 },
  creditBalanceBreakdown: [
    {
      subscriptionId: "d7a341c4-196b-46e7-813c-2b0fc1847ec6",
      usageRules: [{ period: "MONTH", balance: 850, cap: 1000, resetDate: "2026-07-01T00:00:00.000Z" }],
    },
    { usageRules: [{ period: "NO_PERIOD", balance: 200, cap: 200 }] },
  ],
};

/** Runs `balance.mjs` with `aicredits emulator exec --tls`. */
async function balanceOverTls(options, variables = {}) {
  const exec = ["emulator", "exec", "--tls", ...options, "--"];
  const set = Object.entries(variables).map(([name, value]) => `${name}=${value}`);
  const program = ["env", ...set, process.execPath, "balance.mjs"];
  const { stdout } = await promisify(execFile)(process.env.AICREDITS_COMMAND, [...exec, ...program]);
  return JSON.parse(stdout);
}

test("the client reads a balance over TLS with its own fetch", async () => {
  assert.deepEqual(await balanceOverTls([]), { balance: EXAMPLE });
});

test("without the authority the client trusts nothing", async () => {
  const { cause } = await balanceOverTls([], { NODE_EXTRA_CA_CERTS: "" });
  assert.match(cause, /SELF_SIGNED|UNABLE_TO_(GET|VERIFY)/);
});

test("the client gets the codes of three errors", async () => {
  const wrongKey = await balanceOverTls([], { WIX_API_KEY: "wrong" });
  assert.equal(wrongKey.response.status, 401);
  assert.equal(wrongKey.response.data.details.applicationError.code, "UNAUTHENTICATED");
  assert.match(wrongKey.requestId, /^\d+\.\d+$/);

  const unknown = await balanceOverTls([], { WIX_ACCOUNT_ID: "no-such-account" });
  assert.equal(unknown.response.status, 404);
  assert.equal(unknown.response.data.details.applicationError.code, "NOT_FOUND");

  const noScope = await balanceOverTls([], { WIX_ACCOUNT_ID: "" });
  assert.equal(noScope.response.status, 428);
  assert.equal(noScope.response.data.details.applicationError.code, "MISSING_METASITE_ID");
});

test("the journal has the headers of the client and no key", async (t) => {
  const emulator = await startEmulator(t);
  const { apiKey, accountId } = emulator;
  const client = createClient({ auth: ApiKeyStrategy({ apiKey, accountId }) });
  const headers = { "Content-Type": "application/json" };
  const reply = await client.fetchWithAuth(emulator.url + PATH, { method: "POST", body: "{}", headers });
  assert.deepEqual(await reply.json(), EXAMPLE);

  const journal = await emulator.control("journal");
  assert.equal(journal.total, 1);
  const [request] = journal.requests;
  const sent = Object.fromEntries(request.headers);
  assert.equal(sent.authorization, "(key example)");
  assert.equal(sent["wix-account-id"], accountId);
  assert.equal(sent["content-type"], "application/json");
  assert.equal(sent["wix-site-id"], undefined);
  assert.equal(request.body, "{}");
  assert.equal(request.request_id, reply.headers.get("x-wix-request-id"));
  assert.equal(JSON.stringify(journal).includes(apiKey), false);
  assert.equal((await emulator.control("verdict")).good, true);
});
