import { Value } from 'typebox/value';

import type { AdminReply } from '../administration/ask-admin.ts';
import { clusterReportSchema, type ClusterReport } from '../administration/cluster-report.ts';
import { sentence } from '../containers/mesos/error-words.ts';
import type { Refused } from './administer-data-directory.ts';

/** Undefined: it is no JSON. What others say of themselves is shown on a terminal, which would obey its control characters. */
function parse(text: string): unknown {
  try {
    return JSON.parse(text, (_, value: unknown) =>
      typeof value === 'string' ? value.replaceAll(/\p{Cc}/gu, ' ') : value,
    );
  } catch {
    return undefined;
  }
}

function errorIn(value: unknown): string | undefined {
  const { error } = (value ?? {}) as { error?: unknown };
  return typeof error === 'string' ? error : undefined;
}

/** What somebody has answered; `who` begins a sentence: `http://10.0.0.1:8081`, `The platform`. */
export function readClusterReport(
  { status, text }: AdminReply,
  { who, hasToken }: { readonly who: string; readonly hasToken: boolean },
): ClusterReport | Refused {
  const value = parse(text);
  if (status === 200 && Value.Check(clusterReportSchema, value)) return value;
  const error = errorIn(value);
  const said = error === undefined ? '' : ` It says: ${sentence(error)}`;
  switch (status) {
    case 401:
    case 403:
      return {
        refused: `${who} ${hasToken ? 'refuses the token' : 'tells nothing without a token'} (HTTP status ${status}).${said}`,
        mend: 'Name the file with its bearer token: --token-file FILE (of a platform: <data-dir>/admin.token).',
      };
    case 404:
      return {
        refused: `${who} answers, but has no page /cluster (HTTP status 404).${said}`,
        mend: 'It is another program, another port than that of its admin listener, or of an earlier version.',
      };
    case 200:
      return {
        refused: `${who} answers, but not as an instance of a cluster: ${value === undefined ? 'it sent no JSON' : 'its JSON is of another program, or of another version'}.`,
        mend: 'Name the admin listener of an instance, as http://HOST:PORT; upgrade this command if the instance is newer.',
      };
    default:
      return {
        refused: `${who} can't tell who leads (HTTP status ${status}).${said}`,
        mend: 'Its log says more. Or ask another instance.',
      };
  }
}
