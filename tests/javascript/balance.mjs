// A program with Wix's own client: it reads a balance over TLS, and prints it or the error as JSON. It does not know the
// emulator: the base URL is in its environment, and Node takes the authority from NODE_EXTRA_CA_CERTS.

import { ApiKeyStrategy, createClient } from "@wix/sdk";

import { PATH } from "./emulator.mjs";

/** GetBalance, in the form that Wix's generated modules have. */
function getBalance(httpClient) {
  return async () => {
    const request = () => ({ method: "POST", url: PATH, data: {}, methodFqn: "GetBalance", entityFqdn: "credits" });
    return (await httpClient.request(request)).data;
  };
}

const client = createClient({
  auth: ApiKeyStrategy({ apiKey: process.env.WIX_API_KEY, accountId: process.env.WIX_ACCOUNT_ID }),
  host: { apiBaseUrl: new URL(process.env.AICREDITS_BASE_URL).host },
  modules: { getBalance },
});

try {
  console.log(JSON.stringify({ balance: await client.getBalance() }));
} catch (error) {
  const { response, requestId } = error;
  console.log(JSON.stringify({ response, requestId, message: error.message, cause: error.cause?.code }));
}
