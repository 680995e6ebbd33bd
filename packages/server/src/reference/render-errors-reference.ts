import type { errorTexts } from '@vibrissa/protocol';
import { entityErrors } from './entity-errors.ts';
import type { Explanation } from './explanation.ts';
import { requestErrors } from './request-errors.ts';
import { runErrors } from './run-errors.ts';

type Explained = { readonly [name in keyof typeof errorTexts]: Explanation };

/** The compiler asks for every sentence of the platform. */
const all: Explained = { ...requestErrors, ...entityErrors, ...runErrors };

function row({ status, message, when, mend }: Explanation): string {
  const cells = [String(status), `\`${message.replaceAll('\n', ' ')}\``, when, mend];
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |\n`;
}

function table(title: string, rows: readonly Explanation[]): string {
  const head = '| status | message | when | what to do |\n| --- | --- | --- | --- |\n';
  return `## ${title}\n\n${head}${rows.map(row).join('')}`;
}

function byStatus(errors: { readonly [name: string]: Explanation }): Explanation[] {
  const rank = ({ status }: Explanation): number => (status === 'result' ? 999 : status);
  return Object.values(errors).toSorted((a, b) => rank(a) - rank(b));
}

/** The reference page of the sentences that the platform answers with, in Markdown. */
export function renderErrorsReference(): string {
  const count = Object.keys(all).length;
  return `# Errors

An error's body is \`{"error": MESSAGE, "code": TRANSACTION}\`; the log has the transaction under that name. The messages, ${count} of them, are
OpenWhisk's, its misspellings included; where one names something, an example stands here. Status \`result\`: the message stands in the
record of an activation. What each status means, and what actions' failures look like: [the guide](../guide/errors.md).

${table('Requests and rights', byStatus(requestErrors))}
${table('Names, actions, packages, triggers, rules, APIs', byStatus(entityErrors))}
${table('What runs', byStatus(runErrors))}`;
}
