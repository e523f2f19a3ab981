// Writes webhooks.json: signed webhooks and what the signers' own packages say of them, for
// src/changes/signatures_test.cpp. Run it by hand when a package changes: npm ci && node make_webhook_vectors.mjs
// The tests read the JSON only.
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { Webhook } from "standardwebhooks";
import Stripe from "stripe";

const signedAt = 1_763_800_000;
// JSON, for the packages parse what they have verified.
const bodies = [
  '{"type":"invoice.paid","data":{"object":{"customer":"cus_1"}}}',
  '{ "type" : "profile.updated",\n  "customer_id": "Müller \\u00e9 €" }\n',
  "[]",
  JSON.stringify("x".repeat(2_000)),
];
const stripe = new Stripe("sk_test_of_no_account");
const realNow = Date.now;

// Whether the package takes it, its clock standing at `now`.
function accepts(check, now) {
  Date.now = () => now * 1000;
  try {
    check();
    return true;
  } catch {
    return false;
  } finally {
    Date.now = realNow;
  }
}

const base64 = (text) => Buffer.from(text).toString("base64");
const whsec = (text) => `whsec_${base64(text)}`;

// Every body as it was signed, then what an attacker, a bad clock or an old secret makes of one.
function standardWebhooks() {
  const secret = whsec("the secret of today, 32 bytes ok");
  const old = whsec("the secret of yesterday, 32 byte");
  const signed = (body, key = secret, id = "msg_2aZQ", at = signedAt) => ({
    "webhook-id": id,
    "webhook-timestamp": String(at),
    "webhook-signature": new Webhook(key).sign(id, new Date(at * 1000), body),
  });
  const cases = bodies.map((body, i) => ({ name: `body_${i}`, body, headers: signed(body) }));
  const [body] = bodies;
  const good = signed(body);
  const two = `${signed(body, old)["webhook-signature"]} ${good["webhook-signature"]}`;
  cases.push(
    { name: "one_of_two_signatures", body, headers: { ...good, "webhook-signature": two } },
    { name: "other_versions_are_skipped", body, headers: { ...good, "webhook-signature": `v1a,AAAA ${good["webhook-signature"]}` } },
    { name: "secret_without_prefix", body, secret: secret.slice(6), headers: good },
    { name: "other_body", body: body + " ", headers: good },
    { name: "other_id", body, headers: { ...good, "webhook-id": "msg_other" } },
    { name: "other_time", body, headers: { ...good, "webhook-timestamp": String(signedAt + 1) } },
    { name: "other_secret", body, headers: signed(body, old) },
    { name: "no_signature", body, headers: { "webhook-id": good["webhook-id"], "webhook-timestamp": String(signedAt) } },
    { name: "no_time", body, headers: { "webhook-id": good["webhook-id"], "webhook-signature": good["webhook-signature"] } },
    { name: "time_is_no_number", body, headers: { ...good, "webhook-timestamp": "yesterday" } },
    { name: "signature_without_version", body, headers: { ...good, "webhook-signature": good["webhook-signature"].slice(3) } },
    { name: "just_young_enough", body, headers: good, now: signedAt + 300 },
    { name: "too_old", body, headers: good, now: signedAt + 301 },
    { name: "just_old_enough", body, headers: good, now: signedAt - 300 },
    { name: "too_new", body, headers: good, now: signedAt - 301 },
  );
  return cases.map(({ name, body, headers, secret: key = secret, now = signedAt }) => ({
    scheme: "standard-webhooks", name, secret: key, headers, body, now,
    accepted: accepts(() => new Webhook(key).verify(body, headers), now),
  }));
}

function ofStripe() {
  const secret = "whsec_of_stripe_is_no_base64";
  const signed = (payload, key = secret, timestamp = signedAt) =>
    stripe.webhooks.generateTestHeaderString({ payload, secret: key, timestamp });
  const cases = bodies.map((body, i) => ({ name: `body_${i}`, body, header: signed(body) }));
  const [body] = bodies;
  const good = signed(body);
  const v1 = (header) => header.split(",")[1];
  cases.push(
    { name: "one_of_two_signatures", body, header: `${signed(body, "whsec_old")},${v1(good)}` },
    { name: "other_versions_are_skipped", body, header: `${good},v0=${"0".repeat(64)}` },
    { name: "other_body", body: body + " ", header: good },
    { name: "other_time", body, header: good.replace(`t=${signedAt}`, `t=${signedAt + 1}`) },
    { name: "other_secret", body, header: signed(body, "whsec_old") },
    { name: "no_time", body, header: v1(good) },
    { name: "no_signature", body, header: `t=${signedAt}` },
    { name: "only_another_version", body, header: good.replace("v1=", "v0=") },
    { name: "just_young_enough", body, header: good, now: signedAt + 300 },
    { name: "too_old", body, header: good, now: signedAt + 301 },
  );
  return cases.map(({ name, body, header, now = signedAt }) => ({
    scheme: "stripe", name, secret, headers: { "Stripe-Signature": header }, body, now,
    accepted: accepts(() => stripe.webhooks.constructEvent(body, header, secret, 300), now),
  }));
}

// Neither has a package: Zendesk's documentation says base64(HMACSHA256(TIMESTAMP + BODY)), GitHub's
// "sha256=" and HMAC-SHA256 of the body in hexadecimal. Computed by the openssl command.
function hmac(key, message) {
  const how = ["dgst", "-sha256", "-mac", "HMAC", "-macopt", `hexkey:${Buffer.from(key).toString("hex")}`, "-binary"];
  return execFileSync("openssl", how, { input: message });
}

function ofZendesk() {
  const secret = "dGhpc19zZWNyZXRfaXNfZm9yX3Rlc3Rpbmdfb25seQ==";
  const at = new Date(signedAt * 1000).toISOString().replace(".000Z", "Z");
  return bodies.map((body, i) => ({
    scheme: "zendesk", name: `body_${i}`, secret, body, now: signedAt, accepted: true,
    headers: {
      "X-Zendesk-Webhook-Signature": hmac(secret, at + body).toString("base64"),
      "X-Zendesk-Webhook-Signature-Timestamp": at,
      "X-Zendesk-Webhook-Invocation-Id": "8350205582",
    },
  }));
}

function ofHmac() {
  const secret = "It's a Secret to Everybody";
  const forms = (body) => {
    const digest = hmac(secret, body);
    return { prefixed_hex: `sha256=${digest.toString("hex")}`, hex: digest.toString("hex"), base64: digest.toString("base64") };
  };
  return ["Hello, World!", ...bodies].flatMap((body, i) =>
    Object.entries(forms(body)).map(([form, value]) => ({
      scheme: "hmac", name: `body_${i}_${form}`, secret, body, now: signedAt, accepted: true,
      headers: { "X-Hub-Signature-256": value },
    })));
}

const versions = JSON.parse(readFileSync("package.json", "utf8")).dependencies;
const vectors = [...standardWebhooks(), ...ofStripe(), ...ofZendesk(), ...ofHmac()];
writeFileSync("webhooks.json", JSON.stringify({ made_with: versions, vectors }, null, 1) + "\n");
