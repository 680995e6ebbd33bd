import { jsonElements, jsonMembers, readKeyValues } from '../values/json-text.ts';
import { bold, type Output } from './output.ts';

function stringOf(json: string | undefined): string {
  return json?.startsWith('"') ? (JSON.parse(json) as string) : '';
}

/** Names of the annotation `parameters`, a list of objects. */
function describedNames(annotation: string | undefined): string[] {
  if (!annotation?.startsWith('[')) return [];
  return jsonElements(annotation)
    .filter((element) => element.startsWith('{'))
    .map((element) => stringOf(jsonMembers(element).get('name')))
    .filter((name) => name !== '');
}

/** Parameters by name; `*` marks a bound one, `**` one that is bound and final. */
export function parameterNames(document: ReadonlyMap<string, string>): string[] {
  const annotations = readKeyValues(document.get('annotations'));
  const mark = annotations.get('final') === 'true' ? '**' : '*';
  const bound = new Set(readKeyValues(document.get('parameters')).keys());
  const names = new Set([...bound, ...describedNames(annotations.get('parameters'))]);
  return [...names].sort().map((name) => (bound.has(name) ? `${mark}${name}` : name));
}

function sentence(parameters: readonly string[]): string {
  const names = parameters.map((name) => name.replace(/^\*+/, ''));
  const last = names.at(-1) ?? '';
  if (names.length === 1) return `Returns a result based on parameter ${last}`;
  return `Returns a result based on parameters ${names.slice(0, -1).join(', ')} and ${last}`;
}

/** `action /ns/pkg/name: description` and its parameters. */
export function printSummary(output: Output, what: string, document: ReadonlyMap<string, string>): void {
  const parameters = parameterNames(document);
  const description = stringOf(readKeyValues(document.get('annotations')).get('description'));
  const text = description || (parameters.length > 0 ? sentence(parameters) : '');
  const name = `/${stringOf(document.get('namespace'))}/${stringOf(document.get('name'))}`;
  output.line(bold(what), ` ${name}${text === '' ? '' : `: ${text}`}`);
  output.line('   (', bold('parameters'), `: ${parameters.join(', ') || 'none defined'})`);
}
