// What the assistant sends when it hears something, as a configuration for curl:
//   node sign.js assistant.key SKILL-ID 'visitors last month' | curl -s -K - ADDRESS
import { readFile } from 'node:fs/promises';
import { messageOf, signedRequest } from './assistant/signed-request.js';
import { createUnderstanding } from './assistant/understand.js';

const [keyFile, skillId, ...words] = process.argv.slice(2);
if (words.length === 0) {
  console.error("usage: node sign.js KEY-FILE SKILL-ID 'WORDS'");
  process.exit(1);
}
const model = JSON.parse(await readFile(new URL('interaction-model.json', import.meta.url), 'utf8'));
const intent = createUnderstanding(model)(words.join(' '));
const session = { new: true, sessionId: 'amzn1.echo-api.session.by-hand', attributes: {} };
const message = messageOf({ type: 'IntentRequest', intent }, { skillId, session });
const { headers, body } = signedRequest(message, { key: await readFile(keyFile, 'utf8') });

const quote = (text) => `"${text.replaceAll(/["\\]/g, String.raw`\$&`)}"`;
for (const [name, value] of Object.entries(headers)) console.log(`header = ${quote(`${name}: ${value}`)}`);
console.log(`data-binary = ${quote(body)}`);
