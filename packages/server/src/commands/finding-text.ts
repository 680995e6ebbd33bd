import type { Finding } from '../base/finding.ts';

const tags: { readonly [level in Finding['level']]: string } = {
  ok: '[  OK   ]',
  warning: '[ WARN  ]',
  failure: '[FAILURE]',
};

const INDENT = ' '.repeat(10);

/** A finding as lines for a person: what was seen, and the mend below it. */
export function findingText({ level, what, mend }: Finding): string {
  const mends = mend === undefined ? '' : `${INDENT}mend: ${mend.replaceAll('\n', `\n${INDENT}      `)}\n`;
  return `${tags[level]} ${what}\n${mends}`;
}
