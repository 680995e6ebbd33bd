import { isJsonObject, jsonElements, jsonMembers, jsonObject } from '../../values/json-text.ts';

const MASK = '"***"';
const secretName =
  /pass(word|wd|phrase)?$|secret|token|api_?-?key|auth|credential|private_?-?key|connection_?string/i;

/** Names of fields whose values are for the platform only. */
function isSecret(name: string): boolean {
  return secretName.test(name);
}

/** A value in which everything with a secret's name, or with a secret inside, is masked. */
export function maskJson(name: string, json: string, secrets: ReadonlySet<string>): string {
  if (json === 'true' || json === 'false' || json === 'null') return json;
  if (isSecret(name)) return MASK;
  if (json.startsWith('{') && isJsonObject(json)) {
    return jsonObject(
      Array.from(jsonMembers(json), ([inner, value]) => [inner, maskJson(inner, value, secrets)] as const),
    );
  }
  if (json.startsWith('['))
    return `[${jsonElements(json)
      .map((item) => maskJson('', item, secrets))
      .join(',')}]`;
  const text = json.startsWith('"') ? String(JSON.parse(json)) : json;
  return [...secrets].some((secret) => text.includes(secret)) ? MASK : json;
}
