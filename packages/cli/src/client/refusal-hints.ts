import type { HttpReply } from './send-request.ts';

interface Refusal {
  readonly status: number;
  /** The part of the platform's sentence that stands for nothing else. */
  readonly says: RegExp;
  readonly hint: string;
}

const refusals: readonly Refusal[] = [
  {
    status: 404,
    says: /The requested resource (?:'[^']*' )?does not exist\./,
    hint: 'Is the name right? See what there is with: wsk list',
  },
  {
    status: 403,
    says: /is not authorized to access/,
    hint: "It is another's and not shared, or it isn't there. See which namespace is yours with: wsk namespace list",
  },
  {
    status: 400,
    says: /The name of the entity contains illegal characters\./,
    hint: 'A name has letters, digits, spaces and _ @ . & -, and begins with a letter, a digit or _.',
  },
  {
    status: 400,
    says: /Sequence component does not exist\./,
    hint: 'Each action of a sequence has to be there before it: see them with wsk action list',
  },
];

/** What to do about a refusal that says nothing of it, where the command at hand knows nothing better. */
export function refusalHints({ status, text }: HttpReply): string[] {
  const known = refusals.find((refusal) => refusal.status === status && refusal.says.test(text));
  return known === undefined ? [] : [known.hint];
}
