import { jsonElements, jsonMembers, readKeyValues } from '../values/json-text.ts';
import { bold, type Output, type Piece } from './output.ts';
import type { ListedEntity } from './rows.ts';

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

/** What a summary's lines are about. */
interface Summarised {
  /** The word at the line's start, with what aligns it. */
  readonly label: Piece[];
  readonly fullName: string;
  readonly document: ReadonlyMap<string, string>;
}

/** Descriptions and names are their authors': none begins a line of its own, which could look like one of ours. */
function oneLine(text: string): string {
  return text.replace(/[\s\u0085]+/g, ' ').trim();
}

function printLines(output: Output, { label, fullName, document }: Summarised): void {
  const parameters = parameterNames(document).map(oneLine);
  const description = stringOf(readKeyValues(document.get('annotations')).get('description'));
  const text = oneLine(description) || (parameters.length > 0 ? sentence(parameters) : '');
  output.line(...label, ` ${fullName}${text === '' ? '' : `: ${text}`}`);
  output.line('   (', bold('parameters'), `: ${parameters.join(', ') || 'none defined'})`);
}

function fullNameOf(document: ReadonlyMap<string, string>): string {
  return `/${stringOf(document.get('namespace'))}/${stringOf(document.get('name'))}`;
}

/** `action /ns/pkg/name: description` and its parameters. */
export function printSummary(output: Output, what: string, document: ReadonlyMap<string, string>): void {
  printLines(output, { label: [bold(what)], fullName: fullNameOf(document), document });
}

/** A package, and the actions and feeds in it. */
export function printPackageSummary(output: Output, document: ReadonlyMap<string, string>): void {
  printSummary(output, 'package', document);
  const inside = fullNameOf(document);
  for (const [collection, label] of [
    ['actions', [' ', bold('action')]],
    ['feeds', [' ', bold('feed'), '  ']],
  ] as const) {
    for (const element of jsonElements(document.get(collection) ?? '[]')) {
      const item = jsonMembers(element);
      const fullName = `${inside}/${stringOf(item.get('name'))}`;
      printLines(output, { label: [...label], fullName, document: item });
    }
  }
}

/** `rule /ns/name` and its status. */
export function printRuleSummary(output: Output, rule: ListedEntity): void {
  output.line(bold('rule'), ` /${rule.namespace}/${rule.name}`);
  output.line('   (', bold('status'), `: ${rule.status})`);
}
