import { jsonElements, jsonMembers, jsonObject } from '../../values/json-text.ts';

/** A manifest to be written: maps of maps, with JSON texts as values. */
export type YamlTree = ReadonlyMap<string, YamlTree | string>;

const simpleName = /^[A-Za-z_][\w-]*$/;

/** JSON as YAML takes it: characters that cannot be printed are escaped. */
function printable(json: string): string {
  return json.replace(
    /[\u007f-\u009f\u00ad\u2028\u2029\ufeff\ufffe\uffff\ud800-\udfff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

function nameText(name: string): string {
  return simpleName.test(name) && name !== 'null' ? name : printable(JSON.stringify(name));
}

/** What stands after a `$` in a value is the name of a variable, unless the `$` is doubled. Names stay as they are. */
export function escapeVariables(json: string): string {
  if (json.startsWith('"')) return json.replace(/\$(?=[A-Za-z_{])/g, '$$$$');
  if (json.startsWith('[')) return `[${jsonElements(json).map(escapeVariables).join(',')}]`;
  if (!json.startsWith('{')) return json;
  return jsonObject(
    Array.from(jsonMembers(json), ([name, value]) => [name, escapeVariables(value)] as const),
  );
}

/** The tree as YAML, two blanks a level. Strings are quoted, so that none is taken for something else. */
export function renderYaml(tree: YamlTree, depth = 0): string {
  const indent = '  '.repeat(depth);
  let text = '';
  for (const [name, value] of tree) {
    if (typeof value === 'string') text += `${indent}${nameText(name)}: ${printable(value)}\n`;
    else if (value.size === 0) text += `${indent}${nameText(name)}: {}\n`;
    else text += `${indent}${nameText(name)}:\n${renderYaml(value, depth + 1)}`;
  }
  return text;
}
