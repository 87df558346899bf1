// The command `aicredits emulator`, as a process of a test.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";

/** Starts the emulator with these options. It ends with the test. */
export async function startEmulator(test, ...options) {
  const child = spawn(process.env.AICREDITS_COMMAND, ["emulator", "--with-stdin", ...options], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const stop = async () => {
    child.stdin.end();
    if (child.exitCode === null) await once(child, "exit");
  };
  test.after(stop);
  const variables = {};
  for await (const line of createInterface({ input: child.stdout })) {
    const at = line.indexOf("=");
    if (!line.startsWith("#")) variables[line.slice(0, at)] = line.slice(at + 1);
  }
  const url = variables.AICREDITS_BASE_URL;
  if (url === undefined) throw new Error("the emulator did not start");
  return {
    url,
    variables,
    apiKey: variables.WIX_API_KEY,
    accountId: variables.WIX_ACCOUNT_ID,
    /** An action of the control protocol. */
    async control(action, request = {}) {
      const reply = await fetch(`${url}/_emulator/${action}`, {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify(request),
      });
      if (!reply.ok) throw new Error(`${action}: ${reply.status} ${await reply.text()}`);
      return reply.json();
    },
    stop,
  };
}

/** The path of GetBalance. */
export const PATH = "/appmarket/credittransactions/v1/credit-transactions/balance";
