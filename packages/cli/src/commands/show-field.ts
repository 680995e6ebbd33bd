import { usageError } from '../cli-error.ts';
import { didYouMean } from '../command/suggest.ts';
import { bold, ok, type Output } from '../output/output.ts';
import { jsonMembers } from '../values/json-text.ts';

/** Throws where an entity has no such field. */
export function checkField(field: string | undefined, known: readonly string[]): void {
  if (field === undefined || known.includes(field)) return;
  throw usageError(`Invalid field filter '${field}'.`, [
    ...didYouMean(field, known),
    `Fields: ${known.join(', ')}.`,
  ]);
}

/** Prints `ok: got action NAME` and the document, or one field of it. */
export function showDocument(
  output: Output,
  { what, name, field }: { readonly what: string; readonly name: string; readonly field: string | undefined },
  json: string,
): void {
  if (field === undefined) {
    output.line(ok, ` got ${what} `, bold(name));
    output.document(json);
    return;
  }
  output.line(ok, ` got ${what} `, bold(name), ', displaying field ', bold(field));
  output.document(jsonMembers(json).get(field) ?? 'null');
}
