/** What the operator needs to know of a platform that has started. */
export interface PlatformFacts {
  /** URL under which users reach the API. */
  readonly apiUrl: string;
  readonly port: number;
  readonly adminUrl: string | undefined;
  readonly adminSocket: string;
  readonly dataDir: string;
  readonly logFile: string | undefined;
  /** `uuid:key` of namespace guest; undefined where an administrator removed it. */
  readonly guestKey: string | undefined;
  /** Queued activations that an earlier life left, and running ones that it had to give up. */
  readonly recovered: { readonly resumed: number; readonly stopped: number };
}

function recoveredText({ resumed, stopped }: PlatformFacts['recovered']): string {
  if (resumed + stopped === 0) return '';
  return `\nFrom the last run: ${resumed} queued activations go on, ${stopped} interrupted ones were recorded as stopped.\n`;
}

function keyText({ apiUrl, guestKey }: PlatformFacts): string {
  if (guestKey === undefined) {
    return '\nNamespace guest was removed; make a user with: vibrissa admin user create NAME\n';
  }
  return `\nSet up the command line (in this checkout: npx wsk):\n\n  wsk property set --apihost '${apiUrl}' --auth '${guestKey}'\n`;
}

/** The lines below the checks: addresses, and the command to paste. */
export function startText(facts: PlatformFacts): string {
  const rows = [
    ['API', facts.apiUrl],
    ['documentation', `${facts.apiUrl}/api/v1/docs/index.html`],
    ['admin', [facts.adminUrl, facts.adminSocket].filter(Boolean).join(' and ')],
    ['data', facts.dataDir],
    ['log', facts.logFile ?? 'standard error'],
  ] as const;
  const table = rows.map(([name, value]) => `  ${name.padEnd(14)} ${value}\n`).join('');
  return `${recoveredText(facts.recovered)}\n${table}${keyText(facts)}\nReady on port ${facts.port}. Ctrl-C stops it.\n`;
}
