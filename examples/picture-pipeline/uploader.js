// Watches a folder: each PNG picture in it fires the trigger `uploaded`, and what the sequence made of it comes into another.
//
//   API_HOST=http://127.0.0.1:3233 API_KEY="$(cat ~/.vibrissa/auth.guest)" node uploader.js INBOX RESULTS
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join, parse } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import openwhisk from 'openwhisk';

const LOOK_EVERY_MS = 250;
const PAUSE_WHEN_BUSY_MS = 5_000;
/** The platform takes events of 1 MB, and base64 makes four bytes of three. */
const LARGEST_PICTURE = 700_000;

const [inbox, results] = process.argv.slice(2);
const { API_HOST, API_KEY } = process.env;
if (inbox === undefined || results === undefined || !API_HOST || !API_KEY) {
  console.error('usage: API_HOST=URL API_KEY=KEY node uploader.js INBOX RESULTS');
  process.exit(2);
}
const platform = openwhisk({ apihost: API_HOST, api_key: API_KEY });

/** The record of an activation, once it has ended. */
async function recordOf(activationId) {
  for (;;) {
    try {
      return await platform.activations.get({ name: activationId });
    } catch (error) {
      if (error.statusCode !== 404) throw error;
      await sleep(LOOK_EVERY_MS);
    }
  }
}

/** The platform takes so many events a minute. What is beyond that waits. */
async function fire(params) {
  for (;;) {
    try {
      return await platform.triggers.invoke({ name: 'uploaded', params });
    } catch (error) {
      if (error.statusCode !== 429) throw error;
      await sleep(PAUSE_WHEN_BUSY_MS);
    }
  }
}

/** Fires the trigger. Its record has a line for each rule: the activation that the rule began. */
async function upload(name) {
  const picture = readFileSync(join(inbox, name));
  if (picture.length > LARGEST_PICTURE) throw new Error(`it has more than ${LARGEST_PICTURE / 1000} kB`);
  const { activationId } = await fire({ name, picture: picture.toString('base64') });
  if (activationId === undefined) throw new Error('no rule is active for the trigger uploaded');
  const { logs } = await recordOf(activationId);
  const rule = JSON.parse(logs[0]);
  if (!rule.success) throw new Error(rule.error);
  return rule.activationId;
}

async function develop(name) {
  const base = join(results, parse(name).name);
  try {
    const activationId = await upload(name);
    const { result, success } = (await recordOf(activationId)).response;
    if (!success) throw new Error(result.error);
    const { thumbnail, ...rest } = result;
    writeFileSync(`${base}.thumbnail.png`, Buffer.from(thumbnail, 'base64'));
    writeFileSync(`${base}.json`, `${JSON.stringify({ ...rest, activationId }, undefined, 2)}\n`);
    console.log(`${name}: ${rest.tags.join(', ')}`);
  } catch (error) {
    writeFileSync(`${base}.error.txt`, `${error.message}\n`);
    console.log(`${name}: ${error.message}`);
  }
}

for (const folder of [inbox, results]) mkdirSync(folder, { recursive: true });
console.log(`Put PNG pictures into ${inbox}; results come into ${results}.`);

/** What each file was like at the last look, and when it was uploaded: one that still grows is left until it has stopped. */
const seen = new Map();
const uploaded = new Map();
for (;;) {
  for (const name of readdirSync(inbox).filter((each) => /\.png$/i.test(each))) {
    const file = statSync(join(inbox, name), { throwIfNoEntry: false });
    const now = `${file?.size} ${file?.mtimeMs}`;
    const isStill = seen.get(name) === now;
    seen.set(name, now);
    if (!file?.isFile() || !isStill || uploaded.get(name) === now) continue;
    uploaded.set(name, now);
    await develop(name);
  }
  await sleep(LOOK_EVERY_MS);
}
