import { usageError } from '../cli-error.ts';
import type { Entries } from '../command/parsed-options.ts';

const SECRET = 'require-whisk-auth';

/** What the command line and the stored action say about annotations. */
export interface AnnotationInput {
  readonly given: Entries | undefined;
  /** Annotations of the action that is updated. */
  readonly existing: Entries | undefined;
  readonly web: string | undefined;
  readonly webSecure: string | undefined;
  /** Keys of `--del-annotation`. */
  readonly deleted: readonly string[];
  readonly randomSecret: () => number;
}

/** What a PUT sends; `undefined` leaves the stored annotations alone. */
export interface AnnotationOutput {
  readonly annotations: Entries | undefined;
  readonly delAnnotations: readonly string[];
}

function webEntries(mode: string): Entries {
  const entries = (exported: boolean, raw: boolean): Entries =>
    new Map([
      ['web-export', String(exported)],
      ['raw-http', String(raw)],
      ['final', String(exported)],
    ]);
  switch (mode.toLowerCase()) {
    case 'yes':
    case 'true':
      return entries(true, false);
    case 'raw':
      return entries(true, true);
    case 'no':
    case 'false':
      return entries(false, false);
    default:
      throw usageError(
        `Invalid argument '${mode}' for --web flag. Valid input consist of 'yes', 'true', 'raw', 'false', or 'no'.`,
      );
  }
}

function secretValue(mode: string, before: string | undefined, randomSecret: () => number): string {
  switch (mode.toLowerCase()) {
    case 'true':
      // A generated secret that is in use stays: whoever calls the web action knows it.
      return before !== undefined && /^\d+$/.test(before) ? before : String(randomSecret());
    case 'false':
      return 'false';
    default:
      return JSON.stringify(mode);
  }
}

/**
 * The annotations to send. `--web` and `--web-secure` are annotations like any other, merged here with those that
 * the action has; without them the server merges.
 */
export function mergeAnnotations(input: AnnotationInput): AnnotationOutput {
  const { given, existing, web, webSecure, deleted, randomSecret } = input;
  if (web === undefined && webSecure === undefined) return { annotations: given, delAnnotations: deleted };
  const annotations = new Map(existing);
  for (const key of deleted) annotations.delete(key);
  for (const [key, value] of given ?? []) annotations.set(key, value);
  if (web !== undefined) for (const [key, value] of webEntries(web)) annotations.set(key, value);
  if (webSecure === undefined) return { annotations, delAnnotations: deleted };
  if (annotations.get('web-export') !== 'true') {
    throw usageError('The --web-secure option is only valid when the --web option is enabled.', [
      'Add --web true, or --web raw.',
    ]);
  }
  const secret = secretValue(webSecure, annotations.get(SECRET), randomSecret);
  annotations.set(SECRET, secret);
  return { annotations, delAnnotations: secret === 'false' ? [...deleted, SECRET] : deleted };
}
